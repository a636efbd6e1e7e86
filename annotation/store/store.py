"""Predictions that people should see, and what they say of them, in one SQLite file.

Several processes may read and write at once. A method that writes returns once its change is on
disk, and a change is there whole or not at all, whenever the process or the machine stops.
Reviews are only ever added: the newest of a reviewer counts, the older ones stay on record.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

from annotation.store.file import StoreError
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


class Store(Ledger, Imports, GoldQuestions, ReviewQueue):
    """The predictions and reviews in one file. Safe to share between threads and processes."""

    def dump(self) -> list[tuple[str, dict[str, Any]]]:
        """Every row as (table, columns), at one moment, in an order that `load` takes."""
        with self._writing() as db:
            return [
                (table, dict(row))
                for table in TABLES
                for row in db.execute(f"SELECT * FROM {table} ORDER BY rowid").fetchall()
            ]

    def load(self, rows: Iterable[tuple[str, Mapping[str, Any]]], *, lenient: bool = False) -> int:
        """Add rows of `dump`, all or none; those that are here already stay. Raises StoreError.

        lenient: leave out rows that do not fit, instead; how many those were is returned.
        What a newer version keeps besides, tables and columns that are unknown here, is left out.
        """
        refused = 0
        with self._writing() as db:
            known = {
                table: {row["name"] for row in db.execute(f"PRAGMA table_info({table})").fetchall()}
                for table in TABLES
            }
            for table, row in rows:
                names = [name for name in row if name in known.get(table, ())]
                if not names:
                    continue
                try:
                    db.execute(
                        f"INSERT OR IGNORE INTO {table} ({', '.join(names)})"
                        f" VALUES ({', '.join('?' * len(names))})",
                        [row[name] for name in names],
                    )
                except sqlite3.IntegrityError:
                    if not lenient:
                        raise
                    refused += 1
            rebuild(db)
        return refused
