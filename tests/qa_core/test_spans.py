"""Decoding, against a brute-force reference and on cases worked out by hand."""

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_core.inference import spans
from qa_core.inference.bounds import whole_words
from qa_core.inference.spans import read, span_scores, top_spans
from qa_core.text.breaks import breaks


def windowed(tokens: int, room: int, step: int) -> list[tuple[int, int]]:
    """Token ranges of windows that cover ``tokens``."""
    found = [(0, min(room, tokens))]
    while found[-1][1] < tokens:
        begin = found[-1][0] + step
        found.append((begin, min(begin + room, tokens)))
    return found


def brute_force(
    context: str,
    offsets: list[tuple[int, int]],
    windows: list[tuple[int, int]],
    starts: list[list[float]],
    ends: list[list[float]],
    longest: int,
    top_k: int,
) -> list[tuple[int, int, float]]:
    """Every span of every window, best first; what overlaps a better one is dropped."""
    candidates = []
    for (begin, stop), s, e in zip(windows, starts, ends, strict=True):
        for i, j in product(range(begin, stop), repeat=2):
            if i <= j < i + longest:
                text = context[offsets[i][0] : offsets[j][1]]
                if text.strip(" ,\n"):
                    start = offsets[i][0] + len(text) - len(text.lstrip(" ,\n"))
                    end = start + len(text.strip(" ,\n"))
                    score = float(np.float32(s[i - begin]) + np.float32(e[j - begin]))
                    if any(offsets[i][0] < at <= offsets[j][0] for at in breaks(context)):
                        score -= spans.ACROSS
                    while start and context[start - 1 : start + 1].isalpha():
                        start -= 1
                    while context[end : end + 1].isalpha() and context[end - 1].isalpha():
                        end += 1
                    candidates.append((score, start, end))
    kept: list[tuple[int, int, float]] = []
    for score, start, end in sorted(candidates, key=lambda c: -c[0]):
        if len(kept) < top_k and all(end <= a or start >= b for a, b, _ in kept):
            kept.append((start, end, score))
    return kept


@st.composite
def problems(draw: st.DrawFn):  # type: ignore[no-untyped-def]
    tokens = draw(st.integers(1, 14))
    words = [
        draw(st.sampled_from(["a", "bc", " d", "e ", " ", ",", "😀", "\n"])) for _ in range(tokens)
    ]
    offsets, at = [], 0
    for word in words:
        offsets.append((at, at + len(word)))
        at += len(word) + draw(st.integers(0, 1))
    text = list(" " * at)
    for (a, b), word in zip(offsets, words, strict=True):
        text[a:b] = word
    room = draw(st.integers(2, 8))
    windows = windowed(tokens, room, draw(st.integers(1, room)))
    # Distinct logits, so that no tie leaves the order open.
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    starts = [rng.normal(size=b - a).astype(np.float32) for a, b in windows]
    ends = [rng.normal(size=b - a).astype(np.float32) for a, b in windows]
    return "".join(text), offsets, windows, starts, ends


@given(problem=problems(), longest=st.integers(1, 6), top_k=st.integers(1, 6))
@settings(max_examples=300, deadline=None)
def test_spans_equal_those_of_brute_force(problem, longest: int, top_k: int) -> None:  # type: ignore[no-untyped-def]
    context, offsets, windows, starts, ends = problem
    reading = read(
        context,
        np.array(offsets),
        [begin for begin, _ in windows],
        starts,
        ends,
        np.zeros((len(windows), 2), np.float32),
        top_k=top_k,
        max_answer_tokens=longest,
    )
    expected = brute_force(
        context, offsets, windows, [*map(list, starts)], [*map(list, ends)], longest, top_k
    )
    found = [(s.start, s.end, s.score) for s in reading.spans]
    assert [f[:2] for f in found] == [e[:2] for e in expected]
    assert [f[2] for f in found] == pytest.approx([e[2] for e in expected])


