"""Why this answer: a heat map of start and end, and what in question and text mattered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from page import messages
from page.asked import Asked
from page.html import heat
from page.toast import keep
from qa_core.errors import SpanLoopError
from qa_core.inference import explanation
from qa_core.inference.reader import Reader


@dataclass(frozen=True)
class Why:
    """outputs: the components that `closed` updates, for new answers to these questions."""

    outputs: list[Any]
    closed: Callable[[Sequence[str]], dict[Any, Any]]


def build(reader: Reader, answers: gr.State) -> Why:
    """The components and what they do, in the Blocks that is being built."""
    with gr.Accordion(messages.WHY, open=False, elem_id="sl-why") as why:
        which = gr.Radio(
            [], type="index", label=messages.WHICH_QUESTION, visible=False, elem_id="sl-which"
        )
        probabilities = gr.HTML("", elem_id="sl-heat")
        button = gr.Button(messages.WHICH_WORDS, size="sm", elem_id="sl-matter")
        saliency = gr.HTML("", elem_id="sl-saliency")

    def closed(questions: Sequence[str]) -> dict[Any, Any]:
        choices = [f"{number}. {question}" for number, question in enumerate(questions, 1)]
        return {
            why: gr.Accordion(open=False),
            which: gr.Radio(choices, value=choices[0], visible=len(choices) > 1),
            probabilities: "",
            saliency: "",
        }

    def shown(answers: list[Asked], index: int | None) -> Any:
        one = answers[index or 0]
        try:
            return heat.probabilities(one, explanation.heat(reader, *_target(one))), ""
        except SpanLoopError as error:
            return keep(str(error)), ""

    def mattered(answers: list[Asked], index: int | None) -> Any:
        one = answers[index or 0]
        try:
            return heat.saliency(
                one, explanation.saliency(reader, *_target(one), answered=one.answer.answerable)
            )
        except SpanLoopError as error:
            return keep(str(error))

    quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "minimal"}
    for event in (why.expand, which.input):
        event(shown, [answers, which], [probabilities, saliency], **quiet)
    button.click(mattered, [answers, which], saliency, **quiet)
    return Why([why, which, probabilities, saliency], closed)


def _target(one: Asked) -> tuple[str, str, tuple[int, int] | None]:
    """Question, context, and where to look: the answer, else the nearest guess."""
    spans = [one.answer] if one.answer.answerable else one.answer.alternatives[:1]
    return one.question, one.context, next(((s.start, s.end) for s in spans), None)
