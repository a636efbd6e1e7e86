"""What is left of the loop when its parts are killed at random, under load.

    python -m benchmarks.chaos --minutes 30

The page answers questions and keeps the doubtful ones, reviewers judge here and at a real Argilla
server, predictions are pushed and responses pulled, and a model is retrained from them, all at once
in one new ``SPANLOOP_HOME``. Every few seconds one of them, the server among them, is killed with
SIGKILL and started again. Then push and pull run to their end, and it is checked that everything
that was acknowledged is there, once. Ends with 1 and says what is missing otherwise. Every wait has
an end, and is told; if all of it takes far too long, the threads' stacks are printed.
"""

from __future__ import annotations

import faulthandler
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
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import httpx
import psutil
import typer

from annotation.argilla import wire
from annotation.argilla.client import Target, connect
from annotation.argilla.local.server import LocalArgilla
from annotation.store.ledger import prediction_id
from annotation.store.store import Store
from qa_core.errors import SpanLoopError
from qa_core.inference.answer import Answer

ROOT = Path(__file__).parents[1]
PATIENCE = 300.0  # seconds for push, and for pull, to come to their end
OVERTIME = 1200.0  # seconds after the fire in which all of it ends
KILL_SECONDS = 30.0  # in which a process that was killed is gone
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
        self.process.wait(KILL_SECONDS)
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
        self.process.wait(KILL_SECONDS)
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
    """Answer what waits at Argilla as its annotator; note a record once the server has taken it."""
    status = {"type": "terms", "values": ["pending"]}
    open_ = [
        {**status, "scope": {"entity": entity, "property": "status"}}
        for entity in ("response", "record")
    ]
    while not stopped.wait(1):
        try:
            running = argilla.running()
            if running is None:
                continue
            key = argilla.credentials()["annotator"]["api_key"]
            with httpx.Client(
                base_url=f"{running.url}/api/v1",
                headers={"X-Argilla-Api-Key": key},
                timeout=20,
                trust_env=False,
            ) as client:
                for dataset in client.get("/me/datasets").raise_for_status().json()["items"]:
                    path = f"/me/datasets/{dataset['id']}/records/search?limit=50"
                    found = client.post(path, json={"filters": {"and": open_}}).raise_for_status()
                    for record in (item["record"] for item in found.json()["items"]):
                        if stopped.is_set():
                            return
                        body = {"values": {"answerable": {"value": "no"}}, "status": "submitted"}
                        answered = client.post(f"/records/{record['id']}/responses", json=body)
                        if answered.is_success or answered.status_code == httpx.codes.CONFLICT:
                            done.add(record["external_id"])
        except (httpx.TransportError, SpanLoopError, OSError, KeyError):
            continue
        except httpx.HTTPStatusError as error:
            if error.response.status_code < 500:
                raise


@contextmanager
def told(what: str, most: float) -> Iterator[None]:
    """Say what is waited for, for how many seconds at most, and how long that took."""
    print(f"{what}, {most:.0f} s at most ... ", end="", file=sys.stderr, flush=True)
    began = time.monotonic()
    yield
    print(f"{time.monotonic() - began:.0f} s", file=sys.stderr)


def settled(command: list[str]) -> None:
    """Run a command, again after each failure, until it ends well."""
    said, until = " ".join(command), time.monotonic() + PATIENCE
    with told(said, PATIENCE):
        while (left := until - time.monotonic()) > 0:
            try:
                done = subprocess.run(
                    [sys.executable, *command], cwd=ROOT, check=False, timeout=left
                )
            except subprocess.TimeoutExpired:
                break
            if not done.returncode:
                return
            time.sleep(2)
        raise SystemExit(f"{said} did not end well within {PATIENCE:.0f} s")


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
    for id_, receipt in receipts(acknowledged):
        if id_ not in known:
            faults.append(f"prediction {id_} is gone")
        elif receipt:
            found = [one.number for one in reviews.get(id_, []) if one.reviewer == "ann"]
            if found != [receipt]:
                faults.append(f"review {receipt} of {id_} is gone or doubled: {found}")
    for id_ in {prediction_id(record) for record in at_argilla}:
        of_argilla = [one for one in reviews.get(id_, []) if one.source == "argilla"]
        if len(of_argilla) != 1:
            faults.append(f"the response to {id_} is there {len(of_argilla)} times")
    waiting = {kept.id for kept in store.waiting()}
    there = records()
    faults += [f"{id_} waits, and is not at Argilla" for id_ in waiting - set(there)]
    faults += [f"{id_} is at Argilla {number} times" for id_, number in there.items() if number > 1]
    return faults


