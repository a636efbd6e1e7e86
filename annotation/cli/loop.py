"""Verbs of the review loop: what is kept, to Argilla and back, what reviewers decided, who."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer
from tqdm import tqdm

from annotation.cli.options import PROGRAM, StoreOption, decided
from annotation.cli.progress import progress
from annotation.cli.status import aside_line, note_of
from qa_core import defaults
from qa_core.cli.options import JsonOption
from qa_core.errors import DataError
from qa_core.files import write_whole

if TYPE_CHECKING:
    from annotation.store.store import Store
    from qa_core.data.examples import Example

app = typer.Typer()
reviewer = typer.Typer(no_args_is_help=True, help="Who may review in the page, with a password.")
app.add_typer(reviewer, name="reviewer")


DatasetOption = Annotated[
    str, typer.Option("--dataset", help="Its name at Argilla, by default as the settings say.")
]
WorkspaceOption = Annotated[
    str, typer.Option("--workspace", help="The workspace it is in, by default as the settings say.")
]
PatienceOption = Annotated[
    float, typer.Option(min=0, help="Seconds to try again while Argilla does not answer.")
]


@app.command(
    epilog=f"Example: {PROGRAM} capture answers.jsonl --input questions.jsonl --daily-budget 500"
)
def capture(
    files: Annotated[
        list[str],
        typer.Argument(help="Answers of `predict`: .jsonl or .parquet files, or folders of Ray."),
    ],
    source: Annotated[
        str, typer.Option("--input", help="What `predict` was asked, as it was named then.")
    ],
    review_threshold: Annotated[
        float | None,
        typer.Option(
            help="Less confident is uncertain.", show_default=str(defaults.REVIEW_THRESHOLD)
        ),
    ] = None,
    random_share: Annotated[
        float | None,
        typer.Option(help="Share of the others to keep.", show_default=str(defaults.RANDOM_SHARE)),
    ] = None,
    daily_budget: Annotated[
        int | None,
        typer.Option(help="Kept in a day, at most.", show_default=str(defaults.DAILY_BUDGET)),
    ] = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Keep uncertain answers of `predict` for review, as the page keeps its own.

    Run again, it keeps none twice: after an interruption the rest, and the next day as many more as
    the day's budget has room for.
    """
    from annotation.loop.capture import capture, read_predictions
    from annotation.review.policy import Policy
    from annotation.store.store import Store
    from qa_core import settings
    from qa_core.bulk.places import files_of

    now = settings.read(
        review_threshold=review_threshold, random_share=random_share, daily_budget=daily_budget
    )
    policy = Policy(now.review_threshold, now.random_share, now.daily_budget)
    answers = [found for file in files for found in files_of(file)]
    predictions = read_predictions(answers, files_of(source))
    bar = tqdm(predictions, desc="capturing", unit=" rows", delay=1, disable=None)
    found = capture(Store(store), policy, bar)
    if as_json:
        typer.echo(json.dumps(asdict(found)))
        return
    more = (
        f"; for {found.beyond:,} more, the day's budget of {policy.daily_budget:,} has no room: "
        "run it again tomorrow, or raise --daily-budget"
    )
    typer.echo(
        f"{found.kept:,} of {found.read:,} answers are kept for review ({found.doubtful:,} "
        f"doubtful, {found.random:,} random){more if found.beyond else ''}"
    )


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
            + (f", {report.again} put before reviewers again" if report.again else "")
        )
        if report.notice:
            typer.echo(report.notice)
        list_aside(opened, report.set_aside)


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
    opened = Store(store)
    with progress("pulling", "record") as advance:
        report = pull(opened, connection, advance=advance)
    if as_json:
        typer.echo(json.dumps({"url": connection.url, **asdict(report)}, ensure_ascii=False))
    else:
        typer.echo(
            f"{report.taken} responses taken in, {report.withdrawn} withdrawn, "
            f"{report.unchanged} unchanged"
            + (f", {report.discarded} discarded" if report.discarded else "")
            + (f", {report.drafts} drafts" if report.drafts else "")
        )
        if report.kept:
            typer.echo(
                f"{report.kept} reviews stay, though their authors' accounts at Argilla are gone"
            )
        list_aside(opened, report.set_aside)


def list_aside(store: Store, set_aside: Mapping[str, str]) -> None:
    """Say what could not be used, of which question and by whom, why, and where to mend it."""
    known = {one.id: one for one in store.asides(decided=True)}
    for id_, problem in set_aside.items():
        told = aside_line(known[id_]) if id_ in known else f"{id_}: {problem}"
        typer.echo(f"set aside {told}", err=True)


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
    notes: Annotated[
        Path | None, typer.Option(help="Also write the reviewers' notes, as JSON Lines.")
    ] = None,
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
    if notes is not None:
        write_whole(notes, "".join(f"{json.dumps(note_of(*one))}\n" for one in opened.notes()))
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
