"""Learning from the page: start it, watch it, see what it came to, promote and roll back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr

from annotation.argilla.suggestions import push_again, refresh
from annotation.learning.background import Background
from annotation.learning.comparing import side_by_side
from annotation.loop.intake import Intake
from annotation.loop.situation import readiness, situation
from annotation.review.advice import findings
from page import messages
from page.html import training as render
from page.toast import warn
from qa_core.errors import SpanLoopError
from qa_core.inference.answer import Answers
from qa_core.inference.reader import Reader
from qa_core.models.versions import BUNDLED

May = Callable[[gr.Request, object], bool]
SECONDS = 2.0
QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}


def build(intake: Intake, reader: Answers, may: May, token: Any, tab: gr.Tab) -> None:
    """The components and what they do, in the Blocks that is being built.

    intake: keeps what waits, and says what is doubtful. reader: answers anew what waits for
    reviewers after a change; one that follows the version that serves. may: whether a request, with
    the value of ``token``, may do any of this; asked before everything. tab: what it stands in;
    selecting it brings it up to date.
    """
    store, threshold = intake.store, str(intake.policy.threshold)
    background = Background()
    versions = background.versions
    with gr.Column(visible=False, elem_id="sl-training") as all_of_it:
        need = gr.HTML(elem_id="sl-training-need")
        advice = gr.HTML(elem_id="sl-training-next")
        with gr.Row():
            ask = gr.Button(messages.RETRAIN, size="sm", scale=0, min_width=140)
            verify = gr.Button(messages.TRAIN_VERIFIER, size="sm", scale=0, min_width=190)
        with gr.Column(visible=False, elem_id="sl-training-confirm") as confirm:
            expected = gr.HTML()
            with gr.Row():
                start = gr.Button(messages.START_RETRAIN, size="sm", scale=0, min_width=170)
                later = gr.Button(messages.NOT_NOW, size="sm", scale=0, min_width=110)
        state = gr.HTML(elem_id="sl-training-state")
        stop = gr.Button(messages.STOP_TRAINING, size="sm", scale=0, min_width=110, visible=False)
        log = gr.HTML(elem_id="sl-training-log")
        listed = gr.HTML(elem_id="sl-training-versions")
        with gr.Row(visible=False) as other:
            choice = gr.Dropdown(label=messages.VERSION, scale=0, min_width=180, interactive=True)
            compare = gr.Button(messages.COMPARE, size="sm", scale=0, min_width=260)
            promote = gr.Button(messages.USE_VERSION, size="sm", scale=0, min_width=140)
            back = gr.Button(messages.ROLL_BACK, size="sm", scale=0, min_width=140)
        compared = gr.HTML(elem_id="sl-training-compared")
    timer = gr.Timer(SECONDS, active=False)
    watched = [all_of_it, state, stop, log, timer]
    shown = [
        *watched, need, advice, ask, verify, confirm, expected, listed, other, choice, compare,
        promote, back, compared,
    ]  # fmt: skip

    def look(token: Any, request: gr.Request) -> dict[Any, Any]:
        if not may(request, token):
            return {all_of_it: gr.update(visible=False), timer: gr.Timer(active=False)}
        try:
            return view()
        except SpanLoopError as error:
            return {all_of_it: gr.update(visible=True), state: render.trouble(str(error))}

    def view() -> dict[Any, Any]:
        if background.running():
            locked = dict.fromkeys((ask, verify), gr.update(interactive=False))
            return {**course(), **locked, confirm: gr.update(visible=False)}
        found, ready = versions.all(), readiness(store, versions)
        names = [one.name for one in found if one.state != "serving"]
        return {
            **course(),
            need: render.need(ready),
            advice: render.advice(findings(situation(store, versions))),
            ask: gr.update(interactive=not ready.lacking),
            verify: gr.update(interactive=not ready.verifier),
            confirm: gr.update(visible=False),
            expected: render.confirm(ready.seconds),
            listed: render.versions(found),
            other: gr.update(visible=bool(names) or versions.serving() != BUNDLED),
            choice: gr.update(choices=names, value=names[-1] if names else None),
            compare: gr.update(interactive=bool(names)),
            promote: gr.update(interactive=bool(names)),
            back: gr.update(interactive=versions.serving() != BUNDLED),
            compared: "",
        }

    def course() -> dict[Any, Any]:
        """What changes while something is under way."""
        doing = background.doing()
        return {
            all_of_it: gr.update(visible=True),
            state: render.progress(
                doing, background.course(), background.ending(), versions.serving()
            ),
            stop: gr.update(visible=background.is_own()),
            log: render.log(background.said()),
            timer: gr.Timer(active=bool(doing)),
        }

    def doing(step: Callable[[Any], None]) -> Callable[..., Any]:
        def do(chosen: Any, token: Any, request: gr.Request) -> dict[Any, Any]:
            if may(request, token):
                try:
                    step(chosen)
                except SpanLoopError as error:
                    warn(str(error))
            return look(token, request)

        return do

    def change(step: Callable[[Any], object]) -> Callable[[Any], None]:
        def do(chosen: Any) -> None:
            step(chosen)
            if follow := getattr(reader, "follow", None):
                follow(wait=True)
            refresh(store, reader)
            push_again(store)

        return do

    def comparing(chosen: Any, token: Any, request: gr.Request) -> Any:
        if not may(request, token):
            return ""
        try:
            other = Reader.load(versions.path(str(chosen)))
            found = side_by_side(list(store.examples()), reader, other)
            return render.side_by_side(found, versions.serving(), str(chosen))
        except SpanLoopError as error:
            return warn(str(error))

    for button, step in (
        (start, lambda _: background.start("retrain")),
        (verify, lambda _: background.start("verifier", "--threshold", threshold)),
        (stop, lambda _: background.stop()),
        (promote, change(lambda name: versions.promote(str(name)))),
        (back, change(lambda _: versions.rollback())),
    ):
        button.click(doing(step), [choice, token], shown, **QUIET)
    for button, visible in ((ask, True), (later, False)):
        button.click(
            lambda visible=visible: gr.update(visible=visible), None, confirm, queue=False, **QUIET
        )
    compare.click(
        comparing,
        [choice, token],
        compared,
        concurrency_limit=1,
        show_progress_on=compared,
        api_visibility="private",
    )
    timer.tick(look, token, shown, **QUIET)
    tab.select(look, token, shown, **QUIET)
