"""The verb that writes the page as static files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from qa_core.cli.exporting import app
from qa_core.cli.options import JsonOption
from qa_core.cli.publishing import listed


@app.command(epilog="Example: spanloop export web site  |  python -m http.server --directory site")
def web(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="New folder, or an earlier one.")],
    model: Annotated[
        str, typer.Option(help="Model folder or Hub id, `small` or `base`.")
    ] = "small",
    as_json: JsonOption = False,
) -> None:
    """Write the page as static files, with a reader that runs in the visitor's browser."""
    from page.web.export import export

    done = export(model, folder)
    if as_json:
        told = {"folder": str(done.folder), "model": done.model, "files": done.files}
        typer.echo(json.dumps(told))
    else:
        typer.echo(f"{listed(done.files)}\n{folder} answers with {done.model} in the browser")
