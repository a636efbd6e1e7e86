"""A visitor's file of questions and its answers."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import Any

from page import messages
from page.asked import Asked
from qa_core.bulk import output
from qa_core.bulk.scoring import scored, sentence, texts_of, totals
from qa_core.data.examples import BadRow, Example
from qa_core.inference.answer import Answer
from qa_core.text.offsets import well_formed

UNCERTAIN = 0.7  # as on the first tab, where "Likely right" begins


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A row of a file and its answer.

    expected: its right answers, none of them where the text does not say; None where the file
    holds none. wrong: whether the answer is none of them.
    """

    asked: Asked
    expected: tuple[str, ...] | None = None
    wrong: bool = False


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

    def row(self, number: int) -> BatchRow:
        """The row of an answer's number."""
        example = self.questions[number]
        asked = Asked(example.question, example.context, self.answers[number])
        return BatchRow(asked, self.golds.get(example.id), self.is_wrong(number))

    def is_wrong(self, number: int) -> bool:
        """Whether the answer of a number is none of the right ones, where the file holds any."""
        answer, id_ = self.answers[number], self.questions[number].id
        text = answer.text if answer.answerable else ""
        return not scored(id_, text, self.golds).get("exact", True)

    def chosen(self, which: str) -> list[int]:
        """The numbers of the answers of a choice of `messages`."""
        return [
            number
            for number, answer in enumerate(self.answers)
            if which == messages.ALL
            or (which == messages.UNCERTAIN and answer.confidence < UNCERTAIN)
            or (which == messages.UNANSWERABLE and not answer.answerable)
            or (which == messages.NOT_AS_EXPECTED and self.is_wrong(number))
        ]

    @property
    def choices(self) -> list[tuple[str, str]]:
        """What can be chosen, with how many there are of each."""
        names = [messages.ALL, messages.UNCERTAIN, messages.UNANSWERABLE]
        names += [messages.NOT_AS_EXPECTED] if self.golds else []
        return [(messages.filtered(name, len(self.chosen(name))), name) for name in names]

    def files(self, which: str) -> dict[str, str | bytes]:
        """The answers of a choice as files, by suffix."""
        numbers = self.chosen(which)
        questions = [self.questions[number] for number in numbers]
        rows = output.records(questions, [self.answers[n] for n in numbers], self.golds)
        return {
            "csv": "\ufeff" + output.to_csv(rows),
            "xlsx": output.to_xlsx(rows),
            "jsonl": output.to_json_lines(rows),
            "json": output.to_squad(rows, questions),
        }

    def rows(self, which: str) -> list[list[Any]]:
        """What the table shows of the answers. which: one of the choices of `messages`."""
        return [
            [
                number + 1,
                well_formed(self.questions[number].id),
                well_formed(self.questions[number].question),
                well_formed(answer.text) if answer.answerable else messages.NONE_IN_TABLE,
                round(100 * answer.confidence, 1),
            ]
            for number in self.chosen(which)
            for answer in [self.answers[number]]
        ]
