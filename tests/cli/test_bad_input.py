#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What `gw` does with what is wrong: it says where and why, ends with status 1 and loses nothing. TAP.

    tests/cli/test_bad_input.py GW EXAMPLES
"""

import copy
import json
import os
import pathlib
import random
import re
import resource
import shutil
import signal
import time

import harness
from harness import (EXAMPLES, FASHION, GW, Skip, case, data_of, example, gw, main, node, refused, run, start, tags,
                     variables, wait_for_event, write)

MUTATIONS = 100


def files(folder):
    return {path.relative_to(folder): path.read_bytes() for path in pathlib.Path(folder).rglob("*") if path.is_file()}


# ---- files that are no documents ----

@case
def damaged_documents_are_told_by_name(folder):
    text = (EXAMPLES / "xor.gw").read_bytes()
    contents = {
        "empty": (b"", "empty"), "half": (text[:len(text) // 2], "line"), "zeros": (b"\0" * 4096, "JSON"),
        "noise": (random.Random(1).randbytes(5000), "JSON"), "tail": (text + b"}", "JSON"),
        "list": (b"[1, 2]", "document"), "number": (b"7", "document"), "foreign": (b'{"swagger": "2.0", "paths": {}}', "document"),
        "notebook": (b'{"nbformat": 4, "nodes": [], "cells": []}', "document"),
        "deep": (b'{"graphwright": 1, "nodes": ' + b"[" * 100000 + b"]" * 100000 + b"}", "JSON"),
        "future": (b'{"graphwright": 99, "nodes": []}', "99"),
    }
    for name, (content, word) in contents.items():
        path = pathlib.Path(folder, name + ".gw")
        path.write_bytes(content)
        for command in (["check"], ["train"], ["eval"], ["bench"], ["run", "--fetch", "x"]):
            message = refused(command[0], path, *command[1:])
            assert path.name in message and word in message, message
        assert path.read_bytes() == content
    assert not list(pathlib.Path(folder).glob("*.runs"))


@case
def other_files_are_no_documents(folder):
    assert "directory" in refused("check", folder).lower()
    assert "nothing.gw" in refused("train", f"{folder}/nothing.gw")
    assert GW.name in refused("check", GW)
    message = refused("inspect", GW)
    assert GW.name in message and "checkpoint" in message


WRONG_TYPES = [
    (("nodes",), 3), (("nodes",), {}), (("nodes", 0), "node"), (("nodes", 0, "id"), "one"), (("nodes", 0, "id"), None),
    (("nodes", 0, "name"), 5), (("nodes", 0, "op"), []), (("nodes", 0, "op"), None), (("nodes", 0, "attrs"), []),
    (("nodes", 0, "attrs", "shape"), "round"), (("nodes", 1, "attrs", "units"), "many"), (("nodes", 1, "inputs"), 4),
    (("nodes", 1, "inputs", "inputs", "from"), 999), (("nodes", 1, "inputs", "inputs"), [1]), (("data",), 1),
    (("data", "columns"), "x"), (("data", "columns", 0, "from"), {"a": 1}), (("data", "source"), "moon"),
    (("data", "batch_size"), "much"), (("data", "batch_size"), -4), (("training",), []), (("training", "targets"), 6),
    (("training", "attrs", "epochs"), {"n": 3}), (("training", "loss"), "loss"), (("training", "loss"), -1),
]


def replaced(document, path, value):
    document = copy.deepcopy(document)
    place = document
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return document


@case
def values_of_the_wrong_type_are_refused(folder):
    document = json.loads((EXAMPLES / "xor.gw").read_text())
    for i, (place, value) in enumerate(WRONG_TYPES):
        path = pathlib.Path(folder, f"wrong{i}.gw")
        path.write_text(json.dumps(replaced(document, place, value)))
        message = refused("train", path, "--steps", 1)
        assert path.name in message and len(message) > len(f"gw: {path}: ") + 10, (place, value, message)


# ---- mutations ----

VALUES = [None, True, -1, 0, 1, 7, 1.5, -2**63, 2**53 + 1, 1e308, "", "x", "0", "NaN", "\ud83d\ude00", "a/b", "../x", [], {},
          [[]], [None], {"from": 1}, {"literal": "?"}, [1, 2, 3], "[1,2", "x" * 3000]


def paths_of(value, path=()):
    if path:
        yield path
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from paths_of(inner, (*path, key))


def mutate_values(chance, text):
    document = json.loads(text)
    for _ in range(chance.randint(1, 3)):
        place = chance.choice([path for path in paths_of(document)])
        document = replaced(document, place, chance.choice(VALUES))
    return json.dumps(document).encode()


def mutate_bytes(chance, text):
    content = bytearray(text)
    for _ in range(chance.randint(1, 4)):
        at, length = chance.randrange(len(content)), chance.randint(1, 40)
        kind = chance.randrange(4)
        if kind == 0:
            content[at] = chance.randrange(256)
        elif kind == 1:
            del content[at:at + length]
        elif kind == 2:
            content[at:at] = content[at:at + length]
        else:
            content[at:at + 1] = str(chance.choice([-1, 0, 999, 10**20])).encode()
    return bytes(content)


def survive_mutations(folder, name):
    path = example(folder, name)
    text, chance = path.read_bytes(), random.Random(name)
    options = {} if b"__asan_init" in GW.read_bytes() else {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_AS, (2**32, 2**32))}
    refusals = 0
    for number in range(MUTATIONS):
        content = (mutate_values if number % 2 == 0 else mutate_bytes)(chance, text)
        path.write_bytes(content)
        try:
            checked = run("check", path, **options)
            trained = run("train", path, "--steps", 1, "--run-dir", f"{folder}/run", **options) if name != "fashion-mlp" else checked
        except AssertionError as error:
            raise AssertionError(f"mutation {number} of {name}: {error}\n{content.decode(errors='replace')}") from None
        for result in (checked, trained):
            assert result.status in (0, 1), f"mutation {number} of {name}: status {result.status}"
            assert result.status == 0 or path.name in result.err + result.out, f"mutation {number} of {name}: {result.err}"
        refusals += checked.status
        assert path.read_bytes() == content
        shutil.rmtree(f"{folder}/run", ignore_errors=True)
    assert 0 < refusals <= MUTATIONS, refusals


def declare_mutations(name):
    def test(folder):
        if "fashion_mnist" in (EXAMPLES / f"{name}.gw").read_text() and not FASHION.is_dir():
            raise Skip("dataset-fashion-mnist is not installed")
        survive_mutations(folder, name)
    test.__name__ = f"mutations_of_{name.replace('-', '_')}_are_survived"
    case(test)


for found in sorted(EXAMPLES.glob("*.gw")):
    declare_mutations(found.stem)


# ---- graphs ----

@case
def a_cycle_is_named(folder):
    path = write(folder, "cycle.gw", [node(1, "first", "Neg", x=2), node(2, "second", "Exp", x=3), node(3, "third", "Neg", x=1)])
    for arguments in (["check", path], ["run", path, "--fetch", "third"]):
        result = gw(*arguments, status=1)
        assert re.search(r"cycle: .*first.*second.*third|cycle: .*third.*second.*first", result.out + result.err), result.err


@case
def an_unknown_op_is_named(folder):
    path = write(folder, "unknown.gw", [node(1, "one", "Placeholder", {"shape": [1, 1]}), node(2, "odd", "MatMull", a=1, b=1)])
    for arguments in (["check", path], ["run", path, "--fetch", "odd", "--feed", "one=[[1]]"]):
        result = gw(*arguments, status=1)
        assert re.search("odd.*no op called MatMull; nearest: MatMul", result.out + result.err), result.out + result.err


@case
def unknown_names_are_named(folder):
    path = example(folder, "xor")
    assert "no node called nobody" in refused("train", path, "--set", "nobody.units=3")
    message = refused("train", path, "--set", "hidden.colour=red")
    assert "hidden" in message and "colour" in message
    message = refused("train", path, "--set", "hidden.units=blue")
    assert "hidden" in message and "units" in message and "blue" in message
    assert "tempo" in refused("train", path, "--set", "training.tempo=3")
    assert "tempo" in refused("train", path, "--set", "data.tempo=3")
    assert "mesage" in refused("run", example(folder, "hello"), "--fetch", "mesage")
    assert "/gpu:9" in refused("train", path, "--device", "/gpu:9")
    assert not pathlib.Path(folder, "xor.runs").exists()


@case
def feeds_that_do_not_fit_are_refused(folder):
    path = example(folder, "xor")
    assert "[0" not in refused("run", path, "--fetch", "logit", "--feed", "nobody=3")
    for feed, words in {
            "point=[1,2,3]": ("point", "[3]", "[?,2]"), "point=[[1,2,3]]": ("point", "[1,3]", "[?,2]"),
            'point=[["a","b"]]': ("point", "float32"), "point=[[1,2],[3]]": ("point",), "point=": ("point",),
            "point=[[1,2": ("point",), f"point=@{folder}/none.npy": ("point", "none.npy")}.items():
        message = refused("run", path, "--fetch", "logit", "--feed", feed)
        assert all(word in message for word in words), message
    strings = write(folder, "ints.gw", [node(1, "count", "Placeholder", {"dtype": "int32", "shape": [2]}), node(2, "minus", "Neg", x=1)])
    for value in ("[1.5,2]", "[1,99999999999]", '"two"'):
        message = refused("run", strings, "--fetch", "minus", "--feed", f"count={value}")
        assert "count" in message, message
    assert "count" in refused("run", strings, "--fetch", "minus")


@case
def memory_that_no_machine_has_is_refused(folder):
    def ask(name, *nodes):
        path = write(folder, f"{name}.gw", [*nodes, node(9, "total", "Sum", input=1, axis="[0, 1]")])
        began = time.monotonic()
        message = refused("run", path, "--fetch", "total")
        assert time.monotonic() - began < 30
        assert f"{name}.gw" in message and re.search("memory", message), message
        return message
    assert "huge" in ask("fill", node(1, "huge", "Fill", dims="[1000000, 250000000]", value="1.5"))
    assert "huge" in ask("variable", node(1, "huge", "VariableV2", {"shape": [1000000, 250000000]}))
    assert "huge" in ask("beyond", node(1, "huge", "VariableV2", {"shape": [2000000000, 2000000000, 2000000000]}))
    ask("terabytes", node(1, "large", "Fill", dims="[1000000, 1000000]", value="1.5"))
    assert "large" in ask("slots", node(1, "large", "VariableV2", {"shape": [1000000, 1000000]}))
    path = write(folder, "dense.gw", [
        node(1, "point", "Placeholder", {"shape": [None, 2]}), node(2, "wide", "Dense", {"units": 10**9}, inputs=1),
        node(3, "wider", "Dense", {"units": 10**9}, inputs=2)])
    message = refused("run", path, "--fetch", "wider", "--feed", "point=[[1, 2]]")
    assert "wider" in message and "memory" in message, message
    assert "units" in refused("check", path, "--set", "wide.units=10000000000")


# ---- data ----

@case
def a_missing_data_set_names_the_package(folder):
    path = example(folder, "logistic-regression")
    for arguments in (["check", path], ["train", path], ["bench", path], ["run", path, "--fetch", "loss"]):
        message = refused(*arguments, "--set", f"data.dir={folder}/none")
        assert "dataset-fashion-mnist" in message and f"{folder}/none" in message, message
    assert not pathlib.Path(folder, "logistic-regression.runs").exists()
    path = example(folder, "linear-regression")
    pathlib.Path(folder, "birth-life-2010.csv").unlink()
    assert "birth-life-2010.csv" in refused("train", path)


@case
def a_bad_line_of_a_csv_file_is_named(folder):
    path = example(folder, "linear-regression")
    table = pathlib.Path(folder, "birth-life-2010.csv")
    good = table.read_text().splitlines()
    for line, row in ((7, "Nowhere,1.5"), (9, "Nowhere,1.5,60,4"), (len(good), '"Nowhere,1.5,60')):
        table.write_text("\n".join([*good[:line - 1], row, *good[line:]]) + "\n")
        for command in ("check", "train"):
            message = refused(command, path)
            assert "birth-life-2010.csv" in message and f"line {line}" in message, message
    table.write_bytes(random.Random(2).randbytes(3000))
    assert "birth-life-2010.csv" in refused("train", path)
    table.write_text("")
    assert "birth-life-2010.csv" in refused("train", path)


# ---- training that fails ----

@case
def a_loss_that_explodes_is_explained(folder):
    path = example(folder, "linear-regression")
    result = gw("train", path, "--set", "train.learning_rate=1e30", "--run-dir", f"{folder}/run", "--json", status=1)
    error = result.event("error")
    step = int(re.search(r"at step (\d+)", error["message"])[1])
    assert error["node"] == "loss" and step >= 2 and "prediction" in error["message"], error
    info = json.loads(pathlib.Path(folder, "run/run.json").read_text())
    assert (info["state"], info["error"], info["steps"]) == ("failed", error["message"], step - 1)
    assert int(variables(f"{folder}/run/model.ckpt-{step - 1}")["global_step"]["max"]) == step - 1
    assert tags(f"{folder}/run")["loss"]["last_step"] == step - 1
    gw("eval", path, "--checkpoint", f"{folder}/run")


@case
def a_checkpoint_of_another_graph_is_refused(folder):
    path, other = example(folder, "xor"), example(folder, "linear-regression")
    gw("train", path, "--run-dir", f"{folder}/run", "--steps", 20)
    for arguments in (["eval", other], ["run", other, "--fetch", "loss"]):
        message = refused(*arguments, "--checkpoint", f"{folder}/run")
        assert all(word in message for word in ("model.ckpt-20", "0 of", "weight", "bias", "hidden/kernel")), message
    message = refused("eval", path, "--checkpoint", f"{folder}/run", "--set", "hidden.units=4")
    assert re.search(r"matching: logit/bias; different: .*hidden/kernel is 2×15 here, 2×4 in the graph", message), message
    assert "nothing" in refused("eval", path, "--checkpoint", f"{folder}/nothing")
    assert "xor.gw" in refused("eval", path, "--checkpoint", path)
    gw("eval", path, "--checkpoint", f"{folder}/run")


@case
def a_damaged_checkpoint_is_refused(folder):
    path = example(folder, "xor")
    gw("train", path, "--run-dir", f"{folder}/run", "--steps", 20)
    data, index = (pathlib.Path(folder, f"run/model.ckpt-20.{part}") for part in ("data-00000-of-00001", "index"))
    chance = random.Random(3)
    for file in (data, index):
        whole = file.read_bytes()
        for damage in (whole[:-1], whole[:len(whole) // 2], b"", chance.randbytes(len(whole)),
                       whole[:40] + bytes([whole[40] ^ 8]) + whole[41:]):
            file.write_bytes(damage)
            message = refused("eval", path, "--checkpoint", f"{folder}/run")
            assert "model.ckpt-20" in message or "checksum" in message, message
        file.write_bytes(whole)
    gw("eval", path, "--checkpoint", f"{folder}/run")
    side = pathlib.Path(folder, "run/model.ckpt-20.resume.json")
    for damage in ("", "{}", '{"version": 1}', '{"version": 1, "step": -5, "streams": "AAAA", "data": {"row": 1e18}}'):
        side.write_text(damage)
        before = data.read_bytes()
        assert "run" in refused("train", path, "--resume", "--run-dir", f"{folder}/run", "--steps", 40)
        assert data.read_bytes() == before


# ---- disks ----

def limited(size):
    """Writing beyond `size` bytes of a file fails, as on a full disk."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


