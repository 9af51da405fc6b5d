#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The window's story by real pointer and key events: draw, wire, undo, save, train,
close with unsaved work, recover after a kill. What happened is read from the files that
the program writes. Usage: story.py PROGRAM EXAMPLES-FOLDER"""

import json
import os
import pathlib
import shutil
import signal
import sys

from window import Program, inside, node, run, skip, tell, wait_for  # noqa: F401


def draw_and_undo(path, home):
    """Two ops, wired by key, moved by the pointer, deleted and brought back."""
    program = Program(path, home)
    file = home / "drawn.gw"
    try:
        program.click(640, 620)
        program.add("Placeholder", 420, 260)
        program.add("Neg", 640, 260)
        program.save_as(file)
        document = json.loads(file.read_text(encoding="utf-8"))
        x, y = node(document, "Placeholder"), node(document, "Neg")
        assert not y.get("inputs"), "nothing is wired yet"

        # From the input, centre 46 under the corner, to the output of the first.
        program.drag(640, 306, 542, 306)
        wired = program.save(file)
        assert node(wired, "Neg").get("inputs", {}).get("x", {}).get("from") == x["id"], "the pointer wired the two"
        program.key("ctrl+z")
        assert program.save(file) == document, "undo takes the wire away"

        program.click(450, 272)
        program.click(670, 272, "shift")
        program.key("j")
        document = program.save(file)
        assert node(document, "Neg").get("inputs", {}).get("x", {}).get("from") == x["id"], "J wired the two"

        program.key("Escape")
        program.drag(670, 272, 670 + 80, 272 + 120)
        moved = program.save(file)
        dx = node(moved, "Neg")["at"][0] - y["at"][0]
        assert 48 <= dx <= 96, f"moved by {dx}"
        assert node(moved, "Placeholder")["at"] == x["at"], "only what was dragged moved"

        program.key("Delete")
        assert len(program.save(file)["nodes"]) == 1
        program.key("ctrl+z")
        assert program.save(file) == moved, "undo brings back the same"
        program.key("ctrl+z")
        assert program.save(file) == document, "a drag is one step"
        program.key("ctrl+shift+z")
        assert program.save(file) == moved
        program.key("ctrl+w")
        program.ends()
    except BaseException:
        program.picture()
        raise
    finally:
        program.stop()


def train(path, home, examples):
    """F5 trains an example to the end; its run lies beside the document."""
    file = home / "xor.gw"
    shutil.copy(examples / "xor.gw", file)
    program = Program(path, home, file)
    runs = home / "xor.runs"
    try:
        def info(state):
            for found in runs.glob("*/run.json"):
                data = json.loads(found.read_text(encoding="utf-8"))
                if data.get("state") == state:
                    return found.parent, data
            return None

        program.key("F5")
        folder, data = wait_for("the training to end", lambda: info("done"))
        assert data["metrics"]["accuracy"] > 0.9, data["metrics"]
        assert list(folder.glob("events.out.tfevents.*")), "events were written"
        assert (folder / "checkpoint").exists(), "checkpoints were written"
        assert (folder / "graph.gw").exists()

        program.key("shift+ctrl+F5")
        wait_for("a second run", lambda: len(list(runs.glob("*/run.json"))) == 2)
        wait_for("the second run to end", lambda: len([1 for found in runs.glob("*/run.json") if json.loads(
            found.read_text(encoding="utf-8"))["state"] == "done"]) == 2)
        program.key("ctrl+w")
        program.ends()
    except BaseException:
        program.picture()
        raise
    finally:
        program.stop()


CONFLICT = {"graphwright": 1, "nodes": [
    {"id": 1, "name": "a", "op": "Placeholder", "at": [0, 0], "attrs": {"shape": [None, 784]}},
    {"id": 2, "name": "b", "op": "Placeholder", "at": [40, 200], "attrs": {"shape": [10, 784]}},
    {"id": 3, "name": "m", "op": "MatMul", "at": [320, 80], "inputs": {"a": {"from": 1}, "b": {"from": 2}}}]}


def edit_by_keys(path, home):
    """Find, the first fix of a conflict, the command search, aligning, and undo of it all."""
    file = home / "conflict.gw"
    file.write_text(json.dumps(CONFLICT), encoding="utf-8")
    program = Program(path, home, file)

    def saved(what, condition):
        program.key("ctrl+s")
        wait_for(what, lambda: condition(json.loads(file.read_text(encoding="utf-8"))["nodes"]))

    try:
        program.key("ctrl+f")
        program.type("op:matmul")
        program.key("Return")
        program.key("ctrl+period")
        saved("the fix", lambda nodes: sorted(node["op"] for node in nodes)
              == ["MatMul", "Placeholder", "Placeholder", "Transpose"])
        program.key("ctrl+a", "ctrl+k")
        program.type("align left")
        program.key("Return")
        saved("one edge", lambda nodes: len({node["at"][0] for node in nodes}) == 1)
        program.key("ctrl+z", "ctrl+z")
        saved("the way back", lambda nodes: [node["at"] for node in nodes] == [[0, 0], [40, 200], [320, 80]])
        program.key("ctrl+w")
        program.ends()
    except BaseException:
        program.picture()
        raise
    finally:
        program.stop()


def close_while_training(path, home, examples):
    """Closing asks, stops the training with a checkpoint, and goes."""
    document = json.loads((examples / "xor.gw").read_text(encoding="utf-8"))
    document["training"]["attrs"]["epochs"] = 1000000
    file = home / "long.gw"
    file.write_text(json.dumps(document), encoding="utf-8")
    program = Program(path, home, file)
    runs = home / "long.runs"
    try:
        program.key("F5")
        wait_for("the training to begin", lambda: list(runs.glob("*/model.ckpt-*.index")))
        program.key("ctrl+w")
        wait_for("the question", lambda: len(program.windows()) > 1)
        assert program.process.poll() is None
        program.settle()
        program.key("alt+s")
        program.ends()
        (info,) = runs.glob("*/run.json")
        data = json.loads(info.read_text(encoding="utf-8"))
        assert data["state"] == "stopped", data["state"]
        assert (info.parent / f"model.ckpt-{data['steps']}.index").exists(), "the last step is saved"
    except BaseException:
        program.picture()
        raise
    finally:
        program.stop()


def close_unsaved(path, home):
    """Closing asks; Escape stays, Discard goes."""
    program = Program(path, home)
    try:
        program.click(640, 620)
        program.add("Const", 420, 260)
        program.key("ctrl+w")
        wait_for("the question", lambda: len(program.windows()) > 1)
        program.key("Escape")
        wait_for("the question to go", lambda: len(program.windows()) == 1)
        assert program.process.poll() is None
        run("xdotool", "windowfocus", program.window)
        program.key("ctrl+w")
        wait_for("the question again", lambda: len(program.windows()) > 1)
        program.settle()
        program.key("alt+d")
        program.ends()
    except BaseException:
        program.picture()
        raise
    finally:
        program.stop()


def recover(path, home):
    """A killed program's work is offered by the next one."""
    program = Program(path, home)
    copies = home / "state" / "graphwright" / "autosave"
    program.click(640, 620)
    program.add("Const", 420, 260)
    found = wait_for("the copy", lambda: list(copies.glob("*.gw")))
    kept = json.loads(found[0].read_text(encoding="utf-8"))
    program.process.send_signal(signal.SIGKILL)
    program.process.wait()
    program.log.close()

    program = Program(path, home)
    try:
        program.take_up()
        file = home / "recovered.gw"
        program.save_as(file)
        assert json.loads(file.read_text(encoding="utf-8")) == kept
        program.key("ctrl+w")
        program.ends()
        assert not list(copies.glob("*.gw")), "nothing is left to recover"
    except BaseException:
        program.picture()
        raise
    finally:
        program.stop()


def main():
    program, examples = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
    if skip():
        return 0
    if os.environ.get("GW_STORY_INSIDE") is None:
        return inside(__file__)
    return tell([("draw and undo", lambda home: draw_and_undo(program, home)),
                 ("edit by keys", lambda home: edit_by_keys(program, home)),
                 ("train", lambda home: train(program, home, examples)),
                 ("close while training", lambda home: close_while_training(program, home, examples)),
                 ("close with unsaved work", lambda home: close_unsaved(program, home)),
                 ("recover after a kill", lambda home: recover(program, home))])


if __name__ == "__main__":
    sys.exit(main())
