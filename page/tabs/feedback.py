"""Say whether an answer was right: it goes to the people who review, with a receipt."""

from __future__ import annotations

import html
import itertools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal

import gradio as gr

from page import selection
from page.access import Access
from page.asked import Asked
from page.door.visitors import asking
from page.html.passage import escape
from page.toast import warn
from qa_core.errors import SpanLoopError

if TYPE_CHECKING:
    from annotation.loop.intake import Intake
    from page.tabs.ask import AskTab

PASSAGE = "#sl-result .sl-passage"
PREVIEW = "#sl-marked"
Say = Literal["correct", "wrong", "unanswerable", "marked"]


def build(
    intake: Intake | None,
    access: Access,
    token: gr.BrowserState,
    tab: AskTab,
) -> None:
    """The panel under the answers, in the Blocks that is being built; nothing without an intake.

    token: of a login. tab: the one whose answers are judged.
    """
    if intake is None:
        return
    asked, private = tab.answers, tab.private
    with gr.Column(visible=False, elem_id="sl-feedback") as panel:
        which = gr.Dropdown([], type="index", label="Which answer?", visible=False)
        gr.HTML("<h2>Was this right?</h2>")
        buttons: dict[gr.Button, Say] = {}
        with gr.Row(elem_id="sl-say"):
            buttons[gr.Button("Correct", size="sm", min_width=90)] = "correct"
            buttons[gr.Button("Wrong", size="sm", min_width=90)] = "wrong"
            buttons[gr.Button("The text does not say", size="sm", min_width=170)] = "unanswerable"
        with gr.Row(elem_id="sl-mark"):
            preview = gr.HTML(
                unmarked(), js_on_load=selection.watch(PASSAGE), elem_id=PREVIEW.lstrip("#")
            )
            send = gr.Button("Send these words", size="sm", scale=0, min_width=150)
            buttons[send] = "marked"
        receipt = gr.HTML("", elem_id="sl-receipt")

    def show(asked: list[Asked], kept: list[str]) -> Any:
        questions = [f"{number}. {one.question}" for number, one in enumerate(asked, 1)]
        return {
            panel: gr.update(visible=bool(questions)),
            which: gr.update(
                choices=questions,
                value=questions[0] if questions else None,
                visible=len(questions) > 1,
            ),
            preview: unmarked(),
            receipt: notice(kept if len(kept) == len(asked) else [], intake.destination()),
        }

    def hearing(say: Say) -> Callable[..., Any]:
        def hear(
            asked: list[Asked],
            number: int | None,
            private: bool,
            token: Any,
            marked: str,
            request: gr.Request,
        ) -> Any:
            if private:
                return warn(
                    "This is private, and nothing of it was kept. "
                    "To send what you say of it, turn the switch off."
                )
            try:
                one, span = asked[number or 0], None
                if say == "marked":
                    span = selection.read(marked, one.context)
                elif say == "correct" and one.answer.answerable:
                    span = one.answer.start, one.answer.end
                kept = intake.hear(
                    one.question,
                    one.context,
                    one.answer,
                    reviewer=access.speaker(request, token),
                    span=span,
                    wrong=say == "wrong",
                    source="page",
                    visitor=asking.get(),
                )
            except SpanLoopError as error:
                return warn(str(error))
            words = "" if span is None else one.context[slice(*span)]
            return thanks(say, words, kept, intake.destination()), unmarked()

        return hear

    asked.change(show, [asked, tab.kept], [panel, which, preview, receipt], **_QUIET)
    for button, say in buttons.items():
        button.click(
            hearing(say),
            [asked, which, private, token, preview],
            [receipt, preview],
            js=f"(...given) => [...given.slice(0, 4), {selection.marked(PREVIEW)}]",
            **_QUIET,
        )


_NUMBERS = itertools.count()
_QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}


def unmarked() -> str:
    """What stands where the selected words will be shown; new each time, so that it replaces."""
    return (
        f'<p data-new="{next(_NUMBERS)}"><span>Or select the right words in the text:</span> '
        '<mark class="sl-marked" dir="auto" data-marked="" aria-live="polite"></mark></p>'
    )


def notice(kept: Sequence[str], destination: str) -> str:
    """That questions were kept, though nobody judged them; "" if none was."""
    count = sum(map(bool, kept))
    if not count:
        return ""
    whose = "This question is" if len(kept) == 1 else f"{count} of these questions are"
    what = destination if "late" not in kept else "being kept for review"
    return f'<p role="status"><span>{whose} {html.escape(what)}.</span></p>'


def thanks(say: Say, words: str, number: int, destination: str) -> str:
    """The receipt."""
    said = {
        "correct": "Correct.",
        "wrong": "Wrong.",
        "unanswerable": "The text does not say.",
        "marked": f'The right words: <q dir="auto">{escape(words)}</q>',
    }[say]
    return (
        f'<p role="status"><b>Thank you.</b> {said} '
        f"<span>Receipt {number}: {html.escape(destination)}.</span></p>"
    )
