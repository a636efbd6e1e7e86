"""SpanLoop's page: paste a text, ask it something, see the answer marked where it stands.

python app.py [--model FOLDER_OR_HUB_ID] [--port 7860] [--no-browser]
"""

import os
from pathlib import Path
from typing import Annotated

import gradio as gr
import typer

from annotation.loop.intake import Intake, open_intake
from annotation.review.policy import Policy
from page import api as programs
from page.access import Access, is_loopback
from page.html import result as render
from page.look import look
from page.tabs import ask, feedback, review, training
from page.tabs import batch as many
from page.tabs import model as model_tab
from qa_core.errors import SpanLoopError
from qa_core.inference.live import LiveReader
from qa_core.inference.reader import Reader
from qa_core.inference.serving import SharedReader
from qa_core.models.folder import BUNDLED_MODEL, resolve_model
from qa_core.models.versions import Versions
from qa_core.text.documents import MAX_BYTES

AT_ONCE = 64  # visitors of one kind that are served at the same time; the next see their number
KEPT_SECONDS = (600, 3600)  # files to download: looked at every so often, kept so long
WAITING = 500  # visitors in the queue, at most


# Gradio sums up every call ever made after each call, for a page that SpanLoop does not show.
os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", str(10**9))
os.environ.setdefault("GRADIO_ANALYTICS_MAX_EVENTS", "100")


def build(
    reader: SharedReader,
    folder: Path = BUNDLED_MODEL,
    intake: Intake | None = None,
    access: Access | None = None,
) -> gr.Blocks:
    """The page around the reader of a model folder; launch it with `**look()`.

    intake: keeps answers for people, None to keep nothing. access: who may review; by default
    whoever logs in.
    """
    access = access or Access()
    with gr.Blocks(
        title="SpanLoop", analytics_enabled=False, fill_width=True, delete_cache=KEPT_SECONDS
    ) as blocks:
        token = gr.BrowserState("", storage_key="spanloop-login")
        gr.HTML(render.header(), elem_id="sl-header")
        with gr.Tabs():
            with gr.Tab("Ask", id="ask"):
                asking = ask.build(reader, blocks, intake)
                with asking.under:
                    feedback.build(intake, access, token, asking)
            with gr.Tab("Many at once", id="many"):
                many.build(reader)
            with gr.Tab("How good is it", id="model"):
                model_tab.build(reader, folder, blocks)
            if intake is not None:
                with gr.Tab("Review", id="review") as tab:
                    review.build(intake, access, token, tab)
                    training.build(
                        intake,
                        reader,
                        lambda request, token: access.who(request, token) is not None,
                        token,
                        tab,
                    )
        gr.HTML(render.footer(keeps=intake is not None), elem_id="sl-footer")
        programs.build(reader, model_tab.measured(folder)[0], intake)
    return blocks.queue(max_size=WAITING, default_concurrency_limit=AT_ONCE)


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
        str,
        typer.Option(envvar=["SPANLOOP_HOST", "GRADIO_SERVER_NAME"], help="Address to listen on."),
    ] = "127.0.0.1",
    port: Annotated[
        int | None,
        typer.Option(
            envvar=["SPANLOOP_PORT", "GRADIO_SERVER_PORT"],
            help="Port; the first free one from 7860 if none.",
        ),
    ] = None,
    browser: Annotated[bool, typer.Option(help="Open the page in a browser.")] = True,
    keep: Annotated[
        bool, typer.Option(envvar="SPANLOOP_KEEP", help="Keep doubtful answers for review.")
    ] = True,
    review_threshold: Annotated[
        float,
        typer.Option(envvar="SPANLOOP_REVIEW_THRESHOLD", help="Less confident is doubtful."),
    ] = 0.6,
    random_share: Annotated[
        float, typer.Option(envvar="SPANLOOP_RANDOM_SHARE", help="Share of the others to keep.")
    ] = 0.02,
    daily_budget: Annotated[
        int, typer.Option(envvar="SPANLOOP_DAILY_BUDGET", help="Kept in a day, at most.")
    ] = 200,
) -> None:
    """Open SpanLoop's page on this machine."""
    try:
        if model is None:
            versions = Versions()
            folder = versions.path(versions.serving())
            live = LiveReader(versions, backend=backend)
            live.watch()
            reader: Reader = live
        else:
            folder = resolve_model(model)
            reader = Reader.load(model, backend=backend)
        policy = Policy(review_threshold, random_share, daily_budget)
        blocks = build(
            SharedReader(reader),
            folder,
            open_intake(policy) if keep else None,
            Access(local=is_loopback(host)),
        )
        _, url, _ = blocks.launch(
            server_name=host,
            server_port=port,
            inbrowser=browser,
            run_history=False,
            max_file_size=MAX_BYTES,
            mcp_server=True,
            ssr_mode=False,  # Spaces ask for it; the page is made for the browser
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
