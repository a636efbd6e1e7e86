"""Verbs that judge a model, and fit its confidence."""

from __future__ import annotations

import json
import shlex
import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from qa_core.cli.options import (
    BackendOption,
    DataOption,
    HeldOutOption,
    JsonOption,
    LimitOption,
    MaxAnswerOption,
    ModelOption,
    OnBadOption,
    Part,
    PartOption,
    SplitOption,
    examples_of,
    sample,
    side_of,
)
from qa_core.inference.spans import MAX_ANSWER_TOKENS

app = typer.Typer()


@app.command(
    epilog="Example: spanloop evaluate --data dev-v2.0.json.gz --output judged/  |  "
    "for the page's tab about a model: --model runs/mine --figures runs/mine/figures.json"
)
def evaluate(
    data: DataOption,
    model: ModelOption = None,
    backend: BackendOption = "auto",
    output: Annotated[
        Path | None, typer.Option(help="Folder for predictions, null odds, report and plots.")
    ] = None,
    figures: Annotated[
        Path | None,
        typer.Option(
            help="File to add the figures to, of several data sets in turn; the page shows "
            "figures.json of a model's folder."
        ),
    ] = None,
    answerable_share: Annotated[
        float,
        typer.Option(
            min=0.01,
            max=0.99,
            help="Share of answerable questions to expect; SQuAD v2 has 0.5.",
        ),
    ] = 0.5,
    max_answer_tokens: MaxAnswerOption = MAX_ANSWER_TOKENS,
    limit: LimitOption = None,
    part: PartOption = Part.ALL,
    held_out: HeldOutOption = 0.08,
    split: SplitOption = None,
    on_bad: OnBadOption = "stop",
    as_json: JsonOption = False,
) -> None:
    """Judge a model: EM, F1, and how far its confidence can be trusted."""
    from qa_core.evaluation import judging as evaluation
    from qa_core.evaluation import reporting
    from qa_core.evaluation.figures import Figures
    from qa_core.inference.reader import Reader

    examples = side_of(examples_of(data, split, on_bad), part, held_out)
    examples = sample(examples, limit)
    reader = Reader.load(
        model,
        backend=backend,
        max_answer_tokens=max_answer_tokens,
        answerable_share=answerable_share,
    )
    if too_long := reader.too_long(gold.text for e in examples for gold in e.answers):
        typer.echo(
            f"warning: {too_long:,} gold answers are longer than {max_answer_tokens} tokens, the "
            "longest that the reader gives; see --max-answer-tokens",
            err=True,
        )
    typer.echo(f"expecting an answer to {answerable_share:.0%} of the questions", err=True)
    report = evaluation.evaluate(reader, examples)
    if output is not None:
        reporting.save(report, output)
    if figures is not None:
        measured = Figures.of(report, names(data, split), f"{date.today()}", command_line())
        measured.save(figures)
    typer.echo(json.dumps(report.to_dict()) if as_json else reporting.render(report))


def names(sources: list[str], split: str | None) -> list[str]:
    """Data sets by name, without the folders that hold them on this machine."""
    files = [Path(source).name if Path(source).exists() else source for source in sources]
    return [f"{name} [{split}]" if split else name for name in files]


def command_line() -> str:
    """The command that runs, to be run again: files by their names alone."""
    words = [Path(word).name if Path(word).exists() else word for word in sys.argv[1:]]
    return shlex.join(["spanloop", *words])


@app.command(
    epilog="Example: spanloop calibrate --model runs/mine --data train.json.gz "
    "--part held-out --unseen qa_core/calibration/unseen.json --answerable-share 0.75"
)
def calibrate(
    model: Annotated[Path, typer.Option(help="Model folder; the result is stored in it.")],
    data: DataOption,
    part: PartOption = Part.ALL,
    held_out: HeldOutOption = 0.08,
    limit: LimitOption = None,
    unseen: Annotated[
        list[str] | None,
        typer.Option(help="More data, of which --part and --limit take nothing away; repeatable."),
    ] = None,
    answerable_share: Annotated[
        float | None,
        typer.Option(
            min=0.01, max=0.99, help="Share of answerable questions to expect; else the data's."
        ),
    ] = None,
    min_golds: Annotated[
        int, typer.Option(min=1, help="Judge spans by questions with as many gold answers.")
    ] = 1,
    messy: Annotated[
        float, typer.Option(min=0, max=1, help="Share of questions to ask as people type them.")
    ] = 0.0,
    lengthened: Annotated[
        float, typer.Option(min=0, max=1, help="Share of questions to ask of longer texts.")
    ] = 0.0,
    backend: BackendOption = "auto",
    split: SplitOption = None,
    on_bad: OnBadOption = "stop",
    as_json: JsonOption = False,
) -> None:
    """Fit a model's confidence and "no answer" threshold to held-out questions.

    One threshold for all texts: that of a re-trained version for texts like the reviewed ones goes.
    """
    from qa_core.calibration import fit as calibration

    examples = sample(side_of(examples_of(data, split, on_bad), part, held_out), limit)
    examples += examples_of(unseen or [], split, on_bad)
    fitted = calibration.calibrate(
        model,
        examples,
        answerable_share=answerable_share,
        min_golds=min_golds,
        messy=messy,
        lengthened=lengthened,
        backend=backend,
    )
    if as_json:
        typer.echo(json.dumps({"threshold": fitted.threshold, **fitted.fitted}))
        return
    typer.echo(f'"no answer" when null odds exceed {fitted.threshold:.2f} (logits)')
    for factor in ("answerable", "match"):
        losses = fitted.fitted[factor]["log_loss"]
        shown = ", ".join(f"{method} {loss}" for method, loss in losses.items())
        typer.echo(f"{factor}: {getattr(fitted, factor).method} (held-out log loss: {shown})")
