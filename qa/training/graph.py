"""The network as a graph of ONNX Runtime's own operators, of which one does what an exporter writes twenty for.

It takes one window: ids, segments and where the text begins, as :func:`qa.tokens.pack` gives them, and :func:`qa.tokens.match_runs`. It
gives the relevance, and the logits of begin and end of the text's characters.
"""

from collections.abc import Mapping

import numpy as np
from onnx import ModelProto, TensorProto, helper, numpy_helper

from qa.training.network import BEFORE, OWN, Shape, rotations

OPSET, IR = 17, 8
RUNTIME = "com.microsoft"  # the domain of ONNX Runtime's own operators
END = np.iinfo(np.int64).max


def graph(weights: Mapping[str, np.ndarray], shape: Shape) -> ModelProto:
    """The network with weights of a byte each: a scale for each column of a matrix, one for each table of vectors.

    :param weights: of a :class:`qa.training.network.Reader`, float32, by their names in it.
    """
    writer = _Writer(weights)
    x = writer.linear(_in_places(writer, _characters(writer, shape), shape), "joined")
    for row in range(shape.layers):
        x = _layer(writer, x, f"layers.{row}", shape, last=row == shape.layers - 1)
    return writer.model(*_heads(writer, writer.norm(x, "norm"), shape))


def weights_of(model: ModelProto) -> dict[str, np.ndarray]:
    """The weights that a graph holds, by their names in the network: float32, rounded to what a byte each can say."""
    held = {each.name: numpy_helper.to_array(each) for each in model.graph.initializer}
    weights = {}
    for name, values in held.items():
        stem, _, part = name.rpartition(".")
        if values.dtype == np.uint8 and part == "weight":
            weights[name] = (values.astype(np.float32) - held[f"{stem}.zero"]) * held[f"{stem}.scale"]
        elif values.dtype == np.int8:
            weights[name] = np.ascontiguousarray((values * held[f"{stem}.scale"]).T)
        elif part in ("weight", "bias"):
            weights[name] = np.array(values)
    return weights


def _characters(writer: "_Writer", shape: Shape) -> str:
    """The vectors of characters before the first layer."""
    zero, one = writer.constant("zero", np.zeros((1, 1), np.int64)), writer.number(1)
    before = writer.node("Concat", zero, writer.cut("ids", writer.number(0), writer.number(-1)), axis=1)
    hashed = writer.node("Add", *(writer.node("Mul", ids, writer.number(factor)) for ids, factor in ((before, BEFORE), ("ids", OWN))))
    pair = writer.rows("pairs", writer.node("Mod", hashed, writer.number(shape.pairs)))
    nothing = writer.constant("nothing", np.zeros((1, 1, shape.pair_width), np.float32))
    after = writer.node("Concat", writer.cut(pair, one), nothing, axis=1)
    neighbours = writer.linear(writer.node("Concat", pair, after, axis=-1), "paired")
    own = writer.node("Add", neighbours, writer.rows("characters", "ids"))
    return writer.node("Add", own, writer.node("Add", writer.rows("matches", "runs"), writer.rows("segments", "segments")))


def _in_places(writer: "_Writer", x: str, shape: Shape) -> str:
    """The vectors of the characters of each place, one behind the other."""
    return writer.node("Reshape", x, writer.constant("places", np.array([1, -1, shape.step * shape.width])))


def _layer(writer: "_Writer", x: str, name: str, shape: Shape, last: bool) -> str:
    """A :class:`qa.training.network.Layer`; the last one makes only the places that are read: the first, and those of the text."""
    projected = writer.linear(writer.norm(x, f"{name}.attention_norm"), f"{name}.project")
    query, key, value = writer.node("Split", projected, writer.constant("thirds", np.full(3, shape.width)), outputs=3, axis=-1)
    query, key = (_rotated(writer, each, shape) for each in (query, key))
    if last:
        begin = writer.node("Div", "begin", writer.number(shape.step))
        query, x = (writer.node("Concat", writer.cut(each, writer.number(0), writer.number(1)), writer.cut(each, begin), axis=1)
                    for each in (query, x))
    mixed = writer.node("MultiHeadAttention", query, key, value, domain=RUNTIME, num_heads=shape.heads)
    x = writer.node("Add", x, writer.linear(mixed, f"{name}.mix"))
    wide = writer.linear(writer.norm(x, f"{name}.feed_norm"), f"{name}.widen")
    return writer.node("Add", x, writer.linear(writer.node("Gelu", wide, domain=RUNTIME), f"{name}.narrow"))


