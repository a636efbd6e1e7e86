"""Learning from the page: start it, watch it, see what it came to, promote and roll back."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import gradio as gr

from annotation.argilla.suggestions import push_again, refresh
from annotation.learning.background import Background
from annotation.loop.intake import Intake
from annotation.loop.situation import situation
from annotation.review.advice import recommend
from page.toast import warn
from qa_core.errors import SpanLoopError
from qa_core.inference.answer import Answers
from qa_core.models.versions import BUNDLED, Version

May = Callable[[gr.Request, object], bool]
SECONDS = 2.0
NAMES = {"retrain": "Re-training", "verifier": "Training the verifier"}
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
        advice = gr.HTML(elem_id="sl-training-next")
        with gr.Row():
            start = gr.Button("Re-train now", variant="primary", scale=0, min_width=140)
            verify = gr.Button("Train the verifier", scale=0, min_width=190)
        state = gr.HTML(elem_id="sl-training-state")
        listed = gr.HTML(elem_id="sl-training-versions")
        with gr.Row():
            choice = gr.Dropdown(label="Version", scale=0, min_width=180, interactive=True)
            promote = gr.Button("Use this version", size="sm", scale=0, min_width=140)
            back = gr.Button("Roll back", size="sm", scale=0, min_width=140)
    timer = gr.Timer(SECONDS, active=False)
    shown = [all_of_it, advice, start, verify, state, listed, choice, promote, back, timer]

    def look(token: Any, request: gr.Request) -> dict[Any, Any]:
        if not may(request, token):
            return {all_of_it: gr.update(visible=False), timer: gr.Timer(active=False)}
        try:
            return view()
        except SpanLoopError as error:
            return {all_of_it: gr.update(visible=True), state: note(str(error))}

    def view() -> dict[Any, Any]:
        busy, found = background.doing(), versions.all()
        names = [one.name for one in found if one.state != "serving"]
        serving = versions.serving()
        return {
            all_of_it: gr.update(visible=True),
            advice: sentences(recommend(situation(store, versions))),
            start: gr.update(interactive=not busy),
            verify: gr.update(interactive=not busy),
            state: progress(busy, background.progress(), background.said()),
            listed: table(found),
            choice: gr.update(choices=names, value=names[-1] if names else None),
            promote: gr.update(interactive=bool(names)),
            back: gr.update(interactive=serving != BUNDLED),
            timer: gr.Timer(active=bool(busy)),
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

    for button, step in (
        (start, lambda _: background.start("retrain")),
        (verify, lambda _: background.start("verifier", "--threshold", threshold)),
        (promote, change(lambda name: versions.promote(str(name)))),
        (back, change(lambda _: versions.rollback())),
    ):
        button.click(doing(step), [choice, token], shown, **QUIET)
    timer.tick(look, token, shown, **QUIET)
    tab.select(look, token, shown, **QUIET)


def sentences(said: Sequence[str]) -> str:
    """What to do next, as a list."""
    return "<ul>" + "".join(f"<li>{html.escape(one)}</li>" for one in said) + "</ul>"


def note(message: str) -> str:
    return f'<p role="alert">{html.escape(message)}</p>'


def progress(doing: str, share: float | None, said: str) -> str:
    """How far it is, or the last words of what has ended; and the end of its log."""
    if doing:
        value = "" if share is None else f' value="{share:.3f}"'
        shown = f'<p role="status">{NAMES[doing]} <progress{value}></progress></p>'
    else:
        shown = "".join(f"<p>{html.escape(last)}</p>" for last in said.splitlines()[-1:])
    log = f"<details><summary>Log</summary><pre>{html.escape(said)}</pre></details>" if said else ""
    return shown + log


def table(found: Sequence[Version]) -> str:
    """Every version, the newest first, with its gains and why it serves or does not."""
    rows = "".join(_row(version) for version in reversed(found))
    head = "".join(f"<th>{name}</th>" for name in ("Version", "State", "F1 against the one before"))
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _row(version: Version) -> str:
    figures: Mapping[str, Any] = version.record.get("figures", {})
    gains = [
        f"{name}: {scores['f1']['current']:.1f} → {scores['f1']['candidate']:.1f} "
        f"({scores['f1']['low']:+.1f} to {scores['f1']['high']:+.1f})"
        for name, scores in figures.items()
    ]
    why = version.record.get("objections", ()) if version.state == "candidate" else ()
    cells = ["<br>".join(map(html.escape, part)) for part in (
        [version.name], [version.state], [*gains, *why],
    )]  # fmt: skip
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
