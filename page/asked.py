"""A question that was asked on the page and its answer, and how people take it away."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from page import messages
from qa_core.bulk.output import items_of, record
from qa_core.collection.collection import Collection, Findings, Found
from qa_core.collection.long import part_read
from qa_core.data.examples import question_id
from qa_core.inference.answer import Answer
from qa_core.text.documents import Document

if TYPE_CHECKING:
    from annotation.review.agreement import Spans
    from annotation.review.records import Reason

Say = Literal["correct", "wrong", "unanswerable", "marked"]


@dataclass(frozen=True, slots=True)
class Asked:
    """One question, the context it was asked of, and the answer.

    pages: the code point of the context at which each page begins; empty without pages. read: the
    answer as the reader gave it, where the visitor asked for another strictness. hints: what to
    know of the question or the text before trusting the answer. document: the file that the context
    is of, where several were asked; others: what others of them say. pictured: whether its pages
    can be shown as pictures. parts: the spans so far of a list that the visitor makes the right
    answer, which is not sent yet.
    """

    question: str
    context: str
    answer: Answer
    pages: tuple[int, ...] = ()
    read: Answer | None = None
    hints: tuple[str, ...] = ()
    document: str = ""
    pictured: bool = False
    others: tuple[Found, ...] = ()
    parts: Spans = ()

    @classmethod
    def of_files(cls, question: str, found: Findings, documents: Collection) -> Asked:
        """What several files say, as the answer of the one that says it best."""
        first, *others = found.found
        document = documents.document(first.document)
        note = part_read(found.read, found.passages)
        answer = replace(first.answer, warnings=(*first.answer.warnings, *note))
        return cls(
            question,
            document.text,
            answer,
            document.pages,
            document=first.document,
            others=tuple(others),
        )

    def place_of(self, start: int) -> str:
        """The file and the page of a code point of the context, as far as there are any."""
        return place(self.document, Document(self.context, self.pages).page(start))

    @property
    def id(self) -> str:
        """The question's id, on this context."""
        return question_id(self.question, self.context)

    @property
    def items(self) -> Spans:
        """Where the items of the answer stand, if it is a list that was asked for; else nothing."""
        found = items_of(self.question, self.answer)
        return tuple((item["start"], item["end"]) for item in found)

    @property
    def verdict(self) -> str:
        """The answer's words, or that there is none, as firmly as it is sure."""
        several = bool(self.document)
        return self.answer.text or messages.no_answer(self.answer.confidence, several=several)

    def taken(self) -> Asked:
        """The same with the closest words for the answer. Raises ValueError if there are none."""
        closest, *others = self.answer.alternatives
        answer = replace(
            self.answer,
            text=closest.text,
            start=closest.start,
            end=closest.end,
            score=closest.score,
            confidence=closest.confidence,
            answerable=True,
            alternatives=tuple(others),
        )
        return replace(self, answer=answer, read=self.read or self.answer)


@dataclass(frozen=True, slots=True)
class Sent:
    """What a visit sent of a question.

    id: of the prediction in the store. reason: why it was kept before somebody judged it, None if
    it was not. brought: whether this visit brought it there. receipts: of the reviews that the
    visit added. number: the receipt of the last judgement. say: that judgement, "" before the
    first; words: those it names. destination: what becomes of it.
    """

    id: str
    question: str
    reason: Reason | None
    brought: bool
    receipts: tuple[int, ...] = ()
    number: int = 0
    say: Say | Literal[""] = ""
    words: str = ""
    destination: str = ""


def place(document: str, page: int | None) -> str:
    """A file, a page in it, or both; "" where there is neither."""
    return ", ".join(filter(None, [document, messages.page_of(page) if page else ""]))


def as_text(asked: list[Asked]) -> str:
    """Questions and answers, to paste into a letter."""
    return "\n\n".join(
        f"{one.question}\n{one.verdict} ({messages.percent(one.answer.confidence)}{_from(one)})"
        for one in asked
    )


def _from(one: Asked) -> str:
    said = one.document and one.answer.answerable
    return f"; {one.place_of(one.answer.start)}" if said else ""


def as_json(asked: list[Asked]) -> str:
    """Everything there is to know of the answers; offsets are code points, end exclusive.

    The text is ``context``; the texts of several files are ``documents``, by their names.
    """
    rows = [
        {"question": one.question}
        | ({"document": one.document} if one.document else {})
        | _without_id(record("", one.question, one.answer))
        for one in asked
    ]
    texts: dict[str, Any] = {"context": asked[0].context}
    if asked[0].document:
        texts = {"documents": {one.document: one.context for one in asked}}
    return json.dumps(texts | {"answers": rows}, ensure_ascii=False, indent=2)


def _without_id(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "id"}


def as_squad(asked: list[Asked]) -> str:
    """SQuAD 2.0 JSON: a paragraph a text; an unanswerable question keeps its nearest guess."""
    paragraphs: dict[str, list[dict[str, Any]]] = {}
    for one in asked:
        rows = paragraphs.setdefault(one.context, [])
        answer = one.answer
        said = [{"text": answer.text, "answer_start": answer.start}]
        guess = [{"text": s.text, "answer_start": s.start} for s in answer.alternatives[:1]]
        row = {
            "id": one.id,
            "question": one.question,
            "is_impossible": not answer.answerable,
        }
        if answer.answerable:
            parts = [{"text": one.context[a:b], "answer_start": a} for a, b in one.items]
            rows.append(row | {"answers": said} | ({"answer_spans": parts} if parts else {}))
        else:
            rows.append(row | {"answers": [], "plausible_answers": guess})
    held = [{"context": context, "qas": rows} for context, rows in paragraphs.items()]
    squad = {"version": "v2.0", "data": [{"title": "SpanLoop", "paragraphs": held}]}
    return json.dumps(squad, ensure_ascii=False, indent=2)
