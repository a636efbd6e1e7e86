"""The mean of two models' weights: often better than either, and it forgets less."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from qa_core.errors import InputError, ModelError, one_line
from qa_core.models import resolve_model

WEIGHTS = "model.safetensors"
# What tells of the trained model alone and does not hold for a mean.
SPECIFIC = ("calibration.json", "figures.json", "checkpoints", "onnx", "*.md", "run.json")


def average(first: str | Path, second: str | Path, share: float, output: Path) -> Path:
    """Write ``(1 - share) * first + share * second`` to the folder ``output``, in float16.

    first, second: folders or Hub ids of models of one architecture, the second one usually
    fine-tuned from the first (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models").
    share: 0 to 1. All but the weights is the second model's; the calibration of neither holds for
    the result, so it has none. Raises InputError, ModelError.
    """
    if not 0 <= share <= 1:
        raise InputError(f"share: expected 0 to 1, found {share}")
    if output.exists():
        raise InputError(f"expected a new folder, found {output}: name another one")
    folders = [resolve_model(first), resolve_model(second)]
    one, other = (_weights(folder) for folder in folders)
    if {name: value.shape for name, value in one.items()} != {
        name: value.shape for name, value in other.items()
    }:
        raise ModelError(
            f"expected two models of one architecture, found other weights in {first} than in "
            f"{second}: average models that were trained from the same base"
        )
    mean = {
        name: ((1 - share) * one[name].astype(np.float32) + share * other[name]).astype(np.float16)
        for name in other
    }
    shutil.copytree(folders[1], output, ignore=shutil.ignore_patterns(WEIGHTS, *SPECIFIC))
    save_file(mean, output / WEIGHTS, metadata={"format": "pt"})
    record = output / "training.json"
    if record.is_file():
        known = json.loads(record.read_text(encoding="utf-8")) | {"averaged": {"share": share}}
        record.write_text(json.dumps(known, indent=2) + "\n", encoding="utf-8")
    return output


def _weights(folder: Path) -> dict[str, np.ndarray]:
    path = folder / WEIGHTS
    if not path.is_file():
        raise ModelError(f"expected {WEIGHTS} in {folder}, found none: save it in one file")
    try:
        return load_file(path)
    except (SafetensorError, OSError) as error:
        raise ModelError(f"expected weights in {path}, found {one_line(error)}") from error
