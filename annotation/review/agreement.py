"""Several reviewers to one answer, and how far they agree. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import fsum

import numpy as np

SAME_ANSWER = 0.5  # character F1 from which two spans count as one answer, marked differently


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one reviewer says: the answer stands at ``[start, end)`` (code points), or nowhere.

    start and end are None if the text does not answer the question.
    """

    reviewer: str
    start: int | None = None
    end: int | None = None

    @property
    def span(self) -> tuple[int, int] | None:
        """The span, None if the text does not say."""
        return None if self.start is None or self.end is None else (self.start, self.end)

    @property
    def answerable(self) -> bool:
        return self.span is not None


@dataclass(frozen=True, slots=True)
class Consensus:
    """One answer from several: the spans, the most agreed on first; none if the text doesn't say.

    decided is False where fewer people answered than were asked, where as many see an answer as do
    not, or as many see it in one place as in another: one more is needed.
    """

    decided: bool
    spans: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far reviewers agree, over the questions that more than one of them has read.

    questions: how many those are. alpha: Krippendorff's alpha on "answerable" (nominal; 1 is
    perfect, 0 is chance), None where it is undefined, as when all say the same of everything.
    span_f1: mean character F1 (0 to 1) between two reviewers who both see an answer.
    reviewers: for each, how many of these questions, the share of other opinions on them that
    say the same of "answerable", and the mean character F1 with the others' spans.
    """

    questions: int
    alpha: float | None
    span_f1: float | None
    reviewers: Mapping[str, tuple[int, float, float | None]]


def overlap_f1(one: tuple[int, int], other: tuple[int, int]) -> float:
    """F1 of two spans by the characters they share, 0 to 1."""
    shared = max(0, min(one[1], other[1]) - max(one[0], other[0]))
    return 2 * shared / (one[1] - one[0] + other[1] - other[0])


def merge(opinions: Sequence[Opinion], asked: int = 1) -> Consensus:
    """The majority on "answerable", and then the answer that the most of these reviewers see.

    Spans are one answer from `SAME_ANSWER` on. The answer with the most reviewers wins, and its
    spans are ranked by their mean F1 with all; the others are left out. Where two answers have as
    many, nothing is decided, nor where fewer than ``asked`` people have answered.
    """
    spans = [opinion.span for opinion in opinions if opinion.span is not None]
    against = len(opinions) - len(spans)
    if len(opinions) < max(asked, 1) or len(spans) == against:
        return Consensus(decided=False)
    if len(spans) < against:
        return Consensus(decided=True)
    votes = Counter(sorted(spans))
    backers = {
        span: sum(count for other, count in votes.items() if is_same(span, other)) for span in votes
    }
    # fsum, since the order of a plain sum shows in its last digit
    support = {span: fsum(overlap_f1(span, other) for other in spans) for span in votes}
    ranked = sorted(
        votes, key=lambda span: (-backers[span], -support[span], -votes[span], span[1] - span[0])
    )
    best = ranked[0]
    rivals = (span for span in ranked if backers[span] == backers[best])
    if not all(is_same(span, best) for span in rivals):
        return Consensus(decided=False)
    return Consensus(decided=True, spans=tuple(span for span in ranked if is_same(span, best)))


def is_same(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether two spans are one answer."""
    return overlap_f1(one, other) >= SAME_ANSWER


def differ(opinions: Sequence[Opinion]) -> bool:
    """Whether any two of these say different things."""
    return any(
        one.answerable != other.answerable
        or (one.span is not None and other.span is not None and not is_same(one.span, other.span))
        for one, other in combinations(opinions, 2)
    )


def between(questions: Mapping[str, Sequence[Opinion]]) -> dict[tuple[str, str], dict[str, bool]]:
    """Of each two reviewers, the questions that both answered, and whether in the same way.

    questions: by id, of each reviewer at most one opinion.
    """
    found: dict[tuple[str, str], dict[str, bool]] = {}
    for id_, opinions in questions.items():
        for pair in combinations(sorted(opinions, key=lambda one: one.reviewer), 2):
            names = (pair[0].reviewer, pair[1].reviewer)
            found.setdefault(names, {})[id_] = not differ(pair)
    return dict(sorted(found.items()))


def agreement(questions: Iterable[Sequence[Opinion]]) -> Agreement:
    """How far the reviewers of these questions agree; of each at most one opinion a question."""
    several = [opinions for opinions in questions if len(opinions) > 1]
    names = sorted({opinion.reviewer for opinions in several for opinion in opinions})
    same: dict[str, list[bool]] = {name: [] for name in names}
    f1: dict[str, list[float]] = {name: [] for name in names}
    pairs: list[float] = []
    read = Counter(opinion.reviewer for opinions in several for opinion in opinions)
    for opinions in several:
        for one, other in combinations(opinions, 2):
            both = one.span and other.span and overlap_f1(one.span, other.span)
            if isinstance(both, float):
                pairs.append(both)
            for name in (one.reviewer, other.reviewer):
                same[name].append(one.answerable == other.answerable)
                if isinstance(both, float):
                    f1[name].append(both)
    return Agreement(
        questions=len(several),
        alpha=_alpha(several, names),
        span_f1=_mean(pairs),
        reviewers={name: (read[name], _mean(same[name]) or 0.0, _mean(f1[name])) for name in names},
    )


def _alpha(several: Sequence[Sequence[Opinion]], names: Sequence[str]) -> float | None:
    if len({opinion.answerable for opinions in several for opinion in opinions}) < 2:
        return None
    import krippendorff

    row = {name: number for number, name in enumerate(names)}
    said = np.full((len(names), len(several)), np.nan)
    for column, opinions in enumerate(several):
        for opinion in opinions:
            said[row[opinion.reviewer], column] = opinion.answerable
    return float(krippendorff.alpha(reliability_data=said, level_of_measurement="nominal"))


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
