"""What the store is kept in: how it is opened, brought up to date, read and written.

Several processes may read and write at once. What is written is on disk when a transaction ends,
and is there whole or not at all, whenever the process or the machine stops.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from annotation.store import standing
from annotation.store.engines.engine import VERSION, Engine, Queries, Row, StoreError
from annotation.store.engines.postgres import Postgres
from annotation.store.engines.sqlite import Sqlite
from qa_core import settings
from qa_core.home import home

FILE = "reviews.sqlite3"


class Database:
    """An open store. Safe to share between threads and processes.

    where: its file; None if it is a database.
    """

    def __init__(
        self,
        where: Path | str | None = None,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Open or make a store. Raises StoreError.

        where: a file, or the ``postgresql://`` address of a database. By default what
        ``SPANLOOP_DATABASE`` says, or else a file in ``SPANLOOP_HOME``.
        """
        chosen = settings.read()
        if where is None:
            named = chosen.database
            where = named.get_secret_value() if named else home() / FILE
        self.where = where if isinstance(where, Path) else None
        self._now = now
        self._lock = threading.RLock()
        self._engine: Engine
        if isinstance(where, Path):
            self._engine = Sqlite(where, chosen.journal)
        else:
            self._engine = Postgres(where)
            self._address = SecretStr(where)
        with self._engine.explained():
            self._migrate(chosen.argilla_min_submitted, chosen.gold_weights)

    def __str__(self) -> str:
        """Where it is, for messages."""
        return self._engine.name

    @property
    def path(self) -> Path:
        """Its file. Raises StoreError if it is none."""
        if self.where is None:
            raise StoreError(f"expected a store in a file, found {self}")
        return self.where

    @property
    def address(self) -> Path | str:
        """What opens it again, also in another process; a database's may hold a password."""
        return self.where.resolve() if self.where else self._address.get_secret_value()

    def close(self) -> None:
        with self._lock:
            self._engine.close()

    def now(self) -> datetime:
        """The time by the clock that reviews are dated by, in UTC."""
        return self._now().astimezone(UTC)

    def changes_by_others(self) -> int:
        """A number that differs once another connection has written since it was last asked for."""
        with self._engine.explained(), self._lock:
            return self._engine.changes()

    @property
    def _db(self) -> Any:
        return self._engine.db

    def _read(self, query: str, values: Sequence[object] | Mapping[str, object]) -> list[Row]:
        with self._engine.explained(), self._lock:
            return self._engine.read(query, values)

    @contextmanager
    def _writing(self) -> Iterator[Queries]:
        """A transaction that sees what it is about to change, and is on disk when it ends."""
        with self._engine.explained(), self._lock:
            self._engine.begin()
            try:
                yield self._engine.db
                self._engine.commit()
            except BaseException:
                self._engine.rollback()
                raise

    def _overwrite(self) -> None:
        """Have what was deleted leave the write-ahead log, too."""
        with self._engine.explained(), self._lock:
            self._engine.overwrite()

    def _migrate(self, asked: int, weighted: bool) -> None:
        """asked: how many people the settings ask of each question that is in no data set.

        weighted: whether reviewers weigh by the gold questions that they answered.
        """
        with self._writing() as db:
            at = self._engine.version()
            if at > VERSION:
                raise StoreError(
                    f"expected {self} of version {VERSION} at most, found {at}: "
                    "it was written by a newer SpanLoop; update this one"
                )
            if at < VERSION:
                self._engine.upgrade(at)
                standing.rebuild(db)
            standing.ask(db, standing.ELSEWHERE, asked)
            standing.weigh(db, weighted)
