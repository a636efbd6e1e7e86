"""The local Argilla server from the command line: `spanloop argilla VERB`."""

from __future__ import annotations

import json
import sys
import webbrowser
from collections import deque
from typing import Annotated, Any

import typer

from qa_core.cli.options import JsonOption

app = typer.Typer(
    no_args_is_help=True, help="The real Argilla on this machine, without Docker or Elasticsearch."
)


@app.command(epilog="Example: spanloop argilla up --port 6900")
def up(
    host: Annotated[
        str, typer.Option(help="Where it listens; 0.0.0.0 lets other machines in.")
    ] = "127.0.0.1",
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, show_default="6900 or the next free one", help="Its port."),
    ] = None,
    browser: Annotated[bool, typer.Option(help="Open it in the browser.")] = True,
    as_json: JsonOption = False,
) -> None:
    """Install Argilla on first use (a minute or two), start it, and say how to log in."""
    from annotation.argilla.local.server import WORKSPACE, LocalArgilla

    local = LocalArgilla()
    running = local.up(host, port, tell=lambda what: typer.echo(what, err=True))
    if as_json:
        said: dict[str, Any] = {"url": running.url, "pid": running.pid, "workspace": WORKSPACE}
        typer.echo(json.dumps({**said, "credentials": str(local.credentials_file)}))
        return
    typer.echo(f"Argilla is up at {running.url} (workspace {WORKSPACE})")
    for name, user in local.credentials().items():
        shown = user["password"] if sys.stdout.isatty() else "in the file below"
        typer.echo(f"  log in as {name}, password {shown}")
    typer.echo(f"Passwords and API keys: {local.credentials_file}")
    if browser and sys.stdout.isatty():
        webbrowser.open(running.url)


@app.command(epilog="Example: spanloop argilla status --json")
def status(as_json: JsonOption = False) -> None:
    """Say whether Argilla is up; exit code 1 if it is not, or does not answer."""
    from annotation.argilla.local.server import LocalArgilla

    local = LocalArgilla()
    running, healthy = local.running(), local.healthy()
    if as_json:
        url = running.url if running else None
        typer.echo(json.dumps({"up": running is not None, "healthy": healthy, "url": url}))
    elif running is None:
        typer.echo("Argilla is not up: start it with `spanloop argilla up`")
    else:
        state = "up" if healthy else "started, but does not answer,"
        typer.echo(f"Argilla is {state} at {running.url} (process {running.pid}), log {local.log}")
    if not healthy:
        raise typer.Exit(1)


@app.command(epilog="Example: spanloop argilla down")
def down() -> None:
    """Stop Argilla; its data stay."""
    from annotation.argilla.local.server import LocalArgilla

    typer.echo("Argilla is stopped" if LocalArgilla().down() else "Argilla was not up")


@app.command(epilog="Example: spanloop argilla logs -n 100")
def logs(
    lines: Annotated[int, typer.Option("--lines", "-n", min=1, help="How many.")] = 50,
) -> None:
    """Print the last lines of Argilla's log."""
    from annotation.argilla.local.server import LocalArgilla

    log = LocalArgilla().log
    if log.exists():
        with log.open(encoding="utf-8", errors="replace") as file:
            typer.echo("".join(deque(file, maxlen=lines)), nl=False)


@app.command(epilog="Example: spanloop argilla reset --yes")
def reset(yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """Stop Argilla and delete its data sets, records, responses and users."""
    from annotation.argilla.local.server import LocalArgilla

    local = LocalArgilla()
    if not yes:
        typer.confirm(f"Delete everything in {local.data} for good?", abort=True)
    local.reset()
    typer.echo("Argilla's data are deleted")
