"""Does an answer keep its confidence when unrelated paragraphs are put after its text?

Each question is asked of its text alone, then with 3 and with 9 paragraphs of other texts after it:

    python -m benchmarks.lengthened --data texts/everyday.test.json.gz --limit 200

Changes are counted over the questions whose answer stays the same, span for span.
"""

from __future__ import annotations

import json
from typing import Annotated

import numpy as np
import typer

from qa_core.cli.options import JsonOption, ModelOption
from qa_core.cli.running import run
from qa_core.data import squad
from qa_core.data.examples import Example
from qa_core.errors import InputError
from qa_core.inference.reader import Reader

app = typer.Typer(pretty_exceptions_enable=False)
SEED = 7
APPENDED = (0, 3, 9)  # paragraphs


def followed(
    examples: list[Example], texts: dict[str, str], paragraphs: int
) -> list[tuple[str, str]]:
    """(question, context) of each example, its text followed by so many others.

    texts: title by text, of which others are drawn; none has the example's own title.
    """
    rng = np.random.default_rng(SEED)
    pairs = []
    for example in examples:
        others = [
            context for context, title in texts.items()
            if context != example.context and (not title or title != example.title)
        ]  # fmt: skip
        if len(others) < paragraphs:
            raise InputError(
                f"expected data of at least {paragraphs} texts of other titles, found {len(others)}"
            )
        drawn = rng.choice(len(others), paragraphs, replace=False)
        text = "\n\n".join([example.context, *(others[index] for index in drawn)])
        pairs.append((example.question, text))
    return pairs


@app.command()
def main(
    data: Annotated[str, typer.Option(help="Data set with answers.")],
    model: ModelOption = None,
    answerable_share: Annotated[float, typer.Option(help="Share of answerable questions.")] = 0.75,
    limit: Annotated[int, typer.Option(min=10, help="Answerable questions, at most.")] = 200,
    as_json: JsonOption = False,
) -> None:
    """Print how confidence changes with the length of the text."""
    everything = squad.read(data)[0]
    texts = {one.context: one.title for one in everything}
    answerable = [one for one in everything if one.answerable]
    examples = [answerable[n] for n in sorted(
        np.random.default_rng(SEED).permutation(len(answerable))[:limit]
    )]  # fmt: skip
    reader = Reader.load(model, answerable_share=answerable_share)
    alone = None
    rows = []
    for paragraphs in APPENDED:
        answers = reader.answer_batch(followed(examples, texts, paragraphs))
        alone = alone or answers
        same = [
            (long.confidence, short.confidence)
            for long, short in zip(answers, alone, strict=True)
            if short.answerable and (long.start, long.end) == (short.start, short.end)
        ]
        changes = np.array([long - short for long, short in same])
        rows.append(
            {
                "paragraphs_after": paragraphs,
                "same_answer": len(same),
                "answered_alone": sum(answer.answerable for answer in alone),
                "confidence": round(float(np.mean([long for long, _ in same])), 3),
                "mean_change": round(float(changes.mean()), 3),
                "mean_absolute_change": round(float(np.abs(changes).mean()), 3),
            }
        )
    if as_json:
        typer.echo(json.dumps(rows))
        return
    for row in rows:
        typer.echo(
            f"{row['paragraphs_after']} paragraphs after: confidence {row['confidence']}, "
            f"{row['mean_change']:+.3f} (absolute {row['mean_absolute_change']}); "
            f"the same answer {row['same_answer']} of {row['answered_alone']} times"
        )


if __name__ == "__main__":
    run(app)
