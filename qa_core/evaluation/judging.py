"""Judge a reader on examples: the official scores, and whether its confidence can be trusted."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from qa_core.errors import DataError
from qa_core.evaluation import metrics
from qa_core.inference.lists import items

if TYPE_CHECKING:
    from qa_core.data.examples import Example
    from qa_core.inference.answer import Answer, Answers


@dataclass(frozen=True, slots=True)
class Judgement:
    """One question, the reader's answer, and how right its verdict is: exact 0 or 1, f1 0 to 1."""

    example: Example
    answer: Answer
    exact: int
    f1: float

    @property
    def right(self) -> bool:
        """Whether the verdict, an answer or "no answer", is an exact match."""
        return bool(self.exact)

    @property
    def best_span(self) -> str:
        """The text of the best span, whether or not the verdict is to answer with it."""
        return next((span.text for span in self.answer.spans), "")

    @property
    def null_odds(self) -> float:
        """Null score less the best span's score (logits); finite, so that JSON can hold it."""
        return min(self.answer.null_odds, sys.float_info.max)

    def to_dict(self) -> dict[str, Any]:
        return {
            "id": self.example.id,
            "question": self.example.question,
            "golds": [gold.text for gold in self.example.answers],
            "prediction": self.answer.text,
            "start": self.answer.start,
            "end": self.answer.end,
            "best_span": self.best_span,
            "null_odds": self.null_odds,
            "confidence": self.answer.confidence,
            "plain_confidence": self.answer.plain_confidence,
            "exact": self.exact,
            "f1": self.f1,
            "warnings": list(self.answer.warnings),
        }


@dataclass(frozen=True, slots=True)
class Trust:
    """How well a confidence tells right verdicts from wrong ones; all figures from 0 to 1.

    auroc is None when all verdicts are right or all are wrong.
    """

    ece: float
    auroc: float | None
    aurc: float
    coverage_at_80: float
    coverage_at_90: float

    @classmethod
    def of(cls, confidence: Sequence[float], right: Sequence[bool]) -> Trust:
        auroc = metrics.auroc(confidence, right)
        return cls(
            ece=metrics.ece(confidence, right),
            auroc=None if math.isnan(auroc) else auroc,
            aurc=metrics.aurc(confidence, right),
            coverage_at_80=metrics.coverage_at_accuracy(confidence, right, 0.8),
            coverage_at_90=metrics.coverage_at_accuracy(confidence, right, 0.9),
        )


NEAR = 0.5  # F1 from which an answer counts as right in `Verdicts`


@dataclass(frozen=True, slots=True)
class Verdicts:
    """How verdicts fall; shares from 0 to 1, None where there is no such question.

    answered: of the answerable questions, those answered with at least `NEAR` F1. declined: of the
    answerable ones, those that the reader says the text does not answer. refused: of the
    unanswerable ones, those that it says so of. auroc: how well null odds part the two kinds.
    """

    answered: float | None
    declined: float | None
    refused: float | None
    auroc: float | None

    @classmethod
    def of(cls, judgements: Sequence[Judgement]) -> Verdicts:
        yes = [one for one in judgements if one.example.answerable]
        no = [one for one in judgements if not one.example.answerable]
        odds = [-one.null_odds for one in judgements]
        auroc = metrics.auroc(odds, [one.example.answerable for one in judgements])
        return cls(
            answered=_share([one.f1 >= NEAR and one.answer.answerable for one in yes]),
            declined=_share([not one.answer.answerable for one in yes]),
            refused=_share([not one.answer.answerable for one in no]),
            auroc=None if math.isnan(auroc) else auroc,
        )


def _share(values: Sequence[bool]) -> float | None:
    return sum(values) / len(values) if values else None


@dataclass(frozen=True, slots=True)
class Report:
    """A reader's judgements on a data set and what they come to.

    scores: percentages under the official script's keys: exact, f1 and so on of the reader's
    verdicts at its own threshold; best_* of the best spans at the best threshold on null odds,
    which is chosen on this very data and therefore an upper bound. Several_*, where there are
    questions whose answer is several spans: of these alone, as `multi_span_scores` compares the
    items that the reader's one span enumerates, or else that span, with all of them.
    intervals: 95 % intervals of exact and f1 (percentages), as `bootstrap` gives them.
    verdicts: how often it answers, and declines, where it should.
    confidence, plain_confidence: how far to trust the reader's own confidence in its verdicts, and
    the product of softmaxes for the same verdicts.
    """

    model: str
    scores: Mapping[str, float]
    intervals: Mapping[str, tuple[float, float]]
    verdicts: Verdicts
    confidence: Trust
    plain_confidence: Trust
    judgements: tuple[Judgement, ...]

    def to_dict(self) -> dict[str, Any]:
        """The figures without the single judgements, ready for strict JSON."""
        return {
            "model": self.model,
            "scores": dict(self.scores),
            "intervals": {name: list(ends) for name, ends in self.intervals.items()},
            "verdicts": asdict(self.verdicts),
            "confidence": asdict(self.confidence),
            "plain_confidence": asdict(self.plain_confidence),
        }


