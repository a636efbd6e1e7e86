"""The reviewers, from the command line: who they are, what they get, and how well they do."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from annotation.cli.options import PROGRAM, StoreOption
from annotation.cli.progress import progress
from annotation.cli.status import SHORT, how_far
from qa_core.cli.options import JsonOption, OnBadOption, SplitOption
from qa_core.errors import SpanLoopError

if TYPE_CHECKING:
    from annotation.store.store import Store

app = typer.Typer(no_args_is_help=True, help="Who may review, on the page and at Argilla.")
golds = typer.Typer(
    no_args_is_help=True,
    help="Questions whose answers are known, hidden among the others to measure reviewers.",
)
dealing = typer.Typer()
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


@app.command("add", epilog=f"Example: {PROGRAM} reviewer add ann")
def add_reviewer(
    name: str,
    from_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
) -> None:
    """Add a reviewer, or change the password; only a hash of it is kept."""
    from annotation.review.reviewers import Reviewers

    asked = "Password (8 characters at least)"
    password = (
        sys.stdin.readline().rstrip("\r\n")
        if from_stdin
        else typer.prompt(asked, hide_input=True, confirmation_prompt=True)
    )
    reviewers = Reviewers()
    reviewers.add(name, password)
    typer.echo(f"{name} may review; hashes are in {reviewers.path}")


@app.command("remove", epilog=f"Example: {PROGRAM} reviewer remove ann")
def remove_reviewer(name: str) -> None:
    """Let a reviewer in no more; the reviews stay."""
    from annotation.review.reviewers import Reviewers

    Reviewers().remove(name)
    typer.echo(f"{name} may no longer review")


@app.command("list", epilog=f"Example: {PROGRAM} reviewer list --json")
def list_reviewers(
    argilla: Annotated[bool, typer.Option(help="Also ask Argilla who may answer there.")] = True,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """List everybody who may review or has, where, how much they have done, and how well."""
    from annotation.loop.people import people
    from annotation.review.reviewers import Reviewers
    from annotation.store.store import Store

    opened = Store(store)
    found = people(opened, Reviewers(), _members(opened) if argilla else {})
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in found], ensure_ascii=False))
        return
    for one in found:
        places = ["page"] * one.page + ["Argilla"] * bool(one.argilla)
        where = "retired" if one.retired else ", ".join(places) or "no login"
        did = how_far(one.assigned, one.gold)
        typer.echo(f"{one.name}  {where}  {one.reviews} reviews{did}")


def _members(store: Store) -> dict[str, str]:
    """Who may answer at Argilla, and where; nobody where there is none, or it is away."""
    from annotation.argilla.authors import members
    from annotation.argilla.client import Target, connect
    from annotation.argilla.sender import configured

    if not configured():
        return {}
    try:
        return members(store, connect(Target(patience=5)))
    except SpanLoopError as error:
        typer.echo(f"note: without those who have not answered at Argilla: {error}", err=True)
        return {}


@app.command("rename", epilog=f"Example: {PROGRAM} reviewer rename ann.smith ann --yes")
def rename_reviewer(old: str, new: str, yes: YesOption = False, store: StoreOption = None) -> None:
    """Call a reviewer otherwise, or join a name at Argilla with one on the page, for good."""
    from annotation.loop.people import people, person
    from annotation.review.reviewers import Reviewers, check_name
    from annotation.store.store import Store

    opened, reviewers = Store(store), Reviewers()
    check_name(new)
    person(opened, reviewers, old)
    if not yes and new in {one.name for one in people(opened, reviewers)}:
        typer.confirm(f"Make {old} and {new} one reviewer for good?", abort=True)
    reviewers.rename(old, new)
    moved = opened.rename_reviewer(old, new)
    typer.echo(f"{old} is called {new} now, in {moved} reviews")


@app.command("retire", epilog=f"Example: {PROGRAM} reviewer retire ann")
def retire_reviewer(
    name: str,
    argilla: Annotated[
        bool, typer.Option(help="Also pull, and then delete the account at Argilla.")
    ] = True,
    yes: YesOption = False,
    store: StoreOption = None,
) -> None:
    """Let a reviewer in no more, on the page nor at Argilla; the reviews stay under the name."""
    from annotation.argilla.authors import close_accounts
    from annotation.argilla.client import connect, explained
    from annotation.argilla.sender import configured
    from annotation.argilla.sync import pull
    from annotation.loop.people import people, person
    from annotation.review.reviewers import Reviewers
    from annotation.store.store import Store

    opened, reviewers = Store(store), Reviewers()
    if freed := opened.release(name):
        typer.echo(f"{freed} questions that were assigned to {name} wait for anybody")
    there = argilla and configured()
    if not there or name in {one.name for one in people(opened, reviewers)}:
        count = person(opened, reviewers, name).reviews
        reviewers.retire(name)
        typer.echo(f"{name} may no longer log in on the page; {count} reviews stay")
    if not there:
        return
    if not yes:
        typer.confirm(f"Pull, and delete the account of {name} at Argilla for good?", abort=True)
    connection = connect()
    with explained(connection.url), progress("pulling", "record") as advance:
        called = opened.datasets_called(connection.target.dataset)
        if connection.patiently(lambda: connection.dataset(called)) is not None:
            pull(opened, connection, advance=advance)
    closed = close_accounts(opened, connection, name)
    if not closed:
        person(opened, reviewers, name)
    reviewers.retire(name)
    count = opened.reviewers().get(name, 0)
    typer.echo(f"{closed} accounts at {connection.url} deleted; {count} reviews stay")


@golds.command("add", epilog=f"Example: {PROGRAM} gold add checked.json")
def add_golds(
    source: Annotated[
        str, typer.Argument(metavar="FILE", help="Questions with answers, as `import` takes them.")
    ],
    asked_on: Annotated[
        str, typer.Option(help="Where reviewers read that they were asked.")
    ] = "page",
    suggest: Annotated[
        bool, typer.Option(help="Show reviewers the answers of the model that serves.")
    ] = True,
    split: SplitOption = None,
    on_bad: OnBadOption = "stop",
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Hide the questions of a file among the others; nothing learns from what is said of them."""
    from annotation.loop.imports import import_golds
    from annotation.store.store import Store
    from qa_core.models.versions import Versions
    from qa_core.serving.live import load

    with progress("answering", "question") as advance:
        report = import_golds(
            Store(store),
            source,
            load=(lambda: load(Versions())) if suggest else None,
            asked_on=asked_on,
            split=split,
            on_bad=on_bad,
            advance=advance,
        )
    for row in report.bad:
        typer.echo(f"left out: {row}", err=True)
    for question in report.left:
        typer.echo(f"left out, as reviewers have judged it: {question}", err=True)
    told = {"new": report.new, "there": report.there, "left": len(report.left)}
    typer.echo(
        json.dumps({**told, "bad": len(report.bad)})
        if as_json
        else f"{report.new} gold questions added, {report.there} were there"
    )


