#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A multilayer perceptron from an empty canvas to Train, as one who knows the program does it. Gestures
(clicks, drags, shortcuts, typed words) are counted, and the time that a hand takes for them by the
keystroke-level model: 0.2 s a key, 1.1 s to point, 0.1 s to press or let go, 0.4 s from keys to mouse or
back. Both have a bound. Usage: mlp-story.py PROGRAM"""

import json
import os
import pathlib
import sys

import window
from window import node, run, wait_for

MOST_GESTURES, MOST_SECONDS = 50, 60.0
KEY, POINT, BUTTON, HOMING = 0.2, 1.1, 0.1, 0.4

# Where things stand in a window of 1280 by 800 with Cantarell 11.
INPUT, HIDDEN, LOGIT, LOSS, MINIMIZE, LABEL = (260, 160), (440, 160), (620, 160), (760, 360), (560, 560), (300, 420)
DATA_XOR = (150, 275)


class Hand(window.Program):
    """The program, and what it costs to drive it."""

    gestures, seconds, at_keys = 0, 0.0, True
    number = 0

    def spend(self, seconds, at_keys):
        self.gestures += 1
        self.seconds += seconds + (HOMING if at_keys != self.at_keys else 0.0)
        self.at_keys = at_keys

    def press(self, *keys):
        for name in keys:
            self.spend(KEY * (1 + name.count("+")), True)
            self.key(name)

    def word(self, text):
        self.spend(KEY * len(text), True)
        self.type(text)

    def hit(self, x, y):
        self.spend(POINT + 2 * BUTTON, False)
        self.click(x, y)

    def rest(self, x, y):
        """The pointer goes where something is to be: time, but no gesture."""
        self.spend(POINT, False)
        self.gestures -= 1
        self.point(x, y)

    def carry(self, x0, y0, x1, y1):
        """A wire from port to port."""
        self.spend(2 * POINT + 2 * BUTTON, False)
        run("xdotool", "mousemove", x0 + 3, y0 + 2)
        self.settle()
        self.drag(x0, y0, x1, y1)

    def pull(self, x0, y0, x1, y1, op):
        """A wire out of a port into nothing, and what the search is to put there."""
        self.carry(x0, y0, x1, y1)
        self.word(op)
        self.press("Return")
        self.shot(op)

    def choose(self, x, y, n):
        """The n-th entry of a drop-down after the present one."""
        self.hit(x, y)
        self.press(*["Down"] * n, "Return")

    def shot(self, name):
        folder = os.environ.get("GW_STORY_PICTURES")
        self.number += 1
        if folder:
            run("import", "-window", "root", pathlib.Path(folder) / f"mlp-{self.number:02}-{name}.png", check=False)


def place_inputs(hand):
    for place in (INPUT, LABEL):
        hand.rest(*place)
        hand.press("Tab")
        hand.word("placeholder")
        hand.press("Return", "Escape")
    hand.shot("inputs")


def draw(hand):
    hand.pull(INPUT[0] + 137, INPUT[1] + 42, *HIDDEN, "dense")
    hand.pull(HIDDEN[0] + 101, HIDDEN[1] + 42, *LOGIT, "dense")
    hand.pull(LOGIT[0] + 117, LOGIT[1] + 42, *LOSS, "loss")
    hand.pull(LOSS[0] + 136, LOSS[1] + 44, *MINIMIZE, "minimize")


def give_data(hand):
    hand.press("alt+2")
    hand.hit(*DATA_XOR)
    hand.hit(1069, 77)
    hand.choose(1065, 146, 1)
    hand.choose(1065, 230, 2)
    hand.shot("data")
    hand.press("alt+1")


def set_up(hand):
    hand.hit(LOGIT[0] + 50, LOGIT[1] + 20)
    hand.hit(1161, 299)
    hand.press("ctrl+a")
    hand.word("1")
    hand.press("Return")
    hand.shot("units")
    hand.hit(LOSS[0] + 50, LOSS[1] + 20)
    hand.choose(1194, 299, 1)
    hand.carry(LABEL[0] + 149, LABEL[1] + 46, LOSS[0], LOSS[1] + 64)
    hand.shot("kind-and-labels")


def story(path, home):
    hand = Hand(path, home)
    try:
        hand.shot("empty")
        place_inputs(hand)
        give_data(hand)
        draw(hand)
        set_up(hand)
        hand.press("F5")
        runs = home / "data" / "graphwright" / "runs"
        found = wait_for("the run", lambda: list(runs.glob("*/*/run.json")))
        wait_for("its end", lambda: json.loads(found[0].read_text(encoding="utf-8"))["state"] == "done")
        hand.shot("trained")
        print(f"# {hand.gestures} gestures, {hand.seconds:.1f} s by the keystroke-level model")
        drawn = json.loads((found[0].parent / "graph.gw").read_text(encoding="utf-8"))
        check(drawn)
        assert hand.gestures <= MOST_GESTURES, f"{hand.gestures} gestures"
        assert hand.seconds <= MOST_SECONDS, f"{hand.seconds:.1f} s"
    except BaseException:
        hand.picture()
        raise
    finally:
        hand.stop()


def check(document):
    """What was trained is the perceptron that was meant."""
    def feeder(name, port):
        return node(document, name)["inputs"][port]["from"]

    assert feeder("Dense", "inputs") == node(document, "Placeholder")["id"]
    assert feeder("Dense_1", "inputs") == node(document, "Dense")["id"]
    assert feeder("Loss", "predictions") == node(document, "Dense_1")["id"]
    assert feeder("Loss", "labels") == node(document, "Placeholder_1")["id"]
    assert feeder("Minimize", "loss") == node(document, "Loss")["id"]
    assert node(document, "Dense_1")["attrs"]["units"] == 1
    assert node(document, "Loss")["attrs"]["kind"] == "sigmoid_cross_entropy"
    assert node(document, "Placeholder")["attrs"]["_column"] == "x"
    assert node(document, "Placeholder_1")["attrs"]["_column"] == "y"


def main():
    program = os.path.abspath(sys.argv[1])
    if window.skip():
        return 0
    if os.environ.get("GW_STORY_INSIDE") is None:
        return window.inside(__file__)
    return window.tell([("a perceptron in a minute", lambda home: story(program, home))])


if __name__ == "__main__":
    sys.exit(main())
