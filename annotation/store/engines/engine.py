"""What the store asks of a database, whichever it is.

Queries are in what both understand, and in SQLite's words where the two differ; an engine of
another kind puts its own in their place. Values are numbers, text, booleans or None, bound to
``?`` or to ``:name``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

from qa_core.errors import SpanLoopError

BUSY_SECONDS = 30.0  # that a writer waits for another
VERSION = 10  # of the tables: how many steps `annotation.store.schema` has

Row = Any  # columns by name and by number, from 0


class StoreError(SpanLoopError):
    """The store cannot be read or written."""


class Selected(Protocol):
    """What a query found."""

    @property
    def rowcount(self) -> int: ...

    def fetchone(self) -> Row: ...

    def fetchall(self) -> list[Row]: ...

    def __iter__(self) -> Iterator[Row]: ...


class Queries(Protocol):
    """Runs queries."""

    def execute(self, query: str, values: Any = ..., /) -> Selected: ...

    def executemany(self, query: str, values: Any, /) -> Selected: ...


def quoted(column: str) -> str:
    """A column's name, which may be a word of SQL."""
    return f'"{column}"'


class Engine(Protocol):
    """An open database. Its owner lets one thread in at a time."""

    folded: str  # SQL for the casefolded question and context of a row of ``predictions``

    @property
    def name(self) -> str:
        """For messages: no secret is in it."""

    @property
    def db(self) -> Queries: ...

    @property
    def refusals(self) -> tuple[type[Exception], ...]:
        """What is raised where a row does not fit."""

    def explained(self) -> AbstractContextManager[None]:
        """The database's errors as StoreError, in one line that says what to do."""

    def read(self, query: str, values: Any) -> list[Row]: ...

    def begin(self) -> None:
        """Start a transaction that alone may write, and sees all that others have written."""

    def commit(self) -> None:
        """Return once what the transaction wrote is on disk."""

    def rollback(self) -> None: ...

    def close(self) -> None: ...

    def version(self) -> int:
        """Of the tables, 0 if there are none."""

    def upgrade(self, version: int) -> None:
        """Bring the tables of a version up to date."""

    def changes(self) -> int:
        """A number that differs once another connection has written since it was last asked for."""

    def overwrite(self) -> None:
        """Have what was deleted leave the disk."""

    def columns(self, table: str) -> set[str]: ...

    def fold(self, row: Mapping[str, Any]) -> None:
        """Note what `folded` needs of a new row of ``predictions``."""

    def last_number(self) -> int:
        """The highest number that a review ever had."""

    def number_after(self, number: int) -> None:
        """Give further reviews higher numbers than this, and than there are."""
