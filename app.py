"""SpanLoop's page: paste a text, ask it something, see the answer marked where it stands.

python app.py [--model FOLDER_OR_HUB_ID] [--port 7860] [--no-browser]
"""

from typing import Annotated

import gradio as gr
import typer

from annotation.intake import Intake, open_intake
from annotation.policy import Policy
from page import ask, programs, render, review
from page.access import Access, is_loopback
from page.look import look
from qa_core.errors import SpanLoopError
from qa_core.reader import Reader


def build(reader: Reader, intake: Intake | None = None, access: Access | None = None) -> gr.Blocks:
    """The page around a reader; launch it with `**look()`.

    intake: keeps answers for people, None to keep nothing. access: who may review; by default
    whoever logs in.
    """
    access = access or Access()
    with gr.Blocks(title="SpanLoop", analytics_enabled=False, fill_width=True) as blocks:
        token = gr.BrowserState("", storage_key="spanloop-login")
        gr.HTML(render.header(), elem_id="sl-header")
        with gr.Tabs():
            with gr.Tab("Ask"):
                ask.build(reader, intake, access, token)
            if intake is not None:
                with gr.Tab("Review") as tab:
                    review.build(intake, access, token, tab)
        gr.HTML(render.footer(keeps=intake is not None), elem_id="sl-footer")
        programs.build(reader, intake)
    return blocks


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
        policy = Policy(review_threshold, random_share, daily_budget)
        blocks = build(
            Reader.load(model, backend=backend),
            open_intake(policy) if keep else None,
            Access(local=is_loopback(host)),
        )
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
