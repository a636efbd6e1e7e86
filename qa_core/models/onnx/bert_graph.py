"""A BERT question-answering model as the ONNX graph that ONNX Runtime runs fastest.

BERT is what this project trains and ships, so its graph is written down here straight from the
weights: that takes a second and needs neither torch nor transformers. Every other architecture
goes through `qa_core.models.onnx.traced_graph`, against which the tests compare this one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from qa_core.models.onnx.nodes import FUSED, Nodes, Weights

if TYPE_CHECKING:
    import onnx

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


class _Bert(Nodes):
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
        attended = self.attention(name, hidden, ATTENTION, mask, heads)
        output = f"{name}.attention.output"
        hidden = self.add_and_norm(attended, hidden, f"{output}.dense", f"{output}.LayerNorm")
        return self.feed_forward(
            hidden,
            f"{name}.intermediate.dense",
            f"{name}.output.dense",
            f"{name}.output.LayerNorm",
        )


def bert_graph(config: Mapping[str, Any], weights: Weights) -> onnx.ModelProto:
    """The graph of a BERT, from its configuration and the weights transformers gives it.

    Inputs are int64 [batch, sequence]: `input_ids`, `attention_mask` and, where the model tells
    two segments apart, `token_type_ids`; outputs are `start_logits` and `end_logits`, float32
    [batch, sequence]. Padding may stand on either side.
    """
    from onnx import TensorProto

    graph = _Bert(weights, config.get("layer_norm_eps", 1e-12))
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
    return graph.model(hidden, inputs)
