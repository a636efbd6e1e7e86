"""Logits of all windows of a context to ranked answer spans.

All scores are logits on one scale: a span's score is its start logit plus its end logit, less
`ACROSS` where it goes on beyond a break, and windows are never normalised on their own, so spans of
different windows compete fairly.
Pure numpy.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qa_core.inference.bounds import tidy, whole_words
from qa_core.text.breaks import breaks
from qa_core.text.offsets import trimmed

MAX_ANSWER_TOKENS = 30
# Logits that a span loses where it goes on beyond one of the `breaks`. None of the 5,941 answers in
# texts/everyday.train.json.gz does; from 4 on, few spans do. An address over lines still may.
ACROSS = 4.0

FloatArray = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class ScoredSpan:
    """``context[start:end]`` and its score, a logit.

    log_mass: log of the sum of exp(score) over the spans that share characters with this one
    and not with a better one.
    """

    start: int
    end: int
    score: float
    log_mass: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What the logits say of one question and context.

    spans: the best spans, best first, none overlapping another.
    null_score: logit of "no answer": the start-plus-end logit of the null token in the window that
    the best span was read in. BERT's ``run_squad.py`` takes the least over all windows (Devlin et
    al. 2019), which falls with every window that is added, whatever it says; where a context is
    one window the two are the same. The least where there is no span.
    log_partition: log of the sum of exp(score) over every span and "no answer"; a span's score
    less this is the log of its softmax probability among all verdicts.
    log_product: log of the product of two softmaxes, over start and over end positions of all
    windows, for the best span and for "no answer": the usual pipeline's score, for comparison.
    windows: how many windows the context took. tokens: of the context, in the window of the best
    span. alone: what that window says by itself, None where it is the only one.
    """

    spans: tuple[ScoredSpan, ...]
    null_score: float
    log_partition: float
    log_product: tuple[float, float]
    windows: int
    tokens: int = 1
    alone: Reading | None = None

    @property
    def null_odds(self) -> float:
        """Null score less the best span's score (logits); inf when there is no span."""
        return self.null_score - self.spans[0].score if self.spans else float("inf")


def span_scores(
    begins: Sequence[int],
    start_logits: Sequence[FloatArray],
    end_logits: Sequence[FloatArray],
    tokens: int,
    max_answer_tokens: int = MAX_ANSWER_TOKENS,
) -> FloatArray:
    """Score of every span of context tokens, the best over the windows that hold it.

    begins: first context token of each window. start_logits, end_logits: one array a window,
    for the context tokens it holds. Returns float32 ``[tokens, max_answer_tokens]``: entry
    ``[i, w]`` is the span of tokens ``i`` to ``i + w`` inclusive, -inf if no window holds it.
    """
    best = np.full((tokens, max_answer_tokens), -np.inf, np.float32)
    beyond = np.full(max_answer_tokens, -np.inf, np.float32)
    for begin, start, end in zip(begins, start_logits, end_logits, strict=True):
        ends = np.lib.stride_tricks.sliding_window_view(
            np.concatenate([end, beyond]), max_answer_tokens
        )
        part = best[begin : begin + len(start)]
        np.maximum(part, start[:, None] + ends[:-1], out=part)
    return best


def across(passed: NDArray[np.intp], width: int) -> NDArray[np.bool_]:
    """Which spans go on beyond a break: bool ``[tokens, width]``.

    passed: how many of the `breaks` each token has before it, ``[tokens]``.
    """
    last = np.concatenate([passed, np.full(width, passed[-1:].sum())])
    return np.lib.stride_tricks.sliding_window_view(last, width)[: len(passed)] > passed[:, None]


def top_spans(
    scores: FloatArray, offsets: NDArray[np.int64], context: str, top_k: int
) -> list[ScoredSpan]:
    """The ``top_k`` best spans, none sharing a character with a better one.

    scores: as `span_scores` returns them. offsets: int64 ``[tokens, 2]``, code points, end
    exclusive. A span's bounds are made `tidy`; a span of nothing but punctuation and white space is
    no span.
    """
    width = scores.shape[1]
    says = np.array([_says_something(context[a:b]) for a, b in offsets.tolist()], np.int64)
    so_far = np.concatenate([[0], says.cumsum(), np.full(width, says.sum())])
    ends = np.lib.stride_tricks.sliding_window_view(so_far[1:], width)[: len(offsets)]
    scores = np.where(ends > so_far[: len(offsets), None], scores, np.float32(-np.inf))
    found: list[ScoredSpan] = []
    while scores.size and len(found) < top_k:
        first, extra = divmod(int(scores.argmax()), width)
        score = float(scores[first, extra])
        if score == -np.inf:
            break
        start, end = int(offsets[first, 0]), int(offsets[first + extra, 1])
        bounds = tidy(context, start, end)
        # A unit that a better span has already taken stays with that one.
        if any(bounds[0] < other.end and other.start < bounds[1] for other in found):
            bounds = whole_words(context, *trimmed(context, start, end))
        start, end = bounds
        rows, shared = overlapping(offsets, start, end, width)
        found.append(ScoredSpan(start, end, score, _log_sum_exp(scores[rows][shared])))
        scores[rows][shared] = -np.inf
    return found


