"""An MPNet question-answering model as the ONNX graph that ONNX Runtime runs fastest.

As `qa_core.models.onnx.bert_graph`: the larger bundled reader is an MPNet (Song et al. 2020), a
BERT without segments whose attention also sees how far apart two tokens are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qa_core.models.onnx.nodes import FUSED, Nodes, Weights

if TYPE_CHECKING:
    import onnx

ATTENTION = ("attention.attn.q", "attention.attn.k", "attention.attn.v")
LAYER = (
    *ATTENTION,
    "attention.attn.o",
    "attention.LayerNorm",
    "intermediate.dense",
    "output.dense",
    "output.LayerNorm",
)
EMBEDDINGS = "mpnet.embeddings"
TABLES = tuple(f"{EMBEDDINGS}.{kind}_embeddings.weight" for kind in ("word", "position"))
DISTANCES = "mpnet.encoder.relative_attention_bias.weight"
PADDING = 1  # a token's id and its position; transformers fixes both
FARTHEST = 128  # tokens; what is farther apart counts as that far


def is_plain_mpnet(config: Mapping[str, Any], weights: Weights) -> bool:
    """Whether `mpnet_graph` can write this model: an MPNet encoder, nothing changed, its head."""
    modules = [f"{EMBEDDINGS}.LayerNorm", "qa_outputs"]
    for layer in range(config.get("num_hidden_layers", 12)):
        modules += [f"mpnet.encoder.layer.{layer}.{module}" for module in LAYER]
    needed = {*TABLES, DISTANCES}
    needed |= {f"{module}.{part}" for module in modules for part in ("weight", "bias")}
    return (
        config.get("model_type") == "mpnet"
        and config.get("hidden_act", "gelu") == "gelu"
        and weights.keys() >= needed
    )


def buckets(longest: int, count: int) -> NDArray[np.int64]:
    """The bucket of each distance from ``1 - longest`` to ``longest - 1``, int64 [2 longest - 1].

    Half of the ``count`` buckets are for what stands before, half for what stands after; half of
    those are exact distances, the rest grow with the logarithm up to `FARTHEST` tokens, as in T5
    (Raffel et al. 2020, section 2.1).
    """
    distance = np.arange(1 - longest, longest)
    side, near = count // 2, count // 4
    far = np.abs(distance).astype(np.float32).clip(min=1)
    grown = (np.log(far / near) / np.log(FARTHEST / near) * (side - near)).astype(np.int64)
    bucket = np.where(far < near, np.abs(distance), np.minimum(near + grown, side - 1))
    return bucket + side * (distance > 0)


class _MPNet(Nodes):
    def embeddings(self, ids: str) -> str:
        from onnx import TensorProto

        padding = self.constant("positions.padding", np.array(PADDING, np.int32))
        padded = self.add("Equal", [ids, padding], ["positions.padded"])
        real = self.add("Not", [padded], ["positions.real"])
        ones = self.add("Cast", [real], ["positions.ones"], to=TensorProto.INT32)
        axis = self.constant("positions.axis", np.array(1))
        counted = self.add("CumSum", [ones, axis], ["positions.counted"])
        numbered = self.add("Mul", [counted, ones], ["positions.numbered"])
        positions = self.add("Add", [numbered, padding], ["positions"])
        norm = f"{EMBEDDINGS}.LayerNorm"
        tables = [self.weight(table) for table in TABLES]
        scale, shift = self.weight(f"{norm}.weight"), self.weight(f"{norm}.bias")
        return self.add(
            "EmbedLayerNormalization",
            [ids, "", *tables, "", scale, shift, "", positions],
            [f"{norm}.output", f"{norm}.unused"],
            FUSED,
            epsilon=self.epsilon,
        )

    def distances(self) -> str:
        """The bias of attention by distance, float32 [1, heads, sequence, sequence]."""
        longest = len(self.weights[TABLES[1]])
        table = self.weights[DISTANCES]
        biases = self.constant("distances.biases", table[buckets(longest, len(table))])
        shape = self.add("Shape", ["input_ids"], ["distances.length"], start=1, end=2)
        none = self.constant("distances.axes", np.array([0]))
        length = self.add("Squeeze", [shape, none], ["distances.scalar"])
        zero = self.constant("distances.zero", np.array(0))
        one = self.constant("distances.one", np.array(1))
        places = self.add("Range", [zero, length, one], ["distances.places"])
        last = self.constant("distances.last", np.array([1]))
        rows = self.add("Unsqueeze", [places, last], ["distances.rows"])
        apart = self.add("Sub", [places, rows], ["distances.apart"])
        middle = self.constant("distances.middle", np.array(longest - 1))
        index = self.add("Add", [apart, middle], ["distances.index"])
        found = self.add("Gather", [biases, index], ["distances.found"])
        turned = self.add("Transpose", [found], ["distances.turned"], perm=[2, 0, 1])
        return self.add("Unsqueeze", [turned, none], ["distances"])

    def layer(self, name: str, hidden: str, mask: str, distances: str, heads: int) -> str:
        attended = self.attention(name, hidden, ATTENTION, mask, heads, distances)
        norm = f"{name}.attention.LayerNorm"
        hidden = self.add_and_norm(attended, hidden, f"{name}.attention.attn.o", norm)
        return self.feed_forward(
            hidden,
            f"{name}.intermediate.dense",
            f"{name}.output.dense",
            f"{name}.output.LayerNorm",
        )


def mpnet_graph(config: Mapping[str, Any], weights: Weights) -> onnx.ModelProto:
    """The graph of an MPNet, from its configuration and the weights transformers gives it.

    Inputs are int64 [batch, sequence], `input_ids` and `attention_mask`; outputs are
    `start_logits` and `end_logits`, float32 [batch, sequence]. Padding may stand on either side.
    """
    from onnx import TensorProto

    graph = _MPNet(weights, config.get("layer_norm_eps", 1e-5))
    inputs = ["input_ids", "attention_mask"]
    ids, mask = [
        graph.add("Cast", [name], [f"{name}.int32"], to=TensorProto.INT32) for name in inputs
    ]
    hidden, distances = graph.embeddings(ids), graph.distances()
    for layer in range(config.get("num_hidden_layers", 12)):
        heads = config.get("num_attention_heads", 12)
        hidden = graph.layer(f"mpnet.encoder.layer.{layer}", hidden, mask, distances, heads)
    return graph.model(hidden, inputs)
