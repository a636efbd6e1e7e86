"""Verbs of the review loop: what waits, to Argilla and back, reviewers, the store."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer

from annotation.cli.options import PROGRAM, StoreOption, decided
from annotation.cli.progress import progress
from qa_core.cli.options import JsonOption
from qa_core.errors import DataError

if TYPE_CHECKING:
    from qa_core.data.examples import Example

app = typer.Typer()
reviewer = typer.Typer(no_args_is_help=True, help="Who may review in the page, with a password.")
app.add_typer(reviewer, name="reviewer")


@app.command(epilog="Example: spanloop status")
def status(store: StoreOption = None, as_json: JsonOption = False) -> None:
    """Count what was kept, reviewed and waits, say how far reviewers agree, and what to do next."""
    from annotation.loop.situation import situation
    from annotation.review.advice import recommend
    from annotation.review.records import REASONS
    from annotation.store.store import Store
    from qa_core.models.versions import Versions

    opened, versions = Store(store), Versions()
    counts, at_argilla = opened.counts(), opened.exchanged()
    now = situation(opened, versions)
    agreed, (drawn, wrong) = now.agreement, now.drawn
    figures: dict[str, Any] = {
        "store": str(opened.path),
        "predictions": counts.kept,
        "reasons": {
            reason: counts.reasons[reason] for reason in REASONS if reason in counts.reasons
        },
        "reviewed": counts.reviewed,
        "decided": counts.decided,
        "waiting": now.waiting,
        "settled": now.settled,
        "reviewers": opened.reviewers(),
        "agreement": asdict(agreed),
        "argilla": at_argilla,
        "drawn": {"decided": drawn, "wrong": wrong},
        "version": versions.serving(),
        "next": recommend(now),
    }
    if as_json:
        typer.echo(json.dumps(figures, ensure_ascii=False))
        return
    why = ", ".join(f"{count} {reason}" for reason, count in figures["reasons"].items())
    typer.echo(f"{figures['predictions']} predictions kept" + (f" ({why})" if why else ""))
    typer.echo(f"{figures['decided']} decided by reviews, {figures['waiting']} wait for a reviewer")
    if figures["settled"]:
        typer.echo(f"{figures['settled']} doubtful ones need none, as the verifier estimates")
    for name, count in figures["reviewers"].items():
        typer.echo(f"  {name}: {count} reviews")
    if drawn:
        typer.echo(f"Of {drawn} kept at random and newly decided {drawn - wrong} were right")
    if at_argilla["pushed"] or at_argilla["pulled"] or at_argilla["set_aside"]:
        typer.echo(f"At Argilla: {at_argilla['pushed']} records, {at_argilla['pulled']} responses")
        list_aside(at_argilla["set_aside"])
    if agreed.questions:
        alpha = "undefined" if agreed.alpha is None else f"{agreed.alpha:.2f}"
        overlap = "undefined" if agreed.span_f1 is None else f"{agreed.span_f1:.2f}"
        typer.echo(
            f"{agreed.questions} questions read by several: alpha on answerable {alpha} "
            f"(1 perfect, 0 chance), F1 between spans {overlap}"
        )
        for name, (questions, same, f1) in agreed.reviewers.items():
            spans = "" if f1 is None else f", spans F1 {f1:.2f}"
            typer.echo(f"  {name}: {questions} questions, agrees {same:.0%}{spans}")
    typer.echo(f"The model that serves: {figures['version']}")
    typer.echo("\nNext:")
    for sentence in figures["next"]:
        typer.echo(f"  {sentence}")


DatasetOption = Annotated[
    str, typer.Option("--dataset", help="Its name at Argilla, by default as the settings say.")
]
WorkspaceOption = Annotated[
    str, typer.Option("--workspace", help="The workspace it is in, by default as the settings say.")
]
PatienceOption = Annotated[
    float, typer.Option(min=0, help="Seconds to try again while Argilla does not answer.")
]


@app.command(epilog=f"Example: {PROGRAM} push --min-submitted 2")
def push(
    dataset: DatasetOption = "",
    workspace: WorkspaceOption = "",
    min_submitted: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="How many people answer each question; by default as it is at Argilla, and in a "
            "new data set as the settings say.",
        ),
    ] = None,
    vectors: Annotated[bool, typer.Option(help='Send vectors for "find similar".')] = True,
    patience: PatienceOption = 60.0,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send what waits for a reviewer to Argilla; pushing again changes nothing."""
    from annotation.argilla.client import Target, connect
    from annotation.argilla.embedding import embed
    from annotation.argilla.sync import push
    from annotation.store.store import Store
    from annotation.verifier.estimates import refresh_estimates

    target = Target(
        workspace=workspace, dataset=dataset, min_submitted=min_submitted, patience=patience
    )
    connection, opened = connect(target), Store(store)
    refresh_estimates(opened)
    with progress("pushing", "record") as advance:
        report = push(opened, connection, embed=embed if vectors else None, advance=advance)
    if as_json:
        typer.echo(json.dumps({"url": connection.url, **asdict(report)}, ensure_ascii=False))
    else:
        typer.echo(
            f"{report.sent} records sent to {connection.url}, {report.unchanged} were there, "
            f"{report.reviewed} left as reviewers answered them"
        )
        list_aside(report.set_aside)


