"""What is kept for people."""

import pytest

from annotation.review.policy import Policy, reason_to_keep
from qa_core.errors import InputError


def test_doubt_and_flags_are_reasons() -> None:
    policy = Policy(threshold=0.6, random_share=0)
    assert reason_to_keep(policy, "q", "c", 0.59) == "doubtful"
    assert reason_to_keep(policy, "q", "c", 0.6) is None
    assert reason_to_keep(policy, "q", "c", 0.99, flagged=True) == "flagged"


def test_about_the_random_share_of_the_sure_ones_is_kept_and_always_the_same_ones() -> None:
    policy = Policy(random_share=0.1)
    kept = [n for n in range(2000) if reason_to_keep(policy, f"q{n}", "c", 0.9)]
    assert 140 < len(kept) < 260  # 200 expected, standard deviation 13
    assert kept == [n for n in range(2000) if reason_to_keep(policy, f"q{n}", "c", 0.8)]
    assert reason_to_keep(Policy(random_share=1), "q", "c", 1.0) == "random"


@pytest.mark.parametrize(
    "setting", [{"threshold": 1.1}, {"random_share": -0.1}, {"daily_budget": -1}]
)
def test_policies_that_make_no_sense_are_refused(setting: dict[str, float]) -> None:
    with pytest.raises(InputError, match="expected"):
        Policy(**setting)  # type: ignore[arg-type]
