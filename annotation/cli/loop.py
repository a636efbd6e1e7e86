"""Verbs of the review loop: to Argilla and back, and who the reviewers are."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from annotation.cli.options import PROGRAM, StoreOption
from annotation.cli.progress import progress
from annotation.cli.status import aside_line
from qa_core.cli.options import JsonOption

if TYPE_CHECKING:
    from annotation.store.store import Store

app = typer.Typer()
reviewer = typer.Typer(no_args_is_help=True, help="Who may review in the page, with a password.")
app.add_typer(reviewer, name="reviewer")


DatasetOption = Annotated[
    str, typer.Option("--dataset", help="Its name at Argilla, by default as the settings say.")
]
WorkspaceOption = Annotated[
    str, typer.Option("--workspace", help="The workspace it is in, by default as the settings say.")
]
PatienceOption = Annotated[
    float, typer.Option(min=0, help="Seconds to try again while Argilla does not answer.")
]


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
        if report.notice:
            typer.echo(report.notice)
        list_aside(opened, report.set_aside)


@app.command(epilog=f"Example: {PROGRAM} pull --json")
def pull(
    dataset: DatasetOption = "",
    workspace: WorkspaceOption = "",
    patience: PatienceOption = 60.0,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take in what Argilla's reviewers have said, changed or withdrawn since the last pull."""
    from annotation.argilla.client import Target, connect
    from annotation.argilla.sync import pull
    from annotation.store.store import Store

    connection = connect(Target(workspace=workspace, dataset=dataset, patience=patience))
    opened = Store(store)
    with progress("pulling", "record") as advance:
        report = pull(opened, connection, advance=advance)
    if as_json:
        typer.echo(json.dumps({"url": connection.url, **asdict(report)}, ensure_ascii=False))
    else:
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
        list_aside(opened, report.set_aside)


def list_aside(store: Store, set_aside: Mapping[str, str]) -> None:
    """Say what could not be used, of which question and by whom, why, and where to mend it."""
    known = {one.id: one for one in store.asides(decided=True)}
    for id_, problem in set_aside.items():
        told = aside_line(known[id_]) if id_ in known else f"{id_}: {problem}"
        typer.echo(f"set aside {told}", err=True)


@reviewer.command("add", epilog=f"Example: {PROGRAM} reviewer add ann")
def add_reviewer(
    name: str,
    from_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
) -> None:
    """Add a reviewer, or change the password; only a hash of it is kept."""
    from annotation.review.reviewers import Reviewers

    asked = "Password (8 characters at least)"
    password = (
        sys.stdin.readline().rstrip("\r\n")
        if from_stdin
        else typer.prompt(asked, hide_input=True, confirmation_prompt=True)
    )
    reviewers = Reviewers()
    reviewers.add(name, password)
    typer.echo(f"{name} may review; hashes are in {reviewers.path}")


@reviewer.command("remove", epilog=f"Example: {PROGRAM} reviewer remove ann")
def remove_reviewer(name: str) -> None:
    """Let a reviewer in no more; the reviews stay."""
    from annotation.review.reviewers import Reviewers

    Reviewers().remove(name)
    typer.echo(f"{name} may no longer review")


@reviewer.command("list", epilog=f"Example: {PROGRAM} reviewer list")
def list_reviewers() -> None:
    """Print the names of the reviewers, one a line."""
    from annotation.review.reviewers import Reviewers

    for name in Reviewers().names():
        typer.echo(name)