def _says_something(text: str) -> bool:
    """Whether there is more than punctuation, white space and control characters."""
    return text.isalnum() or any(unicodedata.category(one)[0] not in "PZC" for one in text)


def overlapping(
    offsets: NDArray[np.int64], start: int, end: int, width: int
) -> tuple[slice, NDArray[np.bool_]]:
    """Which entries of a score table are spans that share a character with ``[start, end)``.

    Returns the rows to look at and a mask over them, ``[rows, width]``.
    """
    first = int(np.searchsorted(offsets[:, 1], start, side="right"))
    last = int(np.searchsorted(offsets[:, 0], end, side="left")) - 1
    rows = np.arange(max(0, first - width + 1), last + 1)
    mask = rows[:, None] + np.arange(width) >= first
    return slice(int(rows[0]), last + 1), mask


def read(
    context: str,
    offsets: NDArray[np.int64],
    begins: Sequence[int],
    start_logits: Sequence[FloatArray],
    end_logits: Sequence[FloatArray],
    null_logits: NDArray[np.float32],
    *,
    top_k: int = 1,
    max_answer_tokens: int = MAX_ANSWER_TOKENS,
    passed: NDArray[np.intp] | None = None,
) -> Reading:
    """Decode one context. Arguments as in `span_scores` and `top_spans`.

    null_logits: float32 ``[windows, 2]``, start and end logit of each window's null token. passed:
    as `across` takes it, where it is known.
    """
    if passed is None:
        passed = np.searchsorted(breaks(context), offsets[:, 0], side="right")
    scores = span_scores(begins, start_logits, end_logits, len(offsets), max_answer_tokens)
    scores -= np.float32(ACROSS) * across(passed, max_answer_tokens)
    spans = top_spans(scores, offsets, context, top_k)
    nulls = null_logits.sum(axis=1)
    window, alone = int(nulls.argmin()), None
    if spans and len(begins) > 1:
        first, extra = np.argwhere(scores == np.float32(spans[0].score))[0].tolist()
        window = _read_in(begins, start_logits, end_logits, first, extra)
        held = slice(begins[window], begins[window] + len(start_logits[window]))
        alone = read(
            context,
            offsets[held],
            [0],
            [start_logits[window]],
            [end_logits[window]],
            null_logits[window : window + 1],
            top_k=2,
            max_answer_tokens=max_answer_tokens,
            passed=passed[held],
        )
    null_score = float(nulls[window])
    log_partition = float(np.logaddexp(_log_sum_exp(scores), null_score))
    log_norm = sum(
        _log_sum_exp(np.concatenate([*logits, null_logits[:, side]]))
        for side, logits in enumerate((start_logits, end_logits))
    )
    best = spans[0].score if spans else -np.inf
    return Reading(
        spans=tuple(spans),
        null_score=null_score,
        log_partition=log_partition,
        log_product=(best - log_norm, null_score - log_norm),
        windows=len(null_logits),
        tokens=max(1, len(start_logits[window])),
        alone=alone,
    )


def _read_in(
    begins: Sequence[int],
    start_logits: Sequence[FloatArray],
    end_logits: Sequence[FloatArray],
    first: int,
    extra: int,
) -> int:
    """The window in which the span of tokens ``first`` to ``first + extra`` scores most."""
    scores = [
        start[first - begin] + end[first + extra - begin]
        if begin <= first and first + extra < begin + len(start)
        else -np.inf
        for begin, start, end in zip(begins, start_logits, end_logits, strict=True)
    ]
    return int(np.argmax(scores))


def _log_sum_exp(values: NDArray[np.float32]) -> float:
    peak = values.max(initial=-np.inf)
    if peak == -np.inf:
        return -np.inf
    return float(peak + np.log(np.exp(values - peak, dtype=np.float64).sum()))
