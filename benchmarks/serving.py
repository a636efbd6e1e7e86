"""How quick and how right each backend is, on the same questions in the same run.

    python -m benchmarks.serving --data dev-v2.0.json.gz

``alone`` answers one question after the other, as at the page; ``together`` hands all of them to
`Reader.answer_batch`, as files are answered. ``torch-plain`` is what other readers do: torch in
float32, one padded batch per question, no threshold, no confidence. Rounds alternate, so that a
busy machine slows all alike. EM and F1 are those of `python -m qa_core evaluate`.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from qa_core.data import squad
from qa_core.data.examples import Example
from qa_core.evaluation import judging as evaluation
from qa_core.inference.reader import Reader
from qa_core.models.backends import load_torch_model
from qa_core.models.folder import resolve_model
from qa_core.models.record import WindowSizes

BACKENDS = ("torch", "onnx-fp32", "onnx")


def plain_torch(model: Path) -> Callable[[str, str], object]:
    """The loop of many a tutorial: tokenize with overflow, run, take the best logits."""
    import torch
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(model)
    network = load_torch_model(model)

    sizes = WindowSizes()

    def answer(question: str, context: str) -> object:
        batch = tokenizer(
            question,
            context,
            truncation="only_second",
            max_length=sizes.max_length,
            stride=sizes.stride,
            return_overflowing_tokens=True,
            padding=True,
            return_tensors="pt",
        )
        batch.pop("overflow_to_sample_mapping")
        with torch.inference_mode():
            output = network(**batch)
        scores = output.start_logits[:, :, None] + output.end_logits[:, None, :]
        return scores.triu().flatten().argmax().item()

    return answer


def rate(answer: Callable[[str, str], object], examples: Sequence[Example]) -> float:
    """Questions a second, one after the other."""
    began = time.perf_counter()
    for example in examples:
        answer(example.question, example.context)
    return len(examples) / (time.perf_counter() - began)


def main(
    data: Annotated[Path, typer.Option(help="SQuAD file to answer.")],
    model: Annotated[str, typer.Option(help="Model folder, `small` or `base`.")] = "small",
    limit: Annotated[int, typer.Option(min=1, help="Questions to judge by.")] = 2000,
    timed: Annotated[int, typer.Option(min=1, help="Questions a round to time, alone.")] = 50,
    rounds: Annotated[int, typer.Option(min=1)] = 3,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Print EM, F1 and questions per second of each backend, and the ratio to torch-plain."""
    examples = squad.read(data)[0]
    drawn = np.random.default_rng(0).choice(len(examples), min(limit, len(examples)), replace=False)
    examples = [examples[i] for i in sorted(drawn.tolist())]
    readers = {name: Reader.load(model, backend=name) for name in BACKENDS}
    alone: dict[str, Callable[[str, str], object]] = {
        "torch-plain": plain_torch(resolve_model(model))
    }
    alone |= {name: reader.answer for name, reader in readers.items()}
    rates: dict[str, list[float]] = {name: [] for name in alone}
    for turn in range(rounds):
        for name, answer in alone.items():
            part = examples[turn * timed : (turn + 1) * timed]
            rates[name].append(rate(answer, part))
            print(f"round {turn + 1} {name}: {rates[name][-1]:.1f} questions/s", file=sys.stderr)
    figures: dict[str, dict[str, Any]] = {
        name: {"alone": round(statistics.median(values), 1)} for name, values in rates.items()
    }
    for name, reader in readers.items():
        began = time.perf_counter()
        report = evaluation.evaluate(reader, examples)
        together = len(examples) / (time.perf_counter() - began)
        scores = {key: round(report.scores[key], 2) for key in ("exact", "f1")}
        figures[name] |= {"together": round(together, 1), **scores}
    for name in figures:
        figures[name]["ratio"] = round(figures[name]["alone"] / figures["torch-plain"]["alone"], 2)
    if as_json:
        print(json.dumps(figures))
        return
    for name, row in figures.items():
        print(f"{name:12}", *(f"{key} {value}" for key, value in row.items()))


if __name__ == "__main__":
    typer.run(main)
