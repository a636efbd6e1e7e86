"""Many people at once: the page's throughput beside that of `answer_batch` alone, in one run.

    python -m benchmarks.load --data dev-v2.0.json.gz [--clients 64] [--seconds 60]

The real app in a process of its own; clients in one process, each sending its next question over
its own loopback connection as soon as it has the answer to the last (POST to the named endpoint).
``alone`` is `answer_batch` in a fresh process, on the same questions, half before and half after.
Clients share the machine with the app; ``client_cpu`` says what they take of it (core-seconds a
second). Answers are compared with those of `answer_batch`; a wrong one counts as failed.
"""

from __future__ import annotations

import asyncio
import json
import resource
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from itertools import cycle
from pathlib import Path
from typing import Annotated, Any

import aiohttp
import numpy as np
import typer

from qa_core.data import squad
from qa_core.inference.answer import Answers
from qa_core.inference.reader import Reader

ROOT = Path(__file__).resolve().parent.parent
ENDPOINT = "/gradio_api/run/answer"
ALONE_SECONDS = 15.0
CHUNK = 256
NO_LIMIT = aiohttp.ClientTimeout(None)

Pair = tuple[str, str]


def alone(reader: Answers, pairs: Sequence[Pair], seconds: float) -> float:
    """Questions a second that `answer_batch` answers with the machine to itself."""
    rounds = cycle(range(0, len(pairs) - CHUNK + 1, CHUNK))
    began, answered = time.perf_counter(), 0
    while (took := time.perf_counter() - began) < seconds:
        first = next(rounds)
        answered += len(reader.answer_batch(pairs[first : first + CHUNK]))
    return answered / took


async def crowd(
    url: str, pairs: Sequence[Pair], wanted: Sequence[str] | None, clients: int, seconds: float
) -> dict[str, Any]:
    """Have ``clients`` ask one question after the other; what came of it.

    wanted: the right answers' texts; None where any will do.
    """
    turns = cycle(range(len(pairs)))
    waits: list[float] = []
    failed: list[str] = []
    connections = aiohttp.TCPConnector(limit=clients)
    async with aiohttp.ClientSession(url, connector=connections, timeout=NO_LIMIT) as http:
        end = time.perf_counter() + seconds

        async def visitor(number: int) -> None:
            while (began := time.perf_counter()) < end:
                turn = next(turns)
                try:
                    asked = {"data": [*pairs[turn], 3, True], "session_hash": f"visitor-{number}"}
                    async with http.post(ENDPOINT, json=asked) as response:
                        text = (await response.json())["data"][0]["text"]
                except (aiohttp.ClientError, ValueError, LookupError, TypeError) as error:
                    failed.append(repr(error))
                    continue
                waits.append(time.perf_counter() - began)
                if wanted is not None and text != wanted[turn]:
                    failed.append(f"expected {wanted[turn]!r}, found {text!r}")

        began, cpu = time.perf_counter(), cpu_seconds()
        await asyncio.gather(*(visitor(number) for number in range(clients)))
        took = time.perf_counter() - began
    centiles = statistics.quantiles(waits, n=100)
    return {
        "requests": len(waits),
        "failed": len(failed),
        "first_failure": failed[0] if failed else None,
        "page": round(len(waits) / took, 2),
        "wait_p50_s": round(centiles[49], 3),
        "wait_p99_s": round(centiles[98], 3),
        "client_cpu": round((cpu_seconds() - cpu) / took, 3),
    }


def cpu_seconds() -> float:
    """Processor time of this process so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def serve(
    root: Path = ROOT, env: Mapping[str, str] | None = None
) -> tuple[subprocess.Popen[str], str]:
    """The real app of a checkout in a process of its own, ready to answer, and its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-u", "app.py", "--no-browser", "--port", str(port)]
    process = subprocess.Popen(command, cwd=root, env=env, stdout=subprocess.PIPE, text=True)
    for line in process.stdout or ():
        if "ready" in line:
            return process, f"http://127.0.0.1:{port}"
    raise SystemExit(f"error: app.py ended with status {process.wait()}")


def main(
    data: Annotated[Path, typer.Option(help="SQuAD file to ask from.")],
    clients: Annotated[int, typer.Option(min=1)] = 64,
    seconds: Annotated[float, typer.Option(min=1, help="How long clients ask.")] = 60,
    limit: Annotated[int, typer.Option(min=CHUNK, help="Different questions.")] = 2048,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Print questions a second of the page and of `answer_batch` alone, and their ratio."""
    examples = squad.read(data)[0]
    drawn = np.random.default_rng(0).choice(len(examples), min(limit, len(examples)), replace=False)
    pairs = [(examples[i].question, examples[i].context) for i in drawn]
    reader = Reader.load()
    wanted = [answer.text for answer in reader.answer_batch(pairs, progress=True)]
    rates = [alone(reader, pairs, ALONE_SECONDS)]
    process, url = serve()
    try:
        asyncio.run(crowd(url, pairs, wanted, clients, 3))  # the first requests set things up
        figures = asyncio.run(crowd(url, pairs, wanted, clients, seconds))
    finally:
        process.terminate()
        process.wait()
    rates.append(alone(reader, pairs, ALONE_SECONDS))
    figures["alone"] = round(statistics.mean(rates), 2)
    figures["alone_before_after"] = [round(rate, 2) for rate in rates]
    figures["ratio"] = round(figures["page"] / figures["alone"], 3)
    if as_json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:20} {value}")


if __name__ == "__main__":
    typer.run(main)
