#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tools/count-tests.py against logs written by hand: its line and its status. TAP."""

import json
import pathlib
import subprocess
import sys
import tempfile

PROGRAM = pathlib.Path(__file__).resolve().parents[2] / "tools/count-tests.py"


def log(result, stdout="", returncode=0):
    return {"name": "x", "result": result, "stdout": stdout, "returncode": returncode}


CASES = [
    ("test points are counted one by one",
     [log("OK", "1..3\nok 1 /a\nok 2 /b # SKIP no display\nok 3 /c\n")], "2 passed, 0 failed, 1 skipped", 0),
    ("a failed point", [log("FAIL", "not ok 1 /a - x.c:3: no\nok 2 /b\n", 1)], "1 passed, 1 failed, 0 skipped", 1),
    ("a program without TAP counts once", [log("OK"), log("FAIL", "", 1)], "1 passed, 1 failed, 0 skipped", 1),
    ("a crash after good points is a failure", [log("ERROR", "ok 1 /a\n", -11)], "1 passed, 1 failed, 0 skipped", 1),
    ("a timeout is a failure", [log("TIMEOUT", "ok 1 /a\n", -15)], "1 passed, 1 failed, 0 skipped", 1),
    ("bailing out is a failure", [log("ERROR", "Bail out! x\n", 134)], "0 passed, 1 failed, 0 skipped", 1),
    ("status 77 is skipped", [log("SKIP", "", 77)], "0 passed, 0 failed, 1 skipped", 0),
    ("an empty plan is skipped", [log("SKIP", "1..0 # SKIP no GPU\n")], "0 passed, 0 failed, 1 skipped", 0),
    ("all points skipped", [log("SKIP", "ok 1 /a # SKIP\nok 2 /b # skip\n")], "0 passed, 0 failed, 2 skipped", 0),
    ("diagnostics, nested points and plain text do not count",
     [log("OK", "# ok 9\n    ok 1 inner\nokay\nok 1 /a\n")], "1 passed, 0 failed, 0 skipped", 0),
    ("an escaped # is part of the name", [log("OK", "ok 1 a \\# SKIP\n")], "1 passed, 0 failed, 0 skipped", 0),
    ("nothing ran", [], "0 passed, 0 failed, 0 skipped", 1),
]


def main():
    failed = False
    print(f"1..{len(CASES)}")
    for number, (name, tests, line, status) in enumerate(CASES, 1):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "testlog.json"
            path.write_text("".join(json.dumps(test) + "\n" for test in tests), encoding="utf-8")
            done = subprocess.run([sys.executable, PROGRAM, path], capture_output=True, text=True, check=False)
        good = done.stdout == line + "\n" and done.returncode == status
        failed |= not good
        print(f"{'ok' if good else 'not ok'} {number} - {name}")
        if not good:
            print(f"# {done.stdout!r} {done.stderr!r}, status {done.returncode}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
