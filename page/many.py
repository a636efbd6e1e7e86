"""The tab for files: many questions at once, their answers as a table and as files."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder

from page.notices import keep
from page.passage import escape
from qa_core import batches
from qa_core.errors import SpanLoopError
from qa_core.reader import Answer, Reader
from qa_core.squad import BadRow, Example

SAMPLE = Path(__file__).with_name("sample.csv")
UNSURE = 0.7  # as on the first tab, where "Likely right" begins
PREVIEWED = 4
LISTED = 100  # bad rows, at most
ALL, DOUBTED, UNSAID = "All", "Unsure", "The text does not say"
HEADERS = ["id", "question", "answer", "sure, %"]

LIVE = "element.setAttribute('aria-live', 'polite');"
HINT = (
    '<div class="sl-panel"><p>CSV, JSON Lines or SQuAD, also gzipped, with a <code>question</code>'
    " and a <code>context</code> in each row, and an <code>id</code> if you like:</p>"
    "<p><code>question,context<br>Who wrote it?,Ada wrote it in 1843.</code></p>"
    f'<p class="sl-quiet">Up to {batches.MAX_QUESTIONS:,} questions and'
    f" {batches.MAX_BYTES >> 20} MB of text. The file is deleted once it is read.</p></div>"
)


@dataclass
class Batch:
    """A visitor's file, and the answers so far."""

    name: str
    questions: list[Example]
    bad: list[BadRow]
    answers: list[Answer] = field(default_factory=list)
    stopped: bool = False

    @property
    def done(self) -> bool:
        return len(self.answers) == len(self.questions)


def build(reader: Reader) -> None:
    """The tab's components and what they do, in the Blocks that is being built."""
    state = gr.State(None)
    with gr.Row(elem_id="sl-many"):
        with gr.Column(scale=2, min_width=300):
            file = gr.File(
                label="Your file",
                file_types=[".csv", ".jsonl", ".json", ".gz"],
                height=150,
                elem_id="sl-many-file",
            )
            sample = gr.Button("Or try an example", elem_id="sl-many-sample")
        with gr.Column(scale=3, min_width=300):
            preview = gr.HTML(HINT, elem_id="sl-many-preview", js_on_load=LIVE)
            with gr.Row():
                start = gr.Button("Answer all", variant="primary", visible=False)
                stop = gr.Button("Stop", visible=False)
            progress = gr.HTML(visible=False, elem_id="sl-many-progress")
    with gr.Column(visible=False, elem_id="sl-many-results") as results:
        with gr.Row(elem_id="sl-many-get"):
            show = gr.Radio([ALL, DOUBTED, UNSAID], value=ALL, label="Show", scale=3)
            lines = gr.DownloadButton("Download JSON Lines", scale=1, min_width=190)
            table_file = gr.DownloadButton("Download CSV", scale=1, min_width=150)
        table = gr.Dataframe(
            headers=HEADERS,
            datatype=["str", "str", "str", "number"],
            type="array",
            interactive=False,
            wrap=True,
            max_height=560,
            column_widths=["17%", "35%", "32%", "16%"],
            label="Answers",
            elem_id="sl-many-table",
        )

    def take(path: str | None) -> dict[Any, Any]:
        if path is None:
            return fresh(None, HINT)
        try:
            return opened(Path(path))
        except SpanLoopError as error:
            return fresh(None, wrong(str(error)))
        finally:
            Path(path).unlink(missing_ok=True)

    def opened(path: Path) -> dict[Any, Any]:
        questions, bad = batches.read(path)
        batch = Batch(path.name, questions, bad)
        return fresh(batch, summary(batch))

    def fresh(batch: Batch | None, text: str) -> dict[Any, Any]:
        ready = batch is not None and bool(batch.questions)
        return {
            state: batch,
            preview: text,
            start: gr.update(visible=ready, value="Answer all"),
            progress: gr.update(visible=False, value=""),
            results: gr.update(visible=False),
        }

    def run(batch: Batch | None) -> Iterator[Any]:
        if batch is None or not batch.questions:
            yield {progress: keep("Choose a file first.")}
            return
        batch.stopped = False
        yield {
            progress: gr.update(visible=True, value=bar(batch, None)),
            start: gr.update(visible=False),
            stop: gr.update(visible=True),
        }
        began, had = time.monotonic(), len(batch.answers)
        trouble = ""
        try:
            for piece in batches.pieces(batch.questions[had:]):
                if batch.stopped:
                    break
                pairs = [example.pair for example in piece]
                batch.answers += reader.answer_batch(pairs, top_k=1)
                pace = (time.monotonic() - began) / (len(batch.answers) - had)
                yield {progress: bar(batch, pace * (len(batch.questions) - len(batch.answers)))}
        except SpanLoopError as error:
            trouble = str(error)
        yield finished(batch, trouble)

    def finished(batch: Batch, trouble: str) -> dict[Any, Any]:
        answered = batch.questions[: len(batch.answers)]
        changes: dict[Any, Any] = {
            progress: outcome(batch, trouble),
            start: gr.update(visible=not batch.done, value="Go on"),
            stop: gr.update(visible=False),
        }
        if answered:
            name = batch.name.removesuffix(".gz").rpartition(".")[0]
            changes |= {
                results: gr.update(visible=True),
                show: ALL,
                table: gr.update(value=rows(batch, ALL)),
                lines: written(
                    f"{name}.answers.jsonl", batches.to_json_lines(answered, batch.answers)
                ),
                table_file: written(
                    f"{name}.answers.csv", "\ufeff" + batches.to_csv(answered, batch.answers)
                ),
            }
        return changes

    def halt(batch: Batch | None) -> Any:
        if batch is not None:
            batch.stopped = True
        return gr.update(value="Stopping …", interactive=False)

    opening = [state, preview, start, progress, results]
    file.change(take, file, opening, api_visibility="private", show_progress="minimal")
    sample.click(lambda: opened(SAMPLE), None, opening, api_visibility="private")
    start.click(
        run,
        state,
        [progress, start, stop, results, show, table, lines, table_file],
        concurrency_limit=2,
        concurrency_id="many",
        api_visibility="private",
        show_progress_on=progress,
        show_progress="minimal",
    ).then(
        lambda: gr.update(value="Stop", interactive=True),
        None,
        stop,
        queue=False,
        api_visibility="private",
    )
    stop.click(halt, state, stop, queue=False, api_visibility="private")
    show.input(
        lambda batch, which: rows(batch, which) if batch else [],
        [state, show],
        table,
        api_visibility="private",
        show_progress="hidden",
    )


