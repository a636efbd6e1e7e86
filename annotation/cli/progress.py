"""A progress bar for what takes a while."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tqdm import tqdm


@contextmanager
def progress(what: str, unit: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar, shown from the first report of "so many of so many"."""
    bar: tqdm[Any] = tqdm(desc=what, unit=unit, delay=1, disable=None)

    def advance(done: int, of: int) -> None:
        bar.total = of
        bar.update(done - bar.n)

    with bar:
        yield advance
