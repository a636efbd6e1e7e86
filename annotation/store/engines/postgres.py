"""A database of PostgreSQL, which pages on several machines may share.

What SQLite does by itself is made up for: one writer at a time, texts that hold U+0000, values
that take the type of their column, rows in the order in which they came.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import SecretStr

from annotation.store.engines.engine import BUSY_SECONDS, VERSION, StoreError
from annotation.store.engines.tables import STEPS

if TYPE_CHECKING:
    import psycopg

T = TypeVar("T")

VARIABLE = "SPANLOOP_DATABASE"
SCHEMES = ("postgresql://", "postgres://")
SHAPE = "postgresql://user:password@host:5432/name"
# What an address may say otherwise: how long to wait for a server that does not answer, in seconds,
# and that was there before, in milliseconds.
PLAIN = {
    "connect_timeout": "10",
    "tcp_user_timeout": "30000",
    "keepalives_idle": "30",
    "application_name": "spanloop",
}
AWAY_SECONDS = 10.0  # that one waits for a server that is being started again
WRITER = 0x5350414E4C4F4F50  # the lock that a writer holds: "SPANLOOP"

MENDS = {  # by SQLSTATE, or its class
    "55P03": "another program holds it; try again",
    "53100": "free some space there and try again; nothing was changed",
    "53300": "the server has as many clients as it lets in: raise its max_connections",
    "28": f"check the user and the password in {VARIABLE}",
    "25006": f"name the server that may be written to in {VARIABLE}",
    "3D000": "make it with `createdb --encoding=UTF8 --template=template0 NAME`",
    "42501": "let the user make tables there: make it the owner of the database",
}
SPOKEN = {  # by what is said where a connection fails, which has no SQLSTATE
    "password authentication failed": MENDS["28"],
    "no password supplied": MENDS["28"],
    'role "': MENDS["28"],
    "no pg_hba.conf entry": "let this machine in, in the server's pg_hba.conf",
    "does not exist": MENDS["3D000"],
    "too many clients": MENDS["53300"],
}
AWAY = f"start the server, or check host and port in {VARIABLE}"

# U+0000, which PostgreSQL cannot hold, is this and "0"; this itself is doubled. It is a code point
# that Unicode promises never to make a character.
MARK = "\ufdd0"
LAST = "CASE WHEN is_called THEN last_value ELSE 0 END"  # number that a sequence gave
HIDDEN = {"rowid"}  # as in SQLite, where `SELECT *` does not give it

_WORDS = {
    "CROSS JOIN": "JOIN",  # for SQLite, the order in which to join
    "json_each": "jsonb_array_elements_text",
    "group_concat": "string_agg",
    "?": "%s",
    "%": "%%",
    "instr": "strpos",
}
_TOKENS = re.compile(r"'[^']*'|:(\w+)|" + "|".join(map(re.escape, _WORDS)))


@cache
def translated(query: str) -> bytes:
    """A query in psycopg's and PostgreSQL's words."""

    def put(found: re.Match[str]) -> str:
        if name := found[1]:
            return f"%({name})s"
        return _WORDS.get(found[0], found[0].replace("%", "%%"))

    return _TOKENS.sub(put, query).encode()


def escaped(text: str) -> str:
    """A text without U+0000, from which `unescaped` makes it again."""
    if "\0" not in text and MARK not in text:
        return text
    return text.replace(MARK, MARK + MARK).replace("\0", MARK + "0")


def unescaped(text: str) -> str:
    if MARK not in text:
        return text
    return re.sub(f"{MARK}(.)", lambda found: "\0" if found[1] == "0" else MARK, text)


class Columns(tuple[Any, ...]):
    """A row, whose values are found by name, too."""

    names: Mapping[str, int]  # where the values of the columns are

    def __getitem__(self, at: Any) -> Any:
        return super().__getitem__(self.names[at] if isinstance(at, str) else at)

    def keys(self) -> Iterable[str]:
        return self.names.keys()


class Translating:
    """Runs queries in SQLite's words on a connection of psycopg."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection

    def execute(self, query: str, values: Any = ()) -> psycopg.Cursor[Any]:
        return self.connection.execute(translated(query), values)

    def executemany(self, query: str, values: Iterable[Any]) -> psycopg.Cursor[Any]:
        cursor = self.connection.cursor()
        cursor.executemany(translated(query), list(values))
        return cursor


