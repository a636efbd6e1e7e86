"""How the command lines end: 0 for done, 1 and one line for failed, 2 for wrong usage."""

from __future__ import annotations

import typer

from qa_core.errors import SpanLoopError, one_line

OWN = ("annotation", "page", "qa_core")


def run(app: typer.Typer) -> None:
    """Run a command line; what fails for a reason that its user can mend is said in one line."""
    try:
        app()
    except SpanLoopError as error:
        said = str(error)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in OWN:
            raise
        said = f"this needs {error.name}, which is not installed: pip install 'spanloop[all]'"
    except OSError as error:
        said = one_line(error)  # what comes from the network has no file's name
        if error.filename:
            said = (
                f"cannot read or write {error.filename} ({error.strerror}): "
                "does it exist, is there room, and may you?"
            )
    else:
        return
    typer.echo(f"error: {said}", err=True)
    raise SystemExit(1)
