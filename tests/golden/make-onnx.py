# SPDX-License-Identifier: Apache-2.0
# Writes onnx.json: small models of ONNX and what onnxruntime makes of them.
#
#   pip install onnx onnxruntime && python tests/golden/make-onnx.py > tests/golden/onnx.json
import base64
import json

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

random = np.random.default_rng(7)
cases = []


def floats(*shape):
    return random.uniform(-2, 2, shape).astype(np.float32)


def ints(*values):
    return np.array(values, np.int64)


class Model:
    """Fed arrays are inputs x0, x1…; constant ones weights; what nodes give that nobody reads, outputs."""

    def __init__(self, name, opset=17, shapes=None):
        self.name, self.opset, self.shapes = name, opset, shapes or {}
        self.nodes, self.feeds, self.weights, self.read, self.given = [], {}, [], set(), []

    def feed(self, array):
        name = f"x{len(self.feeds)}"
        self.feeds[name] = np.asarray(array)
        return name

    def weight(self, array):
        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def node(self, op, *inputs, outputs=1, **attributes):
        names = [self.weight(i) if not isinstance(i, str) else i for i in inputs]
        self.read.update(names)
        given = [f"y{len(self.given) + i}" for i in range(outputs)]
        self.given += given
        self.nodes.append(helper.make_node(op, names, given, **attributes))
        return given[0] if outputs == 1 else given

    def write(self):
        wanted = [name for name in self.given if name not in self.read]
        inputs = [
            helper.make_tensor_value_info(k, helper.np_dtype_to_tensor_dtype(v.dtype), self.shapes.get(k, v.shape))
            for k, v in self.feeds.items()
        ]
        outputs = [helper.make_empty_tensor_value_info(name) for name in wanted]
        graph = helper.make_graph(self.nodes, "g", inputs, outputs, self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", self.opset)], ir_version=8)
        data = model.SerializeToString()
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        values = onnxruntime.InferenceSession(data, options).run(wanted, self.feeds)
        cases.append(
            {
                "onnx": self.name,
                "base64": base64.b64encode(data).decode(),
                "inputs": [tensor(k, v) for k, v in self.feeds.items()],
                "outputs": [tensor(k, v) for k, v in zip(wanted, values)],
            }
        )


def number(value):
    return value if isinstance(value, (bool, int)) else float(f"{value:.9g}")


def tensor(name, array):
    return {
        "port": name,
        "dtype": str(array.dtype),
        "shape": list(array.shape),
        "data": [number(v) for v in array.ravel().tolist()],
    }


def one(name, op, *arrays, constant=(), opset=17, outputs=1, **attributes):
    """A single operator: `arrays` are fed, `constant` stand in the model behind them."""
    model = Model(name, opset)
    inputs = [model.feed(a) for a in arrays]
    model.node(op, *inputs, *constant, outputs=outputs, **attributes)
    model.write()


def elements():
    x, positive, small = floats(2, 3), np.abs(floats(2, 3)) + np.float32(0.1), floats(2, 3) / 4
    model = Model("one op for one operator")
    a, b, c = model.feed(x), model.feed(positive), model.feed(small)
    for op in "Abs Ceil Floor Neg Sign Sin Cos Tanh Sigmoid Softplus Softsign Exp Relu Selu Erf Elu Mish".split():
        if op != "Mish":
            model.node(op, a)
    for op in "Sqrt Log Reciprocal".split():
        model.node(op, b)
    for op in "Asin Acos Atan Sinh Cosh Tan Asinh Atanh".split():
        model.node(op, c)
    model.write()
    model = Model("two operands")
    a, b, row = model.feed(x), model.feed(positive), model.feed(floats(3))
    for op in "Add Sub Mul Div Pow Greater LessOrEqual Equal".split():
        model.node(op, b, row if op != "Pow" else a)
    model.node("Mod", b, a, fmod=1)
    model.node("Sum", a, b, row)
    model.node("Max", a, row)
    model.node("Min", a, b, row)
    model.node("Mean", a, b, row)
    model.node("Where", model.node("Less", a, row), a, b)
    model.node("Pow", b, ints(2))
    model.write()
    whole = random.integers(-9, 9, (2, 4))
    whole[whole == 0] = 5
    model = Model("whole numbers")
    a = model.feed(whole)
    model.node("Div", a, ints(3))
    model.node("Mod", a, ints(-4))
    model.node("Cast", a, to=TensorProto.FLOAT)
    model.node("Not", model.node("Cast", a, to=TensorProto.BOOL))
    model.node("Clip", a, np.array(-2), np.array(3))
    model.write()
    model = Model("activations with parameters", 20)
    a = model.feed(x * 3)
    model.node("LeakyRelu", a, alpha=0.2)
    model.node("Elu", a, alpha=0.7)
    model.node("Celu", a, alpha=1.3)
    model.node("ThresholdedRelu", a, alpha=0.6)
    model.node("PRelu", a, floats(3))
    model.node("HardSigmoid", a, alpha=0.3, beta=0.4)
    model.node("HardSwish", a)
    model.node("Gelu", a)
    model.node("Gelu", a, approximate="tanh")
    model.node("Mish", a)
    model.node("Clip", a, np.float32(0), np.float32(6))
    model.node("Clip", a, np.float32(-1))
    model.node("Clip", a, "", np.float32(1))
    model.node("Dropout", a)
    model.write()
    one("clip by attributes", "Clip", x, opset=10, min=-0.5, max=0.75)


def reductions():
    x = floats(2, 3, 4)
    model = Model("reductions", 13)
    a = model.feed(x)
    for op in "Max Mean Min Prod L1 L2 LogSumExp SumSquare".split():
        model.node("Reduce" + op, a, axes=[1])
        model.node("Reduce" + op, a, axes=[0, -1], keepdims=0)
        model.node("Reduce" + op, a)
    model.node("ReduceSum", a, ints(2))
    model.node("ReduceSum", a, noop_with_empty_axes=1)
    model.node("ReduceLogSum", model.node("Abs", a), axes=[-1])
    model.node("ArgMax", a, axis=1)
    model.node("ArgMin", a, axis=-1, keepdims=0)
    model.node("CumSum", a, np.array(1), exclusive=1)
    model.node("CumSum", a, np.array(-1), reverse=1)
    model.write()


def arrays():
    x = floats(2, 3, 4)
    model = Model("shapes")
    a = model.feed(x)
    for shape in ([4, -1], [0, -1], [0, 0, 2, -1], [-1, 0, 2], [2, 1, 0, 3]):
        model.node("Reshape", a, ints(*shape))
    for axis in (0, 1, 2, 3, -1):
        model.node("Flatten", a, axis=axis)
    model.node("Transpose", a, perm=[2, 0, 1])
    model.node("Transpose", a)
    model.node("Unsqueeze", a, ints(-1, 0))
    model.node("Squeeze", model.node("Unsqueeze", a, ints(1)), ints(1))
    model.node("Squeeze", model.node("Unsqueeze", a, ints(0, 4)))
    model.node("Shape", a)
    model.node("Shape", a, start=-2)
    model.node("Size", a)
    model.node("Expand", a, ints(5, 1, 1, 1))
    model.node("Tile", a, ints(1, 2, 3))
    model.write()
    model = Model("a shape that is computed", shapes={"x0": ["batch", 3, 4]})
    a = model.feed(x)
    batch = model.node("Unsqueeze", model.node("Gather", model.node("Shape", a), np.array(0)), ints(0))
    model.node("Reshape", a, model.node("Concat", batch, ints(2, 6), axis=0))
    model.node("Reshape", a, model.node("Concat", ints(0), ints(2, -1), axis=0))
    model.node("Slice", a, ints(0), batch, ints(1))
    model.node("ConstantOfShape", batch, value=numpy_helper.from_array(np.array([2.5], np.float32)))
    model.node("Range", np.array(0), model.node("Squeeze", batch), np.array(1))
    model.write()
    model = Model("together and apart")
    a = model.feed(x)
    model.node("Concat", a, a, axis=-2)
    model.node("Split", a, axis=2, outputs=2)
    model.node("Split", a, ints(1, 2), axis=1, outputs=2)
    model.node("Slice", a, ints(1, 0), ints(3, 1), ints(-1, 0))
    model.node("Slice", a, ints(-1), ints(-(2**40)), ints(2), ints(-2))
    model.node("Slice", a, ints(0, 1), ints(2**62, 3))
    model.node("Pad", a, ints(1, 0, 2, 0, 1, 0))
    model.node("Pad", a, ints(0, 0, 1, 0, 0, 2), np.float32(7))
    model.node("Pad", a, ints(0, 1, 2, 0, 1, 1), mode="reflect")
    model.write()
    one("slice by attributes", "Slice", x, opset=9, starts=[1], ends=[9], axes=[2])
    one("pad by attributes", "Pad", x, opset=10, pads=[0, 1, 0, 0, 0, 2], value=1.5)


def indices():
    x = floats(3, 4)
    model = Model("by their places")
    a, at = model.feed(x), model.feed(ints(2, 0, 1))
    model.node("Gather", a, at)
    model.node("Gather", a, ints(3, 1).reshape(2, 1), axis=1)
    model.node("Gather", a, np.array(-1), axis=1)
    model.node("GatherND", a, ints(0, 1, 2, 3).reshape(2, 2))
    model.node("ScatterND", a, ints(0, 2).reshape(2, 1), floats(2, 4))
    model.node("TopK", a, ints(2), outputs=2)
    model.node("NonZero", model.node("Relu", a))
    model.node("OneHot", model.node("Sub", at, ints(2)), np.array(3), np.array([0.5, 2], np.float32), axis=0)
    for upper in (0, 1):
        model.node("Trilu", a, upper=upper)
        model.node("Trilu", a, np.array(1 if upper else -1), upper=upper)
    model.node("Einsum", a, a, equation="ij, kj -> ik")
    model.write()


def pictures():
    x = floats(2, 4, 7, 6)
    model = Model("convolutions")
    a = model.feed(x)
    model.node("Conv", a, floats(3, 4, 3, 2), floats(3), pads=[1, 0, 2, 1], strides=[2, 1])
    model.node("Conv", a, floats(3, 4, 3, 3), auto_pad="SAME_UPPER", strides=[2, 2])
    model.node("Conv", a, floats(3, 4, 2, 2), dilations=[2, 3])
    model.node("Conv", a, floats(8, 1, 3, 3), floats(8), group=4, pads=[1, 1, 1, 1])
    model.node("Conv", a, floats(6, 2, 1, 3), group=2)
    model.node("ConvTranspose", a, floats(4, 3, 3, 2), floats(3), strides=[2, 3], pads=[1, 0, 0, 1], output_padding=[1, 2])
    model.node("ConvTranspose", a, floats(4, 2, 2, 2), strides=[2, 2])
    model.write()
    model = Model("convolutions over sequences")
    a = model.feed(floats(2, 4, 9))
    model.node("Conv", a, floats(3, 4, 3), floats(3), pads=[2, 1], strides=[2])
    model.node("Conv", a, floats(4, 1, 3), floats(4), group=4, dilations=[2])
    model.node("MaxPool", a, kernel_shape=[3], strides=[2])
    model.node("AveragePool", a, kernel_shape=[3], pads=[1, 1])
    model.node("GlobalMaxPool", a)
    model.write()
    filters = Model("filters that are computed")
    a, b = filters.feed(x), filters.feed(floats(3, 4, 2, 2))
    filters.node("Conv", a, filters.node("Mul", b, np.float32(0.5)))
    filters.write()
    model = Model("pools")
    a = model.feed(x)
    model.node("MaxPool", a, kernel_shape=[3, 2], strides=[2, 2], pads=[1, 0, 1, 1])
    model.node("MaxPool", a, kernel_shape=[2, 2], auto_pad="SAME_UPPER", strides=[2, 2])
    model.node("AveragePool", a, kernel_shape=[2, 3])
    model.node("AveragePool", a, kernel_shape=[3, 3], strides=[2, 1], pads=[1, 1, 0, 2])
    model.node("AveragePool", a, kernel_shape=[3, 3], pads=[1, 1, 1, 1], count_include_pad=1)
    model.node("GlobalAveragePool", a)
    model.node("LRN", a, size=3, alpha=0.1, beta=0.5, bias=2.0)
    model.node("DepthToSpace", a, blocksize=2)
    model.node("DepthToSpace", a, blocksize=2, mode="CRD")
    model.node("SpaceToDepth", model.node("Slice", a, ints(0), ints(6), ints(2)), blocksize=2)
    model.write()
    scales = np.array([1, 1, 2, 3], np.float32)
    model = Model("sizes")
    a = model.feed(x)
    model.node("Resize", a, "", scales, mode="nearest")
    model.node("Resize", a, "", scales, mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor")
    model.node("Resize", a, "", scales, mode="linear")
    model.node("Resize", a, "", scales, mode="linear", coordinate_transformation_mode="align_corners")
    model.node("Resize", a, "", "", ints(2, 4, 5, 9), mode="linear", coordinate_transformation_mode="pytorch_half_pixel")
    model.node("Resize", a, "", "", ints(2, 4, 5, 9), mode="linear", coordinate_transformation_mode="asymmetric")
    model.write()
    one("upsample", "Upsample", x, constant=[scales], opset=9, mode="nearest")


def layers():
    x, y = floats(3, 4), floats(2, 3, 4)
    model = Model("products")
    a, b = model.feed(x), model.feed(y)
    model.node("Gemm", a, floats(4, 2), floats(2))
    model.node("Gemm", a, floats(2, 4), floats(3, 1), transB=1, alpha=0.5, beta=2.0)
    model.node("Gemm", a, floats(3, 2), transA=1, alpha=1.5)
    model.node("MatMul", a, floats(4, 5))
    model.node("MatMul", b, floats(4, 5))
    model.node("MatMul", b, floats(2, 4, 2))
    model.write()
    model = Model("norms")
    a, b, c = model.feed(x), model.feed(y), model.feed(floats(2, 3, 4, 2))
    moments = lambda n: (floats(n), floats(n), floats(n), np.abs(floats(n)))
    model.node("BatchNormalization", a, *moments(4), epsilon=0.01)
    model.node("BatchNormalization", b, *moments(3))
    model.node("BatchNormalization", c, *moments(3))
    model.node("LayerNormalization", b, floats(4), floats(4))
    model.node("LayerNormalization", b, floats(3, 4), axis=1, epsilon=0.1)
    model.node("InstanceNormalization", c, floats(3), floats(3))
    model.write()
    model = Model("softmax")
    a = model.feed(y)
    model.node("Softmax", a)
    model.node("Softmax", a, axis=1)
    model.node("LogSoftmax", a, axis=0)
    model.write()
    one("softmax of what was flat", "Softmax", y, opset=11)
    one("log softmax of what was flat", "LogSoftmax", y, opset=11, axis=1)


def recurrent():
    x, units = floats(4, 2, 3), 2
    for direction, n in (("forward", 1), ("reverse", 1), ("bidirectional", 2)):
        model = Model(f"lstm, {direction}")
        a = model.feed(x)
        weights = floats(n, 4 * units, 3), floats(n, 4 * units, units), floats(n, 8 * units)
        model.node("LSTM", a, *weights, outputs=3, hidden_size=units, direction=direction)
        model.node("LSTM", a, *weights[:2], "", "", floats(n, 2, units), floats(n, 2, units), hidden_size=units, direction=direction)
        model.write()


def networks():
    model = Model("a network of convolutions", shapes={"x0": ["batch", 1, 8, 8]})
    a = model.feed(floats(3, 1, 8, 8))
    a = model.node("Relu", model.node("Conv", a, floats(4, 1, 3, 3), floats(4), pads=[1, 1, 1, 1]))
    b = model.node("BatchNormalization", a, floats(4), floats(4), floats(4), np.abs(floats(4)))
    a = model.node("Add", a, model.node("Conv", b, floats(4, 4, 3, 3) / 4, pads=[1, 1, 1, 1]))
    a = model.node("Flatten", model.node("MaxPool", a, kernel_shape=[2, 2], strides=[2, 2]))
    model.node("Softmax", model.node("Gemm", a, floats(5, 64) / 8, floats(5), transB=1))
    model.write()
    model = Model("attention", shapes={"x0": ["batch", "time"]})
    ids = model.feed(random.integers(0, 7, (2, 5)))
    a = model.node("Gather", floats(7, 6), ids)
    time = model.node("Unsqueeze", model.node("Gather", model.node("Shape", ids), np.array(1)), ints(0))
    heads = lambda: model.node(
        "Transpose", model.node("Reshape", model.node("MatMul", a, floats(6, 6) / 2), ints(0, 0, 2, 3)), perm=[0, 2, 1, 3]
    )
    q, k, v = heads(), model.node("Transpose", heads(), perm=[0, 1, 3, 2]), heads()
    mask = model.node("Slice", model.node("Slice", np.tri(9, dtype=bool), ints(0), time, ints(0)), ints(0), time, ints(1))
    scores = model.node("Where", mask, model.node("MatMul", q, k), np.array(-np.inf, np.float32))
    mixed = model.node("Transpose", model.node("MatMul", model.node("Softmax", scores), v), perm=[0, 2, 1, 3])
    a = model.node("Add", a, model.node("Reshape", mixed, ints(0, 0, 6)))
    model.node("LayerNormalization", a, floats(6), floats(6))
    model.write()


for family in (elements, reductions, arrays, indices, pictures, layers, recurrent, networks):
    family()
print(json.dumps({"source": f"onnxruntime {onnxruntime.__version__}, CPU", "cases": cases}, separators=(",", ":")))
