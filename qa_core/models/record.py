"""What the record of a model's training, ``training.json``, says of how to use the model."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from qa_core.errors import ModelError

T = TypeVar("T")

# Window sizes in tokens, where neither the model nor its user says otherwise.
MAX_LENGTH = 384
STRIDE = 128
MAX_QUESTION_LENGTH = 64


def window_sizes(folder: Path) -> dict[str, int]:
    """Window sizes in tokens from the model's training record, where it has one."""
    usual = {"max_length": MAX_LENGTH, "stride": STRIDE, "max_question_length": MAX_QUESTION_LENGTH}
    return _recorded(folder, lambda recipe: {name: int(recipe[name]) for name in usual}) or usual


def held_out_share(folder: Path) -> float | None:
    """The share (0 to 1) of paragraphs, by `split_by_paragraph`, kept out of the model's training.

    None where no training record says.
    """
    return _recorded(
        folder, lambda recipe: float(recipe["held_out"]) if "held_out" in recipe else None
    )


def _recorded(folder: Path, take: Callable[[Mapping[str, Any]], T]) -> T | None:
    """What ``take`` makes of the recipe of the model's training, None where it has no record."""
    record = folder / "training.json"
    if not record.exists():
        return None
    try:
        return take(json.loads(record.read_text(encoding="utf-8"))["recipe"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"{record}: expected the record of a training run, found another file ({error}); "
            "copy the model again, or remove this file"
        ) from error
