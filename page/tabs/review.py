"""The tab where people review doubtful answers, for those without Argilla and beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import gradio as gr

from annotation.review.records import Prediction
from page import messages, selection
from page.access import Access
from page.door.visitors import asking
from page.html import review_card
from page.html.markup import NONE
from page.html.result import paragraph
from page.look import ASSETS
from page.toast import warn
from qa_core.errors import InputError, SpanLoopError

if TYPE_CHECKING:
    from annotation.loop.intake import Intake

SOURCE = "page"
PREVIEW = "#sl-review-marked"
SHOWN = "document.querySelector('#sl-review-item [data-record]')?.dataset.record || ''"
QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
KEYS = (ASSETS / "review.js").read_text(encoding="utf-8")


@dataclass(slots=True)
class Visit:
    """What one reviewer did in one browser tab: the item as shown, skips, what can be undone.

    done: (id, receipt) of reviews, (id, None) of skips, in order.
    """

    item: Prediction | None = None
    skipped: set[str] = field(default_factory=set)
    done: list[tuple[str, int | None]] = field(default_factory=list)


Step = Callable[[str, Visit, "Prediction | None", str], None]
Updates = dict[Any, Any]


class Desk:
    """What a reviewer can do with the store. Every step raises SpanLoopError if it cannot be done.

    The item that a step is about is the one that the reviewer saw, whatever has changed since.
    """

    def __init__(self, intake: Intake) -> None:
        self.intake, self.store = intake, intake.store

    def look(self, name: str, visit: Visit) -> review_card.View:
        """The item to review next, and how far the reviewer is."""
        shown = visit.item.id if visit.item else None
        visit.item = item = self.store.next_for(name, visit.skipped, shown)
        said = self.store.reviews_of(item.id) if item else []
        return review_card.View(item, said, *self.store.progress_of(name, visit.skipped))

    def accept(self, name: str, visit: Visit, item: Prediction | None, marked: str) -> None:
        item = _present(item)
        if not item.suggested:
            raise InputError(messages.NO_SUGGESTION)
        span = (item.answer.start, item.answer.end) if item.answer.answerable else None
        self._review(name, visit, item, span)

    def words(self, name: str, visit: Visit, item: Prediction | None, marked: str) -> None:
        item = _present(item)
        self._review(name, visit, item, selection.read(marked, item.context))

    def none(self, name: str, visit: Visit, item: Prediction | None, marked: str) -> None:
        self._review(name, visit, _present(item), None)

    def skip(self, name: str, visit: Visit, item: Prediction | None, marked: str) -> None:
        visit.skipped.add(_present(item).id)
        visit.done.append((_present(item).id, None))

    def undo(self, name: str, visit: Visit, item: Prediction | None, marked: str) -> None:
        if not visit.done:
            raise InputError(messages.NOTHING_TO_UNDO)
        id_, receipt = visit.done.pop()
        visit.skipped.discard(id_)
        visit.item = self.store.prediction(id_)
        if receipt is not None:
            newest = [r.number for r in self.store.reviews_of(id_) if r.reviewer == name]
            if newest != [receipt]:
                raise InputError(messages.REVIEWED_ELSEWHERE)
            self.store.withdraw(id_, name, source=SOURCE)
            self.intake.confirm()

    def again(self, name: str, visit: Visit, item: Prediction | None, marked: str) -> None:
        visit.skipped.clear()

    def _review(
        self, name: str, visit: Visit, item: Prediction, span: tuple[int, int] | None
    ) -> None:
        text = "" if span is None else item.context[slice(*span)]
        receipt = self.store.review(item.id, name, span, text=text, source=SOURCE)
        visit.done.append((item.id, receipt))
        self.intake.confirm()


def build(intake: Intake, access: Access, token: gr.BrowserState, tab: gr.Tab) -> None:
    """The tab's components and what they do, in the Blocks that is being built."""
    _Reviewing(intake, access, token).connect(tab)


