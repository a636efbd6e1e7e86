"""Progress bars of long reads: on a terminal only, and only on reads that take a while."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

from tqdm import tqdm

T = TypeVar("T")

BAR_AFTER_SECONDS = 1.0


def rows_bar(
    records: Iterable[T], name: str, progress: bool, total: int | None = None
) -> Iterable[T]:
    """The records, counted as they pass."""
    return tqdm(records, **_style(name, progress), total=total, unit=" rows")


def bytes_bar(path: Path, progress: bool) -> tqdm[Any]:
    """A bar over the bytes of a file."""
    size = path.stat().st_size
    return tqdm(**_style(path.name, progress), total=size, unit="B", unit_scale=True)


def _style(name: str, progress: bool) -> dict[str, Any]:
    return {
        "desc": name,
        "delay": BAR_AFTER_SECONDS,
        "leave": False,
        "disable": None if progress else True,
    }