@golds.command("list", epilog=f"Example: {PROGRAM} gold list --json")
def list_golds(store: StoreOption = None, as_json: JsonOption = False) -> None:
    """List the gold questions, who answered them rightly and who did not, the hardest first."""
    from annotation.store.store import Store

    found: list[dict[str, Any]] = [
        {
            "id": one.prediction.id,
            "question": one.prediction.question,
            "answers": [one.prediction.context[start:end] for start, end in one.spans],
            "together": one.together,
            "right": one.right,
            "wrong": one.wrong,
        }
        for one in Store(store).golds()
    ]
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    for one in found:
        said = map(repr, one["answers"] if one["together"] else one["answers"][:1])
        right = ", ".join(said) or "the text does not say"
        typer.echo(
            f"{one['id'][:SHORT]} {one['question']} ({right})  "
            f"right: {', '.join(one['right']) or 'nobody'}; "
            f"wrong: {', '.join(one['wrong']) or 'nobody'}"
        )


@golds.command("release", epilog=f"Example: {PROGRAM} gold release 6f1ed002")
def release_golds(
    ids: Annotated[list[str], typer.Argument(metavar="ID...", help="As `gold list` has them.")],
    store: StoreOption = None,
) -> None:
    """Make gold questions like the others; what reviewers said of them counts from then on."""
    from annotation.store.store import Store

    opened = Store(store)
    released = opened.release_golds([opened.find(id_).id for id_ in ids])
    typer.echo(f"{released} gold questions are like the others now")


@dealing.command("assign", epilog=f"Example: {PROGRAM} assign ann bob cem --each 50 --double 0.2")
def assign(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="NAME...", help="Reviewers; none to only count.")
    ] = None,
    each: Annotated[
        int | None, typer.Option(min=1, help="How many each gets at most.", show_default="all")
    ] = None,
    double: Annotated[
        float, typer.Option(min=0, max=1, help="Share of questions that two of them get.")
    ] = 0.0,
    source: Annotated[str, typer.Option(help="Only what was asked there.")] = "",
    release: Annotated[
        bool, typer.Option("--release", help="Take back what they have not answered, instead.")
    ] = False,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Deal what waits, and nobody has answered or is to answer, out to reviewers.

    On the page they see just that first. What two get is decided once both have answered.
    """
    from annotation.loop.people import people
    from annotation.review.policy import deal
    from annotation.review.reviewers import Reviewers, check_name
    from annotation.store.store import Store

    opened, names = Store(store), list(dict.fromkeys(names or ()))
    for name in names:
        check_name(name)
    if release:
        for name in names:
            opened.release(name)
    elif names:
        waiting = [kept.id for kept in opened.unassigned(source)]
        opened.assign(deal(waiting, names, each=each, double=double))
        known = {one.name for one in people(opened, Reviewers(), _members(opened)) if one.known}
        for name in (name for name in names if name not in known):
            typer.echo(f"note: nobody called {name} has a login or has reviewed", err=True)
    quotas = opened.quotas()
    if as_json:
        told = {name: {"done": done, "assigned": n} for name, (done, n) in quotas.items()}
        typer.echo(json.dumps({"assigned": told, "unassigned": opened.count_free()}))
        return
    for name, (done, count) in quotas.items():
        typer.echo(f"{name}  {done} of {count} done")
    typer.echo(f"{opened.count_free()} wait for anybody")
