"""The reviewers, from the command line: `spanloop reviewer VERB`."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Annotated

import typer

from annotation.cli.options import PROGRAM, StoreOption
from annotation.cli.progress import progress
from qa_core.cli.options import JsonOption

app = typer.Typer(no_args_is_help=True, help="Who may review, on the page and at Argilla.")
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


@app.command("add", epilog=f"Example: {PROGRAM} reviewer add ann")
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


@app.command("remove", epilog=f"Example: {PROGRAM} reviewer remove ann")
def remove_reviewer(name: str) -> None:
    """Let a reviewer in no more; the reviews stay."""
    from annotation.review.reviewers import Reviewers

    Reviewers().remove(name)
    typer.echo(f"{name} may no longer review")


@app.command("list", epilog=f"Example: {PROGRAM} reviewer list --json")
def list_reviewers(store: StoreOption = None, as_json: JsonOption = False) -> None:
    """List everybody who may review or has, where they do, and how many of their reviews count."""
    from annotation.loop.people import people
    from annotation.review.reviewers import Reviewers
    from annotation.store.store import Store

    found = people(Store(store), Reviewers())
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in found], ensure_ascii=False))
        return
    for one in found:
        places = ["page"] * one.page + ["Argilla"] * bool(one.argilla)
        where = "retired" if one.retired else ", ".join(places) or "no login"
        typer.echo(f"{one.name}  {where}  {one.reviews} reviews")


@app.command("rename", epilog=f"Example: {PROGRAM} reviewer rename ann.smith ann --yes")
def rename_reviewer(old: str, new: str, yes: YesOption = False, store: StoreOption = None) -> None:
    """Call a reviewer otherwise, or join a name at Argilla with one on the page, for good."""
    from annotation.loop.people import people, person
    from annotation.review.reviewers import Reviewers, check_name
    from annotation.store.store import Store

    opened, reviewers = Store(store), Reviewers()
    check_name(new)
    person(opened, reviewers, old)
    if not yes and new in {one.name for one in people(opened, reviewers)}:
        typer.confirm(f"Make {old} and {new} one reviewer for good?", abort=True)
    reviewers.rename(old, new)
    moved = opened.rename_reviewer(old, new)
    typer.echo(f"{old} is called {new} now, in {moved} reviews")


@app.command("retire", epilog=f"Example: {PROGRAM} reviewer retire ann")
def retire_reviewer(
    name: str,
    argilla: Annotated[
        bool, typer.Option(help="Also pull, and then delete the account at Argilla.")
    ] = True,
    yes: YesOption = False,
    store: StoreOption = None,
) -> None:
    """Let a reviewer in no more, on the page nor at Argilla; the reviews stay under the name."""
    from annotation.argilla.authors import close_accounts
    from annotation.argilla.client import connect, explained
    from annotation.argilla.sender import configured
    from annotation.argilla.sync import pull
    from annotation.loop.people import people, person
    from annotation.review.reviewers import Reviewers
    from annotation.store.store import Store

    opened, reviewers = Store(store), Reviewers()
    there = argilla and configured()
    if not there or name in {one.name for one in people(opened, reviewers)}:
        count = person(opened, reviewers, name).reviews
        reviewers.retire(name)
        typer.echo(f"{name} may no longer log in on the page; {count} reviews stay")
    if not there:
        return
    if not yes:
        typer.confirm(f"Pull, and delete the account of {name} at Argilla for good?", abort=True)
    connection = connect()
    with explained(connection.url), progress("pulling", "record") as advance:
        if connection.patiently(connection.dataset) is not None:
            pull(opened, connection, advance=advance)
    closed = close_accounts(opened, connection, name)
    if not closed:
        person(opened, reviewers, name)
    reviewers.retire(name)
    count = opened.reviewers().get(name, 0)
    typer.echo(f"{closed} accounts at {connection.url} deleted; {count} reviews stay")
