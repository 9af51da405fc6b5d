# SPDX-License-Identifier: Apache-2.0
"""Size and form of the files, and what the engine must not call."""

import re

from sources import SOURCES

MOST_LINES = 800
MOST_FUNCTION_LINES = 80
ALLOWED = "tests/lint/long-functions.txt"

UNFINISHED = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X")) + r")\b")
SPDX = "SPDX-License-Identifier: Apache-2.0"
ENGINE_CALLS = re.compile(
    r"(?<![\w>.])((?:v?printf|puts|putchar|perror|g_print|g_printerr|g_message|g_warning|g_critical|"
    r"exit|_exit|abort|getenv|secure_getenv|setenv|unsetenv|putenv|g_getenv|g_setenv|g_unsetenv|"
    r"setjmp|longjmp)\s*\(|(?:stdout|stderr)\b)")

# What a library leaves no other way for: file → the calls it may make.
ENGINE_EXCEPTIONS = {
    # OpenBLAS reads its choice of kernels from the environment while it is loaded.
    "engine/device/cpu/blas.c": {"g_getenv", "g_setenv", "g_unsetenv"},
    # libpng and libjpeg report errors by longjmp alone.
    "engine/files/image-file.c": {"setjmp", "longjmp"},
    "engine/files/jpeg-file.c": {"setjmp", "longjmp"},
}


def is_source(source):
    return source.suffix in SOURCES or source.is_script


def check_file_length(tree):
    """No file has more than 800 lines."""
    for source in tree.files:
        if (is_source(source) or source.suffix == ".ui") and len(source.lines) > MOST_LINES:
            yield source.path, MOST_LINES + 1, f"{len(source.lines)} lines; at most {MOST_LINES}"


def functions(source):
    """(name, line of '{', lines from '{' to '}') of every function in GTK style."""
    lines = source.bare.splitlines()
    opening = None
    for i, line in enumerate(lines):
        if line.startswith("{"):
            opening = i
        elif line.startswith("}") and opening is not None:
            # '}' alone ends a function; '};' and '} Name;' end data and types
            if line.rstrip() == "}":
                yield function_name(lines, opening), opening + 1, i - opening + 1
            opening = None


def function_name(lines, opening):
    for line in reversed(lines[max(0, opening - 12):opening]):
        match = re.match(r"(\w+)\s*\(", line)
        if match:
            return match[1]
    return "?"


def read_allowed(tree):
    """(path, function) → lines. Entries: PATH FUNCTION LINES; '#' begins a comment."""
    allowed = {}
    path = tree.root / ALLOWED
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip() and not line.startswith("#"):
                name, function, lines = line.split()
                allowed[name, function] = int(lines)
    return allowed


def check_function_length(tree):
    """No function has more than 80 lines; the list of exceptions may only shrink."""
    allowed = read_allowed(tree)
    for source in tree.code():
        for name, line, length in functions(source):
            if length <= MOST_FUNCTION_LINES:
                continue
            limit = allowed.pop((source.path, name), None)
            if limit is None:
                yield source.path, line, f"{name} has {length} lines; at most {MOST_FUNCTION_LINES}"
            elif length != limit:
                yield source.path, line, f"{name} has {length} lines, {ALLOWED} says {limit}"
    for path, name in allowed:
        yield ALLOWED, 1, f"{path} {name} is not too long any more: take it off the list"


def check_braces(tree):
    """A function's brace stands on its own line (or all of it on one line), so that its length is seen."""
    for source in tree.code():
        for i, line in enumerate(source.bare.splitlines()):
            if re.match(r"[A-Za-z_].*\)\s*\{(?!.*\}\s*$)", line) and not line.startswith(("extern", "typedef")):
                yield source.path, i + 1, "the brace of a function stands on its own line"


def check_unfinished(tree):
    """Nothing is marked as unfinished."""
    for source in tree.files:
        for i, line in enumerate(source.lines):
            match = UNFINISHED.search(line)
            if match:
                yield source.path, i + 1, f"{match[1]}: finish it or file an issue"


def check_white_space(tree):
    """No white space at the end of a line, no tab in code, a new line at the end of the file."""
    for source in tree.files:
        for i, line in enumerate(source.lines):
            if line != line.rstrip():
                yield source.path, i + 1, "white space at the end of the line"
            if source.is_code and "\t" in line:
                yield source.path, i + 1, "a tab"
        if source.text and not source.text.endswith("\n"):
            yield source.path, len(source.lines), "no new line at the end"


def check_pragma(tree):
    """Every header says #pragma once."""
    for source in tree.code():
        if source.suffix in (".h", ".cuh") and not re.search(r"^#pragma once$", source.text, re.MULTILINE):
            yield source.path, 1, "no #pragma once"


def check_license(tree):
    """Every source names the licence in its first lines."""
    for source in tree.files:
        if is_source(source) and not any(SPDX in line for line in source.lines[:3]):
            yield source.path, 1, f"no {SPDX}"


def check_engine_calls(tree):
    """The engine does not print, leave, jump or read the environment."""
    for source in tree.code("engine"):
        for match in ENGINE_CALLS.finditer(source.bare):
            call = match[1].split("(")[0].strip()
            if call in ENGINE_EXCEPTIONS.get(str(source.path), ()):
                continue
            yield source.path, source.line_of(match.start()), f"the engine must not use {call}"
