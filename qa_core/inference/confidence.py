"""Logits to the probability that a verdict is right, and the threshold between verdicts.

A verdict is the best span or "no answer"; a threshold on null odds (logits) decides which. Its
probability of being right has two factors, each fitted on its own: that the context holds an
answer at all, and that the best span is it if there is one. Hence

    P(best span is right) = P(answerable) * P(match)
    P("no answer" is right) = 1 - P(answerable)

Two factors use more data than one probability a verdict would: every question tells whether it
could be answered, while only questions with several gold answers tell fairly whether a span is
right. Pure numpy; `qa_core.calibration.fit` does the fitting.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from qa_core.errors import InputError, ModelError
from qa_core.inference.answer import Answer, Span
from qa_core.inference.domain import Domain
from qa_core.inference.odds import FloatArray, logit, sigmoid
from qa_core.inference.spans import Reading
from qa_core.models.folder import CALIBRATION

FORMAT = 2
SLOPE = 0.3  # log-odds a logit, as of calibrations that do not say theirs
FEATURES = (
    "answerable_odds",  # log of the softmax mass of all spans over that of "no answer"
    "match_odds",  # log-odds of the best span's softmax probability among all spans
    "null_odds",  # null score less span score
    "span_score",
    "null_score",
    "margin",  # best span score less that of the best span elsewhere, at most MARGIN_CAP
    "sharpness",  # log share of the best span among the spans that overlap it
    "length",  # log of the best span's characters
    "fill",  # log of the context tokens in the window of the best span
)
MARGIN_CAP = 15.0

Method = Literal["softmax", "temperature", "isotonic", "logistic"]
METHODS: tuple[Method, ...] = ("softmax", "temperature", "isotonic", "logistic")


def answers(reading: Reading, threshold: float) -> bool:
    """Whether the verdict is the best span rather than "no answer"."""
    return bool(reading.spans) and reading.null_odds <= threshold


def plain_product(reading: Reading, answered: bool) -> float:
    """The usual pipeline's score: softmax over starts times softmax over ends (a probability)."""
    return float(np.exp(min(0.0, reading.log_product[0 if answered else 1])))


def features(reading: Reading) -> FloatArray:
    """float64 ``[len(FEATURES)]`` of a reading that has a span.

    They are those of the window that the best span was read in: what a text says elsewhere does
    not make an answer more or less likely right.
    """
    here = reading.alone or reading
    best = here.spans[0]
    log_spans = _log_difference(here.log_partition, here.null_score)
    log_share = min(best.score - log_spans, -1e-9)
    second = here.spans[1].score if len(here.spans) > 1 else -np.inf
    return np.array(
        [
            log_spans - here.null_score,
            log_share - np.log(-np.expm1(log_share)),
            here.null_odds,
            best.score,
            here.null_score,
            min(best.score - second, MARGIN_CAP),
            best.score - best.log_mass,
            np.log(best.end - best.start),
            np.log(here.tokens),
        ]
    )


@dataclass(frozen=True, slots=True)
class Estimator:
    """Features to a probability.

    base: the feature that is the plain softmax's log-odds. method ``softmax`` takes it as it is;
    ``temperature`` scales it by ``weights[0]``; ``isotonic`` interpolates between ``knots`` of
    log-odds and probability; ``logistic`` weighs every standardised feature and adds ``bias``.
    """

    base: int
    method: Method = "softmax"
    weights: tuple[float, ...] = ()
    bias: float = 0.0
    mean: tuple[float, ...] = ()
    scale: tuple[float, ...] = ()
    knots: tuple[tuple[float, float], ...] = ()

    def probability(self, x: FloatArray) -> FloatArray:
        """float64 ``[n]`` of features ``[n, len(FEATURES)]``."""
        if self.method == "isotonic":
            at, value = np.array(self.knots).T
            return np.interp(x[:, self.base], at, value)
        if self.method == "logistic":
            z = (x - np.array(self.mean)) / np.array(self.scale) @ np.array(self.weights)
        else:
            z = x[:, self.base] * (self.weights[0] if self.method == "temperature" else 1.0)
        return sigmoid(z + self.bias)

    def moved(self, log_odds: float) -> Estimator:
        """The estimator with all its probabilities moved by so many log-odds."""
        if self.method != "isotonic":
            return replace(self, bias=self.bias + log_odds)
        at, value = np.array(self.knots).T
        moved = sigmoid(logit(value) + log_odds).tolist()
        return replace(self, knots=tuple(zip(at.tolist(), moved, strict=True)))


ANSWERABLE, MATCH = FEATURES.index("answerable_odds"), FEATURES.index("match_odds")


