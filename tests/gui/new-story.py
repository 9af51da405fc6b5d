#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The New window by real keys. Usage: new-story.py PROGRAM"""

import importlib.util
import json
import os
import pathlib
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
spec = importlib.util.spec_from_file_location("story", HERE / "story.py")
story = importlib.util.module_from_spec(spec)
spec.loader.exec_module(story)
run, wait_for = story.run, story.wait_for


class Sitting(story.Program):
    """A program whose other windows are driven as well."""

    def focus(self, window):
        run("xdotool", "windowfocus", window, check=False)
        time.sleep(0.4)

    def other_window(self):
        """The window that came last."""
        def found():
            others = [window for window in self.windows() if window != self.window]
            return others[-1] if others else None
        window = wait_for("another window", found)
        time.sleep(0.6)
        self.focus(window)
        return window


def new_documents(path, home):
    """Ctrl+N on what is empty leaves it; a template fills it; Enter beside work opens another window."""
    program = Sitting(path, home)
    file = home / "template.gw"

    try:
        program.key("ctrl+n")
        program.other_window()
        program.key("Return")
        wait_for("the New window to go", lambda: len(program.windows()) == 1)
        program.focus(program.window)
        program.key("ctrl+n")
        program.other_window()
        program.key("Down", "Return")
        wait_for("the New window to go", lambda: len(program.windows()) == 1)
        program.focus(program.window)
        time.sleep(1)
        program.save_as(file)
        names = {item["op"] for item in json.loads(file.read_text(encoding="utf-8"))["nodes"]}
        assert "Minimize" in names, names
        program.key("ctrl+n")
        program.other_window()
        program.key("Return")
        wait_for("a window for the empty document", lambda: len(program.windows()) == 2)
    except BaseException:
        program.picture()
        raise
    finally:
        program.stop()


def main():
    program = os.path.abspath(sys.argv[1])
    if story.skip():
        return 0
    if os.environ.get("GW_STORY_INSIDE") is None:
        return story.inside(__file__)
    return story.tell([("new documents", lambda home: new_documents(program, home))])


if __name__ == "__main__":
    sys.exit(main())
