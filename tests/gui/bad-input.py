#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What is wrong with a file, a graph or a machine, put before the whole program: each is told in words that
name the file or the node, the window goes on, and nothing on the disk is lost.
Usage: bad-input.py PROGRAM EXAMPLES"""

import json
import os
import pathlib
import resource
import sys

import window
from window import wait_for


def node(number, name, op, attrs=None, left=0, **inputs):
    return {"id": number, "name": name, "op": op, "at": [left, 0], "attrs": attrs or {},
            "inputs": {port: {"from": value} if isinstance(value, int) else {"literal": value}
                       for port, value in inputs.items()}}


class Desk:
    """A folder of documents and one sitting before it."""

    def __init__(self, program, examples, home):
        self.examples, self.home, self.folder = examples, home, home / "work"
        self.folder.mkdir()
        self.program = program
        self.sitting = None

    def write(self, name, content):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode("utf-8"))
        return path

    def example(self, name, *changes):
        document = json.loads((self.examples / f"{name}.gw").read_text(encoding="utf-8"))
        for table in self.examples.glob("*.csv"):
            (self.folder / table.name).write_bytes(table.read_bytes())
        for change in changes:
            change(document)
        return self.write(f"{name}.gw", document)

    def open(self, path):
        self.sitting = window.Program(self.program, self.home, path)
        return self.sitting

    def still_works(self):
        """The window takes an op, and gives it up again."""
        sitting = self.sitting
        assert sitting.process.poll() is None
        sitting.key("alt+1")
        sitting.add("NoOp", 520, 560)
        sitting.says("NoOp")
        sitting.key("ctrl+z")


def damaged(desk):
    """Each is refused by name, and stays as it is."""
    text = (desk.examples / "xor.gw").read_bytes()
    cases = {"half": (text[:len(text) // 2], "JSON"), "noise": (bytes(range(256)) * 20, "UTF-8"), "empty": (b"", "empty"),
             "foreign": (b'{"swagger": "2.0", "paths": {}}', "not a Graphwright document"),
             "future": (b'{"graphwright": 99, "nodes": []}', "format 99")}
    for name, (content, words) in cases.items():
        path = desk.write(f"{name}.gw", content)
        sitting = desk.open(path)
        assert words in sitting.says(f"{name}.gw")
        desk.still_works()
        assert path.read_bytes() == content
        sitting.stop()


def cycle(desk):
    """A problem that names who feeds whom; training is refused with it."""
    sitting = desk.open(desk.write("cycle.gw", {"graphwright": 1, "nodes": [
        node(1, "first", "Neg", x=2), node(2, "second", "Exp", {}, 200, x=1)]}))
    problem = sitting.says("a cycle")
    assert "first" in problem and "second" in problem, problem
    sitting.key("ctrl+a", "ctrl+Return")
    desk.still_works()


def missing_data(desk):
    path = desk.example("logistic-regression", lambda document: document["data"].update(source_attrs={"dir": "/nowhere"}))
    sitting = desk.open(path)
    sitting.key("F5")
    assert "dataset-fashion-mnist" in sitting.says("/nowhere")
    desk.still_works()


def ragged_table(desk):
    path = desk.example("linear-regression")
    table = next(desk.folder.glob("*.csv"))
    lines = table.read_text(encoding="utf-8").splitlines()
    table.write_text("\n".join([*lines[:6], "Nowhere,1.5", *lines[7:]]) + "\n", encoding="utf-8")
    sitting = desk.open(path)
    sitting.key("F5")
    sitting.says(f"{table.name}: line 7: 2 fields instead of 3")
    desk.still_works()


def memory(desk):
    """Asked for a sum of 10^15 bytes, the node that would need them is named."""
    sitting = desk.open(desk.write("huge.gw", {"graphwright": 1, "nodes": [
        node(1, "huge", "Fill", {}, dims="[1000000, 250000000]", value="1.5"),
        node(2, "total", "Sum", {}, 300, input=1, axis="[0, 1]")]}))
    sitting.key("ctrl+a", "ctrl+Return")
    assert "huge" in sitting.says("more memory than any machine has")
    desk.still_works()


def not_finite(desk):
    """The step and the node that is first; what was trained so far is there."""
    def steep(document):
        minimize = next(item for item in document["nodes"] if item["name"] == "train")
        minimize.setdefault("inputs", {})["learning_rate"] = {"literal": "1e30"}
    sitting = desk.open(desk.example("linear-regression", steep))
    sitting.key("F5")
    message = sitting.says("at step 2")
    assert "SquaredDifference" in message and "prediction" in message, message
    sitting.says("Paused: the loss is not finite")
    desk.still_works()


def full_disk(desk):
    """The file that could not be written is named, the earlier checkpoint stays, and training goes on when there is room."""
    def wide(document):
        next(item for item in document["nodes"] if item["name"] == "hidden")["attrs"]["units"] = 20000
        document["training"]["attrs"].update(checkpoint_every=5, epochs=1000)
    sitting = desk.open(desk.example("xor", wide))
    process = sitting.process.pid
    sitting.key("F5")
    wait_for("a checkpoint", lambda: list(desk.folder.glob("*/*/model.ckpt-*.index")))
    resource.prlimit(process, resource.RLIMIT_FSIZE, (200000, resource.RLIM_INFINITY))
    assert "model.ckpt-" in sitting.says("File too large")
    sitting.key("F5")
    sitting.settle()
    kept = {path: path.read_bytes() for path in desk.folder.glob("*/*/model.ckpt-*")}
    assert kept and not list(desk.folder.glob("*/*/*.tmp*"))
    resource.prlimit(process, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    sitting.key("ctrl+F10")
    wait_for("another checkpoint", lambda: set(desk.folder.glob("*/*/model.ckpt-*.index")) - set(kept))
    desk.still_works()


def main():
    program, examples = map(pathlib.Path, map(os.path.abspath, sys.argv[1:3]))
    if window.skip():
        return 0
    if os.environ.get("GW_STORY_INSIDE") is None:
        return window.inside(__file__)

    def told(case):
        def story(home):
            desk = Desk(program, examples, home)
            try:
                case(desk)
            except BaseException:
                if desk.sitting is not None:
                    desk.sitting.picture()
                raise
            finally:
                if desk.sitting is not None:
                    desk.sitting.stop()
        return story

    wanted = os.environ.get("GW_STORIES")
    stories = [("damaged documents", told(damaged)), ("a cycle", told(cycle)), ("data that are not there", told(missing_data)),
               ("a ragged table", told(ragged_table)),
               ("more memory than there is", told(memory)), ("a loss that explodes", told(not_finite)),
               ("a full disk", told(full_disk))]
    return window.tell([item for item in stories if wanted is None or item[0] in wanted.split(",")])


if __name__ == "__main__":
    sys.exit(main())
