"""Batches by token budget."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from qa_core.inference.batching import token_budget_batches

lengths = st.lists(st.integers(1, 400), max_size=60)


@given(lengths, st.integers(50, 2000), st.one_of(st.none(), st.integers(0, 9)))
def test_every_row_once_and_no_batch_over_budget(
    sizes: list[int], budget: int, seed: int | None
) -> None:
    rng = None if seed is None else np.random.default_rng(seed)
    batches = token_budget_batches(sizes, budget, rng=rng)
    assert sorted(row for batch in batches for row in batch) == list(range(len(sizes)))
    for batch in batches:
        assert len(batch) == 1 or max(sizes[row] for row in batch) * len(batch) <= budget


def test_alike_lengths_share_a_batch() -> None:
    assert token_budget_batches([10, 400, 11, 399], 800) == [[1, 3], [2, 0]]


def test_order_depends_on_the_seed_alone() -> None:
    sizes = list(range(1, 200))
    first, again, other = (
        token_budget_batches(sizes, 500, rng=np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    assert first == again != other
