"""Several reviewers: one answer, and figures worked out by hand."""

from itertools import permutations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.review.agreement import (
    Consensus,
    Opinion,
    accuracy,
    agreement,
    answers_rightly,
    differ,
    merge,
    overlap_f1,
)


def said(*spans: tuple[int, int] | None) -> list[Opinion]:
    """One opinion of each of the reviewers a, b, c ..."""
    return [Opinion("abcdef"[n], *(span or ())) for n, span in enumerate(spans)]


@pytest.mark.parametrize(
    ("one", "other", "f1"),
    [((0, 4), (0, 4), 1), ((0, 4), (2, 6), 0.5), ((0, 4), (4, 8), 0), ((0, 9), (3, 6), 0.5)],
)
def test_overlap_counts_shared_characters(
    one: tuple[int, int], other: tuple[int, int], f1: float
) -> None:
    assert overlap_f1(one, other) == overlap_f1(other, one) == f1


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([], Consensus(decided=False)),
        ([None], Consensus(decided=True)),
        ([(3, 9)], Consensus(decided=True, spans=((3, 9),))),
        ([(3, 9), None], Consensus(decided=False)),
        ([(3, 9), None, None], Consensus(decided=True)),
        ([(3, 9), None, (3, 9)], Consensus(decided=True, spans=((3, 9),))),
        ([(3, 9), None, (3, 9), None], Consensus(decided=False)),
        # the middle one shares most with the others; the far one is another answer
        ([(0, 4), (0, 6), (0, 9)], Consensus(decided=True, spans=((0, 6), (0, 4), (0, 9)))),
        ([(0, 4), (50, 54), (0, 4)], Consensus(decided=True, spans=((0, 4),))),
        # different answers of as many reviewers: their place in the text decides nothing
        ([(16, 19), (21, 24)], Consensus(decided=False)),
        ([(21, 24), (16, 19), (16, 19)], Consensus(decided=True, spans=((16, 19),))),
        ([(21, 24), (16, 19), None], Consensus(decided=False)),
        ([(0, 4), (0, 4), (50, 54), (50, 55)], Consensus(decided=False)),
        ([(0, 4), (50, 54), (50, 55)], Consensus(decided=True, spans=((50, 54), (50, 55)))),
        ([(0, 4), (20, 24), (50, 54)], Consensus(decided=False)),
        ([(0, 4), (0, 20)], Consensus(decided=False)),  # a word or a whole sentence
        ([(0, 6), (2, 6)], Consensus(decided=True, spans=((2, 6), (0, 6)))),  # the shortest words
    ],
)
def test_the_majority_decides(spans: list[tuple[int, int] | None], expected: Consensus) -> None:
    assert merge(said(*spans)) == expected


LIST, LONGER = ((0, 3), (5, 8)), ((0, 3), (5, 8), (13, 16))


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([LIST], LIST),
        ([LIST, LIST, LONGER], LIST),  # one is missing, or too many: another answer
        ([LIST, LONGER], None),
        ([LIST, ((0, 3),)], None),
        ([LIST, ((0, 8),)], LIST),  # in one span, with the words between
        ([((0, 8),), LIST, ((0, 8),)], ((0, 8),)),
        ([LIST, ((0, 20),)], None),  # with too many of them
        ([LONGER, ((0, 8),)], None),
        ([((0, 8),), LIST, ((0, 4), (4, 8))], ((0, 4), (4, 8))),  # nearest to all
        ([LIST, (), ()], ()),
        ([LIST, ((0, 4), (5, 9))], LIST),  # the shortest words, as of one span
        ([((0, 3), (5, 8)), ((0, 3), (13, 16))], None),
        ([((0, 3),), LIST, ((0, 3),)], ((0, 3),)),
    ],
)
def test_several_spans_are_one_answer(
    answers: list[tuple[tuple[int, int], ...]], expected: tuple[tuple[int, int], ...] | None
) -> None:
    opinions = [
        Opinion("abc"[n], *spans[0], spans[1:]) if spans else Opinion("abc"[n])
        for n, spans in enumerate(answers)
    ]
    merged = merge(opinions)
    assert merged.decided is (expected is not None)
    assert (merged.parts or merged.spans) == (expected or ())
    if merged.parts:
        assert merged.spans == ((0, 8),)  # as far as one span can say it
    same = (LIST, ((0, 4), (5, 9)), ((0, 4), (4, 8)), ((0, 8),))
    rightly = [answers_rightly(one, LIST, together=True) for one in opinions]
    assert rightly == [spans in same for spans in answers]
    assert differ(opinions) is (set(rightly) != {True} and len(set(answers)) > 1)


