"""Verbs of the store itself: copies of it, what is saved of a damaged one, what is deleted."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from annotation.cli.options import PROGRAM, StoreOption
from qa_core.cli.options import JsonOption

app = typer.Typer()

SUFFIXES = (".sqlite3", ".sqlite", ".db")  # of what is meant as a file, though there is none


@app.command(epilog="Example: spanloop purge --older-than 90 --yes")
def purge(
    id_: Annotated[
        list[str] | None,
        typer.Option("--id", help="A prediction, as for `history`; may be given repeatedly."),
    ] = None,
    older_than: Annotated[
        int | None, typer.Option(min=0, help="Days; also delete what was kept before.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Delete predictions with their reviews, beyond recovery."""
    from annotation.store.store import Store

    if not id_ and older_than is None:
        raise typer.BadParameter("name an --id, or a number of days with --older-than")
    opened = Store(store)
    named = [opened.find(one) for one in id_ or ()]
    if not yes:
        for one in named:
            typer.echo(f"{one.id} {one.question}", err=True)
        typer.confirm("Delete these predictions and their reviews for good?", abort=True)
    before = None if older_than is None else datetime.now(UTC) - timedelta(days=older_than)
    deleted = opened.purge([one.id for one in named], before)
    typer.echo(json.dumps({"deleted": deleted}) if as_json else f"{deleted} predictions deleted")


@app.command(epilog=f"Example: {PROGRAM} backup --output reviews-copy.sqlite3")
def backup(
    output: Annotated[Path, typer.Option(help="A new file.")],
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Copy the store to a file, as it is at one moment; the page may go on meanwhile."""
    from annotation.copies.local import back_up

    count = back_up(_path(store), output)
    told = f"{count} predictions and their reviews copied to {output}"
    typer.echo(json.dumps({"predictions": count}) if as_json else told)


@app.command(epilog=f"Example: {PROGRAM} restore --from reviews-copy.sqlite3")
def restore(
    source: Annotated[
        str,
        typer.Option(
            "--from",
            envvar="SPANLOOP_HUB_DATASET",
            help="A file of `backup`, or a data set on the Hub.",
        ),
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bring the store back: from a file, in the place of what is there, or from the Hub.

    From its private data set on the Hub it gets what it lacks; what is here stays.
    """
    from annotation.copies.hub import HubBackup
    from annotation.copies.local import put_back
    from annotation.store.store import Store

    if Path(source).is_file() or Path(source).suffix in SUFFIXES:
        path = _path(store)
        if path.exists() and not yes:
            typer.confirm(f"Put {source} in the place of all that is in {path}?", abort=True)
        count, where = put_back(Path(source), path), str(path)
    else:
        opened = Store(store)
        HubBackup(opened, source)
        count, where = opened.counts().kept, str(opened)
    told = f"{count} predictions are now in {where}"
    typer.echo(json.dumps({"predictions": count}) if as_json else told)


@app.command(epilog=f"Example: {PROGRAM} salvage --output saved.sqlite3")
def salvage(
    output: Annotated[Path, typer.Option(help="A new file.")],
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Save what can be read of a damaged store to a new file; stop the page before."""
    from annotation.copies import local as copies

    saved = copies.salvage(_path(store), output)
    if as_json:
        typer.echo(json.dumps(asdict(saved)))
        return
    rows = saved.rows
    typer.echo(
        f"{rows['predictions']} predictions and {rows['reviews']} reviews saved to {output}, "
        f"{saved.lost} rows lost; to use it: {PROGRAM} restore --from {output}"
    )


@app.command(epilog=f"Example: {PROGRAM} move --to postgresql://spanloop@db.example.org/spanloop")
def move(
    to: Annotated[
        str | None,
        typer.Option(help="Address of an empty database; else SPANLOOP_DATABASE."),
    ] = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Copy the store from its file into PostgreSQL, whole or not at all; stop the page before."""
    from annotation.store.database import FILE
    from annotation.store.store import Store, StoreError
    from qa_core import settings
    from qa_core.home import home

    path, named = store or home() / FILE, settings.read().database
    if to is None and named is None:
        raise typer.BadParameter("name a database with --to, or in SPANLOOP_DATABASE")
    if not path.is_file():
        raise StoreError(f"expected a store in {path}, found no such file")
    target = Store(to)
    rows = target.take_over(Store(path))
    if as_json:
        typer.echo(json.dumps({"rows": rows}))
        return
    typer.echo(
        f"{rows['predictions']} predictions and {rows['reviews']} reviews are now in {target}; "
        f"start the pages with SPANLOOP_DATABASE, and put {path} away"
    )


def _path(store: Path | None) -> Path:
    """The store's file. Raises StoreError if it is none."""
    from annotation.store.database import FILE
    from annotation.store.store import StoreError
    from qa_core import settings
    from qa_core.home import home

    if store is None and settings.read().database:
        raise StoreError(
            "expected a store in a file, found SPANLOOP_DATABASE: copy it with pg_dump and bring "
            f"it back with pg_restore; `{PROGRAM} move` takes in a file of SQLite"
        )
    return store or home() / FILE