@app.command(epilog=f"Example: {PROGRAM} pull --json")
def pull(
    dataset: DatasetOption = "",
    workspace: WorkspaceOption = "",
    patience: PatienceOption = 60.0,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take in what Argilla's reviewers have said, changed or withdrawn since the last pull."""
    from annotation.argilla.client import Target, connect
    from annotation.argilla.sync import pull
    from annotation.store.store import Store

    connection = connect(Target(workspace=workspace, dataset=dataset, patience=patience))
    with progress("pulling", "record") as advance:
        report = pull(Store(store), connection, advance=advance)
    if as_json:
        typer.echo(json.dumps({"url": connection.url, **asdict(report)}, ensure_ascii=False))
    else:
        typer.echo(
            f"{report.taken} responses taken in, {report.withdrawn} withdrawn, "
            f"{report.unchanged} unchanged"
        )
        list_aside(report.set_aside)


def list_aside(set_aside: Mapping[str, str]) -> None:
    """Say what could not be used, and why."""
    for id_, problem in set_aside.items():
        typer.echo(f"set aside {id_}: {problem}", err=True)


@app.command(
    "export-reviews",
    epilog=f"Example: {PROGRAM} export-reviews --output reviews.json  |  "
    f"{PROGRAM} export-reviews --output reviews/",
)
def export_reviews(
    output: Annotated[
        Path,
        typer.Option(help="SQuAD v2 (.json), JSON Lines (.jsonl), .gz of either, or a folder."),
    ],
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write what reviewers decided as examples to learn from; a folder is one of `datasets`."""
    from annotation.store.store import Store
    from qa_core.data import squad

    opened = Store(store)
    examples = decided(opened)
    if {".json", ".jsonl"} & set(output.suffixes):
        squad.write(examples, output)
    else:
        save_dataset(examples, output)
    undecided = opened.counts().undecided
    if as_json:
        typer.echo(json.dumps({"written": len(examples), "undecided": undecided}))
    else:
        typer.echo(f"{len(examples)} examples written to {output}, {undecided} undecided left out")


def save_dataset(examples: Sequence[Example], folder: Path) -> None:
    """Write examples as `datasets.load_from_disk` reads them; a folder that is there stays.

    Raises DataError where it exists.
    """
    from datasets import Dataset
    from datasets.utils.logging import disable_progress_bar

    from qa_core.data.squad import hub_row

    if folder.exists():
        raise DataError(f"expected a new folder, found {folder}: choose another name")
    disable_progress_bar()
    with TemporaryDirectory(dir=folder.resolve().parent) as scratch:
        Dataset.from_list([hub_row(example) for example in examples]).save_to_disk(scratch)
        Path(scratch).rename(folder)
        Path(scratch).mkdir()


@app.command(epilog="Example: spanloop purge --older-than 90 --yes")
def purge(
    id_: Annotated[
        list[str] | None, typer.Option("--id", help="A prediction; may be given repeatedly.")
    ] = None,
    older_than: Annotated[
        int | None, typer.Option(min=0, help="Days; also delete what was kept before.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Delete predictions with their reviews, beyond recovery."""
    from annotation.store.store import Store

    if not id_ and older_than is None:
        raise typer.BadParameter("name an --id, or a number of days with --older-than")
    if not yes:
        typer.confirm("Delete these predictions and their reviews for good?", abort=True)
    before = None if older_than is None else datetime.now(UTC) - timedelta(days=older_than)
    deleted = Store(store).purge(id_ or (), before)
    typer.echo(json.dumps({"deleted": deleted}) if as_json else f"{deleted} predictions deleted")


@app.command(epilog=f"Example: {PROGRAM} restore --from me/reviews")
def restore(
    repository: Annotated[
        str, typer.Option("--from", envvar="SPANLOOP_HUB_DATASET", help="Data set on the Hub.")
    ],
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Fill the store from its private data set on the Hub; what is here stays."""
    from annotation.store.backup import HubBackup
    from annotation.store.store import Store

    opened = Store(store)
    HubBackup(opened, repository)
    count = opened.counts().kept
    told = f"{count} predictions are now in {opened.path}"
    typer.echo(json.dumps({"predictions": count}) if as_json else told)


@reviewer.command("add", epilog=f"Example: {PROGRAM} reviewer add ann")
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


@reviewer.command("remove", epilog=f"Example: {PROGRAM} reviewer remove ann")
def remove_reviewer(name: str) -> None:
    """Let a reviewer in no more; the reviews stay."""
    from annotation.review.reviewers import Reviewers

    Reviewers().remove(name)
    typer.echo(f"{name} may no longer review")


@reviewer.command("list", epilog=f"Example: {PROGRAM} reviewer list")
def list_reviewers() -> None:
    """Print the names of the reviewers, one a line."""
    from annotation.review.reviewers import Reviewers

    for name in Reviewers().names():
        typer.echo(name)
