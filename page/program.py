"""`spanloop VERB`: every step of the loop in one program."""

from __future__ import annotations

from typing import Any

import typer

import annotation.cli.main
import page.space.cli
import page.web.cli
import qa_core.cli.main
from qa_core.cli.running import run

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Extractive question answering with people in the loop.",
)
app.add_typer(qa_core.cli.main.app)
app.add_typer(annotation.cli.main.app)
app.add_typer(page.space.cli.app)


@app.command(
    "app",
    add_help_option=False,
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)
def open_page(context: typer.Context) -> None:
    """Open the page in a browser; `spanloop app --help` lists its options."""
    import page.app

    program: Any = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None)
    program.command()(page.app.main)
    program(context.args, prog_name="spanloop app")


def main() -> None:
    """Run the program."""
    run(app)


if __name__ == "__main__":
    main()
