#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The canvas by real pointer and key events, in the whole program: marks of nodes, dots on
wires, drags with a modifier, cutting, layout, evaluating here, breakpoints, devices. What
happened is read from the saved file. Usage: canvas-gestures.py PROGRAM EXAMPLES-FOLDER"""

import json
import os
import pathlib
import sys
import time

import story
from story import Program, node, run, wait_for


def header(x, y):
    """A point in a node's header, off its name."""
    return x + 20, y + 12


class Canvas(Program):
    """Three nodes in a row, x → y → z, drawn by hand and saved."""

    places = {"Placeholder": (260, 260), "Neg": (500, 260), "Abs": (740, 260)}

    def draw(self, file):
        self.click(640, 620)
        for op, place in self.places.items():
            self.add(op, *place)
        self.file = file
        self.save_as(file)
        self.choose("Placeholder")
        self.choose("Neg", "shift")
        self.key("j", "Escape")
        self.choose("Neg")
        self.choose("Abs", "shift")
        self.key("j", "Escape", "Escape")
        return self.saved()

    def choose(self, op, *modifiers):
        self.click(*header(*self.places[op]), *modifiers)

    def saved(self):
        """The document as it stands; a file that is up to date already is not written again."""
        before = self.file.stat().st_mtime_ns
        self.key("ctrl+s")
        end = time.monotonic() + 1.5
        while time.monotonic() < end and self.file.stat().st_mtime_ns == before:
            time.sleep(0.05)
        return json.loads(self.file.read_text(encoding="utf-8"))

    def undo_to(self, document, times=1):
        for _ in range(times):
            self.key("ctrl+z")
        now = self.saved()
        assert now == document, f"undo does not bring back the same: {now['nodes']} is not {document['nodes']}"

    def drag_with(self, modifier, button, x0, y0, x1, y1):
        run("xdotool", "mousemove", x0, y0)
        time.sleep(0.1)
        if modifier:
            run("xdotool", "keydown", modifier)
        time.sleep(0.1)
        run("xdotool", "mousedown", button)
        for i in range(1, 13):
            run("xdotool", "mousemove", x0 + (x1 - x0) * i // 12, y0 + (y1 - y0) * i // 12)
            time.sleep(0.02)
        run("xdotool", "mouseup", button)
        time.sleep(0.1)
        if modifier:
            run("xdotool", "keyup", modifier)
        time.sleep(0.3)

    def double_click(self, x, y):
        run("xdotool", "mousemove", x - 2, y)
        time.sleep(0.2)
        run("xdotool", "mousemove", x, y)
        time.sleep(0.2)
        run("xdotool", "click", "--repeat", 2, "--delay", 60, 1)
        time.sleep(0.4)


def feeder(document, name, port="x"):
    """Id of what is wired to a node's input, or None."""
    return node(document, name).get("inputs", {}).get(port, {}).get("from")


def with_canvas(path, home, body, *arguments):
    program = Canvas(path, home, *arguments)
    try:
        body(program)
        program.key("Escape", "Escape", "ctrl+w")
        program.ends()
    except BaseException:
        program.picture()
        raise
    finally:
        program.stop()


def marks(path, home):
    """H, Ctrl+H, W, B, M, P and Ctrl+B put a mark on the node, and take it off."""
    def body(program):
        drawn = program.draw(home / "marks.gw")
        for keys, flag in (("h", "folded"), ("ctrl+h", "hides_ports"), ("w", "watched"), ("b", "break"), ("m", "muted"),
                           ("p", "locked"), ("ctrl+b", "bypassed")):
            program.choose("Neg")
            program.key(keys)
            marked = program.saved()
            assert node(marked, "Neg").get(flag) is True, f"{keys} sets {flag}"
            assert flag not in node(marked, "Abs"), "the others stay"
            program.key(keys)
            assert flag not in node(program.saved(), "Neg"), f"{keys} takes {flag} off"
        program.undo_to(drawn, 14)

        program.choose("Abs")
        program.key("ctrl+shift+b")
        time.sleep(0.3)
        program.type("nonsense")
        program.key("Return")
        program.key("ctrl+a")
        program.type("> 3")
        program.key("Return")
        marked = program.saved()
        assert node(marked, "Abs")["break"] is True and node(marked, "Abs")["attrs"]["_break"] == "> 3"
        program.undo_to(drawn)

    with_canvas(path, home, body)


def dots(path, home):
    """A double-click sets a dot on a wire; it moves, takes another, and goes without a gap."""
    def body(program):
        drawn = program.draw(home / "dots.gw")
        x, y = node(drawn, "Placeholder")["id"], node(drawn, "Neg")["id"]
        program.double_click(455, 306)
        dotted = program.saved()
        dot = node(dotted, "Reroute")
        assert feeder(dotted, "Neg") == dot["id"] and feeder(dotted, "Reroute", "input") == x

        program.key("Escape")
        program.drag(455, 306, 455, 386)
        moved = program.saved()
        assert 64 <= node(moved, "Reroute")["at"][1] - dot["at"][1] <= 96, "the dot follows the pointer"
        assert feeder(moved, "Neg") == dot["id"]

        program.key("Delete")
        gone = program.saved()
        assert len(gone["nodes"]) == 3 and feeder(gone, "Neg") == x, "the wire is whole again"
        assert feeder(gone, "Abs") == y
        program.undo_to(drawn, 3)

    with_canvas(path, home, body)


def drags(path, home):
    """Ctrl+drag copies, Alt+drag takes out of its wires, Ctrl+right-drag cuts, J and L wire, arrows walk."""
    def body(program):
        drawn = program.draw(home / "drags.gw")
        x, y = node(drawn, "Placeholder")["id"], node(drawn, "Neg")["id"]
        start = header(*program.places["Neg"])

        program.drag_with("ctrl", 1, *start, start[0] + 40, start[1] + 200)
        copied = program.saved()
        assert sorted(item["op"] for item in copied["nodes"]) == ["Abs", "Neg", "Neg", "Placeholder"]
        assert node(copied, "Neg")["at"] == node(drawn, "Neg")["at"], "the first stays where it is"
        assert node(copied, "Neg_1")["at"] != node(drawn, "Neg")["at"]
        program.undo_to(drawn)

        program.key("Escape", "Escape")
        program.drag_with("alt", 1, *start, start[0] + 40, start[1] + 200)
        taken = program.saved()
        assert feeder(taken, "Abs") == x, "its neighbours are joined"
        assert feeder(taken, "Neg") is None
        assert node(taken, "Neg")["at"] != node(drawn, "Neg")["at"]
        program.undo_to(drawn)

        program.key("Escape", "Escape")
        program.drag_with("ctrl", 3, 455, 240, 455, 380)
        cut = program.saved()
        assert feeder(cut, "Neg") is None and feeder(cut, "Abs") == y, "only the wire under the stroke is cut"

        program.key("Escape", "Escape")
        program.choose("Placeholder")
        program.key("l", "Right", "Return")
        pulled = program.saved()
        assert feeder(pulled, "Neg") == x or feeder(pulled, "Abs") == x, "L pulled a wire to an input"
        program.undo_to(drawn, 2)

        program.key("Escape", "Escape")
        program.choose("Placeholder")
        program.key("Right", "Right", "Delete")
        assert "Abs" not in [item["name"] for item in program.saved()["nodes"]], "two steps along the wires"
        program.undo_to(drawn)

    with_canvas(path, home, body)


TANGLE = {"graphwright": 1, "nodes": [
    {"id": 1, "name": "a", "op": "Placeholder", "at": [0, 0]},
    *({"id": i, "name": f"n{i}", "op": "Neg", "at": [(i * 37) % 200, (i * 91) % 300],
       "inputs": {"x": {"from": i - 1}}} for i in range(2, 9))]}


def layout(path, home):
    """Ctrl+L puts a heap into columns, in one step of undo."""
    file = home / "heap.gw"
    file.write_text(json.dumps(TANGLE), encoding="utf-8")

    def body(program):
        program.file = file
        program.click(640, 700)
        program.key("Escape", "ctrl+l")
        wait_for("the columns", lambda: [item["at"][0] for item in program.saved()["nodes"]]
                 == sorted({item["at"][0] for item in program.saved()["nodes"]}))
        laid = [item["at"] for item in json.loads(file.read_text(encoding="utf-8"))["nodes"]]
        assert len({y for _, y in laid}) == 1, f"a chain stands straight: {laid}"
        assert all(x % 8 == 0 and y % 8 == 0 for x, y in laid)
        time.sleep(0.6)
        program.key("ctrl+z")
        assert [item["at"] for item in program.saved()["nodes"]] == [item["at"] for item in TANGLE["nodes"]]

    with_canvas(path, home, body, file)


def wires(path, home):
    """The wires' style is chosen by the command search and kept for the next start."""
    def body(program):
        program.draw(home / "wires.gw")
        program.key("ctrl+k")
        program.type("wires: square")
        program.key("Return")
        time.sleep(0.3)
        kept = (home / "config" / "graphwright" / "preferences.ini").read_text(encoding="utf-8")
        assert "wires=square" in kept, kept

    with_canvas(path, home, body)


def breakpoints(path, home, examples):
    """A breakpoint set by B pauses the training; without it the training ends."""
    document = json.loads((examples / "xor.gw").read_text(encoding="utf-8"))
    loss = document["training"]["loss"]
    for item in document["nodes"]:
        if item["id"] == loss:
            item["break"] = True
            item.setdefault("attrs", {})["_break"] = "> 0"
    file = home / "stop.gw"
    file.write_text(json.dumps(document), encoding="utf-8")
    runs = home / "stop.runs"

    def body(program):
        def state(wanted):
            return [data for data in (json.loads(found.read_text(encoding="utf-8")) for found in runs.glob("*/run.json"))
                    if data.get("state") == wanted]

        program.key("F5")
        paused = wait_for("the pause", lambda: state("paused"), 30.0)
        assert paused[0]["steps"] == 1, paused
        program.key("F5")
        wait_for("the second pause", lambda: state("paused") and state("paused")[0]["steps"] == 2, 30.0)
        program.key("shift+F5")
        wait_for("the end", lambda: state("stopped"), 30.0)

    with_canvas(path, home, body, file)


def main():
    program, examples = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
    if story.skip():
        return 0
    if os.environ.get("GW_STORY_INSIDE") is None:
        return story.inside(__file__)
    stories = [("marks", lambda home: marks(program, home)),
               ("dots on wires", lambda home: dots(program, home)),
               ("drags", lambda home: drags(program, home)),
               ("wire style", lambda home: wires(program, home)),
               ("breakpoint", lambda home: breakpoints(program, home, examples))]
    stories.append(("layout", lambda home: layout(program, home)))
    wanted = os.environ.get("GW_STORIES")
    return story.tell([item for item in stories if wanted is None or item[0] in wanted.split(",")])


if __name__ == "__main__":
    sys.exit(main())
