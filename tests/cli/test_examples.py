#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The examples that ship: each is whole, trains to its known result, twice the same, and is drawn. TAP.

    tests/cli/test_examples.py GW EXAMPLES
"""

import json
import pathlib
import struct

from harness import EXAMPLES, FASHION, Skip, case, data_of, example, gw, main, tags, variables

NAMES = sorted(path.stem for path in EXAMPLES.glob("*.gw"))
TRAINED = [name for name in NAMES if json.loads((EXAMPLES / f"{name}.gw").read_text())["training"]["targets"]]


def with_data(folder, name):
    """A copy of the example; skips the test where its data set is not installed."""
    if "fashion_mnist" in (EXAMPLES / f"{name}.gw").read_text() and not FASHION.is_dir():
        raise Skip("dataset-fashion-mnist is not installed")
    return example(folder, name)


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
        assert document["frames"] and all(len(frame["text"]) > 40 for frame in document["frames"]), path


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


# ---- known results ----

def train_and_evaluate(folder, name, *arguments):
    """What `gw train` ends with; `gw eval` of the checkpoint says the same."""
    path = with_data(folder, name)
    result = gw("train", path, *arguments, "--run-dir", f"{folder}/run", "--json")
    done = result.event("done")
    evaluated = gw("eval", path, "--checkpoint", done["checkpoint"], "--json").event("done")
    assert evaluated["metrics"] == done["metrics"] and evaluated["loss"] == done["test_loss"]
    loss = tags(f"{folder}/run")["loss"]
    assert (loss["plugin"], loss["first_step"], loss["last_step"], loss["count"]) == ("scalars", 1, done["steps"], done["steps"])
    return done


@case
def xor_is_learned(folder):
    done = train_and_evaluate(folder, "xor", "--epochs", 20)
    assert done["metrics"]["accuracy"] >= 0.97, done
    straight = gw("train", f"{folder}/xor.gw", "--set", "hidden.units=1", "--json").event("done")
    assert straight["metrics"]["accuracy"] < 0.9, straight # as the note in it says


@case
def linear_regression_finds_the_line(folder):
    done = train_and_evaluate(folder, "linear-regression")
    assert done["metrics"]["mean_error"] <= 5, done
    path = f"{folder}/linear-regression.gw"
    weight, bias = (gw("run", path, "--fetch", name, "--checkpoint", f"{folder}/run", "--json").events()[0]["value"]["data"][0]
                    for name in ("weight", "bias"))
    assert -9 < weight < -7 and 68 < bias < 72, (weight, bias)


@case
def logistic_regression_tells_clothes_apart(folder):
    done = train_and_evaluate(folder, "logistic-regression", "--epochs", 1)
    assert done["steps"] == 469 and done["metrics"]["accuracy"] >= 0.78, done


@case
def fashion_mlp_tells_clothes_apart(folder):
    done = train_and_evaluate(folder, "fashion-mlp", "--epochs", 1)
    assert done["steps"] == 600 and done["metrics"]["accuracy"] >= 0.78, done
    confusion = gw("eval", f"{folder}/fashion-mlp.gw", "--checkpoint", f"{folder}/run", "--json").event("done")
    assert confusion["examples"] == 10000 and len(confusion["classes"]) == 10
    right = sum(confusion["confusion"][i][i] for i in range(10))
    assert abs(right / 10000 - done["metrics"]["accuracy"]) < 1e-6


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
    assert {"loss", "test/loss"} | {names[metric] for metric in document["training"]["metrics"]} <= set(found), found
    assert (found["loss"]["count"], found["test/loss"]["count"], found["test/loss"]["last_step"]) == (40, 2, 40)
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
