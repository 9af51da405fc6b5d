#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One sitting from an empty canvas, by real pointer and key events: draw a network, give it data, train,
pause, step, look at evaluation, curves and checkpoints, change it, train again, close, be killed and come
back. Usage: whole-story.py PROGRAM"""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

import window
from window import node, run, wait_for

# Where things stand in a window of 1280 by 800 with Cantarell 11.
X, HIDDEN, LOGIT, LABEL = (280, 160), (460, 160), (640, 160), (280, 420)
MINIMIZE, ACCURACY = (500, 420), (700, 420)


class Sitting(window.Program):
    """The program with one document, whose file tells what happened."""

    file = None

    def double_click(self, x, y):
        run("xdotool", "mousemove", x, y)
        self.settle()
        run("xdotool", "click", "--repeat", 2, "--delay", 60, 1)
        self.settle()

    def search(self, op):
        self.type(op)
        self.key("Return")

    def pointed(self, x, y):
        """An idle pointer over the canvas, nothing selected."""
        self.key("Escape", "Escape")
        self.point(x, y)

    def pull(self, x0, y0, x1, y1):
        """A wire: the pointer rests on the port first."""
        run("xdotool", "mousemove", x0 + 3, y0 + 2)
        self.settle()
        self.drag(x0, y0, x1, y1)

    def document(self):
        """What stands in the file after saving; the same file when nothing changed."""
        before = self.file.stat().st_mtime_ns
        self.key("ctrl+s")
        for _ in range(20):
            if self.file.stat().st_mtime_ns != before:
                break
            time.sleep(0.05)
        return json.loads(self.file.read_text(encoding="utf-8"))

    def page(self, number):
        self.key(f"alt+{number}")

    def shot(self, name):
        folder = os.environ.get("GW_STORY_PICTURES")
        if folder:
            run("import", "-window", "root", pathlib.Path(folder) / f"whole-{name}.png", check=False)


def pixels(x, y, width, height):
    """A piece of the screen as raw bytes; nothing without ImageMagick."""
    if shutil.which("import") is None:
        return b""
    return subprocess.run(["import", "-window", "root", "-crop", f"{width}x{height}+{x}+{y}", "rgb:-"],
                          check=True, capture_output=True).stdout


def wired(document, name, port, to):
    return node(document, name).get("inputs", {}).get(port, {}).get("from") == node(document, to)["id"]


def draw(program):
    """Nodes by every way there is, wires from either end, and one that cannot be."""
    program.shot("empty")
    program.drag(90, 167, *X)
    program.double_click(HIDDEN[0], HIDDEN[1] + 5)
    program.search("Dense")
    program.pointed(*LOGIT)
    program.key("shift+a")
    program.search("Dense")
    program.pointed(*LABEL)
    program.key("Tab")
    program.search("Placeholder")
    program.shot("drawn")
    program.save_as(program.file)
    document = program.document()
    assert sorted(item["op"] for item in document["nodes"]) == ["Dense", "Dense", "Placeholder", "Placeholder"], document


def refuse(program):
    """A wire that cannot be says why beside the pointer, and is not there afterwards."""
    document = program.document()
    before = pixels(480, 215, 320, 40)
    run("xdotool", "mousemove", 416, 204)
    program.settle()
    run("xdotool", "mousemove", 413, 202, "mousedown", 1)
    for i in range(1, 11):
        run("xdotool", "mousemove", 413 + 48 * i // 10, 202 + 8 * i // 10)
        time.sleep(0.03)
    program.settle()
    program.shot("refused")
    during = pixels(480, 215, 320, 40)
    run("xdotool", "mouseup", 1)
    program.settle()
    differ = sum(1 for a, b in zip(before, during) if a != b) / max(len(before), 1)
    assert not before or differ > 0.1, f"the reason stands beside the pointer ({differ:.3f} of the pixels changed)"
    assert program.document() == document, "nothing is wired"


def give_data(program):
    """A source, and its columns for the placeholders."""
    program.page(2)
    program.press("Exclusive or")
    assert program.document()["data"]["source"] == "xor"
    program.press("Inputs", "GtkToggleButton")
    for placeholder, column in ("Placeholder", "x"), ("Placeholder_1", "y"):
        title = program.all(placeholder, "GtkLabel")[-1]
        below = [widget for widget in program.widgets() if widget.type == "GtkDropDown" and widget.y > title.y]
        program.pick(min(below, key=lambda widget: widget.y), column)
    program.shot("inputs")
    document = program.document()
    assert node(document, "Placeholder")["attrs"]["_column"] == "x", node(document, "Placeholder")
    assert node(document, "Placeholder_1")["attrs"]["_column"] == "y", node(document, "Placeholder_1")


def wire(program):
    """From an output, from an input, and into nothing."""
    program.page(1)
    program.pull(413, 202, 461, 210)
    program.pull(637, 202, 565, 210)
    document = program.document()
    assert wired(document, "Dense", "inputs", "Placeholder"), "output to input"
    assert wired(document, "Dense_1", "inputs", "Dense"), "input to output"
    program.pull(757, 202, 830, 260)
    program.settle()
    program.search("Loss")
    program.shot("wired")
    document = program.document()
    assert wired(document, "Loss", "predictions", "Dense_1"), "the search wires what was chosen"


def set_up(program):
    """Sizes in the inspector; the rest of the nodes and their wires."""
    program.click(690, 180)
    program.enter("Units", "1")
    program.click(300, 640)
    program.pointed(*MINIMIZE)
    program.key("Tab")
    program.search("Minimize")
    program.pointed(*ACCURACY)
    program.key("Tab")
    program.search("Accuracy")
    program.pull(429, 466, 829, 326)
    program.pull(968, 306, 501, 466)
    program.pull(701, 466, 757, 202)
    program.pull(701, 486, 429, 466)
    program.click(880, 275)
    program.choose("Kind", "sigmoid_cross_entropy")
    program.shot("loss")
    program.pointed(300, 640)
    program.click(300, 640)
    program.enter("Epochs", "2000000")
    document = program.document()
    program.shot("ready")
    assert wired(document, "Loss", "labels", "Placeholder_1")
    assert wired(document, "Minimize", "loss", "Loss")
    assert wired(document, "Accuracy", "predictions", "Dense_1")
    assert wired(document, "Accuracy", "labels", "Placeholder_1")
    assert node(document, "Dense_1")["attrs"]["units"] == 1
    assert node(document, "Loss")["attrs"]["kind"] == "sigmoid_cross_entropy", node(document, "Loss")
    assert document["training"]["attrs"]["epochs"] == 2000000
    assert document["training"]["targets"] == [node(document, "Minimize")["id"]]


class Runs:
    """What the runs beside the document say of themselves."""

    def __init__(self, file):
        self.folder = file.with_suffix(".runs")

    def infos(self):
        return [(found.parent, json.loads(found.read_text(encoding="utf-8")))
                for found in sorted(self.folder.glob("*/run.json"))]

    def newest(self, state):
        """Folder and run.json of the newest run, once its state is this one."""
        infos = self.infos()
        return infos[-1] if infos and infos[-1][1]["state"] == state else None


def train(program):
    """Train, pause, one step, resume, evaluate on the way, stop."""
    runs = Runs(program.file)
    program.key("F5")
    wait_for("the training to begin", lambda: runs.newest("running"))
    program.settle()
    program.shot("running")
    program.key("F5")
    _, paused = wait_for("the pause", lambda: runs.newest("paused"))
    program.key("F10")
    _, stepped = wait_for("one step", lambda: (lambda one: one and one[1]["steps"] == paused["steps"] + 1 and one)(
        runs.newest("paused")))
    program.shot("paused")
    program.key("F5")
    wait_for("the training to go on", lambda: runs.newest("running"))
    before = set(program.windows())
    program.key("ctrl+F5")
    shown = wait_for("the evaluation", lambda: set(program.windows()) - before)
    program.settle()
    program.find("What is taken for what")
    program.shot("evaluation")
    run("xdotool", "windowfocus", shown.pop(), check=False)
    program.settle()
    program.key("Escape")
    wait_for("the evaluation to go", lambda: set(program.windows()) <= before)
    run("xdotool", "windowfocus", program.window)
    program.settle()
    program.key("shift+F5")
    folder, stopped = wait_for("the end", lambda: runs.newest("stopped"))
    assert stopped["steps"] > stepped["steps"]
    assert stopped["metrics"], "the evaluation is in run.json"
    assert (folder / f"model.ckpt-{stopped['steps']}.index").exists(), "the last step is saved"


def look(program):
    """The curves; the checkpoints, and one of them back into the graph."""
    program.page(3)
    program.settle()
    program.shot("board")
    program.page(4)
    program.settle()
    program.press("Load into graph", "GtkButton")
    told = wait_for("what was loaded", lambda: [widget.text for widget in program.widgets() if widget.text.startswith("Loaded ")])
    assert "variables of" in told[0], told
    program.shot("loaded")
    program.press("Undo", "GtkButton")
    wait_for("what was undone", lambda: any("as before the load" in widget.text for widget in program.widgets()))
    program.page(1)


def again(program):
    """Another learning rate, another activation, one more layer: a second run beside the first."""
    runs = Runs(program.file)
    program.click(540, 435)
    program.shot("rate")
    program.enter("learning_rate", "0.01")
    program.click(520, 190)
    program.shot("dense")
    program.choose("Activation", "relu")
    program.shot("activation")
    program.click(300, 640)
    program.add("Dense", 560, 320)
    program.pull(565, 210, 560, 366)
    program.pull(681, 366, 637, 202)
    program.shot("one-more")
    document = program.document()
    assert wired(document, "Dense_2", "inputs", "Dense") and wired(document, "Dense_1", "inputs", "Dense_2")
    assert float(node(document, "Minimize")["inputs"]["learning_rate"]["literal"]) == 0.01
    program.click(300, 640)
    program.enter("Epochs", "100")
    program.key("F5")
    wait_for("a second run", lambda: len(runs.infos()) == 2)
    wait_for("its end", lambda: runs.newest("done"))
    first, second = (json.loads((folder / "graph.gw").read_text(encoding="utf-8")) for folder, _ in runs.infos())
    assert len(second["nodes"]) == len(first["nodes"]) + 1, "each run keeps its own graph"
    assert node(first, "Dense").get("attrs", {}).get("activation") != node(second, "Dense")["attrs"]["activation"]
    program.page(3)
    program.settle()
    program.shot("two-runs")
    program.page(1)


def predict(program):
    """A value typed by hand: what was learned says which corners are one."""
    program.page(2)
    program.press("Predict", "GtkToggleButton")
    for point, positive in ("[[1, 0]]", True), ("[[1, 1]]", False), ("[[0, 1]]", True):
        program.click(*program.field("Placeholder", "GtkText").middle())
        program.key("ctrl+a")
        program.type(point)
        program.press("Predict", "GtkButton")
        program.settle()
        title = program.all("Dense_1 · float32, 1×1", "GtkLabel")
        assert title, "the prediction of the last layer"
        value = wait_for("a number", lambda: [widget.text for widget in program.widgets() if widget.text.startswith("[[")
                                              and widget.type == "GtkLabel" and widget.y > title[0].y])
        assert (float(value[0].strip("[]")) > 0) == positive, f"{point} gives {value[0]}"
    program.shot("predicted")
    program.page(1)


def leave(program):
    """Closing while it trains asks, and nothing is lost."""
    runs = Runs(program.file)
    program.click(300, 640)
    program.enter("Epochs", "2000000")
    program.document()
    program.key("F5")
    wait_for("the training to begin", lambda: len(runs.infos()) == 3 and runs.newest("running"))
    before = len(program.windows())
    program.key("ctrl+w")
    wait_for("the question", lambda: len(program.windows()) > before)
    program.settle()
    program.key("alt+s")
    program.ends()
    folder, stopped = runs.newest("stopped")
    assert (folder / f"model.ckpt-{stopped['steps']}.index").exists(), "the last step is saved"


def come_back(path, home, file):
    """Killed while it trains with unsaved work: both are there afterwards."""
    runs = Runs(file)
    program = Sitting(path, home, file)
    program.file = file
    program.click(300, 640)
    program.add("Const", 880, 560)
    program.key("F5")
    wait_for("the training to begin", lambda: len(runs.infos()) == 4 and runs.newest("running"))
    wait_for("a checkpoint", lambda: list(runs.infos()[-1][0].glob("model.ckpt-*.index")))
    copies = home / "state" / "graphwright" / "autosave"
    wait_for("the copy", lambda: any("Const" in found.read_text(encoding="utf-8") for found in copies.glob("*.gw")))
    program.process.send_signal(signal.SIGKILL)
    program.process.wait()
    program.log.close()

    program = Sitting(path, home)
    try:
        program.take_up()
        program.file = file
        program.page(3)
        wait_for("the killed run in the list", lambda: any(
            widget.text.endswith("steps, interrupted") for widget in program.widgets()))
        program.shot("interrupted")
        program.page(4)
        newest = max(int(found.stem.rpartition("-")[2]) for found in runs.infos()[-1][0].glob("model.ckpt-*.index"))
        program.find(f"Step {newest:,}")
        program.shot("last-checkpoint")
        program.page(1)
        node(program.document(), "Const")
        program.key("ctrl+w")
        program.ends()
    except BaseException:
        program.picture()
        raise
    finally:
        program.stop()


def main_story(path, home):
    program = Sitting(path, home)
    program.file = home / "mine.gw"
    try:
        draw(program)
        refuse(program)
        give_data(program)
        wire(program)
        set_up(program)
        train(program)
        look(program)
        again(program)
        predict(program)
        leave(program)
    except BaseException:
        program.picture()
        raise
    finally:
        program.stop()
    come_back(path, home, program.file)


def main():
    program = os.path.abspath(sys.argv[1])
    if window.skip():
        return 0
    if os.environ.get("GW_STORY_INSIDE") is None:
        return window.inside(__file__)
    return window.tell([("a sitting from the empty canvas", lambda home: main_story(program, home))])


if __name__ == "__main__":
    sys.exit(main())
