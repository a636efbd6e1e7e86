"""Say whether an answer was right: it goes to the people who review, until it is deleted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import gradio as gr

from page import messages, selection
from page.access import Access
from page.asked import Sent
from page.door.visitors import asking
from page.html import feedback as render
from page.html.markup import Markup
from page.look import script
from page.tabs.ask_parts import Run
from page.toast import warn
from qa_core.errors import InputError, SpanLoopError

if TYPE_CHECKING:
    from annotation.loop.intake import Intake
    from annotation.review.agreement import Spans
    from page.asked import Asked


# What changes the list that a visitor makes of selected words, before it is sent.
LISTING: dict[str, Callable[[Asked, Any], Spans]] = {
    "add": lambda one, sent: selection.added(one.parts, sent, one.context),
    "remove": lambda one, sent: selection.without(one.parts, sent),
}
NOWHERE: Spans = ()


@dataclass(frozen=True)
class Judged:
    """Where answers are judged.

    result: shows them, as ``shown`` gives them. run: state, what was asked. private: whether
    nothing is to be kept. answers: state that changes when others are shown, if anything may have
    been kept of those already.
    """

    result: gr.HTML
    shown: Callable[[Any], Markup]
    run: gr.State
    private: gr.Checkbox | gr.State
    answers: gr.State | None = None


def build(
    intake: Intake | None,
    access: Access,
    token: gr.BrowserState,
    tab: Judged,
    name: str = "sl",
) -> None:
    """What a visit sent, and what its buttons do, in the Blocks that is being built.

    Nothing without an intake. token: of a login. tab: the one whose answers are judged. name: what
    the components' ids begin with.
    """
    if intake is None:
        return
    hidden: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    every: dict[str, Any] = {
        **hidden,
        "trigger_mode": "multiple",  # a click while another is sent is not lost
        # One after the other, or what is shown last could be what was true before.
        "concurrency_id": f"{name}-judging",
        "concurrency_limit": 1,
    }
    receipt = gr.HTML("", elem_id=f"{name}-receipt", elem_classes="sl-receipt")
    sent = gr.HTML("", js_on_load=script("sent"), elem_id=f"{name}-sent", elem_classes="sl-sent")

    def listed(run: Run) -> tuple[Any, Any]:
        return render.notice(run.found, run.sent), render.listing(run.sent.values())

    def shown(run: Run) -> dict[Any, Any]:
        notice, listing = listed(run)
        return {tab.result: tab.shown(run), receipt: notice, sent: listing}

    def judge(
        run: Run, private: bool, token: Any, event: gr.EventData, request: gr.Request
    ) -> dict[Any, Any]:
        if private:
            return {receipt: warn(messages.FEEDBACK_IS_PRIVATE)}
        try:
            one, spans = run.found[event.number], NOWHERE
            selected = event.say == "add" or (
                event.say == "marked" and (event.marked or not one.parts)
            )
            if selected and run.files and run.shown != one.document:
                raise InputError(messages.select_in(one.document))
            if event.say in LISTING:
                parts = LISTING[event.say](one, event.marked)
                run.found[event.number] = replace(one, parts=parts)
                return shown(run)
            if event.say == "marked":
                spans = selection.together(one.parts, event.marked, one.context)
            elif event.say == "correct" and one.answer.answerable:
                spans = ((one.answer.start, one.answer.end),)
            speaker = access.speaker(request, token)
            reason, last = intake.held(one.question, one.context, speaker)
            kept = intake.hear(
                one.question,
                one.context,
                one.answer,
                reviewer=speaker,
                span=next(iter(spans), None),
                further=spans[1:],
                wrong=event.say == "wrong",
                source="page",
                visitor=asking.get(),
            )
        except SpanLoopError as error:
            return {receipt: warn(str(error))}
        before = run.sent.get(one.id) or Sent(one.id, one.question, reason, reason is None)
        run.sent[one.id] = replace(
            before,
            reason=before.reason if before.receipts else reason,
            receipts=(*before.receipts, *([kept] if kept > last else [])),
            number=kept,
            say=event.say,
            words=", ".join(one.context[start:end] for start, end in spans),
            destination=intake.destination(kept),
        )
        run.found[event.number] = replace(one, parts=())
        return shown(run)

    def deleting(whole: bool) -> Callable[..., dict[Any, Any]]:
        """Delete the judgements of one question; whole: also what the visit brought of it.

        Reviewers delete it whoever brought it.
        """

        def delete(
            run: Run, token: Any, event: gr.EventData, request: gr.Request
        ) -> dict[Any, Any]:
            id_ = event.id if whole else run.found[event.number].id
            one = run.sent.get(id_)
            if one is None:
                return shown(run)
            may = one.brought or access.who(request, token) is not None
            stays = None if whole and may else one.reason
            try:
                if stays is None and not may:
                    raise InputError(messages.NOT_YOURS)
                intake.retract(id_, one.receipts, stays)
            except SpanLoopError as error:
                return {receipt: warn(str(error))}
            del run.sent[id_]
            if stays is not None and one.brought:
                run.sent[id_] = replace(
                    one, receipts=(), say="", words="", destination=intake.destination()
                )
            return shown(run)

        return delete

    outputs = [tab.result, receipt, sent]
    if tab.answers is not None:
        tab.answers.change(listed, tab.run, [receipt, sent], **hidden)
    tab.result.judge(judge, [tab.run, tab.private, token], outputs, **every)
    tab.result.undo(deleting(False), [tab.run, token], outputs, **every)
    sent.remove(deleting(True), [tab.run, token], outputs, **every)
