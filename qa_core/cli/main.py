"""The commands of `qa_core`: answer, judge, train."""

from __future__ import annotations

import typer

from qa_core.cli import asking, exporting, judging, publishing, training

app = typer.Typer(
    no_args_is_help=True,
    help="Extractive question answering: answer, train and judge.",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for part in (asking, judging, training, publishing):
    app.add_typer(part.app)
app.add_typer(exporting.app, name="export")