@case
def a_full_disk_keeps_the_earlier_checkpoint(folder):
    path, target = example(folder, "xor"), pathlib.Path(folder, "run")
    wide = ["--set", "hidden.units=1200", "--run-dir", target, "--json"]
    gw("train", path, *wide, "--steps", 10)
    before = {name: content for name, content in files(target).items() if name.name.startswith(("model", "checkpoint"))}
    for ignored in (True, False): # what a shell hands down: the signal of the limit ignored or not
        result = gw("train", path, *wide, "--resume", "--steps", 30, "--set", "training.checkpoint_every=5", status=1,
                    preexec_fn=limited(20000), restore_signals=not ignored)
        assert "model.ckpt-" in result.err and "File too large" in result.err, result.err
        assert "model.ckpt-10" in result.event("error")["message"], result.out
        after = files(target)
        assert {name: after[name] for name in before} == before
        assert {name for name in after if name.name.startswith(("model", "checkpoint"))} == set(before)
        assert not [name for name in after if name.name.endswith(".tmp")]
        assert variables(target / "model.ckpt-10")["global_step"]["max"] == 10
    done = gw("train", path, *wide, "--resume", "--steps", 30).event("done")
    assert variables(done["checkpoint"])["global_step"]["max"] == 30


@case
def a_full_disk_at_the_beginning_is_told(folder):
    path = example(folder, "xor")
    message = refused("train", path, "--run-dir", f"{folder}/run", preexec_fn=limited(1000))
    assert "graph.gw" in message
    assert not files(f"{folder}/run")
    assert "picture.png" in refused("render", path, "-o", f"{folder}/picture.png", preexec_fn=limited(1000))
    assert not list(pathlib.Path(folder).glob("*picture.png*"))


