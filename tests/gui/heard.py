#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a screen reader hears over AT-SPI of the canvas: the node in focus in words, as keys walk from node
to node, and what is wrong with it. Usage: heard.py PROGRAM"""

import json
import os
import subprocess
import sys

import window
from window import wait_for

PYTHON = "/usr/bin/python3"
# In a process of its own: the Python that runs the stories may be another than the one with GObject.
LISTEN = """
import gi
gi.require_version("Atspi", "2.0")
from gi.repository import Atspi
def walk(item, depth=0):
    if item is None or depth > 30:
        return
    try:
        print((item.get_name() or "") + "\\t" + (item.get_description() or ""))
        for i in range(item.get_child_count()):
            walk(item.get_child_at_index(i), depth + 1)
    except Exception:
        return
desktop = Atspi.get_desktop(0)
for i in range(desktop.get_child_count()):
    walk(desktop.get_child_at_index(i))
"""

DOCUMENT = {"graphwright": 1, "nodes": [
    {"id": 1, "name": "images", "op": "Placeholder", "at": [0, 0], "attrs": {"shape": [None, 784]}},
    {"id": 2, "name": "weights", "op": "Placeholder", "at": [0, 160], "attrs": {"shape": [784, 500]}},
    {"id": 3, "name": "hidden1/MatMul", "op": "MatMul", "at": [280, 60],
     "inputs": {"a": {"from": 1}, "b": {"from": 2}}},
    {"id": 4, "name": "wrong", "op": "MatMul", "at": [520, 60], "inputs": {"a": {"from": 3}, "b": {"from": 2}}}]}


class Spoken(window.Program):
    accessibility = "atspi"
    last = ()

    def heard(self, *words):
        """Whether one thing has all these words in its name and description."""
        lines = subprocess.run([PYTHON, "-c", LISTEN], check=True, capture_output=True, text=True).stdout.splitlines()
        self.last = [line for line in lines if "MatMul" in line or "Placeholder" in line]
        return any(all(word in line for word in words) for line in lines)


def story(path, home):
    file = home / "spoken.gw"
    file.write_text(json.dumps(DOCUMENT), encoding="utf-8")
    program = Spoken(path, home, file)
    try:
        program.key("ctrl+f")
        program.type("name:images")
        program.key("Return")
        wait_for("the placeholder", lambda: program.heard("Placeholder, images"), 20.0)
        program.key("Right")
        wait_for("the node, its inputs and its output", lambda: program.heard(
            "MatMul, hidden1/MatMul, 2 inputs, output float32 unknown by 500"), 20.0)
        program.key("Right")
        wait_for("the next node with its problem", lambda: program.heard("MatMul, wrong", "500", "784"), 20.0)
        program.key("Left")
        wait_for("the way back", lambda: program.heard("MatMul, hidden1/MatMul"), 20.0)
    except BaseException:
        print("#", program.last)
        program.picture()
        raise
    finally:
        program.stop()


def main():
    program = os.path.abspath(sys.argv[1])
    if window.skip():
        return 0
    if subprocess.run([PYTHON, "-c", LISTEN.split("def walk")[0]], check=False, capture_output=True).returncode != 0:
        print("1..0 # SKIP needs AT-SPI for Python (gir1.2-atspi-2.0, python3-gi)")
        return 0
    if os.environ.get("GW_STORY_INSIDE") is None:
        return window.inside(__file__)
    return window.tell([("the node in focus is heard", lambda home: story(program, home))])


if __name__ == "__main__":
    sys.exit(main())