def logits(*values: float) -> spans.FloatArray:
    return np.array(values, np.float32)


WORDS = "one two two six"
OFFSETS = np.array([(0, 3), (4, 7), (8, 11), (12, 15)])


def test_equal_texts_at_two_places_stay_two_spans() -> None:
    reading = read(
        WORDS, OFFSETS, [0], [logits(0, 5, 4, 0)], [logits(0, 5, 4, 0)], logits(0, 0)[None], top_k=2
    )
    assert [(s.start, s.end, s.score) for s in reading.spans] == [(4, 7, 10.0), (8, 11, 8.0)]


def test_windows_compete_by_logits_and_not_by_their_softmax() -> None:
    # The second window's logits are all low; its softmax would be as sharp as the first one's.
    reading = read(
        WORDS,
        OFFSETS,
        [0, 2],
        [logits(9, 8), logits(1, -9)],
        [logits(9, 8), logits(1, -9)],
        logits(0, 0, 0, 0).reshape(2, 2),
    )
    assert (reading.spans[0].start, reading.spans[0].score) == (0, 18.0)


def test_a_span_takes_its_best_score_over_the_windows_that_hold_it() -> None:
    scores = span_scores([0, 1], [logits(0, 1), logits(7, 0)], [logits(0, 1), logits(3, 0)], 3, 2)
    assert scores[1, 0] == 10.0
    assert scores[0].tolist() == [0.0, 1.0]
    assert scores[2].tolist() == [0.0, -np.inf]


def test_no_span_crosses_a_window_that_does_not_hold_it() -> None:
    scores = span_scores([0, 2], [logits(1, 1), logits(1, 1)], [logits(1, 1), logits(1, 1)], 4, 4)
    assert np.isneginf(scores[1, 1:]).all()


def test_null_score_is_that_of_the_window_of_the_best_span() -> None:
    """However little another window speaks for "no answer", it does not speak for this span."""
    reading = read(
        WORDS,
        OFFSETS,
        [0, 2],
        [logits(0, 5), logits(0, 0)],
        [logits(0, 5), logits(0, 0)],
        np.array([[4, 4], [1, 2]], np.float32),
    )
    assert reading.spans[0].score == 10.0
    assert reading.null_score == 8.0
    assert reading.alone is not None
    assert (reading.alone.windows, reading.alone.spans[0].score) == (1, 10.0)


def test_partition_sums_every_span_and_the_null() -> None:
    reading = read(
        WORDS,
        OFFSETS,
        [0],
        [logits(0, 0, 0, 0)],
        [logits(0, 0, 0, 0)],
        logits(0, 0)[None],
        max_answer_tokens=2,
    )
    # Four spans of one token, three of two tokens, and "no answer".
    assert reading.log_partition == pytest.approx(np.log(8))
    # Of the best span, the first token, one longer span shares characters.
    assert reading.spans[0].log_mass == pytest.approx(np.log(2))
    # Starts and ends: four tokens and the null token each.
    assert reading.log_product == pytest.approx((-np.log(25), -np.log(25)))


def test_pieces_of_one_character_never_make_two_answers() -> None:
    offsets = np.array([(0, 1), (0, 1), (0, 1), (1, 2)])  # bytes of an emoji, then a letter
    scores = span_scores([0], [logits(3, 2, 1, 0)], [logits(3, 2, 1, 0)], 4, 2)
    found = top_spans(scores, offsets, "😀a", 4)
    assert [(s.start, s.end) for s in found] == [(0, 1), (1, 2)]


def test_white_space_is_trimmed_and_is_no_answer() -> None:
    offsets = np.array([(0, 1), (1, 4), (4, 5)])
    scores = span_scores([0], [logits(9, 1, 5)], [logits(9, 1, 5)], 3, 1)
    found = top_spans(scores, offsets, "\n hi\t", 3)
    assert [(s.start, s.end) for s in found] == [(2, 4)]


