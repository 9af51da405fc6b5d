# SPDX-License-Identifier: Apache-2.0
"""What the tests of `gw` share: running it, writing documents, TAP.

A test file is called with GW EXAMPLES, declares functions (folder) with @case and ends with main().
Where one of these has given a status of its own to expect, a crash never passes for it, and a warning
of GLib ends the program.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import traceback

GW, EXAMPLES = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
ENVIRONMENT = os.environ | {"G_DEBUG": "fatal-warnings", "LC_ALL": "C.UTF-8"}
FASHION = pathlib.Path("/usr/share/datasets/fashion-mnist")
TIMEOUT = 300 * int(os.environ.get("GW_TEST_PATIENCE", "1"))  # seconds a call; tests/run sets it for sanitizers
TESTS = []


class Skip(Exception):
    pass


def case(function):
    TESTS.append(function)
    return function


class Result:
    def __init__(self, process):
        self.status, self.out, self.err = process.returncode, process.stdout, process.stderr

    def events(self):
        return [json.loads(line) for line in self.out.splitlines()]

    def event(self, name):
        return [event for event in self.events() if event.get("event") == name][-1]


def run(*arguments, **options):
    """gw, whatever its status; but it must end by itself, and without a warning of GLib."""
    process = subprocess.run([str(GW), *map(str, arguments)], capture_output=True, text=True, errors="replace",
                             env=ENVIRONMENT, timeout=TIMEOUT, **options)
    told = f"gw {' '.join(map(str, arguments))}: status {process.returncode}\n{process.stderr[-2000:]}{process.stdout[-2000:]}"
    assert process.returncode >= 0, told
    assert not re.search(r"-(CRITICAL|WARNING) \*\*|runtime error|Sanitizer", process.stderr), told
    return Result(process)


def gw(*arguments, status=0, **options):
    result = run(*arguments, **options)
    assert result.status == status, f"gw {arguments}: status {result.status}, {result.err}{result.out[-2000:]}"
    return result


def refused(*arguments, **options):
    """The message with which gw ends with status 1: one line, which begins with "gw: "."""
    result = gw(*arguments, status=1, **options)
    lines = [line for line in result.err.splitlines() if line.startswith("gw: ") and not line.startswith("gw: warning")]
    assert len(lines) == 1, result.err
    return lines[0]


def start(*arguments, **options):
    return subprocess.Popen([str(GW), *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            env=ENVIRONMENT, **options)


def wait_for_event(process, name, times=1):
    until = time.monotonic() + TIMEOUT
    for line in process.stdout:
        times -= json.loads(line)["event"] == name
        if times == 0:
            return
        assert time.monotonic() < until, f"no {name}"
    raise AssertionError(f"ended without {name}: {process.stderr.read()}")


def node(number, name, op, attrs=None, **inputs):
    return {"id": number, "name": name, "op": op, "at": [0, 0], "attrs": attrs or {}, "inputs": {
        port: {"from": value} if isinstance(value, int) else {"literal": value} for port, value in inputs.items()}}


def write(folder, name, nodes, **parts):
    path = pathlib.Path(folder, name)
    path.write_text(json.dumps({"graphwright": 1, "nodes": nodes, **parts}), encoding="utf-8")
    return path


def example(folder, name):
    """A copy of an example, with its data, that can be changed."""
    for data in ("birth-life-2010.csv", "genesis.txt", "sonnets.txt"):
        shutil.copy(EXAMPLES / data, folder)
    return pathlib.Path(shutil.copy(EXAMPLES / f"{name}.gw", folder))


def data_of(prefix):
    return pathlib.Path(f"{prefix}.data-00000-of-00001").read_bytes()


def variables(prefix):
    return {variable["name"]: variable for variable in json.loads(gw("inspect", prefix, "--json").out)["variables"]}


def tags(run_dir):
    return {tag["tag"]: tag for tag in json.loads(gw("inspect", run_dir, "--json").out)["tags"]}


def with_data(folder, name):
    """A copy of the example; skips the test where its data set is not installed."""
    if "fashion_mnist" in (EXAMPLES / f"{name}.gw").read_text() and not FASHION.is_dir():
        raise Skip("dataset-fashion-mnist is not installed")
    return example(folder, name)


def main():
    failed = False
    print(f"1..{len(TESTS)}", flush=True)
    for number, test in enumerate(TESTS, 1):
        folder = tempfile.mkdtemp(prefix="gw-test-")
        try:
            test(folder)
            print(f"ok {number} {test.__name__}")
        except Skip as reason:
            print(f"ok {number} {test.__name__} # SKIP {reason}")
        except Exception:
            failed = True
            for line in traceback.format_exc().splitlines():
                print(f"# {line}")
            print(f"not ok {number} {test.__name__}")
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        sys.stdout.flush()
    sys.exit(1 if failed else 0)
