"""What the review tab is made of."""

from __future__ import annotations

from typing import Any

import gradio as gr

from annotation.argilla.dataset import GUIDELINES
from page import messages, selection
from page.access import SESSION_SECONDS
from page.html import review_card
from page.html.model import card
from page.look import script
from page.tabs.desk import Visit

PREVIEW = "#sl-review-marked"


class Parts:
    """The tab's components."""

    UNFILTERED = ("", "", "", "", 100)  # the values of all filters but the first

    def __init__(self) -> None:
        self.visit = gr.State(Visit(), time_to_live=SESSION_SECONDS)
        with gr.Column(visible=False, elem_id="sl-login") as self.gate:
            gr.HTML(review_card.login())
            self.name = gr.Textbox(label=messages.LOGIN_NAME, max_lines=1, elem_id="sl-login-name")
            self.password = gr.Textbox(label=messages.LOGIN_PASSWORD, type="password", max_lines=1)
            self.enter = gr.Button(messages.LOG_IN, variant="primary")
        with gr.Column(visible=False, elem_id="sl-review") as self.work:
            self.progress = gr.HTML(elem_id="sl-review-progress")
            self.item = gr.HTML(js_on_load=script("review"), elem_id="sl-review-item")
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
            self.note = gr.Textbox(
                label=messages.NOTE,
                placeholder=messages.NOTE_HINT,
                max_lines=1,
                max_length=500,
                elem_id="sl-review-note",
            )
            with gr.Row(elem_id="sl-review-more"):
                self.add = gr.Button(
                    messages.ADD_SELECTED,
                    size="sm",
                    scale=0,
                    min_width=300,
                    elem_id="sl-review-add",
                )
                self.undo = gr.Button(messages.UNDO, size="sm", elem_id="sl-review-undo", scale=0)
                self.again = gr.Button(messages.SHOW_SKIPPED, size="sm", scale=0, visible=False)
                self.leave = gr.Button(messages.LOG_OUT, size="sm", scale=0, visible=False)
            with gr.Accordion(messages.FIND, open=False, elem_id="sl-review-find"):
                self._build_filters()
            with gr.Accordion(messages.GUIDELINES, open=False, elem_id="sl-review-guidelines"):
                gr.HTML(card(GUIDELINES))
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

    def _build_filters(self) -> None:
        with gr.Row():
            self.which = gr.Radio(
                [messages.SHOW_WAITING, messages.SHOW_SPLIT, messages.SHOW_REVIEWED],
                value=messages.SHOW_WAITING,
                label=messages.WHICH_SHOWN,
                min_width=240,
            )
            self.search = gr.Textbox(
                label=messages.SEARCH, placeholder=messages.SEARCH_HINT, max_lines=1, min_width=240
            )
        with gr.Row():
            self.source = gr.Dropdown(
                [(messages.ANY, "")], value="", label=messages.SOURCE, min_width=140
            )
            self.reason = gr.Dropdown(
                [(messages.ANY, ""), *((said, name) for name, said in messages.REASONS.items())],
                value="",
                label=messages.KEPT_BECAUSE,
                min_width=200,
            )
            self.verdict = gr.Dropdown(
                list(messages.VERDICTS), value="", label=messages.VERDICT, min_width=170
            )
            self.below = gr.Slider(
                0, 100, value=100, step=5, label=messages.BELOW, min_width=200, buttons=[]
            )
        self.found = gr.HTML(js_on_load=script("review_list"), elem_id="sl-review-found")
        self.clear = gr.Button(messages.CLEAR_FILTERS, size="sm", scale=0)

    @property
    def filters(self) -> list[Any]:
        """What the list shows, and the filters."""
        return [self.which, self.search, self.source, self.reason, self.verdict, self.below]

    @property
    def shown(self) -> list[Any]:
        """What changes with the item and with who is looking."""
        return [
            self.gate, self.work, self.progress, self.item, self.buttons, self.accept, self.words,
            self.marked, self.note, self.add, self.undo, self.again, self.leave, self.found,
            self.source, self.argilla, self.counts,
        ]  # fmt: skip
