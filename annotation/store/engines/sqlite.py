"""One SQLite file. Several processes may read and write at once."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from annotation.store.engines.engine import BUSY_SECONDS, VERSION, StoreError
from qa_core.files import make_private, private_file

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


class Sqlite:
    """An open file."""

    folded = "folded(question || '\n' || context)"
    refusals = (sqlite3.IntegrityError,)

    def __init__(self, path: Path, journal: str) -> None:
        """Open or make the file. Raises StoreError.

        journal: "delete" keeps a rollback journal instead of a write-ahead log, which file systems
        that machines share, and mounted buckets, cannot hold.
        """
        self.name = str(path)
        with self.explained():
            make_private(path.parent)
            private_file(path)
            self.db = sqlite3.connect(
                path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            self.db.row_factory = sqlite3.Row
            # FULL: on disk before it is acknowledged. secure_delete: what is purged is gone.
            for setting in (f"journal_mode={journal}", "synchronous=FULL", "foreign_keys=ON"):
                self.db.execute(f"PRAGMA {setting}")
            self.db.execute("PRAGMA secure_delete=ON")
            self.db.create_function("folded", 1, str.casefold, deterministic=True)

    @contextmanager
    def explained(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            mend = next(
                (mend for part, mend in MENDS.items() if part in str(error)),
                "check that the folder exists and can be written",
            )
            raise StoreError(f"cannot use the reviews in {self.name} ({error}): {mend}") from error

    def read(self, query: str, values: Any) -> list[sqlite3.Row]:
        return self.db.execute(query, values).fetchall()

    def begin(self) -> None:
        self.db.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        self.db.execute("COMMIT")

    def rollback(self) -> None:
        if self.db.in_transaction:
            self.db.execute("ROLLBACK")

    def close(self) -> None:
        self.db.close()

    def version(self) -> int:
        return int(self.db.execute("PRAGMA user_version").fetchone()[0])

    def upgrade(self, version: int) -> None:
        from sqlite_utils import Database  # it imports pandas

        from annotation.store import schema

        schema.steps.apply(Database(self.db, recursive_triggers=False, execute_plugins=False))
        self.db.execute(f"PRAGMA user_version = {VERSION}")

    def changes(self) -> int:
        return int(self.db.execute("PRAGMA data_version").fetchone()[0])

    def overwrite(self) -> None:
        self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def columns(self, table: str) -> set[str]:
        rows = self.db.execute(f"PRAGMA table_info({table})").fetchall()
        return {row["name"] for row in rows}

    def fold(self, row: Mapping[str, Any]) -> None:
        """Nothing: `folded` asks Python."""

    def last_number(self) -> int:
        found = self.db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'reviews'").fetchone()
        return int(found[0]) if found else 0

    def number_after(self, number: int) -> None:
        if self.last_number() < number:
            self.db.execute("DELETE FROM sqlite_sequence WHERE name = 'reviews'")
            self.db.execute("INSERT INTO sqlite_sequence VALUES ('reviews', ?)", [number])
