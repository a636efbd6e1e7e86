"""Readings made up for tests of what is concluded from them."""

import math

from qa_core.inference.spans import Reading, ScoredSpan


def reading(null: float, *scores: float) -> Reading:
    """A reading of one-character spans, none overlapping another, and nothing else."""
    spans = tuple(ScoredSpan(2 * i, 2 * i + 1, s, s) for i, s in enumerate(scores))
    total = math.log(sum(math.exp(s) for s in (null, *scores)))
    return Reading(spans, null, total, (-1.0, -2.0), windows=1)
