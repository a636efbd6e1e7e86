"""Any question-answering model of transformers as an ONNX graph, by running it in an exporter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qa_core.errors import ModelError, one_line
from qa_core.models.backends import OUTPUTS, input_names, load_torch_model

OPSET = 17
# A graph must give the logits of torch, in float32, within this.
TOLERANCE = 1e-3

Inputs = Mapping[str, NDArray[np.int64]]


def traced_graph(model_dir: Path, folder: Path) -> Path:
    """Write the fastest graph that gives the logits of torch into ``folder``; return its path.

    Tried in turn: torch's tracing exporter, which is ten times as quick as its newer one and
    leaves attention in the form that ONNX Runtime fuses, then the newer one; of each the fused
    graph, then the plain one. Raises ModelError if none gives the logits of torch.
    """
    model = load_torch_model(model_dir, attention="eager")
    probes = list(_probes(model.config))
    expected = [_torch_logits(model, probe) for probe in probes]
    reason = ""
    for dynamo, fuse in ((False, True), (False, False), (True, True), (True, False)):
        path = folder / f"traced-{dynamo}-{fuse}.onnx"
        try:
            _export(model, probes[0], path, dynamo=dynamo)
            if fuse:
                _fuse(path, model.config)
            difference = _largest_difference(path, probes, expected)
        except Exception as error:  # torch, a model's own code and onnxruntime raise many kinds
            reason = one_line(error)
            continue
        if difference <= TOLERANCE:
            return path
        reason = f"its logits differ from torch's by {difference:.2g}"
    raise ModelError(
        f"{model_dir} ({model.config.model_type}) cannot be converted to ONNX "
        f"({reason}): use the torch backend"
    )


def _probes(config: Any) -> Iterator[Inputs]:
    """Random batches of several shapes, with padding on the right, nowhere and on the left."""
    random = np.random.default_rng(0)
    longest = min(50, getattr(config, "max_position_embeddings", 512) // 2)
    right, left = slice(-5, None), slice(0, 5)
    for rows, length, padding in ((2, 16, right), (1, longest, slice(0)), (3, longest, left)):
        inputs = {
            "input_ids": random.integers(0, config.vocab_size, (rows, length)),
            "attention_mask": np.ones((rows, length), np.int64),
            "token_type_ids": np.tile(
                (np.arange(length) > length // 3).astype(np.int64), (rows, 1)
            ),
        }
        inputs["input_ids"][0, padding] = config.pad_token_id or 0
        inputs["attention_mask"][0, padding] = 0
        yield {name: inputs[name] for name in input_names(config)}


def _torch_logits(model: Any, inputs: Inputs) -> NDArray[np.float32]:
    import torch

    with torch.inference_mode():
        output = model(**{name: torch.from_numpy(array) for name, array in inputs.items()})
    return np.stack([output.start_logits.numpy(), output.end_logits.numpy()])


def _export(model: Any, inputs: Inputs, path: Path, *, dynamo: bool) -> None:
    import torch

    class Logits(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, *arrays: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            output = self.model(**dict(zip(inputs, arrays, strict=True)))
            return output.start_logits, output.end_logits

    settings: dict[str, Any]
    if dynamo:
        sizes = {0: torch.export.Dim("batch"), 1: torch.export.Dim("sequence")}
        settings = {"dynamic_shapes": ((sizes,) * len(inputs),), "external_data": False}
    else:
        axes = {name: {0: "batch", 1: "sequence"} for name in (*inputs, *OUTPUTS)}
        settings = {"dynamic_axes": axes, "opset_version": OPSET}
    with torch.no_grad():
        torch.onnx.export(
            Logits().eval(),
            tuple(torch.from_numpy(array) for array in inputs.values()),
            path,
            input_names=list(inputs),
            output_names=list(OUTPUTS),
            dynamo=dynamo,
            verbose=False,
            **settings,
        )


def _fuse(path: Path, config: Any) -> None:
    """Write the graph again with attention, layer norms and activations as single operators."""
    import onnx
    from onnxruntime.transformers.fusion_options import FusionOptions
    from onnxruntime.transformers.onnx_model_bert import BertOnnxModel

    options = FusionOptions("bert")
    options.use_raw_attention_mask(True)  # the other form is wrong for padding on the left
    options.enable_skip_layer_norm = (
        False  # slower than its parts, see qa_core.models.onnx.bert_graph
    )
    optimizer = BertOnnxModel(
        onnx.load(path), config.num_attention_heads, getattr(config, "hidden_size", 0)
    )
    # Query, key and value stay products of their own, which `qa_core.models.onnx.quantize` knows.
    optimizer.attention_fusion.use_multi_head_attention = True
    optimizer.optimize(options)
    optimizer.save_model_to_file(str(path))


def _largest_difference(
    graph: Path, probes: list[Inputs], expected: list[NDArray[np.float32]]
) -> float:
    """The largest difference of a logit from torch's, padding aside."""
    import onnxruntime

    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    return max(
        float((np.abs(session.run(OUTPUTS, probe) - logits) * probe["attention_mask"]).max())
        for probe, logits in zip(probes, expected, strict=True)
    )
