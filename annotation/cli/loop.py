"""Verbs of the review loop: to Argilla and back."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from tqdm import tqdm

from annotation.cli.options import PROGRAM, StoreOption
from annotation.cli.progress import progress
from annotation.cli.status import aside_line
from qa_core.cli.options import (
    DailyBudgetOption,
    JsonOption,
    RandomShareOption,
    ReviewThresholdOption,
)

if TYPE_CHECKING:
    from annotation.argilla.sync import PullReport, PushReport
    from annotation.store.store import Store
    from qa_core.errors import SpanLoopError

app = typer.Typer()


DatasetOption = Annotated[
    str, typer.Option("--dataset", help="Its name at Argilla, by default as the settings say.")
]
WorkspaceOption = Annotated[
    str, typer.Option("--workspace", help="The workspace it is in, by default as the settings say.")
]
PatienceOption = Annotated[
    float, typer.Option(min=0, help="Seconds to try again while Argilla does not answer.")
]


@app.command(
    epilog=f"Example: {PROGRAM} capture answers.jsonl --input questions.jsonl --daily-budget 500"
)
def capture(
    files: Annotated[
        list[str],
        typer.Argument(help="Answers of `predict`: .jsonl or .parquet files, or folders of Ray."),
    ],
    source: Annotated[
        str, typer.Option("--input", help="What `predict` was asked, as it was named then.")
    ],
    review_threshold: ReviewThresholdOption = None,
    random_share: RandomShareOption = None,
    daily_budget: DailyBudgetOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Keep uncertain answers of `predict` for review, as the page keeps its own.

    Run again, it keeps none twice: after an interruption the rest, and the next day as many more as
    the day's budget has room for.
    """
    from annotation.loop.capture import capture, read_predictions
    from annotation.review.policy import Policy
    from annotation.store.store import Store
    from qa_core import settings
    from qa_core.bulk.places import files_of

    now = settings.read(
        review_threshold=review_threshold, random_share=random_share, daily_budget=daily_budget
    )
    policy = Policy(now.review_threshold, now.random_share, now.daily_budget)
    answers = [found for file in files for found in files_of(file)]
    predictions = read_predictions(answers, files_of(source))
    bar = tqdm(predictions, desc="capturing", unit=" rows", delay=1, disable=None)
    found = capture(Store(store), policy, bar)
    if as_json:
        typer.echo(json.dumps(asdict(found)))
        return
    more = (
        f"; for {found.beyond:,} more, the day's budget of {policy.daily_budget:,} has no room: "
        "run it again tomorrow, or raise --daily-budget"
    )
    typer.echo(
        f"{found.kept:,} of {found.read:,} answers are kept for review ({found.doubtful:,} "
        f"doubtful, {found.random:,} random){more if found.beyond else ''}"
    )


@app.command(epilog=f"Example: {PROGRAM} push --min-submitted 2")
def push(
    dataset: DatasetOption = "",
    workspace: WorkspaceOption = "",
    min_submitted: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="How many people answer each question; by default as it is at Argilla, and in a "
            "new data set as the settings say.",
        ),
    ] = None,
    vectors: Annotated[bool, typer.Option(help='Send vectors for "find similar".')] = True,
    patience: PatienceOption = 60.0,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send what waits for a reviewer to Argilla; pushing again changes nothing."""
    from annotation.argilla.client import Target, connect
    from annotation.argilla.embedding import embed
    from annotation.argilla.sync import push
    from annotation.store.store import Store
    from annotation.verifier.estimates import refresh_estimates

    target = Target(
        workspace=workspace, dataset=dataset, min_submitted=min_submitted, patience=patience
    )
    connection, opened = connect(target), Store(store)
    refresh_estimates(opened)
    with progress("pushing", "record") as advance:
        report = push(opened, connection, embed=embed if vectors else None, advance=advance)
    if as_json:
        typer.echo(json.dumps({"url": connection.url, **asdict(report)}, ensure_ascii=False))
    else:
        typer.echo(
            f"{report.sent} records sent to {connection.url}, {report.unchanged} were there, "
            f"{report.reviewed} left as reviewers answered them"
            + (f", {report.again} put before reviewers again" if report.again else "")
        )
        if report.guidelines:
            typer.echo("the guidelines there were of an older version: brought up to date")
        tell_reopened(report)
        if report.notice:
            typer.echo(report.notice)
        list_aside(opened, report.set_aside)


def seconds(text: str) -> float:
    """A time like 30s, 5m, 2h or 90 (seconds). Raises BadParameter."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", text.strip())
    if not found or not float(found[1]):
        raise typer.BadParameter(f"expected a time like 30s, 5m or 2h, found {text!r}")
    return float(found[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[found[2]]


@app.command(epilog=f"Example: {PROGRAM} pull --json  |  {PROGRAM} pull --every 5m")
def pull(
    dataset: DatasetOption = "",
    workspace: WorkspaceOption = "",
    patience: PatienceOption = 60.0,
    every: Annotated[
        float | None,
        typer.Option(
            parser=seconds,
            metavar="TIME",
            help="Stay, and pull again after 30s, 5m or 2h, say, until Ctrl+C or SIGTERM. Says "
            "only what has changed, and waits longer each time while Argilla is away.",
        ),
    ] = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take in what Argilla's reviewers have said, changed or withdrawn since the last pull."""
    from annotation.argilla.client import Target, connect
    from annotation.argilla.sync import pull
    from annotation.loop.polling import repeat
    from annotation.store.store import Store

    target, opened = Target(workspace=workspace, dataset=dataset, patience=patience), Store(store)

    def once() -> None:
        connection = connect(target)
        with progress("pulling", "record") as advance:
            report = pull(opened, connection, advance=advance)
        if every is None or report.changed:
            tell_pulled(opened, report, connection.url, as_json)

    def failed(error: SpanLoopError, pause: float) -> None:
        typer.echo(f"note: {error}; trying again in {pause:.0f} s", err=True)

    if every is None:
        once()
        return
    typer.echo(f"pulling every {every:g} s (Ctrl+C ends it)", err=True)
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with suppress(KeyboardInterrupt):
            repeat(once, every, failed)
    finally:
        signal.signal(signal.SIGTERM, before)


def tell_pulled(store: Store, report: PullReport, url: str, as_json: bool) -> None:
    """Print what a pull did."""
    if as_json:
        typer.echo(json.dumps({"url": url, **asdict(report)}, ensure_ascii=False))
        return
    typer.echo(
        f"{report.taken} responses taken in, {report.withdrawn} withdrawn, "
        f"{report.unchanged} unchanged"
        + (f", {report.discarded} discarded" if report.discarded else "")
        + (f", {report.drafts} drafts" if report.drafts else "")
    )
    if report.kept:
        typer.echo(
            f"{report.kept} reviews stay, though their authors' accounts at Argilla are gone"
        )
    tell_reopened(report)
    list_aside(store, report.set_aside)


def tell_reopened(report: PushReport | PullReport) -> None:
    """Say what it changed that other than before are asked."""
    number = report.reopened
    what = "decided by that" if number < 0 else "decided before and waiting for others now"
    if number:
        asked = f"the number who must answer each question is {report.min_submitted} now"
        typer.echo(f"{asked}; questions {what}: {abs(number)}")


def list_aside(store: Store, set_aside: Mapping[str, str]) -> None:
    """Say what could not be used, of which question and by whom, why, and where to mend it."""
    known = {one.id: one for one in store.asides(decided=True)}
    for id_, problem in set_aside.items():
        told = aside_line(known[id_]) if id_ in known else f"{id_}: {problem}"
        typer.echo(f"set aside {told}", err=True)
