"""Copies of the store: whole or absent whenever one is killed; and what damage leaves."""

import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from annotation.cli.main import app
from annotation.copies.local import back_up, put_back, salvage
from annotation.store.store import Store, StoreError
from tests.support.browsing import ROOT
from tests.support.predictions import CONTEXT, SPAN, answer, keep

COUNT = 400


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store of some megabytes, half of it reviewed."""
    path = tmp_path / "home" / "reviews.sqlite3"
    store = Store(path)
    store._db.execute("PRAGMA synchronous=OFF")
    for number in range(COUNT):
        context = CONTEXT + f"{number} " * 2000
        store.keep(f"{number}?", context, answer(), reason="doubtful", source="test")
    for kept in store.predictions()[::2]:
        store.review(kept.id, "ann", SPAN, text="Ines Soto", source="page")
    store.close()
    return path


def content(path: Path) -> tuple[int, int]:
    """How many predictions and reviews a sound store holds."""
    with sqlite3.connect(path) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return tuple(
            db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("predictions", "reviews")
        )


def killed(code: str, when: Callable[[float], bool]) -> None:
    """Run code of `copies`, and kill it as soon as a condition of the seconds since holds."""
    imports = "from pathlib import Path; from annotation.copies.local import *"
    running = subprocess.Popen(
        [sys.executable, "-c", f"{imports}; print(flush=True); {code}"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert running.stdout is not None
    running.stdout.readline()
    begun = time.monotonic()
    while running.poll() is None and not when(time.monotonic() - begun):
        pass
    running.send_signal(signal.SIGKILL)
    running.wait()


def test_a_backup_is_whole_or_absent_while_others_write(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copies" / "copy.sqlite3"
    part = copy.with_name(".copy.sqlite3.part")
    killed(f"back_up(Path({str(path)!r}), Path({str(copy)!r}))", lambda _: part.exists())
    assert not copy.exists() or content(copy) == (COUNT, COUNT // 2)
    copy.unlink(missing_ok=True)
    writer = Store(path)
    keep(writer, "not committed elsewhere?")
    assert back_up(path, copy) == COUNT + 1
    assert [file.name for file in copy.parent.iterdir()] == ["copy.sqlite3"]
    assert copy.stat().st_mode & 0o077 == 0
    keep(writer, "later?")
    assert content(copy) == (COUNT + 1, COUNT // 2)
    with pytest.raises(StoreError, match=r"expected a new file, found .*copy\.sqlite3"):
        back_up(path, copy)


def test_what_is_put_back_takes_the_place_of_all_at_once(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite3"
    back_up(path, copy)
    store = Store(path)
    store.purge([kept.id for kept in store.predictions()[1:]])
    code = f"put_back(Path({str(copy)!r}), Path({str(path)!r}))"
    for seconds in (0.0, 0.01, 0.03):
        killed(code, lambda passed, seconds=seconds: passed >= seconds)  # type: ignore[misc]
        assert len(store.predictions()) in (1, COUNT)
        assert content(path) in ((1, 1), (COUNT, COUNT // 2))
    assert put_back(copy, path) == COUNT
    assert store.counts().decided == COUNT // 2  # to who has it open, too
    assert content(copy) == content(path)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (None, "found no such file"),
        (b"no database " * 500, "expected a store"),
        ("CREATE TABLE a (b)", "expected a store"),
        ("PRAGMA user_version = 99", "found version 99"),
    ],
)
def test_only_a_sound_store_is_put_back(
    path: Path, tmp_path: Path, found: bytes | str | None, expected: str
) -> None:
    copy = tmp_path / "copy.sqlite3"
    if isinstance(found, bytes):
        copy.write_bytes(found)
    elif found is not None:
        if "user_version" in found:
            back_up(path, copy)
        with sqlite3.connect(copy) as db:
            db.execute(found)
    with pytest.raises(StoreError, match=expected):
        put_back(copy, path)
    assert content(path) == (COUNT, COUNT // 2)


def damage(path: Path, pages: range) -> None:
    """Overwrite pages of a closed store."""
    with path.open("r+b") as file:
        for page in pages:
            file.seek(page * 4096)
            file.write(b"\xa5" * 4096)


def test_a_damaged_store_says_so_and_what_is_left_is_saved(path: Path, tmp_path: Path) -> None:
    copy, saved = tmp_path / "copy.sqlite3", tmp_path / "saved.sqlite3"
    back_up(path, copy)
    damage(path, range(200, 260))
    with pytest.raises(StoreError, match=r"is damaged: .*restore --from.*salvage --output"):
        Store(path).predictions()
    run = CliRunner()
    done = run.invoke(app, ["salvage", "--store", str(path), "--output", str(saved), "--json"])
    told = json.loads(done.stdout)
    kept, reviews = content(saved)
    assert COUNT // 2 < kept < COUNT
    assert told["rows"]["predictions"] == kept
    assert told["lost"] > 0
    store = Store(saved)
    assert all(CONTEXT in one.context for one in store.predictions())
    assert store.counts().decided == reviews > 0
    with pytest.raises(StoreError, match="expected a new file"):
        salvage(path, saved)
    restored = run.invoke(app, ["restore", "--store", str(path), "--from", str(copy), "--yes"])
    assert f"{COUNT} predictions are now in {path}" in restored.stdout
    assert content(path) == (COUNT, COUNT // 2)
    assert path.with_name("reviews.sqlite3.damaged").exists()


def test_copies_from_the_command_line(path: Path, tmp_path: Path) -> None:
    run, copy = CliRunner(), str(tmp_path / "copy.sqlite3")
    done = run.invoke(app, ["backup", "--store", str(path), "--output", copy])
    assert done.stdout == f"{COUNT} predictions and their reviews copied to {copy}\n"
    asked = run.invoke(app, ["restore", "--store", str(path), "--from", copy])
    assert (asked.exit_code, "in the place of all" in asked.output) == (1, True)
    new = str(tmp_path / "new" / "reviews.sqlite3")
    done = run.invoke(app, ["restore", "--store", new, "--from", copy, "--json"])
    assert json.loads(done.stdout) == {"predictions": COUNT}
