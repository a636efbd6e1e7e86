"""The page's first tab: a text, questions, and the answers marked where they stand."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

import gradio as gr

from page import messages, share
from page.asked import Asked, Sent
from page.door.visitors import asking
from page.examples import EXAMPLES, SHOWN_FIRST
from page.html import result as render
from page.html import suggested
from page.html.markup import Markup
from page.look import script
from page.several.files import HELD, Files
from page.several.tab import FileEvents
from page.tabs import hints
from page.tabs.ask_parts import FORMATS, STRICTNESS, Form, Run, Shown, States
from page.tabs.feedback import Judged
from page.tabs.suggested import suggest
from page.toast import warn
from qa_core.errors import InputError, SpanLoopError
from qa_core.limits import Room
from qa_core.serving.shared import PORTION, PULSE, Queued, SharedReader
from qa_core.text.documents import MAX_CHARACTERS, MAX_QUESTION, Document

if TYPE_CHECKING:
    from annotation.loop.intake import Intake

MAX_QUESTIONS = 20
PATIENCE = 0.4  # seconds after which a progress bar is shown
STILL = 2.0  # seconds between two updates that say the same, which find out who is gone
# Questions that take more than a second: they leave room for the others.
HEAVY = Room(8, 32, what=messages.LONG_TEXTS)
CHANGING = Lock()  # answers are added, and changed, one after the other
REMEMBERED = 20  # sets of questions that this visit's history keeps
REMEMBERED_CHARACTERS = 2_000_000


Updates = Iterator[dict[Any, Any]]
T = TypeVar("T")


class _Stopped(Exception):
    """The visitor does not wait for the rest."""


class _Superseded(Exception):
    """The visitor asks something else."""


def build(
    reader: SharedReader, blocks: gr.Blocks, intake: Intake | None = None
) -> tuple[Judged, gr.Column]:
    """The tab's components and what they do, in the Blocks that is being built.

    Returns what is judged, and the column below the answers, shown only when there are some.
    """
    example = EXAMPLES[SHOWN_FIRST]
    read = [
        Asked(question, example.context, reader.answer(question, example.context))
        for question in example.question.splitlines()
    ]
    states = States(read)
    with gr.Row(elem_id="sl-columns"):
        with gr.Column(elem_id="sl-form"):
            form = Form(example, private=intake is not None)
        with gr.Column(elem_id="sl-answer-column"):
            shown = Shown(
                reader,
                states,
                render.example(read, judged=intake is not None),
                [one.question for one in read],
            )
    tab = _Asking(reader, intake, form, shown, states)
    tab.connect(blocks)
    judged = Judged(shown.result, tab.result, states.run, form.private, states.answers)
    return judged, shown.under


class _Asking:
    """What happens on the tab."""

    def __init__(
        self,
        reader: SharedReader,
        intake: Intake | None,
        form: Form,
        shown: Shown,
        states: States,
    ) -> None:
        self.reader, self.intake = reader, intake
        self.form, self.shown, self.states = form, shown, states
        self.own = {example.context for example in EXAMPLES}  # nobody need review those
        self.files = FileEvents(reader, form, shown, states, self.result, judged=intake is not None)

    def connect(self, blocks: gr.Blocks) -> None:
        """Have it happen, in the Blocks that is being built."""
        form, shown, states = self.form, self.shown, self.states
        hidden: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        limits: dict[str, Any] = {"concurrency_id": "ask"}
        visit = [states.history, form.private, form.strictness, states.run]
        asking: list[Any] = [form.question, form.context, states.document, *visit]
        under = [shown.under, shown.copied, *shown.reasons.outputs]
        answered = [shown.result, states.answers, *under]
        changed = [*answered, shown.status, shown.cancel, states.history, form.past, form.files]
        gr.on(
            [form.question.submit, form.context.submit, form.button.click],
            self.ask,
            asking,
            changed,
            trigger_mode="multiple",  # a new question ends the one that is read
            **hidden,
            **limits,
        )
        form.examples.load_input_event.then(self.ask, asking, changed, **hidden, **limits)
        boxes = [form.question, form.context]
        blocks.load(None, boxes, [*boxes, form.link], js=script("restore"), **hidden).then(
            self.open_link,
            [form.link, *visit],
            [form.question, form.context, *changed],
            **hidden,
            **limits,
        )
        gr.on(
            [form.question.change, form.context.change, form.private.change],
            None,
            [form.question, form.context, form.private],
            js=script("remember"),
            **hidden,
        )
        form.suggested.look(
            self.suggest,
            [form.context, states.run],
            form.suggested,
            trigger_mode="always_last",
            concurrency_id="suggest",
            concurrency_limit=1,
            **hidden,
        )
        form.suggested.ask(
            self.take_suggested,
            asking[1:],
            [form.question, *changed],
            **hidden,
            **limits,
        )
        again = [shown.result, states.answers, shown.status]
        shown.result.take(self.take_closest, states.run, again, **hidden)
        for button, js in (
            (form.edit, "() => { document.dispatchEvent(new Event('sl-edit')); return []; }"),
            (form.back, "() => { document.dispatchEvent(new Event('sl-read')); return []; }"),
        ):
            button.click(None, None, None, js=js, **hidden)
        form.other.click(
            None,
            None,
            [form.context, form.question],
            js="() => { document.dispatchEvent(new Event('sl-edit')); return ['', '']; }",
            **hidden,
        )
        form.next.click(None, form.question, form.question, js=script("next"), **hidden)
        form.strictness.change(self.reconsider, [form.strictness, states.run], again, **hidden)
        form.private.change(self.keep_private, [form.private, states.run], queue=False, **hidden)
        shown.cancel.click(self.stop, states.run, queue=False, **hidden)
        shown.result.whole(
            self.read_whole, [states.history, states.run], changed, **hidden, **limits
        )
        self.files.connect()
        restored: list[Any] = [form.context, states.document, form.question]
        form.past.click(
            self.recall,
            [form.past, states.history, states.run],
            [*restored, *answered, shown.status, shown.cancel, form.files],
            **hidden,
        )
        copies = {
            messages.LINK_COPIED: shown.link.click(_link, states.answers, shown.clip, **hidden)
        }
        for name, written in FORMATS.items():
            copies[messages.copied(name)] = shown.formats[name].click(
                written, states.answers, shown.clip, **hidden
            )
        copy = script("copy")
        for receipt, copied in copies.items():
            js = copy.replace("SAID", render.said(receipt))
            copied.success(None, shown.clip, shown.copied, js=js, **hidden)

    def ask(
        self,
        question: str,
        context: str,
        document: Document | None,
        past_asked: list[list[Asked]],
        private: bool,
        strictness: str,
        run: Run,
    ) -> Updates:
        shown, states = self.shown, self.states
        questions = [line.strip() for line in question.splitlines() if line.strip()]
        held = HELD.get(run.key)
        files = held if held and held.several and not context.strip() else None
        gone = run.key and held is None and not context.strip()
        if complaint := messages.FILES_GONE if gone else _complaint(questions, context, files):
            warn(complaint)
            is_cleared = questions and (context.strip() or files or gone)  # it awaits answers
            is_example = not run.number and context != run.context  # of another text
            stays = (run.found or run.files) and not is_example
            left = self.result(run) if stays else render.empty()
            yield {shown.result: left if is_cleared else gr.skip()}
            return
        pages = document.pages if document and document.text == context else ()
        before, begun = run.found if run.number else [], time.monotonic()
        number = run.begin(questions, context, files)
        run.strictness, run.private = strictness, private
        if files:
            HELD.renew(run.key, files.size)
        elif held and held.several:  # an example took their place
            yield self.files.forget(run)
        try:
            with self._room(run, len(questions)):
                for place, one in enumerate(questions):
                    asked = yield from self._read(one, run, number, begun, pages)
                    about = (
                        *(() if place else hints.of_text(asked.context)),
                        *hints.of_question(one),
                    )
                    asked = replace(asked, hints=about, pictured=_is_pictured(asked, held))
                    with CHANGING:
                        run.found.append(self._strict(asked, run.strictness))
                    if files and not place:
                        run.shown = asked.document
                    if place + 1 < len(questions):
                        yield self._so_far(run)
        except _Superseded:
            yield {shown.status: gr.skip()}  # Gradio repeats the last update at the end
            return
        except SpanLoopError as error:
            warn(str(error))
            run.found = run.found or before
            run.questions = [one.question for one in run.found]
            yield {
                shown.result: self.result(run) if run.found or run.files else render.empty(),
                states.answers: list(run.found),
                shown.status: "",
                shown.cancel: gr.Button(visible=False),
            }
            return
        except _Stopped:
            if not run.found:
                yield {
                    shown.result: render.empty(),
                    shown.status: render.said(messages.STOPPED),
                    shown.cancel: gr.Button(visible=False),
                    shown.under: gr.Column(visible=False),
                    states.answers: [],
                }
                return
        found = list(run.found)
        stopped = len(found) < len(questions)
        self._offer(run, private=run.private or context in self.own or files is not None)
        remembered = _remember(past_asked, found)
        yield {
            **self._answered(run),
            shown.status: render.said(messages.STOPPED_HALFWAY)
            if stopped
            else render.spoken(found),
            shown.cancel: gr.Button(visible=False),
            states.history: remembered,
            self.form.past: _listed(remembered),
            **({self.form.files: self.files.listed(run)} if files else {}),
        }

    def _room(self, run: Run, questions: int) -> AbstractContextManager[None]:
        """Room for questions that take long."""
        return HEAVY.hold(asking.get()) if _is_heavy(run, questions) else nullcontext()

    def _read(
        self,
        question: str,
        run: Run,
        number: int,
        begun: float,
        pages: tuple[int, ...],
        *,
        exhaustive: bool = False,
    ) -> Generator[dict[Any, Any], None, Asked]:
        """Ask one question of the run's text or files, with a bar. Raises as `_bar`."""
        how: dict[str, Any] = {"visitor": asking.get(), "exhaustive": exhaustive}
        if run.files is None:
            steps = self.reader.answer_in_turn(question, run.context, **how)
            answer = yield from self._bar(steps, question, run, number, begun)
            return Asked(question, run.context, answer, pages, answer)
        documents = run.files.asked_of(self.reader.current)
        searched = self.reader.search_in_turn(documents, question, **how)
        found = yield from self._bar(searched, question, run, number, begun)
        return Asked.of_files(question, found, documents)

    def read_whole(self, past_asked: list[list[Asked]], run: Run, event: gr.EventData) -> Updates:
        """Read a long text, or all files, whole for one question, whose answer changes."""
        shown = self.shown
        if not event.number < len(run.found) == len(run.questions):
            yield {shown.status: gr.skip()}
            return
        before, number = run.found[event.number], run.again()
        try:
            with self._room(run, 1):
                asked = yield from self._read(
                    before.question, run, number, time.monotonic(), before.pages, exhaustive=True
                )
        except _Superseded:
            yield {shown.status: gr.skip()}
            return
        except (_Stopped, SpanLoopError) as error:
            if isinstance(error, SpanLoopError):
                warn(str(error))
            yield {
                shown.status: render.said(messages.STOPPED),
                shown.cancel: gr.Button(visible=False),
            }
            return
        pictured = _is_pictured(asked, HELD.get(run.key))
        asked = replace(asked, hints=before.hints, pictured=pictured)
        with CHANGING:
            run.found[event.number] = self._strict(asked, run.strictness)
        run.shown = asked.document
        remembered = _remember(past_asked, list(run.found))
        yield {
            **self._answered(run),
            shown.status: render.spoken(run.found),
            shown.cancel: gr.Button(visible=False),
            self.states.history: remembered,
            self.form.past: _listed(remembered),
            **({self.form.files: self.files.listed(run)} if run.files else {}),
        }

    def _bar(
        self,
        steps: Generator[tuple[int, int] | Queued, None, T],
        question: str,
        run: Run,
        number: int,
        begun: float,
    ) -> Generator[dict[Any, Any], None, T]:
        """Take the steps; show how far they are once they take longer than one likes to wait.

        Raises _Superseded or _Stopped if run ``number`` is to end.
        """
        # A long text takes its place at once, while the visitor expects the page to change.
        patience = 0 if _is_heavy(run, len(run.questions)) else PATIENCE
        shown, due, told = False, begun + patience, None
        while True:
            try:
                step = None if run.stopped else next(steps)
            except StopIteration as finished:
                if run.number != number:
                    raise _Superseded from None
                return finished.value
            if run.number != number or step is None:
                steps.close()
                raise _Stopped if run.number == number else _Superseded
            waits = isinstance(step, Queued) or step[0] < step[1]
            if waits and time.monotonic() > due + (STILL if step == told else 0):
                due, told = time.monotonic() + PULSE, step
                how_far = (
                    render.queued(question, step.number)
                    if isinstance(step, Queued)
                    else render.reading(question, *step)
                )
                update: dict[Any, Any] = {self.shown.status: how_far}
                if not shown:
                    update |= self._so_far(run)
                    update[self.shown.cancel] = gr.Button(visible=True)
                    shown = True
                yield update

    def _so_far(self, run: Run) -> dict[Any, Any]:
        """The updates that show the answers there are, and which questions are still read."""
        return {self.shown.result: self.result(run), self.states.answers: list(run.found)}

    def result(self, run: Run) -> Markup:
        """The answers there are, which questions are still read, and what was sent of them."""
        waiting = [] if run.stopped else run.questions[len(run.found) :]
        sent = None if self.intake is None else run.sent
        return render.result(run.found, waiting, sent, run.context, run.opened, run.picture)

    def _offer(self, run: Run, *, private: bool) -> None:
        """Offer the answers to the intake, if there is one, and remember what it kept."""
        if self.intake is None:
            return
        for one in run.found:
            outcome = self.intake.offer(
                one.question, one.context, one.read or one.answer, source="page", private=private
            )
            if outcome:
                what = messages.BEING_KEPT if outcome == "late" else self.intake.destination()
                new = Sent(one.id, one.question, None, outcome != "known", destination=what)
                run.sent.setdefault(one.id, new)

    def _answered(self, run: Run) -> dict[Any, Any]:
        """The updates that show the answers of a run that has ended."""
        return {
            **self._so_far(run),
            self.shown.under: gr.Column(visible=True),
            self.shown.copied: "",
            **self.shown.reasons.closed([one.question for one in run.found]),
        }

    def _strict(self, one: Asked, strictness: str) -> Asked:
        """The answer under the visitor's strictness; the reader need not read again."""
        read = one.read or one.answer
        share = STRICTNESS.get(strictness)
        if share is None:
            return replace(one, answer=read, read=read)
        answer = self.reader.current.reconsider(read, one.question, one.context, share)
        return replace(one, answer=answer, read=read)

    def reconsider(self, strictness: str, run: Run) -> dict[Any, Any]:
        """Take another strictness for the answers, and for those that are still being read."""
        with CHANGING:
            run.strictness = strictness
            run.found[:] = [self._strict(one, strictness) for one in run.found]
        return self._again(run)

    def take_closest(self, run: Run, event: gr.EventData) -> dict[Any, Any]:
        """Make the closest words the answer, where the visitor says so."""
        with CHANGING:
            if event.number < len(run.found):
                run.found[event.number] = run.found[event.number].taken()
        return self._again(run)

    def _again(self, run: Run) -> dict[Any, Any]:
        """The updates that show answers which are no longer what they were."""
        if not run.found:
            return {self.shown.status: gr.skip()}
        reading = len(run.found) < len(run.questions) and not run.stopped
        spoken = {} if reading else {self.shown.status: render.spoken(run.found)}
        return self._so_far(run) | spoken

    def keep_private(self, private: bool, run: Run) -> None:
        run.private = private

    def stop(self, run: Run) -> None:
        run.stopped = True

    def open_link(
        self,
        fragment: str,
        past_asked: list[list[Asked]],
        private: bool,
        strictness: str,
        run: Run,
    ) -> Updates:
        if not fragment.startswith("#" + share.FORMAT):
            yield {self.shown.status: gr.skip()}
            return
        try:
            question, context = share.from_fragment(fragment)
        except InputError as error:
            yield {self.shown.status: warn(str(error))}
            return
        yield {self.form.question: question, self.form.context: context}
        yield from self.ask(question, context, None, past_asked, private, strictness, run)

    def suggest(self, context: str, run: Run, event: gr.EventData) -> Markup:
        """Questions that a text answers, as long as nothing is asked meanwhile."""
        number = run.number
        found = suggest(self.reader, context, lambda: run.number != number)
        return suggested.chips(found, event.number)

    def take_suggested(
        self,
        context: str,
        document: Document | None,
        past_asked: list[list[Asked]],
        private: bool,
        strictness: str,
        run: Run,
        event: gr.EventData,
    ) -> Updates:
        """Ask what was suggested."""
        question = str(event.question)
        yield {self.form.question: question}
        yield from self.ask(question, context, document, past_asked, private, strictness, run)

    def recall(self, index: int, past_asked: list[list[Asked]], run: Run) -> dict[Any, Any]:
        found = past_asked[index]
        questions = [one.question for one in found]
        files = HELD.get(run.key) if found[0].document else None
        if found[0].document and not {one.document for one in found} <= _names(files):
            return {self.shown.status: warn(messages.FILES_GONE)}
        text = "" if files else found[0].context
        run.begin(questions, text, files)
        run.found, run.shown = list(found), found[0].document
        return {
            self.form.context: text,
            self.states.document: None if files else Document(text, found[0].pages),
            **({self.form.files: self.files.listed(run)} if files else self.files.forget(run)),
            self.form.question: "\n".join(questions),
            **self._answered(run),
            self.shown.status: render.spoken(found),
            self.shown.cancel: gr.Button(visible=False),
        }


