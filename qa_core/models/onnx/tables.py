"""Embeddings kept in 8 or 16 bits in a graph's file; they are widened once, when it is loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qa_core.models.onnx.quantize import quantize_weight
from qa_core.models.packing import SMALLEST, TABLE_LEVELS

if TYPE_CHECKING:
    import onnx


def compact(model: onnx.ModelProto) -> None:
    """Store large float32 tables smaller, in place: half or a quarter of their bytes.

    As float16 where that loses nothing, else row by row as integers of 8 bits with a scale, as
    `qa_core.models.packing` does. ONNX Runtime folds the nodes that widen them.
    """
    from onnx import TensorProto, helper, numpy_helper

    graph = model.graph
    tables, widened = [], []
    for tensor in graph.initializer:
        size = int(np.prod(tensor.dims))
        if tensor.data_type != TensorProto.FLOAT or len(tensor.dims) != 2 or size < SMALLEST:
            tables.append(tensor)
            continue
        name, table = tensor.name, numpy_helper.to_array(tensor)
        half = table.astype(np.float16)
        stored = f"{name}.stored"
        if (half.astype(np.float32) == table).all():
            tables.append(numpy_helper.from_array(half, stored))
            widened.append(helper.make_node("Cast", [stored], [name], to=TensorProto.FLOAT))
            continue
        integers, scale = quantize_weight(table.T, TABLE_LEVELS)
        tables.append(numpy_helper.from_array(np.ascontiguousarray(integers.T), stored))
        tables.append(numpy_helper.from_array(scale[:, None], f"{name}.scale"))
        whole = f"{name}.whole"
        widened += [
            helper.make_node("Cast", [stored], [whole], to=TensorProto.FLOAT),
            helper.make_node("Mul", [whole, f"{name}.scale"], [name]),
        ]
    nodes = [*widened, *graph.node]
    del graph.node[:], graph.initializer[:]
    graph.node.extend(nodes)
    graph.initializer.extend(tables)
