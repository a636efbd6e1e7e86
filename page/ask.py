"""The page's first tab: a text, questions, and the answers marked where they stand."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from page import asked as taken
from page import render, share, why
from page.asked import Asked
from page.examples import EXAMPLES
from page.notices import keep
from qa_core.documents import MAX_CHARACTERS, SUFFIXES, Document, read_document
from qa_core.errors import InputError, SpanLoopError
from qa_core.reader import Answer
from qa_core.serving import PULSE, Queued, SharedReader

if TYPE_CHECKING:
    from annotation.intake import Intake

MAX_QUESTIONS = 20
PATIENCE = 0.4  # seconds after which a progress bar is shown
STOPPED = "Stopped. These were answered before."
REMEMBERED = 20  # sets of questions that this visit's history keeps
REMEMBERED_CHARACTERS = 2_000_000

SPEAK = "element.setAttribute('aria-live', 'polite');"

# What the copy buttons give, by name.
FORMATS = {"text": taken.as_text, "JSON": taken.as_json, "SQuAD": taken.as_squad}
COPY = """async (text) => {
  if (!text) return [];
  if (text.startsWith('#')) {
    history.replaceState(null, '', text);
    text = location.href;
  }
  try {
    await navigator.clipboard.writeText(text);
  } catch {  // no clipboard over plain http: the old way
    const area = document.createElement('textarea');
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
  return 'SAID';
}"""

Updates = Iterator[dict[Any, Any]]


@dataclass
class Run:
    """What is being asked on a visitor's page. stops: how often it was to stop."""

    stops: int = 0


class _Stopped(Exception):
    """The visitor does not wait for the rest."""


@dataclass(frozen=True)
class AskTab:
    """The tab's components, for what others put beside or under them.

    answers: state, the `Asked` that are shown, in the order of the questions; empty before
    the first. kept: state, what `Intake.offer` said of each. private: the switch that nothing is
    to be kept. under: the column below the answers, shown only when there are some.
    """

    answers: gr.State
    kept: gr.State
    private: gr.Checkbox
    under: gr.Column


def build(reader: SharedReader, blocks: gr.Blocks, intake: Intake | None = None) -> AskTab:
    """The tab's components and what they do, in the Blocks that is being built."""
    own = {example.context for example in EXAMPLES}  # nobody need review those
    document = gr.State(None, time_to_live=3600)
    answers = gr.State([], time_to_live=3600)
    run = gr.State(Run())
    kept = gr.State([], time_to_live=3600)
    history = gr.State([], time_to_live=3600)
    clip, fragment = gr.Textbox(visible=False), gr.Textbox(visible=False)
    with gr.Row(elem_id="sl-columns"):
        with gr.Column(elem_id="sl-form"):
            context = gr.Textbox(
                label="Your text",
                placeholder="Paste an article, a contract, a chat, or drop a file here …",
                lines=11,
                max_lines=18,
                elem_id="sl-context",
            )
            with gr.Row(elem_id="sl-file"):
                upload = gr.UploadButton(
                    "Open a file",
                    file_types=list(SUFFIXES),
                    size="sm",
                    scale=0,
                    min_width=130,
                    elem_id="sl-upload",
                )
                gr.HTML("<p>.txt, .md, .html, .pdf or .docx, up to 20 MB</p>")
            with gr.Row(elem_id="sl-ask"):
                question = gr.Textbox(
                    label="Your question",
                    placeholder="What would you like to know?",
                    info="Several at once: Shift+Enter for a new line, one question a line.",
                    lines=1,
                    max_lines=6,
                    scale=1,
                    elem_id="sl-question",
                )
                button = gr.Button("Ask", variant="primary", scale=0, min_width=96)
            private = _privacy(intake)
            examples = gr.Examples(
                [[example.question, example.context] for example in EXAMPLES],
                inputs=[question, context],
                cache_examples=False,
                example_labels=[example.label for example in EXAMPLES],
                label="Or try one of these",
                elem_id="sl-examples",
                api_visibility="private",
            )
            past = gr.Dataset(
                label="Asked in this visit",
                components=[gr.Textbox(visible=False)],
                samples=[],
                type="index",
                visible=False,
                elem_id="sl-history",
            )
        with gr.Column(elem_id="sl-answer-column"):
            with gr.Row(elem_id="sl-status-row"):
                status = gr.HTML("", js_on_load=SPEAK, elem_id="sl-status")
                cancel = gr.Button("Cancel", size="sm", scale=0, min_width=96, visible=False)
            result = gr.HTML(
                render.empty(),
                js_on_load=Path(__file__).with_name("result.js").read_text(encoding="utf-8"),
                elem_id="sl-result",
            )
            with gr.Column(visible=False, elem_id="sl-under") as under:
                with gr.Row(elem_id="sl-copy"):
                    gr.HTML("<p>Copy</p>")
                    link = gr.Button("link", size="sm", scale=0, min_width=70)
                    formats = {
                        name: gr.Button(name, size="sm", scale=0, min_width=70) for name in FORMATS
                    }
                reasons = why.build(reader, answers)

    def ask(
        question: str,
        context: str,
        document: Document | None,
        past_asked: list[list[Asked]],
        private: bool,
        run: Run,
    ) -> Updates:
        questions = [line.strip() for line in question.splitlines() if line.strip()]
        if complaint := _complaint(questions, context):
            yield {result: keep(complaint)}
            return
        pages = document.pages if document and document.text == context else ()
        found: list[Asked] = []
        begun, stops = time.monotonic(), run.stops
        try:
            for number, one in enumerate(questions):
                steps = reader.answer_in_turn(one, context)
                answer = yield from _bar(
                    steps, lambda: run.stops > stops, one, begun, found, questions
                )
                found = [*found, Asked(one, context, answer, pages)]
                if number + 1 < len(questions):
                    yield {
                        result: render.result(found, questions[number + 1 :]),
                        answers: found,
                    }
        except SpanLoopError as error:
            yield {result: keep(str(error)), status: "", cancel: gr.Button(visible=False)}
            return
        except _Stopped:
            if not found:
                yield {
                    result: render.empty(),
                    status: render.said("Stopped."),
                    cancel: gr.Button(visible=False),
                    under: gr.Column(visible=False),
                    answers: [],
                }
                return
        stopped = len(found) < len(questions)
        outcomes = [
            intake.offer(
                one.question,
                context,
                one.answer,
                source="page",
                private=private or context in own,
            )
            for one in found
            if intake is not None
        ]
        remembered = _remember(past_asked, found)
        yield {
            result: render.result(found),
            status: render.said(STOPPED) if stopped else render.spoken(found),
            cancel: gr.Button(visible=False),
            under: gr.Column(visible=True),
            answers: found,
            kept: outcomes,
            history: remembered,
            past: _listed(remembered),
            **reasons.closed([one.question for one in found]),
        }

    def _bar(
        steps: Generator[tuple[int, int] | Queued, None, Answer],
        stopped: Callable[[], bool],
        question: str,
        begun: float,
        found: list[Asked],
        questions: list[str],
    ) -> Generator[dict[Any, Any], None, Answer]:
        """Take the steps; show how far they are once they take longer than one likes to wait.

        Raises _Stopped before a step if it is to stop.
        """
        shown, due = False, begun + PATIENCE
        while True:
            if stopped():
                steps.close()
                raise _Stopped
            try:
                step = next(steps)
            except StopIteration as finished:
                return finished.value
            waits = isinstance(step, Queued) or step[0] < step[1]
            if waits and time.monotonic() > due:
                due = time.monotonic() + PULSE
                how_far = (
                    render.queued(question, step.number)
                    if isinstance(step, Queued)
                    else render.reading(question, *step)
                )
                update: dict[Any, Any] = {status: how_far}
                if not shown:
                    update |= {cancel: gr.Button(visible=True), answers: found}
                    update |= {result: render.result(found, questions[len(found) :])}
                    shown = True
                yield update

    def stop(run: Run) -> None:
        run.stops += 1

    def open_file(path: str | None) -> dict[Any, Any]:
        if path is None:
            return {status: gr.skip()}
        try:
            held = read_document(Path(path))
        except SpanLoopError as error:
            return {status: keep(str(error))}
        finally:
            Path(path).unlink(missing_ok=True)  # what visitors bring is not kept
        pages = f"{len(held.pages)} pages, " if len(held.pages) > 1 else ""
        receipt = f"{Path(path).name}: {pages}{len(held.text):,} characters."
        return {context: held.text, document: held, status: render.said(receipt)}

    def open_link(fragment: str, past_asked: list[list[Asked]], private: bool, run: Run) -> Updates:
        if not fragment.startswith("#" + share.FORMAT):
            yield {status: gr.skip()}
            return
        try:
            asked_before, text = share.from_fragment(fragment)
        except InputError as error:
            yield {status: keep(str(error))}
            return
        yield {question: asked_before, context: text}
        yield from ask(asked_before, text, None, past_asked, private, run)

    def recall(index: int, past_asked: list[list[Asked]]) -> dict[Any, Any]:
        found = past_asked[index]
        return {
            context: found[0].context,
            document: Document(found[0].context, found[0].pages),
            question: "\n".join(one.question for one in found),
            result: render.result(found),
            answers: found,
            kept: [],
            under: gr.Column(visible=True),
            **reasons.closed([one.question for one in found]),
        }

    def make_link(question: str, context: str) -> str:
        try:
            return "#" + share.to_fragment(question, context)
        except InputError as error:
            keep(str(error))
            return ""

    hidden: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    asking: list[Any] = [question, context, document, history, private, run]
    changed = [result, status, cancel, under, answers, kept, history, past, *reasons.outputs]
    limits: dict[str, Any] = {"concurrency_id": "ask"}
    gr.on(
        [question.submit, context.submit, button.click],
        ask,
        asking,
        changed,
        **hidden,
        **limits,
    )
    examples.load_input_event.then(ask, asking, changed, **hidden, **limits)
    blocks.load(
        open_link,
        [fragment, history, private, run],
        [question, context, *changed],
        js="(fragment, ...rest) => [location.hash, ...rest]",
        **hidden,
        **limits,
    )
    cancel.click(stop, run, queue=False, **hidden)
    upload.upload(
        open_file,
        upload,
        [context, document, status],
        show_progress_on=context,
        **limits,
        api_visibility="private",
    )
    past.click(
        recall,
        [past, history],
        [context, document, question, result, answers, kept, under, *reasons.outputs],
        **hidden,
    )
    copies = {
        "Link copied. It carries your text.": link.click(
            make_link, [question, context], clip, **hidden
        )
    }
    for name, copy in FORMATS.items():
        copies[f"Copied as {name}."] = formats[name].click(copy, answers, clip, **hidden)
    for receipt, copied in copies.items():
        js = COPY.replace("SAID", render.said(receipt))
        copied.success(None, clip, status, js=js, **hidden)
    return AskTab(answers, kept, private, under)


def _privacy(intake: Intake | None) -> gr.Checkbox:
    """The switch that keeps a question private, with the notice of what is kept otherwise."""
    return gr.Checkbox(
        label="Keep this private",
        info="Questions that the reader doubts may be kept for people to review, with their text."
        " A private one is never kept.",
        visible=intake is not None,
        elem_id="sl-private",
    )


def _complaint(questions: list[str], context: str) -> str | None:
    """Why nothing can be asked, if so."""
    if not context.strip():
        return "Paste a text first, or try one of the examples."
    if not questions:
        return "Type a question first."
    if len(questions) > MAX_QUESTIONS:
        return f"At most {MAX_QUESTIONS} questions at once, please: there are {len(questions)}."
    if len(context) > MAX_CHARACTERS:
        return (
            f"At most {MAX_CHARACTERS:,} characters of text, please: there are {len(context):,}."
            " Take the part you need."
        )
    return None


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
    more = f" (+ {len(found) - 1})" if len(found) > 1 else ""
    return f"{found[0].question[:60]}{more} · {' '.join(found[0].context[:40].split())} …"
