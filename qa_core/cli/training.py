"""Verbs that make models: train, average."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from qa_core.cli.flags import with_flags
from qa_core.cli.options import (
    DataOption,
    JsonOption,
    OnBadOption,
    SplitOption,
    examples_of,
)
from qa_core.training.recipes import BASE_MODELS, RECIPES, Recipe

app = typer.Typer()
RecipeName = Literal["default", "notebook"]


@app.command(
    epilog="Example: spanloop average --model runs/before --share 0.3 "
    "--model runs/after --share 0.7 --output runs/mean"
)
def average(
    model: Annotated[list[str], typer.Option(help="Folder or Hub id of a model; repeatable.")],
    output: Annotated[Path, typer.Option(help="New folder for the mean.")],
    share: Annotated[
        list[float] | None,
        typer.Option(help="Weight of each in turn, also below 0; by default equal."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Average the weights of models that share a base; calibrate the mean afterwards."""
    from qa_core.models import averaging

    shares = share or [1.0] * len(model)
    folder = averaging.average(model, shares, output)
    if as_json:
        typer.echo(json.dumps({"output": str(folder), "shares": shares}))
        return
    typer.echo(f"the mean is in {folder}; fit its confidence with `spanloop calibrate`")


@app.command(
    epilog="Example: spanloop train --data train-v2.0.json --output runs/mine  |  "
    "on several devices: accelerate launch -m qa_core train ..."
)
@with_flags(changes=Recipe)
def train(
    data: DataOption,
    output: Annotated[Path, typer.Option(help="Folder for the model and its checkpoints.")],
    changes: dict[str, Any],
    model: Annotated[
        str | None, typer.Option(help="Base model: folder or Hub id; by default the recipe's.")
    ] = None,
    recipe: Annotated[RecipeName, typer.Option(help="Settings to start from.")] = "default",
    validation: Annotated[
        str | None,
        typer.Option(help="Validation data; by default a share of the paragraphs is held out."),
    ] = None,
    split: SplitOption = None,
    on_bad: OnBadOption = "stop",
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a run that was interrupted.")
    ] = False,
    cpu: Annotated[bool, typer.Option("--cpu", help="Stay on the CPU.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Fine-tune an encoder and keep the best checkpoint by F1."""
    from qa_core.data import squad

    changed = dataclasses.replace(RECIPES[recipe], **changes)
    examples = examples_of(data, split, on_bad)
    judged = squad.read(validation, on_bad=on_bad)[0] if validation else None

    from qa_core.training import run  # takes seconds: what is wrong above is said before

    outcome = run.train(
        examples,
        output,
        model=model or BASE_MODELS[recipe],
        recipe=changed,
        resume=resume,
        validation=judged,
        cpu=cpu,
    )
    if not outcome.primary:
        return
    if as_json:
        typer.echo(json.dumps({"model": str(outcome.model), **outcome.figures}))
    else:
        best = outcome.figures["validation"]
        typer.echo(
            f"{outcome.model}: EM {best['exact']:.1f}, F1 {best['f1']:.1f} at the best threshold "
            f"on {best['questions']} validation questions; now run: "
            f"spanloop calibrate --model {outcome.model} ..."
        )
