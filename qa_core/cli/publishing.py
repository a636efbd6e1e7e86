"""The verb that puts a model on the Hub."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from qa_core.cli.options import JsonOption, ModelOption

app = typer.Typer()

RepositoryArgument = Annotated[str, typer.Argument(metavar="OWNER/NAME", help="Name on the Hub.")]
PublicOption = Annotated[
    bool | None,
    typer.Option(
        "--public/--private",
        help="Who sees it; by default a new one is private, and one that is there stays as it is.",
    ),
]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="List everything, change nothing.")]


@app.command(epilog="Example: spanloop publish you/reader --model runs/mine --dry-run")
def publish(
    repository: RepositoryArgument,
    model: ModelOption = None,
    licence: Annotated[
        str | None,
        typer.Option("--license", help="For the card of a model without one: apache-2.0, say."),
    ] = None,
    public: PublicOption = None,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Upload a model folder to the Hub, with its card, calibration and figures."""
    from qa_core.evaluation import figures
    from qa_core.hub import publishing
    from qa_core.hub.connection import size
    from qa_core.models.folder import CALIBRATION
    from qa_core.models.versions import folder_of

    folder = folder_of(model)
    files = publishing.published_files(folder, repository, licence)
    for name, verb in ((CALIBRATION, "calibrate"), (figures.FILE, "evaluate --figures")):
        if name not in files:
            typer.echo(f"warning: {folder} has no {name}; see `spanloop {verb}`", err=True)
    sizes = {name: size(content) for name, content in files.items()}
    if dry_run:
        if as_json:
            typer.echo(json.dumps({"repository": repository, "public": public, "files": sizes}))
        else:
            typer.echo(listed(sizes))
        return
    url, seen = publishing.publish(files, repository, public=public)
    whom = "everybody" if seen else "you and your organisation alone"
    told = f"{len(files)} files of {folder} are at {url}, for {whom}"
    typer.echo(json.dumps({"url": url, "public": seen, "files": sizes}) if as_json else told)


def listed(sizes: dict[str, int]) -> str:
    """Files with their sizes in bytes, a line each, and what they come to."""
    width = max(map(len, sizes))
    lines = [f"{name:{width}} {count:>12,}" for name, count in sizes.items()]
    return "\n".join([*lines, f"{len(sizes)} files, {sum(sizes.values()) / 1e6:.1f} MB"])
