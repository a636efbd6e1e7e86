"""Messy questions ask what the tidy ones asked."""

import re

import numpy as np
import pytest

from qa_core.data import augmentation
from qa_core.data.augmentation import (
    augment,
    hesitate,
    keywords,
    lengthen,
    repair,
    slips,
    speech,
)
from qa_core.data.examples import Example, Gold

CONTEXT = "Ines Soto opened the harbour in 1904, not the lighthouse."
QUESTION = "Who was not allowed to open the 12 harbours before 1904?"


def examples(count: int) -> list[Example]:
    return [
        Example(f"{n}", f"Who opened the harbour number {n} in 1904?", CONTEXT, (Gold("Ines", 0),))
        for n in range(count)
    ]


def test_about_the_share_is_made_messy_and_nothing_else_changes() -> None:
    tidy = examples(400)
    messy = augment(tidy, 0.5, seed=3)
    changed = sum(a.question != b.question for a, b in zip(tidy, messy, strict=True))
    assert 160 <= changed <= 240
    assert [(m.id, m.context, m.answers) for m in messy] == [
        (t.id, t.context, t.answers) for t in tidy
    ]
    assert augment(tidy, 0.5, seed=3) == messy != augment(tidy, 0.5, seed=4)
    assert augment(tidy, 0.0, seed=3) == tidy


@pytest.mark.parametrize("seed", range(20))
def test_what_is_asked_stays(seed: int) -> None:
    rng = np.random.default_rng(seed)
    assert "not" in keywords(QUESTION, rng).lower().split()
    assert "before" in keywords(QUESTION, rng).lower().split()
    spoken = speech(QUESTION, rng)
    assert spoken == spoken.lower()
    assert not re.search(r"[?,12]{2}", spoken.replace("1904", ""))
    slipped = slips(QUESTION, rng)
    assert slipped != QUESTION
    assert abs(len(slipped) - len(QUESTION)) < 8
    words = QUESTION.split()
    said = iter(hesitate(QUESTION, rng).split())
    assert all(word in said for word in words)  # in order


def test_a_repair_ends_with_what_is_asked() -> None:
    others = ["When did the town buy the lighthouse?"]
    rng = np.random.default_rng(0)
    for _ in range(30):
        made = repair(QUESTION, others, rng)
        assert any(word in made for word in augmentation.REPAIRS)
        assert made.endswith(QUESTION.split()[-1])


def test_longer_texts_hold_the_same_answers() -> None:
    plain = [
        Example(
            f"{n}", "Who?", f"Text {n}: Ines Soto opened it.", (Gold("Ines Soto", 10),), f"t{n}"
        )
        for n in range(100, 160)
    ]
    long = lengthen(plain, 0.5, seed=1)
    changed = [(a, b) for a, b in zip(plain, long, strict=True) if a.context != b.context]
    assert 20 <= len(changed) <= 40
    for before, after in changed:
        assert before.context in after.context
        (gold,) = after.answers
        assert after.context[gold.start : gold.end] == "Ines Soto"
        assert after.context[gold.start - 10 : gold.start] == before.context[:10]
    assert any(not after.context.startswith(before.context) for before, after in changed)
