"""What programs can ask of the page, by name: over HTTP, and as tools of an MCP server."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from gradio.events import api

from page import messages
from page.door.visitors import asking
from qa_core.bulk.output import record
from qa_core.data.problems import show
from qa_core.errors import InputError, ModelError, TooLongError
from qa_core.evaluation.figures import Figures
from qa_core.inference.answer import Answer, Question
from qa_core.inference.reader import check_top_k
from qa_core.serving.shared import SharedReader, portions
from qa_core.text.checks import check_kind, check_length
from qa_core.text.documents import MAX_CHARACTERS, MAX_QUESTION

if TYPE_CHECKING:
    from annotation.loop.intake import Intake

MANY = 500  # rows in one request, at most


def build(reader: SharedReader, figures: Figures | None, intake: "Intake | None" = None) -> None:
    """Named endpoints with typed, documented inputs, in the Blocks that is being built.

    Their errors are of SpanLoopError, which `page.guard.Page` tells the caller. They do without
    Gradio's queue: one request, one response. Who waits, waits in the reader.
    """

    async def answer(
        question: str,
        context: str,
        top_k: int = 3,
        private: bool = False,
        exhaustive: bool = False,
    ) -> dict[str, Any]:
        """Answer a question with words of the context, or say that the context does not answer it.

        Gives text, start and end (code points, end exclusive; empty if there is no answer),
        answerable, confidence (the probability that this verdict is right), score and null_score
        (logits), alternatives (up to top_k other spans, best first), warnings, model, and items
        (each with text, start and end, where the answer is a list that was asked for; else none).

        Args:
            question: what to ask, in plain words
            context: the text that may hold the answer
            top_k: how many other spans to give at most
            private: true to make sure that nothing is kept for people to review
            exhaustive: true to read a long text whole, not only where it promises most
        """
        check_kind(private, "private", bool)
        check_kind(exhaustive, "exhaustive", bool)
        check_top_k(top_k)
        asked = Question(question, context)
        check_lengths(*asked)
        (found,) = await ask([asked], top_k, private, exhaustive)
        return fields(question, found)

    async def answer_many(
        rows: list[dict[str, str]], top_k: int = 1, private: bool = False
    ) -> list[dict[str, Any]]:
        """Answer many questions at once, each on its own context; up to 500 in one request.

        Gives one result for each row, in order, with the fields that answer gives. A row that
        cannot be read gives its error instead, and the others are answered all the same.

        Args:
            rows: objects with question and context, both texts
            top_k: how many other spans to give at most for each
            private: true to make sure that nothing is kept for people to review
        """
        check_kind(rows, "rows", list)
        check_kind(private, "private", bool)
        check_top_k(top_k)
        if len(rows) > MANY:
            raise TooLongError(messages.too_many_rows(MANY, len(rows)))
        pairs = [question_of(row) for row in rows]
        good = [pair for pair in pairs if not isinstance(pair, InputError)]
        found: list[Answer] = []
        for portion in portions(good):
            found += await ask(portion, top_k, private)
        answers = iter(found)
        return [
            {"error": str(pair)}
            if isinstance(pair, InputError)
            else fields(pair.question, next(answers))
            for pair in pairs
        ]

    async def review_threshold(threshold: float) -> dict[str, Any]:
        """Say what a review threshold comes to, as measured on questions with known answers.

        Gives share (of answers that are less confident than the threshold and go to people),
        right (the share of the other answers that are right, null if there are none),
        right_of_all (without any review), and questions (how many were measured).

        Args:
            threshold: confidence from 0 to 1 below which an answer goes to people
        """
        check_kind(threshold, "threshold", float, int)
        if figures is None:
            raise ModelError(messages.MODEL_NOT_MEASURED)
        return asdict(figures.review(threshold))

    async def ask(
        pairs: Sequence[Question], top_k: int, private: bool, exhaustive: bool = False
    ) -> list[Answer]:
        submitted = reader.submit(pairs, top_k=top_k, visitor=asking.get(), exhaustive=exhaustive)
        found = await asyncio.wrap_future(submitted)
        if intake is not None and not private:
            for pair, given in zip(pairs, found, strict=True):
                if intake.wants(*pair, given):
                    await asyncio.to_thread(intake.offer, *pair, given, source="api")
        return found

    for function in (answer, answer_many, review_threshold):
        api(function, api_name=function.__name__, queue=False)


def fields(question: str, answer: Answer) -> dict[str, Any]:
    """An answer as JSON."""
    told = record("", question, answer)
    return {name: value for name, value in told.items() if name != "id"}


def question_of(row: Any) -> Question | InputError:
    """The question and the context of a row, or why there are none."""
    try:
        if not isinstance(row, dict) or not {"question", "context"} <= row.keys():
            found = ", ".join(map(show, row)) if isinstance(row, dict) else type(row).__name__
            raise InputError(messages.no_question_and_context(found))
        asked = Question(row["question"], row["context"])
        check_lengths(*asked)
    except InputError as error:
        return error
    return asked


def check_lengths(question: str, context: str) -> None:
    """Raise TooLongError if a question or a text is longer than the page takes."""
    check_length(question, "question", MAX_QUESTION)
    check_length(context, "context", MAX_CHARACTERS)
