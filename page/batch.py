"""A visitor's file of questions and its answers."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import Any

from page import messages
from qa_core.bulk.scoring import sentence, texts_of, totals
from qa_core.data.examples import BadRow, Example
from qa_core.inference.answer import Answer
from qa_core.text.offsets import well_formed

UNCERTAIN = 0.7  # as on the first tab, where "Likely right" begins


@dataclass
class Batch:
    """A visitor's file, and the answers so far. golds: right answers, by the question's id."""

    name: str
    questions: list[Example]
    bad: list[BadRow]
    bad_rows: int
    answers: list[Answer] = field(default_factory=list)
    golds: dict[str, tuple[str, ...]] = field(default_factory=dict)
    stopped: bool = False

    @property
    def done(self) -> bool:
        return len(self.answers) == len(self.questions)

    @property
    def uncertain(self) -> int:
        """How many of the answers are."""
        return sum(answer.confidence < UNCERTAIN for answer in self.answers)

    @property
    def scores(self) -> str:
        """How right the answers are, in words; "" where the file holds no right ones."""
        ids = [example.id for example in self.questions]
        found = totals(texts_of(ids, self.answers), self.golds)
        return f"{sentence(found)}." if found else ""

    @property
    def size(self) -> int:
        """About how many bytes the file and its answers take in memory."""
        texts = {id(one.context): one.context for one in self.questions}
        return sum(map(sys.getsizeof, texts.values())) + 3_000 * len(self.questions)

    def rows(self, which: str) -> list[list[Any]]:
        """What the table shows of the answers. which: one of the choices of `messages`."""
        return [
            [
                well_formed(example.id),
                well_formed(example.question),
                well_formed(answer.text) if answer.answerable else messages.NONE_IN_TABLE,
                round(100 * answer.confidence, 1),
            ]
            for example, answer in zip(self.questions, self.answers, strict=False)
            if which == messages.ALL
            or (which == messages.UNCERTAIN and answer.confidence < UNCERTAIN)
            or (which == messages.UNANSWERABLE and not answer.answerable)
        ]
