"""Reviews to a candidate model, judged beside the current one, and promoted only if better."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from annotation.learning.gate import Paired, compare, objections
from annotation.learning.material import FEWEST, REGRESSED, Material, parted, without
from annotation.learning.replay import Replay, choose
from annotation.learning.settings import Gate, Settings
from qa_core.calibration.refit import recalibrate
from qa_core.data.examples import Example, digest
from qa_core.evaluation.judging import Report, evaluate, judge
from qa_core.inference.answer import Answer
from qa_core.inference.domain import Domain
from qa_core.inference.reader import Reader
from qa_core.models.record import WindowSizes, held_out_share, window_sizes
from qa_core.models.versions import Versions
from qa_core.serving.live import load

if TYPE_CHECKING:
    from qa_core.training.recipes import Recipe

HELD_OUT, LEFT = "held-out reviews", "replay, held out"


@dataclass(frozen=True, slots=True)
class Result:
    """What a re-training came to.

    version: the candidate's name, ``model`` as its answers name it; parent: the version it was
    trained from and compared with. figures: F1 and exact match of both, by the data's name.
    objections: why it was not promoted; none if it was.
    """

    version: str
    model: str
    parent: str
    figures: Mapping[str, Mapping[str, Paired]]
    objections: tuple[str, ...]

    @property
    def promoted(self) -> bool:
        return not self.objections


def retrain(
    material: Material,
    versions: Versions,
    settings: Settings,
    *,
    command: str = "",
    cpu: bool = False,
    tell: Callable[[str], None] = lambda what: None,
) -> Result:
    """Train a candidate from the version that serves, judge both, and promote it if better.

    tell: is called with what begins. Whenever the process is killed, the version that served goes
    on to serve. Raises DataError where there are too few reviews, ModelError, InputError.
    """
    began = time.monotonic()
    learning, held_out = parted(material, settings.held_out)
    with versions.training() as scratch:
        parent = versions.serving()
        tell(f"reading with {parent}")
        current, folder = load(versions), versions.path(parent)
        unseen_share = min(settings.held_out, held_out_share(folder) or settings.held_out)
        replay = choose(material, learning, held_out, settings, current, unseen_share)
        tell(f"learning from {len(learning)} reviews and {len(replay)} others")
        origin = versions.path(versions.origin(parent))
        made = _train(learning, replay, held_out, scratch, folder, origin, settings, cpu)
        tell("calibrating")
        answers = _calibrate(made, current, material, learning, held_out, replay)
        tell("judging")
        candidate = Reader.load(made)
        figures = _judge(current, candidate, material, judge(held_out, answers), replay)
        against = _objections(settings.gate, figures)
        tell("publishing the candidate")
        record = {
            "parent": parent,
            "parent_model": current.model,
            "digest": candidate.model.rpartition("@")[2],
            "command": command,
            "settings": asdict(settings),
            "data": _data(material, learning, held_out, replay),
            "local": (local := candidate.calibration.local) and local.calibration.fitted["shifted"],
            "figures": plain(figures),
            "objections": against,
            "seconds": round(time.monotonic() - began),
        }
        name = versions.publish(made, record)
        if not against:
            tell(f"promoting {name}")
            versions.promote(name)
    return Result(name, f"{name}@{record['digest']}", parent, figures, tuple(against))


def _train(
    learning: Sequence[Example],
    replay: Replay,
    held_out: Sequence[Example],
    scratch: Path,
    parent: Path,
    origin: Path,
    settings: Settings,
    cpu: bool,
) -> Path:
    """Fine-tune in a folder under ``scratch``; returns that of the candidate."""
    from qa_core.models.averaging import average
    from qa_core.training.memory import return_freed_memory
    from qa_core.training.run import train

    tuned = scratch / "tuned"
    train(
        [*learning, *replay.labelled],
        tuned,
        model=str(parent),
        recipe=_recipe(settings, window_sizes(parent)),
        validation=held_out,
        distillation=replay.distilled,
        cpu=cpu,
    )
    return_freed_memory()
    if not settings.interpolation:
        return tuned
    shares = [1 - settings.interpolation, settings.interpolation]
    return average([tuned, origin], shares, scratch / "candidate")


def _recipe(settings: Settings, sizes: WindowSizes) -> Recipe:
    """A fixed schedule whose last weights are taken: the held-out reviews choose nothing."""
    from qa_core.training.recipes import Recipe

    return Recipe(
        epochs=settings.epochs,
        learning_rate=settings.learning_rate,
        warmup=0.1,
        batch_tokens=settings.batch_tokens,
        unanswerable=None,
        misplaced=0,
        swapped=0,
        evaluations=1,
        validation_questions=FEWEST,
        seed=settings.seed,
        report_to="none",
        **asdict(sizes),
    )


def _calibrate(
    made: Path,
    current: Reader,
    material: Material,
    learning: Sequence[Example],
    held_out: Sequence[Example],
    replay: Replay,
) -> list[Answer]:
    """Calibrate the model in the folder ``made``; returns its answers to ``held_out``."""
    others = [*replay.left, *without(material.unseen, *material.tests().values())]
    reviewed = Domain.fit(
        [example.pair for example in learning], [example.pair for example in replay.labelled]
    )
    fitted, answers = recalibrate(Reader.load(made), current, held_out, others, reviewed)
    fitted.save(made)
    return answers


def _judge(
    current: Reader, candidate: Reader, material: Material, held_out: Report, replay: Replay
) -> dict[str, dict[str, Paired]]:
    """Both models beside each other. held_out: the candidate's report on the held-out reviews."""
    bar = sys.stderr.isatty()
    reviews = [judged.example for judged in held_out.judgements]
    figures = {HELD_OUT: _beside(evaluate(current, reviews, progress=bar), held_out)}
    tests = material.tests() | ({LEFT: replay.left} if replay.left else {})
    for name, examples in tests.items():
        reports = (evaluate(one, examples, progress=bar) for one in (current, candidate))
        figures[name] = _beside(*reports)
    return figures


