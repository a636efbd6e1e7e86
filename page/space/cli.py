"""The verb that deploys a Space."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from page.space.files import Extra
from qa_core.cli.options import JsonOption
from qa_core.cli.publishing import DryRunOption, PublicOption, RepositoryArgument, listed
from qa_core.errors import InputError

app = typer.Typer()

# What a setting needs.
NEEDED = {"ARGILLA_API_URL": Extra.ARGILLA, "SPANLOOP_DATABASE": Extra.POSTGRES}


@app.command(
    epilog="Example: spanloop deploy-space you/spanloop --variable SPANLOOP_READER=small "
    "--secret SPANLOOP_REVIEWERS --dry-run"
)
def deploy_space(
    repository: RepositoryArgument,
    variable: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="A setting that everybody may see; repeatable."),
    ] = None,
    secret: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="A setting that nobody sees, with its value in this environment; repeatable.",
        ),
    ] = None,
    extra: Annotated[
        list[Extra] | None,
        typer.Option(help="What it can do, too, at the price of a slower start; repeatable."),
    ] = None,
    public: PublicOption = None,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Make or update a Hugging Face Space that serves the page."""
    from page.space.deploy import Plan, deploy
    from page.space.files import space_files
    from qa_core import settings
    from qa_core.hub.connection import size

    plan = Plan(
        repository,
        space_files(extra or ()),
        variables(variable or []),
        {name: settings.given(name) for name in secret or []},
        public,
    )
    for name, wanted in NEEDED.items():
        if name in {*plan.variables, *plan.secrets} and wanted not in (extra or ()):
            raise InputError(
                f"expected --extra {wanted} with {name}, found none: without it, the Space lacks "
                "the libraries for that"
            )
    sizes = {name: size(content) for name, content in plan.files.items()}
    told = {
        "repository": repository, "public": public, "variables": dict(plan.variables),
        "secrets": sorted(plan.secrets), "files": sizes,
    }  # fmt: skip
    if not dry_run:
        told["url"], told["public"] = deploy(plan)
    if as_json:
        typer.echo(json.dumps(told))
    elif dry_run:
        whose = {True: "public", False: "private", None: "private if new"}[public]
        typer.echo(f"the Space {repository}, {whose}")
        for name, value in plan.variables.items():
            typer.echo(f"variable {name}={value}")
        for name in plan.secrets:
            typer.echo(f"secret {name}=***")
        typer.echo(listed(sizes))
    else:
        whom = "everybody" if told["public"] else "you and your organisation alone"
        typer.echo(f"the Space is at {told['url']}, for {whom}; it starts in a minute or two")


def variables(given: list[str]) -> dict[str, str]:
    """``NAME=VALUE`` as settings. Raises InputError for what is none, or is a secret."""
    from qa_core import settings

    found = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals:
            raise InputError(f"expected a --variable NAME=VALUE, found {name!r}")
        if settings.is_secret(name):
            raise InputError(f"expected {name} as a secret, found a variable: use --secret {name}")
        found[name] = settings.checked(name, value)
    return found
