"""The commands of `annotation`: the review loop, learning from it, and Argilla here."""

from __future__ import annotations

import typer

from annotation.cli import (
    argilla,
    exchange,
    history,
    learning,
    loop,
    people,
    simulate,
    status,
    storage,
)

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="People in the loop: review uncertain answers, and learn from the reviews.",
)
for part in (status, history, exchange, loop, storage, learning, simulate):
    app.add_typer(part.app)
app.add_typer(argilla.app, name="argilla")
app.add_typer(people.app, name="reviewer")
app.add_typer(people.golds, name="gold")
app.add_typer(people.dealing)
