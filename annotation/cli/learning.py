"""The verbs of learning from reviews: `spanloop retrain`, `versions` and so on."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from annotation.cli.options import (
    PROGRAM,
    RegressionOption,
    ReplayBufferOption,
    StoreOption,
    UnseenOption,
    decided,
)
from annotation.cli.progress import progress
from annotation.learning.settings import Gate, Settings
from qa_core.cli.flags import with_flags
from qa_core.cli.options import JsonOption
from qa_core.errors import SpanLoopError

if TYPE_CHECKING:
    from annotation.learning.gate import Paired
    from annotation.learning.material import Material
    from annotation.store.store import Store
    from qa_core.data.examples import Example
    from qa_core.models.versions import Versions

app = typer.Typer()


@app.command(
    epilog=f"Example: {PROGRAM} retrain --replay train-v2.0.json.gz  |  "
    f"{PROGRAM} retrain --watch 50 --listen 127.0.0.1:8000"
)
@with_flags(learning=Settings, gate=Gate)
def retrain(
    learning: dict[str, Any],
    gate: dict[str, Any],
    reviews: Annotated[
        str | None, typer.Option(help="SQuAD file or Hub id of reviews; else the store's.")
    ] = None,
    replay: Annotated[
        str | None,
        typer.Option(
            envvar="SPANLOOP_REPLAY",
            help="File or Hub id of what not to forget; else the model's own answers.",
        ),
    ] = None,
    evaluate: Annotated[
        list[str] | None, typer.Option(help="Judge by this data, too; repeatable.")
    ] = None,
    regression: RegressionOption = None,
    replay_buffer: ReplayBufferOption = None,
    unseen: UnseenOption = None,
    watch: Annotated[
        int | None, typer.Option(min=1, help="Stay, and re-train after as many new reviews.")
    ] = None,
    listen: Annotated[
        str, typer.Option(help="HOST:PORT for Argilla's webhook; pull when it calls, with --watch.")
    ] = "",
    webhook_url: Annotated[
        str, typer.Option(help="How Argilla reaches --listen, if not by http://HOST:PORT.")
    ] = "",
    cpu: Annotated[bool, typer.Option("--cpu", help="Stay on the CPU.")] = False,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Learn from reviews; the new model serves only if it is better."""
    if watch is not None:
        if reviews is not None:
            raise typer.BadParameter("--watch needs the store's reviews: leave out --reviews")
        with suppress(KeyboardInterrupt):
            stay(store, watch, listen, webhook_url)
        return
    from annotation.learning import retrain as retraining
    from annotation.store.store import Store
    from qa_core.models.versions import Versions

    settings = Settings(**learning, gate=Gate(**gate))
    versions, opened = Versions(), Store(store)
    result = retraining.retrain(
        material(opened, reviews, replay, evaluate or [], regression, replay_buffer, unseen),
        versions,
        settings,
        command=f"{PROGRAM} {shlex.join(sys.argv[1:])}",
        cpu=cpu,
        tell=lambda what: typer.echo(f"{what} ...", err=True),
    )
    if as_json:
        said = {
            "version": result.version,
            "model": result.model,
            "parent": result.parent,
            "promoted": result.promoted,
            "objections": list(result.objections),
            "figures": retraining.plain(result.figures),
        }
        typer.echo(json.dumps(said, ensure_ascii=False))
    else:
        typer.echo(table(result.figures))
        if result.promoted:
            typer.echo(f"{result.version} serves now; `{PROGRAM} rollback` undoes it")
        for objection in result.objections:
            typer.echo(f"{result.version} stays a candidate: {objection}")
    if result.promoted:
        spread(versions, opened)


