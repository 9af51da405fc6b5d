#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the stories share: the program in a window, driven by real pointer and key events. What happened
is read from the files that it writes. No step waits for a time: it waits until the window rests, or for
what the step is to bring about, so that a slow machine is late and not wrong."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import typing

NEEDED = ("xdotool", "xvfb-run", "dbus-run-session")


def run(*command, check=True):
    return subprocess.run([str(part) for part in command], check=check, capture_output=True, text=True).stdout.strip()


def wait_for(what, condition, seconds=120.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError(f"timed out: {what}")


class Widget(typing.NamedTuple):
    """A widget on the screen, as watched.c tells it."""

    depth: int
    type: str
    name: str
    text: str
    tooltip: str
    x: int
    y: int
    width: int
    height: int
    sensitive: bool
    window: str

    def middle(self):
        return self.x + self.width // 2, self.y + self.height // 2

    def beside(self, other):
        """In the same row."""
        return self.y < other.middle()[1] < self.y + self.height

    @classmethod
    def of_line(cls, line):
        words = [word.encode("latin-1", "backslashreplace").decode("unicode_escape").encode("latin-1", "replace")
                 .decode("utf-8", "replace") if i in (3, 4) else word for i, word in enumerate(line.split("\t"))]
        return cls(int(words[0]), *words[1:5], *map(int, words[5:9]), words[9] == "1", words[10])


class Program:
    """One run of the program in a window of 1280 by 800."""

    accessibility = "none"  # or "atspi": what GTK talks to

    def __init__(self, path, home, *arguments):
        self.home = home
        environment = dict(os.environ, HOME=str(home), XDG_STATE_HOME=str(home / "state"), XDG_DATA_HOME=str(home / "data"),
                           XDG_CONFIG_HOME=str(home / "config"), XDG_CACHE_HOME=str(home / "cache"),
                           GSETTINGS_BACKEND="memory", ADW_DISABLE_PORTAL="1", GTK_A11Y=self.accessibility,
                           GSK_RENDERER="cairo",
                           GW_STORY_MAP=str(home / "map"))
        # GTK's file chooser leaks strings of its own (4.8); what windows of ours leak, tests without it see.
        environment["ASAN_OPTIONS"] = environment.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
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
        wait_for("the window's size", lambda: "1280x800" in run("xdotool", "getwindowgeometry", self.window, check=False))
        self.settle()

    def work(self):
        """Whether the main thread sleeps, and the seconds it has worked. All zero once it has gone."""
        task = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}")
        try:
            state = (task / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
            return state == "S", int((task / "schedstat").read_text(encoding="utf-8").split()[0]) * 1e-9
        except (OSError, IndexError):
            return True, 0.0

    def settle(self, seconds=3.0):
        """Until the main thread rests: it has taken its events and drawn what came of them. While a training
        makes it work on and on, that many seconds at most."""
        end = time.monotonic() + seconds
        rests, before = 0, self.work()[1]
        while rests < 2 and time.monotonic() < end:
            time.sleep(0.05)
            sleeps, now = self.work()
            rests = rests + 1 if sleeps and now - before < 0.002 else 0
            before = now

    def point(self, x, y):
        """Moves the pointer there, by a last small step, as a hand does."""
        run("xdotool", "mousemove", x - 6, y)
        self.settle()
        run("xdotool", "mousemove", x, y)
        self.settle()

    def widgets(self):
        """What is shown now, in the order of the tree. Only of a program that has watched.c."""
        path = self.home / "map"
        path.unlink(missing_ok=True)
        self.process.send_signal(signal.SIGUSR1)
        wait_for("the map of the window", path.exists)
        return [Widget.of_line(line) for line in path.read_text(encoding="utf-8").splitlines()]

    def all(self, text=None, type=None, tooltip=None):
        """The widgets shown that have this text or tooltip; types by their beginning."""
        return [widget for widget in self.widgets()
                if (text is None or widget.text == text) and (tooltip is None or widget.tooltip.startswith(tooltip))
                and (type is None or widget.type.startswith(type)) and widget.width > 0]

    def find(self, text=None, type=None, tooltip=None):
        """The first of them, as soon as there is one."""
        return wait_for(f"{text or tooltip or type} on the screen", lambda: self.all(text, type, tooltip))[0]

    def ready(self, text=None, type=None, tooltip=None):
        """The first that takes presses; what stands there may be waiting for a worker."""
        return wait_for(f"{text or tooltip or type} to be pressed",
                        lambda: [widget for widget in self.all(text, type, tooltip) if widget.sensitive])[0]

    def press(self, text=None, type=None, tooltip=None):
        """Clicks it, in whatever window it is, where it stands once all rests."""
        self.point(*self.ready(text, type, tooltip).middle())
        found = self.ready(text, type, tooltip)
        self.click(*found.middle())
        return found

    def press_for(self, words, text=None, type=None, tooltip=None):
        """Presses until these words stand there: without a window manager GTK can lose the press that follows
        when a window or a list has gone."""
        for _ in range(4):
            self.press(text, type, tooltip)
            try:
                return self.says(words, 8)
            except AssertionError:
                pass
        return self.says(words, 1)

    def in_sight(self, found):
        """Scrolls until it stands wholly in what scrolls it; where it stands then."""
        for _ in range(40):
            around, stack = None, []
            for widget in self.widgets():
                del stack[widget.depth:]
                stack += [None] * (widget.depth - len(stack)) + [widget]
                if widget[1:5] == found[1:5] and abs(widget.x - found.x) < 3 and widget.width == found.width:
                    around = [above for above in stack if above is not None and above.type == "GtkScrolledWindow"]
                    found = widget
                    if abs(widget.y - found.y) < 3:
                        break
            if not around or around[-1].y <= found.y and found.y + found.height <= around[-1].y + around[-1].height:
                return found
            view = around[-1]
            run("xdotool", "mousemove", view.x + 4, view.y + view.height // 2, "click", 5 if found.y > view.y else 4)
            self.settle()
        raise AssertionError(f"{found} does not come into sight")

    def field(self, label, *types):
        """What a row with this label lets one change."""
        title = self.in_sight(self.find(label, "GtkLabel"))
        kinds = types or ("GtkText", "GtkDropDown", "GtkSwitch", "GtkEntry")
        found = [widget for widget in self.widgets() if widget.type in kinds and widget.beside(title)
                 and widget.x > title.x and widget.x < title.x + 300]
        assert found, f"no field beside {label}"
        return found[0]

    def enter(self, label, text):
        """Into a field, in place of what stands there."""
        self.click(*self.field(label, "GtkText").middle())
        self.key("ctrl+a")
        self.type(text)
        self.key("Return")

    def pick(self, drop_down, entry):
        """An entry of a drop-down, from the list that it opens."""
        self.click(*drop_down.middle())
        self.press_last(entry)

    def press_last(self, text):
        """The last label with this text: a list that stands over the window comes after it in the tree."""
        wait_for(f"{text} to choose", lambda: self.all(text, "GtkLabel"), 30)
        self.settle()
        self.click(*self.all(text, "GtkLabel")[-1].middle())

    def choose(self, label, entry):
        """An entry of the drop-down of a row."""
        self.pick(self.field(label, "GtkDropDown"), entry)

    def type_path(self, path, before):
        """A path into the file chooser that comes up beside the windows of before."""
        chooser = wait_for("the file chooser", lambda: set(self.windows()) - set(before)).pop()
        self.settle()
        self.key("ctrl+l")
        self.key("ctrl+a")
        self.type(str(path))
        # The chooser's own completion may take the first Return.
        for _ in range(5):
            self.key("Return")
            self.settle()
            if chooser not in self.windows():
                break
        wait_for("the file chooser to go", lambda: chooser not in self.windows())
        run("xdotool", "windowfocus", self.window, check=False)
        self.settle()

    def chosen(self, path, press):
        """A path typed into the chooser that comes up by pressing."""
        before = self.windows()
        press()
        try:
            self.type_path(path, before)
        except AssertionError:
            self.picture()
            raise

    def texts(self):
        return [widget.text for widget in self.widgets() if widget.text]

    def says(self, words, seconds=30):
        """The first text on the screen that has these words in it."""
        return wait_for(f"“{words}” on the screen", lambda: [text for text in self.texts() if words in text], seconds)[0]

    def windows(self):
        return run("xdotool", "search", "--onlyvisible", "--pid", self.process.pid, check=False).split()

    def key(self, *keys):
        for name in keys:
            run("xdotool", "key", "--clearmodifiers", name)
            self.settle()

    def type(self, text):
        run("xdotool", "type", "--delay", "15", text)
        self.settle()

    def click(self, x, y, *modifiers):
        self.point(x, y)
        for modifier in modifiers:
            run("xdotool", "keydown", modifier)
        run("xdotool", "click", 1)
        for modifier in modifiers:
            run("xdotool", "keyup", modifier)
        self.settle()

    def drag(self, x0, y0, x1, y1):
        run("xdotool", "mousemove", x0, y0, "mousedown", 1)
        for i in range(1, 11):
            run("xdotool", "mousemove", x0 + (x1 - x0) * i // 10, y0 + (y1 - y0) * i // 10)
            time.sleep(0.02)
        run("xdotool", "mouseup", 1)
        self.settle()

    def add(self, op, x, y):
        """An op by the search at a point of the canvas."""
        self.key("Escape", "Escape")
        self.point(x, y)
        self.key("Tab")
        self.type(op)
        self.key("Return")

    def save_as(self, path):
        before = len(self.windows())
        self.key("ctrl+shift+s")
        wait_for("the dialog", lambda: len(self.windows()) > before)
        self.settle()
        self.key("ctrl+a")
        self.type(str(path))
        self.key("Return")
        wait_for(f"{path.name} on disk", path.exists)
        wait_for("the dialog to go", lambda: len(self.windows()) == before)
        run("xdotool", "windowfocus", self.window)
        self.settle()

    def save(self, path):
        before = path.stat().st_mtime_ns
        self.key("ctrl+s")
        wait_for("the file to be written", lambda: path.stat().st_mtime_ns != before)
        return json.loads(path.read_text(encoding="utf-8"))

    def take_up(self):
        """Says yes to what a killed program left."""
        wait_for("the question", lambda: len(self.windows()) > 1)
        self.settle()
        self.key("alt+r")
        wait_for("the question to go", lambda: len(self.windows()) == 1)
        self.window = self.windows()[0]
        run("xdotool", "windowfocus", self.window)
        self.settle()

    def ends(self, seconds=60.0):
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
        if self.log.closed:
            return
        self.log.seek(0)
        text = self.log.read()
        self.log.close()
        assert "CRITICAL" not in text and "WARNING" not in text, text


def node(document, name):
    found = [item for item in document["nodes"] if item["name"] == name]
    assert found, f"no node {name} in {[item['name'] for item in document['nodes']]}"
    return found[0]


def skip():
    """Says what is missing, if anything is."""
    if all(shutil.which(tool) for tool in NEEDED):
        return False
    print("1..0 # SKIP needs", ", ".join(NEEDED))
    return True


def inside(script):
    """The script again, on a display of its own."""
    os.environ["GW_STORY_INSIDE"] = "1"
    command = ["dbus-run-session", "--", "xvfb-run", "-a", "-s", "-screen 0 1280x800x24 -noreset -r", sys.executable,
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