def rows(batch: Batch, which: str) -> list[list[Any]]:
    """What the table shows of the answers."""
    pairs = zip(batch.questions, batch.answers, strict=False)
    return [
        [
            shown(example.id),
            shown(example.question),
            shown(answer.text) if answer.answerable else f"– {UNSAID.lower()} –",
            round(100 * answer.confidence, 1),
        ]
        for example, answer in pairs
        if which == ALL
        or (which == DOUBTED and answer.confidence < UNSURE)
        or (which == UNSAID and not answer.answerable)
    ]


def shown(text: str) -> str:
    """A text with what JSON cannot carry replaced; the table itself shows no markup."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def written(name: str, text: str) -> str:
    """A file that Gradio serves to this visitor and deletes after a while."""
    folder = Path(tempfile.mkdtemp(prefix="spanloop-", dir=get_upload_folder()))
    path = folder / name
    path.write_bytes(text.encode())
    return str(path)


def summary(batch: Batch) -> str:
    """What is in the file: how much, its first questions, and its bad rows."""
    texts = len({example.context for example in batch.questions})
    count = f"{counted(len(batch.questions), 'question')} on {counted(texts, 'text')}"
    head = f"<p><b>{escape(batch.name)}</b>: {count}.</p>"
    if not batch.questions:
        head = f"<p><b>{escape(batch.name)}</b>: no question that can be answered.</p>"
    first = "".join(
        f'<tr><td class="sl-wide">{escape(cut(example.question, 90))}</td>'
        f'<td class="sl-wide">{escape(cut(example.context, 110))}</td></tr>'
        for example in batch.questions[:PREVIEWED]
    )
    table = grid("The first questions", "<th>question</th><th>context</th>", first)
    return f'<div class="sl-panel">{head}{table if first else ""}{bad_rows(batch.bad)}</div>'


def bad_rows(bad: list[BadRow]) -> str:
    """The rows left out, each by its number with the reason."""
    if not bad:
        return ""
    body = "".join(
        f'<tr><td class="sl-number">{row.row}</td><td>{escape(cut(row.id, 40))}</td>'
        f'<td class="sl-wide">expected {escape(row.expected)}, found {escape(cut(row.found, 200))};'
        f" {escape(row.mend)}</td></tr>"
        for row in bad[:LISTED]
    )
    more = f"<p>… and {len(bad) - LISTED:,} more.</p>" if len(bad) > LISTED else ""
    title = f"{counted(len(bad), 'row')} left out"
    head = '<th class="sl-number">row</th><th>id</th><th>why</th>'
    return (
        f'<details id="sl-bad" open><summary>{title}</summary>{grid(title, head, body)}{more}'
        "</details>"
    )


def grid(label: str, head: str, body: str) -> str:
    """A small table that scrolls on its own where the page is narrow."""
    return (
        f'<div class="sl-scroll" role="region" tabindex="0" aria-label="{label}">'
        f'<table class="sl-grid"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def wrong(message: str) -> str:
    """Why a file cannot be taken."""
    return (
        '<div class="sl-panel sl-wrong" role="alert"><p><b>This file cannot be read.</b></p>'
        f"<p>{escape(message)}</p></div>"
    )


def bar(batch: Batch, seconds: float | None) -> str:
    """How far the work is, and about how long it will take."""
    total, done = len(batch.questions), len(batch.answers)
    left = "" if seconds is None else f", about {duration(seconds)} left"
    return (
        f'<div class="sl-progress"><progress max="{total}" value="{done}"'
        f' aria-label="Questions answered"></progress><span>{done:,} of {total:,} answered{left}'
        "</span></div>"
    )


def outcome(batch: Batch, trouble: str) -> str:
    """What came of a run, finished or not."""
    total, done = len(batch.questions), len(batch.answers)
    unsure = sum(answer.confidence < UNSURE for answer in batch.answers)
    if batch.done:
        text = f"All {total:,} answered; {unsure:,} of them unsure."
    else:
        why = f"{trouble.rstrip('.')}. " if trouble else ""
        text = f"Stopped after {done:,} of {total:,}. {why}Nothing is lost: go on when you like."
    return (
        f'<div class="sl-progress" role="status"><progress max="{total}" value="{done}"'
        f' aria-label="Questions answered"></progress><span>{escape(text)}</span></div>'
    )


def duration(seconds: float) -> str:
    if seconds < 90:
        return counted(max(1, round(seconds)), "second")
    return counted(round(seconds / 60), "minute")


def counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[:length].rstrip()} …"
