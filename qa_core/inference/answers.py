"""What the rest asks of a reader, whichever answers: a `Reader`, or one that stands before it."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from qa_core.inference.answer import Answer
    from qa_core.inference.reader import Reader

Pairs = Sequence[tuple[str, str]]


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
