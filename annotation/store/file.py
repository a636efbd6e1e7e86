"""One SQLite file: how it is opened, brought up to date, read and written.

Several processes may read and write at once. What is written is on disk when a transaction ends,
and is there whole or not at all, whenever the process or the machine stops.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from annotation.store import standing
from qa_core import settings
from qa_core.errors import SpanLoopError
from qa_core.files import make_private, private_file
from qa_core.home import home

FILE = "reviews.sqlite3"
BUSY_SECONDS = 30.0

VERSION = 8  # how many steps `annotation.store.schema` has; kept as the file's user_version


DAMAGED = (
    "the file is damaged: put back a backup with `spanloop restore --from FILE`, or save what can "
    "be read with `spanloop salvage --output FILE`"
)
MENDS = {  # by what SQLite says
    "database is locked": "another program holds it; try again",
    "database or disk is full": "free some space and try again; nothing was changed",
    "malformed": DAMAGED,
    "file is not a database": "its head is damaged, or it never was a store: put back a backup "
    "with `spanloop restore --from FILE`, move it away, or set SPANLOOP_HOME to another folder",
}


class StoreError(SpanLoopError):
    """The file of reviews cannot be read or written."""


class File:
    """An open file of reviews. Safe to share between threads and processes."""

    def __init__(
        self, path: Path | None = None, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Open or make the file, by default one in ``SPANLOOP_HOME``. Raises StoreError.

        ``SPANLOOP_JOURNAL=delete`` keeps a rollback journal instead of a write-ahead log, which
        file systems that machines share, and mounted buckets, cannot hold.
        """
        chosen = settings.read()
        self.path = path or home() / FILE
        self._now = now
        self._lock = threading.RLock()
        with self._explained():
            make_private(self.path.parent)
            private_file(self.path)
            self._db = sqlite3.connect(
                self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            self._db.row_factory = sqlite3.Row
            # FULL: on disk before it is acknowledged. secure_delete: what is purged is gone.
            for setting in (
                f"journal_mode={chosen.journal}",
                "synchronous=FULL",
                "foreign_keys=ON",
            ):
                self._db.execute(f"PRAGMA {setting}")
            self._db.execute("PRAGMA secure_delete=ON")
            self._migrate(chosen.argilla_min_submitted, chosen.gold_weights)

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def now(self) -> datetime:
        """The time by the clock that reviews are dated by, in UTC."""
        return self._now().astimezone(UTC)

    def changes_by_others(self) -> int:
        """A number that differs once another connection has written since it was last asked for."""
        return int(self._read("PRAGMA data_version", ())[0][0])

    def _read(
        self, query: str, values: Sequence[object] | Mapping[str, object]
    ) -> list[sqlite3.Row]:
        with self._explained(), self._lock:
            return self._db.execute(query, values).fetchall()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that sees what it is about to change, and is on disk when it ends."""
        with self._explained(), self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def _overwrite(self) -> None:
        """Have what was deleted leave the write-ahead log, too."""
        with self._explained(), self._lock:
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _migrate(self, asked: int, weighted: bool) -> None:
        """asked: how many people the settings ask of each question that is in no data set.

        weighted: whether reviewers weigh by the gold questions that they answered.
        """
        with self._writing() as db:
            at = db.execute("PRAGMA user_version").fetchone()[0]
            if at > VERSION:
                raise StoreError(
                    f"expected {self.path} of version {VERSION} at most, found {at}: "
                    "it was written by a newer SpanLoop; update this one"
                )
            if at < VERSION:
                from sqlite_utils import Database  # it imports pandas

                from annotation.store import schema

                schema.steps.apply(Database(db, recursive_triggers=False, execute_plugins=False))
                standing.rebuild(db)
                db.execute(f"PRAGMA user_version = {VERSION}")
            standing.ask(db, standing.ELSEWHERE, asked)
            standing.weigh(db, weighted)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """SQLite's errors in one line that says what to do."""
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            mend = next(
                (mend for part, mend in MENDS.items() if part in str(error)),
                "check that the folder exists and can be written",
            )
            raise StoreError(f"cannot use the reviews in {self.path} ({error}): {mend}") from error
