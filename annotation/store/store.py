"""Predictions that people should see, and what they say of them, in one place.

Several processes may read and write at once. A method that writes returns once its change is on
disk, and a change is there whole or not at all, whenever the process or the machine stops.
Reviews are only ever added: the newest of a reviewer counts, the older ones stay on record.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from annotation.store.engines.engine import Queries, StoreError, quoted
from annotation.store.golds import GoldQuestions
from annotation.store.imports import Imports
from annotation.store.ledger import Ledger
from annotation.store.queue import ReviewQueue
from annotation.store.standing import rebuild

__all__ = ["TABLES", "Store", "StoreError"]

# The tables and what identifies their rows, in an order in which they can be filled.
TABLES: dict[str, tuple[str, ...]] = {
    "predictions": ("id",),
    "reviews": ("number",),
    "pushed": ("dataset", "prediction"),
    "pulled": ("response",),
    "pulls": ("dataset",),
    "people": ("person",),
    "datasets": ("dataset",),
    "imports": ("prediction", "source"),
    "golds": ("prediction",),
    "assigned": ("prediction", "reviewer"),
}

MOVED = (*TABLES, "estimates")  # what other tables do not tell


class Store(Ledger, Imports, GoldQuestions, ReviewQueue):
    """The predictions and reviews. Safe to share between threads and processes."""

    def dump(self) -> list[tuple[str, dict[str, Any]]]:
        """Every row as (table, columns), at one moment, in an order that `load` takes."""
        with self._writing() as db:
            return _rows(db, TABLES)

    def load(self, rows: Iterable[tuple[str, Mapping[str, Any]]], *, lenient: bool = False) -> int:
        """Add rows of `dump`, all or none; those that are here already stay. Raises StoreError.

        lenient: leave out rows that do not fit, instead; how many those were is returned.
        What a newer version keeps besides, tables and columns that are unknown here, is left out.
        """
        with self._writing() as db:
            return self._load(db, rows, lenient)

    def take_over(self, other: Store) -> dict[str, int]:
        """Take all that another store holds, with its receipts, whole or not at all.

        Nobody can write to the other one meanwhile. Returns how many rows there are of each table.
        Raises StoreError, also where this store holds anything.
        """
        with other._writing() as theirs, self._writing() as db:
            for table in TABLES:
                found = _count(db, table)
                if found and table != "datasets":  # in which a setting is noted
                    raise StoreError(
                        f"expected an empty store in {self}, found {found} {table}: name another "
                        "database"
                    )
            db.execute("DELETE FROM datasets")
            self._load(db, _rows(theirs, MOVED))
            self._engine.number_after(other._engine.last_number())
            return {table: _count(db, table) for table in MOVED}

    def _load(
        self, db: Queries, rows: Iterable[tuple[str, Mapping[str, Any]]], lenient: bool = False
    ) -> int:
        refused = 0
        known = {table: self._engine.columns(table) for table in MOVED}
        for table, row in rows:
            names = [name for name in row if name in known.get(table, ())]
            if not names:
                continue
            if lenient:
                db.execute("SAVEPOINT before")
            try:
                db.execute(
                    f"INSERT INTO {table} ({', '.join(map(quoted, names))})"
                    f" VALUES ({', '.join('?' * len(names))}) ON CONFLICT DO NOTHING",
                    [row[name] for name in names],
                )
            except self._engine.refusals:
                if not lenient:
                    raise
                db.execute("ROLLBACK TO before")
                refused += 1
                continue
            finally:
                if lenient:
                    db.execute("RELEASE before")
            if table == "predictions":
                self._engine.fold(row)
        self._engine.number_after(0)
        rebuild(db)
        return refused


def _rows(db: Queries, tables: Iterable[str]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (table, dict(row))
        for table in tables
        for row in db.execute(f"SELECT * FROM {table} ORDER BY rowid").fetchall()
    ]


def _count(db: Queries, table: str) -> int:
    return int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
