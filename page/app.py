"""The page, put together: paste a text, ask it something, see the answer marked in it."""

import os
import tempfile
from pathlib import Path
from typing import Annotated, Any

import gradio as gr
import typer
from fastapi.exceptions import RequestValidationError
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware

from annotation.loop.intake import Intake, open_intake
from annotation.review.policy import Policy
from page import api as programs
from page import messages
from page.access import Access, is_loopback
from page.door.files import LIFETIME
from page.door.front import Front
from page.door.guard import Guard, Page, misfit
from page.door.mcp import structure
from page.door.patience import install as have_patience
from page.html import result as render
from page.look import look
from page.tabs import ask, feedback, review, training
from page.tabs import batch as many
from page.tabs import model as model_tab
from qa_core import settings
from qa_core.cli.options import DailyBudgetOption, RandomShareOption, ReviewThresholdOption
from qa_core.errors import SpanLoopError
from qa_core.inference.answer import Serves
from qa_core.inference.reader import Reader
from qa_core.models.folder import bundled_model
from qa_core.models.versions import Versions, folder_of
from qa_core.serving.live import LiveReader
from qa_core.serving.shared import SharedReader
from qa_core.text.documents import MAX_BYTES

AT_ONCE = 64  # visitors of one kind that are served at the same time; the next see their number
KEPT_SECONDS = (600, LIFETIME)  # files to download: looked at every so often, kept so long
WAITING = 500  # visitors in the queue, at most
# Once the page is restored: before that, the address says what to open.
# Back returns to the tab before.
AT_TAB = """() => {
  const tab = '#%s';
  if (window.spanloop && (location.hash || '#ask') !== tab) history.pushState(null, '', tab);
  return [];
}"""
VISITS = 500  # whose texts and answers are remembered, at most; the one longest silent is forgotten


# Gradio sums up every call ever made after each call, for a page that SpanLoop does not show.
os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", str(10**9))
os.environ.setdefault("GRADIO_ANALYTICS_MAX_EVENTS", "100")


def build(
    reader: SharedReader,
    folder: Path | None = None,
    intake: Intake | None = None,
    access: Access | None = None,
) -> gr.Blocks:
    """The page around the reader of a model folder, by default the bundled one's.

    Launch it with `**look()`.

    intake: keeps answers for people, None to keep nothing. access: who may review; by default
    whoever logs in.
    """
    access = access or Access()
    folder = folder or bundled_model()
    policy = intake.policy if intake else Policy()
    with Page(
        title=messages.NAME, analytics_enabled=False, fill_width=True, delete_cache=KEPT_SECONDS
    ) as blocks:
        token = gr.BrowserState("", storage_key="spanloop-login")
        gr.HTML(render.header(), elem_id="sl-header")
        with gr.Tabs():
            with _tab("ask"):
                judged, under = ask.build(reader, blocks, intake)
                with under:
                    feedback.build(intake, access, token, judged)
            with _tab("batch"):
                feedback.build(intake, access, token, many.build(reader, intake), "sl-many")
            with _tab("accuracy"):
                model_tab.build(reader, folder, blocks, policy.threshold)
            if intake is not None:
                with _tab("review") as tab:
                    review.build(intake, access, token, tab)
                    training.build(
                        intake,
                        reader,
                        lambda request, token: access.who(request, token) is not None,
                        token,
                        tab,
                    )
        gr.HTML(render.footer(keeps=intake is not None), elem_id="sl-footer")
        programs.build(reader, next(iter(model_tab.measured(folder)[0]), None), intake)
    return blocks.queue(max_size=WAITING, default_concurrency_limit=AT_ONCE)


def _tab(name: str) -> gr.Tab:
    """A tab whose address ends in its name."""
    tab = gr.Tab(messages.TABS[name], id=name, elem_id=f"sl-tab-{name}")
    tab.select(None, None, None, js=AT_TAB % name, queue=False, api_visibility="private")
    return tab


def main(
    model: Annotated[
        str | None, typer.Option(help="Folder or Hub id; else the version that serves.")
    ] = None,
    backend: Annotated[
        str | None, typer.Option(help="auto, onnx, onnx-fp32 or torch.", show_default="auto")
    ] = None,
    host: Annotated[
        str | None, typer.Option(help="Address to listen on.", show_default="127.0.0.1")
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="Port.", show_default="the first free one from 7860")
    ] = None,
    browser: Annotated[bool, typer.Option(help="Open the page in a browser.")] = True,
    keep: Annotated[
        bool | None, typer.Option("--keep/--no-keep", help="Keep uncertain answers for review.")
    ] = None,
    review_threshold: ReviewThresholdOption = None,
    random_share: RandomShareOption = None,
    daily_budget: DailyBudgetOption = None,
    answerable_share: Annotated[
        float | None,
        typer.Option(min=0.01, max=0.99, help="Share of questions to expect an answer for."),
    ] = None,
) -> None:
    """Open SpanLoop's page on this machine."""
    # What visitors bring and take lies where only this user can look.
    uploads = tempfile.TemporaryDirectory(prefix="spanloop-")
    os.environ.setdefault("GRADIO_TEMP_DIR", uploads.name)
    try:
        now = settings.read(
            model=model,
            backend=backend,
            host=host,
            port=port,
            keep=keep,
            review_threshold=review_threshold,
            random_share=random_share,
            daily_budget=daily_budget,
        )
        options: dict[str, Any] = {"backend": now.backend, "answerable_share": answerable_share}
        if now.model is None:
            versions = Versions()
            folder = versions.path(versions.serving())
            live = LiveReader(versions, **options)
            live.watch()
            reader: Serves = live
        else:
            folder = folder_of(now.model)
            reader = Reader.load(now.model, **options)
        policy = Policy(now.review_threshold, now.random_share, now.daily_budget)
        shared, intake = SharedReader(reader), open_intake(policy) if now.keep else None
        blocks = build(shared, folder, intake, Access(local=is_loopback(now.host)))
        middleware = [
            Middleware(GZipMiddleware, compresslevel=6),  # streamed events go as they are
            Middleware(Guard, local=is_loopback(now.host), space=now.space_id is not None),
            Middleware(Front),
        ]
        if now.metrics:
            from page.door.metrics import Exposed, Metrics

            middleware.append(Middleware(Exposed, registry=Metrics(shared, intake).registry))
        have_patience()
        _, url, _ = blocks.launch(
            server_name=now.host,
            server_port=now.port,
            inbrowser=browser,
            run_history=False,
            max_file_size=MAX_BYTES,
            mcp_server=True,
            ssr_mode=False,  # Spaces ask for it; the page is made for the browser
            max_threads=2 * AT_ONCE,
            footer_links=["api", "settings"],
            quiet=True,
            prevent_thread_lock=True,
            state_session_capacity=VISITS,
            app_kwargs={
                "middleware": middleware,
                "exception_handlers": {RequestValidationError: misfit},
            },
            **look(),
        )
        if blocks.mcp_server_obj is not None:
            structure(blocks.mcp_server_obj.mcp_server)
        typer.echo(f"SpanLoop is ready at {url} (Ctrl+C ends it)")
        blocks.block_thread()
    except (SpanLoopError, OSError) as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from error
