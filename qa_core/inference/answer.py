"""What is asked of a reader, and what it says: a verdict, and the spans it considered. Pure."""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

from qa_core.text.checks import check_text

if TYPE_CHECKING:
    from qa_core.inference.reader import Reader

Pairs = Sequence[tuple[str, str]]


class Question(NamedTuple("Question", [("question", str), ("context", str)])):
    """A (question, context) pair that can be read: both are text and hold more than blanks.

    where: which of several it is, for the message. Raises InputError for anything else.
    """

    __slots__ = ()

    def __new__(cls, question: str, context: str, where: str = "") -> Question:
        check_text(question, f"question{where}")
        check_text(context, f"context{where}")
        return super().__new__(cls, question, context)


def questions(pairs: Pairs) -> list[Question]:
    """The pairs, checked where they are not yet. Raises InputError, that names the pair."""
    several = len(pairs) > 1
    return [
        pair
        if isinstance(pair, Question)
        else Question(*pair, where=f" of pair {number}" if several else "")
        for number, pair in enumerate(pairs)
    ]


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
    report, for comparison; nan where nobody computed it. alternatives: other spans, best first,
    none overlapping another. warnings: what to know before trusting it. model: name and version
    of the model.
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
    plain_confidence: float = math.nan
    answerable_probability: float | None = None

    @property
    def spans(self) -> tuple[Span, ...]:
        """The spans considered, best first: the answer, if it is one, and the alternatives."""
        if not self.answerable:
            return self.alternatives
        best = Span(self.text, self.start, self.end, self.score, self.confidence)
        return (best, *self.alternatives)

    @property
    def null_odds(self) -> float:
        """Null score less the best span's score (logits)."""
        return self.null_score - self.score


class Answers(Protocol):
    """What answers (question, context) pairs."""

    @property
    def model(self) -> str:
        """Name and version of the model that answers now."""

    def answer(self, question: str, context: str, *, top_k: int = 3) -> Answer:
        """Answer one question. Raises InputError if question or context can't be read."""
        return self.answer_batch([(question, context)], top_k=top_k)[0]

    def answer_batch(self, pairs: Pairs, *, top_k: int = 3, progress: bool = False) -> list[Answer]:
        """Answer (question, context) pairs, in order, with up to ``top_k`` alternatives each.

        Raises InputError, that names the pair, if one can't be read.
        """


class Serves(Answers, Protocol):
    """What serves answers from a model, which may be another one tomorrow."""

    @property
    def current(self) -> Reader:
        """The reader of the model that answers now, for what is asked of a model itself."""

    @property
    def model(self) -> str:
        return self.current.model

    def answer_batch(
        self,
        pairs: Pairs,
        *,
        top_k: int = 3,
        workers: int | None = None,
        progress: bool = False,
    ) -> list[Answer]:
        """As `Answers.answer_batch`; workers: batches that run side by side."""

    def answer_in_steps(
        self, question: str, context: str, *, top_k: int = 3
    ) -> Generator[tuple[int, int], None, Answer]:
        """`answer` a batch of windows at a time: yields (windows read, windows in all) after each.

        Whoever stops asking for the next step stops the work. Raises InputError.
        """
