#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The examples that ship: each is whole, gives what its notes say, trains twice the same, and is drawn. TAP.

    tests/cli/test_examples.py GW EXAMPLES
"""

import json
import pathlib
import struct

from harness import EXAMPLES, case, data_of, example, gw, main, tags, variables, with_data

NAMES = sorted(path.stem for path in EXAMPLES.glob("*.gw"))
TRAINED = [name for name in NAMES if json.loads((EXAMPLES / f"{name}.gw").read_text())["training"]["targets"]]


def each(names, kind):
    """A test of its own for each of the examples."""
    def declare(check):
        for name in names:
            def test(folder, name=name):
                check(folder, name)
            test.__name__ = f"{name.replace('-', '_')}_{kind}"
            case(test)
        return check
    return declare


# ---- whole ----

@case
def the_examples_are_those_that_are_known(folder):
    assert {"fashion-mlp", "hello", "linear-regression", "logistic-regression", "xor"} <= set(NAMES), NAMES
    assert len(TRAINED) >= 4
    for path in EXAMPLES.glob("*.gw"):
        document = json.loads(path.read_text())
        assert document["frames"] and any(len(frame.get("text", "")) > 40 for frame in document["frames"]), path


@each(NAMES, "has_no_problems")
def has_no_problems(folder, name):
    path = with_data(folder, name)
    assert "no problems" in gw("check", path).out
    done = gw("check", path, "--json").event("done")
    assert done["errors"] == done["warnings"] == 0 < done["nodes"]
    # a file that the program writes itself says the same
    if json.loads(path.read_text())["training"]["targets"]:
        gw("train", path, "--steps", 1, "--run-dir", f"{folder}/run")
        written = pathlib.Path(folder, "run/graph.gw")
        assert gw("check", written, "--json").event("done") == done


@case
def hello_says_hello_world(folder):
    path = example(folder, "hello")
    assert '"Hello, world"' in gw("run", path, "--fetch", "message").out
    value = gw("run", path, "--fetch", "message", "--json").events()[0]["value"]
    assert value == value | {"dtype": "string", "shape": [], "data": ["Hello, world"]}


def fetched(path, *names):
    """Values that one run gives."""
    fetches = [part for name in names for part in ("--fetch", name)]
    return [event["value"]["data"] for event in gw("run", path, *fetches, "--json").events() if "value" in event]


@case
def conditions_and_loops_give_what_the_notes_say(folder):
    path = example(folder, "conditions-and-loops")
    absolute, root, derivative, averages = fetched(path, "absolute", "root", "derivative", "averages")
    assert absolute == [3.5]
    assert abs(root[0] - 2 ** 0.5) < 1e-6 and abs(derivative[0] - 0.5 / 2 ** 0.5) < 1e-5
    assert averages == [0, 0.5, 0.75, 0.875, 0.4375, 0.21875, 0.109375, 2.0546875]
    assert fetched(path, "averages:1") == [[2.0546875]]
    document = json.loads(pathlib.Path(path).read_text())
    for node in document["nodes"]:
        if node["name"] == "x":
            node["attrs"]["value"]["data"] = [2.5]
    pathlib.Path(path).write_text(json.dumps(document))
    assert fetched(path, "absolute") == [[2.5]]


@case
def counters_count_in_the_order_of_control_edges(folder):
    path = example(folder, "counters")
    assert fetched(path, "before", "after", "mean", "add_to_total") == [[0], [1], [1], [1]]
    assert fetched(path, "before") == [[0]]
    assert fetched(path, "after") == [[1]]


# ---- the same again ----

@each(TRAINED, "is_reproducible")
def is_reproducible(folder, name):
    path = with_data(folder, name)
    done = {}
    for run, arguments in {"one": ["--seed", 7, "--threads", 1], "two": ["--seed", 7, "--threads", 2],
                           "again": ["--seed", 7, "--threads", 2], "other": ["--seed", 8, "--threads", 2]}.items():
        done[run] = gw("train", path, "--steps", 60, *arguments, "--run-dir", f"{folder}/{run}", "--json").event("done")
    data = {run: data_of(result["checkpoint"]) for run, result in done.items()}
    assert len(data["one"]) > 0 and data["one"] == data["two"] == data["again"] != data["other"]
    index = {run: pathlib.Path(f"{folder}/{run}/model.ckpt-60.index").read_bytes() for run in done}
    assert index["one"] == index["two"] == index["again"]
    for key in ("loss", "test_loss", "metrics"):
        assert done["one"][key] == done["two"][key] == done["again"][key], key
    assert done["one"]["loss"] != done["other"]["loss"]


# ---- what a run leaves ----

@each(TRAINED, "records_its_run")
def records_its_run(folder, name):
    path = with_data(folder, name)
    document = json.loads(path.read_text())
    names = {node["id"]: node["name"] for node in document["nodes"]}
    gw("train", path, "--steps", 40, "--set", "training.evaluate_every=20", "--set", "training.histograms_every=20",
       "--run-dir", f"{folder}/run")
    found = tags(f"{folder}/run")
    evaluated = {names[metric] for metric in document["training"]["metrics"]} | ({"test/loss"} if "data" in document else set())
    assert {"loss"} | evaluated <= set(found) and found["loss"]["count"] == 40, found
    assert {(found[tag]["count"], found[tag]["last_step"]) for tag in evaluated} == {(2, 40)}, found
    saved = variables(f"{folder}/run/model.ckpt-40")
    histograms = {tag: facts["count"] for tag, facts in found.items() if facts["plugin"] == "histograms"}
    assert histograms and set(histograms) <= set(saved) and set(histograms.values()) == {2}, found
    assert saved["global_step"]["dtype"] == "int64" and saved["global_step"]["max"] == 40
    info = json.loads(pathlib.Path(folder, "run/run.json").read_text())
    assert (info["state"], info["steps"], info["document"]) == ("done", 40, path.name)


# ---- pictures ----

@each(NAMES, "is_drawn")
def is_drawn(folder, name):
    path = with_data(folder, name)
    pictures = {}
    for extension, magic in {"png": b"\x89PNG\r\n\x1a\n", "svg": b"<?xml", "pdf": b"%PDF-"}.items():
        picture = pathlib.Path(folder, f"picture.{extension}")
        gw("render", path, "-o", picture)
        pictures[extension] = picture.read_bytes()
        assert pictures[extension].startswith(magic) and len(pictures[extension]) > 2000, extension
    width, height = struct.unpack(">II", pictures["png"][16:24])
    assert pictures["png"].endswith(b"IEND\xaeB`\x82") and width > 300 and height > 100, (width, height)
    assert pictures["svg"].rstrip().endswith(b"</svg>") and pictures["svg"].count(b"<path") > 10
    assert b"%%EOF" in pictures["pdf"][-10:]


main()
