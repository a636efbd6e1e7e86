"""Build what serving needs from a model folder.

`python -m qa_core.models.onnx.export KIND MODEL_DIR FILE` does.

KIND is `fp32` (an optimised ONNX graph), `int8` (the same with products in 8 bits), `compact` (the
same with its embeddings in 8 or 16 bits, to be downloaded), `packed` (the weights in 8 bits, see
`qa_core.models.packing`) or `tokenizer` (a tokenizer.json for a folder that has only a vocabulary).
`qa_core.models.derived` runs it in a process of its own: what it imports, torch and transformers
among them, never enters the serving process.
"""

from __future__ import annotations

import logging
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from qa_core.errors import ModelError, SpanLoopError, one_line
from qa_core.files import flush
from qa_core.models.backends import OUTPUTS
from qa_core.models.folder import check_model, read_weights

if TYPE_CHECKING:
    import onnx


def build(kind: str, model_dir: Path, path: Path) -> None:
    """Write the file of this kind for a model folder.

    Intermediate files go beside it. Raises ModelError if the folder holds no question-answering
    model, or one that cannot be converted.
    """
    if kind == "tokenizer":
        _convert_tokenizer(model_dir, path)
    elif kind == "packed":
        from safetensors.numpy import save_file

        from qa_core.models.packing import pack

        check_model(model_dir)
        save_file(pack(read_weights(model_dir)), path)
    else:
        import onnx

        from qa_core.models.onnx.quantize import quantize
        from qa_core.models.onnx.tables import compact

        graph = fp32_graph(model_dir, path.parent)
        if kind in ("int8", "compact"):
            quantize(graph, exclude=head(graph))
        if kind == "compact":
            compact(graph)
        onnx.save(graph, path)
    flush(path)  # on disk before it gets its final name


def fp32_graph(model_dir: Path, folder: Path) -> onnx.ModelProto:
    """The model as an ONNX graph in float32; intermediate files go to ``folder``."""
    import onnx

    from qa_core.models.onnx.bert_graph import bert_graph, is_plain_bert
    from qa_core.models.onnx.mpnet_graph import is_plain_mpnet, mpnet_graph

    config = check_model(model_dir)
    if config.get("model_type") in ("bert", "mpnet"):
        weights = read_weights(model_dir)
        if is_plain_bert(config, weights):
            return bert_graph(config, weights)
        if is_plain_mpnet(config, weights):
            return mpnet_graph(config, weights)
    from qa_core.models.onnx.traced_graph import traced_graph

    return onnx.load(traced_graph(model_dir, folder))


def head(model: onnx.ModelProto) -> set[str]:
    """Names of the products nearest to the logits: too small to cost time, too close to round."""
    makers = {output: node for node in model.graph.node for output in node.output}
    found: set[str] = set()
    seen: set[str] = set()
    todo = list(OUTPUTS)
    while todo:
        node = makers.get(todo.pop())
        if node is None or node.output[0] in seen:
            continue
        seen.add(node.output[0])
        if node.op_type in ("MatMul", "Gemm"):
            found.add(node.name)
        else:
            todo.extend(node.input)
    return found


def _convert_tokenizer(model_dir: Path, path: Path) -> None:
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(
            model_dir, local_files_only=True, trust_remote_code=False
        )
        tokenizer.backend_tokenizer.save(str(path))
    except Exception as error:  # tokenizers and sentencepiece raise many kinds
        raise ModelError(
            f"the tokenizer of {model_dir} cannot be converted to tokenizer.json "
            f"({one_line(error)}): save it as one with transformers"
        ) from error


def main(arguments: list[str]) -> int:
    """Build, and say in one line on standard error why it could not be done."""
    warnings.filterwarnings("ignore")
    logging.disable(logging.ERROR)
    kind, model_dir, path = arguments
    try:
        build(kind, Path(model_dir), Path(path))
    except SpanLoopError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
