"""Extractive question answering: train, judge and serve a reader."""

from __future__ import annotations

import dataclasses
import json
import shlex
import sys
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from qa_core.cli.running import run
from qa_core.errors import DataError, InputError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help=__doc__,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Backend = Literal["auto", "torch", "onnx", "onnx-fp32"]
OnBad = Literal["stop", "skip"]
RecipeName = Literal["default", "notebook"]
Report = Literal["tensorboard", "wandb", "trackio", "none"]
Precision = Literal["auto", "bfloat16", "float32"]

ModelOption = Annotated[
    str | None,
    typer.Option(
        "--model",
        envvar="SPANLOOP_MODEL",
        help="Model folder or Hub id; by default the model that comes with SpanLoop.",
    ),
]
BackendOption = Annotated[
    Backend, typer.Option("--backend", envvar="SPANLOOP_BACKEND", help="What runs the model.")
]
DataOption = Annotated[
    list[str],
    typer.Option(
        "--data", help="SQuAD JSON, JSON Lines, CSV or Parquet file, or Hub data set; repeatable."
    ),
]
OnBadOption = Annotated[OnBad, typer.Option(help="What to do at a bad row.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for machines.")]
SplitOption = Annotated[str | None, typer.Option(help="Split of a Hub data set.")]


class Part(StrEnum):
    """Which side of the split by paragraph to take."""

    ALL = "all"
    LEARNING = "learning"
    HELD_OUT = "held-out"


def examples_of(sources: list[str], split: str | None, on_bad: OnBad) -> list[Any]:
    """Examples of all sources; what was left out is listed on standard error."""
    from qa_core.data import squad

    found, ids = [], set()
    for source in sources:
        examples, bad = squad.read(source, split=split, on_bad=on_bad)
        for row in bad:
            typer.echo(f"left out: {row}", err=True)
        for example in examples:
            if example.id in ids:
                raise DataError(
                    f"{source}: expected ids that no other --data has, found {example.id!r} again; "
                    "give each question once"
                )
            ids.add(example.id)
        found += examples
    return found


@app.command(
    epilog="Example: python -m qa_core answer --question 'Who wrote it?' --context letter.txt"
)
def answer(
    question: Annotated[str, typer.Option(help="What to ask.")],
    context: Annotated[Path, typer.Option(help="Text file to read, or - for standard input.")],
    model: ModelOption = None,
    backend: BackendOption = "auto",
    top_k: Annotated[int, typer.Option(min=1, help="How many alternatives to show.")] = 3,
    as_json: JsonOption = False,
) -> None:
    """Answer one question from a text."""
    from qa_core.bulk.predict import record
    from qa_core.inference.reader import Reader

    text = read_text(context)
    found = Reader.load(model, backend=backend).answer(question, text, top_k=top_k)
    if as_json:
        typer.echo(json.dumps(record("", found) | {"question": question}, ensure_ascii=False))
        return
    verdict = found.text if found.answerable else "The text does not say."
    typer.echo(f"{verdict}  ({found.confidence:.0%} sure)")
    for span in found.alternatives:
        label = "also" if found.answerable else "nearest"
        typer.echo(f"  {label}: {span.text!r} at {span.start} ({span.confidence:.0%})")
    for warning in found.warnings:
        typer.echo(f"note: {warning}", err=True)


def read_text(path: Path) -> str:
    """A UTF-8 file or standard input (``-``), every character as it stands."""
    try:
        data = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
        return data.decode()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}: expected UTF-8 text, found byte 0x{data[error.start]:02x} at {error.start}; "
            "convert it first, as with iconv"
        ) from error


