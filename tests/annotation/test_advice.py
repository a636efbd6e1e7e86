"""What people are told to do next."""

from typing import Any

import pytest

from annotation.review.advice import Situation, recommend, was_wrong
from annotation.review.agreement import Agreement, Consensus
from annotation.store.store import Store
from tests.support.predictions import CONTEXT, SPAN, START, keep

NO_AGREEMENT = Agreement(0, None, None, {})


def situation(**changes: Any) -> Situation:
    given: dict[str, Any] = {
        "kept": 200,
        "waiting": 0,
        "undecided": 0,
        "new": 0,
        "trained": True,
        "wrong": {},
        "agreement": NO_AGREEMENT,
    }
    return Situation(**{**given, **changes})


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"kept": 0}, ["Nothing is kept yet"]),
        ({"new": 84}, ["84 reviews since the last training: re-train now."]),
        ({"new": 84, "training": True}, ["A training is under way."]),
        (
            {"new": 84, "wrong": {"page": (60, 6), "hotels": (24, 12), "rare": (3, 3)}},
            ["expected to help most on questions from hotels, where the model was wrong in 12 of"],
        ),
        ({"new": 1, "trained": False}, ["1 of 50 reviews before re-training"]),
        ({"version": "v2", "held_back": "found -1.0"}, ["v2 does not serve: found -1.0."]),
        (
            {"drawn": (20, 5)},
            ["wrong in 5 of 20 predictions drawn at random, though it was sure: let people see"],
        ),
        ({"drawn": (20, 3)}, []),
        ({"drawn": (9, 9)}, []),
        ({"undecided": 1, "waiting": 1}, ["differ on 1 question:", "1 prediction waits"]),
        (
            {"unusable": 1, "undecided": 2},
            [
                "differ on 2 questions",
                "1 question at Argilla got answers that cannot be used: push",
            ],
        ),
        (
            {"begun": 1, "waiting": 1},
            ["1 question got answers from fewer people than are asked", "1 prediction waits"],
        ),
        ({"discarded": 2}, ["discarded 2 questions that nobody decided: answer them"]),
        ({"waiting": 7}, ["7 predictions wait for a reviewer, the least sure first."]),
        (
            {"waiting": 7, "waiting_drawn": 2},
            ["7 predictions wait for a reviewer, the least sure first, in turn with 2 kept at"],
        ),
        (
            {"agreement": Agreement(30, 0.41, 0.5, {"ann": (30, 0.7, 0.5), "bob": (30, 0.7, 0.5)})},
            [
                "low on 'answerable' (alpha 0.41 on 30 questions): refine the guidelines",
                "mark different words (F1 0.50)",
            ],
        ),
        (
            {
                "agreement": Agreement(
                    30,
                    0.8,
                    0.9,
                    {"ann": (30, 0.9, 0.9), "bob": (30, 0.6, 0.9), "cem": (9, 0.1, None)},
                )
            },
            ["bob sees an answer where others see none, or the reverse, in 40% of 30"],
        ),
        ({"agreement": Agreement(9, 0.0, 0.0, {})}, []),
        ({"waiting": 7, "learnable": 63}, ["7 predictions wait"]),
        ({"learnable": 80}, []),
        (
            {"waiting": 7, "learnable": 64},
            ["7 predictions wait", "can learn from 64 decided answers, and may put"],
        ),
        ({"waiting": 7, "learnable": 127, "verified": 64}, ["7 predictions wait"]),
        (
            {"waiting": 7, "learnable": 128, "verified": 64},
            ["7 predictions wait", "from 128 decided answers, when it was last tried from 64, and"],
        ),
    ],
)
def test_it_is_said_in_words(changes: dict[str, Any], expected: list[str]) -> None:
    said = recommend(situation(**changes))
    assert len(said) == len(expected)
    assert all(part in sentence for part, sentence in zip(expected, said, strict=True))
    assert all(sentence.endswith(".") for sentence in said)


def test_reviewers_decide_what_was_wrong(store: Store) -> None:
    kept = store.prediction(keep(store))
    none = store.prediction(keep(store, "when?", text=""))
    elsewhere = (CONTEXT.index("1904"), CONTEXT.index("1904") + 4)
    right = Consensus(True, (SPAN,))
    assert not was_wrong(kept, right)
    assert not was_wrong(kept, Consensus(True, ((START, SPAN[1] - 3),)))
    assert was_wrong(kept, Consensus(True, (elsewhere,)))
    assert was_wrong(kept, Consensus(True))
    assert was_wrong(none, right)
    assert not was_wrong(none, Consensus(True))
    said = [
        store.review(one.id, "ann", SPAN, text="Ines Soto", source="page") for one in (kept, none)
    ]
    assert store.judged_since(0) == {"test": (2, 1)}
    assert store.judged_since(said[0]) == {"test": (1, 1)}
    assert store.judged_since(0, reason="random") == {}
    store.review(none.id, "bob", None, source="page")  # a tie
    assert store.judged_since(0) == {"test": (1, 0)}
