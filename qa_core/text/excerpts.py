"""Pieces of long contexts, by whole sentences. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qa_core.text.sentences import sentences


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A piece of a context: ``text == context[start : start + len(text)]``, in code points."""

    text: str
    start: int

    def inside(self, start: int, end: int) -> tuple[int, int] | None:
        """A span of the context as a span of the excerpt; None if it does not hold all of it."""
        if not self.start <= start <= end <= self.start + len(self.text):
            return None
        return start - self.start, end - self.start

    def outside(self, start: int, end: int) -> tuple[int, int]:
        """A span of the excerpt as a span of the context."""
        return start + self.start, end + self.start


def excerpt(
    context: str,
    spans: Sequence[tuple[int, int]],
    length: int,
    rng: np.random.Generator | None = None,
) -> Excerpt:
    """The sentences around the best of ``spans`` (best first), about ``length`` characters.

    Whole sentences are added on either side in turn while they fit, so that the best span is
    always inside, other spans if they are near. A context that fits is not cut; one without a
    span is cut at its beginning's end. With ``rng``, a coin decides the side of every sentence.
    """
    if len(context) <= length:
        return Excerpt(context, 0)
    pieces = sentences(context)
    best = spans[0] if spans else (0, 0)
    first = max(n for n, (begin, _) in enumerate(pieces) if begin <= best[0])
    last = max(first, min(n for n, (_, end) in enumerate(pieces) if end >= best[1]))
    low, high = pieces[first][0], pieces[last][1]
    grown = True
    while grown:
        grown = False
        for side in (0, 1) if rng is None else rng.permutation(2):
            if side == 0 and first > 0 and high - pieces[first - 1][0] <= length:
                first, grown = first - 1, True
                low = pieces[first][0]
            if side == 1 and last + 1 < len(pieces) and pieces[last + 1][1] - low <= length:
                last, grown = last + 1, True
                high = pieces[last][1]
            if grown and rng is not None:
                break
    return Excerpt(context[low:high], low)