def receipts(acknowledged: Path) -> list[tuple[str, int | None]]:
    """What the writers were told: predictions, each with the receipt of its review."""
    found = []
    for line in acknowledged.read_text().splitlines():
        try:
            id_, receipt = json.loads(line)
        except ValueError:  # the writer was killed while it wrote the line
            continue
        found.append((id_, receipt))
    return found


def records() -> Counter[str]:
    """How often each prediction's first record is at Argilla."""
    connection = connect(Target(patience=PATIENCE))
    dataset = connection.dataset()
    if dataset is None:
        raise SystemExit("nothing was pushed to Argilla: let it run longer")
    every = wire.every(connection, str(dataset.id))
    return Counter(str(record["external_id"]) for record in every)


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
            (argilla.folder / "environment").symlink_to(environment.resolve())
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
        faulthandler.dump_traceback_later(minutes * 60 + OVERTIME, exit=True)
        parts = [
            Part(name, command, home / f"{name}.log", pause)
            for name, (command, pause) in commands.items()
        ]
        stopped, seen, at_argilla = threading.Event(), Counter[str](), set[str]()
        try:
            with ThreadPoolExecutor(2) as threads:
                try:
                    asking = threads.submit(ask, f"http://127.0.0.1:{page}", stopped, seen)
                    responding = threads.submit(respond, argilla, stopped, at_argilla)
                    kills = under_fire(parts, argilla, port, minutes * 60, every, chance)
                finally:
                    stopped.set()
                    for part in parts:
                        part.stop()
            asking.result()
            responding.result()
            with told("Argilla starts", 240):
                argilla.up(port=port)
            settled(["-m", "annotation", "push", "--no-vectors"])
            settled(["-m", "annotation", "pull"])
            with told("What is there is compared", PATIENCE):
                faults = missing(home, acknowledged, at_argilla)
        finally:
            argilla.down()
        print(f"kills: {dict(kills)}; page: {dict(seen)}")
        print(
            f"acknowledged: {len(receipts(acknowledged))} predictions here, {len(at_argilla)} "
            "responses at Argilla"
        )
        for part in parts:
            print(f"{part.name}: came to its end {part.ends} times, {part.failed} with an error")
            if part.failed:
                said = Path(part.log.name).read_text(encoding="utf-8", errors="replace")
                print(*(f"  {line}" for line in complaints(said)), sep="\n")
        print(*faults[:20], sep="\n")
        print(f"{len(faults)} faults")
        sys.exit(bool(faults))


def complaints(log: str) -> list[str]:
    """The last errors in a log."""
    return [line for line in log.splitlines() if "error" in line.casefold()][-3:]


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
        starter.join(240)  # both of its waits are of 120 s at most
    return kills


def shoot(argilla: LocalArgilla, port: int) -> Callable[[], Any]:
    """Kill the server now, if it is up; what is returned starts it again."""
    if (running := argilla.running()) is not None:
        with suppress(psutil.NoSuchProcess, ProcessLookupError):
            process = psutil.Process(running.pid)
            os.kill(running.pid, signal.SIGKILL)
            process.wait(KILL_SECONDS)
    return lambda: argilla.up(port=port)


if __name__ == "__main__":
    typer.run(main)
