"""Rows of uneven length to batches of about equal work. Pure numpy."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def token_budget_batches(
    lengths: Sequence[int], budget: int, *, rng: np.random.Generator | None = None
) -> list[list[int]]:
    """Group rows of similar length so that no batch, once padded, exceeds ``budget`` tokens.

    lengths: tokens in each row. Returns indices, every row once; a row longer than the budget
    is a batch of its own. Without ``rng`` the longest rows come first. With it, lengths are
    jittered by up to 10 % before sorting, so that batches differ from epoch to epoch, and the
    batches are shuffled.
    """
    sizes = np.asarray(lengths, np.int64)
    keys = sizes if rng is None else sizes * rng.uniform(0.9, 1.1, len(sizes))
    batches: list[list[int]] = []
    longest = 0
    for row in np.argsort(-keys, kind="stable").tolist():
        longest = max(longest, int(sizes[row]))
        if not batches or longest * (len(batches[-1]) + 1) > budget:
            batches.append([])
            longest = int(sizes[row])
        batches[-1].append(row)
    if rng is not None:
        rng.shuffle(batches)
    return batches
