"""Whether a candidate model may take the current one's place. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from annotation.learning.settings import Gate

ROUNDS = 2000


@dataclass(frozen=True, slots=True)
class Paired:
    """Two models' mean scores on the same questions; all scores in percent.

    low, high: 95 % interval of ``candidate - current``. better: the share (0 to 1) of resamples
    in which the candidate is ahead, a tie counting half.
    """

    questions: int
    paragraphs: int
    current: float
    candidate: float
    low: float
    high: float
    better: float

    @property
    def gain(self) -> float:
        """How many points the candidate is ahead; negative where it is behind."""
        return self.candidate - self.current


def compare(
    current: Sequence[float], candidate: Sequence[float], contexts: Sequence[str], seed: int = 0
) -> Paired:
    """Compare scores (0 to 1) of the same questions, given in the same order.

    The interval is the percentile interval of a paired bootstrap (Efron & Tibshirani 1993,
    chapter 13). Whole contexts are drawn, because the questions on one text succeed or fail
    together.
    """
    number = {context: index for index, context in enumerate(dict.fromkeys(contexts))}
    group = [number[context] for context in contexts]
    ahead = np.bincount(group, np.subtract(candidate, current))
    size = np.bincount(group)
    drawn = np.random.default_rng(seed).integers(len(number), size=(ROUNDS, len(number)))
    gains = 100 * ahead[drawn].sum(axis=1) / size[drawn].sum(axis=1)
    low, high = np.percentile(gains, [2.5, 97.5])
    even = np.isclose(gains, 0)
    return Paired(
        questions=len(contexts),
        paragraphs=len(number),
        current=100 * float(np.mean(current)),
        candidate=100 * float(np.mean(candidate)),
        low=float(low),
        high=float(high),
        better=float(np.mean(np.where(even, 0.5, gains > 0))),
    )


def objections(
    gate: Gate, held_out: Paired, regression: Paired, replay: Paired | None = None
) -> list[str]:
    """Why the candidate of these F1 scores must not be promoted: none if it may be.

    replay: on questions like those replayed, which it has not seen; None where there are none.
    """
    found = []
    if held_out.questions < gate.min_questions:
        found.append(
            f"only {held_out.questions} reviews were held out to judge by, and {gate.min_questions}"
            " are needed: review more"
        )
    if held_out.gain <= gate.min_gain:
        found.append(
            f"expected a gain of more than {gate.min_gain:g} F1 on the held-out reviews, found "
            f"{held_out.gain:+.1f}"
        )
    elif held_out.better < gate.certainty:
        found.append(
            f"the gain of {held_out.gain:+.1f} F1 on the held-out reviews may be chance: the "
            f"candidate is ahead in {held_out.better:.0%} of the resamples, and "
            f"{gate.certainty:.0%} are needed"
        )
    if -regression.gain > gate.max_loss:
        found.append(
            f"expected a loss of at most {gate.max_loss:g} F1 on the regression set, found "
            f"{-regression.gain:.1f}"
        )
    if replay is not None and replay.high < -gate.max_loss:
        found.append(
            f"expected a loss of at most {gate.max_loss:g} F1 on replay that was held out, found "
            f"{-replay.gain:.1f}, and at least {-replay.high:.1f} beyond chance"
        )
    return found