def material(
    store: Store,
    reviews: str | None,
    replay: str | None,
    evaluate: list[str],
    regression: Path | None,
    replay_buffer: str | None,
    unseen: str | None,
) -> Material:
    """What the options name, read and checked."""
    from annotation.learning.material import REGRESSION, REPLAY_BUFFER, Material
    from qa_core.calibration.fit import UNSEEN
    from qa_core.data import squad

    def read(source: str | Path) -> list[Example]:
        return squad.read(source)[0]

    learned = decided(store) if reviews is None else read(reviews)
    return Material(
        reviews=learned,
        regression=read(regression or REGRESSION),
        replay_buffer=read(replay_buffer or REPLAY_BUFFER),
        replay=read(replay) if replay else (),
        met=[(one.question, one.context) for one in (store.predictions() or learned)],
        unseen=read(unseen or UNSEEN),
        evaluate={source: read(source) for source in evaluate},
        about={
            "source": reviews or str(store),
            "replay_source": replay,
            "last_review": 0 if reviews else store.newest_review(),
        },
    )


def stay(store: Path | None, wanted: int, listen: str, webhook_url: str) -> None:
    """Re-train, each time in a process of its own, until Ctrl+C."""
    import threading

    from annotation.learning.watching import POLL_SECONDS, PULL_SECONDS, watch
    from annotation.store.store import Store
    from qa_core import child
    from qa_core.models.versions import Versions

    opened, versions = Store(store), Versions()
    arguments = [*sys.argv[1:]]
    at = next(i for i, one in enumerate(arguments) if one.split("=")[0] == "--watch")
    del arguments[at : at + (1 if "=" in arguments[at] else 2)]

    def train() -> None:
        child.follow("annotation", *arguments)

    never = threading.Event()
    typer.echo(f"waiting for {wanted} new reviews (Ctrl+C ends it)", err=True)
    if not listen:
        watch(opened, versions, wanted, train, lambda: void(never.wait(POLL_SECONDS)))
        return
    host, _, port = listen.rpartition(":")
    if not host or not port.isdecimal():
        raise typer.BadParameter(f"--listen: expected HOST:PORT, found {listen!r}")
    from annotation.argilla.client import connect
    from annotation.argilla.sync import pull
    from annotation.argilla.webhook import listening

    connection = connect()
    with listening(connection, host, int(port), webhook_url) as arrived:
        arrived.set()  # what was answered while nobody listened

        def wait() -> None:
            arrived.wait(PULL_SECONDS)
            arrived.clear()
            try:
                pull(opened, connection)
            except SpanLoopError as error:  # Argilla is away: the next event or pull goes on
                typer.echo(f"note: {error}", err=True)

        watch(opened, versions, wanted, train, wait)


def void(_: object) -> None:
    """Nothing."""


def spread(versions: Versions, store: Store) -> None:
    """Answer anew what waits for reviewers, here and at Argilla, and say so."""
    from annotation.argilla.suggestions import push_again, refresh
    from qa_core.serving.live import load

    with progress("answering anew", "prediction") as advance:
        refreshed = refresh(store, load(versions), advance)
    if refreshed:
        typer.echo(f"{refreshed} waiting predictions answered anew", err=True)
    try:
        report = push_again(store)
    except SpanLoopError as error:
        typer.echo(f"note: Argilla has the older suggestions still: {error}", err=True)
    else:
        if report is not None:
            typer.echo(f"{report.sent} suggestions brought to Argilla", err=True)


@app.command(epilog=f"Example: {PROGRAM} versions --json")
def versions(as_json: JsonOption = False) -> None:
    """List the model versions, with what each gained and why it serves or does not."""
    from qa_core.models.versions import Versions

    found = Versions().all()
    if as_json:
        listed = [
            {"name": v.name, "folder": str(v.folder), "state": v.state, "record": dict(v.record)}
            for v in found
        ]
        typer.echo(json.dumps(listed, ensure_ascii=False))
        return
    for version in found:
        record = version.record
        typer.echo(f"{version.name}  {version.state}" + in_brief(record))
        for objection in record.get("objections", ()) if version.state == "candidate" else ():
            typer.echo(f"    {objection}")


