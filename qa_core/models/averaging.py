"""The mean of several models' weights: often better than any of them, and it forgets less."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from qa_core.errors import InputError, ModelError
from qa_core.models.folder import TOKENIZER_SETTINGS, VOCABULARY, read_weights, resolve_model

SHARED = (*TOKENIZER_SETTINGS, *VOCABULARY, "tokenizer.json", "training.json")


def average(models: Sequence[str | Path], shares: Sequence[float], output: Path) -> Path:
    """Write the weighted mean of the models' weights to the folder ``output``, in float16.

    models: folders or Hub ids of models that were trained from one base, such as the checkpoints
    of a run (Izmailov et al. 2018, "Averaging weights leads to wider optima") or a model and what
    was fine-tuned from it (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models").
    shares: a weight for each, of a sum above 0. A negative one goes on beyond the others, away from
    that model: -1 before a stage of training and 2 after it is as far again (Zheng et al. 2024,
    "Weak-to-strong extrapolation expedites alignment"). Settings, tokenizer and the names of the
    weights are the first model's: what else another one holds, such as a pooler, is left out. No
    model's calibration holds for the result, so it has none. Raises InputError, ModelError.
    """
    if len(models) < 2 or len(shares) != len(models):
        raise InputError(
            f"expected at least two models and a share for each, found {len(models)} models and "
            f"{len(shares)} shares"
        )
    if 0 in shares or sum(shares) <= 0:
        raise InputError(
            f"shares: expected a sum above 0 and none of 0, found {', '.join(map(str, shares))}"
        )
    if output.exists():
        raise InputError(f"expected a new folder, found {output}: name another one")
    folders = [resolve_model(model) for model in models]
    mean: dict[str, np.ndarray] = {}
    for model, folder, share in zip(models, folders, shares, strict=True):
        weights = read_weights(folder)
        if any(name not in weights or weights[name].shape != mean[name].shape for name in mean):
            raise ModelError(
                f"expected models of one architecture, found other weights in {model} than in "
                f"{models[0]}: average models that were trained from the same base"
            )
        part = share / sum(shares)
        mean = {name: mean.get(name, 0) + part * weights[name] for name in mean or weights}
    output.mkdir(parents=True)
    for file in {file for pattern in SHARED for file in folders[0].glob(pattern)}:
        shutil.copy(file, output)
    rounded = {name: value.astype(np.float16) for name, value in mean.items()}
    save_file(rounded, output / "model.safetensors", metadata={"format": "pt"})
    return output