@pytest.mark.parametrize(
    ("context", "inside", "whole"),
    [
        ("Ines Soto", (2, 9), (0, 9)),
        ("born in 1904.", (8, 10), (8, 12)),
        ("all 240km of it", (4, 7), (4, 7)),
        ("Beyonce's sister", (0, 7), (0, 7)),
        ("re-elected twice", (3, 10), (3, 10)),
        ("Nai\u0308ve art", (0, 3), (0, 6)),
        ("Œuvre ἀρχή Москва", (7, 9), (6, 10)),
        ("東京は日本の首都です", (3, 5), (3, 5)),
        ("서울은 수도이다", (0, 2), (0, 2)),
        ("x" * 500, (100, 120), (100, 120)),
    ],
)
def test_an_answer_takes_whole_words(
    context: str, inside: tuple[int, int], whole: tuple[int, int]
) -> None:
    assert whole_words(context, *inside) == whole


def test_punctuation_alone_is_no_answer_and_hides_none() -> None:
    offsets = np.array([(0, 2), (2, 3), (4, 6), (6, 7)])
    scores = span_scores([0], [logits(0, 9, 1, 8)], [logits(0, 9, 1, 8)], 4, 1)
    found = top_spans(scores, offsets, "Ja, no.", 4)
    assert [(s.start, s.end) for s in found] == [(4, 6), (0, 2)]


@pytest.mark.parametrize(
    ("context", "lines"),
    [
        ("one line", ["one line"]),
        ("Mon noon\nNext year", ["Mon noon", "Next year"]),
        ("12 High Street\r\nLondon\r\n\r\nEngland", ["12 High Street", "London", "England"]),
        ("north   20.7\t\tgood", ["north", "20.7", "good"]),
        ("a  b", ["a  b"]),
        ("  indented\n\n\n  twice  ", ["indented", "twice"]),
        (
            "The museum in the mill, which the town bought in\n1904, opens at nine and closes at"
            " five, not\nbefore, on Mondays.",
            ["The museum in the mill, which the town bought in\n1904, opens at nine and closes at"
             " five, not\nbefore, on Mondays."],
        ),
        (
            "The museum in the mill, which the town bought in\n- 1904, from the heirs of its owner,"
            "\n- 1911, as a whole",
            ["The museum in the mill, which the town bought in",
             "- 1904, from the heirs of its owner,", "- 1911, as a whole"],
        ),
        (
            "scratch on the door, needs gas, the radio eats discs\nreason: company car\nno tests",
            ["scratch on the door, needs gas, the radio eats discs", "reason: company car",
             "no tests"],
        ),
    ],
)  # fmt: skip
def test_where_something_new_begins(context: str, lines: list[str]) -> None:
    places = [*breaks(context), len(context)]
    assert [context[a:b].strip() for a, b in pairwise(places)] == lines


def test_a_span_beyond_a_break_loses_some_of_its_score() -> None:
    context, offsets = "at noon\nnext year", np.array([(0, 2), (3, 7), (8, 12), (13, 17)])

    def best(end: float) -> tuple[str, float]:
        found = read(
            context, offsets, [0], [logits(9, 0, 0, 0)], [logits(0, 5, 0, end)], logits(0, 0)[None]
        ).spans[0]
        return context[found.start : found.end], found.score

    assert best(8) == ("at noon", 14.0)
    assert best(10) == (context, 15.0)  # the model is sure: an address, say


def test_a_context_without_tokens_has_no_span() -> None:
    reading = read(
        "\x00", np.empty((0, 2), np.int64), [0], [logits()], [logits()], logits(1, 1)[None]
    )
    assert reading.spans == ()
    assert reading.null_odds == float("inf")
    assert reading.log_partition == pytest.approx(2.0)


def test_top_spans_leaves_its_argument_alone() -> None:
    scores = span_scores([0], [logits(1, 2)], [logits(1, 2)], 2, 2)
    before = scores.copy()
    top_spans(scores, OFFSETS[:2], WORDS, 2)
    assert (scores == before).all()
