"""The everyday texts are sound, of many kinds, and whole kinds are held out."""

import re
from itertools import combinations

import pytest

from qa_core.data.examples import Example
from qa_core.data.squad import read
from tests.support.browsing import ROOT

PARTS = ("train", "calibration", "test")


@pytest.fixture(scope="module")
def parts() -> dict[str, list[Example]]:
    return {
        name: read(ROOT / "texts" / f"everyday.{name}.json.gz", progress=False)[0] for name in PARTS
    }


def test_there_are_many_texts_of_many_kinds(parts: dict[str, list[Example]]) -> None:
    examples = [one for part in parts.values() for one in part]
    assert len(examples) >= 8000
    assert len({one.context for one in examples}) >= 1800
    assert len({one.title for one in examples}) >= 80
    unanswerable = sum(not one.answerable for one in examples) / len(examples)
    assert 0.28 <= unanswerable <= 0.36
    assert 1 <= max(len(one.answers) for one in examples) <= 3


def test_whole_kinds_are_held_out(parts: dict[str, list[Example]]) -> None:
    for one, other in combinations(PARTS, 2):
        assert not {e.title for e in parts[one]} & {e.title for e in parts[other]}
        assert not {e.context for e in parts[one]} & {e.context for e in parts[other]}
    held_out = len({e.title for e in parts["test"]})
    assert held_out >= 87 / 5


def test_answers_have_clean_bounds(parts: dict[str, list[Example]]) -> None:
    """No blank at an edge, and hardly ever a cut through a word."""
    golds = [(e, gold) for part in parts.values() for e in part for gold in e.answers]
    assert all(gold.text == gold.text.strip() for _, gold in golds)
    cut = [
        e.id
        for e, gold in golds
        if re.match(r"[a-z]{2}", e.context[gold.start - 1 : gold.start + 1] if gold.start else "")
        or re.match(r"[a-z]{2}", e.context[gold.end - 1 : gold.end + 1])
    ]
    assert len(cut) < len(golds) / 200, cut[:9]