class _Parts:
    """The tab's components."""

    def __init__(self) -> None:
        self.visit = gr.State(Visit())
        with gr.Column(visible=False, elem_id="sl-login") as self.gate:
            gr.HTML(review_card.login())
            self.name = gr.Textbox(label=messages.LOGIN_NAME, max_lines=1, elem_id="sl-login-name")
            self.password = gr.Textbox(label=messages.LOGIN_PASSWORD, type="password", max_lines=1)
            self.enter = gr.Button(messages.LOG_IN, variant="primary")
        with gr.Column(visible=False, elem_id="sl-review") as self.work:
            self.progress = gr.HTML(elem_id="sl-review-progress")
            self.item = gr.HTML(js_on_load=KEYS, elem_id="sl-review-item")
            with gr.Row(visible=False, elem_id="sl-review-buttons") as self.buttons:
                self.accept = gr.Button(
                    messages.ACCEPT, variant="primary", elem_id="sl-review-accept"
                )
                self.words = gr.Button(messages.USE_SELECTED, elem_id="sl-review-words")
                self.none = gr.Button(messages.NOT_IN_TEXT, elem_id="sl-review-none")
                self.skip = gr.Button(messages.SKIP, elem_id="sl-review-skip", min_width=90)
            self.marked = gr.HTML(
                js_on_load=selection.watch("#sl-review-item .sl-passage"),
                elem_id=PREVIEW.lstrip("#"),
            )
            with gr.Row(elem_id="sl-review-more"):
                self.undo = gr.Button(messages.UNDO, size="sm", elem_id="sl-review-undo", scale=0)
                self.again = gr.Button(messages.SHOW_SKIPPED, size="sm", scale=0, visible=False)
                self.leave = gr.Button(messages.LOG_OUT, size="sm", scale=0, visible=False)
            with gr.Column(visible=False, elem_id="sl-argilla") as self.argilla:
                self.counts = gr.HTML()
                self.told = gr.HTML(elem_id="sl-argilla-told")
                with gr.Row():
                    self.send = gr.Button(
                        messages.SEND_TO_ARGILLA, size="sm", scale=0, min_width=170
                    )
                    self.fetch = gr.Button(
                        messages.FETCH_REVIEWS, size="sm", scale=0, min_width=170
                    )

    @property
    def shown(self) -> list[Any]:
        """What changes with the item and with who is looking."""
        return [
            self.gate, self.work, self.progress, self.item, self.buttons, self.marked, self.undo,
            self.again, self.leave, self.argilla, self.counts,
        ]  # fmt: skip


