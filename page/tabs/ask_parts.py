"""What the page's first tab consists of: a form, what is shown, what is remembered."""

from __future__ import annotations

from dataclasses import dataclass, field

import gradio as gr

from page import asked as taken
from page import messages, selection
from page.door.files import LIFETIME
from page.examples import EXAMPLES, SampleText
from page.html import result as render
from page.html.files import PagePicture, stacked
from page.html.markup import Markup
from page.look import script
from page.several.files import HELD, KINDS, Files
from page.tabs import why
from page.toast import LIVE
from qa_core.serving.shared import SharedReader
from qa_core.text.documents import SUFFIXES, Document

# What the copy buttons give, by name.
FORMATS = {
    messages.COPY_TEXT: taken.as_text,
    messages.COPY_JSON: taken.as_json,
    messages.COPY_SQUAD: taken.as_squad,
}


# How many of the questions are taken to have an answer; None as the model is set up.
STRICTNESS: dict[str, float | None] = {
    messages.MORE: 0.92,
    messages.BALANCED: None,
    messages.STRICTER: 0.5,
}


@dataclass
class Run:
    """What is being asked on a visitor's page, and what the visitor wants of it meanwhile.

    number: of the run whose answers are shown; an older one ends. found: its answers, as they are
    shown, in the order of the questions. stopped: whether it is to stop. strictness, private: as
    the form has them now. edition: how often another text was taken, other than by opening files.
    sent: what the visit sent of questions, by their ids. key: of the files that were opened.
    files: those that are asked, where there are several; shown: the one whose text is. picture: of
    a page, as it is shown.
    """

    number: int = 0
    questions: list[str] = field(default_factory=list)
    context: str = ""
    found: list[taken.Asked] = field(default_factory=list)
    stopped: bool = False
    strictness: str = messages.BALANCED
    private: bool = False
    edition: int = 0
    sent: dict[str, taken.Sent] = field(default_factory=dict)
    key: str | None = None
    files: Files | None = None
    shown: str = ""
    picture: PagePicture | None = None

    def begin(self, questions: list[str], context: str, files: Files | None = None) -> int:
        """The number of a new run, which begins without answers."""
        self.questions, self.context, self.files = questions, context, files
        self.found, self.picture = [], None
        return self.again()

    @property
    def opened(self) -> tuple[str, Document] | None:
        """The file whose text is shown, where several are asked: its name, and what it holds."""
        documents = self.files.documents if self.files else {}
        return (self.shown, documents[self.shown]) if self.shown in documents else None

    def again(self) -> int:
        """The number of a new run that goes on with the answers there are."""
        self.number, self.stopped = self.number + 1, False
        return self.number


class States:
    """What is remembered of a visit: as components that show nothing; at first, an example."""

    def __init__(self, example: list[taken.Asked]) -> None:
        self.document = gr.State(None, time_to_live=LIFETIME)
        self.answers = gr.State(example, time_to_live=LIFETIME)
        self.history = gr.State([], time_to_live=LIFETIME)
        run = Run(context=example[0].context)
        run.questions, run.found = [one.question for one in example], example
        self.run = gr.State(
            run, time_to_live=LIFETIME, delete_callback=lambda gone: HELD.drop(gone.key)
        )


class Form:
    """What the visitor fills in: at first, an example.

    private: whether there is a switch that keeps nothing.
    """

    def __init__(self, example: SampleText, *, private: bool) -> None:
        self.context = gr.Textbox(
            example.context,
            label=messages.TEXT,
            placeholder=messages.TEXT_HINT,
            lines=11,
            max_lines=18,
            elem_id="sl-context",
        )
        self.files = gr.HTML("", js_on_load=script("files"), elem_id="sl-files")
        with gr.Row(elem_id="sl-file"):
            self.edit = _small(messages.EDIT_TEXT, "sl-edit")
            self.upload = gr.UploadButton(
                messages.OPEN_FILES,
                file_count="multiple",
                file_types=list(SUFFIXES),
                size="sm",
                scale=0,
                min_width=130,
                elem_id="sl-upload",
            )
            self.other = _small(messages.OTHER_TEXT, "sl-other")
            self.back = _small(messages.BACK_TO_MARKS, "sl-back")
            self.opened = gr.HTML(
                stacked(KINDS), js_on_load=LIVE + script("opened"), elem_id="sl-opened"
            )
        with gr.Row(elem_id="sl-ask"):
            self.question = gr.Textbox(
                example.question,
                label=messages.QUESTION,
                placeholder=messages.QUESTION_HINT,
                info=messages.QUESTION_INFO,
                lines=1,
                max_lines=6,
                scale=1,
                elem_id="sl-question",
            )
            self.next = _small(messages.NEXT_QUESTION, "sl-next")
            self.button = gr.Button(messages.ASK, variant="primary", scale=0, min_width=96)
        self.suggested = gr.HTML("", js_on_load=script("suggest"), elem_id="sl-suggested")
        self.strictness = gr.Radio(
            list(STRICTNESS),
            value=messages.BALANCED,
            label=messages.STRICTNESS,
            info=messages.STRICTNESS_INFO,
            elem_id="sl-strictness",
        )
        self.private = gr.Checkbox(
            label=messages.PRIVATE,
            info=messages.PRIVATE_INFO,
            visible=private,
            elem_id="sl-private",
        )
        self.examples = gr.Examples(
            [[example.question, example.context] for example in EXAMPLES],
            inputs=[self.question, self.context],
            cache_examples=False,
            example_labels=[example.label for example in EXAMPLES],
            label=messages.EXAMPLES,
            elem_id="sl-examples",
            api_visibility="private",
        )
        self.link = gr.Textbox(visible=False)
        self.past = gr.Dataset(
            label=messages.HISTORY,
            components=[gr.Textbox(visible=False)],
            samples=[],
            type="index",
            visible=False,
            elem_id="sl-history",
        )


def _small(label: str, id_: str) -> gr.Button:
    return gr.Button(label, size="sm", scale=0, min_width=120, elem_id=id_)


class Shown:
    """What the visitor gets to see: at first, an example."""

    def __init__(
        self, reader: SharedReader, states: States, example: Markup, questions: list[str]
    ) -> None:
        self.clip = gr.Textbox(visible=False)
        with gr.Row(elem_id="sl-status-row"):
            self.status = gr.HTML("", js_on_load=LIVE, elem_id="sl-status")
            self.cancel = gr.Button(
                messages.CANCEL, size="sm", scale=0, min_width=96, visible=False
            )
        self.result = gr.HTML(
            example,
            js_on_load=script("result")
            + script("read")
            + script("judge")
            + selection.watch("#sl-result .sl-passage"),
            elem_id="sl-result",
        )
        with gr.Column(elem_id="sl-under") as self.under:
            with gr.Row(elem_id="sl-copy"):
                gr.HTML(render.paragraph(messages.COPY))
                self.link = gr.Button(messages.COPY_LINK, size="sm", scale=0, min_width=70)
                self.formats = {
                    name: gr.Button(name, size="sm", scale=0, min_width=70) for name in FORMATS
                }
                self.copied = gr.HTML("", js_on_load=LIVE, elem_id="sl-copied")
            self.reasons = why.build(reader, states.answers, questions)