@app.command(
    epilog="Example: python -m qa_core predict --input questions.jsonl --output answers.jsonl"
)
def predict(
    source: Annotated[
        Path, typer.Option("--input", help="JSON Lines of id, question and context.")
    ],
    target: Annotated[Path, typer.Option("--output", help="JSON Lines to write.")],
    model: ModelOption = None,
    backend: BackendOption = "auto",
    top_k: Annotated[int, typer.Option(min=1, help="How many alternatives to write.")] = 3,
    on_bad: OnBadOption = "stop",
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a run that was interrupted.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Answer a file of questions."""
    from qa_core.bulk import predict as prediction
    from qa_core.inference.reader import Reader

    written, bad = prediction.predict(
        Reader.load(model, backend=backend),
        source,
        target,
        resume=resume,
        on_bad=on_bad,
        top_k=top_k,
    )
    for message in bad:
        typer.echo(f"left out: {message}", err=True)
    if as_json:
        typer.echo(json.dumps({"written": written, "left_out": bad}, ensure_ascii=False))
    else:
        typer.echo(f"{written} answers written to {target}, {len(bad)} rows left out")


@app.command(
    epilog="Example: python -m qa_core evaluate --data dev-v2.0.json.gz --output judged/  |  "
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
        typer.Option(help="File for the figures alone; a model's page shows figures.json in it."),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Judge a fixed random sample of this size.")
    ] = None,
    part: Annotated[Part, typer.Option(help="Side of the split by paragraph.")] = Part.ALL,
    held_out: Annotated[float, typer.Option(min=0, max=1, help="Share held out.")] = 0.08,
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
    if limit is not None and limit < len(examples):
        import numpy as np

        drawn = np.random.default_rng(0).choice(len(examples), limit, replace=False)
        examples = [examples[i] for i in sorted(drawn.tolist())]
    report = evaluation.evaluate(Reader.load(model, backend=backend), examples)
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
    return shlex.join(["python", "-m", "qa_core", *words])


def side_of(examples: list[Any], part: Part, held_out: float) -> list[Any]:
    """The examples on one side of the split by paragraph."""
    from qa_core.data.splits import split_by_paragraph

    if part is Part.ALL:
        return examples
    learning, left = split_by_paragraph(examples, held_out)
    return learning if part is Part.LEARNING else left


@app.command(
    epilog="Example: python -m qa_core calibrate --model runs/mine --data train.json.gz "
    "--part held-out --unseen qa_core/unseen.json --unanswerable 0.5"
)
def calibrate(
    model: Annotated[Path, typer.Option(help="Model folder; the result is stored in it.")],
    data: DataOption,
    part: Annotated[Part, typer.Option(help="Side of the split by paragraph.")] = Part.ALL,
    held_out: Annotated[float, typer.Option(min=0, max=1, help="Share held out.")] = 0.08,
    unseen: Annotated[
        list[str] | None,
        typer.Option(help="More data, of which --part takes nothing away; repeatable."),
    ] = None,
    unanswerable: Annotated[
        float | None,
        typer.Option(
            min=0.01, max=0.99, help="Share of unanswerable questions to expect; else the data's."
        ),
    ] = None,
    min_golds: Annotated[
        int, typer.Option(min=1, help="Judge spans by questions with as many gold answers.")
    ] = 1,
    backend: BackendOption = "auto",
    split: SplitOption = None,
    on_bad: OnBadOption = "stop",
    as_json: JsonOption = False,
) -> None:
    """Fit a model's confidence and "no answer" threshold to held-out questions.

    One threshold for all texts: that of a re-trained version for texts like the reviewed ones goes.
    """
    from qa_core.calibration import fit as calibration

    examples = side_of(examples_of(data, split, on_bad), part, held_out)
    examples += examples_of(unseen or [], split, on_bad)
    fitted = calibration.calibrate(
        model, examples, unanswerable=unanswerable, min_golds=min_golds, backend=backend
    )
    if as_json:
        typer.echo(json.dumps({"threshold": fitted.threshold, **fitted.fitted}))
        return
    typer.echo(f'"no answer" when null odds exceed {fitted.threshold:.2f} (logits)')
    for factor in ("answerable", "match"):
        losses = fitted.fitted[factor]["log_loss"]
        shown = ", ".join(f"{method} {loss}" for method, loss in losses.items())
        typer.echo(f"{factor}: {getattr(fitted, factor).method} (held-out log loss: {shown})")


@app.command(
    epilog="Example: python -m qa_core average --model runs/before --share 0.3 "
    "--model runs/after --share 0.7 --output runs/mean"
)
def average(
    model: Annotated[list[str], typer.Option(help="Folder or Hub id of a model; repeatable.")],
    output: Annotated[Path, typer.Option(help="New folder for the mean.")],
    share: Annotated[
        list[float] | None, typer.Option(help="Weight of each model in turn; by default equal.")
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
    typer.echo(f"the mean is in {folder}; fit its confidence with `python -m qa_core calibrate`")


@app.command(
    epilog="Example: python -m qa_core train --data train-v2.0.json --output runs/mine  |  "
    "on several devices: accelerate launch -m qa_core train ..."
)
def train(
    data: DataOption,
    output: Annotated[Path, typer.Option(help="Folder for the model and its checkpoints.")],
    model: Annotated[
        str | None, typer.Option(help="Base model: folder or Hub id; by default the recipe's.")
    ] = None,
    recipe: Annotated[RecipeName, typer.Option(help="Settings to start from.")] = "default",
    validation: Annotated[
        str | None,
        typer.Option(help="Validation data; by default a share of the paragraphs is held out."),
    ] = None,
    epochs: Annotated[float | None, typer.Option(help="Passes over the data.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="Peak learning rate.")] = None,
    warmup: Annotated[float | None, typer.Option(help="Share of steps to warm up.")] = None,
    weight_decay: Annotated[float | None, typer.Option(help="Weight decay.")] = None,
    dropout: Annotated[float | None, typer.Option(help="Of hidden states.")] = None,
    batch_tokens: Annotated[int | None, typer.Option(help="Padded tokens a batch.")] = None,
    batch_size: Annotated[int | None, typer.Option(help="Windows a batch, instead.")] = None,
    max_length: Annotated[int | None, typer.Option(help="Tokens a window.")] = None,
    stride: Annotated[int | None, typer.Option(help="Tokens windows share.")] = None,
    max_question_length: Annotated[
        int | None, typer.Option(help="Tokens of a question, at most.")
    ] = None,
    unanswerable: Annotated[
        float | None, typer.Option(help="Share of unanswerable examples in an epoch.")
    ] = None,
    misplaced: Annotated[
        float | None,
        typer.Option(help="Synthetic questions put to a close paragraph, per answerable one."),
    ] = None,
    swapped: Annotated[
        float | None,
        typer.Option(help="Synthetic questions with a name or number swapped, likewise."),
    ] = None,
    plausible: Annotated[
        float | None,
        typer.Option(help="Weight of the loss on plausible answers of unanswerable questions."),
    ] = None,
    crop: Annotated[
        int | None, typer.Option(help="Cut contexts to so many characters around the answer.")
    ] = None,
    precision: Annotated[
        Precision | None, typer.Option(help="Of matrix products; auto: what is fastest here.")
    ] = None,
    held_out: Annotated[
        float | None, typer.Option(help="Share of paragraphs held out for validation.")
    ] = None,
    validation_questions: Annotated[
        int | None, typer.Option(help="Questions to judge by, at most.")
    ] = None,
    evaluations: Annotated[
        int | None, typer.Option(help="How often to judge, and save a checkpoint.")
    ] = None,
    patience: Annotated[
        int | None, typer.Option(help="Stop after this many judgements without a gain.")
    ] = None,
    keep: Annotated[
        int | None, typer.Option(help="How many checkpoints to keep beside the best one.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of all that is random.")] = None,
    report_to: Annotated[Report | None, typer.Option(help="Where to log.")] = None,
    split: SplitOption = None,
    on_bad: OnBadOption = "stop",
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a run that was interrupted.")
    ] = False,
    cpu: Annotated[bool, typer.Option("--cpu", help="Stay on the CPU.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Fine-tune an encoder and keep the best checkpoint by F1."""
    given = dict(locals())
    from qa_core.data import squad
    from qa_core.training import run as training
    from qa_core.training.recipes import BASE_MODELS, RECIPES, Recipe

    names = {field.name for field in dataclasses.fields(Recipe)}
    changes = {name: given[name] for name in names & given.keys() if given[name] is not None}
    outcome = training.train(
        examples_of(data, split, on_bad),
        output,
        model=model or BASE_MODELS[recipe],
        recipe=dataclasses.replace(RECIPES[recipe], **changes),
        resume=resume,
        validation=squad.read(validation, on_bad=on_bad)[0] if validation else None,
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
            f"python -m qa_core calibrate --model {outcome.model} ..."
        )


if __name__ == "__main__":
    run(app)
