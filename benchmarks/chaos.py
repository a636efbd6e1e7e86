"""What is left of the loop when its parts are killed at random, under load.

    python -m benchmarks.chaos --minutes 30

The page answers questions and keeps the doubtful ones, reviewers judge here and at a real Argilla
server, predictions are pushed and responses pulled, and a model is retrained from them, all at once
in one new ``SPANLOOP_HOME``. Every few seconds one of them, the server among them, is killed with
SIGKILL and started again. Then push and pull run to their end, and it is checked that everything
that was acknowledged is there, once. Ends with 1 and says what is missing otherwise.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import argilla as rg
import httpx
import psutil
import typer

from annotation.argilla.local.server import LocalArgilla
from annotation.store.store import Store
from qa_core.errors import SpanLoopError
from qa_core.inference.answer import Answer

ROOT = Path(__file__).parents[1]
PATIENCE = 300.0  # seconds for push and pull to come to their end
CONTEXT = "Ines Soto opened harbour {0} in 1904. It holds {0} boats."


class Part:
    """A process that is killed, and started again when it is gone."""

    def __init__(self, name: str, command: list[str], log: Path, pause: float = 0.0) -> None:
        self.name, self.command, self.pause = name, command, pause
        self.log = log.open("ab")
        self.kills = self.ends = 0
        self.failed = 0  # of those ends
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, *self.command], cwd=ROOT, stdout=self.log, stderr=self.log
        )

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self.kills += 1
        self.start()

    def tend(self) -> None:
        """Start it again if it came to its end."""
        if (status := self.process.poll()) is not None:
            self.ends += 1
            self.failed += status != 0
            time.sleep(self.pause)
            self.start()

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        self.log.close()


def write(path: Path, acknowledged: Path) -> None:
    """Keep predictions and review each, and note the receipt once the store has given it."""
    store = Store(path)
    with acknowledged.open("a") as told:
        for number in itertools.count():
            question = f"Who opened harbour {os.getpid()}-{number}?"
            context = CONTEXT.format(number)
            answer = Answer("Ines Soto", 0, 9, 1.0, 0.4, 0.5, True, (), (), "chaos@1")
            id_ = store.keep(question, context, answer, reason="doubtful", source="chaos")
            receipt = None
            if id_ and number % 2:  # the others are for Argilla
                receipt = store.review(id_, "ann", (0, 9), text="Ines Soto", source="chaos")
            told.write(json.dumps([id_, receipt]) + "\n")
            told.flush()
            time.sleep(0.2)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def ask(url: str, stopped: threading.Event, seen: Counter[str]) -> None:
    """Ask the page until stopped; count what comes of it."""
    for number in itertools.count():
        if stopped.is_set():
            return
        asked = [f"How many boats are there, {number}?", CONTEXT.format(number), 1, False]
        try:
            began = httpx.post(f"{url}/gradio_api/run/answer", json={"data": asked}, timeout=60)
            seen[str(began.status_code)] += 1
        except httpx.HTTPError:
            seen["no connection"] += 1
            time.sleep(0.5)


def respond(argilla: LocalArgilla, stopped: threading.Event, done: set[str]) -> None:
    """Answer what is at Argilla as its annotator; note a record once the server has taken it."""
    while not stopped.wait(1):
        try:
            running = argilla.running()
            if running is None:
                continue
            key = argilla.credentials()["annotator"]["api_key"]
            client = httpx.Client(
                base_url=f"{running.url}/api/v1",
                headers={"X-Argilla-Api-Key": key},
                timeout=20,
                trust_env=False,
            )
            for dataset in client.get("/me/datasets").raise_for_status().json()["items"]:
                found = client.get(
                    f"/datasets/{dataset['id']}/records?limit=100&offset={len(done)}"
                )
                for record in found.raise_for_status().json()["items"]:
                    if record["external_id"] in done or stopped.is_set():
                        continue
                    body = {"values": {"answerable": {"value": "no"}}, "status": "submitted"}
                    answered = client.post(f"/records/{record['id']}/responses", json=body)
                    if answered.is_success or answered.status_code == httpx.codes.CONFLICT:
                        done.add(record["external_id"])
        except (httpx.HTTPError, SpanLoopError, OSError, KeyError):
            continue


def settled(command: list[str]) -> None:
    """Run a command until it ends well."""
    until = time.monotonic() + PATIENCE
    while subprocess.run([sys.executable, *command], cwd=ROOT, check=False).returncode:
        if time.monotonic() > until:
            raise SystemExit(f"{' '.join(command)} did not end well within {PATIENCE:.0f} s")
        time.sleep(2)


def missing(home: Path, acknowledged: Path, at_argilla: set[str]) -> list[str]:
    """What was acknowledged and is not there, or is there twice."""
    path = home / "reviews.sqlite3"
    faults = [
        f"the store is damaged: {row[0]}"
        for row in sqlite3.connect(path).execute("PRAGMA integrity_check")
        if row[0] != "ok"
    ]
    store = Store(path)
    known = {kept.id for kept in store.predictions()}
    reviews = store.reviews()
    told = [json.loads(line) for line in acknowledged.read_text().splitlines() if line[-1:] == "]"]
    for id_, receipt in told:
        if id_ not in known:
            faults.append(f"prediction {id_} is gone")
        elif receipt and [one.number for one in reviews[id_] if one.reviewer == "ann"] != [receipt]:
            faults.append(f"review {receipt} of {id_} is gone or doubled")
    for id_ in at_argilla:
        of_argilla = [one for one in reviews.get(id_, []) if one.source == "argilla"]
        if len(of_argilla) != 1:
            faults.append(f"the response to {id_} is there {len(of_argilla)} times")
    return faults


def records(argilla: LocalArgilla) -> Counter[str]:
    """How often each prediction is at Argilla."""
    running = argilla.running()
    if running is None:
        raise SystemExit("Argilla is not up")
    client = rg.Argilla(api_url=running.url, api_key=argilla.credentials()["owner"]["api_key"])
    return Counter(str(record.id) for dataset in client.datasets for record in dataset.records())


def main(
    minutes: Annotated[float, typer.Option(help="Under fire.")] = 30,
    every: Annotated[float, typer.Option(help="Seconds between two kills, on average.")] = 6,
    train: Annotated[bool, typer.Option(help="Retrain, too.")] = True,
    environment: Annotated[
        Path | None, typer.Option(help="Folder of an Argilla that is installed already.")
    ] = None,
    seed: int = 0,
) -> None:
    """Kill the parts of the loop at random, and check that nothing acknowledged is lost."""
    chance = random.Random(seed)
    with TemporaryDirectory() as folder:
        home = Path(folder)
        os.environ |= {
            "SPANLOOP_HOME": folder,
            "SPANLOOP_READER": "small",
            "SPANLOOP_REVIEW_THRESHOLD": "1",
        }
        argilla = LocalArgilla()
        if environment:
            argilla.folder.mkdir(parents=True)
            (argilla.folder / "environment").symlink_to(environment)
        port = argilla.up(tell=lambda said: print(said, file=sys.stderr)).port
        page = free_port()
        acknowledged = home / "acknowledged"
        acknowledged.touch()
        store = home / "reviews.sqlite3"
        code = "import sys, pathlib; from benchmarks.chaos import write; "
        code += "write(*map(pathlib.Path, sys.argv[1:]))"
        commands: dict[str, tuple[list[str], float]] = {
            "writer": (["-c", code, str(store), str(acknowledged)], 0),
            "page": (["app.py", "--no-browser", "--port", str(page)], 0),
            "push": (["-m", "annotation", "push"], 1),
            "pull": (["-m", "annotation", "pull"], 1),
        }
        if train:
            commands["retrain"] = (["-m", "annotation", "retrain"], 5)
        parts = [
            Part(name, command, home / f"{name}.log", pause)
            for name, (command, pause) in commands.items()
        ]
        stopped, seen, at_argilla = threading.Event(), Counter[str](), set[str]()
        with ThreadPoolExecutor(2) as threads:
            threads.submit(ask, f"http://127.0.0.1:{page}", stopped, seen)
            threads.submit(respond, argilla, stopped, at_argilla)
            kills = under_fire(parts, argilla, port, minutes * 60, every, chance)
            stopped.set()
        for part in parts:
            part.stop()
        argilla.up(port=port)
        settled(["-m", "annotation", "push"])
        settled(["-m", "annotation", "pull"])
        faults = missing(home, acknowledged, at_argilla)
        faults += [f"{id_} is at Argilla {n} times" for id_, n in records(argilla).items() if n > 1]
        argilla.down()
        lines = len(acknowledged.read_text().splitlines())
        print(f"kills: {dict(kills)}; page: {dict(seen)}")
        print(f"acknowledged: {lines} predictions here, {len(at_argilla)} responses at Argilla")
        for part in parts:
            print(f"{part.name}: came to its end {part.ends} times, {part.failed} with an error")
        print(*faults[:20], sep="\n")
        print(f"{len(faults)} faults")
        sys.exit(bool(faults))


def under_fire(
    parts: list[Part],
    argilla: LocalArgilla,
    port: int,
    seconds: float,
    every: float,
    chance: random.Random,
) -> Counter[str]:
    """Kill one after the other; how often each was killed."""
    kills: Counter[str] = Counter()
    until = time.monotonic() + seconds
    starter: threading.Thread | None = None
    while time.monotonic() < until:
        shot = time.monotonic() + chance.expovariate(1 / every)
        while time.monotonic() < min(shot, until):
            for part in parts:
                part.tend()
            time.sleep(0.2)
        victim: Part | None = chance.choice([*parts, None])
        if victim is not None:
            victim.kill()
            kills[victim.name] += 1
        elif starter is None or not starter.is_alive():
            starter = threading.Thread(target=shoot(argilla, port))
            starter.start()
            kills["argilla"] += 1
    if starter:
        starter.join()
    return kills


def shoot(argilla: LocalArgilla, port: int) -> Callable[[], Any]:
    """Kill the server now, if it is up; what is returned starts it again."""
    if (running := argilla.running()) is not None:
        os.kill(running.pid, signal.SIGKILL)
        psutil.Process(running.pid).wait(10)
    return lambda: argilla.up(port=port)


if __name__ == "__main__":
    typer.run(main)
