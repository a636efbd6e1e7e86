"""Why this answer: the words that mattered, and details for experts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from page import messages
from page.asked import Asked
from page.html import why as render
from page.toast import warn
from qa_core.errors import SpanLoopError
from qa_core.inference import explanation
from qa_core.inference.answer import Serves


@dataclass(frozen=True)
class Why:
    """outputs: the components that `closed` updates, for new answers to these questions."""

    outputs: list[Any]
    closed: Callable[[Sequence[str]], dict[Any, Any]]


def build(reader: Serves, answers: gr.State, questions: Sequence[str]) -> Why:
    """The components and what they do, in the Blocks that is being built.

    questions: those of the first answers.
    """
    choices = _numbered(questions)
    with gr.Accordion(messages.WHY, open=False, elem_id="sl-why") as why:
        which = gr.Radio(
            choices,
            value=choices[0],
            type="index",
            label=messages.WHICH_QUESTION,
            visible=len(choices) > 1,
            elem_id="sl-which",
        )
        because = gr.HTML("", elem_id="sl-because")
        details = gr.HTML("", elem_id="sl-experts")

    def closed(questions: Sequence[str]) -> dict[Any, Any]:
        choices = _numbered(questions)
        return {
            why: gr.Accordion(open=False),
            which: gr.Radio(choices, value=choices[0], visible=len(choices) > 1),
            because: "",
            details: "",
        }

    def explained(answers: list[Asked], index: int | None) -> tuple[Any, Any]:
        number = index or 0
        if number >= len(answers):  # opened while the next ones are being read
            return render.waiting(), ""
        one = answers[number]
        try:
            heat = explanation.heat(reader.current, *_target(one))
            found = explanation.saliency(
                reader.current, *_target(one), answered=one.answer.answerable
            )
        except SpanLoopError as error:
            return warn(str(error)), ""
        return render.plain(one, found), render.details(one, heat, found)

    for event in (why.expand, which.input):
        event(
            explained,
            [answers, which],
            [because, details],
            api_visibility="private",
            show_progress="minimal",
        )
    return Why([why, which, because, details], closed)


def _numbered(questions: Sequence[str]) -> list[str]:
    return [f"{number}. {question}" for number, question in enumerate(questions, 1)]


def _target(one: Asked) -> tuple[str, str, tuple[int, int] | None]:
    """Question, context, and where to look: the answer, else the nearest guess."""
    span = next(((s.start, s.end) for s in one.answer.spans), None)
    return one.question, one.context, span
