"""The store in other files: copies made while it is in use and put back, and what damage left."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from annotation.store.engines.engine import BUSY_SECONDS, VERSION, StoreError
from annotation.store.store import TABLES, Store
from qa_core.data.examples import question_id
from qa_core.files import flush, make_private, private_file

BESIDE = ("-wal", "-shm")  # what SQLite keeps beside a file
FURTHER = 100_000  # rows to look for where the number of the last one cannot be read


@dataclass(frozen=True, slots=True)
class Saved:
    """What was saved of a damaged store: how many rows of each table, and how many could not be.

    lost: those that could not be read, so far as their number is known, or did not hold together.
    """

    rows: dict[str, int]
    lost: int


def back_up(store: Path, output: Path) -> int:
    """Copy a store, as it is at one moment, to a new file; others may go on writing to it.

    The file is there whole or not at all. Returns how many predictions it holds. Raises StoreError.
    """
    _expect(store)
    _expect_new(output)
    make_private(output.parent)
    draft = output.with_name(f".{output.name}.part")
    draft.unlink(missing_ok=True)
    try:
        private_file(draft)
        with _reading(store) as source, closing(sqlite3.connect(draft)) as copy:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, without others beside it
            count = _check(copy, store)
        flush(draft)
        draft.replace(output)
        flush(output.parent)
    except (sqlite3.Error, OSError) as error:
        raise StoreError(
            f"cannot copy {store} to {output} ({error}): nothing was written"
        ) from error
    finally:
        draft.unlink(missing_ok=True)
    return count


def put_back(copy: Path, store: Path) -> int:
    """Make a store what a copy of one is; what else was in it is gone.

    That happens at once, also for those who have it open, or not at all. A damaged store is moved
    aside, to a name that ends in ``.damaged``. Returns how many predictions it holds. Raises
    StoreError.
    """
    _expect(copy)
    try:
        with _reading(copy) as source:
            _check(source, copy)
            if not _is_sound(store):
                for end in ("", *BESIDE):
                    with suppress(FileNotFoundError):
                        store.with_name(store.name + end).replace(f"{store}.damaged{end}")
            make_private(store.parent)
            private_file(store)
            with closing(sqlite3.connect(store, timeout=BUSY_SECONDS)) as target:
                target.execute("PRAGMA synchronous=FULL")
                source.backup(target)
        opened = Store(store)
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"cannot put {copy} in the place of {store} ({error})") from error
    count = opened.counts().kept
    opened.close()
    return count


def salvage(damaged: Path, output: Path) -> Saved:
    """Save what can be read of a damaged store to a new one; the damaged one stays as it is.

    What does not hold together is left out: a prediction whose words are not those that it was
    kept under, a review of no prediction. Nobody may write to it meanwhile. Raises StoreError.
    """
    _expect(damaged)
    _expect_new(output)
    make_private(output.parent)
    with TemporaryDirectory(dir=output.parent) as scratch:
        work = Path(scratch) / "damaged.sqlite3"
        for end in ("", "-wal"):
            with suppress(FileNotFoundError):
                shutil.copyfile(f"{damaged}{end}", f"{work}{end}")
        draft = Path(scratch) / "saved.sqlite3"
        saved = Store(draft)
        with closing(sqlite3.connect(work)) as db:
            db.row_factory = sqlite3.Row
            rows, lost = dict.fromkeys(TABLES, 0), 0
            for table in TABLES:
                read = [row for row in _readable(db, table) if _holds_together(table, row)]
                refused = saved.load(((table, row) for row in read), lenient=True)
                rows[table] = len(read) - refused
                lost += max(_count(db, table), len(read)) - rows[table]
        saved.close()
        if not any(rows.values()):
            raise StoreError(f"nothing can be read of {damaged}: put back a backup")
        back_up(draft, output)
    return Saved(rows, lost)


def _readable(db: sqlite3.Connection, table: str) -> Iterator[dict[str, Any]]:
    """The rows that can be read, on whatever damaged pages the others are."""
    last: int | None = None
    with suppress(sqlite3.DatabaseError):
        last = db.execute(f"SELECT max(rowid) FROM {table}").fetchone()[0] or 0
    at, until = 0, last
    while until is None or at < until:
        query = f"SELECT *, rowid FROM {table} NOT INDEXED WHERE rowid > ? ORDER BY rowid"
        try:
            for row in db.execute(query, [at]):
                *_, at = row
                yield dict(zip(row.keys()[:-1], row, strict=False))
            return
        except sqlite3.DatabaseError:
            if until is None:
                until = at + FURTHER
            at += 1  # the next page begins at some later row


def _holds_together(table: str, row: dict[str, Any]) -> bool:
    try:
        return table != "predictions" or row["id"] == question_id(row["question"], row["context"])
    except (TypeError, ValueError):
        return False


def _count(db: sqlite3.Connection, table: str) -> int:
    """How many rows there were, 0 if that cannot be read."""
    with suppress(sqlite3.DatabaseError):
        return int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
    return 0


def _reading(path: Path) -> closing[sqlite3.Connection]:
    address = f"{path.resolve().as_uri()}?mode=ro"
    return closing(sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS))


def _check(db: sqlite3.Connection, path: Path) -> int:
    """How many predictions a sound store holds. Raises StoreError if it is none."""
    try:
        version = db.execute("PRAGMA user_version").fetchone()[0]
        found = db.execute("PRAGMA quick_check(1)").fetchone()[0]
        count = int(db.execute("SELECT count(*) FROM predictions").fetchone()[0])
    except sqlite3.DatabaseError as error:
        raise StoreError(
            f"expected a store in {path}, found none, or a damaged one ({error})"
        ) from (error)
    if found != "ok" or not 0 < version <= VERSION:
        what = f"version {version}" if found == "ok" else f"a damaged one ({found})"
        raise StoreError(f"expected a store of version {VERSION} at most in {path}, found {what}")
    return count


def _is_sound(store: Path) -> bool:
    if not store.exists():
        return True
    try:
        with _reading(store) as db:
            return bool(db.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok")
    except sqlite3.OperationalError:  # locked, say: that is no damage
        raise
    except sqlite3.DatabaseError:
        return False


def _expect(path: Path) -> None:
    if not path.is_file():
        raise StoreError(f"expected a store in {path}, found no such file")


def _expect_new(path: Path) -> None:
    if path.exists():
        raise StoreError(f"expected a new file, found {path}: choose another name")