def _is_heavy(run: Run, questions: int) -> bool:
    """Whether so many questions of the run's text or files take long."""
    return run.files is not None or questions * len(run.context) > PORTION


def _link(found: list[Asked]) -> str:
    """The fragment that carries the text and the questions whose answers are shown."""
    if any(one.document for one in found):
        warn(messages.NO_LINK_TO_FILES)
        return ""
    question = "\n".join(one.question for one in found)
    try:
        return "#" + share.to_fragment(question, found[0].context)
    except InputError as error:
        warn(str(error))
        return ""


def _is_pictured(asked: Asked, files: Files | None) -> bool:
    """Whether the pages of an answer's text can be shown as pictures."""
    return bool(files and files.original(asked.document or files.named(asked.context)))


def _names(files: Files | None) -> set[str]:
    return set(files.documents) if files else set()


def _complaint(questions: list[str], context: str, files: Files | None) -> str | None:
    """Why nothing can be asked, if so."""
    if not _has_words(context) and files is None:
        return messages.NO_TEXT
    if not any(map(_has_words, questions)):
        return messages.NO_QUESTION
    if len(questions) > MAX_QUESTIONS:
        return messages.too_many_questions(MAX_QUESTIONS, len(questions))
    if longest := next((len(one) for one in questions if len(one) > MAX_QUESTION), None):
        return messages.question_too_long(MAX_QUESTION, longest)
    if len(context) > MAX_CHARACTERS:
        return messages.text_too_long(MAX_CHARACTERS, len(context))
    return None


def _has_words(text: str) -> bool:
    """Whether there is more than blanks, signs and characters that nobody sees."""
    return any(map(str.isalnum, text))


def _remember(past: list[list[Asked]], found: list[Asked]) -> list[list[Asked]]:
    """The history with ``found`` on top, within its bounds."""
    kept: list[list[Asked]] = []
    characters = 0
    for one in [found, *(old for old in past if _title(old) != _title(found))][:REMEMBERED]:
        characters += len(one[0].context)
        if kept and characters > REMEMBERED_CHARACTERS:
            break
        kept.append(one)
    return kept


def _listed(history: list[list[Asked]]) -> gr.Dataset:
    titles = [_title(found) for found in history]
    return gr.Dataset(samples=[[title] for title in titles], visible=len(titles) > 1)


def _title(found: list[Asked]) -> str:
    first = found[0]
    return messages.asked_before(
        first.question[:60], len(found) - 1, " ".join(first.context[:40].split())
    )
