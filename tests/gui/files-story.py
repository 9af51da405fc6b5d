#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Files into the window and out of it, by the file choosers, with a typed path, and by drags from another
program's window. Usage: files-story.py PROGRAM DRAG-SOURCE GW EXAMPLES"""

import json
import os
import pathlib
import struct
import subprocess
import sys
import zlib

import window
from window import run, wait_for


def npy(path, numbers):
    """A float32 array of one row, as NumPy writes it."""
    head = ("{'descr': '<f4', 'fortran_order': False, 'shape': (1, %d), }" % len(numbers)).ljust(117) + "\n"
    path.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode("ascii") +
                     struct.pack(f"<{len(numbers)}f", *numbers))
    return path


def png(path, size):
    """A grey picture, brighter from left to right."""
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    rows = b"".join(b"\0" + bytes(x * 255 // size for x in range(size)) for _ in range(size))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", size, size, 8, 0, 0, 0, 0)) +
                     chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
    return path


def idx(folder):
    """Ten pictures of 4 by 4 and their classes."""
    pictures, labels = folder / "small-images-idx3-ubyte", folder / "small-labels-idx1-ubyte"
    pictures.write_bytes(struct.pack(">IIII", 0x803, 10, 4, 4) + bytes(i % 256 for i in range(160)))
    labels.write_bytes(struct.pack(">II", 0x801, 10) + bytes(i % 2 for i in range(10)))
    return pictures, labels


def table(path):
    path.write_text("birth_rate,life_expectancy\n" + "".join(f"{x},{80 - x}\n" for x in range(40)), encoding="utf-8")
    return path


class Sitting(window.Program):
    """The program, asked for outputs and given files."""

    def shown_output(self, name):
        """Only this output is asked for."""
        title = self.find("Outputs", "GtkLabel")
        menu = min((widget for widget in self.all(type="GtkMenuButton") if widget.y > title.y), key=lambda widget: widget.y)
        for _ in range(4):
            self.click(*menu.middle())
            if self.all(name, "GtkLabel"):
                break
        self.press_last(name)
        self.key("Escape")

    def dragged_here(self, source, path, x, y):
        """A file from another program's window at the right border of the screen, which ends when it was taken."""
        other = subprocess.Popen([source, path, "1180", "560"], env=dict(os.environ, GTK_A11Y="none"))
        try:
            wait_for("the other window", lambda: run("xdotool", "search", "--onlyvisible", "--pid", other.pid, check=False))
            self.settle()
            self.drag(1200, 590, x, y)
            assert other.wait(30) == 0, "the file was taken"
        finally:
            if other.poll() is None:
                other.kill()
            other.wait()
        run("xdotool", "windowfocus", self.window)
        self.settle()


def started(program, home, *arguments):
    (home / "work").mkdir()
    return Sitting(program, home, *arguments)


def the_document_of(home, sitting):
    path = home / "work" / "saved.gw"
    if not path.exists():
        sitting.save_as(path)
    else:
        sitting.save(path)
    return json.loads(path.read_text(encoding="utf-8"))


def open_and_save(program, examples, home):
    """Ctrl+O and a typed path, Save As; a damaged file is told in words."""
    sitting = started(program, home)
    try:
        sitting.chosen(examples / "xor.gw", lambda: sitting.key("ctrl+o"))
        wait_for("the document", lambda: any("xor" in text for text in sitting.texts()))
        document = the_document_of(home, sitting)
        assert {item["op"] for item in document["nodes"]} >= {"Dense", "Loss", "Minimize"}, document
        broken = home / "work" / "broken.gw"
        broken.write_text('{"graphwright": 1, "nodes": [', encoding="utf-8")
        sitting.chosen(broken, lambda: sitting.key("ctrl+o"))
        sitting.says("Could not open: ")
    except BaseException:
        sitting.picture()
        raise
    finally:
        sitting.stop()


def tables_and_pictures(program, home):
    """The Data page's chooser takes a table and IDX files."""
    sitting = started(program, home)
    try:
        sitting.key("alt+2")
        sitting.chosen(table(home / "work" / "life.csv"), lambda: sitting.press("Choose files", "GtkButton"))
        sitting.says("birth_rate")
        document = the_document_of(home, sitting)
        assert document["data"]["source"] == "csv", document["data"]
        pictures, _ = idx(home / "work")
        sitting.chosen(pictures, lambda: sitting.press("Choose files…"))
        wait_for("the pictures", lambda: the_data(home, sitting)["source"] == "idx")
    except BaseException:
        sitting.picture()
        raise
    finally:
        sitting.stop()


def the_data(home, sitting):
    sitting.key("ctrl+s")
    return json.loads((home / "work" / "saved.gw").read_text(encoding="utf-8"))["data"]


def predict_from_files(program, gw, examples, home):
    """A trained model, its checkpoint by the chooser, a value from an .npy file: the prediction is gw's."""
    model = home / "work" / "line.gw"
    sitting = None
    (home / "work").mkdir()
    model.write_bytes((examples / "linear-regression.gw").read_bytes())
    for data in examples.glob("*.csv"):
        (home / "work" / data.name).write_bytes(data.read_bytes())
    subprocess.run([gw, "train", model, "--steps", "50", "--run-dir", home / "elsewhere"], check=True, capture_output=True)
    checkpoint = next((home / "elsewhere").glob("model.ckpt-50.index"))
    value = npy(home / "work" / "rate.npy", [3.0])
    wanted = json.loads(subprocess.run([gw, "run", model, "--fetch", "product", "--feed", f"birth_rate=@{value}",
                                        "--checkpoint", checkpoint.with_suffix(""), "--json"],
                                       check=True, capture_output=True, text=True).stdout.splitlines()[-1])
    sitting = Sitting(program, home, model)
    try:
        sitting.key("alt+4")
        sitting.chosen(checkpoint, lambda: sitting.press("Open a checkpoint", "GtkButton"))
        sitting.says("weight")
        sitting.press_for("Loaded ", "Load into graph", "GtkButton")
        sitting.key("alt+2")
        sitting.press_for("Outputs", "Predict", "GtkToggleButton")
        sitting.chosen(value, lambda: sitting.press(tooltip="Load a .npy file"))
        sitting.shown_output("product")
        number = f"{wanted['value']['data'][0]:.8g}"
        sitting.press_for(f"[[{number}]]", "Predict", "GtkButton")
    except BaseException:
        sitting.picture()
        raise
    finally:
        sitting.stop()


PICTURE_MEAN = {"graphwright": 1, "data": {"source": "xor"}, "nodes": [
    {"id": 1, "name": "picture", "op": "Placeholder", "at": [0, 0], "attrs": {"shape": [None, 4, 4]}},
    {"id": 2, "name": "grey", "op": "Mean", "at": [300, 0], "inputs": {"input": {"from": 1}, "axis": {"literal": "[1, 2]"}}}]}


def predict_from_a_picture(program, home):
    """A picture fed by hand, its grey as 0 … 1; a file that is none is refused in words."""
    (home / "work").mkdir()
    file = home / "work" / "mean.gw"
    file.write_text(json.dumps(PICTURE_MEAN), encoding="utf-8")
    (home / "work" / "none.png").write_text("no picture", encoding="utf-8")
    sitting = Sitting(program, home, file)
    try:
        sitting.key("alt+2")
        sitting.press_for("Outputs", "Predict", "GtkToggleButton")
        sitting.chosen(home / "work" / "none.png", lambda: sitting.press(tooltip="Load a .npy file"))
        sitting.says("none.png")
        sitting.chosen(png(home / "work" / "grey.png", 4), lambda: sitting.press(tooltip="Load a .npy file"))
        sitting.press_for("grey · float32, [1]", "Predict", "GtkButton")
        title = sitting.find("grey · float32, [1]", "GtkLabel")
        below = [widget.text for widget in sitting.widgets() if widget.y > title.y and widget.x >= title.x and widget.text.startswith("[")]
        grey = sum(x * 255 // 4 for x in range(4)) / 4 / 255
        assert below and abs(float(below[0].strip("[]")) - grey) < 1e-6, f"{below}, not {grey}"
    except BaseException:
        sitting.picture()
        raise
    finally:
        sitting.stop()


def drops(program, source, gw, examples, home):
    """Files dragged from another program: a value becomes a Const, a table the data, a document is opened."""
    sitting = started(program, home)
    try:
        sitting.dragged_here(source, npy(home / "work" / "three.npy", [1.0, 2.0, 3.0]), 560, 300)
        wait_for("the constant", lambda: [item for item in the_document_of(home, sitting)["nodes"] if item["op"] == "Const"])
        sitting.dragged_here(source, table(home / "work" / "life.csv"), 560, 420)
        wait_for("the table", lambda: the_document_of(home, sitting).get("data", {}).get("source") == "csv")
        before = set(sitting.windows())
        sitting.dragged_here(source, examples / "xor.gw", 560, 420)
        wait_for("the document", lambda: set(sitting.windows()) - before or any("xor" in text for text in sitting.texts()))
    except BaseException:
        sitting.picture()
        raise
    finally:
        sitting.stop()


def main():
    program, source, gw, examples = map(pathlib.Path, map(os.path.abspath, sys.argv[1:5]))
    if window.skip():
        return 0
    if os.environ.get("GW_STORY_INSIDE") is None:
        return window.inside(__file__)
    wanted = os.environ.get("GW_STORIES")
    stories = [
        ("open and save", lambda home: open_and_save(program, examples, home)),
        ("tables and pictures", lambda home: tables_and_pictures(program, home)),
        ("a checkpoint and a value", lambda home: predict_from_files(program, gw, examples, home)),
        ("a picture", lambda home: predict_from_a_picture(program, home)),
        ("drags from another program", lambda home: drops(program, source, gw, examples, home)),
    ]
    return window.tell([item for item in stories if wanted is None or item[0] in wanted.split(",")])


if __name__ == "__main__":
    sys.exit(main())