@app.command(epilog=f"Example: {PROGRAM} verifier --json")
def verifier(
    body: Annotated[
        str, typer.Option(help="Sentence-transformer to begin with: a folder or a Hub id.")
    ] = "all-MiniLM-L6-v2",
    threshold: Annotated[
        float,
        typer.Option(
            envvar="SPANLOOP_REVIEW_THRESHOLD", min=0, max=1, help="Less likely needs review."
        ),
    ] = 0.6,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Learn from the reviews which answers reviewers accept, and sort what waits by it.

    The least likely accepted come first; doubtful answers that reviewers will likely accept need
    no review; both also hold of what comes later. It is used only where cross-validation on the
    reviews finds it better than confidence alone.
    """
    from dataclasses import asdict

    from annotation.store.store import Store
    from annotation.verifier.estimates import estimate_new
    from annotation.verifier.model import FOLDER, TRIAL, cases, discard, learn
    from qa_core.home import home

    opened, folder = Store(store), home() / FOLDER
    found, trial = learn(cases(opened), body=body)
    found.threshold = threshold
    if trial.used:
        found.save(folder)
    else:
        discard(folder)
    trial.save(home() / TRIAL)
    opened.estimate({})
    waiting = opened.counts().waiting
    ordered = estimate_new(opened, found) if trial.used else 0
    settled = waiting - opened.counts().waiting
    if as_json:
        typer.echo(json.dumps(asdict(trial) | {"ordered": ordered, "settled": settled}))
        return
    typer.echo(f"{trial.cases} reviewed answers, {trial.accepted} accepted; cross-validated:")
    for name in trial.auroc:
        typer.echo(f"  {name:10}  AUROC {trial.auroc[name]:.3f}  AURC {trial.aurc[name]:.3f}")
    said = f"used: {ordered} waiting predictions are ordered by it, {settled} need no review"
    typer.echo(said if trial.used else "not used: confidence alone tells them apart as well")


def in_brief(record: Mapping[str, Any]) -> str:
    """A version's origin and gains, as the end of a line."""
    if "figures" not in record:
        return ""
    gains = ", ".join(
        f"{name} {scores['f1']['gain']:+.1f} F1" for name, scores in record["figures"].items()
    )
    learned = record["data"]["learned"]
    return f"  from {record['parent']} and {learned} reviews, {record['at'][:10]}: {gains}"


@app.command(epilog=f"Example: {PROGRAM} promote v3")
def promote(
    name: Annotated[str, typer.Argument(help="A version, as `versions` lists them.")],
    store: StoreOption = None,
) -> None:
    """Let a version serve; running pages take it at once."""
    switch(lambda versions: versions.promote(name), store)


@app.command(epilog=f"Example: {PROGRAM} rollback")
def rollback(store: StoreOption = None) -> None:
    """Let the version serve that served before."""
    switch(lambda versions: void(versions.rollback()), store)


def switch(change: Callable[[Versions], None], store: Path | None) -> None:
    """Change which version serves, and bring suggestions up to date."""
    from annotation.store.store import Store
    from qa_core.models.versions import Versions

    versions = Versions()
    change(versions)
    typer.echo(f"{versions.serving()} serves now")
    spread(versions, Store(store))


def table(figures: Mapping[str, Mapping[str, Paired]]) -> str:
    """Current beside candidate on each set, as plain text."""
    from io import StringIO

    from rich import box
    from rich.console import Console
    from rich.table import Table

    grid = Table(box=box.SIMPLE_HEAD)
    for column in ("", "questions", "score", "current", "candidate", "gain", "95 % interval"):
        grid.add_column(column, justify="right" if column else "left", no_wrap=bool(column))
    for name, scores in figures.items():
        for label, score in (("F1", "f1"), ("exact", "exact")):
            paired = scores[score]
            grid.add_row(
                name if score == "f1" else "",
                f"{paired.questions}" if score == "f1" else "",
                label,
                f"{paired.current:.1f}",
                f"{paired.candidate:.1f}",
                f"{paired.gain:+.1f}",
                f"{paired.low:+.1f} to {paired.high:+.1f}",
            )
    console = Console(file=StringIO(), width=100, color_system=None)
    console.print(grid)
    return console.file.getvalue().rstrip()  # type: ignore[attr-defined]