@dataclass(frozen=True, slots=True)
class Calibration:
    """What a model's logits are worth: stored beside its weights as ``calibration.json``.

    threshold: null odds (logits) above which the verdict is "no answer".
    answerable: P(the context holds an answer). match: P(the best span is right, if it does).
    share: of the questions, how many were expected to be answerable (0 to 1). slope: log-odds of
    the share that move the best threshold by a logit.
    fitted: how and on what, for the record. local: what holds instead on one kind of text.
    """

    threshold: float = 0.0
    answerable: Estimator = Estimator(ANSWERABLE)
    match: Estimator = Estimator(MATCH)
    fitted: dict[str, Any] = field(default_factory=dict)
    local: Local | None = None
    share: float = 0.5
    slope: float = SLOPE

    def at(self, question: str, context: str) -> Calibration:
        """The calibration that holds there: the local one on texts of its kind, else this."""
        local = self.local
        return local.calibration if local and local.domain.holds(question, context) else self

    def at_share(self, share: float) -> Calibration:
        """The calibration where another share (0 to 1) of the questions is answerable.

        By Bayes' rule the log-odds of "answerable" grow by the difference of the shares' log-odds
        (Saerens et al. 2002, "Adjusting the outputs of a classifier to new a priori
        probabilities"), and the threshold as the best ones did where it was fitted. Raises
        InputError.
        """
        if not 0 < share < 1:
            raise InputError(f"answerable_share: expected between 0 and 1, found {share}")
        moved = float(logit(share) - logit(self.share))
        local = self.local
        return replace(
            self,
            threshold=self.threshold + moved / self.slope,
            answerable=self.answerable.moved(moved),
            share=share,
            local=local and replace(local, calibration=local.calibration.at_share(share)),
        )

    def confidences(self, reading: Reading) -> tuple[float, list[float]]:
        """Probability that "no answer" is right, and that each of the reading's spans is.

        What the best span leaves of P(answerable) is shared among the others by their softmax
        mass, spans that overlap counted together, none of them getting more than the best span.
        The sum never exceeds 1.
        """
        if not reading.spans:
            return 1.0, []
        x = features(reading)[None]
        answerable = float(self.answerable.probability(x)[0])
        match = float(self.match.probability(x)[0])
        log_spans = _log_difference(reading.log_partition, reading.null_score)
        rest = _log_difference(log_spans, reading.spans[0].log_mass)
        others = [
            answerable * min(match, (1 - match) * float(np.exp(min(0.0, span.log_mass - rest))))
            for span in reading.spans[1:]
        ]
        return 1 - answerable, [answerable * match, *others]

    def save(self, folder: Path) -> None:
        """Write ``calibration.json`` into a model folder."""
        record = {"format": FORMAT, "features": FEATURES, **asdict(self)}
        (folder / CALIBRATION).write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Calibration | None:
        """The calibration stored with a model, None if there is none. Raises ModelError."""
        path = folder / CALIBRATION
        if not path.exists():
            return None
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
            if record["format"] not in (1, FORMAT) or len(record["features"]) != len(FEATURES):
                raise ModelError(f"{path} is of another version: run `spanloop calibrate`")
            return _calibration(record)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelError(
                f"{path} cannot be read ({error}): run `spanloop calibrate`"
            ) from error


@dataclass(frozen=True, slots=True)
class Local:
    """A calibration for one kind of text."""

    domain: Domain
    calibration: Calibration


def reconsidered(answer: Answer, now: Calibration, then: Calibration) -> Answer:
    """An answer under another expected share of answerable questions, its logits being the same.

    now: what it was decided by. then: the same `at_share`. The probabilities of all spans change
    by one factor, that of "the context holds an answer".
    """
    sure = answer.answerable_probability
    if sure is None or not np.isfinite(answer.score):
        return answer
    holds = float(sigmoid(logit(sure) + logit(then.share) - logit(now.share)))
    scaled = [
        replace(one, confidence=one.confidence * holds / max(sure, 1e-6)) for one in answer.spans
    ]
    answered = bool(scaled) and answer.null_odds <= then.threshold
    first = scaled[0] if answered else Span("", 0, 0, answer.score, 1 - holds)
    return replace(
        answer,
        text=first.text,
        start=first.start,
        end=first.end,
        confidence=first.confidence,
        answerable=answered,
        alternatives=tuple(scaled[1:] if answered else scaled),
        answerable_probability=holds,
    )


def _calibration(record: dict[str, Any]) -> Calibration:
    there = record.get("local")
    old = record.get("format", FORMAT if "slope" in record else 1) == 1
    return Calibration(
        threshold=float(record["threshold"]),
        answerable=_estimator(record["answerable"], old),
        match=_estimator(record["match"], old),
        share=float(record.get("share") or 1 - (record["fitted"].get("unanswerable") or 0.5)),
        slope=float(record.get("slope", SLOPE)),
        fitted=dict(record["fitted"]),
        local=None
        if there is None
        else Local(Domain.read(there["domain"]), _calibration(there["calibration"])),
    )


def _estimator(record: dict[str, Any], old: bool) -> Estimator:
    method = record["method"]
    if old and method == "logistic":  # its last feature was the number of windows
        record = {**record, "weights": [*record["weights"][:-1], 0.0]}
    if method not in METHODS:
        raise ValueError(f"expected a method of {', '.join(METHODS)}, found {method!r}")
    return Estimator(
        base=int(record["base"]),
        method=method,
        weights=tuple(map(float, record["weights"])),
        bias=float(record["bias"]),
        mean=tuple(map(float, record["mean"])),
        scale=tuple(map(float, record["scale"])),
        knots=tuple((float(at), float(value)) for at, value in record["knots"]),
    )


def _log_difference(a: float, b: float) -> float:
    """log(exp(a) - exp(b)) for a >= b, and no less than what rounding can tell."""
    return a + float(np.log(-np.expm1(min(b - a, -1e-7))))