class _Reviewing:
    """What happens on the tab. Whoever may not review sees nothing but the login."""

    def __init__(self, intake: Intake, access: Access, token: gr.BrowserState) -> None:
        self.intake, self.access, self.token = intake, access, token
        self.desk, self.parts = Desk(intake), _Parts()

    def connect(self, tab: gr.Tab) -> None:
        """Have it happen, in the Blocks that is being built."""
        parts, desk, token = self.parts, self.desk, self.token
        looking: dict[str, Any] = {
            "fn": self.look,
            "inputs": [parts.visit, token],
            "outputs": parts.shown,
            **QUIET,
        }
        tab.select(**looking)
        for button, step in (
            (parts.accept, desk.accept), (parts.words, desk.words), (parts.none, desk.none),
            (parts.skip, desk.skip), (parts.undo, desk.undo), (parts.again, desk.again),
        ):  # fmt: skip
            button.click(
                self.doing(step),
                [parts.visit, token, parts.item, parts.marked],
                [*parts.shown, parts.visit],
                js=f"(visit, token) => [visit, token, {SHOWN}, {selection.marked(PREVIEW)}]",
                trigger_mode="multiple",  # a key pressed right after the next item is shown counts
                **QUIET,
            )
        gr.on(
            [parts.enter.click, parts.password.submit],
            self.login,
            [parts.name, parts.password],
            [token, parts.password],
            **QUIET,
        ).then(**looking)
        parts.leave.click(self.logout, token, [token, parts.visit], **QUIET).then(**looking)
        for button, do in ((parts.send, _push), (parts.fetch, _pull)):
            button.click(
                self.exchange(partial(do, self.intake)),
                token,
                [parts.counts, parts.told],
                show_progress="full",
                api_visibility="private",
            ).then(**looking)

    def look(self, visited: Visit, token: Any, request: gr.Request) -> Updates:
        reviewer = self.access.who(request, token)
        return self.locked() if reviewer is None else self.view(reviewer, visited, token)

    def locked(self) -> Updates:
        parts = self.parts
        hidden = {
            each: gr.update(visible=False) for each in (parts.work, parts.buttons, parts.argilla)
        }
        emptied = dict.fromkeys((parts.progress, parts.item, parts.marked, parts.counts), "")
        return {parts.gate: gr.update(visible=True), **hidden, **emptied}

    def view(self, reviewer: str, visited: Visit, token: Any) -> Updates:
        parts, seen = self.parts, self.desk.look(reviewer, visited)
        sending = self.intake.sender is not None and self.intake.sender.configured()
        return {
            parts.gate: gr.update(visible=False),
            parts.work: gr.update(visible=True),
            parts.progress: review_card.progress(seen, reviewer),
            parts.item: review_card.item(seen),
            parts.buttons: gr.update(visible=seen.item is not None),
            parts.marked: review_card.unmarked(seen),
            parts.undo: gr.update(interactive=bool(visited.done)),
            parts.again: gr.update(visible=bool(seen.skipped)),
            parts.leave: gr.update(visible=bool(token)),
            parts.argilla: gr.update(visible=sending),
            parts.counts: review_card.argilla(self.intake) if sending else "",
        }

    def doing(self, step: Step) -> Callable[..., Updates]:
        """A step of the desk as a button's function."""

        def do(visited: Visit, token: Any, seen: str, marked: str, request: gr.Request) -> Updates:
            reviewer = self.access.who(request, token)
            if reviewer is None:
                return {**self.locked(), self.parts.visit: visited}
            item = visited.item
            if seen == (item.id if item else ""):  # else clicked again before the first's result
                try:
                    step(reviewer, visited, item, marked)
                except SpanLoopError as error:
                    warn(str(error))
            return {**self.view(reviewer, visited, token), self.parts.visit: visited}

        return do

    def login(self, name: str, password: str) -> tuple[Any, str]:
        try:
            return self.access.login(name.strip(), password, asking.get()), ""
        except SpanLoopError as error:
            warn(str(error))
            return "", ""

    def logout(self, token: Any) -> tuple[str, Visit]:
        self.access.logout(token)
        return "", Visit()

    def exchange(self, do: Callable[[Callable[[int, int], None]], str]) -> Callable[..., Any]:
        """An exchange with Argilla as a button's function, with its progress."""

        def run(token: Any, request: gr.Request, bar: gr.Progress = gr.Progress()) -> Any:  # noqa: B008
            if self.access.who(request, token) is None:
                return "", ""
            try:
                said = do(lambda done, of: bar((done, of), unit="records"))
            except SpanLoopError as error:
                warn(str(error))
                said = ""
            return review_card.argilla(self.intake), paragraph(said) if said else NONE

        return run


def _present(item: Prediction | None) -> Prediction:
    if item is None:
        raise InputError(messages.NOTHING_TO_REVIEW)
    return item


def _push(intake: Intake, advance: Callable[[int, int], None]) -> str:
    if intake.sender is None:
        raise InputError(messages.NO_ARGILLA)
    return messages.pushed(intake.sender.send(intake.store, advance, patience=20.0))


def _pull(intake: Intake, advance: Callable[[int, int], None]) -> str:
    from annotation.argilla.client import Target, connect
    from annotation.argilla.sync import pull

    return messages.fetched(pull(intake.store, connect(Target(patience=20.0)), advance=advance))