def nobody():
    """Options that make the program one that may not write everywhere."""
    return {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}


@case
def a_folder_that_cannot_be_written_is_named(folder):
    path = example(folder, "xor")
    os.chmod(folder, 0o755)
    target = pathlib.Path(folder, "run")
    target.mkdir(mode=0o555)
    options = nobody() | {"cwd": "/"}
    try:
        gw("check", path, **options)
    except (PermissionError, AssertionError):
        raise Skip("another user cannot run the program here") from None
    message = refused("train", path, "--run-dir", target, **options)
    assert str(target) in message and "ermission" in message, message
    assert not list(target.iterdir())
    message = refused("train", path, "--run-dir", f"{target}/deeper", **options)
    assert str(target) in message and "ermission" in message, message
    assert "picture.svg" in refused("render", path, "-o", f"{target}/picture.svg", **options)
    pathlib.Path(folder, "file").write_text("")
    assert f"{folder}/file" in refused("train", path, "--run-dir", f"{folder}/file/run")
    target.chmod(0o755)


# ---- ends from outside ----

@case
def killed_runs_go_on_bit_for_bit(folder):
    path, target = example(folder, "xor"), pathlib.Path(folder, "run")
    chance, last = random.Random(4), 0
    arguments = ["train", path, "--epochs", 10**7, "--set", "training.checkpoint_every=20", "--run-dir", target, "--json"]
    for attempt in range(3):
        process = start(*arguments, *(["--resume"] if attempt else []))
        wait_for_event(process, "checkpoint", 2)
        time.sleep(chance.uniform(0, 0.05))
        process.kill()
        process.communicate()
        state = (target / "checkpoint").read_text()
        saved = int(re.search(r'^model_checkpoint_path: "model\.ckpt-(\d+)"', state, re.MULTILINE)[1])
        assert saved > last
        last = saved
        assert variables(target / f"model.ckpt-{last}")["global_step"]["max"] == last
        gw("eval", path, "--checkpoint", target)
    resumed = gw("train", path, "--resume", "--run-dir", target, "--steps", last + 333, "--json").event("done")
    straight = gw("train", path, "--run-dir", f"{folder}/straight", "--steps", last + 333, "--json").event("done")
    assert resumed["loss"] == straight["loss"] and resumed["metrics"] == straight["metrics"]
    assert data_of(resumed["checkpoint"]) == data_of(straight["checkpoint"])
    assert variables(resumed["checkpoint"]) == variables(straight["checkpoint"])
    assert not [name for name in files(f"{folder}/straight") if name.name.endswith(".tmp")]
    assert tags(target)["loss"]["last_step"] == last + 333


@case
def interrupted_runs_are_saved(folder):
    path = example(folder, "xor")
    for number in (signal.SIGINT, signal.SIGTERM):
        target = pathlib.Path(folder, number.name)
        process = start("train", path, "--epochs", 10**7, "--set", "training.checkpoint_every=100000000", "--run-dir", target,
                        "--json")
        wait_for_event(process, "progress")
        process.send_signal(number)
        out, err = process.communicate(timeout=harness.TIMEOUT)
        assert process.returncode == 130, err
        stopped = json.loads(out.splitlines()[-1])
        assert stopped["event"] == "stopped" and stopped["checkpoint"] == f"{target}/model.ckpt-{stopped['steps']}"
        assert json.loads((target / "run.json").read_text())["state"] == "stopped"
        assert variables(stopped["checkpoint"])["global_step"]["max"] == stopped["steps"] == tags(target)["loss"]["last_step"]
        gw("eval", path, "--checkpoint", target)


main()