@pytest.mark.parametrize(
    ("spans", "asked", "decided"),
    [
        ([(3, 9)], 2, False),
        ([None], 2, False),
        ([(3, 9), (3, 9)], 2, True),
        ([None, None], 3, False),
        ([(3, 9), None], 2, False),
        ([(3, 9), None, None], 2, True),
        ([], 0, False),
    ],
)
def test_as_many_are_heard_as_were_asked(
    spans: list[tuple[int, int] | None], asked: int, decided: bool
) -> None:
    assert merge(said(*spans), asked).decided is decided


SPANS = st.none() | st.tuples(st.integers(0, 30), st.integers(1, 9)).map(lambda s: (s[0], sum(s)))


@given(st.lists(SPANS, max_size=6), st.randoms())
def test_the_order_of_reviews_does_not_matter(
    spans: list[tuple[int, int] | None], random: Random
) -> None:
    opinions = said(*spans)
    merged = merge(opinions)
    random.shuffle(opinions)
    assert merge(opinions) == merged
    assert set(merged.spans) <= set(spans)


def test_a_tie_is_one_in_whatever_order() -> None:
    orders = set(permutations([None, (0, 4), (0, 6), (0, 6), (0, 4)]))
    assert {merge(said(*order)) for order in orders} == {Consensus(True, ((0, 4), (0, 6)))}


def test_agreement_of_two_by_hand() -> None:
    """Krippendorff's alpha of [1 1 0 0] and [1 0 0 0]: 1 - (8 - 1) * 2 / (2 * 3 * 5) = 8 / 15."""
    yes, no = (0, 4), None
    asked = [said(yes, yes), said(yes, no), said(no, no), said(no, no), said(yes)]
    found = agreement(asked)
    assert found.questions == 4
    assert found.alpha == pytest.approx(8 / 15)
    assert found.span_f1 == 1
    assert found.reviewers == {"a": (4, 0.75, 1.0), "b": (4, 0.75, 1.0)}


def test_each_reviewer_is_held_against_the_others() -> None:
    found = agreement([said((0, 4), (0, 4), (2, 6)), said(None, None, (0, 4))])
    assert found.reviewers == {
        "a": (2, 0.75, 0.75),
        "b": (2, 0.75, 0.75),
        "c": (2, 0.5, 0.5),
    }
    assert found.span_f1 == pytest.approx(2 / 3)


@pytest.mark.parametrize("asked", [[], [said((0, 4))], [said(None, None)], [said((0, 4), (0, 4))]])
def test_alpha_is_undefined_where_nothing_could_differ(asked: list[list[Opinion]]) -> None:
    assert agreement(asked).alpha is None


A, B = (3, 9), (20, 24)


@pytest.mark.parametrize(
    ("spans", "trust", "expected"),
    [
        ([A, None], {}, None),  # of nobody is anything known
        ([A, None], {"a": 0.95, "b": 0.6}, A),  # 19 to 1.5, which is more than 9 to 1
        ([A, None], {"a": 0.9, "b": 0.8}, None),  # 9 to 4
        ([A, B], {"a": 0.6, "b": 0.98}, B),
        ([A, None, None], {}, ()),  # a majority needs no 9 to 1
        ([A, None, None], {"a": 0.98, "b": 0.55, "c": 0.55}, A),  # one against a majority
        ([A, None, None], {"a": 0.98, "b": 0.8, "c": 0.8}, None),
        ([A, B, B], {"a": 0.98, "b": 0.55, "c": 0.55}, A),
        ([A, None], {"a": 0.3, "b": 0.95}, ()),  # who is mostly wrong counts nothing
    ],
)
def test_trust_weighs_by_its_odds(
    spans: list[tuple[int, int] | None],
    trust: dict[str, float],
    expected: tuple[int, int] | tuple[()] | None,
) -> None:
    merged = merge(said(*spans), trust=trust)
    wanted = Consensus(False) if expected is None else Consensus(True, expected and (expected,))
    assert merged == wanted
    assert not merge(said(*spans), 4, trust=trust).decided


def test_few_golds_say_nothing_and_many_the_share() -> None:
    assert accuracy(0, 9) == accuracy(9, 9) == 0.8
    assert accuracy(10, 10) == pytest.approx(14 / 15)
    assert accuracy(500, 1000) == pytest.approx(0.5, abs=0.01)
    assert answers_rightly(Opinion("a"), [])
    assert not answers_rightly(Opinion("a"), [A])
    assert not answers_rightly(Opinion("a", *A), [])
    assert answers_rightly(Opinion("a", 3, 8), [B, A])
