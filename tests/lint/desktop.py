#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The desktop file, the software-centre entry and the MIME type: valid, and agreeing with each other. TAP."""

import argparse
import configparser
import pathlib
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

ID = "io.github.graphwright.Graphwright"
MIME = "{http://www.freedesktop.org/standards/shared-mime-info}"


class Skip(Exception):
    """A tool that this machine lacks."""


def run(program, *arguments):
    if shutil.which(program) is None:
        raise Skip(f"{program} is not installed")
    done = subprocess.run([program, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False)
    return done.stdout.splitlines() if done.returncode else []


class Desktop:
    def __init__(self, root):
        self.root = root
        folder = root / "resources/desktop"
        self.desktop = folder / f"{ID}.desktop"
        self.metainfo = folder / f"{ID}.metainfo.xml"
        self.mime = folder / f"{ID}.xml"

    def check_desktop(self):
        """The desktop file is valid."""
        return run("desktop-file-validate", str(self.desktop))

    def check_metainfo(self):
        """The software-centre entry is valid."""
        return run("appstreamcli", "validate", "--no-net", str(self.metainfo))

    def check_agreement(self):
        """Desktop file, entry, MIME type and icons name the same things."""
        entry = configparser.RawConfigParser()
        entry.optionxform = str
        entry.read(self.desktop, encoding="utf-8")
        entry = entry["Desktop Entry"]
        component = ElementTree.parse(self.metainfo).getroot()
        mime = ElementTree.parse(self.mime).getroot().find(f"{MIME}mime-type")
        icons = self.root / "resources/icons"
        facts = {
            "the component's id": (component.findtext("id"), ID),
            "the launchable": (component.findtext("launchable"), self.desktop.name),
            "the icon of the desktop file": (entry["Icon"], ID),
            "the icon of the entry": (component.findtext("icon"), ID),
            "the icon of the MIME type": (mime.find(f"{MIME}icon").get("name"), ID),
            "the MIME type of the desktop file": (entry["MimeType"], mime.get("type") + ";"),
            "the MIME type of the entry": (component.findtext("provides/mediatype"), mime.get("type")),
            "the file pattern": (mime.find(f"{MIME}glob").get("pattern"), "*.gw"),
            "the program": (entry["Exec"].split()[0], component.findtext("provides/binary")),
            "the drawing": ((icons / f"{ID}.svg").is_file(), True),
            "the symbolic drawing": ((icons / f"symbolic/{ID}-symbolic.svg").is_file(), True),
        }
        return [f"{what} is {found!r}, not {wanted!r}" for what, (found, wanted) in facts.items() if found != wanted]

    def check_drawn(self):
        """The symbolic icons are those of strokes.txt."""
        return run(sys.executable, str(self.root / "tools/draw-icons.py"), "--check", "--root", str(self.root))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parents[2])
    desktop = Desktop(parser.parse_args().root)
    checks = [desktop.check_desktop, desktop.check_metainfo, desktop.check_agreement, desktop.check_drawn]
    print(f"1..{len(checks)}")
    failed = False
    for number, check in enumerate(checks, 1):
        try:
            problems, note = check(), ""
        except Skip as skip:
            problems, note = [], f" # SKIP {skip}"
        failed |= bool(problems)
        print(f"{'not ok' if problems else 'ok'} {number} - {check.__doc__}{note}")
        for problem in problems:
            print(f"# {problem}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
