"""An ONNX graph with its matrix products in 8 bits: half the time for almost the same logits.

ONNX Runtime's own dynamic quantisation takes one scale for all activations of a batch. A reader's
activations have a few very large ones, which leaves little resolution for the rest, and makes an
answer depend on the questions it shares a batch with. Here every token has a scale of its own:
each row is divided by its largest magnitude, multiplied in integers, and scaled back.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import onnx

FUSED = "com.microsoft"  # the domain of ONNX Runtime's own operators
# 7 bits: without VNNI, two products of 8 by 8 bits overflow the 16 bits they are summed in.
WEIGHT_LEVELS = 64
GELUS = ("BiasGelu", "FastGelu", "Gelu")
GELU_MINIMUM = -0.17


def quantize_weight(
    weight: NDArray[np.float32], levels: int = WEIGHT_LEVELS
) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """A float32 [in, out] matrix as int8 of the same shape, and the scale of each column [out].

    levels: the largest integer, at most 127.
    """
    scale = np.maximum(np.abs(weight).max(axis=0), np.float32(1e-12)) / levels
    return np.round(weight / scale).astype(np.int8), scale.astype(np.float32)


def quantize(model: onnx.ModelProto, exclude: Collection[str] = ()) -> None:
    """Put the products of activations and weights into 8 bits, in place.

    exclude: names of nodes to leave as they are.
    """
    graph = model.graph
    weights = {tensor.name: tensor for tensor in graph.initializer}
    new = _Products({name: node.op_type for node in graph.node for name in node.output})
    from onnx import numpy_helper

    for node in graph.node:
        weight = weights.get(node.input[1]) if node.op_type == "MatMul" else None
        if weight is None or len(weight.dims) != 2 or node.name in exclude:
            new.nodes.append(node)
        else:
            new.product(node.input[0], weight.name, numpy_helper.to_array(weight), node.output[0])
    used = {name for node in new.nodes for name in node.input}
    needed = [tensor for tensor in graph.initializer if tensor.name in used]
    nodes = list(new.nodes)
    del graph.node[:], graph.initializer[:]
    graph.node.extend(nodes)
    graph.initializer.extend([*needed, *new.constants.values()])


class _Products:
    """Nodes in the making, with the rows and constants that they share."""

    def __init__(self, makers: dict[str, str]) -> None:
        self.makers = makers
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, onnx.TensorProto] = {}
        self.rows: dict[str, tuple[str, str, str, str]] = {}

    def product(self, hidden: str, name: str, weight: NDArray[np.float32], output: str) -> None:
        """`hidden @ weight`, computed in integers."""
        integers, largest, scale, zero = self._integer_rows(hidden)
        matrix, column_scales = quantize_weight(weight)
        inputs = [
            integers,
            self._constant(f"{name}.int8", matrix),
            scale,
            self._constant(f"{name}.scale", column_scales),
            zero,
        ]
        self._add("MatMulIntegerToFloat", inputs, f"{output}.unscaled", FUSED)
        self._add("Mul", [f"{output}.unscaled", largest], output)

    def _integer_rows(self, hidden: str) -> tuple[str, str, str, str]:
        """Names of: the rows as uint8, the divisor of each row, their scale, their zero point."""
        if hidden not in self.rows:
            gelu = self.makers.get(hidden) in GELUS
            lowest, least = (GELU_MINIMUM, 1.0) if gelu else (-1.0, 1e-12)
            kind = "gelu" if gelu else "any"
            step = (1 - lowest) / 255
            scale = self._constant(f"{kind}.scale", np.float32(step))
            zero = self._constant(f"{kind}.zero", np.uint8(round(-lowest / step)))
            least_name = self._constant(f"{kind}.least", np.float32(least))
            magnitude = hidden if gelu else self._add("Abs", [hidden], f"{hidden}.magnitude")
            top = self._add("ReduceMax", [magnitude], f"{hidden}.top", axes=[-1], keepdims=1)
            largest = self._add("Max", [top, least_name], f"{hidden}.largest")
            unit = self._add("Div", [hidden, largest], f"{hidden}.unit")
            integers = self._add("QuantizeLinear", [unit, scale, zero], f"{hidden}.uint8")
            self.rows[hidden] = integers, largest, scale, zero
        return self.rows[hidden]

    def _constant(self, name: str, value: Any) -> str:
        from onnx import numpy_helper

        self.constants[name] = numpy_helper.from_array(np.asarray(value), name)
        return name

    def _add(
        self, operator: str, inputs: list[str], output: str, domain: str = "", **settings: Any
    ) -> str:
        from onnx import helper

        self.nodes.append(
            helper.make_node(operator, inputs, [output], output, domain=domain, **settings)
        )
        return output
