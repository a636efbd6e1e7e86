"""How quick the reader is beside what people would use instead, with the same weights.

    python -m benchmarks.peers --data dev-v2.0.json.gz

The peers are the question-answering pipeline of transformers 4.57 and the extractive reader of
transformers-haystack, each in an environment of its own that is made on first use, with torch in
float32; SpanLoop runs as it serves. All processes stay up and take turns on the same questions, so
that a busy machine slows all alike. ``start``: seconds from the start of the process to its first
answer. ``memory``: the most that the process held, in MB. ``p50`` and ``p95``: milliseconds of a
question asked alone. ``rate``: questions a second, asked together. Each is the median of all
rounds; a ratio is the peer's figure by SpanLoop's, the other way round for the rate.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
import venv
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Annotated, Any, cast

import numpy as np
import typer

from qa_core.data import squad
from qa_core.home import home
from qa_core.models.averaging import SHARED
from qa_core.models.backends import load_torch_model
from qa_core.models.folder import resolve_model

PEERS = {
    "pipeline": ("transformers==4.57.*", "torch==2.13.*"),
    "haystack": ("transformers-haystack==2.*", "torch==2.13.*"),
}
PROGRAM = Path(__file__).with_name("peer.py")
LESS_IS_BETTER = ("start", "memory", "p50", "p95")


class Peer:
    """A process of `benchmarks/peer.py`."""

    def __init__(self, python: str, kind: str, model: str, first: tuple[str, str]) -> None:
        began = time.perf_counter()
        self.process = subprocess.Popen(
            [python, str(PROGRAM), kind, model],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=PROGRAM.parent.parent,
            env=os.environ | {"PYTHONPATH": str(PROGRAM.parent.parent), "HF_HUB_OFFLINE": "1"},
        )
        self.said = self.ask([first])
        self.start = time.perf_counter() - began

    def ask(self, pairs: list[tuple[str, str]], together: bool = False) -> dict[str, Any]:
        print(
            json.dumps({"pairs": pairs, "together": together}), file=self.process.stdin, flush=True
        )
        self.said = json.loads(cast(IO[str], self.process.stdout).readline())
        return self.said

    def close(self) -> None:
        self.process.kill()
        self.process.wait()


def environment(name: str) -> str:
    """The Python of a peer's environment, made if it is not there."""
    folder = home() / "benchmarks" / name
    python = folder / "bin" / "python"
    if not (folder / ".made").exists():
        print(f"installing {', '.join(PEERS[name])} in {folder}", file=sys.stderr)
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *PEERS[name]], check=True)
        (folder / ".made").touch()
    return str(python)


def main(
    data: Annotated[Path, typer.Option(help="SQuAD file to answer.")],
    model: Annotated[str, typer.Option(help="Model folder, `small` or `base`.")] = "base",
    limit: Annotated[int, typer.Option(min=1, help="Questions, shared out to the rounds.")] = 1000,
    rounds: Annotated[int, typer.Option(min=1)] = 5,
    starts: Annotated[int, typer.Option(min=1, help="How often each process is started.")] = 3,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Print start, memory, latency and throughput of each, and the ratios."""
    examples = squad.read(data)[0]
    drawn = np.random.default_rng(0).choice(len(examples), min(limit, len(examples)), replace=False)
    pairs = [(examples[i].question, examples[i].context) for i in sorted(drawn.tolist())]
    pythons = {"spanloop": sys.executable, **{name: environment(name) for name in PEERS}}
    folder = resolve_model(model)
    with TemporaryDirectory() as floats:
        load_torch_model(folder).save_pretrained(floats)
        for name in SHARED:
            if (folder / name).exists():
                shutil.copy(folder / name, floats)
        models = {name: str(folder) if name == "spanloop" else floats for name in pythons}
        figures = measured(pythons, models, pairs, rounds, starts)
    if as_json:
        print(json.dumps(figures))
        return
    for name, row in figures.items():
        print(f"{name:9}", *(f"{key} {value:.2f}" for key, value in row.items()))


def measured(
    pythons: dict[str, str],
    models: dict[str, str],
    pairs: list[tuple[str, str]],
    rounds: int,
    starts: int,
) -> dict[str, dict[str, float]]:
    """Figures by peer and name."""
    each: dict[str, dict[str, list[float]]] = {name: {} for name in pythons}
    running: dict[str, Peer] = {}
    try:
        for _ in range(starts):
            for name, python in pythons.items():
                if name in running:
                    running.pop(name).close()
                running[name] = Peer(python, name, models[name], pairs[0])
                each[name].setdefault("start", []).append(running[name].start)
        for turn in range(rounds):
            part = pairs[turn::rounds]
            for name, peer in running.items():
                alone = peer.ask(part)["seconds"]
                whole = sum(peer.ask(part, together=True)["seconds"])
                found = {
                    "p50": 1000 * float(np.quantile(alone, 0.5)),
                    "p95": 1000 * float(np.quantile(alone, 0.95)),
                    "rate": len(part) / whole,
                }
                for key, value in found.items():
                    each[name].setdefault(key, []).append(value)
                print(f"round {turn + 1} {name}: {found}", file=sys.stderr)
        for name, peer in running.items():
            each[name]["memory"] = [peer.said["memory"]]
    finally:
        for peer in running.values():
            peer.close()
    figures = {
        name: {key: statistics.median(values) for key, values in found.items()}
        for name, found in each.items()
    }
    ours = dict(figures["spanloop"])
    for row in figures.values():
        for key, value in list(row.items()):
            ratio = value / ours[key] if key in LESS_IS_BETTER else ours[key] / value
            row[f"{key} ratio"] = ratio
    return figures


if __name__ == "__main__":
    typer.run(main)
