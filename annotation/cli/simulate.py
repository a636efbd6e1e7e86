"""`spanloop simulate`: what a review campaign would bring, before anybody reviews."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Annotated, Any

import typer

from annotation.campaigns.simulation import Campaign
from annotation.cli.options import (
    InterpolationOption,
    RegressionOption,
    ReplayBufferOption,
    UnseenOption,
)
from annotation.learning.settings import Settings
from qa_core.cli.flags import with_flags
from qa_core.cli.options import JsonOption

if TYPE_CHECKING:
    from qa_core.data.examples import Example
    from qa_core.models.versions import Versions

app = typer.Typer()
TEST_SHARE = 0.2


@app.command(
    epilog="Example: spanloop simulate --data hotels.train.json --test "
    "hotels.test.json --replay train-v2.0.json --output runs/hotels"
)
@with_flags(campaign=Campaign)
def simulate(
    campaign: dict[str, Any],
    data: Annotated[
        list[str], typer.Option(help="Questions with gold answers, for reviewers; repeatable.")
    ],
    output: Annotated[Path, typer.Option(help="Folder for curve.json and curve.png.")],
    test: Annotated[
        str | None,
        typer.Option(help="Judge by this data; else by a fifth of the texts of --data."),
    ] = None,
    evaluate: Annotated[
        list[str] | None, typer.Option(help="Judge by this data, too; repeatable.")
    ] = None,
    replay: Annotated[
        str | None, typer.Option(help="What not to forget; else the model's own answers.")
    ] = None,
    regression: RegressionOption = None,
    replay_buffer: ReplayBufferOption = None,
    unseen: UnseenOption = None,
    model: Annotated[
        Path | None, typer.Option(help="Model folder to start from; else the bundled one.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Questions to judge by from each file, at most.")
    ] = None,
    interpolation: InterpolationOption = 0.7,
    cpu: Annotated[bool, typer.Option("--cpu", help="Stay on the CPU.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Review with gold answers, re-train and judge, again and again; nothing of yours is touched.

    The campaign has versions of its own, which are gone at the end.
    """
    from dataclasses import asdict
    from tempfile import TemporaryDirectory

    from annotation.campaigns import curves
    from annotation.campaigns.simulation import simulate as run
    from annotation.learning.material import REGRESSION, REPLAY_BUFFER
    from qa_core.calibration.fit import UNSEEN
    from qa_core.data import squad
    from qa_core.data.splits import paragraph_fraction
    from qa_core.errors import InputError

    try:
        chosen = Campaign(**campaign)
    except InputError as error:
        name, _, said = str(error).partition(": ")
        raise typer.BadParameter(said, param_hint=f"--{name}") from error
    output.mkdir(parents=True, exist_ok=True)
    settings = Settings(interpolation=interpolation, seed=chosen.seed)
    stream = [example for source in data for example in squad.read(source)[0]]
    if test is None:
        # The other end of the scale than that of the reviews held out in re-training.
        judged = [e for e in stream if paragraph_fraction(e.context) >= 1 - TEST_SHARE]
        tests = {"test": judged}
    else:
        tests = {Path(test).name: squad.read(test)[0]}
    tests |= {Path(source).name: squad.read(source)[0] for source in evaluate or []}
    if len(tests) != 1 + len(evaluate or []):
        raise InputError("expected files of different names to judge by: rename one")
    if limit is not None:
        tests = {name: some(examples, limit) for name, examples in tests.items()}
    points = []
    with TemporaryDirectory(prefix="spanloop-") as scratch:
        for point in run(
            stream,
            tests,
            chosen,
            beginning(Path(scratch), model),
            regression=squad.read(regression or REGRESSION)[0],
            replay_buffer=squad.read(replay_buffer or REPLAY_BUFFER)[0],
            replay=squad.read(replay)[0] if replay else (),
            unseen=squad.read(unseen or UNSEEN)[0],
            settings=settings,
            cpu=cpu,
            tell=lambda what: typer.echo(f"{what} ...", err=True),
        ):
            points.append(point)
            about = {name: len(examples) for name, examples in tests.items()}
            curves.save(
                output / "curve.json",
                chosen,
                points,
                questions=about,
                settings=asdict(settings),
            )
            if not as_json:
                typer.echo(line(point.reviews, point.serving, point.objections))
    curves.plot({chosen.ordering: [points]}, list(tests)).savefig(output / "curve.png", dpi=160)
    if as_json:
        typer.echo((output / "curve.json").read_text(encoding="utf-8").strip())
    else:
        typer.echo(f"{output / 'curve.png'} shows it")


def some(examples: Sequence[Example], limit: int) -> list[Example]:
    """At most ``limit`` of the examples, the same ones every time."""
    return Random(0).sample(list(examples), min(limit, len(examples)))


def beginning(folder: Path, model: Path | None) -> Versions:
    """Versions of which the model of a folder serves, the bundled one if None."""
    from qa_core.models.folder import version
    from qa_core.models.versions import Versions

    versions = Versions(folder)
    if model is not None:
        versions.promote(versions.publish(model, {"digest": version(model)}))
    return versions


def line(
    reviews: int, serving: Mapping[str, Mapping[str, float]], objections: tuple[str, ...]
) -> str:
    """A point of the curve, for people to read."""
    scores = ", ".join(f"{name} F1 {of_one['f1']:.1f}" for name, of_one in serving.items())
    refused = f" (not promoted: {'; '.join(objections)})" if objections else ""
    return f"{reviews:5} reviews: {scores}{refused}"
