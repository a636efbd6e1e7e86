"""The tab where people review doubtful answers, for those without Argilla and beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import gradio as gr

from annotation.records import Kept
from page import review_card, selection
from page.access import Access
from page.notices import keep
from qa_core.errors import InputError, SpanLoopError

if TYPE_CHECKING:
    from annotation.intake import Intake

SOURCE = "page"
PREVIEW = "#sl-review-marked"
SHOWN = "document.querySelector('#sl-review-item [data-record]')?.dataset.record || ''"
QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
KEYS = """
document.addEventListener('keydown', event => {
  if (event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target.closest('input, textarea, select, [contenteditable]');
  if (typing || !element.offsetParent) return;
  const names = {a: 'accept', w: 'words', n: 'none', s: 'skip', u: 'undo'};
  const name = names[event.key.toLowerCase()];
  const button = name && document.getElementById('sl-review-' + name);
  if (button && !button.disabled) { event.preventDefault(); button.click(); }
});
watch('value', () => {
  const passage = element.querySelector('.sl-passage'), mark = element.querySelector('.sl-answer');
  if (mark) passage.scrollTop = mark.offsetTop - passage.clientHeight / 2;
});
"""


@dataclass(slots=True)
class Visit:
    """What one reviewer did in one browser tab: the item as shown, skips, what can be undone.

    done: (id, receipt) of reviews, (id, None) of skips, in order.
    """

    item: Kept | None = None
    skipped: set[str] = field(default_factory=set)
    done: list[tuple[str, int | None]] = field(default_factory=list)


Step = Callable[[str, Visit, "Kept | None", str], None]


class Desk:
    """What a reviewer can do with the store. Every step raises SpanLoopError if it cannot be done.

    The item that a step is about is the one that the reviewer saw, whatever has changed since.
    """

    def __init__(self, intake: Intake) -> None:
        self.intake, self.store = intake, intake.store

    def look(self, name: str, visit: Visit) -> review_card.View:
        """The item to review next, and how far the reviewer is."""
        reviews = self.store.reviews()
        mine = {id_ for id_, said in reviews.items() if any(r.reviewer == name for r in said)}
        left = [kept for kept in self.store.waiting() if kept.id not in mine]
        ahead = [kept for kept in left if kept.id not in visit.skipped]
        shown = visit.item and visit.item.id
        item = next((kept for kept in ahead if kept.id == shown), next(iter(ahead), None))
        visit.item = item
        said = reviews.get(item.id, []) if item else []
        return review_card.View(item, said, len(mine), len(ahead), len(left) - len(ahead))

    def accept(self, name: str, visit: Visit, item: Kept | None, marked: str) -> None:
        item = _present(item)
        span = (item.start, item.end) if item.answerable else None
        self._review(name, visit, item, span)

    def words(self, name: str, visit: Visit, item: Kept | None, marked: str) -> None:
        item = _present(item)
        self._review(name, visit, item, selection.read(marked, item.context))

    def none(self, name: str, visit: Visit, item: Kept | None, marked: str) -> None:
        self._review(name, visit, _present(item), None)

    def skip(self, name: str, visit: Visit, item: Kept | None, marked: str) -> None:
        visit.skipped.add(_present(item).id)
        visit.done.append((_present(item).id, None))

    def undo(self, name: str, visit: Visit, item: Kept | None, marked: str) -> None:
        if not visit.done:
            raise InputError("There is nothing to undo.")
        id_, receipt = visit.done.pop()
        visit.skipped.discard(id_)
        visit.item = self.store.prediction(id_)
        if receipt is not None:
            newest = [r.number for r in self.store.reviews().get(id_, ()) if r.reviewer == name]
            if newest != [receipt]:
                raise InputError("You answered that one elsewhere since; that stands.")
            self.store.withdraw(id_, name, source=SOURCE)
            self.intake.confirm()

    def again(self, name: str, visit: Visit, item: Kept | None, marked: str) -> None:
        visit.skipped.clear()

    def _review(self, name: str, visit: Visit, item: Kept, span: tuple[int, int] | None) -> None:
        text = "" if span is None else item.context[slice(*span)]
        receipt = self.store.review(item.id, name, span, text=text, source=SOURCE)
        visit.done.append((item.id, receipt))
        self.intake.confirm()


def build(intake: Intake, access: Access, token: gr.BrowserState, tab: gr.Tab) -> None:
    """The tab's components and what they do, in the Blocks that is being built."""
    desk = Desk(intake)
    visit = gr.State(Visit())
    with gr.Column(visible=False, elem_id="sl-login") as gate:
        gr.HTML(review_card.login())
        name = gr.Textbox(label="Name", max_lines=1, elem_id="sl-login-name")
        password = gr.Textbox(label="Password", type="password", max_lines=1)
        enter = gr.Button("Log in", variant="primary")
    with gr.Column(visible=False, elem_id="sl-review") as work:
        progress = gr.HTML(elem_id="sl-review-progress")
        item = gr.HTML(js_on_load=KEYS, elem_id="sl-review-item")
        with gr.Row(visible=False, elem_id="sl-review-buttons") as buttons:
            accept = gr.Button("Accept", variant="primary", elem_id="sl-review-accept")
            words = gr.Button("Use the selected words", elem_id="sl-review-words")
            none = gr.Button("The text does not say", elem_id="sl-review-none")
            skip = gr.Button("Skip", elem_id="sl-review-skip", min_width=90)
        marked = gr.HTML(
            js_on_load=selection.watch("#sl-review-item .sl-passage"),
            elem_id=PREVIEW.lstrip("#"),
        )
        with gr.Row(elem_id="sl-review-more"):
            undo = gr.Button("Undo", size="sm", elem_id="sl-review-undo", scale=0)
            again = gr.Button("Look at the skipped again", size="sm", scale=0, visible=False)
            leave = gr.Button("Log out", size="sm", scale=0, visible=False)
        with gr.Column(visible=False, elem_id="sl-argilla") as at_argilla:
            counts = gr.HTML()
            told = gr.HTML(elem_id="sl-argilla-told")
            with gr.Row():
                send = gr.Button("Send to Argilla", size="sm", scale=0, min_width=170)
                fetch = gr.Button("Fetch reviews", size="sm", scale=0, min_width=170)
    shown = [gate, work, progress, item, buttons, marked, undo, again, leave, at_argilla, counts]

    def locked() -> dict[Any, Any]:
        """What those see who may not review: nothing but the login."""
        hidden = {each: gr.update(visible=False) for each in (work, buttons, at_argilla)}
        emptied = dict.fromkeys((progress, item, marked, counts), "")
        return {gate: gr.update(visible=True), **hidden, **emptied}

    def view(reviewer: str, visited: Visit, token: Any) -> dict[Any, Any]:
        seen = desk.look(reviewer, visited)
        sending = intake.sender is not None and intake.sender.configured()
        return {
            gate: gr.update(visible=False),
            work: gr.update(visible=True),
            progress: review_card.progress(seen, reviewer),
            item: review_card.item(seen),
            buttons: gr.update(visible=seen.item is not None),
            marked: review_card.unmarked(seen),
            undo: gr.update(interactive=bool(visited.done)),
            again: gr.update(visible=bool(seen.skipped)),
            leave: gr.update(visible=bool(token)),
            at_argilla: gr.update(visible=sending),
            counts: review_card.argilla(intake) if sending else "",
        }

    def look(visited: Visit, token: Any, request: gr.Request) -> Any:
        reviewer = access.who(request, token)
        return locked() if reviewer is None else view(reviewer, visited, token)

    def doing(step: Step) -> Callable[..., Any]:
        def do(visited: Visit, token: Any, seen: str, marked: str, request: gr.Request) -> Any:
            reviewer = access.who(request, token)
            if reviewer is None:
                return {**locked(), visit: visited}
            item = visited.item
            if seen == (item.id if item else ""):  # else clicked again before the first's result
                try:
                    step(reviewer, visited, item, marked)
                except SpanLoopError as error:
                    keep(str(error))
            return {**view(reviewer, visited, token), visit: visited}

        return do

    def login(name: str, password: str) -> Any:
        try:
            return access.login(name.strip(), password), ""
        except SpanLoopError as error:
            keep(str(error))
            return "", ""

    def logout(token: Any) -> Any:
        access.logout(token)
        return "", Visit()

    def exchange(do: Callable[[Callable[[int, int], None]], str]) -> Callable[..., Any]:
        def run(token: Any, request: gr.Request, bar: gr.Progress = gr.Progress()) -> Any:  # noqa: B008
            if access.who(request, token) is None:
                return "", ""
            try:
                said = do(lambda done, of: bar((done, of), unit="records"))
            except SpanLoopError as error:
                keep(str(error))
                said = ""
            return review_card.argilla(intake), said and f"<p>{said}</p>"

        return run

    tab.select(look, [visit, token], shown, **QUIET)
    for button, step in (
        (accept, desk.accept), (words, desk.words), (none, desk.none), (skip, desk.skip),
        (undo, desk.undo), (again, desk.again),
    ):  # fmt: skip
        button.click(
            doing(step),
            [visit, token, item, marked],
            [*shown, visit],
            js=f"(visit, token) => [visit, token, {SHOWN}, {selection.marked(PREVIEW)}]",
            trigger_mode="multiple",  # a key pressed right after the next item is shown counts
            **QUIET,
        )
    gr.on([enter.click, password.submit], login, [name, password], [token, password], **QUIET).then(
        look, [visit, token], shown, **QUIET
    )
    leave.click(logout, token, [token, visit], **QUIET).then(look, [visit, token], shown, **QUIET)
    for button, do in ((send, _push), (fetch, _pull)):
        button.click(
            exchange(partial(do, intake)),
            token,
            [counts, told],
            show_progress="full",
            api_visibility="private",
        ).then(look, [visit, token], shown, **QUIET)


def _present(item: Kept | None) -> Kept:
    if item is None:
        raise InputError("There is nothing to review now.")
    return item


def _push(intake: Intake, advance: Callable[[int, int], None]) -> str:
    if intake.sender is None:
        raise InputError("There is no Argilla to send to.")
    report = intake.sender.send(intake.store, advance, patience=20.0)
    aside = f", {len(report.set_aside)} set aside" if report.set_aside else ""
    return f"{report.sent} sent, {report.unchanged} were there{aside}."


def _pull(intake: Intake, advance: Callable[[int, int], None]) -> str:
    from annotation.argilla_client import connect
    from annotation.argilla_sync import pull
    from annotation.sending import target

    report = pull(intake.store, connect(target(patience=20.0)), advance=advance)
    aside = f", {len(report.set_aside)} set aside" if report.set_aside else ""
    return f"{report.taken} reviews fetched, {report.withdrawn} withdrawn{aside}."
