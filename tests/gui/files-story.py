#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Files into the window and out of it, by the file choosers, with a typed path, and by drags from another
program's window. Usage: files-story.py PROGRAM DRAG-SOURCE EXAMPLES"""

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
    """The program with choosers answered by typing."""

    def chosen(self, path, press):
        before = self.windows()
        press()
        try:
            self.type_path(path, before)
        except AssertionError:
            self.picture()
            raise

    def texts(self):
        return [widget.text for widget in self.widgets() if widget.text]

    def says(self, words):
        return wait_for(f"“{words}” on the screen", lambda: any(words in text for text in self.texts()), 30)

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
        sitting.press("Predict", "GtkToggleButton")
        sitting.chosen(home / "work" / "none.png", lambda: sitting.press(tooltip="Load a .npy file"))
        sitting.says("none.png")
        sitting.chosen(png(home / "work" / "grey.png", 4), lambda: sitting.press(tooltip="Load a .npy file"))
        sitting.press("Predict", "GtkButton")
        title = sitting.find("grey · float32, [1]", "GtkLabel")
        below = [widget.text for widget in sitting.widgets() if widget.y > title.y and widget.x >= title.x and widget.text.startswith("[")]
        grey = sum(x * 255 // 4 for x in range(4)) / 4 / 255
        assert below and abs(float(below[0].strip("[]")) - grey) < 1e-6, f"{below}, not {grey}"
    except BaseException:
        sitting.picture()
        raise
    finally:
        sitting.stop()


def drops(program, source, examples, home):
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
    program, source, examples = map(pathlib.Path, map(os.path.abspath, sys.argv[1:4]))
    if window.skip():
        return window.SKIPPED
    if os.environ.get("GW_STORY_INSIDE") is None:
        return window.inside(__file__)
    return window.tell([
        ("open and save", lambda home: open_and_save(program, examples, home)),
        ("tables and pictures", lambda home: tables_and_pictures(program, home)),
        ("a picture", lambda home: predict_from_a_picture(program, home)),
        ("drags from another program", lambda home: drops(program, source, examples, home)),
    ])


if __name__ == "__main__":
    sys.exit(main())
