"""How much more often is a question declined when it is messy?

The same questions as they stand, with keyboard slips, as speech recognition writes them, and with
hesitations and repairs (`qa_core.data.augmentation`), asked of the same texts:

    python -m benchmarks.messy --data xquad.en.json.gz
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Annotated

import numpy as np
import typer

from qa_core.cli.options import JsonOption, ModelOption
from qa_core.cli.running import run
from qa_core.data import squad
from qa_core.data.augmentation import hesitate, repair, slips, speech
from qa_core.data.examples import Example
from qa_core.evaluation.judging import evaluate
from qa_core.inference.reader import Reader

app = typer.Typer(pretty_exceptions_enable=False)
SEED = 7


def messy(examples: list[Example]) -> dict[str, list[Example]]:
    """The examples in every shape, by name."""
    asked: dict[str, list[str]] = {}
    for example in examples:
        asked.setdefault(example.context, []).append(example.question)

    def repaired(example: Example, rng: np.random.Generator) -> str:
        others = [one for one in asked[example.context] if one != example.question]
        return repair(example.question, others, rng) if others else hesitate(example.question, rng)

    shapes: dict[str, Callable[[Example, np.random.Generator], str]] = {
        "slips": lambda example, rng: slips(example.question, rng),
        "speech": lambda example, rng: speech(example.question, rng),
        "disfluent": repaired,
    }
    made = {"as written": examples}
    for name, shape in shapes.items():
        rng = np.random.default_rng(SEED)
        made[name] = [replace(one, question=shape(one, rng)) for one in examples]
    return made


@app.command()
def main(
    data: Annotated[str, typer.Option(help="Data set with answers.")],
    model: ModelOption = None,
    answerable_share: Annotated[float, typer.Option(help="Share of answerable questions.")] = 0.75,
    limit: Annotated[int | None, typer.Option(min=1, help="Questions at most.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Print how many answerable questions are declined, and how sure the verdicts are."""
    examples = squad.read(data)[0][:limit]
    reader = Reader.load(model, answerable_share=answerable_share)
    rows = []
    for name, shaped in messy(examples).items():
        report = evaluate(reader, shaped)
        declined = [
            one.answer.confidence
            for one in report.judgements
            if one.example.answerable and not one.answer.answerable
        ]
        rows.append(
            {
                "questions": name,
                "f1": round(report.scores["f1"], 1),
                "declined": round(100 * (report.verdicts.declined or 0.0), 1),
                "confidence_declined": round(float(np.mean(declined)), 3) if declined else None,
            }
        )
    if as_json:
        typer.echo(json.dumps(rows))
        return
    for row in rows:
        more = row["declined"] - rows[0]["declined"]  # type: ignore[operator]
        typer.echo(
            f"{row['questions']:>10}  F1 {row['f1']}  declined {row['declined']} % ({more:+.1f})  "
            f"confidence when declined {row['confidence_declined']}"
        )


if __name__ == "__main__":
    run(app)
