"""A new model's threshold and confidence from few questions, and fair verdicts on those same ones.

Few reviews can't carry a fit of their own: then the old model's estimators keep their slopes, and
only as much is shifted as the questions outweigh a prior. On texts of the reviewed kind it may be
shifted far, since that leaves all others as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from qa_core.calibration import fit as calibration
from qa_core.data.examples import Example
from qa_core.data.splits import paragraph_fraction
from qa_core.errors import DataError
from qa_core.evaluation import metrics
from qa_core.inference.answer import Answer
from qa_core.inference.confidence import (
    FEATURES,
    Calibration,
    Estimator,
    Local,
    answers,
    features,
)
from qa_core.inference.domain import Domain
from qa_core.inference.odds import FloatArray, logit
from qa_core.inference.reader import Reader
from qa_core.inference.spans import Reading

FOLDS = 5
# What a shifted threshold costs on questions of the old kind: F1 (0 to 1) a logit squared, as
# measured with the bundled model on held-out SQuAD 2.0 questions; and how many of those count.
COST, OLD_QUESTIONS = 0.008, 200
# How far, in log-odds, a probability may be off before there is evidence: a standard deviation.
BIAS_SPREAD = 1.0
FEWEST_TO_MATCH = 200
SHIFTS = np.linspace(-4, 4, 161)
# On texts like the reviewed ones the threshold may go far up: some kinds of text a model declines
# almost whole. Down it is mostly mistaken reviews that drive it. The cost is that of a normal
# prior, in right verdicts a logit squared, chosen on training questions:
# docs/log/calibration.md.
LOCAL_SHIFTS = np.linspace(-10, 20, 301)
LOCAL_COST = np.where(LOCAL_SHIFTS < 0, 0.16, 0.01)
LOCAL_SOFTNESS = 4.0  # logits over which a question counts in part: few are too bumpy else
RESAMPLES = 100
FEWEST_LOCAL = 10


def recalibrate(
    reader: Reader,
    current: Reader,
    held_out: Sequence[Example],
    others: Sequence[Example] = (),
    domain: Domain | None = None,
) -> tuple[Calibration, list[Answer]]:
    """The calibration for a reader's model, and its answers to ``held_out``.

    current: the reader it was trained from. held_out, others: questions that the model has not
    learned from; of the others, which are of the old kind, it answers as many as the current
    reader does (`matched_threshold`). domain: the kind of text that was reviewed, fitted without
    these questions; those it holds are calibrated apart, if there are enough. Each held-out
    question is answered by a calibration fitted without its fifth of the paragraphs, so that
    judging these answers is fair.
    """
    examples = [*held_out, *others]
    pairs = [example.pair for example in examples]
    old = replace(current.calibration, local=None)
    readings = [reading for _, reading in reader.read(pairs, top_k=2)]
    fold_of = [int(paragraph_fraction(e.context) * 10**6) % FOLDS for e in examples]
    near = [domain is not None and domain.holds(*pair) for pair in pairs]
    threshold = matched_threshold(current, others, readings[len(held_out) :])

    def of(fit: Callable[..., Calibration], rows: Sequence[int], base: Calibration) -> Calibration:
        return fit([readings[i] for i in rows], [examples[i] for i in rows], base)

    def fitted(rows: Sequence[int]) -> Calibration:
        inside = [i for i in rows if near[i]]
        apart = len(inside) >= FEWEST_LOCAL
        outside = [i for i in rows if not near[i]] if apart else rows
        found = of(fit_or_shift, outside, old) if outside else old
        if threshold is not None:
            found = replace(found, threshold=threshold)
        if domain is None or not apart:
            return found
        return replace(found, local=Local(domain, of(shift_there, inside, found)))

    answers: dict[int, Answer] = {}
    for fold in sorted(set(fold_of[: len(held_out)])):
        without = [i for i, other in enumerate(fold_of) if other != fold]
        judge = Reader(reader.backend, reader.windower, fitted(without), reader.model)
        mine = [i for i in range(len(held_out)) if fold_of[i] == fold]
        answered = judge.answer_batch([pairs[i] for i in mine], top_k=1)
        answers |= dict(zip(mine, answered, strict=True))
    return fitted(range(len(examples))), [answers[i] for i in range(len(held_out))]


def matched_threshold(
    current: Reader, others: Sequence[Example], readings: Sequence[Reading]
) -> float | None:
    """The null odds (logits) below which ``readings`` hold as many answers as the current
    reader's own; None where the others are too few to tell.

    Only questions on texts with questions of both kinds count. A threshold fitted to these
    questions anew moves by chance, and more than the model does, see docs/log/calibration.md.
    """
    answerable = np.array([example.answerable for example in others], bool)
    counted = calibration.paired([e.context for e in others], answerable)
    fair = np.flatnonzero(counted).tolist()
    if len(fair) < FEWEST_TO_MATCH:
        return None
    pairs = [(others[i].question, others[i].context) for i in fair]
    threshold = current.calibration.threshold
    answered = np.mean([answers(reading, threshold) for _, reading in current.read(pairs, top_k=1)])
    return float(np.quantile([readings[i].null_odds for i in fair], answered))


def fit_or_shift(
    readings: Sequence[Reading], examples: Sequence[Example], old: Calibration
) -> Calibration:
    """A calibration fitted to the questions if they are enough, else the old one shifted."""
    texts, golds = _texts(readings, examples), _golds(examples)
    try:
        return calibration.fit(readings, texts, golds, [example.context for example in examples])
    except DataError:
        return shift(readings, texts, golds, old)


def shift_there(
    readings: Sequence[Reading], examples: Sequence[Example], old: Calibration
) -> Calibration:
    """The old calibration shifted for texts of one kind, whatever that would do to others."""
    return shift(
        readings,
        _texts(readings, examples),
        _golds(examples),
        old,
        shifts=LOCAL_SHIFTS,
        cost=LOCAL_COST,
        softness=LOCAL_SOFTNESS,
        resamples=RESAMPLES,
    )


def shift(
    readings: Sequence[Reading],
    texts: Sequence[str],
    golds: Sequence[Sequence[str]],
    old: Calibration,
    *,
    shifts: FloatArray = SHIFTS,
    cost: float | FloatArray = OLD_QUESTIONS * COST,
    softness: float = 0.0,
    resamples: int = 0,
) -> Calibration:
    """The old calibration with its threshold and its two biases moved as the questions ask for.

    shifts: of the threshold, to choose from (logits). cost: F1 (0 to 1) of a question that a shift
    must gain, a logit squared; one for all shifts or one each. softness: the scale (logits) of the
    logistic curve by which a question near the threshold counts as answered; 0 is a step.
    resamples: of the questions, whose best shifts' mean is taken (Breiman 1996, "Bagging
    predictors"): a single mistaken review decides less; with 0 it is the best for all questions.
    """
    answerable = np.array([bool(gold) for gold in golds])
    exact = np.array([metrics.exact_match(t, g) for t, g in zip(texts, golds, strict=True)]) > 0
    overlap = np.array([metrics.f1(t, g) for t, g in zip(texts, golds, strict=True)])
    odds = np.array([reading.null_odds for reading in readings])
    x = np.stack([features(r) if r.spans else np.zeros(len(FEATURES)) for r in readings])
    room = old.threshold + shifts - odds[:, None]
    given = (1 + np.tanh(room / (2 * softness))) / 2 if softness else room >= 0
    right, declined = overlap * answerable, ~answerable
    gained = given * right[:, None] + (1 - given) * declined[:, None]
    count = len(gained)
    times: np.ndarray = np.ones((1, count))
    if resamples:
        times = np.random.default_rng(0).multinomial(count, [1 / count] * count, size=resamples)
    moved = shifts[(times @ gained - cost * shifts**2).argmax(axis=1)].mean()
    return replace(
        old,
        threshold=old.threshold + float(moved),
        answerable=_biased(old.answerable, x, answerable),
        match=_biased(old.match, x[answerable], exact[answerable]),
        fitted={
            **{key: value for key, value in old.fitted.items() if key != "shifted"},
            "shifted": {"questions": len(readings), "threshold": round(float(moved), 2)},
        },
        local=None,
    )


def _texts(readings: Sequence[Reading], examples: Sequence[Example]) -> list[str]:
    return [
        example.context[reading.spans[0].start : reading.spans[0].end] if reading.spans else ""
        for example, reading in zip(examples, readings, strict=True)
    ]


def _golds(examples: Sequence[Example]) -> list[list[str]]:
    return [[gold.text for gold in example.answers] for example in examples]


def _biased(old: Estimator, x: FloatArray, right: np.ndarray) -> Estimator:
    """The estimator with the bias of the highest posterior under a normal prior around 0."""
    if not len(x):
        return old
    log_odds = logit(old.probability(x))[:, None] + SHIFTS
    likelihood = -np.logaddexp(0, np.where(right[:, None], -log_odds, log_odds)).sum(axis=0)
    bias = float(SHIFTS[int((likelihood - (SHIFTS / BIAS_SPREAD) ** 2 / 2).argmax())])
    return old.moved(bias)
