"""Several reviewers to one answer, and how far they agree. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from math import fsum, log

import numpy as np

SAME_ANSWER = 0.5  # character F1 from which two spans count as one answer, marked differently
ENOUGH_GOLDS = 10  # gold questions from which a reviewer's share of right answers is heeded
USUAL = 0.8  # how likely a reviewer is right of whom less is known
DOUBT = 5  # gold questions that the usual share weighs as much as
CLEAR = log(9)  # odds of 9 to 1: what it takes to decide against as many reviewers, or more

Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one reviewer says: the answer stands at ``[start, end)`` (code points), or nowhere.

    start and end are None if the text does not answer the question. further: the other spans of an
    answer of several, as a list has them; all are in the text's order and none overlaps another.
    """

    reviewer: str
    start: int | None = None
    end: int | None = None
    further: Spans = ()

    @property
    def span(self) -> tuple[int, int] | None:
        """The span, None if the text does not say."""
        return None if self.start is None or self.end is None else (self.start, self.end)

    @property
    def spans(self) -> Spans:
        """All the spans that together are the answer; none if the text does not say."""
        return () if self.span is None else (self.span, *self.further)

    @property
    def answerable(self) -> bool:
        return self.span is not None


@dataclass(frozen=True, slots=True)
class Consensus:
    """One answer from several: the spans, the most agreed on first; none if the text doesn't say.

    parts: where the answer is several spans together, those; `spans` then is one that covers them.
    decided is False where fewer people answered than were asked, where as many see an answer as do
    not, or as many see it in one place as in another: one more is needed.
    """

    decided: bool
    spans: Spans = ()
    parts: Spans = ()


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
    return _shared((one,), (other,))


def _shared(one: Spans, other: Spans) -> float:
    """`overlap_f1` of two answers, each of one span or several."""
    shared = sum(max(0, min(b, d) - max(a, c)) for (a, b), (c, d) in product(one, other))
    return 2 * shared / (_length(one) + _length(other))


def _length(answer: Spans) -> int:
    return sum(end - start for start, end in answer)


def merge(
    opinions: Sequence[Opinion], asked: int = 1, trust: Mapping[str, float] | None = None
) -> Consensus:
    """The majority on "answerable", and then the answer that the most of these reviewers see.

    Spans are one answer from `SAME_ANSWER` on; several are one with as many others, each with its
    own, and with one span that enumerates them. The answer with the most reviewers wins, and its
    spans are ranked by their mean F1 with all; the others are left out. Where two answers have as
    many, nothing is decided, nor where fewer than ``asked`` people have answered.

    trust: how likely each reviewer is right (`accuracy`), None where all weigh the same. Each then
    weighs the logarithm of these odds, which is the best weight of votes that do not depend on
    each other (Nitzan & Paroush 1982). The heavier side wins where it is also the larger one, or
    its odds are 9 to 1 at least; else nothing is decided.
    """
    said = [(opinion.spans, _weight(opinion.reviewer, trust)) for opinion in opinions]
    answers = [answer for answer, _ in said if answer]
    if len(opinions) < max(asked, 1):
        return Consensus(decided=False)
    sides = [[weight for answer, weight in said if bool(answer) == some] for some in (True, False)]
    for_, against = ((fsum(weights), len(weights)) for weights in sides)
    best, other = max(for_, against), min(for_, against)
    if not _beats(best, other, trust):
        return Consensus(decided=False)
    if best == against:
        return Consensus(decided=True)
    votes = Counter(sorted(answers))
    backers: dict[Spans, tuple[float, int]] = {}
    for answer in votes:
        behind = [weight for other, weight in said if _are_same(answer, other)]
        backers[answer] = fsum(behind), len(behind)
    # fsum, since the order of a plain sum shows in its last digit
    support = {answer: fsum(_shared(answer, other) for other in answers) for answer in votes}

    def rank(answer: Spans) -> tuple[float, float, int, int]:
        return -backers[answer][0], -support[answer], -votes[answer], _length(answer)

    ranked = sorted(votes, key=rank)
    first, rivals = ranked[0], [answer for answer in ranked if not _are_same(answer, ranked[0])]
    if not all(_beats(backers[first], backers[rival], trust) for rival in rivals):
        return Consensus(decided=False)
    if len(first) > 1:
        return Consensus(decided=True, spans=((first[0][0], first[-1][1]),), parts=first)
    same = (answer for answer in ranked if _are_same(answer, first))
    return Consensus(decided=True, spans=tuple(found[0] for found in same if len(found) == 1))


def _weight(reviewer: str, trust: Mapping[str, float] | None) -> float:
    if trust is None:
        return 1.0
    likely = trust.get(reviewer, USUAL)
    return max(0.0, log(likely / (1 - likely)))


def _beats(
    one: tuple[float, int], other: tuple[float, int], trust: Mapping[str, float] | None
) -> bool:
    """Whether the heavier of two sides (weight, reviewers) is decided on."""
    return one[1] > other[1] or (trust is not None and one[0] - other[0] >= CLEAR)


def accuracy(right: int, count: int) -> float:
    """How likely a reviewer is right (0 to 1) who was so often, of so many gold questions."""
    if count < ENOUGH_GOLDS:
        return USUAL
    return (right + USUAL * DOUBT) / (count + DOUBT)


def answers_rightly(
    opinion: Opinion, golds: Sequence[tuple[int, int]], together: bool = False
) -> bool:
    """Whether an opinion is one of the right answers; none of them says that there is none.

    together: they are no alternatives: all of them are the one right answer.
    """
    if together:
        return _are_same(opinion.spans, tuple(golds))
    spans = opinion.spans
    return any(_are_same(spans, (gold,)) for gold in golds) if spans else not golds


def is_same(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether two spans are one answer."""
    return overlap_f1(one, other) >= SAME_ANSWER


def _are_same(one: Spans, other: Spans) -> bool:
    """Whether two answers are one: as many spans, each the same as the other's.

    Or one span in which all those of the other stand, and little else: "Ann, Bob and Eve".
    """
    if len(one) == len(other) or min(len(one), len(other)) != 1:
        return len(one) == len(other) and all(map(is_same, one, other))
    ((start, end),), items = sorted((one, other), key=len)
    return _shared(one, other) >= SAME_ANSWER and all(a < end and start < b for a, b in items)


def differ(opinions: Sequence[Opinion]) -> bool:
    """Whether any two of these say different things."""
    return any(not _are_same(one.spans, other.spans) for one, other in combinations(opinions, 2))


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
            both = _shared(one.spans, other.spans) if one.spans and other.spans else None
            if both is not None:
                pairs.append(both)
            for name in (one.reviewer, other.reviewer):
                same[name].append(one.answerable == other.answerable)
                if both is not None:
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
