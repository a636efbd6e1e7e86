"""Does the verifier know better than confidence which answers reviewers accept?

    python -m benchmarks.verifier --data covid.json.gz --data policies.json.gz
    python -m benchmarks.verifier --data covid.json.gz --reviews 200 --replay train-v2.0.json.gz

The gold answers of each file are the reviewer. The verifier learns from the first 16, 64 and 256
reviews of a random order and is judged on other questions, whose contexts it has not seen. With
``--replay`` the reader is re-trained on the same reviews, too, and the verifier that knows only its
former answers is judged on the new ones.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import numpy as np
import typer

from annotation.cli.simulate import beginning
from annotation.learning.material import REGRESSION, REPLAY_BUFFER, Material
from annotation.learning.retrain import retrain
from annotation.learning.settings import Settings
from annotation.verifier.model import Case, Verifier, learn, of_answer
from qa_core.calibration.fit import UNSEEN
from qa_core.data import squad
from qa_core.data.examples import Example
from qa_core.errors import InputError
from qa_core.evaluation import metrics
from qa_core.inference.answer import Answers
from qa_core.inference.reader import Reader


def reviewed(reader: Answers, examples: list[Example]) -> list[Case]:
    """The reader's answers as cases, judged by exact match with the golds."""
    answers = reader.answer_batch([example.pair for example in examples], progress=True)
    return [
        Case(
            text=of_answer(example.question, example.context, answer),
            confidence=answer.confidence,
            accepted=bool(metrics.exact_match(answer.text, [g.text for g in example.answers])),
            group=example.context,
        )
        for example, answer in zip(examples, answers, strict=True)
    ]


def judge(verifier: Verifier, judged: Sequence[Case]) -> dict[str, Any]:
    """AUROC and AURC on the judged cases, and what becomes of the doubtful ones among them.

    doubtful: how many; settled: how many of these the verifier would keep from reviewers;
    accepted: the share (0 to 1) of right ones among those, and among the doubtful.
    """
    texts = [case.text for case in judged]
    confidence = np.array([case.confidence for case in judged])
    right = np.array([case.accepted for case in judged])
    scores = {
        "confidence": confidence,
        "verifier": verifier.alone(texts),
        "both": verifier.probability(texts, confidence.tolist()),
    }
    doubtful = confidence < verifier.threshold
    settled = doubtful & (scores["both"] >= verifier.threshold)
    return {
        "auroc": {name: metrics.auroc(score, right.tolist()) for name, score in scores.items()},
        "aurc": {name: metrics.aurc(score, right.tolist()) for name, score in scores.items()},
        "doubtful": int(doubtful.sum()),
        "settled": int(settled.sum()),
        "accepted": {
            name: float(right[which].mean()) if which.any() else None
            for name, which in (("doubtful", doubtful), ("settled", settled))
        },
    }


def retrained(model: Path | None, reviews: list[Example], replay: list[Example]) -> Reader:
    """The reader after re-training on the reviews, whether or not it would be promoted."""
    material = Material(
        reviews=reviews,
        regression=squad.read(REGRESSION)[0],
        replay_buffer=squad.read(REPLAY_BUFFER)[0],
        replay=replay,
        unseen=squad.read(UNSEEN)[0],
    )
    with TemporaryDirectory() as folder:
        versions = beginning(Path(folder), model)
        result = retrain(material, versions, Settings(), command="benchmark")
        return Reader.load(versions.path(result.version))


def main(
    data: Annotated[list[str], typer.Option(help="SQuAD file of one domain; repeatable.")],
    model: Annotated[Path | None, typer.Option(help="Model folder.")] = None,
    sizes: Annotated[list[int] | None, typer.Option("--reviews", help="Repeatable.")] = None,
    judged: Annotated[int, typer.Option(min=50, help="Questions to judge by.")] = 300,
    replay: Annotated[
        str | None, typer.Option(help="Re-train the reader, too, and replay this data set.")
    ] = None,
    seed: int = 0,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Print AUROC and AURC of confidence alone, the verifier alone, and both."""
    reader = Reader.load(model)
    replayed = squad.read(replay)[0] if replay else []
    rows: list[dict[str, Any]] = []
    for source in data:
        examples = squad.read(source)[0]
        random.Random(seed).shuffle(examples)
        most = max(sizes or [256])
        tested = {example.context for example in examples[:judged]}
        left = [example for example in examples if example.context not in tested][:most]
        tests = examples[:judged]
        before, cases = reviewed(reader, tests), reviewed(reader, left)
        for size in sizes or [16, 64, 256]:
            row: dict[str, Any] = {"data": Path(source).name, "reviews": size}
            began = time.monotonic()
            try:
                verifier, trial = learn(cases[:size], seed=seed, progress=False)
            except InputError as error:
                row["problem"] = str(error)
            else:
                row |= {
                    "seconds": time.monotonic() - began,
                    "used": trial.used,
                    "cross_validated_auroc": dict(trial.auroc),
                    "judged": judge(verifier, before),
                }
                if replayed:
                    anew = retrained(model, left[:size], replayed)
                    row["judged anew"] = judge(verifier, reviewed(anew, tests))
            rows.append(row)
            if not as_json:
                show(row)
    if as_json:
        typer.echo(json.dumps(rows))


def show(row: dict[str, Any]) -> None:
    """One line of the table."""
    name = f"{row['data']:36} {row['reviews']:4}"
    if "problem" in row:
        typer.echo(f"{name}  {row['problem']}")
        return
    used = "used" if row["used"] else "not used"
    judged = {kind: row[kind] for kind in ("judged", "judged anew") if kind in row}
    for kind, of_kind in judged.items():
        cells = "  ".join(
            f"{score} {of_kind['auroc'][score]:.3f}/{of_kind['aurc'][score]:.3f}"
            for score in ("confidence", "verifier", "both")
        )
        accepted = "  ".join(
            f"{share:.2f} of {of_kind[which]} {which} accepted"
            for which, share in of_kind["accepted"].items()
            if share is not None
        )
        typer.echo(
            f"{name}  {kind}: AUROC/AURC: {cells}  {accepted}  ({used}, {row['seconds']:.0f} s)"
        )


if __name__ == "__main__":
    typer.run(main)
