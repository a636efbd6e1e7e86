"""What reviewers do: at the command line, and in Argilla's page."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import argilla as rg

ROOT = Path(__file__).parents[2]


def annotation(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run `python -m annotation`."""
    return subprocess.run(
        [sys.executable, "-m", "annotation", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def ask(client: rg.Argilla, path: str, body: Any = None, method: str = "") -> Any:
    """The answer of Argilla's API, as the page gets it."""
    method = method or ("GET" if body is None else "POST")
    answer = client.http_client.request(method, f"/api/v1/{path}", json=body)
    answer.raise_for_status()
    return answer.json() if answer.content else None


def respond(
    client: rg.Argilla, record: object, values: dict[str, Any] | None, status: str = "submitted"
) -> str:
    """Answer a record (its id on the server) as the client's user, as Argilla's page does.

    Argilla's own client lets only owners write. Returns the response's id.
    """
    body = {"values": values and {name: {"value": v} for name, v in values.items()}}
    return str(ask(client, f"records/{record}/responses", {**body, "status": status})["id"])
