"""What programs can ask of the page, by name: over HTTP, and as tools of an MCP server."""

import asyncio
from typing import Any

import gradio as gr
from gradio.events import api

from qa_core.errors import InputError, SpanLoopError
from qa_core.prediction import record
from qa_core.reader import Answer
from qa_core.serving import TOGETHER, SharedReader

MANY = 500  # rows in one request, at most


def build(reader: SharedReader) -> None:
    """Named endpoints with typed, documented inputs, in the Blocks that is being built.

    They do without Gradio's queue: one request, one response. Who waits, waits in the reader.
    """

    async def answer(question: str, context: str, top_k: int = 3) -> dict[str, Any]:
        """Answer a question with words of the context, or say that the context does not answer it.

        Gives text, start and end (code points, end exclusive; empty if there is no answer),
        answerable, confidence (the probability that this verdict is right), score and null_score
        (logits), alternatives (up to top_k other spans, best first), warnings, and model.

        Args:
            question: what to ask, in plain words
            context: the text that may hold the answer
            top_k: how many other spans to give at most
        """
        try:
            (found,) = await ask([(question, context)], top_k)
        except SpanLoopError as error:
            raise gr.Error(str(error), print_exception=False) from error
        return fields(found)

    async def answer_many(rows: list[dict[str, str]], top_k: int = 1) -> list[dict[str, Any]]:
        """Answer many questions at once, each on its own context; up to 500 in one request.

        Gives one result for each row, in order, with the fields that answer gives. A row that
        cannot be read gives {"error": "why"} instead, and the others are answered all the same.

        Args:
            rows: objects with question and context, both texts
            top_k: how many other spans to give at most for each
        """
        try:
            if len(rows) > MANY:
                raise InputError(
                    f"expected at most {MANY} rows, found {len(rows)}; send them in parts"
                )
            pairs = [(row.get("question"), row.get("context")) for row in rows]
            errors = [problem(question, context) for question, context in pairs]
            good = [pair for pair, error in zip(pairs, errors, strict=True) if error is None]
            found: list[Answer] = []
            for first in range(0, len(good), TOGETHER):
                found += await ask(good[first : first + TOGETHER], top_k)
        except SpanLoopError as error:
            raise gr.Error(str(error), print_exception=False) from error
        answers = iter(found)
        return [fields(next(answers)) if e is None else {"error": e} for e in errors]

    async def ask(pairs: Any, top_k: int) -> list[Answer]:
        return await asyncio.wrap_future(reader.submit(pairs, top_k=top_k))

    api(answer, api_name="answer", queue=False)
    api(answer_many, api_name="answer_many", queue=False)


def fields(answer: Answer) -> dict[str, Any]:
    """An answer as JSON."""
    return {name: value for name, value in record("", answer).items() if name != "id"}
