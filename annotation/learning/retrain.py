"""Reviews to a candidate model, judged beside the current one, and promoted only if better."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from annotation.learning.gate import Paired, compare, objections
from annotation.learning.replay import distillation_set, sample, without
from annotation.learning.settings import Settings
from qa_core.calibration.refit import recalibrate
from qa_core.data.examples import Example, digest
from qa_core.data.splits import split_by_paragraph
from qa_core.errors import DataError
from qa_core.evaluation.judging import Report, evaluate, judge
from qa_core.inference.domain import Domain
from qa_core.inference.reader import Reader
from qa_core.models.record import WindowSizes, held_out_share, window_sizes
from qa_core.models.versions import Versions
from qa_core.serving.live import load

if TYPE_CHECKING:
    from qa_core.training.recipes import Recipe

REGRESSION = Path(__file__).parent / "regression.json"
REPLAY_BUFFER = Path(__file__).parent / "replay_buffer.json"
HELD_OUT, REGRESSED, LEFT = "held-out reviews", "regression set", "replay, held out"
CALIBRATION_QUESTIONS = 1000
FEWEST = 5


@dataclass(frozen=True, slots=True)
class Material:
    """What there is to learn from and to judge by.

    replay_buffer: labelled examples on texts of many kinds, none of which may be forgotten. replay:
    labelled examples of what the model was first trained on; without any, the model's own
    confident answers to ``met``, (question, context) pairs, stand in. unseen: questions of the old
    kind that no training has seen, to calibrate by. evaluate: more examples to judge by, by name.
    about: what is known of the sources, for the record.
    """

    reviews: Sequence[Example]
    regression: Sequence[Example]
    replay_buffer: Sequence[Example] = ()
    replay: Sequence[Example] = ()
    met: Sequence[tuple[str, str]] = ()
    unseen: Sequence[Example] = ()
    evaluate: Mapping[str, Sequence[Example]] = field(default_factory=dict)
    about: Mapping[str, Any] = field(default_factory=dict)


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
    judged = {REGRESSED: material.regression, **material.evaluate}
    learning, held_out = split_by_paragraph(material.reviews, settings.held_out)
    learning = without(learning, *judged.values())
    if len(held_out) < FEWEST or len(learning) < FEWEST:
        raise DataError(
            f"expected reviews to learn from and to judge by, at least {FEWEST} of either, found "
            f"{len(learning)} and {len(held_out)}: review more"
        )
    with versions.training() as scratch:
        parent = versions.serving()
        tell(f"reading with {parent}")
        current = load(versions)
        folder = versions.path(parent)
        unseen_share = min(settings.held_out, held_out_share(folder) or settings.held_out)
        replay = _replay(material, learning, held_out, settings, current, unseen_share)
        tell(f"learning from {len(learning)} reviews and {len(replay)} others")
        labelled = [*learning, *replay.buffered, *replay.replayed]
        origin = versions.path(versions.origin(parent))
        made = _train(labelled, replay.distilled, held_out, scratch, folder, origin, settings, cpu)
        tell("calibrating")
        candidate = Reader.load(made)
        others = [*replay.left, *without(material.unseen, *judged.values())]
        reviewed = Domain.fit(
            [example.pair for example in learning],
            [example.pair for example in [*replay.buffered, *replay.replayed]],
        )
        fitted, answers = recalibrate(candidate, current, held_out, others, reviewed)
        fitted.save(made)
        tell("judging")
        candidate, bar = Reader.load(made), sys.stderr.isatty()
        if replay.left:
            judged[LEFT] = replay.left
        figures = {
            HELD_OUT: _beside(evaluate(current, held_out, progress=bar), judge(held_out, answers)),
            **{
                name: _beside(
                    evaluate(current, examples, progress=bar),
                    evaluate(candidate, examples, progress=bar),
                )
                for name, examples in judged.items()
            },
        }
        of_left = figures[LEFT]["f1"] if LEFT in figures else None
        against = objections(
            settings.gate, figures[HELD_OUT]["f1"], figures[REGRESSED]["f1"], of_left
        )
        tell("publishing the candidate")
        hashed = candidate.model.rpartition("@")[2]
        name = versions.publish(
            made,
            {
                "parent": parent,
                "parent_model": current.model,
                "digest": hashed,
                "command": command,
                "settings": asdict(settings),
                "data": {
                    "reviews": fingerprint(material.reviews),
                    "learned": len(learning),
                    "held_out": len(held_out),
                    "replay_buffer": fingerprint(replay.buffered),
                    "replay": fingerprint(replay.replayed or replay.distilled),
                    "replayed_as": "labelled" if replay.replayed else "distilled",
                    "unseen": fingerprint(material.unseen),
                    "regression": fingerprint(material.regression),
                    **material.about,
                },
                "local": fitted.local and fitted.local.calibration.fitted["shifted"],
                "figures": plain(figures),
                "objections": against,
            },
        )
        if not against:
            tell(f"promoting {name}")
            versions.promote(name)
    return Result(name, f"{name}@{hashed}", parent, figures, tuple(against))


@dataclass(frozen=True, slots=True)
class Replay:
    """What is gone over beside the reviews, and what is left of it to calibrate by.

    buffered, replayed: with their labels; distilled: with what the model says today.
    """

    buffered: Sequence[Example] = ()
    replayed: Sequence[Example] = ()
    distilled: Sequence[Example] = ()
    left: Sequence[Example] = ()

    def __len__(self) -> int:
        return len(self.buffered) + len(self.replayed) + len(self.distilled)


def _replay(
    material: Material,
    learning: Sequence[Example],
    held_out: Sequence[Example],
    settings: Settings,
    current: Reader,
    unseen_share: float,
) -> Replay:
    """Choose it, on no text that is judged by.

    unseen_share: of paragraphs that no training has seen; on others the model is too sure.
    """
    if not settings.replay_ratio:
        return Replay()
    wanted = max(settings.least_replay, round(settings.replay_ratio * len(learning)))
    judged = (held_out, material.regression, *material.evaluate.values())
    buffered = sample(without(material.replay_buffer, *judged), wanted // 2, settings.seed)
    wanted -= len(buffered)
    if material.replay:
        usable = without(material.replay, *judged)
        known, _ = split_by_paragraph(usable, settings.held_out)
        _, left = split_by_paragraph(usable, unseen_share)
        return Replay(
            buffered,
            replayed=sample(known, wanted, settings.seed),
            left=sample(left, CALIBRATION_QUESTIONS, settings.seed),
        )
    met = [Example("", question, context) for question, context in material.met]
    pairs = [example.pair for example in without(met, *judged)]
    corrected = {review.pair for review in material.reviews}
    return Replay(
        buffered, distilled=distillation_set(current, pairs, corrected, wanted, settings.seed)
    )


def _train(
    learning: Sequence[Example],
    distilled: Sequence[Example],
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
        learning,
        tuned,
        model=str(parent),
        recipe=_recipe(settings, window_sizes(parent)),
        validation=held_out,
        distillation=distilled,
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