class Postgres:
    """An open database."""

    folded = "(SELECT words FROM folded WHERE folded.prediction = predictions.id)"

    def __init__(self, address: str) -> None:
        """Open a database. Raises StoreError, whose message never holds the password."""
        try:
            import psycopg
            from psycopg import conninfo
        except ImportError as error:
            raise StoreError(
                "expected psycopg for a store on PostgreSQL, found none: install it with "
                "`pip install 'spanloop[postgres]'`"
            ) from error
        self._psycopg = psycopg
        self.refusals = (psycopg.IntegrityError,)
        try:
            parts = {name: str(said) for name, said in conninfo.conninfo_to_dict(address).items()}
            # a password that is not encoded is taken for a host, a port or a name
            where = [parts.get(name, "") for name in ("host", "port", "dbname")]
            if not address.startswith(SCHEMES) or "@" in "".join(where) or not _is_port(where[1]):
                raise ValueError
        except (psycopg.Error, ValueError):
            # what they say of it may hold a part of the password
            raise StoreError(
                f"expected {VARIABLE} as {SHAPE}, found something else: write /, @, :, # and % in "
                "a password as %2F, %40, %3A, %23 and %25"
            ) from None
        self.name = f"postgresql://{where[0] or 'localhost'}:{where[1] or 5432}/{where[2]}"
        self._address = SecretStr(
            conninfo.make_conninfo("", **{**PLAIN, **parts, "client_encoding": "UTF8"})
        )
        self._writing = False  # whether a transaction is open, which another connection lacks
        self.db: Translating
        with self.explained():
            self._connect()

    def _connect(self) -> None:
        connection = self._psycopg.connect(
            self._address.get_secret_value(), autocommit=True, row_factory=_rows
        )
        _adapt(connection)
        encoding = connection.info.parameter_status("server_encoding")
        if encoding != "UTF8":
            connection.close()
            raise StoreError(
                f"expected {self.name} to hold texts in UTF8, found {encoding}: {MENDS['3D000']}"
            )
        connection.execute("SET jit = off")  # no query is long enough for it
        self.db = Translating(connection)

    def _connected(self, ask: Callable[[], T]) -> T:
        """What is asked, once more if the server had gone away meanwhile."""
        try:
            return ask()
        except self._psycopg.OperationalError:
            if self._writing or not self.db.connection.closed:
                raise
        until = time.monotonic() + AWAY_SECONDS
        while True:
            try:
                self._connect()
                return ask()
            except self._psycopg.OperationalError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.25)

    @contextmanager
    def explained(self) -> Iterator[None]:
        try:
            yield
        except (self._psycopg.Error, OSError) as error:
            raise StoreError(
                f"cannot use the reviews in {self.name} ({_said(error)}): {_mend(error)}"
            ) from None  # what it says besides may hold a text

    def read(self, query: str, values: Any) -> list[Any]:
        return self._connected(lambda: self.db.execute(query, values).fetchall())

    def begin(self) -> None:
        def ask() -> None:
            self.db.connection.execute(
                "BEGIN; SET LOCAL synchronous_commit = on;"
                f" SET LOCAL lock_timeout = {int(1000 * BUSY_SECONDS)};"
                f" SELECT pg_advisory_xact_lock({WRITER})",
                prepare=False,
            )

        try:
            self._connected(ask)
        except BaseException:
            self.rollback()
            raise
        self._writing = True

    def commit(self) -> None:
        self.db.connection.execute(  # whoever only read has changed nothing
            "UPDATE spanloop SET number = number + 1"
            " WHERE pg_current_xact_id_if_assigned() IS NOT NULL; COMMIT",
            prepare=False,
        )
        self._writing = False

    def rollback(self) -> None:
        self._writing = False
        with suppress(self._psycopg.Error):
            self.db.execute("ROLLBACK")

    def close(self) -> None:
        self.db.connection.close()

    def version(self) -> int:
        if self._one("SELECT to_regclass('spanloop')") is None:
            return 0
        return int(self._one("SELECT version FROM spanloop"))

    def _one(self, query: str) -> Any:
        return self.db.execute(query).fetchall()[0][0]

    def upgrade(self, version: int) -> None:
        for number, step in STEPS.items():
            if number > version:
                self.db.connection.execute(step.encode())
        self.db.execute("UPDATE spanloop SET version = ?", [VERSION])

    def changes(self) -> int:
        return int(self.read("SELECT number FROM spanloop", ())[0][0])

    def overwrite(self) -> None:
        """Nothing: PostgreSQL reuses the room when it vacuums."""

    def columns(self, table: str) -> set[str]:
        rows = self.db.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(?)"
            " AND attnum > 0 AND NOT attisdropped",
            [table],
        )
        return {row[0] for row in rows} - HIDDEN

    def fold(self, row: Mapping[str, Any]) -> None:
        words = f"{row['question']}\n{row['context']}".casefold()
        self.db.execute(
            "INSERT INTO folded SELECT id, ? FROM predictions WHERE id = ? ON CONFLICT DO NOTHING",
            [words, row["id"]],
        )

    def last_number(self) -> int:
        return int(self._one(f"SELECT {LAST} FROM reviews_number_seq"))

    def number_after(self, number: int) -> None:
        self.db.execute(
            "SELECT setval('reviews_number_seq', number) FROM (SELECT"
            f" greatest({LAST}, :number, (SELECT max(number) FROM reviews)) AS number"
            " FROM reviews_number_seq) AS last WHERE number > 0",
            {"number": number},
        )


