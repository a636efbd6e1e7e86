"""Verbs that bring files to reviewers, and what reviewers decided to files."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer

from annotation.cli.options import PROGRAM, StoreOption
from annotation.cli.progress import progress
from annotation.cli.status import note_of
from qa_core.cli.options import JsonOption, OnBadOption, SplitOption
from qa_core.files import write_whole

app = typer.Typer()
Format = Literal["squad", "csv", "jsonl", "label-studio", "doccano", "datasets"]


@app.command(
    "import",
    epilog=f"Example: {PROGRAM} import questions.csv --no-suggest  |  "
    f"{PROGRAM} import label-studio.json --as-reviews ann",
)
def import_questions(
    source: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help="SQuAD JSON, JSON Lines, CSV, Excel, Parquet, a JSON export of Label Studio, a "
            "JSONL export of doccano, or a data set on the Hub.",
        ),
    ],
    as_reviews: Annotated[
        str,
        typer.Option(metavar="NAME", help="Take the answers in it for this reviewer's."),
    ] = "",
    suggest: Annotated[
        bool | None,
        typer.Option(
            "--suggest/--no-suggest",
            show_default="suggest, but not with --as-reviews",
            help="Show reviewers the answers of the model that serves.",
        ),
    ] = None,
    split: SplitOption = None,
    on_bad: OnBadOption = "stop",
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put the questions of a file before reviewers; importing it again doubles nothing."""
    from annotation.loop.imports import import_file
    from annotation.store.store import Store
    from qa_core.inference.answer import Answers
    from qa_core.models.versions import Versions
    from qa_core.serving.live import load

    def reader() -> Answers:
        return load(Versions())

    if suggest is None:
        suggest = not as_reviews
    with progress("importing", "step") as advance:
        report = import_file(
            Store(store),
            source,
            load=reader if suggest else None,
            reviewer=as_reviews,
            split=split,
            on_bad=on_bad,
            advance=advance,
        )
    for row in report.bad:
        typer.echo(f"left out: {row}", err=True)
    taken = report.taken
    if as_json:
        typer.echo(json.dumps({**asdict(taken), "bad": len(report.bad)}))
        return
    typer.echo(f"{taken.new} questions imported, {taken.there} were there")
    if as_reviews:
        left = f", {taken.left} left as {as_reviews} had said" if taken.left else ""
        typer.echo(
            f"{taken.reviews} answers taken as {as_reviews}'s reviews, {taken.without_answer} of "
            f"them that the text does not say{left}"
        )
    elif report.answers_left_out:
        typer.echo("the answers in it were left out; --as-reviews NAME takes them for NAME's")


@app.command(
    "export-reviews",
    epilog=f"Example: {PROGRAM} export-reviews --output reviews.json  |  "
    f"{PROGRAM} export-reviews --format label-studio --output tasks.json",
)
def export_reviews(
    output: Annotated[
        Path,
        typer.Option(help="A file, gzipped if it ends in .gz, or a new folder for `datasets`."),
    ],
    format: Annotated[
        Format | None,
        typer.Option(
            show_default="by the suffix: .json is squad, .jsonl, .csv, else datasets",
            help="Its format.",
        ),
    ] = None,
    notes: Annotated[
        Path | None, typer.Option(help="Also write all of the reviewers' notes, as JSON Lines.")
    ] = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write what reviewers decided, with their notes, as examples to learn from or to label on."""
    from annotation.loop.exports import decided, write
    from annotation.store.store import Store

    opened = Store(store)
    examples, beside = decided(opened)
    write(examples, beside, output, format or "")
    if notes is not None:
        write_whole(notes, "".join(f"{json.dumps(note_of(*one))}\n" for one in opened.notes()))
    undecided = opened.counts().undecided
    if as_json:
        typer.echo(json.dumps({"written": len(examples), "undecided": undecided}))
    else:
        typer.echo(f"{len(examples)} examples written to {output}, {undecided} undecided left out")
