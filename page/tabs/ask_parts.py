"""What the page's first tab consists of: a form, what is shown, what is remembered."""

from __future__ import annotations

from dataclasses import dataclass

import gradio as gr

from page import asked as taken
from page.examples import EXAMPLES
from page.html import result as render
from page.look import ASSETS
from page.tabs import why
from page.toast import LIVE
from qa_core.serving.shared import SharedReader
from qa_core.text.documents import SUFFIXES

# What the copy buttons give, by name.
FORMATS = {"text": taken.as_text, "JSON": taken.as_json, "SQuAD": taken.as_squad}


@dataclass
class Run:
    """What is being asked on a visitor's page. stops: how often it was to stop."""

    stops: int = 0


BALANCED = "Balanced"
# How many of the questions are taken to have an answer; None as the model is set up.
STRICTNESS: dict[str, float | None] = {"Answer more": 0.92, BALANCED: None, "Be stricter": 0.5}


class States:
    """What is remembered of a visit: as components that show nothing."""

    def __init__(self) -> None:
        self.document = gr.State(None, time_to_live=3600)
        self.answers = gr.State([], time_to_live=3600)
        self.kept = gr.State([], time_to_live=3600)
        self.history = gr.State([], time_to_live=3600)
        self.run = gr.State(Run())


class Form:
    """What the visitor fills in. private: whether there is a switch that keeps nothing."""

    def __init__(self, *, private: bool) -> None:
        self.context = gr.Textbox(
            label="Your text",
            placeholder="Paste an article, a contract, a chat, or drop a file here …",
            lines=11,
            max_lines=18,
            elem_id="sl-context",
        )
        with gr.Row(elem_id="sl-file"):
            self.upload = gr.UploadButton(
                "Open a file",
                file_types=list(SUFFIXES),
                size="sm",
                scale=0,
                min_width=130,
                elem_id="sl-upload",
            )
            gr.HTML(
                "<p>PDF, Word, Excel, PowerPoint, OpenDocument, e-book, e-mail, web page or text,"
                " up to 20 MB</p>"
            )
        with gr.Row(elem_id="sl-ask"):
            self.question = gr.Textbox(
                label="Your question",
                placeholder="What would you like to know?",
                info="Several at once: Shift+Enter for a new line, one question a line.",
                lines=1,
                max_lines=6,
                scale=1,
                elem_id="sl-question",
            )
            self.button = gr.Button("Ask", variant="primary", scale=0, min_width=96)
        self.strictness = gr.Radio(
            list(STRICTNESS),
            value=BALANCED,
            label="When unsure",
            info="Answer more often, or say more often that the text has no answer.",
            elem_id="sl-strictness",
        )
        self.private = gr.Checkbox(
            label="Keep this private",
            info="Uncertain answers may be saved, with your text, for human review."
            " Private ones are never saved.",
            visible=private,
            elem_id="sl-private",
        )
        self.examples = gr.Examples(
            [[example.question, example.context] for example in EXAMPLES],
            inputs=[self.question, self.context],
            cache_examples=False,
            example_labels=[example.label for example in EXAMPLES],
            label="Or try one of these",
            elem_id="sl-examples",
            api_visibility="private",
        )
        self.past = gr.Dataset(
            label="Asked in this visit",
            components=[gr.Textbox(visible=False)],
            samples=[],
            type="index",
            visible=False,
            elem_id="sl-history",
        )


class Shown:
    """What the visitor gets to see."""

    def __init__(self, reader: SharedReader, answers: gr.State) -> None:
        self.clip = gr.Textbox(visible=False)
        with gr.Row(elem_id="sl-status-row"):
            self.status = gr.HTML("", js_on_load=LIVE, elem_id="sl-status")
            self.cancel = gr.Button("Cancel", size="sm", scale=0, min_width=96, visible=False)
        self.result = gr.HTML(
            render.empty(),
            js_on_load=(ASSETS / "result.js").read_text(encoding="utf-8"),
            elem_id="sl-result",
        )
        with gr.Column(visible=False, elem_id="sl-under") as self.under:
            with gr.Row(elem_id="sl-copy"):
                gr.HTML("<p>Copy</p>")
                self.link = gr.Button("link", size="sm", scale=0, min_width=70)
                self.formats = {
                    name: gr.Button(name, size="sm", scale=0, min_width=70) for name in FORMATS
                }
            self.reasons = why.build(reader, answers)
