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


@case
def sine_line_is_the_best_line(folder):
    done = train_and_evaluate(folder, "sine-line")
    assert 0.4 < done["metrics"]["error"] < 0.5, done
    slope = gw("run", f"{folder}/sine-line.gw", "--fetch", "line/kernel", "--checkpoint", f"{folder}/run", "--json").events()[0]
    assert 0.25 < slope["value"]["data"][0] < 0.36, slope # 3 / π² = 0.304


@case
def polynomial_26_is_kept_small(folder):
    done = train_and_evaluate(folder, "polynomial-26")
    assert done["metrics"]["error"] < 0.2, done # of noise alone 0.1
    path = f"{folder}/polynomial-26.gw"
    weights = {}
    for run, arguments in {"run": [], "free": ["--set", "polynomial.kernel_regularizer=none"]}.items():
        if run != "run":
            gw("train", path, *arguments, "--run-dir", f"{folder}/{run}")
        value = gw("run", path, "--fetch", "polynomial/kernel", "--checkpoint", f"{folder}/{run}", "--json").events()[0]
        weights[run] = sum(abs(number) for number in value["value"]["data"])
    assert weights["run"] < 0.7 * weights["free"], weights
    rate = gw("run", path, "--fetch", "rate", "--checkpoint", f"{folder}/run", "--json").events()[0]
    assert abs(rate["value"]["data"][0] - 0.02 / 16) < 1e-9, rate


@case
def char_rnn_writes_what_it_read(folder):
    done = train_and_evaluate(folder, "char-rnn", "--epochs", 6)
    assert done["loss"] < 2.6, done # 4 = log 55 at the beginning; 1.7 after 20 epochs
    path = f"{folder}/char-rnn.gw"
    written = [gw("generate", path, "--checkpoint", f"{folder}/run", "--prompt", "When ", "--count", 60, "--temperature", temperature,
                  "--seed", seed, "--json").event("done")["text"] for temperature, seed in ((0.7, 1), (0.7, 1), (0.7, 2), (1e-4, 1), (1e-4, 2))]
    assert all(text.startswith("When ") and len(text) == 65 for text in written), written
    assert written[0] == written[1] != written[2] and written[3] == written[4] != written[0], written
    wrong = gw("generate", path, "--checkpoint", f"{folder}/run", "--prompt", "7", "--json", status=1)
    assert "not in the vocabulary" in wrong.err, wrong.err


@case
def word2vec_finds_neighbours(folder):
    path = example(folder, "word2vec")
    gw("train", path, "--run-dir", f"{folder}/run")
    nearest = gw("run", path, "--fetch", "nearest:1", "--feed", "word=[38, 39, 50]", "--checkpoint", f"{folder}/run", "--json").events()[0]
    rows = [nearest["value"]["data"][at:at + 5] for at in (0, 5, 10)]
    assert [row[0] for row in rows] == [38, 39, 50], rows
    assert 39 in rows[0] and 38 in rows[1] and 49 in rows[2], rows # evening: morning; night: darkness


@case
def gan_1d_fits_the_distribution(folder):
    path = example(folder, "gan-1d")
    done = gw("train", path, "--run-dir", f"{folder}/run", "--json").event("done")
    assert 3.7 < done["metrics"]["mean"] < 4.3 and 0.35 < done["metrics"]["deviation"] < 0.65, done


@case
def two_towers_tell_pairs_apart(folder):
    done = train_and_evaluate(folder, "two-towers", "--steps", 300)
    assert done["metrics"]["auc"] > 0.85, done
    saved = variables(f"{folder}/run/model.ckpt-300")
    assert "left/kernel" in saved and not any(name.startswith("right") for name in saved), saved
    details = gw("eval", f"{folder}/two-towers.gw", "--checkpoint", f"{folder}/run", "--json").event("done")["details"]["auc"]
    assert len(details) == 200 and details[0][0] > 0.99 and details[-1] == [0, details[-1][1]], details[:3]


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