def evaluate(reader: Answers, examples: Sequence[Example], *, progress: bool = True) -> Report:
    """Let the reader answer every example, and judge it. Raises DataError as `judge` does."""
    pairs = [example.pair for example in examples]
    return judge(examples, reader.answer_batch(pairs, top_k=1, progress=progress))


def judge(examples: Sequence[Example], answers: Sequence[Answer]) -> Report:
    """Judge the answers to the examples, given in the same order.

    Raises DataError when there is no example, an id occurs twice, or lengths differ.
    """
    if len(answers) != len(examples):
        raise DataError(
            f"expected an answer to each of {len(examples)} examples, found {len(answers)}: "
            "judge answers beside the examples they were given for"
        )
    golds = {example.id: [gold.text for gold in example.answers] for example in examples}
    if len(golds) < len(examples):
        raise DataError(
            f"expected {len(examples)} different ids, found {len(golds)}: "
            "give every question an id of its own"
        )
    judgements = tuple(
        Judgement(
            example=example,
            answer=answer,
            exact=metrics.exact_match(answer.text, golds[example.id]),
            f1=metrics.f1(answer.text, golds[example.id]),
        )
        for example, answer in zip(examples, answers, strict=True)
    )
    scores = metrics.squad_scores(
        {judged.example.id: judged.answer.text for judged in judgements}, golds
    )
    at_best = metrics.squad_scores(
        {judged.example.id: judged.best_span for judged in judgements},
        golds,
        {judged.example.id: judged.null_odds for judged in judgements},
    )
    right = [judged.right for judged in judgements]
    contexts = [example.context for example in examples]
    return Report(
        model=answers[0].model,
        scores=scores
        | {key: at_best[key] for key in at_best if key.startswith("best_")}
        | _several(judgements),
        intervals={
            "exact": bootstrap([judged.exact for judged in judgements], contexts),
            "f1": bootstrap([judged.f1 for judged in judgements], contexts),
        },
        verdicts=Verdicts.of(judgements),
        confidence=Trust.of([answer.confidence for answer in answers], right),
        plain_confidence=Trust.of([answer.plain_confidence for answer in answers], right),
        judgements=judgements,
    )


def _several(judgements: Sequence[Judgement]) -> dict[str, float]:
    """The scores of answers of several spans; none if there are none."""
    listed = [judged for judged in judgements if judged.example.parts]
    if not listed:
        return {}
    found = metrics.multi_span_scores(
        {judged.example.id: _said(judged) for judged in listed},
        {judged.example.id: [part.text for part in judged.example.parts] for judged in listed},
    )
    scores = {f"Several_{name}": score for name, score in found.items()}
    return scores | {"Several_total": len(listed)}


def _said(judged: Judgement) -> list[str]:
    """What a reader says of a list: its items, where it enumerates them, else its one span."""
    text = judged.answer.text
    places = items(judged.example.question, text)
    return [text[start:end] for start, end in places] or [text]


def bootstrap(
    scores: Sequence[float], contexts: Sequence[str], rounds: int = 1000, seed: int = 0
) -> tuple[float, float]:
    """95 % percentile interval of the mean of scores from 0 to 1, in percent.

    Whole contexts are drawn, because the questions on one text succeed or fail together; with few
    contexts the interval is too narrow, and with one it is a point.
    """
    number = {context: index for index, context in enumerate(dict.fromkeys(contexts))}
    group = [number[context] for context in contexts]
    total, size = np.bincount(group, scores), np.bincount(group)
    rng = np.random.default_rng(seed)
    means = []
    for _ in range(rounds):
        drawn = rng.integers(len(number), size=len(number))
        means.append(total[drawn].sum() / size[drawn].sum())
    low, high = np.percentile(means, [2.5, 97.5])
    return 100 * float(low), 100 * float(high)
