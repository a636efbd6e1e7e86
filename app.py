"""SpanLoop's page: paste a text, ask it something, see the answer marked where it stands.

python app.py [--model FOLDER_OR_HUB_ID] [--port 7860] [--no-browser]
"""

from typing import Annotated

import gradio as gr
import typer

from annotation.live import LiveReader
from page import ask, programs, render
from page.look import look
from qa_core.errors import SpanLoopError
from qa_core.reader import Reader


def build(reader: Reader) -> gr.Blocks:
    """The page around a reader; launch it with `**look()`."""
    with gr.Blocks(title="SpanLoop", analytics_enabled=False, fill_width=True) as blocks:
        gr.HTML(render.header(), elem_id="sl-header")
        ask.build(reader)
        gr.HTML(render.footer(), elem_id="sl-footer")
        programs.build(reader)
    return blocks


def main(
    model: Annotated[
        str | None,
        typer.Option(
            envvar="SPANLOOP_MODEL", help="Folder or Hub id; else the version that serves."
        ),
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
        reader = Reader.load(model, backend=backend) if model else LiveReader(backend=backend)
        blocks = build(reader)
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
