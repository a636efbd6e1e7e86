"""Examples of extractive question answering, and rows that are none. Pure.

Offsets are code points, end exclusive.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from qa_core.data.problems import show
from qa_core.text.sentences import sentences


@dataclass(frozen=True, slots=True)
class Gold:
    """One right answer: `context[start:end] == text`, in code points."""

    text: str
    start: int

    @property
    def end(self) -> int:
        """Offset one past the last code point."""
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class Example:
    """A question on a context with its right answers; none of them if the text does not say.

    plausible: what a hasty reader would take for the answer of an unanswerable question. parts: the
    several spans, in the text's order and apart from each other, that together are the answer, as
    of a list; none where one is. The answers are then what is to be said in one span (`one_span`).
    """

    id: str
    question: str
    context: str
    answers: tuple[Gold, ...] = ()
    title: str = ""
    plausible: tuple[Gold, ...] = ()
    parts: tuple[Gold, ...] = field(default=(), repr=False)

    @property
    def answerable(self) -> bool:
        return bool(self.answers)

    @property
    def pair(self) -> tuple[str, str]:
        """Question and context, as a reader takes them."""
        return self.question, self.context


def one_span(context: str, parts: Sequence[Gold]) -> Gold:
    """What a reader of single spans is to say where several are the answer.

    From the first to the last where they stand in one sentence, as SQuAD marks lists; the first
    where they are scattered.
    """
    start, end = parts[0].start, max(part.end for part in parts)
    if any(begin <= start and end <= stop for begin, stop in sentences(context)):
        return Gold(context[start:end], start)
    return parts[0]


def question_id(question: str, context: str) -> str:
    """An id of a question on a context, the same whenever and wherever it is asked."""
    return hashlib.sha256(json.dumps([question, context]).encode()).hexdigest()[:32]


def digest(examples: Iterable[Example]) -> str:
    """A hash that changes with any of the examples, or their order."""
    found = hashlib.sha256()
    for example in examples:
        told = f"{example!r}{example.parts or ''}"  # older programs knew no parts
        found.update(told.encode("utf-8", "surrogatepass"))
    return found.hexdigest()


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that is no valid example, and how to mend it.

    `row` is the number a person would count to: the line of JSON Lines, the row of a spreadsheet
    for CSV and Excel (its header is 1), the question (from 1) of JSON, the row (from 1) else.
    `id` is "" if the row has none.
    """

    source: str
    row: int
    id: str
    expected: str
    found: str
    mend: str

    def __str__(self) -> str:
        return (
            f"{self.source}, row {self.row}, id {show(self.id)}: expected {self.expected}; "
            f"found {self.found}; to mend it: {self.mend}"
        )
