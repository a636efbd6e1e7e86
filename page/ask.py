"""The page's first tab: a text, a question, and the answer marked where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gradio as gr

from page import feedback, render
from page.access import Access
from page.examples import EXAMPLES
from page.notices import keep
from qa_core.errors import SpanLoopError
from qa_core.reader import Reader

if TYPE_CHECKING:
    from annotation.intake import Intake

SCROLL_TO_ANSWER = """
element.setAttribute('aria-live', 'polite');
watch('value', () => {
  const passage = element.querySelector('.sl-passage');
  if (!passage) return;
  const mark = passage.querySelector('.sl-answer, .sl-guess');
  if (mark) passage.scrollTop = mark.offsetTop - passage.clientHeight / 2;
  if (element.getBoundingClientRect().top > innerHeight * 0.7) {
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    element.scrollIntoView({block: 'start', behavior: still ? 'auto' : 'smooth'});
  }
});
"""


def build(reader: Reader, intake: Intake | None, access: Access, token: gr.BrowserState) -> None:
    """The tab's components and what they do, in the Blocks that is being built."""

    def ask(question: str, context: str, private: bool = True) -> Any:
        if not context.strip():
            return keep("Paste a text first, or try one of the examples.")
        if not question.strip():
            return keep("Type a question first.")
        try:
            answer = reader.answer(question, context)
        except SpanLoopError as error:
            return keep(str(error))
        kept = ""
        if intake is not None:
            kept = intake.offer(question, context, answer, source="page", private=private)
        asked = [feedback.Asked(question, context, answer, kept)]
        return render.result(context, answer), asked

    asked = gr.State([])
    verdict = gr.HTML(
        render.empty(), js_on_load=SCROLL_TO_ANSWER, elem_id="sl-result", render=False
    )
    with gr.Row(elem_id="sl-columns"):
        with gr.Column(elem_id="sl-form"):
            context = gr.Textbox(
                label="Your text",
                placeholder="Paste an article, a contract, a leaflet, a chat …",
                lines=11,
                max_lines=18,
                elem_id="sl-context",
            )
            with gr.Row(elem_id="sl-ask"):
                question = gr.Textbox(
                    label="Your question",
                    placeholder="What would you like to know?",
                    max_lines=1,
                    scale=1,
                    elem_id="sl-question",
                )
                button = gr.Button("Ask", variant="primary", scale=0, min_width=96)
            private = feedback.privacy(intake)
            gr.Examples(
                [[example.question, example.context] for example in EXAMPLES],
                inputs=[question, context],
                outputs=[verdict, asked],
                fn=ask,
                run_on_click=True,
                cache_examples=False,
                example_labels=[example.label for example in EXAMPLES],
                label="Or try one of these",
                elem_id="sl-examples",
                api_visibility="private",
            )
        with gr.Column(elem_id="sl-answer-column"):
            verdict.render()
            feedback.build(intake, access, token, asked=asked, private=private)
    gr.on(
        [question.submit, context.submit, button.click],
        ask,
        [question, context, private],
        [verdict, asked],
        show_progress="minimal",
        api_visibility="private",
    )