def _rotated(writer: "_Writer", x: str, shape: Shape) -> str:
    half = shape.width // shape.heads // 2
    cos, sin = (writer.constant(name, angles.numpy()[:, :half])
                for name, angles in zip(("cos", "sin"), rotations(shape.longest, 2 * half)))
    return writer.node("RotaryEmbedding", x, writer.number(0), cos, sin, domain=RUNTIME, num_heads=shape.heads)


def _heads(writer: "_Writer", x: str, shape: Shape) -> tuple[str, str]:
    """Relevance and logits of begin and end."""
    first = writer.node("Squeeze", writer.cut(x, writer.number(0), writer.number(1)), writer.number(1))
    told = writer.linear(writer.node("Tanh", writer.linear(first, "relevance.0")), "relevance.2")
    spans = writer.linear(writer.cut(x, writer.number(1)), "spans")
    spans = writer.node("Reshape", spans, writer.constant("characters", np.array([1, -1, 2])))
    return (writer.node("Squeeze", told, writer.number(1)),
            writer.cut(spans, writer.node("Mod", "begin", writer.number(shape.step))))


class _Writer:
    """Collects nodes and what they hold; each method gives the name of what its node makes."""

    def __init__(self, weights: Mapping[str, np.ndarray]) -> None:
        self.weights = weights
        self._nodes, self._held = [], {}

    def node(self, kind: str, *inputs: str, outputs: int = 1, domain: str = "", **attributes: object) -> str | list[str]:
        """A node of an operator: the names of what it makes, where that is several."""
        made = [f"{kind}{len(self._nodes)}.{at}" for at in range(outputs)]
        self._nodes.append(helper.make_node(kind, inputs, made, domain=domain, **attributes))
        return made if outputs > 1 else made[0]

    def constant(self, name: str, values: np.ndarray) -> str:
        """An array that is held under a name."""
        self._held[name] = numpy_helper.from_array(np.asarray(values, order="C"), name)
        return name

    def number(self, value: int) -> str:
        """An array of one integer."""
        return self.constant(f"number.{value}", np.array([value]))

    def cut(self, x: str, start: str, stop: str | None = None) -> str:
        """The characters ``[start, stop)``."""
        return self.node("Slice", x, start, stop or self.number(END), self.number(1))

    def norm(self, x: str, name: str) -> str:
        """A layer norm."""
        return self.node("LayerNormalization", x, *(self.constant(f"{name}.{part}", self.weights[f"{name}.{part}"])
                                                    for part in ("weight", "bias")), axis=-1)

    def rows(self, name: str, ids: str) -> str:
        """Vectors of a table."""
        values = self.weights[f"{name}.weight"]
        scale = np.float32((values.max() - values.min()) / 255)
        zero = np.uint8(np.round(-values.min() / scale))
        held = np.clip(np.round(values / scale) + zero, 0, 255).astype(np.uint8)
        return self.node("DequantizeLinear", self.node("Gather", self.constant(f"{name}.weight", held), ids),
                         self.constant(f"{name}.scale", scale), self.constant(f"{name}.zero", zero))

    def linear(self, x: str, name: str) -> str:
        """A linear map."""
        values = self.weights[f"{name}.weight"].T
        scale = np.maximum(np.abs(values).max(axis=0), np.finfo(np.float32).tiny) / np.float32(127)
        held = [self.constant(f"{name}.weight", np.round(values / scale).astype(np.int8)), self.constant(f"{name}.scale", scale), ""]
        if f"{name}.bias" in self.weights:
            held.append(self.constant(f"{name}.bias", self.weights[f"{name}.bias"]))
        return self.node("DynamicQuantizeMatMul", x, *held, domain=RUNTIME)

    def model(self, relevance: str, spans: str) -> ModelProto:
        """The model whose outputs these are."""
        self._nodes += [helper.make_node("Identity", [made], [name]) for made, name in ((relevance, "relevance"), (spans, "spans"))]
        inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, [1, "length"]) for name in ("ids", "runs", "segments")]
        inputs.append(helper.make_tensor_value_info("begin", TensorProto.INT64, [1]))
        outputs = [helper.make_tensor_value_info("relevance", TensorProto.FLOAT, [1]),
                   helper.make_tensor_value_info("spans", TensorProto.FLOAT, [1, "text", 2])]
        return helper.make_model(helper.make_graph(self._nodes, "reader", inputs, outputs, list(self._held.values())),
                                 opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid(RUNTIME, 1)], ir_version=IR)
