"""Opening files on the page: one fills the box for the text, several are asked as one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from page import messages
from page.door.files import UPLOADS
from page.door.visitors import asking
from page.html import result as render
from page.html.files import PagePicture, listing, stacked
from page.html.markup import Markup
from page.several.files import HELD, KINDS, Files
from page.tabs.ask_parts import Form, Run, Shown, States
from page.toast import FILES, warn
from qa_core.errors import SpanLoopError
from qa_core.serving.shared import SharedReader
from qa_core.text.documents import read_document

Updates = dict[Any, Any]
_OPENING = threading.Lock()


class FileEvents:
    """What happens to a visit's files."""

    def __init__(
        self,
        reader: SharedReader,
        form: Form,
        shown: Shown,
        states: States,
        result: Callable[[Run], Markup],
        *,
        judged: bool,
    ) -> None:
        """result: what is shown of a run. judged: whether answers can be judged."""
        self.reader, self.form, self.shown, self.states = reader, form, shown, states
        self.result, self.judged = result, judged

    def connect(self) -> None:
        """Have it happen, in the Blocks that is being built."""
        form, shown, states = self.form, self.shown, self.states
        hidden: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        changed = [form.files, form.context, states.document, states.answers]
        changed += [shown.result, shown.under, shown.status, shown.cancel]
        form.upload.upload(
            self.open,
            [form.upload, form.context, states.run],
            [*changed, form.opened],
            show_progress_on=form.context,
            trigger_mode="multiple",
            **FILES,
            api_visibility="private",
        )
        form.files.replace(self.replace, states.run, queue=False, **hidden)
        form.files.remove(self.remove, states.run, changed, **hidden)
        for opening in (form.files.open, shown.result.open):
            opening(self.show, states.run, [form.files, shown.result], **hidden)
        shown.result.picture(
            self.picture, states.run, [shown.result, shown.status], **FILES, **hidden
        )
        form.other.click(self.forget, states.run, form.files, **hidden)

    def open(self, paths: list[str] | None, context: str, run: Run) -> Iterator[Updates]:
        """Add files to those that are open; those that cannot be read change nothing."""
        if not paths:
            yield {self.shown.status: gr.skip()}
            return
        edition = run.edition
        with _OPENING:
            files = HELD.get(run.key)
            if files is None or not files.are_in(context, edition):
                HELD.drop(run.key)
                files = Files(context, edition)
                run.key = HELD.put(files, asking.get(), 0)
            key = run.key
        added, refused = [], []
        for number, path in enumerate(paths, 1):
            said = messages.reading_file(Path(path).name, number, len(paths))
            yield {self.form.opened: stacked(KINDS, said)}
            try:
                with UPLOADS.taken(path, asking.get()) as file:  # what visitors bring is not kept
                    original = file.read_bytes() if file.suffix.lower() == ".pdf" else b""
                    added.append(files.add(file.name, read_document(file), original))
            except SpanLoopError as error:
                refused.append(str(error))
        if run.edition != edition:  # what came meanwhile stays
            HELD.drop(key)
            refused += [messages.not_opened(added)] if added else []
            added = []
        if refused:
            warn(messages.sentences(refused))
        if not added:
            yield {self.form.opened: stacked(KINDS)}
            return
        HELD.renew(key, files.size)
        updates = self._changed(files, run, added[0])
        yield updates | {self.form.opened: stacked(KINDS, _told(files, added))}

    def replace(self, run: Run) -> None:
        """Note that another text was taken, whose place no file takes that is still read."""
        run.edition += 1

    def remove(self, run: Run, event: gr.EventData) -> Updates:
        """Take a file from those that are open."""
        files = HELD.get(run.key)
        if files is None or event.file not in files.documents:
            return {self.shown.status: warn(messages.FILES_GONE)}
        files.remove(event.file)
        HELD.renew(run.key, files.size)
        return self._changed(files, run, run.shown)

    def _changed(self, files: Files, run: Run, shown: str) -> Updates:
        """The updates that show other files than before, which nobody has asked yet."""
        documents = files.documents
        if shown not in documents:
            shown = next(iter(documents))
        if not files.several:
            return {
                self.form.files: "",
                self.form.context: documents[shown].text,
                self.states.document: documents[shown],
                **({} if run.files is None else self._empty(run, None)),
            }
        files.asked_of(self.reader.current)
        run.shown = shown
        return {
            self.form.context: "",
            self.states.document: None,
            **self._empty(run, files),
            self.form.files: self.listed(run),
        }

    def _empty(self, run: Run, files: Files | None) -> Updates:
        """The updates that end what is read, and show no answers."""
        run.begin([], "", files)
        return {
            self.shown.result: self.result(run) if files else render.empty(),
            self.states.answers: [],
            self.shown.under: gr.Column(visible=False),
            self.shown.status: "",
            self.shown.cancel: gr.Button(visible=False),
        }

    def show(self, run: Run, event: gr.EventData) -> Updates:
        """Show the text of another file."""
        files = HELD.get(run.key)
        if files is None or event.file not in files.documents:
            return {self.form.files: warn(messages.FILES_GONE)}
        run.shown = event.file
        return {self.form.files: self.listed(run), self.shown.result: self.result(run)}

    def picture(self, run: Run, event: gr.EventData) -> Updates:
        """Show the page of an answer as a picture, or hide it."""
        run.picture = None
        if event.number is not None and event.number < len(run.found):
            one, files = run.found[event.number], HELD.get(run.key)
            name = one.document or (files.named(one.context) if files else "")
            if files is None or not files.original(name):
                warn(messages.FILES_GONE)
                return {self.shown.result: self.result(run)}
            document = files.documents[name]
            page = document.page(one.answer.spans[0].start) or 1
            try:
                run.picture = PagePicture(name, document, page, files.picture(name, page))
            except SpanLoopError as error:
                warn(str(error))
                return {self.shown.result: self.result(run)}
            run.shown = one.document
        return {self.shown.result: self.result(run)}

    def listed(self, run: Run) -> Markup:
        """The files that are asked, if there are several."""
        documents = run.files.documents if run.files else {}
        return listing(documents, run.shown, judged=self.judged)

    def forget(self, run: Run) -> Updates:
        """Drop the files: the visitor uses another text."""
        self.replace(run)
        HELD.drop(run.key)
        run.key = None
        return {self.form.files: ""}


def _told(files: Files, added: list[str]) -> str:
    documents = files.documents
    if files.several:
        return messages.files_opened(added)
    held = documents[added[0]]
    return messages.opened(added[0], len(held.pages), len(held.text), held.notes)