def _is_port(said: str) -> bool:
    """Whether it may be one, or several with commas between them."""
    return not said.replace(",", "") or said.replace(",", "").isdecimal()


def _rows(cursor: psycopg.Cursor[Any]) -> Callable[[Sequence[Any]], Any]:
    """Makes rows of what the server sends."""
    names = [column.name for column in cursor.description or ()]
    shown = [at for at, name in enumerate(names) if name not in HIDDEN]
    places = {names[at]: place for place, at in enumerate(shown)}

    def row(values: Sequence[Any]) -> Columns:
        found = Columns(values[at] for at in shown)
        found.names = places
        return found

    return row


def _adapt(connection: psycopg.Connection[Any]) -> None:
    """Send all values as text that takes the type it is compared with or put in, and read text."""
    from psycopg.adapt import Dumper, Loader

    class Plain(Dumper):
        def dump(self, obj: Any) -> bytes:
            return (escaped(obj) if isinstance(obj, str) else repr(obj)).encode()

    class Truth(Dumper):
        def dump(self, obj: Any) -> bytes:
            return b"1" if obj else b"0"

    class Unescaped(Loader):
        def load(self, data: Any) -> str:
            return unescaped(bytes(data).decode())

    class Number(Loader):
        def load(self, data: Any) -> int:
            return int(bytes(data) == b"t")

    adapters = connection.adapters
    for kind in (str, int, float):
        adapters.register_dumper(kind, Plain)
    adapters.register_dumper(bool, Truth)
    adapters.register_loader("text", Unescaped)
    adapters.register_loader("bool", Number)


def _said(error: Exception) -> str:
    """What went wrong, without what the row held."""
    diagnosis = getattr(error, "diag", None)
    said = (diagnosis and diagnosis.message_primary) or str(error)
    lines = said.strip().splitlines() or [type(error).__name__]
    return lines[0].strip()


def _mend(error: Exception) -> str:
    state = getattr(error, "sqlstate", None) or ""
    for known in (state, state[:2]):
        if known in MENDS:
            return MENDS[known]
    if not state:
        return next((mend for part, mend in SPOKEN.items() if part in str(error)), AWAY)
    if state[:2] in ("08", "57"):
        return AWAY
    return "try again, and see the server's log"
