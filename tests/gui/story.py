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
import subprocess
import sys
import tempfile
import time

NEEDED = ("xdotool", "xvfb-run", "dbus-run-session")
SKIPPED = 77


def run(*command, check=True):
    return subprocess.run([str(part) for part in command], check=check, capture_output=True, text=True).stdout.strip()


def wait_for(what, condition, seconds=20.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError(f"timed out: {what}")


class Program:
    """One run of the program in a window of 1280 by 800."""

    def __init__(self, path, home, *arguments):
        self.home = home
        environment = dict(os.environ, HOME=str(home), XDG_STATE_HOME=str(home / "state"), XDG_DATA_HOME=str(home / "data"),
                           XDG_CONFIG_HOME=str(home / "config"), XDG_CACHE_HOME=str(home / "cache"),
                           GSETTINGS_BACKEND="memory", ADW_DISABLE_PORTAL="1", GTK_A11Y="none", GSK_RENDERER="cairo")
        self.log = open(home / "log", "a+", encoding="utf-8")
        self.process = subprocess.Popen([path, *map(str, arguments)], env=environment, cwd=home, stdout=self.log,
                                        stderr=self.log)
        try:
            self.window = wait_for("the window", lambda: self.windows() and self.windows()[0])
        except AssertionError:
            self.picture()
            state = self.process.poll()
            self.process.kill()
            raise AssertionError(f"no window; exit status {state}; {(home / 'log').read_text()}") from None
        run("xdotool", "windowmove", self.window, 0, 0, "windowsize", self.window, 1280, 800)
        run("xdotool", "windowfocus", self.window, check=False)
        time.sleep(1.0)

    def windows(self):
        return run("xdotool", "search", "--onlyvisible", "--pid", self.process.pid, check=False).split()

    def key(self, *keys):
        for name in keys:
            run("xdotool", "key", "--clearmodifiers", name)
            time.sleep(0.15)

    def type(self, text):
        run("xdotool", "type", "--delay", "15", text)
        time.sleep(0.25)

    def click(self, x, y, *modifiers):
        run("xdotool", "mousemove", x, y)
        time.sleep(0.1)
        for modifier in modifiers:
            run("xdotool", "keydown", modifier)
        time.sleep(0.1)
        run("xdotool", "click", 1)
        time.sleep(0.1)
        for modifier in modifiers:
            run("xdotool", "keyup", modifier)
        time.sleep(0.2)

    def drag(self, x0, y0, x1, y1):
        run("xdotool", "mousemove", x0, y0, "mousedown", 1)
        for i in range(1, 11):
            run("xdotool", "mousemove", x0 + (x1 - x0) * i // 10, y0 + (y1 - y0) * i // 10)
            time.sleep(0.02)
        run("xdotool", "mouseup", 1)
        time.sleep(0.25)

    def add(self, op, x, y):
        """An op by the search at a point of the canvas."""
        self.key("Escape", "Escape")
        run("xdotool", "mousemove", x - 6, y)
        time.sleep(0.2)
        run("xdotool", "mousemove", x, y)
        time.sleep(0.2)
        self.key("Tab")
        time.sleep(0.4)
        self.type(op)
        self.key("Return")
        time.sleep(0.6)

    def save_as(self, path):
        before = len(self.windows())
        self.key("ctrl+shift+s")
        wait_for("the dialog", lambda: len(self.windows()) > before)
        time.sleep(0.5)
        self.key("ctrl+a")
        self.type(str(path))
        self.key("Return")
        wait_for(f"{path.name} on disk", path.exists)
        wait_for("the dialog to go", lambda: len(self.windows()) == before)
        run("xdotool", "windowfocus", self.window)
        time.sleep(0.8)

    def save(self, path):
        before = path.stat().st_mtime_ns
        self.key("ctrl+s")
        wait_for("the file to be written", lambda: path.stat().st_mtime_ns != before)
        return json.loads(path.read_text(encoding="utf-8"))

    def take_up(self):
        """Says yes to what a killed program left."""
        wait_for("the question", lambda: len(self.windows()) > 1)
        time.sleep(0.4)
        self.key("alt+r")
        wait_for("the question to go", lambda: len(self.windows()) == 1)
        self.window = self.windows()[0]
        run("xdotool", "windowfocus", self.window)
        time.sleep(0.5)

    def ends(self, seconds=10.0):
        wait_for("the program to end", lambda: self.process.poll() is not None, seconds)
        assert self.process.returncode == 0, f"ended with {self.process.returncode}"

    def picture(self):
        """What stands on the screen, for whoever looks into a failure."""
        folder = os.environ.get("GW_STORY_PICTURES")
        if folder and shutil.which("import"):
            run("import", "-window", "root", pathlib.Path(folder) / f"story-{self.process.pid}.png", check=False)

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.log.seek(0)
        text = self.log.read()
        self.log.close()
        assert "CRITICAL" not in text and "WARNING" not in text, text


def node(document, name):
    found = [item for item in document["nodes"] if item["name"] == name]
    assert found, f"no node {name} in {[item['name'] for item in document['nodes']]}"
    return found[0]


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
        folder, data = wait_for("the training to end", lambda: info("done"), 60.0)
        assert data["metrics"]["accuracy"] > 0.9, data["metrics"]
        assert list(folder.glob("events.out.tfevents.*")), "events were written"
        assert (folder / "checkpoint").exists(), "checkpoints were written"
        assert (folder / "graph.gw").exists()

        program.key("shift+ctrl+F5")
        wait_for("a second run", lambda: len(list(runs.glob("*/run.json"))) == 2)
        wait_for("the second run to end", lambda: len([1 for found in runs.glob("*/run.json") if json.loads(
            found.read_text(encoding="utf-8"))["state"] == "done"]) == 2, 60.0)
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
        time.sleep(0.4)
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
        time.sleep(0.4)
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
    found = wait_for("the copy", lambda: list(copies.glob("*.gw")), 10.0)
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


def skip():
    """Says what is missing, if anything is."""
    if all(shutil.which(tool) for tool in NEEDED):
        return False
    print("1..0 # SKIP needs", ", ".join(NEEDED))
    return True


def inside(script):
    """The script again, on a display of its own."""
    os.environ["GW_STORY_INSIDE"] = "1"
    command = ["dbus-run-session", "--", "xvfb-run", "-a", "-s", "-screen 0 1280x800x24 -noreset", sys.executable,
               os.path.abspath(script), *sys.argv[1:]]
    return subprocess.run(command, check=False).returncode


def tell(stories):
    """Each story (name, function of a home folder) as a test."""
    failed = 0
    print(f"1..{len(stories)}")
    for number, (name, story) in enumerate(stories, 1):
        with tempfile.TemporaryDirectory() as folder:
            home = pathlib.Path(folder)
            (home / "config" / "gtk-4.0").mkdir(parents=True)
            (home / "config" / "gtk-4.0" / "settings.ini").write_text("[Settings]\ngtk-font-name=Cantarell 11\n")
            try:
                story(home)
                print(f"ok {number} - {name}", flush=True)
            except (AssertionError, KeyError, ValueError, OSError, subprocess.SubprocessError) as error:
                print(f"not ok {number} - {name}\n# " + str(error).replace("\n", "\n# "), flush=True)
                failed += 1
    return 1 if failed else 0


def main():
    program, examples = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
    if skip():
        return SKIPPED
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
