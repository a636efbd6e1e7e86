"""SpanLoop's page: paste a text, ask it something, see the answer marked where it stands.

python app.py [--model FOLDER_OR_HUB_ID] [--port 7860] [--no-browser]
"""

import html
from typing import Annotated, Any

import gradio as gr
import typer
from gradio.events import api

from qa_core import page
from qa_core.errors import SpanLoopError
from qa_core.prediction import record
from qa_core.reader import Reader

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


def build(reader: Reader) -> gr.Blocks:
    """The page around a reader; launch it with `**look()`."""

    def answer(question: str, context: str, top_k: int = 3) -> dict[str, Any]:
        """Answer a question with words of the context, or say that the context does not answer it.

        Gives text, start and end (code points, end exclusive; empty if there is no answer),
        answerable, confidence (the probability that this verdict is right), score and null_score
        (logits), alternatives (up to top_k other spans, best first), warnings, and model.

        Args:
            question: what to ask, in plain words
            context: the text that may hold the answer
            top_k: how many other spans to give at most
        """
        try:
            found = record("", reader.answer(question, context, top_k=top_k))
        except SpanLoopError as error:
            raise gr.Error(html.escape(str(error)), print_exception=False) from error
        return {name: value for name, value in found.items() if name != "id"}

    def ask(question: str, context: str) -> Any:
        if not context.strip():
            return _keep("Paste a text first, or try one of the examples.")
        if not question.strip():
            return _keep("Type a question first.")
        try:
            return page.result(context, reader.answer(question, context))
        except SpanLoopError as error:
            return _keep(str(error))

    with gr.Blocks(title="SpanLoop", analytics_enabled=False, fill_width=True) as blocks:
        gr.HTML(page.header(), elem_id="sl-header")
        verdict = gr.HTML(
            page.empty(), js_on_load=SCROLL_TO_ANSWER, elem_id="sl-result", render=False
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
                gr.Examples(
                    [[example.question, example.context] for example in page.EXAMPLES],
                    inputs=[question, context],
                    outputs=verdict,
                    fn=ask,
                    run_on_click=True,
                    cache_examples=False,
                    example_labels=[example.label for example in page.EXAMPLES],
                    label="Or try one of these",
                    elem_id="sl-examples",
                    api_visibility="private",
                )
            with gr.Column(elem_id="sl-answer-column"):
                verdict.render()
        gr.HTML(page.footer(), elem_id="sl-footer")
        gr.on(
            [question.submit, context.submit, button.click],
            ask,
            [question, context],
            verdict,
            show_progress="minimal",
            api_visibility="private",
        )
        api(answer, api_name="answer")
    return blocks


def look() -> dict[str, Any]:
    """Theme, style and icon: arguments of `launch`."""
    theme = gr.themes.Base(
        primary_hue="teal",
        secondary_hue="teal",
        neutral_hue="stone",
        font=(
            gr.themes.LocalFont("Source Sans Pro", weights=(400, 700)),  # 600 lacks most letters
            "ui-sans-serif",
            "system-ui",
            "sans-serif",
        ),
    ).set(
        body_background_fill="#faf8f4",
        body_background_fill_dark="*neutral_950",
        body_text_color_subdued="*neutral_600",
        body_text_color_subdued_dark="*neutral_400",
        block_background_fill="transparent",
        block_background_fill_dark="transparent",
        block_border_width="0px",
        block_border_width_dark="0px",
        block_padding="0px",
        block_title_text_color="*neutral_700",
        block_title_text_color_dark="*neutral_300",
        block_title_text_weight="700",
        block_title_text_size="*text_lg",
        input_background_fill="white",
        input_background_fill_dark="*neutral_900",
        input_border_color="*neutral_300",
        input_border_color_dark="*neutral_700",
        input_border_color_focus="*primary_700",
        input_border_color_focus_dark="*primary_400",
        input_border_width="1px",
        input_placeholder_color="*neutral_500",
        input_placeholder_color_dark="*neutral_400",
        input_text_size="*text_lg",
        button_primary_background_fill="*primary_700",
        button_primary_background_fill_hover="*primary_800",
        button_primary_background_fill_dark="*primary_300",
        button_primary_background_fill_hover_dark="*primary_200",
        button_primary_text_color="white",
        button_primary_text_color_dark="*neutral_950",
    )
    # Gradio scopes style sheets to the page proper; its footer keeps a lone dot on a phone.
    head = "<style>footer .divider { visibility: hidden }</style>"
    return {"theme": theme, "css_paths": page.STYLE, "favicon_path": page.ICON, "head": head}


def _keep(message: str) -> Any:
    """Say why there is no answer, in a notice; what stands on the page stays."""
    gr.Warning(html.escape(message))
    return gr.skip()


def main(
    model: Annotated[
        str | None,
        typer.Option(envvar="SPANLOOP_MODEL", help="Folder or Hub id; the bundled model if none."),
    ] = None,
    backend: Annotated[
        str, typer.Option(envvar="SPANLOOP_BACKEND", help="auto, onnx, onnx-fp32 or torch.")
    ] = "auto",
    host: Annotated[
        str, typer.Option(envvar="SPANLOOP_HOST", help="Address to listen on.")
    ] = "127.0.0.1",
    port: Annotated[
        int | None,
        typer.Option(envvar="SPANLOOP_PORT", help="Port; the first free one from 7860 if none."),
    ] = None,
    browser: Annotated[bool, typer.Option(help="Open the page in a browser.")] = True,
) -> None:
    """Open SpanLoop's page on this machine."""
    try:
        blocks = build(Reader.load(model, backend=backend))
        _, url, _ = blocks.launch(
            server_name=host,
            server_port=port,
            inbrowser=browser,
            run_history=False,
            footer_links=["api", "settings"],
            quiet=True,
            prevent_thread_lock=True,
            **look(),
        )
        typer.echo(f"SpanLoop is ready at {url} (Ctrl+C ends it)")
        blocks.block_thread()
    except (SpanLoopError, OSError) as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(1) from error


if __name__ == "__main__":
    typer.run(main)
