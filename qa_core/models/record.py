"""Window sizes (length, stride), and what the record of a model's training says of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from qa_core.errors import ModelError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class WindowSizes:
    """Sizes in tokens; the defaults are those where neither the model nor its user says otherwise.

    max_length: of a window, at most. stride: by how much neighbours overlap. max_question_length:
    of a question, at most.
    """

    max_length: int = 384
    stride: int = 128
    max_question_length: int = 64

    def resized(
        self,
        max_length: int | None = None,
        stride: int | None = None,
        max_question_length: int | None = None,
    ) -> WindowSizes:
        """Other sizes, None for these."""
        return WindowSizes(
            max_length or self.max_length,
            self.stride if stride is None else stride,
            max_question_length or self.max_question_length,
        )


def window_sizes(folder: Path) -> WindowSizes:
    """The sizes of the model's training record, the defaults where it has none."""

    def take(recipe: Mapping[str, Any]) -> WindowSizes:
        return WindowSizes(**{one.name: int(recipe[one.name]) for one in fields(WindowSizes)})

    return _recorded(folder, take) or WindowSizes()


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
