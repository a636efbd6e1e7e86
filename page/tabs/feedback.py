"""Say whether an answer was right: it goes to the people who review, with a receipt."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import gradio as gr

from page import messages, selection
from page.access import Access
from page.asked import Asked
from page.door.visitors import asking
from page.html import feedback as render
from page.html.feedback import Say
from page.toast import warn
from qa_core.errors import SpanLoopError

if TYPE_CHECKING:
    from annotation.loop.intake import Intake
    from page.tabs.ask import AskTab

PASSAGE = "#sl-result .sl-passage"
PREVIEW = "#sl-marked"
_QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}


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
        which = gr.Dropdown([], type="index", label=messages.WHICH_ANSWER, visible=False)
        gr.HTML(render.title())
        buttons: dict[gr.Button, Say] = {}
        with gr.Row(elem_id="sl-say"):
            buttons[gr.Button(messages.CORRECT, size="sm", min_width=90)] = "correct"
            buttons[gr.Button(messages.WRONG, size="sm", min_width=90)] = "wrong"
            buttons[gr.Button(messages.NOT_IN_TEXT, size="sm", min_width=140)] = "unanswerable"
        with gr.Row(elem_id="sl-mark"):
            preview = gr.HTML(
                render.unmarked(),
                js_on_load=selection.watch(PASSAGE),
                elem_id=PREVIEW.lstrip("#"),
            )
            send = gr.Button(messages.SEND_WORDS, size="sm", scale=0, min_width=150)
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
            preview: render.unmarked(),
            receipt: render.notice(kept if len(kept) == len(asked) else [], intake.destination()),
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
                return warn(messages.FEEDBACK_IS_PRIVATE)
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
            return render.thanks(say, words, kept, intake.destination(kept)), render.unmarked()

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
