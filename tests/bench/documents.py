#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the documents that tests/bench/run times.

    tests/bench/documents.py FOLDER

Each is a workload that other systems are timed with as well: the same operations, shapes and batches.
"""

import json
import pathlib
import sys

DEEP = 1000
ELEMENTS = 1 << 22


class Document:
    def __init__(self, name):
        self.name, self.nodes, self.parts = name, [], {}

    def add(self, name, op, attrs=None, **inputs):
        """A node; its inputs are other nodes' numbers, or literals as text."""
        self.nodes.append({
            "id": len(self.nodes) + 1, "name": name, "op": op, "at": [200 * (len(self.nodes) % 20), 100 * (len(self.nodes) // 20)],
            "attrs": attrs or {},
            "inputs": {port: {"literal": value} if isinstance(value, str) else {"from": value} for port, value in inputs.items()}})
        return len(self.nodes)

    def fed(self, name, value, shape=()):
        return self.add(name, "Placeholder", {"shape": list(shape), "_train_value": value, "_evaluate_value": value})

    def column(self, name, shape, dtype="float32"):
        return self.add(name, "Placeholder", {"shape": [None, *shape], "dtype": dtype, "_column": name})

    def save(self, folder, target, loss=0, data=None):
        content = {"graphwright": 1, "nodes": self.nodes,
                   "training": {"targets": [target], "loss": loss, "metrics": [], "attrs": {"seed": 1}}}
        if data is not None:
            content["data"] = data
        pathlib.Path(folder, f"{self.name}.gw").write_text(json.dumps(content, indent=1))


def scalar_add(folder):
    """One fed scalar plus one."""
    document = Document("scalar_add")
    total = document.add("sum", "AddV2", x=document.fed("x", "2"), y="1")
    document.save(folder, total)


def linreg(folder):
    """(y - (x a + b))², one point a step, gradient descent."""
    document = Document("linreg")
    x, y = document.fed("x", "2"), document.fed("y", "70")
    a, b = (document.add(name, "VariableV2", {"shape": [], "_initializer": "zeros"}) for name in "ab")
    line = document.add("line", "AddV2", x=document.add("product", "Mul", x=x, y=a), y=b)
    loss = document.add("loss", "Square", x=document.add("error", "Sub", x=y, y=line))
    train = document.add("train", "Minimize", {"optimizer": "GradientDescent"}, loss=loss, learning_rate="0.001")
    document.save(folder, train, loss)


def logreg(folder):
    """Softmax regression 784 → 10 on batches of 128 with one-hot labels, gradient descent."""
    document = Document("logreg")
    image, label = document.column("image", [784]), document.column("label", [10])
    weights = document.add("weights", "VariableV2", {"shape": [784, 10], "_initializer": "zeros"})
    bias = document.add("bias", "VariableV2", {"shape": [10], "_initializer": "zeros"})
    logits = document.add("logits", "AddV2", x=document.add("scores", "MatMul", a=image, b=weights), y=bias)
    entropy = document.add("entropy", "SoftmaxCrossEntropyWithLogits", features=logits, labels=label)
    loss = document.add("loss", "Mean", input=entropy, axis="0")
    train = document.add("train", "Minimize", {"optimizer": "GradientDescent"}, loss=loss, learning_rate="0.01")
    document.save(folder, train, loss, {
        "source": "fashion_mnist", "batch_size": 128, "columns": [
            {"name": "image", "from": ["image"], "transforms": [{"name": "scale"}, {"name": "reshape", "shape": [784]}]},
            {"name": "label", "from": ["label"], "transforms": [{"name": "one_hot", "depth": 10}]}]})


def deep(folder):
    """A thousand additions of four floats in a chain: what the executor itself costs."""
    document = Document("deep")
    x = document.fed("x", "[1, 1, 1, 1]", [4])
    h = x
    for number in range(DEEP):
        h = document.add(f"add{number}", "AddV2", x=h, y=x)
    document.save(folder, h)


def elementwise(folder):
    """Five times tanh, × 0.9, + 0.01 over 4 Mi floats held in a variable, then the sum."""
    document = Document("elementwise")
    h = document.add("values", "VariableV2", {"shape": [ELEMENTS], "_initializer": "constant(0.5)"})
    for number in range(5):
        curve = document.add(f"tanh{number}", "Tanh", x=h)
        h = document.add(f"shift{number}", "AddV2", x=document.add(f"scale{number}", "Mul", x=curve, y="0.9"), y="0.01")
    document.save(folder, document.add("total", "Sum", input=h, axis="0"))


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for write in (scalar_add, linreg, deep, logreg, elementwise):
        write(folder)


if __name__ == "__main__":
    main()
