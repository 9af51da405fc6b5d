#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""More of the canvas by real pointer and key events, in the whole program: gestures that are given up,
a node dropped on a wire, the clipboard, scopes, frames, snapping, a layout around a locked node. What
happened is read from the saved file. Usage: canvas-edits.py PROGRAM"""

import importlib.util
import json
import os
import pathlib
import sys
import time

import window
from window import node, run, wait_for

HERE = pathlib.Path(__file__).resolve().parent
spec = importlib.util.spec_from_file_location("gestures", HERE / "canvas-gestures.py")
gestures = importlib.util.module_from_spec(spec)
spec.loader.exec_module(gestures)
feeder, header, with_canvas = gestures.feeder, gestures.header, gestures.with_canvas


def given_up(path, home):
    """Escape during a drag, plain, with Ctrl or with Alt, leaves the document and what can be redone."""
    def body(program):
        drawn = program.draw(home / "given-up.gw")
        program.choose("Abs")
        program.key("m")
        muted = program.saved()
        program.key("ctrl+z")
        x, y = header(*program.places["Neg"])
        for modifier in (None, "ctrl", "alt", "shift"):
            program.key("Escape", "Escape")
            run("xdotool", "mousemove", x, y)
            if modifier:
                run("xdotool", "keydown", modifier)
            run("xdotool", "mousedown", 1)
            for i in range(1, 9):
                run("xdotool", "mousemove", x + 10 * i, y + 15 * i)
                time.sleep(0.02)
            if modifier:
                run("xdotool", "keyup", modifier)
            program.settle()
            run("xdotool", "key", "Escape")  # not --clearmodifiers: that lets the button go as well
            program.settle()
            run("xdotool", "mouseup", 1)
            program.settle()
            now = program.saved()
            assert now == drawn, f"{modifier}: {now['nodes']} is not {drawn['nodes']}"
        program.key("ctrl+shift+z")
        assert program.saved() == muted, "what was undone before can still be redone"

    with_canvas(path, home, body)


def insert(path, home):
    """A node dropped on a wire is wired into it: one step of undo."""
    def body(program):
        program.draw(home / "insert.gw")
        program.add("Exp", 400, 480)
        before = program.saved()
        x, y, z = (node(before, name)["id"] for name in ("Placeholder", "Neg", "Exp"))
        program.key("Escape", "Escape")
        # its middle onto the middle of the wire
        program.drag(420, 492, 420 + 4, 492 - 209)
        after = program.saved()
        assert feeder(after, "Exp") == x and feeder(after, "Neg") == z, after["nodes"]
        assert y != z
        program.undo_to(before)

    with_canvas(path, home, body)


def clipboard(path, home):
    """Copy, paste, paste with inputs, duplicate and cut; a pasted If has branches of its own."""
    def body(program):
        drawn = program.draw(home / "clipboard.gw")
        x = node(drawn, "Placeholder")["id"]
        program.choose("Neg")
        program.key("ctrl+c", "ctrl+v")
        pasted = program.saved()
        assert feeder(pasted, "Neg_1") is None and node(pasted, "Neg_1")["at"] != node(pasted, "Neg")["at"]
        program.undo_to(drawn)
        program.key("ctrl+shift+v")
        assert feeder(program.saved(), "Neg_1") == x, "its input came along"
        program.undo_to(drawn)
        program.choose("Neg")
        program.key("ctrl+d")
        assert feeder(program.saved(), "Neg_1") == x, "a duplicate keeps its inputs"
        program.undo_to(drawn)
        program.choose("Neg")
        program.key("ctrl+x")
        assert len(program.saved()["nodes"]) == 2
        program.undo_to(drawn)

        program.add("If", 500, 480)
        one = program.saved()
        program.click(*header(500, 480))
        program.key("ctrl+c", "ctrl+v")
        two = program.saved()
        first, second = node(two, "If")["attrs"], node(two, "If_1")["attrs"]
        names = {group["name"] for group in two["groups"]}
        called = {attrs[port] for attrs in (first, second) for port in ("then_branch", "else_branch")}
        assert len(called) == 4 and called <= names, (called, names)
        program.undo_to(one)

    with_canvas(path, home, body)


def scopes(path, home):
    """Ctrl+G, Enter, Escape, Ctrl+Shift+G; Ctrl+J makes a frame around what is selected."""
    def body(program):
        drawn = program.draw(home / "scopes.gw")
        program.choose("Neg")
        program.choose("Abs", "shift")
        program.key("ctrl+g")
        program.type("block")  # its name is asked for in place
        program.key("Return")
        grouped = program.saved()
        assert len(grouped["groups"]) == 1 and len(drawn.get("groups", [])) == 0
        scope = grouped["groups"][0]
        assert scope["name"] == "block"
        assert sum(item.get("owner") == scope["id"] for item in grouped["nodes"]) == 2, grouped["nodes"]
        program.key("Return")
        program.point(500, 560)
        program.key("Tab")
        program.type("Exp")
        program.key("Return")
        inside = program.saved()
        assert node(inside, f"{scope['name']}/Exp")["owner"] == scope["id"], "what is added inside lives inside"
        program.key("Escape", "Escape")
        program.key("ctrl+shift+g")
        apart = program.saved()
        assert not apart.get("groups"), "Escape came out, with the scope selected"
        program.undo_to(inside)
        program.undo_to(drawn, 3)

        program.key("Escape", "Escape")
        program.choose("Neg")
        program.choose("Abs", "shift")
        program.key("ctrl+j")
        framed = program.saved()["frames"][0]
        for name in ("Neg", "Abs"):
            x, y = node(drawn, name)["at"]
            assert framed["at"][0] < x and framed["at"][1] < y, framed
        program.undo_to(drawn)

    with_canvas(path, home, body)


def snap(path, home):
    """Shift while dragging snaps to 8 px; Alt+arrows move by 8, with Shift by 1."""
    def body(program):
        drawn = program.draw(home / "snap.gw")
        start = header(*program.places["Abs"])
        program.drag_with("shift", 1, *start, start[0] + 43, start[1] + 101)
        moved = node(program.saved(), "Abs")["at"]
        assert all(value % 8 == 0 for value in moved) and moved != node(drawn, "Abs")["at"], moved
        program.undo_to(drawn)
        program.key("Escape", "Escape")
        program.choose("Abs")
        program.key("alt+Right", "shift+alt+Down")
        x, y = node(drawn, "Abs")["at"]
        assert node(program.saved(), "Abs")["at"] == [x + 8, y + 1]
        program.undo_to(drawn, 2)

    with_canvas(path, home, body)


LOCKED = {"graphwright": 1, "nodes": [
    {"id": 1, "name": "a", "op": "Placeholder", "at": [0, 0]},
    *({"id": i, "name": f"n{i}", "op": "Neg", "at": [(i * 37) % 200, (i * 91) % 300],
       "inputs": {"x": {"from": i - 1}}} for i in range(2, 7)),
    {"id": 9, "name": "pinned", "op": "Placeholder", "at": [300, 0], "locked": True}]}


def layout(path, home):
    """Ctrl+L leaves a locked node where it is and puts nothing onto it."""
    file = home / "locked.gw"
    file.write_text(json.dumps(LOCKED), encoding="utf-8")

    def body(program):
        program.file = file
        program.click(640, 700)
        program.key("Escape", "ctrl+l")
        def places():
            return {item["name"]: item["at"] for item in program.saved()["nodes"]}
        wait_for("the columns", lambda: len({places()[f"n{i}"][0] for i in range(2, 7)}) == 5)
        now = places()
        assert now["pinned"] == [300, 0]
        for name, (x, y) in now.items():
            assert name == "pinned" or x + 104 <= 300 or x >= 300 + 104 or y >= 64 or y + 64 <= 0, (name, x, y)
        time.sleep(0.6)  # they glide
        program.key("ctrl+z")
        assert places() == {item["name"]: item["at"] for item in LOCKED["nodes"]}, "one step of undo"

    with_canvas(path, home, body, file)


def main():
    program = os.path.abspath(sys.argv[1])
    if window.skip():
        return 0
    if os.environ.get("GW_STORY_INSIDE") is None:
        return window.inside(__file__)
    stories = {"given up": given_up, "dropped on a wire": insert, "clipboard": clipboard, "scopes": scopes,
               "snapping": snap, "layout around a locked node": layout}
    wanted = os.environ.get("GW_STORIES")
    return window.tell([(name, lambda home, body=body: body(program, home)) for name, body in stories.items()
                        if wanted is None or name in wanted.split(",")])


if __name__ == "__main__":
    sys.exit(main())
