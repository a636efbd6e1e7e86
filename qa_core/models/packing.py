"""Weights in 8 bits on disk: half the size of float16, and the products that serve lose nothing.

A packed matrix is an int8 tensor with a second one, ``NAME.scale``, float32 [rows]: row by row,
the scale times the integers. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qa_core.models.onnx.quantize import quantize_weight

SCALE = ".scale"
SMALLEST = 2**16  # numbers in a matrix that is worth packing
TABLE_LEVELS = 127  # of embeddings, which serve in float32


def pack(weights: Mapping[str, NDArray[np.float32]]) -> dict[str, NDArray[Any]]:
    """Matrices in 8 bits, the rest in float16.

    A matrix that is multiplied gets the very integers that it serves with
    (`qa_core.models.onnx.quantize`), so that packing changes nothing there.
    """
    packed: dict[str, NDArray[Any]] = {}
    for name, weight in weights.items():
        if weight.ndim != 2 or weight.size < SMALLEST:
            packed[name] = weight.astype(np.float16)
            continue
        levels = {"levels": TABLE_LEVELS} if "embeddings" in name else {}
        integers, scale = quantize_weight(weight.T, **levels)
        packed[name], packed[f"{name}{SCALE}"] = np.ascontiguousarray(integers.T), scale
    return packed


def unpack(stored: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[np.float32]]:
    """The weights of packed tensors, or of plain ones, in float32."""
    return {
        name: (
            tensor.astype(np.float32) * stored[f"{name}{SCALE}"][:, None]
            if f"{name}{SCALE}" in stored
            else tensor.astype(np.float32)
        )
        for name, tensor in stored.items()
        if not name.endswith(SCALE)
    }
