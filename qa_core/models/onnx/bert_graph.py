"""A BERT question-answering model as the ONNX graph that ONNX Runtime runs fastest.

BERT is what this project trains and ships, so its graph is written down here straight from the
weights: that takes a second and needs neither torch nor transformers. Every other architecture
goes through `qa_core.models.onnx.traced_graph`, against which the tests compare this one.
"""

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
ATTENTION = ("attention.self.query", "attention.self.key", "attention.self.value")
LAYER = (
    *ATTENTION,
    "attention.output.dense",
    "attention.output.LayerNorm",
    "intermediate.dense",
    "output.dense",
    "output.LayerNorm",
)
TABLES = tuple(f"bert.embeddings.{kind}_embeddings" for kind in ("word", "position", "token_type"))


def is_plain_bert(config: Mapping[str, Any], weights: Weights) -> bool:
    """Whether `bert_graph` can write this model: a BERT encoder, nothing changed, and its head."""
    modules = ["bert.embeddings.LayerNorm", "qa_outputs"]
    for layer in range(config.get("num_hidden_layers", 12)):
        modules += [f"bert.encoder.layer.{layer}.{module}" for module in LAYER]
    needed = {f"{table}.weight" for table in TABLES}
    needed |= {f"{module}.{part}" for module in modules for part in ("weight", "bias")}
    return (
        config.get("model_type") == "bert"
        and config.get("hidden_act", "gelu") == "gelu"
        and config.get("position_embedding_type", "absolute") == "absolute"
        and not config.get("is_decoder", False)
        and weights.keys() >= needed
    )


class _Nodes:
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

    def embeddings(self, ids: str, segments: str) -> str:
        norm = "bert.embeddings.LayerNorm"
        tables = [self.weight(f"{table}.weight") for table in TABLES]
        return self.add(
            "EmbedLayerNormalization",
            [ids, segments, *tables, self.weight(f"{norm}.weight"), self.weight(f"{norm}.bias")],
            [f"{norm}.output", f"{norm}.unused"],
            FUSED,
            epsilon=self.epsilon,
        )

    def layer(self, name: str, hidden: str, mask: str, heads: int) -> str:
        parts = [f"{name}.{part}" for part in ATTENTION]
        bias = np.hstack([self.weights[f"{part}.bias"] for part in parts])
        attended = self.add(
            "MultiHeadAttention",
            [
                *[self.product(hidden, part) for part in parts],
                self.constant(f"{name}.attention.bias", bias),
                mask,
            ],
            [f"{name}.attention"],
            FUSED,
            num_heads=heads,
        )
        output = f"{name}.attention.output"
        hidden = self.add_and_norm(attended, hidden, f"{output}.dense", f"{output}.LayerNorm")
        inner = f"{name}.intermediate.dense"
        bias_name = self.weight(f"{inner}.bias")
        widened = self.add("BiasGelu", [self.product(hidden, inner), bias_name], [inner], FUSED)
        return self.add_and_norm(
            widened, hidden, f"{name}.output.dense", f"{name}.output.LayerNorm"
        )


def bert_graph(config: Mapping[str, Any], weights: Weights) -> onnx.ModelProto:
    """The graph of a BERT, from its configuration and the weights transformers gives it.

    Inputs are int64 [batch, sequence]: `input_ids`, `attention_mask` and, where the model tells
    two segments apart, `token_type_ids`; outputs are `start_logits` and `end_logits`, float32
    [batch, sequence]. Padding may stand on either side.
    """
    from onnx import TensorProto, checker, helper

    graph = _Nodes(weights, config.get("layer_norm_eps", 1e-12))
    inputs = ["input_ids", "attention_mask"]
    if len(weights[f"{TABLES[2]}.weight"]) > 1:
        inputs.append("token_type_ids")
    ids, mask, *segments = [
        graph.add("Cast", [name], [f"{name}.int32"], to=TensorProto.INT32) for name in inputs
    ]
    hidden = graph.embeddings(ids, segments[0] if segments else "")
    for layer in range(config.get("num_hidden_layers", 12)):
        heads = config.get("num_attention_heads", 12)
        hidden = graph.layer(f"bert.encoder.layer.{layer}", hidden, mask, heads)
    logits = graph.add(
        "Add", [graph.product(hidden, "qa_outputs"), graph.weight("qa_outputs.bias")], ["logits"]
    )
    graph.add("Split", [logits], ["start", "end"], axis=-1)
    last = graph.constant("last_axis", np.array([-1]))
    outputs = ["start_logits", "end_logits"]
    for name in outputs:
        graph.add("Squeeze", [name.removesuffix("_logits"), last], [name])

    def described(names: list[str], kind: int) -> list[onnx.ValueInfoProto]:
        shape = ["batch", "sequence"]
        return [helper.make_tensor_value_info(name, kind, shape) for name in names]

    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "bert",
            described(inputs, TensorProto.INT64),
            described(outputs, TensorProto.FLOAT),
            graph.constants,
        ),
        opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid(FUSED, 1)],
        ir_version=8,
    )
    checker.check_model(model)
    return model
