"""Does the verifier know better than confidence which answers reviewers accept?

    python -m benchmarks.verifier --data covid.json.gz --data policies.json.gz

The gold answers of each file are the reviewer. The verifier learns from the first 16, 64 and 256
reviews of a random order and is judged on other questions, whose contexts it has not seen.
"""

from __future__ import annotations

import json
import random
import time
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from annotation.verifier import Case, learn, of_answer
from qa_core import metrics, squad
from qa_core.errors import InputError
from qa_core.reader import Reader
from qa_core.squad import Example


def reviewed(reader: Reader, examples: list[Example]) -> list[Case]:
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


def judge(learning: list[Case], judged: list[Case], seed: int) -> dict[str, Any]:
    """AUROC and AURC on the judged cases, and what cross-validation said of them beforehand."""
    began = time.monotonic()
    verifier, trial = learn(learning, seed=seed, progress=False)
    seconds = time.monotonic() - began
    texts = [case.text for case in judged]
    confidence = np.array([case.confidence for case in judged])
    right = [case.accepted for case in judged]
    scores = {
        "confidence": confidence,
        "verifier": verifier.alone(texts),
        "both": verifier.probability(texts, confidence.tolist()),
    }
    return {
        "used": trial.used,
        "cross_validated_auroc": dict(trial.auroc),
        "auroc": {name: metrics.auroc(score, right) for name, score in scores.items()},
        "aurc": {name: metrics.aurc(score, right) for name, score in scores.items()},
        "seconds": seconds,
    }


def main(
    data: Annotated[list[str], typer.Option(help="SQuAD file of one domain; repeatable.")],
    model: Annotated[Path | None, typer.Option(help="Model folder.")] = None,
    sizes: Annotated[list[int] | None, typer.Option("--reviews", help="Repeatable.")] = None,
    judged: Annotated[int, typer.Option(min=50, help="Questions to judge by.")] = 300,
    seed: int = 0,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Print AUROC and AURC of confidence alone, the verifier alone, and both."""
    reader = Reader.load(model)
    rows: list[dict[str, Any]] = []
    for source in data:
        examples = squad.read(source)[0]
        random.Random(seed).shuffle(examples)
        most = max(sizes or [256])
        tested = {example.context for example in examples[:judged]}
        left = [example for example in examples if example.context not in tested][:most]
        cases = reviewed(reader, examples[:judged] + left)
        for size in sizes or [16, 64, 256]:
            row: dict[str, Any] = {"data": Path(source).name, "reviews": size}
            try:
                row |= judge(cases[judged : judged + size], cases[:judged], seed)
            except InputError as error:
                row["problem"] = str(error)
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
    cells = "  ".join(
        f"{kind} {row['auroc'][kind]:.3f}/{row['aurc'][kind]:.3f}"
        for kind in ("confidence", "verifier", "both")
    )
    said = "used" if row["used"] else "not used"
    typer.echo(f"{name}  AUROC/AURC: {cells}  ({said}, {row['seconds']:.0f} s)")


if __name__ == "__main__":
    typer.run(main)
