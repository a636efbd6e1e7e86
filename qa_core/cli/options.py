"""Options that several commands share."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

import typer

from qa_core import defaults

Backend = Literal["auto", "torch", "onnx", "onnx-fp32"]
OnBad = Literal["stop", "skip"]

ModelOption = Annotated[
    str | None,
    typer.Option(
        "--model",
        envvar="SPANLOOP_MODEL",
        help="Model folder, Hub id, `base` or `small`; by default the version that serves.",
    ),
]
BackendOption = Annotated[
    Backend, typer.Option("--backend", envvar="SPANLOOP_BACKEND", help="What runs the model.")
]
DataOption = Annotated[
    list[str],
    typer.Option(
        "--data",
        help="SQuAD JSON, JSON Lines, CSV, Excel or Parquet file, or Hub data set; repeatable.",
    ),
]
OnBadOption = Annotated[OnBad, typer.Option(help="What to do at a bad row.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
ReviewThresholdOption = Annotated[
    float | None,
    typer.Option(help="Less confident is uncertain.", show_default=str(defaults.REVIEW_THRESHOLD)),
]
RandomShareOption = Annotated[
    float | None,
    typer.Option(help="Share of the others to keep.", show_default=str(defaults.RANDOM_SHARE)),
]
DailyBudgetOption = Annotated[
    int | None,
    typer.Option(help="Kept in a day, at most.", show_default=str(defaults.DAILY_BUDGET)),
]
SplitOption = Annotated[str | None, typer.Option(help="Split of a Hub data set.")]

ShareOption = Annotated[
    float | None,
    typer.Option(
        "--answerable-share",
        min=0.01,
        max=0.99,
        help="Share of questions to expect an answer for: a higher one answers more, a lower one "
        "is stricter; by default what the model was calibrated for.",
    ),
]
MaxAnswerOption = Annotated[
    int, typer.Option("--max-answer-tokens", min=1, help="Tokens of an answer, at most.")
]


class Part(StrEnum):
    """Which side of the split by paragraph to take."""

    ALL = "all"
    LEARNING = "learning"
    HELD_OUT = "held-out"


PartOption = Annotated[Part, typer.Option(help="Side of the split by paragraph.")]
HeldOutOption = Annotated[float, typer.Option(min=0, max=1, help="Share held out.")]


def examples_of(sources: list[str], split: str | None, on_bad: OnBad) -> list[Any]:
    """Examples of all sources; what was left out is listed on standard error."""
    from qa_core.data import squad
    from qa_core.errors import DataError

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


LimitOption = Annotated[
    int | None, typer.Option(min=1, help="Take a fixed random sample of this size.")
]


def sample(examples: list[Any], limit: int | None) -> list[Any]:
    """At most ``limit`` of the examples, the same ones every time, in their order."""
    if limit is None or limit >= len(examples):
        return examples
    import numpy as np

    drawn = np.random.default_rng(0).choice(len(examples), limit, replace=False)
    return [examples[i] for i in sorted(drawn.tolist())]


def side_of(examples: list[Any], part: Part, held_out: float) -> list[Any]:
    """The examples on one side of the split by paragraph."""
    from qa_core.data.splits import split_by_paragraph

    if part is Part.ALL:
        return examples
    learning, left = split_by_paragraph(examples, held_out)
    return learning if part is Part.LEARNING else left
