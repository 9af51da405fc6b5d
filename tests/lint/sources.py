# SPDX-License-Identifier: Apache-2.0
"""The tree as the rules see it: which files there are, their lines, and C text without comments and strings."""

import pathlib
import re

SKIPPED_FOLDERS = re.compile(r"^(build.*|\.git|\.cache|__pycache__)$")
CODE = {".c", ".h", ".cu", ".cuh"}
SOURCES = CODE | {".py", ".sh", ".proto", ".css"}
TEXT = SOURCES | {".build", ".ui", ".xml", ".svg", ".desktop", ".in", ".options"}

C_TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.MULTILINE)


def blank(match):
    """Comments become blanks; strings keep their quotes, so that calls keep their shape."""
    text = match[0]
    hidden = re.sub(r"[^\n]", " ", text)
    return hidden if text.startswith("/") else text[0] + hidden[1:-1] + text[-1]


class Source:
    """One file: `path` relative to the root with '/', its `text`, and what is derived from it."""

    def __init__(self, root, path):
        self.path = path
        self.suffix = pathlib.PurePosixPath(path).suffix
        self.folder = path.rpartition("/")[0]
        self.text = (root / path).read_text(encoding="utf-8", errors="replace")
        self._bare = None

    @property
    def lines(self):
        return self.text.splitlines()

    @property
    def bare(self):
        """The text with comments and the inside of strings blanked, line numbers kept."""
        if self._bare is None:
            self._bare = C_TOKEN.sub(blank, self.text)
        return self._bare

    @property
    def is_code(self):
        return self.suffix in CODE

    @property
    def is_script(self):
        return self.suffix == "" and self.text.startswith("#!")

    def line_of(self, offset):
        return self.text.count("\n", 0, offset) + 1

    def includes(self):
        """(line, '<' or '"', name) of every include outside comments."""
        for match in INCLUDE.finditer(self.text):
            # blank() hides a commented include and leaves the '#' of a live one
            if self.bare[match.start():match.end()].lstrip().startswith("#"):
                yield self.line_of(match.start()), match[1], match[2]


class Tree:
    """All text files below `root` that belong to the project."""

    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.files = [Source(self.root, path) for path in sorted(self._paths(self.root, ""))]

    def _paths(self, folder, prefix):
        for entry in folder.iterdir():
            name = prefix + entry.name
            if entry.is_symlink():
                continue
            if entry.is_dir():
                if not SKIPPED_FOLDERS.match(entry.name):
                    yield from self._paths(entry, name + "/")
            elif entry.suffix in TEXT or (entry.suffix == "" and self._is_script(entry)):
                yield name

    @staticmethod
    def _is_script(entry):
        with entry.open("rb") as stream:
            return stream.read(2) == b"#!"

    def code(self, *prefixes):
        """C and CUDA files, all of them or those below the given folders."""
        return [f for f in self.files if f.is_code
                and (not prefixes or f.path.startswith(tuple(p + "/" for p in prefixes)))]

    def exists(self, path):
        return (self.root / path).exists()
