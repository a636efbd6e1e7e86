"""What several of the annotation commands share on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qa_core.errors import DataError

if TYPE_CHECKING:
    from annotation.store.store import Store
    from qa_core.data.examples import Example

PROGRAM = "spanloop"
StoreOption = Annotated[
    Path | None,
    typer.Option(
        "--store",
        help="File of predictions and reviews; else SPANLOOP_DATABASE, or a file in SPANLOOP_HOME.",
    ),
]
RegressionOption = Annotated[
    Path | None, typer.Option(help="Regression set; else the one that comes along.")
]
ReplayBufferOption = Annotated[
    str | None, typer.Option(help="Examples of many kinds to replay, too; else what comes along.")
]
UnseenOption = Annotated[
    str | None,
    typer.Option(help="What no training has seen, to calibrate by; else what comes along."),
]
InterpolationOption = Annotated[
    float,
    typer.Option(min=0, max=0.99, help="Weight of the model before any re-training in the mean."),
]


def decided(store: Store) -> list[Example]:
    """What reviewers decided. Raises DataError where that is nothing."""
    examples = list(store.examples())
    if not examples:
        raise DataError(
            f"expected decided reviews in {store}, found none: review some predictions first"
        )
    return examples