def _objections(gate: Gate, figures: Mapping[str, Mapping[str, Paired]]) -> list[str]:
    of_left = figures[LEFT]["f1"] if LEFT in figures else None
    return objections(gate, figures[HELD_OUT]["f1"], figures[REGRESSED]["f1"], of_left)


def _data(
    material: Material,
    learning: Sequence[Example],
    held_out: Sequence[Example],
    replay: Replay,
) -> dict[str, Any]:
    """What was learned from and judged by, for the record."""
    return {
        "reviews": fingerprint(material.reviews),
        "learned": len(learning),
        "held_out": len(held_out),
        "learned_ids": [example.id for example in learning],
        "held_out_ids": [example.id for example in held_out],
        "replay_buffer": fingerprint(replay.buffered),
        "replay": fingerprint(replay.replayed or replay.distilled),
        "replayed_as": "labelled" if replay.replayed else "distilled",
        "unseen": fingerprint(material.unseen),
        "regression": fingerprint(material.regression),
        **material.about,
    }


def _beside(current: Report, candidate: Report) -> dict[str, Paired]:
    contexts = [judged.example.context for judged in current.judgements]
    scores = (
        ("f1", [one.f1 for one in current.judgements], [one.f1 for one in candidate.judgements]),
        (
            "exact",
            [one.exact for one in current.judgements],
            [one.exact for one in candidate.judgements],
        ),
    )
    return {name: compare(before, after, contexts) for name, before, after in scores}


def fingerprint(examples: Sequence[Example]) -> dict[str, Any]:
    """How many examples, and a hash that changes with any of them or their order."""
    return {"questions": len(examples), "sha256": digest(examples)}


def plain(figures: Mapping[str, Mapping[str, Paired]]) -> dict[str, Any]:
    """Figures ready for JSON."""
    return {
        name: {score: asdict(paired) | {"gain": paired.gain} for score, paired in of_one.items()}
        for name, of_one in figures.items()
    }
