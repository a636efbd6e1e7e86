"""SpanLoop's page: paste a text, ask it something, see the answer marked where it stands.

python app.py [--model FOLDER_OR_HUB_ID] [--port 7860] [--no-browser]
"""

import os
from pathlib import Path
from typing import Annotated

import gradio as gr
import typer

from page import ask, many, programs, render
from page import model as model_tab
from page.look import look
from qa_core.documents import MAX_BYTES
from qa_core.errors import SpanLoopError
from qa_core.models import resolve_model
from qa_core.reader import BUNDLED_MODEL
from qa_core.serving import SharedReader

AT_ONCE = 64  # visitors of one kind that are served at the same time; the next see their number
KEPT_SECONDS = (600, 3600)  # files to download: looked at every so often, kept so long
WAITING = 500  # visitors in the queue, at most


# Gradio sums up every call ever made after each call, for a page that SpanLoop does not show.
os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", str(10**9))
os.environ.setdefault("GRADIO_ANALYTICS_MAX_EVENTS", "100")


def build(reader: SharedReader, folder: Path = BUNDLED_MODEL) -> gr.Blocks:
    """The page around the reader of a model folder; launch it with `**look()`."""
    with gr.Blocks(
        title="SpanLoop", analytics_enabled=False, fill_width=True, delete_cache=KEPT_SECONDS
    ) as blocks:
        gr.HTML(render.header(), elem_id="sl-header")
        with gr.Tabs():
            with gr.Tab("Ask", id="ask"):
                ask.build(reader, blocks)
            with gr.Tab("Many at once", id="many"):
                many.build(reader)
            with gr.Tab("How good is it", id="model"):
                model_tab.build(reader, folder)
        gr.HTML(render.footer(), elem_id="sl-footer")
        programs.build(reader, model_tab.measured(folder)[0])
    return blocks.queue(max_size=WAITING, default_concurrency_limit=AT_ONCE)


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
        folder = resolve_model(BUNDLED_MODEL if model is None else model)
        blocks = build(SharedReader.load(model, backend=backend), folder)
        _, url, _ = blocks.launch(
            server_name=host,
            server_port=port,
            inbrowser=browser,
            run_history=False,
            max_file_size=MAX_BYTES,
            mcp_server=True,
            max_threads=2 * AT_ONCE,
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
