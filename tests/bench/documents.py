#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the documents that tests/bench/run times.

    tests/bench/documents.py FOLDER

Each is a workload that other systems are timed with as well: the same operations, shapes and batches.
"""

import json
import pathlib
import random
import sys

DEEP = 1000
ELEMENTS = 1 << 22


class Document:
    def __init__(self, name):
        self.name, self.nodes, self.parts = name, [], {}

    def add(self, name, op, attrs=None, **inputs):
        """A node; its inputs are other nodes' numbers, (number, output) pairs, or literals as text."""
        self.nodes.append({
            "id": len(self.nodes) + 1, "name": name, "op": op, "at": [200 * (len(self.nodes) % 20), 100 * (len(self.nodes) // 20)],
            "attrs": attrs or {},
            "inputs": {port: self.source(value) for port, value in inputs.items()}})
        return len(self.nodes)

    @staticmethod
    def source(value):
        if isinstance(value, str):
            return {"literal": value}
        return {"from": value[0], "output": value[1]} if isinstance(value, tuple) else {"from": value}

    def fed(self, name, value, shape=(), dtype="float32"):
        return self.add(name, "Placeholder",
                        {"shape": list(shape), "dtype": dtype, "_train_value": value, "_evaluate_value": value})

    def drawn(self, name, shape, limit):
        """Fed whole numbers from 0 to limit - 1, the same ones in every step."""
        draw = random.Random(name).randrange
        rows = [draw(limit) for _ in range(shape[0])] if len(shape) == 1 else \
            [[draw(limit) for _ in range(shape[1])] for _ in range(shape[0])]
        return self.fed(name, json.dumps(rows), shape, "int32")

    def drawn_pixels(self, name, shape):
        """Fed numbers from 0 to 1, of 256 different ones as pictures have, the same ones in every step."""
        draw = random.Random(name).randrange
        rows = [[round(draw(256) / 255, 4) for _ in range(shape[1])] for _ in range(shape[0])]
        return self.fed(name, json.dumps(rows), shape)

    def variable(self, name, shape, initializer):
        return self.add(name, "VariableV2", {"shape": list(shape), "_initializer": initializer})

    def minimize(self, losses, optimizer, learning_rate):
        """The mean of the losses, made smaller: (node of the training step, node of the mean)."""
        loss = self.add("loss", "Mean", input=losses, axis="0")
        return self.add("train", "Minimize", {"optimizer": optimizer}, loss=loss, learning_rate=learning_rate), loss

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


def fashion_mnist(batch_size):
    """Shuffled pictures as 784 numbers from 0 to 1, and their classes as one-hot rows."""
    return {"source": "fashion_mnist", "batch_size": batch_size, "columns": [
        {"name": "image", "from": ["image"], "transforms": [{"name": "scale"}, {"name": "reshape", "shape": [784]}]},
        {"name": "label", "from": ["label"], "transforms": [{"name": "one_hot", "depth": 10}]}]}


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
    weights, bias = document.variable("weights", [784, 10], "zeros"), document.variable("bias", [10], "zeros")
    logits = document.add("logits", "AddV2", x=document.add("scores", "MatMul", a=image, b=weights), y=bias)
    entropy = document.add("entropy", "SoftmaxCrossEntropyWithLogits", features=logits, labels=label)
    document.save(folder, *document.minimize(entropy, "GradientDescent", "0.01"), fashion_mnist(128))


def mlp_fed(folder):
    """784-500-100-10 with dropout and Adam on one fed batch of 100: the example fashion-mlp without its data set."""
    document = Document("mlp_fed")
    h, keep = document.drawn_pixels("image", [100, 784]), document.fed("keep_prob", "0.75")
    for number, units in enumerate((500, 100), 1):
        h = document.add(f"hidden{number}", "Dense", {"units": units, "activation": "relu"}, inputs=h)
        h = document.add(f"drop{number}", "Dropout", x=h, keep_prob=keep)
    logits = document.add("logits", "Dense", {"units": 10}, inputs=h)
    entropy = document.add("entropy", "SparseSoftmaxCrossEntropyWithLogits", features=logits,
                           labels=document.drawn("label", [100], 10))
    document.save(folder, *document.minimize(entropy, "Adam", "0.001"))


def convnet(folder):
    """Two convolutions of 5 × 5 (32 and 64 filters) with pools, dense 1024 with dropout, dense 10, Adam, batch 128."""
    document = Document("convnet")
    image, label = document.column("image", [784]), document.column("label", [10])
    h, channels = document.add("pictures", "Reshape", tensor=image, shape="[-1, 28, 28, 1]"), 1
    for number, filters in enumerate((32, 64), 1):
        weights = document.variable(f"filter{number}", [5, 5, channels, filters], "truncated_normal(0, 0.1)")
        bias = document.variable(f"bias{number}", [filters], "zeros")
        h = document.add(f"convolution{number}", "Conv2D", {"strides": [1, 1, 1, 1], "padding": "SAME"}, input=h, filter=weights)
        h = document.add(f"relu{number}", "Relu", features=document.add(f"sum{number}", "BiasAdd", value=h, bias=bias))
        h = document.add(f"pool{number}", "MaxPool", {"ksize": [1, 2, 2, 1], "strides": [1, 2, 2, 1], "padding": "SAME"}, input=h)
        channels = filters
    h = document.add("flat", "Reshape", tensor=h, shape="[-1, 3136]")
    h = document.add("hidden", "Dense", {"units": 1024, "activation": "relu"}, inputs=h)
    h = document.add("drop", "Dropout", x=h, keep_prob="0.75")
    logits = document.add("logits", "Dense", {"units": 10}, inputs=h)
    entropy = document.add("entropy", "SoftmaxCrossEntropyWithLogits", features=logits, labels=label)
    document.save(folder, *document.minimize(entropy, "Adam", "0.001"), fashion_mnist(128))


def char_rnn(folder):
    """Two LSTM layers of 128 over 50 steps of 64 sequences of 87 characters, Adam."""
    document = Document("char_rnn")
    steps, batch, units, characters = 50, 64, 128, 87
    ids = document.drawn("ids", [steps + 1, batch], characters)
    now = document.add("now", "Slice", input=ids, begin="[0, 0]", size=f"[{steps}, {batch}]")
    then = document.add("then", "Slice", input=ids, begin="[1, 0]", size=f"[{steps}, {batch}]")
    h = document.add("sequence", "OneHot", indices=now, depth=str(characters), on_value="1.0", off_value="0.0")
    state = document.add("state", "Fill", dims=f"[{batch}, {units}]", value="0.0")
    peephole = document.add("peephole", "Fill", dims=f"[{units}]", value="0.0")
    for number, inputs in enumerate((characters, units), 1):
        weights = document.variable(f"weights{number}", [inputs + units, 4 * units], "glorot_uniform")
        bias = document.variable(f"bias{number}", [4 * units], "zeros")
        layer = document.add(f"lstm{number}", "BlockLSTM", {"cell_clip": -1}, seq_len_max=str(steps), x=h, cs_prev=state,
                             h_prev=state, w=weights, wci=peephole, wcf=peephole, wco=peephole, b=bias)
        h = (layer, 6)
    flat = document.add("flat", "Reshape", tensor=h, shape=f"[-1, {units}]")
    logits = document.add("logits", "Dense", {"units": characters}, inputs=flat)
    entropy = document.add("entropy", "SparseSoftmaxCrossEntropyWithLogits", features=logits,
                           labels=document.add("targets", "Reshape", tensor=then, shape="[-1]"))
    document.save(folder, *document.minimize(entropy, "Adam", "0.001"))


def word2vec(folder):
    """Vocabulary of 50,000, embeddings of 128, NCE loss with 64 samples, batch 128, gradient descent."""
    document = Document("word2vec")
    words, size, batch = 50000, 128, 128
    center, target = document.drawn("center", [batch], words), document.drawn("target", [batch, 1], words)
    embedding = document.variable("embedding", [words, size], "random_uniform(-1, 1)")
    weights = document.variable("weights", [words, size], f"truncated_normal(0, {size ** -0.5:.6f})")
    bias = document.variable("bias", [words], "zeros")
    rows = document.add("rows", "GatherV2", params=embedding, indices=center, axis="0")
    losses = document.add("nce", "NceLoss", {"num_sampled": 64, "num_classes": words}, weights=weights, biases=bias,
                          labels=target, inputs=rows)
    document.save(folder, *document.minimize(losses, "GradientDescent", "1.0"))


def pipeline(folder):
    """Shuffled batches of 100 and nothing that is computed with them."""
    document = Document("pipeline")
    image, label = document.column("image", [784]), document.column("label", [10])
    batch = document.add("batch", "NoOp")
    document.nodes[-1]["after"] = [image, label]
    document.save(folder, batch, data=fashion_mnist(100))


def deep(folder):
    """A thousand additions of four floats in a chain: what the executor itself costs."""
    document = Document("deep")
    x = document.fed("x", "[1, 1, 1, 1]", [4])
    h = x
    for number in range(DEEP):
        h = document.add(f"add{number}", "AddV2", x=h, y=x)
    document.save(folder, h)


def nodes(folder):
    """A hundred thousand additions in a chain: what compiling costs shows in the time of the first step."""
    document = Document("nodes")
    x = document.fed("x", "[1, 1, 1, 1]", [4])
    h = x
    for number in range(100 * DEEP):
        h = document.add(f"add{number}", "AddV2", x=h, y=x)
    document.save(folder, h)


def variables(folder):
    """A thousand variables of eight floats with Adam: what a step of the optimizer costs beside its arithmetic."""
    document = Document("variables")
    h = document.fed("x", "[2, 2, 2, 2, 2, 2, 2, 2]", [8])
    for number in range(DEEP):
        h = document.add(f"sum{number}", "AddV2", x=h, y=document.variable(f"variable{number}", [8], "zeros"))
    document.save(folder, *document.minimize(h, "Adam", "0.001"))


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
    for write in (scalar_add, linreg, deep, logreg, mlp_fed, convnet, char_rnn, word2vec, elementwise, pipeline, nodes, variables):
        write(folder)


if __name__ == "__main__":
    main()
