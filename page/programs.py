"""What programs can ask of the page, by name."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.events import api

from qa_core.errors import SpanLoopError
from qa_core.prediction import record
from qa_core.reader import Reader

if TYPE_CHECKING:
    from annotation.intake import Intake


def build(reader: Reader, intake: Intake | None = None) -> None:
    """Named endpoints with typed, documented inputs, in the Blocks that is being built."""

    def answer(
        question: str, context: str, top_k: int = 3, private: bool = False
    ) -> dict[str, Any]:
        """Answer a question with words of the context, or say that the context does not answer it.

        Gives text, start and end (code points, end exclusive; empty if there is no answer),
        answerable, confidence (the probability that this verdict is right), score and null_score
        (logits), alternatives (up to top_k other spans, best first), warnings, and model.

        Args:
            question: what to ask, in plain words
            context: the text that may hold the answer
            top_k: how many other spans to give at most
            private: true to make sure that the question is never kept for people to review
        """
        try:
            answered = reader.answer(question, context, top_k=top_k)
        except SpanLoopError as error:
            raise gr.Error(html.escape(str(error)), print_exception=False) from error
        if intake is not None:
            intake.offer(question, context, answered, source="api", private=private)
        found = record("", answered)
        return {name: value for name, value in found.items() if name != "id"}

    api(answer, api_name="answer")
