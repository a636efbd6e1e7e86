"""What a reader says: a verdict, and the spans it considered. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of the context: ``context[start:end] == text``, in code points.

    score: logit. confidence: probability that this span is a right answer.
    """

    text: str
    start: int
    end: int
    score: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Answer:
    """The verdict on one question, an answer or "no answer".

    ``context[start:end] == text`` always; "no answer" is ``""`` at 0 to 0, and then the first
    alternative is the nearest span, a guess.
    score: logit of the best span. null_score: logit of "no answer". confidence: probability
    that this verdict is right. plain_confidence: the product of softmaxes that other readers
    report, for comparison. alternatives: other spans, best first, none overlapping another.
    warnings: what to know before trusting it. model: name and version of the model.
    answerable_probability: that the context holds an answer, whichever; None where nobody said.
    """

    text: str
    start: int
    end: int
    score: float
    confidence: float
    null_score: float
    answerable: bool
    alternatives: tuple[Span, ...]
    warnings: tuple[str, ...]
    model: str
    plain_confidence: float
    answerable_probability: float | None = None

    @property
    def null_odds(self) -> float:
        """Null score less the best span's score (logits)."""
        return self.null_score - self.score
