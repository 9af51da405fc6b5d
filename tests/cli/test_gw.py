#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the program `gw` as a user would: what it prints, its exit status, its files. TAP.

    tests/cli/test_gw.py GW EXAMPLES
"""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

GW, EXAMPLES = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
TESTS = []


def case(function):
    TESTS.append(function)
    return function


class Skip(Exception):
    pass


class Result:
    def __init__(self, process):
        self.status, self.out, self.err = process.returncode, process.stdout, process.stderr

    def events(self):
        return [json.loads(line) for line in self.out.splitlines()]

    def event(self, name):
        return [event for event in self.events() if event.get("event") == name][-1]


def gw(*arguments, status=0, folder=None):
    process = subprocess.run([str(GW), *map(str, arguments)], capture_output=True, text=True, cwd=folder, timeout=300)
    assert process.returncode == status, f"gw {arguments}: status {process.returncode}, {process.stderr}{process.stdout[-2000:]}"
    return Result(process)


def node(number, name, op, attrs=None, **inputs):
    return {"id": number, "name": name, "op": op, "at": [0, 0], "attrs": attrs or {}, "inputs": {
        port: value if isinstance(value, dict) else {"from": value} for port, value in inputs.items()}}


def literal(text):
    return {"literal": text}


def document(nodes, data=None, **training):
    content = {"graphwright": 1, "nodes": nodes, "training": training}
    if data is not None:
        content["data"] = data
    return content


def write(folder, name, content):
    path = pathlib.Path(folder, name)
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def xor(folder, name="xor.gw", **attrs):
    """A small network on 400 points, 8 steps an epoch."""
    nodes = [
        node(1, "point", "Placeholder", {"shape": [None, 2], "_column": "x"}),
        node(2, "scope/hid.den", "Dense", {"units": 8, "activation": "tanh"}, inputs=1),
        node(3, "logit", "Dense", {"units": 1}, inputs=2),
        node(4, "label", "Placeholder", {"shape": [None, 1], "_column": "y"}),
        node(5, "cost", "Loss", {"kind": "sigmoid_cross_entropy"}, predictions=3, labels=4),
        node(6, "train", "Minimize", {}, loss=5, learning_rate=literal("0.05")),
        node(7, "accuracy", "Accuracy", {"threshold": 0}, predictions=3, labels=4),
    ]
    data = {"source": "xor", "source_attrs": {"n": 400, "noise": 0.1}, "test_fraction": 0.25, "batch_size": 40,
            "columns": [{"name": "x", "from": ["x"]}, {"name": "y", "from": ["y"]}]}
    return write(folder, name, document(nodes, data, targets=[6], loss=5, metrics=[7],
                                        attrs={"epochs": 20, "seed": 3, "checkpoint_every": 50} | attrs))


def adder(folder):
    nodes = [
        node(1, "a", "Placeholder", {"shape": []}),
        node(2, "b", "Placeholder", {"shape": []}),
        node(3, "sum", "AddV2", {}, x=1, y=2),
        node(4, "scaled/sum", "Mul", {}, x=3, y=literal("10")),
    ]
    return write(folder, "add.gw", document(nodes))


# ---- usage ----

@case
def usage_is_status_2(folder):
    assert "no command" in gw(status=2).err
    assert "there is no command" in gw("dance", status=2).err
    assert "FILE is missing" in gw("train", status=2).err
    assert "no option --fast" in gw("train", "x.gw", "--fast", status=2).err
    assert "whole number" in gw("train", "x.gw", "--steps", "many", status=2).err
    assert "whole number" in gw("train", "x.gw", "--steps=-1", status=2).err
    assert "needs a value" in gw("train", "x.gw", "--steps", status=2).err
    assert "takes no value" in gw("train", "x.gw", "--resume=yes", status=2).err
    assert "too much" in gw("check", "x.gw", "y.gw", status=2).err
    assert "--fetch" in gw("run", "x.gw", status=2).err
    assert "-o" in gw("render", "x.gw", status=2).err


@case
def help_names_every_option(folder):
    overview = gw("--help").out
    commands = re.findall(r"^  ([a-z]+) ", overview.split("Commands\n")[1], re.MULTILINE)
    assert {"train", "eval", "run", "check", "ops", "inspect", "render", "bench"} <= set(commands)
    completion = gw("complete").out
    for command in set(commands) - {"complete"}:
        text = gw(command, "--help").out
        assert gw("help", command).out == text
        for part in ("Usage", "Options", "Examples", "Exit status", "--json"):
            assert part in text, f"{command} --help lacks {part}"
        assert max(map(len, text.splitlines())) <= 104, command
        words = re.search(rf"^      {command}\) words='([^']*)'", completion, re.MULTILINE)[1].split()
        assert set(words) == set(re.findall(r"^  (?:-\w, |    )(--[\w-]+)", text, re.MULTILINE)), command
    subprocess.run(["bash", "-n"], input=completion, text=True, check=True)


@case
def version(folder):
    assert re.fullmatch(r"gw \d+\.\d+\.\d+\n", gw("--version").out)


# ---- train ----

@case
def train_ends_with_done(folder):
    path = xor(folder)
    done = gw("train", path, "--json").events()[-1]
    assert done["event"] == "done" and done["steps"] == 160
    assert done["metrics"]["accuracy"] > 0.9 and 0 < done["loss"] < 0.4
    assert done["seconds"] > 0 and done["steps_per_second"] > 0
    runs = list(pathlib.Path(folder, "xor.runs").iterdir())
    assert len(runs) == 1 and done["checkpoint"] == str(runs[0] / "model.ckpt-160")
    names = {file.name.split(".")[0] for file in runs[0].iterdir()}
    assert {"graph", "run", "events", "model", "checkpoint"} == names
    info = json.loads((runs[0] / "run.json").read_text())
    assert (info["state"], info["steps"], info["seed"], info["document"]) == ("done", 160, 3, "xor.gw")
    assert info["metrics"]["accuracy"] == done["metrics"]["accuracy"]


@case
def train_without_json_keeps_standard_output_empty(folder):
    result = gw("train", xor(folder), "--steps", 20)
    assert result.out == "" and "step 20 of 20" in result.err and "done after" in result.err


@case
def train_obeys_its_options(folder):
    path = xor(folder)
    events = gw("train", path, "--steps", 30, "--seed", 9, "--threads", 1, "--run-dir", f"{folder}/run", "--json").events()
    assert events[0] | {"run": f"{folder}/run", "seed": 9, "total_steps": 30} == events[0]
    assert events[-1]["steps"] == 30 and events[-1]["checkpoint"] == f"{folder}/run/model.ckpt-30"
    assert gw("train", path, "--epochs", 2, "--json").event("done")["steps"] == 16


@case
def same_seed_same_numbers(folder):
    path = xor(folder)
    results = [gw("train", path, "--steps", 40, "--seed", seed, "--threads", threads, "--json").event("done")
               for seed, threads in ((9, 1), (9, 2), (10, 1))]
    assert results[0]["loss"] == results[1]["loss"] != results[2]["loss"]
    data = [pathlib.Path(result["checkpoint"] + ".data-00000-of-00001").read_bytes() for result in results]
    assert data[0] == data[1] != data[2]


@case
def set_splits_at_the_last_dot(folder):
    path = xor(folder)
    checked = gw("check", path, "--set", "scope/hid.den.units=3", "--json").event("done")
    assert checked["parameters"] == 2 * 3 + 3 + 3 + 1
    assert gw("train", path, "--set", "training.epochs=1", "--set", "data.batch_size=100", "--json").event("done")["steps"] == 3
    assert "there is no node called nobody" in gw("train", path, "--set", "nobody.units=3", status=1).err
    assert "units" in gw("train", path, "--set", "scope/hid.den.units=-3", status=1).err
    assert "NODE.ATTR=VALUE" in gw("train", path, "--set", "units", status=1).err


def wait_for(condition, seconds=60):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "waited too long"
        time.sleep(0.02)


@case
def interrupt_saves_and_resume_goes_on(folder):
    path = xor(folder, checkpoint_every=1000000)
    run = pathlib.Path(folder, "run")
    process = subprocess.Popen([GW, "train", path, "--epochs", "1000000", "--run-dir", run, "--json"],
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    wait_for(lambda: '"progress"' in process.stdout.readline())
    process.send_signal(signal.SIGINT)
    last = json.loads(process.communicate(timeout=60)[0].splitlines()[-1])
    assert process.returncode == 130 and last["event"] == "stopped"
    stopped = last["steps"]
    assert last["checkpoint"] == f"{run}/model.ckpt-{stopped}"
    resumed = gw("train", path, "--resume", "--run-dir", run, "--steps", stopped + 25, "--json").event("done")
    straight = gw("train", path, "--steps", stopped + 25, "--run-dir", f"{folder}/straight", "--json").event("done")
    assert resumed["steps"] == straight["steps"] == stopped + 25
    assert (pathlib.Path(resumed["checkpoint"] + ".data-00000-of-00001").read_bytes() ==
            pathlib.Path(straight["checkpoint"] + ".data-00000-of-00001").read_bytes())
    tags = {tag["tag"]: tag for tag in json.loads(gw("inspect", run, "--json").out)["tags"]}
    assert tags["loss"]["count"] == stopped + 25 and tags["loss"]["last_step"] == stopped + 25


@case
def a_kill_leaves_a_run_that_resumes(folder):
    path = xor(folder, checkpoint_every=20)
    run = pathlib.Path(folder, "run")
    process = subprocess.Popen([GW, "train", path, "--epochs", "1000000", "--run-dir", run, "--json"],
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    wait_for(lambda: '"checkpoint"' in process.stdout.readline())
    process.kill()
    process.communicate()
    inspected = json.loads(gw("inspect", run, "--json").out)
    assert inspected["kind"] == "events"
    state = pathlib.Path(run, "checkpoint").read_text()
    last = int(re.search(r'^model_checkpoint_path: "model\.ckpt-(\d+)"', state, re.MULTILINE)[1])
    done = gw("train", path, "--resume", "--run-dir", run, "--steps", last + 5, "--json").event("done")
    assert done["steps"] == last + 5


@case
def wrong_documents_are_status_1(folder):
    broken = write(folder, "broken.gw", document([
        node(1, "w", "VariableV2", {"shape": [2, 3]}),
        node(2, "product", "MatMul", {}, a=1, b=1),
        node(3, "cost", "Mean", {}, input=2, axis=literal("[0, 1]")),
        node(4, "train", "Minimize", {}, loss=3)], targets=[4], loss=3))
    result = gw("train", broken, "--json", status=1)
    error = result.event("error")
    assert error["node"] == "product" and error["op"] == "MatMul" and error["code"] == "INVALID_ARGUMENT"
    assert "product (MatMul)" in result.err
    assert not pathlib.Path(folder, "broken.runs").exists()
    assert "no such file" in gw("train", f"{folder}/nothing.gw", status=1).err.lower()
    (pathlib.Path(folder) / "text.gw").write_text("{")
    assert "text.gw" in gw("train", f"{folder}/text.gw", status=1).err
    assert "nothing to train" in gw("train", adder(folder), status=1).err


@case
def a_loss_that_is_nan_is_explained(folder):
    path = write(folder, "nan.gw", document([
        node(1, "weight", "VariableV2", {"shape": [2], "_initializer": "ones"}),
        node(2, "logarithm", "Log", {}, x=1),
        node(3, "cost", "Mean", {}, input=2, axis=literal("0")),
        node(4, "train", "Minimize", {"optimizer": "GradientDescent"}, loss=3, learning_rate=literal("0.7"))],
        targets=[4], loss=3, attrs={"steps": 50}))
    error = gw("train", path, "--json", status=1).event("error")
    assert error["node"] == "logarithm" and error["code"] == "OUT_OF_RANGE"
    assert re.search(r"the loss is NaN at step \d+; .*whose input x \(weight\) held -", error["message"])


# ---- eval, run ----

@case
def eval_gives_what_training_gave(folder):
    path = xor(folder)
    assert "train it first" in gw("eval", path, status=1).err
    done = gw("train", path, "--json").event("done")
    evaluated = gw("eval", path, "--json").event("done")
    assert evaluated["metrics"]["accuracy"] == done["metrics"]["accuracy"] and evaluated["loss"] == done["test_loss"]
    assert evaluated["classes"] == ["0", "1"] and sum(map(sum, evaluated["confusion"])) == 100 == evaluated["examples"]
    early = gw("eval", path, "--checkpoint", done["checkpoint"].replace("-160", "-50"), "--json").event("done")
    assert early["loss"] > evaluated["loss"]
    assert "accuracy" in gw("eval", path).out


@case
def run_computes_what_is_asked(folder):
    path = adder(folder)
    values = gw("run", path, "--fetch", "sum", "--fetch", "scaled/sum:0", "--feed", "a=3", "--feed", "b=4.5", "--json").events()
    assert [value["value"]["data"] for value in values] == [[7.5], [75]]
    assert "sum float32 []" in gw("run", path, "-f", "sum", "-i", "a=1", "-i", "b=2").out
    assert "a" in gw("run", path, "--fetch", "sum", "--feed", "b=4", status=1).err
    assert "nothing" in gw("run", path, "--fetch", "nothing", status=1).err
    assert "NAME=VALUE" in gw("run", path, "--fetch", "sum", "--feed", "b", status=1).err
    # anything can be fed, and then nothing before it is needed
    assert gw("run", path, "-f", "scaled/sum", "-i", "sum=2", "--json").events()[0]["value"]["data"] == [20]


@case
def run_reads_and_writes_npy(folder):
    path = adder(folder)
    gw("run", path, "-f", "sum", "-i", "a=1", "-i", "b=2", "--npy", f"{folder}/out")
    inspected = json.loads(gw("inspect", f"{folder}/out/sum.npy", "--json").out)
    assert (inspected["kind"], inspected["dtype"], inspected["shape"], inspected["max"]) == ("array", "float32", [], 3)
    value = gw("run", path, "-f", "sum", "-i", f"a=@{folder}/out/sum.npy", "-i", "b=1", "--json").events()[0]
    assert value["value"]["data"] == [4]


@case
def run_takes_a_batch_of_the_data(folder):
    path = xor(folder)
    value = gw("run", path, "--fetch", "logit", "--json").events()[0]["value"]
    assert value["shape"] == [40, 1]
    gw("train", path, "--steps", 10)
    fresh, trained = (gw("run", path, "-f", "logit/kernel", "--json", *more).events()[0]["value"]["data"]
                      for more in ((), ("--checkpoint", next(pathlib.Path(folder, "xor.runs").iterdir()))))
    assert fresh != trained
    assert "--mode" in gw("run", path, "-f", "logit", "--mode", "dream", status=2).err


@case
def hello(folder):
    values = gw("run", EXAMPLES / "hello.gw", "--fetch", "message").out
    assert "Hello" in values and "world" in values


# ---- check, ops, inspect ----

@case
def check_tells_all_problems_with_fixes(folder):
    path = write(folder, "wrong.gw", document([
        node(1, "x", "Placeholder", {"shape": [2, 3], "_column": "nothing"}),
        node(2, "product", "MatMul", {}, a=1, b=1),
        node(3, "open", "Neg"),
        node(4, "odd", "MatMull")], {"source": "xor"}))
    result = gw("check", path, "--json", status=1)
    problems = {problem["node"]: problem for problem in result.events() if problem["event"] == "problem"}
    assert set(problems) == {"x", "product", "open", "odd"}
    assert problems["product"]["rule"] == "INVALID_ARGUMENT" and problems["odd"]["rule"] == "NOT_FOUND"
    assert "MatMul" in problems["odd"]["message"]
    assert problems["open"]["port"] == "x" and problems["open"]["fixes"][0]["kind"] == "set_input"
    assert result.event("done")["errors"] == 4
    text = gw("check", path, status=1).out
    assert "open.x: nothing is wired to x" in text and "fix: " in text
    assert "no problems" in gw("check", xor(folder)).out


@case
def examples_have_no_problems(folder):
    examples = sorted(EXAMPLES.glob("*.gw"))
    assert examples
    for example in examples:
        if "fashion_mnist" in example.read_text() and not pathlib.Path("/usr/share/datasets/fashion-mnist").is_dir():
            continue
        assert gw("check", example, "--json").event("done")["errors"] == 0, example


@case
def ops_are_described(folder):
    ops = {op["name"]: op for op in gw("ops", "--json").events()}
    assert len(ops) > 100
    matmul = json.loads(gw("ops", "MatMul", "--json").out)
    assert matmul == ops["MatMul"] and [port["name"] for port in matmul["inputs"]] == ["a", "b"]
    assert {attr["name"] for attr in matmul["attrs"]} == {"T", "transpose_a", "transpose_b"}
    assert ops["Dense"]["kind"] == "composite" and matmul["kind"] == "primitive"
    markdown = gw("ops", "--markdown").out
    listed = gw("ops").out
    for name in ops:
        assert f"### {name}\n" in markdown and re.search(rf"^    {name} ", listed, re.MULTILINE), name
    assert "nearest: MatMul" in gw("ops", "MatMull", status=1).err


@case
def an_example_is_a_document(folder):
    path = os.path.join(folder, "example.gw")
    pathlib.Path(path).write_text(gw("ops", "MatMul", "--example").out)
    assert "gw ops MatMul --example > example.gw" in gw("ops", "MatMul").out
    assert gw("check", path, "--json").event("done")["errors"] == 0
    assert "[[5.5], [11]]" in gw("run", path, "--fetch", "MatMul").out
    assert "ref" in gw("ops", "AssignAdd", "--example", status=1).err
    assert "--example" in gw("ops", "--example", status=2).err


@case
def inspect_reads_every_kind(folder):
    path = xor(folder)
    done = gw("train", path, "--json").event("done")
    run = pathlib.Path(done["checkpoint"]).parent
    events = json.loads(gw("inspect", run, "--json").out)
    assert events["kind"] == "events"
    tags = {tag["tag"]: tag for tag in events["tags"]}
    assert tags["loss"] | {"plugin": "scalars", "count": 160, "first_step": 1, "last_step": 160} == tags["loss"]
    assert tags["accuracy"]["count"] == 20
    for name in (done["checkpoint"], done["checkpoint"] + ".index"):
        checkpoint = json.loads(gw("inspect", name, "--json").out)
        assert checkpoint["kind"] == "checkpoint"
        variables = {variable["name"]: variable for variable in checkpoint["variables"]}
        assert variables["global_step"]["min"] == variables["global_step"]["max"] == 160
        kernel = variables["scope/hid.den/kernel"]
        assert kernel["dtype"] == "float32" and kernel["shape"] == [2, 8]
        assert kernel["min"] <= kernel["mean"] <= kernel["max"] and kernel["std"] > 0
    document = json.loads(gw("inspect", path, "--json").out)
    nodes = {node["name"]: node for node in document["nodes"]}
    assert document["data"] == "xor"
    hidden = nodes["scope/hid.den"] # 2 to 8: 2·2·8 for the product, 8 for the bias, 8 for the activation
    assert (hidden["shape"], hidden["parameters"], hidden["flops"]) == ("[?,8]", 24, 48), hidden
    assert document["parameters"] == sum(node["parameters"] for node in document["nodes"]) > 24
    data = pathlib.Path(done["checkpoint"] + ".data-00000-of-00001")
    data.write_bytes(data.read_bytes()[:-4])
    damaged = json.loads(gw("inspect", done["checkpoint"], "--json").out)
    assert any("problem" in variable for variable in damaged["variables"])
    assert "no such file" in gw("inspect", f"{folder}/nothing", status=1).err


# ---- render, bench ----

MAGIC = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF"}


@case
def render_draws_documents_and_curves(folder):
    path = xor(folder)
    run = pathlib.Path(gw("train", path, "--steps", 60, "--json").event("done")["checkpoint"]).parent
    for extension, magic in MAGIC.items():
        graph, curve = (pathlib.Path(folder, name + extension) for name in ("graph", "loss"))
        gw("render", path, "-o", graph)
        gw("render", run, "--tag", "loss", "-o", curve)
        assert graph.read_bytes().startswith(magic) and curve.read_bytes().startswith(magic)
        assert graph.stat().st_size > 2000 and curve.stat().st_size > 2000
    assert "no scalars called nothing" in gw("render", run, "--tag", "nothing", "-o", f"{folder}/x.png", status=1).err
    assert gw("render", path, "-o", f"{folder}/x.bmp", status=2).err
    assert not pathlib.Path(folder, "x.png").exists() and not pathlib.Path(folder, "x.bmp").exists()


@case
def bench_prints_one_line(folder):
    fields = gw("bench", xor(folder), "--seconds", "0.1").out.rstrip("\n").split("\t")
    assert fields[:2] == ["graphwright", "xor"] and len(fields) == 5
    median, best, peak = map(float, fields[2:])
    assert 0 < best <= median and 1 < peak < 1000
    assert gw("bench", xor(folder), "--seconds", "0.1", "--fixed-batch", "--json").event("done")["best_us"] > 0


@case
def bench_tells_what_each_node_costs(folder):
    path, trace = xor(folder), pathlib.Path(folder, "trace.json")
    out = gw("bench", path, "--seconds", "0.1", "--profile", "--trace", trace).out.splitlines()
    assert out[0].startswith("graphwright\txor\t") and out[1].split()[:3] == ["share", "µs", "Mflop"], out
    shares = [float(line.split()[0]) for line in out[2:-1]]
    assert shares == sorted(shares, reverse=True) and 98 < sum(shares) < 102, shares
    assert any("MatMul" in line for line in out) and "Gflop/s" in out[-1]
    rows = [json.loads(line) for line in gw("bench", path, "--seconds", "0.1", "--profile", "--json").out.splitlines()]
    product = next(row for row in rows if row.get("op") == "MatMul")
    assert product["flops"] > 0 and product["bytes"] > 0 and product["us"] > 0
    events = json.loads(trace.read_text())["traceEvents"]
    steps = [event for event in events if event["ph"] == "X" and event["cat"] == "node"]
    assert {"MatMul"} <= {event["args"]["op"] for event in steps}
    assert all(event["dur"] >= 0 and event["ts"] >= 0 for event in steps)
    assert {event["args"]["name"] for event in events if event["ph"] == "M"} >= {"nodes", "thread 1"}
    assert gw("bench", path, "--seconds", "0.1", "--trace", f"{folder}/no/such/place", status=1).err


# ---- what Print writes ----

def printing(folder):
    nodes = [
        node(1, "x", "Placeholder", {"shape": [2]}),
        node(2, "seen", "Print", {"message": "x is ", "summarize": 2}, input=1, data=1),
        node(3, "enough", "Assert", {}, condition=literal("false"), data=1),
    ]
    return write(folder, "print.gw", document(nodes))


@case
def print_writes_to_standard_error(folder):
    path = printing(folder)
    result = gw("run", path, "--fetch", "seen", "--feed", "x=[1.5, 2]")
    assert "seen: x is [1.5 2]" in result.err, result.err
    assert "x is" not in result.out
    event = gw("run", path, "--fetch", "seen", "--feed", "x=[1.5, 2]", "--json").event("message")
    assert event == {"event": "message", "node": "seen", "text": "x is [1.5 2]"}, event
    failed = gw("run", path, "--fetch", "enough", "--feed", "x=[1.5, 2]", status=1)
    assert "enough (Assert): assertion failed: [1.5 2]" in failed.err, failed.err


@case
def print_speaks_while_training(folder):
    path = xor(folder)
    content = json.loads(path.read_text())
    content["nodes"].append(node(8, "seen", "Print", {"message": "logits ", "first_n": 3}, input=3, data=3))
    content["nodes"][4]["inputs"]["predictions"] = {"from": 8}
    path.write_text(json.dumps(content))
    events = [event for event in gw("train", path, "--steps", "10", "--json").events() if event["event"] == "message"]
    assert [event["step"] for event in events[:3]] == [0, 1, 2], events  # evaluations speak as well
    assert all(event["node"] == "seen" and re.match(r"logits \[.*\.\.\.\]$", event["text"]) for event in events), events


# ---- where runs lie ----

@case
def runs_of_examples_lie_in_the_users_folder(folder):
    examples = pathlib.Path(folder, "share/graphwright/examples")
    examples.mkdir(parents=True)
    path = xor(examples)
    environment = os.environ | {"XDG_DATA_HOME": f"{folder}/data"}
    for arguments in (["train", path, "--steps", "5"], ["eval", path]):
        subprocess.run([GW, *arguments], env=environment, check=True, capture_output=True)
    assert list(pathlib.Path(folder, "data/graphwright/runs/xor.runs").glob("*/run.json"))
    assert not pathlib.Path(examples, "xor.runs").exists()


def main():
    failed = False
    print(f"1..{len(TESTS)}")
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
    return 1 if failed else 0


sys.exit(main())
