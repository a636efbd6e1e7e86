"""The tab for files: many questions at once, their answers as a table and as files."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from page import messages, selection
from page.batch import Batch, BatchRow
from page.door.files import LIFETIME, UPLOADS, Shelf, written
from page.door.visitors import asking
from page.html import batch as view
from page.html.markup import Markup
from page.look import ASSETS, script
from page.tabs.ask_parts import Run
from page.tabs.feedback import Judged
from page.toast import FILES, LIVE, warn
from qa_core.bulk import upload as batches
from qa_core.errors import SpanLoopError
from qa_core.serving.shared import SharedReader

if TYPE_CHECKING:
    from annotation.loop.intake import Intake

SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".jsonl", ".json", ".parquet", ".gz")
SAMPLE = ASSETS / "sample.csv"
PRIVATE: dict[str, Any] = {"api_visibility": "private"}

Updates = dict[Any, Any]


@dataclass
class Chosen(Run):
    """The row that is shown, as what was asked."""

    row: BatchRow | None = None


def build(reader: SharedReader, intake: Intake | None = None) -> Judged:
    """The tab's components and what they do, in the Blocks that is being built.

    intake: keeps rows that are judged; None where none can be. Returns what is judged.
    """
    many = _Many(reader, judged=intake is not None)
    many.connect()
    return Judged(many.row, many.shown, many.run_of_row, gr.State(False))


class _Many:
    """The tab's components, and what happens on it."""

    def __init__(self, reader: SharedReader, *, judged: bool) -> None:
        self.reader, self.judged = reader, judged
        self.batches: Shelf[Batch] = Shelf(4, 400 * 2**20)
        self.batch = gr.State(None, time_to_live=LIFETIME)  # its key
        self.run_of_row = gr.State(Chosen(), time_to_live=LIFETIME)
        with gr.Row(elem_id="sl-many"):
            with gr.Column(scale=2, min_width=300):
                self.file = gr.File(
                    label=messages.BATCH_FILE,
                    file_types=list(SUFFIXES),
                    height=150,
                    elem_id="sl-many-file",
                )
                self.sample = gr.Button(messages.BATCH_SAMPLE, elem_id="sl-many-sample")
            with gr.Column(scale=3, min_width=300):
                self.preview = gr.HTML(view.hint(), elem_id="sl-many-preview", js_on_load=LIVE)
                with gr.Row():
                    self.start = gr.Button(messages.ANSWER_ALL, variant="primary", visible=False)
                    self.stop = gr.Button(messages.STOP, visible=False)
                self.progress = gr.HTML(visible=False, elem_id="sl-many-progress")
        with gr.Column(visible=False, elem_id="sl-many-results") as self.results:
            with gr.Row(elem_id="sl-many-get"):
                self.show = gr.Radio(
                    [messages.ALL, messages.UNCERTAIN, messages.UNANSWERABLE],
                    value=messages.ALL,
                    label=messages.SHOW,
                )
            with gr.Row():
                self.files = {
                    suffix: gr.DownloadButton(label, scale=0, min_width=200)
                    for suffix, label in messages.DOWNLOADS.items()
                }
            self.table = gr.Dataframe(
                headers=list(messages.ANSWER_COLUMNS),
                datatype=["number", "str", "str", "str", "number"],
                type="array",
                interactive=False,
                wrap=True,
                max_height=560,
                column_widths=["9%", "15%", "32%", "29%", "15%"],
                label=messages.ANSWERS,
                elem_id="sl-many-table",
            )
            self.row = gr.HTML(
                view.choose(),
                elem_id="sl-many-row",
                js_on_load=LIVE + script("judge") + selection.watch("#sl-many-row .sl-passage"),
            )

    def connect(self) -> None:
        """Have it happen, in the Blocks that is being built."""
        opening = [self.batch, self.preview, self.start, self.progress, self.results]
        self.file.upload(
            self.take,
            [self.file, self.batch],
            [*opening, self.file],
            show_progress="minimal",
            **FILES,
            **PRIVATE,
        )
        self.sample.click(lambda: self.opened(SAMPLE), None, opening, **FILES, **PRIVATE)
        answering = [self.progress, self.start, self.stop]
        self.start.click(
            self.run,
            self.batch,
            [*answering, self.results, self.show, *self.listed],
            concurrency_limit=2,
            concurrency_id="many",
            show_progress_on=self.progress,
            show_progress="minimal",
            **PRIVATE,
        ).then(
            lambda: gr.update(value=messages.STOP, interactive=True),
            None,
            self.stop,
            queue=False,
            **PRIVATE,
        )
        self.stop.click(self.halt, self.batch, self.stop, queue=False, **PRIVATE)
        self.show.input(
            self.rows,
            [self.batch, self.show],
            self.listed,
            trigger_mode="always_last",  # or what is chosen while another choice is shown is lost
            show_progress="hidden",
            **PRIVATE,
        )
        self.table.select(
            self.chosen,
            [self.batch, self.run_of_row],
            self.row,
            trigger_mode="always_last",
            show_progress="hidden",
            **PRIVATE,
        )

    @property
    def listed(self) -> list[Any]:
        """What follows the filter."""
        return [self.table, self.row, *self.files.values()]

    def take(self, path: str | None, key: str | None) -> Updates:
        """Read a visitor's file and delete it; the box is then free for another."""
        self.batches.drop(key)
        if path is None:
            return {**self.fresh(None, view.hint()), self.file: None}
        try:
            with UPLOADS.taken(path, asking.get()) as file:
                return {**self.opened(file), self.file: None}
        except SpanLoopError as error:
            return {**self.fresh(None, view.wrong(str(error))), self.file: None}

    def opened(self, path: Path) -> Updates:
        found = batches.read(path)
        batch = Batch(path.name, found.questions, found.bad, found.bad_rows, golds=found.golds)
        return self.fresh(batch, view.summary(batch))

    def fresh(self, batch: Batch | None, text: str) -> Updates:
        """The tab with nothing answered yet."""
        ready = batch is not None and bool(batch.questions)
        return {
            self.batch: batch and self.batches.put(batch, asking.get(), batch.size),
            self.preview: text,
            self.start: gr.update(visible=ready, value=messages.ANSWER_ALL),
            self.progress: gr.update(visible=False, value=""),
            self.results: gr.update(visible=False),
        }

    def run(self, key: str | None) -> Iterator[Any]:
        """Answer what is left of a file, until done or told to stop."""
        batch = self.batches.get(key)
        if batch is None or not batch.questions:
            yield {self.progress: warn(messages.BATCH_GONE if key else messages.BATCH_NO_FILE)}
            return
        batch.stopped = False
        yield {
            self.progress: gr.update(visible=True, value=view.bar(batch, None)),
            self.start: gr.update(visible=False),
            self.stop: gr.update(visible=True),
        }
        began, had = time.monotonic(), len(batch.answers)
        trouble = ""
        try:
            for piece in batches.pieces(batch.questions[had:]):
                if batch.stopped:
                    break
                pairs = [example.pair for example in piece]
                batch.answers += self.reader.answer_batch(pairs, top_k=1, visitor=asking.get())
                pace = (time.monotonic() - began) / (len(batch.answers) - had)
                left = pace * (len(batch.questions) - len(batch.answers))
                yield {self.progress: view.bar(batch, left)}
        except SpanLoopError as error:
            trouble = str(error)
        yield self.finished(batch, trouble)

    def finished(self, batch: Batch, trouble: str) -> Updates:
        """What came of a run, and its files."""
        changes: Updates = {
            self.progress: view.outcome(batch, trouble),
            self.start: gr.update(visible=not batch.done, value=messages.CONTINUE),
            self.stop: gr.update(visible=False),
        }
        if batch.answers:
            changes |= {
                self.results: gr.update(visible=True),
                self.show: gr.update(choices=batch.choices, value=messages.ALL),
                **self.of(batch, messages.ALL),
            }
        return changes

    def of(self, batch: Batch, which: str) -> Updates:
        """The answers of a choice, in the table and as files."""
        name = batch.name.removesuffix(".gz").rpartition(".")[0]
        return {
            self.table: gr.update(value=batch.rows(which)),
            self.row: view.choose(),
            **{
                self.files[suffix]: written(f"{name}.answers.{suffix}", data, asking.get())
                for suffix, data in batch.files(which).items()
            },
        }

    def rows(self, key: str | None, which: str) -> Any:
        batch = self.batches.get(key)
        return warn(messages.BATCH_GONE) if batch is None else self.of(batch, which)

    def chosen(self, key: str | None, run: Chosen, event: gr.SelectData) -> Any:
        """The answer of the row that was clicked, however the table is sorted."""
        batch = self.batches.get(key)
        if batch is None:
            return warn(messages.BATCH_GONE)
        number = int(event.row_value[0]) - 1
        if not 0 <= number < len(batch.answers):
            return view.choose()
        run.row = batch.row(number)
        run.begin([run.row.asked.question], run.row.asked.context)
        run.found = [run.row.asked]
        return self.shown(run)

    def shown(self, run: Chosen) -> Markup:
        """The row that was clicked, and what was sent of it."""
        if run.row is None:
            return view.choose()
        row = replace(run.row, asked=run.found[0])
        return view.row(row, run.sent.get(row.asked.id), judged=self.judged)

    def halt(self, key: str | None) -> Any:
        if batch := self.batches.get(key):
            batch.stopped = True
        return gr.update(value=messages.STOPPING, interactive=False)
