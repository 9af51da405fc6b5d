#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Adds up what meson's test logs say: "N passed, N failed, N skipped".

    tools/count-tests.py LOG.json...              counts; status 1 if one failed or none ran
    tools/count-tests.py --failures LOG.json   what the tests that failed wrote
    tools/count-tests.py --list BUILD FOLDER...   names of the tests whose program lies in these folders

A program that speaks TAP counts by its test points, any other as one. A program that ends badly
although all its points passed (a crash, a leak report) counts as one failure more.
"""

import json
import pathlib
import re
import subprocess
import sys

POINT = re.compile(r"^(not )?ok\b(?:[^#\\]|\\.)*(?:#\s*(SKIP|T[O]DO))?", re.IGNORECASE)
SHOWN_LINES = 60
GOOD = {"OK", "EXPECTEDFAIL"}


def count_points(output):
    """Passed, failed, skipped test points of TAP text; nested sub-tests are indented and not counted."""
    passed = failed = skipped = 0
    for line in output.splitlines():
        point = POINT.match(line)
        if point is None:
            continue
        directive = (point[2] or "").upper()
        if directive == "SKIP":
            skipped += 1
        elif point[1] and not directive:
            failed += 1
        else:
            passed += 1
    return passed, failed, skipped


def count_test(test):
    passed, failed, skipped = count_points(test.get("stdout") or "")
    if test["result"] == "SKIP":
        return (passed, failed, skipped) if skipped else (passed, failed, 1)
    if test["result"] in GOOD:
        return (passed, failed, skipped) if passed + skipped else (1, 0, 0)
    return passed, max(failed, 1), skipped


def read(log):
    return [json.loads(line) for line in pathlib.Path(log).read_text(encoding="utf-8", errors="replace").splitlines()]


def show_failures(log):
    """For each bad test its name and the end of its output, less the points that passed."""
    for test in read(log):
        if count_test(test)[1] == 0:
            continue
        print(f"--- {test['name']}: {test['result']}, status {test['returncode']}, {' '.join(test['command'])}")
        for output in (test.get("stdout") or "", test.get("stderr") or ""):
            lines = [line for line in output.splitlines() if not line.startswith(("ok ", "# Start of", "# End of"))]
            print("\n".join(lines[-SHOWN_LINES:]))


def count(logs):
    total = [0, 0, 0]
    for log in logs:
        for test in read(log):
            total = [a + b for a, b in zip(total, count_test(test))]
    print("{} passed, {} failed, {} skipped".format(*total))
    return 1 if total[1] or not any(total) else 0


def list_tests(build, folders):
    build = pathlib.Path(build).resolve()
    text = subprocess.run(["meson", "introspect", "--tests", str(build)], check=True,
                          capture_output=True, text=True).stdout
    roots = [build / folder for folder in folders]
    for test in json.loads(text):
        if any(root in pathlib.Path(test["cmd"][0]).parents for root in roots):
            print(test["name"])
    return 0


if __name__ == "__main__":
    if len(sys.argv) > 2 and sys.argv[1] == "--list":
        sys.exit(list_tests(sys.argv[2], sys.argv[3:]))
    if len(sys.argv) == 3 and sys.argv[1] == "--failures":
        sys.exit(show_failures(sys.argv[2]))
    sys.exit(count(sys.argv[1:]))
