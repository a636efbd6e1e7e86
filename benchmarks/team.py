"""How long a team waits: push, pull, status and a click, with many questions waiting.

    python -m benchmarks.team --waiting 20000

Questions are kept in a new ``SPANLOOP_HOME`` and pushed to a real Argilla server on this machine,
without vectors. One of them is answered there, and pulled; what waits is counted, and reviewed on
the desk of the page. Times are the medians of a few. The server's own speed, one record after the
other through its API with none of SpanLoop's work, stands beside that of push.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import httpx
import typer

from annotation.argilla import payload as records
from annotation.argilla.client import Connection, Target, connect
from annotation.argilla.local.server import LocalArgilla
from annotation.argilla.sync import pull, push
from annotation.loop.intake import Intake
from annotation.store.store import Store
from page.tabs.desk import Desk, Visit
from qa_core.data.examples import Example
from qa_core.inference.answer import Answer, Span

ROOT = Path(__file__).parents[1]
CONTEXT = "Ines Soto opened harbour {0} in 1904. It holds {0} boats, and no ship calls there. " * 8
BATCH = 100
TIMES = 7


def fill(store: Store, count: int) -> None:
    """Keep so many questions, each with an answer and another one."""
    rows = []
    for number in range(count):
        sure = 0.1 + 0.4 * number / count
        other = (Span("1904", 31, 35, 0.1, 0.1),)
        answer = Answer("Ines Soto", 0, 9, 1.0, sure, 0.5, True, other, (), "team@1")
        rows.append(
            (Example(str(number), f"Who opened it, {number}?", CONTEXT.format(number)), answer)
        )
    store.take_rows(rows, source="team")


def seconds(work: Callable[[], Any]) -> float:
    """How long one call takes."""
    began = time.monotonic()
    work()
    return time.monotonic() - began


def answer_one(connection: Connection, argilla: LocalArgilla, offset: int) -> None:
    """Answer a record as the annotator."""
    dataset = connection.dataset()
    if dataset is None:
        raise SystemExit("the push made no data set")
    path = f"datasets/{dataset.id}/records"
    record = connection.ask("GET", path, params={"offset": offset, "limit": 1})["items"][0]
    httpx.post(
        f"{connection.url}/api/v1/records/{record['id']}/responses",
        json={"values": {"answerable": {"value": "no"}}, "status": "submitted"},
        headers={"X-Argilla-Api-Key": argilla.credentials()["annotator"]["api_key"]},
        timeout=60,
        trust_env=False,
    ).raise_for_status()


def servers_own(connection: Connection, store: Store, count: int) -> float:
    """Records a second that the server takes of what was pushed, into a data set of their own."""
    aside = Connection(connection.client, Target(dataset="raw"), connection.workspace)
    push(Store(Path(os.environ["SPANLOOP_HOME"]) / "empty.sqlite3"), aside)
    dataset = aside.dataset()
    if dataset is None:
        raise SystemExit("the push made no data set")
    bodies = []
    for kept in store.waiting()[:count]:
        body = records.payload(kept, records.choose_excerpt(kept, 2000))
        bodies.append({**body, "external_id": body.pop("id"), "suggestions": []})
    path = f"datasets/{dataset.id}/records/bulk"
    batches = [bodies[begin : begin + BATCH] for begin in range(0, len(bodies), BATCH)]

    def send() -> None:
        for batch in batches:
            connection.ask("PUT", path, json={"items": batch})

    return len(bodies) / seconds(send)


def main(
    waiting: Annotated[int, typer.Option(help="Questions that wait.")] = 20_000,
    environment: Annotated[
        Path | None, typer.Option(help="Folder of an Argilla that is installed already.")
    ] = None,
) -> None:
    """Measure push, pull, status and a click."""
    with TemporaryDirectory() as folder:
        os.environ["SPANLOOP_HOME"] = folder
        argilla = LocalArgilla()
        if environment:
            argilla.folder.mkdir(parents=True)
            (argilla.folder / "environment").symlink_to(environment.resolve())
        argilla.up(tell=lambda said: print(said, file=sys.stderr))
        try:
            measure(argilla, Store(), waiting)
        finally:
            argilla.down()


def measure(argilla: LocalArgilla, store: Store, waiting: int) -> None:
    """Print each figure as it is known."""
    fill(store, waiting)
    connection = connect(Target(dataset="team"))
    took = seconds(lambda: push(store, connection))
    rate, own = waiting / took, servers_own(connection, store, min(waiting, 2000))
    print(f"push: {rate:.0f} records/s; the server alone {own:.0f}/s, ratio {rate / own:.2f}")
    print(f"push of nothing new: {seconds(lambda: push(store, connection)):.2f} s")
    row = (Example("new", "Who is new?", CONTEXT.format("new")), None)
    store.take_rows([row], source="team")
    print(f"push of one new question: {seconds(lambda: push(store, connection)):.2f} s")
    pulls = []
    for number in range(TIMES):
        answer_one(connection, argilla, number * waiting // TIMES)
        pulls.append(seconds(lambda: pull(store, connection)))
    print(f"pull of one new answer: {statistics.median(pulls):.2f} s (first {pulls[0]:.2f} s)")
    print(f"pull of nothing: {seconds(lambda: pull(store, connection)):.2f} s")
    command = [sys.executable, "-m", "annotation"]
    quiet = {"cwd": ROOT, "check": True, "stdout": subprocess.DEVNULL}
    for name, words in (("status", ["status"]), ("the program alone", ["status", "--help"])):
        spent = [seconds(lambda w=words: subprocess.run([*command, *w], **quiet)) for _ in range(3)]  # type: ignore[misc, call-overload]
        print(f"{name}: {statistics.median(spent):.2f} s")
    desk, visit, clicks = Desk(Intake(store)), Visit(), []
    desk.look("ann", visit)

    def click() -> None:
        desk.none("ann", visit, visit.item, "")
        desk.look("ann", visit)
        desk.found("ann", visit)

    clicks = [1000 * seconds(click) for _ in range(50)]
    print(f"a review on the page: {statistics.median(clicks):.0f} ms (worst {max(clicks):.0f} ms)")


if __name__ == "__main__":
    typer.run(main)
