"""The store's copy on the Hub: what was acknowledged survives the loss of everything else."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from annotation.copies.hub import replay
from annotation.store.store import Store
from tests.support.browsing import ROOT
from tests.support.hub import TOKEN, serve
from tests.support.predictions import CONTEXT, SPAN, answer

NAME = "ann/reviews"
START = """
import os, signal, sys
from annotation.loop.intake import open_intake
from annotation.review.policy import Policy
from tests.support.predictions import CONTEXT, SPAN, answer
from tests.support.hub import TOKEN
os.environ["SPANLOOP_HUB_DATASET"] = "ann/reviews"
def hear(question, span=SPAN):
    print(intake.hear(question, CONTEXT, answer(), reviewer="ann", span=span, source="page"),
          flush=True)
def kill():
    os.kill(os.getpid(), signal.SIGKILL)
intake = open_intake(Policy())
"""


@pytest.fixture
def endpoint(root: Path) -> Iterator[str]:
    with serve(root) as url:
        yield url


def run(code: str, home: Path, endpoint: str) -> subprocess.CompletedProcess[str]:
    """Run the app's side of the loop as on a Space whose disk is ``home``."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    return subprocess.run(
        [sys.executable, "-c", START + code],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=120,
        env={
            **inherited, "SPANLOOP_HOME": str(home), "HF_HOME": str(home / "hf"),
            "HF_ENDPOINT": endpoint, "HF_TOKEN": TOKEN,
        },
    )  # fmt: skip


def test_nothing_acknowledged_is_lost_with_the_disk(
    root: Path, endpoint: str, tmp_path: Path
) -> None:
    killed = run("hear('one?'); hear('two?', None); kill()", tmp_path / "first", endpoint)
    assert (killed.returncode, killed.stdout) == (-signal.SIGKILL, "1\n2\n"), killed.stderr
    repository = root / "datasets" / NAME
    assert (repository / ".private").exists()

    (root / ".loses-answers").touch()  # the commit is there, but nobody is told
    again = (
        "hear('three?'); hear('one?', None)\n"
        "two = [kept.id for kept in intake.store.predictions() if kept.question == 'two?']\n"
        "intake.store.purge(two); intake.confirm(); kill()"
    )
    second = run(again, tmp_path / "second", endpoint)
    assert (second.returncode, second.stdout) == (-signal.SIGKILL, "3\n4\n"), second.stderr

    third = run("intake.close()", tmp_path / "third", endpoint)
    assert third.returncode == 0, third.stderr
    store, before = (Store(tmp_path / n / "reviews.sqlite3") for n in ("third", "second"))
    assert store.dump() == before.dump()
    assert sorted(kept.question for kept in store.predictions()) == ["one?", "three?"]
    assert {r.start for (r,) in store.reviews().values()} == {None, SPAN[0]}


def test_what_the_hub_refuses_is_not_acknowledged(
    root: Path, endpoint: str, tmp_path: Path
) -> None:
    code = (
        "hear('one?')\n"
        "from pathlib import Path\n"
        f"Path({str(root)!r}, '.refuses-commits').touch()\n"
        "intake.backup.wait.__func__.__defaults__ = (1.0,)\n"
        "try: hear('two?')\n"
        "except Exception as error: print(type(error).__name__, error, flush=True)\n"
        "kill()"
    )
    refused = run(code, tmp_path / "first", endpoint)
    first, told = refused.stdout.splitlines()
    assert first == "1"
    assert told.startswith("BackupError kept here, but ann/reviews has not confirmed it within 1 s")
    (root / ".refuses-commits").unlink()
    kept = run("intake.confirm()\nintake.close()", tmp_path / "first", endpoint)  # its disk is left
    assert kept.returncode == 0, kept.stderr
    saved = dict(replay(read(root)))
    assert sorted(row["question"] for (table, _), row in saved.items() if "question" in row) == [
        "one?", "two?",
    ]  # fmt: skip


def test_a_public_data_set_is_refused(root: Path, endpoint: str, tmp_path: Path) -> None:
    (root / "datasets" / NAME).mkdir(parents=True)
    refused = run("", tmp_path / "home", endpoint)
    assert "expected a private data set ann/reviews, found a public one" in refused.stderr
    assert list((root / "datasets" / NAME).iterdir()) == []


def read(root: Path) -> Iterator[list[str]]:
    for path in sorted((root / "datasets" / NAME).glob("*.jsonl")):
        yield path.read_text().splitlines()


def test_a_deleted_row_is_gone_and_may_come_back() -> None:
    row = {"dataset": "d", "activity": "1"}
    lines = [
        {"table": "pulls", "row": row},
        {"table": "pulls", "gone": {"dataset": "d"}},
        {"table": "pulls", "row": {**row, "activity": "2"}},
    ]
    files = [[json.dumps(line)] for line in lines]
    assert list(replay(files)) == [(("pulls", ("d",)), {"dataset": "d", "activity": "2"})]
    assert list(replay(files[:2])) == []


def test_a_dump_loads_into_an_empty_store_and_changes_no_other(tmp_path: Path) -> None:
    full, empty = Store(tmp_path / "full.sqlite3"), Store(tmp_path / "empty.sqlite3")
    id_ = full.keep("who?", CONTEXT, answer(), reason="doubtful", source="test")
    assert id_ is not None
    full.review(id_, "ann", SPAN, text="Ines Soto", source="test")
    full.withdraw(id_, "ann", source="test")
    empty.load(full.dump())
    assert empty.dump() == full.dump()
    assert empty.review(id_, "ann", None, source="test") == 3  # receipts go on
    empty.load(full.dump())
    assert len(empty.dump()) == 4
