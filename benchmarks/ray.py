"""Ray beside one process: the same file answered by both engines of `predict`, in one run.

    python -m benchmarks.ray --data dev-v2.0.json.gz [--limit 20000] [--actors 2] [--rounds 3]

Each round answers the file by one engine after the other, into new outputs. Ray itself is started
before; ``started`` says how long that took. Its readers start with each run and are in its time,
as the loading of the one reader is in that of the local engine. ``equal`` says whether both wrote
the same rows, in the same order, to the last bit.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import ray
import typer

from qa_core.bulk import predict as local
from qa_core.bulk import ray_engine
from qa_core.bulk.shards import ROWS
from qa_core.cli.options import sample
from qa_core.data import squad
from qa_core.inference.reader import Reader


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main(
    data: Annotated[Path, typer.Option(help="File to answer, of any layout.")],
    model: Annotated[str, typer.Option(help="Model folder, `small` or `base`.")] = "small",
    limit: Annotated[int | None, typer.Option(min=1, help="Questions, at most.")] = None,
    actors: Annotated[int | None, typer.Option(min=1, help="Readers of Ray.")] = None,
    rows: Annotated[int, typer.Option(min=1, help="Rows of a shard.")] = ROWS,
    rounds: Annotated[int, typer.Option(min=1)] = 1,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Print questions per second of both engines, and the ratio of Ray's to the local one's."""
    took: dict[str, list[float]] = {"local": [], "ray": []}
    with TemporaryDirectory() as scratch:
        source = Path(scratch, "asked.jsonl")
        questions = sample(squad.read_questions(data, on_bad="skip")[0], limit)
        squad.write(questions, source)
        started = seconds(lambda: ray.init("local", include_dashboard=False, log_to_driver=False))
        places = (Path(scratch, f"answers-{number}.jsonl") for number in count())
        for turn in range(rounds):
            alone, shards = next(places), next(places)
            took["local"].append(
                seconds(lambda to=alone: local.predict(Reader.load(model), source, to))  # type: ignore[misc]
            )
            took["ray"].append(
                seconds(
                    lambda to=shards: ray_engine.predict(  # type: ignore[misc]
                        str(source), str(to), model=model, actors=actors, rows=rows
                    )
                )
            )
            parts = (path.read_bytes() for path in sorted(shards.glob("part-*")))
            equal = b"".join(parts) == alone.read_bytes()
            print(f"round {turn + 1}: {took}, equal: {equal}", file=sys.stderr)
        cores = ray.cluster_resources()["CPU"]
        ray.shutdown()
    rates = {name: len(questions) / statistics.median(times) for name, times in took.items()}
    figures = {
        "questions": len(questions),
        "cores": int(cores),
        "started": round(started, 1),
        **{name: round(rate, 1) for name, rate in rates.items()},
        "ratio": round(rates["ray"] / rates["local"], 2),
        "equal": equal,
    }
    print(json.dumps(figures) if as_json else "  ".join(f"{k} {v}" for k, v in figures.items()))


if __name__ == "__main__":
    typer.run(main)
