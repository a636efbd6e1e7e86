"""The gate: paired comparison, and what it lets through."""

import numpy as np
import pytest

from annotation.learning.gate import Paired, compare, objections
from annotation.learning.settings import Gate
from qa_core.errors import InputError


def paired(gain: float, *, questions: int = 50, better: float = 0.9) -> Paired:
    return Paired(questions, questions, 50.0, 50.0 + gain, gain - 1, gain + 1, better)


def test_a_paired_comparison_is_of_differences() -> None:
    rng = np.random.default_rng(0)
    current = rng.random(400)
    candidate = np.clip(current + 0.05, 0, 1)
    found = compare(current.tolist(), candidate.tolist(), [f"c{i}" for i in range(400)])
    assert (found.questions, found.paragraphs, found.better) == (400, 400, 1.0)
    assert found.gain == pytest.approx(100 * float(np.mean(candidate - current)))
    assert found.low < found.gain < found.high
    assert found.high - found.low < 1  # unpaired, it would be about 8 points wide


def test_questions_on_one_text_are_drawn_together() -> None:
    rng = np.random.default_rng(1)
    of_text = rng.choice([-1.0, 1.0], 30)
    ahead = np.repeat(of_text, 10)
    zero = np.zeros(300)
    texts = [f"c{i // 10}" for i in range(300)]
    whole = compare(zero.tolist(), ahead.tolist(), texts)
    apart = compare(zero.tolist(), ahead.tolist(), [f"c{i}" for i in range(300)])
    assert whole.paragraphs == 30
    assert whole.high - whole.low > 2 * (apart.high - apart.low)


def test_equal_models_are_even() -> None:
    found = compare([0.0, 1.0, 0.5], [0.0, 1.0, 0.5], ["a", "b", "c"])
    assert (found.gain, found.low, found.high, found.better) == (0, 0, 0, 0.5)


@pytest.mark.parametrize(
    ("held_out", "regression", "expected"),
    [
        (paired(4), paired(0.2), []),
        (paired(4), paired(-0.5), []),
        (paired(0, better=0.5), paired(0), ["found +0.0"]),
        (paired(-3, better=0.1), paired(0), ["found -3.0"]),
        (paired(4, better=0.7), paired(0), ["may be chance"]),
        (paired(4), paired(-0.6), ["found 0.6"]),
        (paired(4, questions=9), paired(0), ["only 9 reviews"]),
        (paired(-3, better=0.1), paired(-9), ["found -3.0", "found 9.0"]),
    ],
)
def test_only_a_better_candidate_passes(
    held_out: Paired, regression: Paired, expected: list[str]
) -> None:
    found = objections(Gate(), held_out, regression)
    assert len(found) == len(expected)
    assert all(part in said for part, said in zip(expected, found, strict=True))


@pytest.mark.parametrize(("gain", "objects"), [(-1.4, False), (-1.6, True), (2, False)])
def test_a_loss_on_held_out_replay_counts_once_it_is_beyond_chance(
    gain: float, objects: bool
) -> None:
    found = objections(Gate(), paired(4), paired(0), paired(gain))
    assert [f"found {-gain:.1f}" in said for said in found] == [True] * objects


def test_the_gate_can_be_set() -> None:
    assert objections(Gate(max_loss=10, certainty=0), paired(1, better=0.6), paired(-9)) == []
    assert objections(Gate(min_gain=2), paired(2), paired(0))
    with pytest.raises(InputError, match="certainty: expected 0 to 1"):
        Gate(certainty=2)
