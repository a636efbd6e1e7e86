"""The tab where people review doubtful answers, for those without Argilla and beside it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import gradio as gr

from annotation.store.search import Wanted
from page import messages, selection
from page.access import Access
from page.door.visitors import asking
from page.html import review_card
from page.html.markup import NONE
from page.html.result import paragraph
from page.tabs.desk import Desk, Step, Visit
from page.tabs.review_parts import PREVIEW, Parts
from page.toast import warn
from qa_core.errors import InputError, SpanLoopError

if TYPE_CHECKING:
    from annotation.loop.intake import Intake

SHOWN = "document.querySelector('#sl-review-item [data-record]')?.dataset.record || ''"
TAKEN = "document.getElementById('sl-review-item').dataset.take"
REMOVED = "document.getElementById('sl-review-item').dataset.remove"
OPENED = "document.getElementById('sl-review-found').dataset.open"
QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}

Updates = dict[Any, Any]


def build(intake: Intake, access: Access, token: gr.BrowserState, tab: gr.Tab) -> None:
    """The tab's components and what they do, in the Blocks that is being built."""
    _Reviewing(intake, access, token).connect(tab)


class _Reviewing:
    """What happens on the tab. Whoever may not review sees nothing but the login."""

    def __init__(self, intake: Intake, access: Access, token: gr.BrowserState) -> None:
        self.intake, self.access, self.token = intake, access, token
        self.desk, self.parts = Desk(intake), Parts()

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
        marked = selection.marked(PREVIEW)
        for event, step, chosen in (
            (parts.accept.click, desk.accept, marked), (parts.words.click, desk.words, marked),
            (parts.add.click, desk.add, marked), (parts.item.remove, desk.remove, REMOVED),
            (parts.none.click, desk.none, marked), (parts.skip.click, desk.skip, marked),
            (parts.undo.click, desk.undo, marked), (parts.again.click, desk.again, marked),
            (parts.item.take, desk.take, TAKEN), (parts.found.reopen, desk.reopen, OPENED),
        ):  # fmt: skip
            event(
                self.doing(step),
                [parts.visit, token, parts.note, parts.item, parts.marked],
                [*parts.shown, parts.visit],
                js=f"(visit, token, note) => [visit, token, note, {SHOWN}, {chosen}]",
                trigger_mode="multiple",  # a key pressed right after the next item is shown counts
                **QUIET,
            )
        gr.on(
            [each.input for each in parts.filters],
            self.filter,
            [parts.visit, token, *parts.filters],
            [*parts.shown, parts.visit],
            trigger_mode="always_last",
            **QUIET,
        )
        parts.clear.click(
            self.clear,
            [parts.visit, token],
            list(dict.fromkeys([*parts.shown, parts.visit, *parts.filters])),
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
        emptied = dict.fromkeys(
            (parts.progress, parts.item, parts.marked, parts.counts, parts.found, parts.note), ""
        )
        return {parts.gate: gr.update(visible=True), **hidden, **emptied}

    def view(self, reviewer: str, visited: Visit, token: Any) -> Updates:
        parts, before = self.parts, visited.item
        seen = self.desk.look(reviewer, visited)
        changed = (before and before.id) != (seen.item and seen.item.id)
        sending = self.intake.sender is not None and self.intake.sender.configured()
        return {
            parts.gate: gr.update(visible=False),
            parts.work: gr.update(visible=True),
            parts.progress: review_card.progress(seen, reviewer),
            parts.item: review_card.item(seen),
            parts.buttons: gr.update(visible=seen.item is not None),
            parts.accept: gr.update(visible=seen.item is None or seen.item.suggested),
            parts.words: messages.USE_LIST if seen.parts else messages.USE_SELECTED,
            parts.marked: review_card.unmarked(seen),
            parts.note: gr.update(
                visible=seen.item is not None,
                **({"value": seen.mine.note if seen.mine else ""} if changed else {}),
            ),
            parts.found: review_card.found(self.desk.found(reviewer, visited)),
            parts.source: gr.update(choices=[(messages.ANY, ""), *self.intake.store.sources()]),
            parts.add: gr.update(visible=seen.item is not None),
            parts.undo: gr.update(interactive=bool(visited.done)),
            parts.again: gr.update(visible=bool(seen.skipped)),
            parts.leave: gr.update(visible=bool(token)),
            parts.argilla: gr.update(visible=sending),
            parts.counts: review_card.argilla(self.intake) if sending else "",
        }

    def doing(self, step: Step) -> Callable[..., Updates]:
        """A step of the desk as a button's function."""

        def do(
            visited: Visit, token: Any, note: str, seen: str, marked: str, request: gr.Request
        ) -> Updates:
            reviewer = self.access.who(request, token)
            if reviewer is None:
                return {**self.locked(), self.parts.visit: visited}
            item = visited.item
            if seen == (item.id if item else ""):  # else clicked again before the first's result
                visited.note = note.strip()
                try:
                    if told := step(reviewer, visited, item, marked):
                        warn(told)
                except SpanLoopError as error:
                    warn(str(error))
            return {**self.view(reviewer, visited, token), self.parts.visit: visited}

        return do

    def filter(
        self,
        visited: Visit,
        token: Any,
        shown: str,
        words: str,
        source: str,
        reason: Any,
        verdict: str,
        below: float,
        request: gr.Request,
    ) -> Updates:
        """Leave only what the filters say, in the list and in the queue."""
        wanted = Wanted(
            words=words.strip(),
            source=source,
            reason=reason,
            answerable={"yes": True, "no": False}.get(verdict),
            below=below / 100 if below < 100 else None,
            split=shown == messages.SHOW_SPLIT,
        )
        visited.reviewed = shown == messages.SHOW_REVIEWED
        visited.wanted = None if wanted == Wanted() else wanted
        visited.opened = None
        return {**self.look(visited, token, request), self.parts.visit: visited}

    def clear(self, visited: Visit, token: Any, request: gr.Request) -> Updates:
        split = visited.wanted is not None and visited.wanted.split
        visited.wanted, visited.opened = Wanted(split=True) if split else None, None
        cleared = dict(zip(self.parts.filters[1:], Parts.UNFILTERED, strict=True))
        return {**self.look(visited, token, request), self.parts.visit: visited, **cleared}

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


def _push(intake: Intake, advance: Callable[[int, int], None]) -> str:
    if intake.sender is None:
        raise InputError(messages.NO_ARGILLA)
    return messages.pushed(intake.sender.send(intake.store, advance, patience=20.0))


def _pull(intake: Intake, advance: Callable[[int, int], None]) -> str:
    from annotation.argilla.client import Target, connect
    from annotation.argilla.sync import pull

    return messages.fetched(pull(intake.store, connect(Target(patience=20.0)), advance=advance))
