"""Who may review in the page: names and passwords, and how often one may guess.

Names come from ``SPANLOOP_REVIEWERS`` ("ann:password,bob:password", for a Space's secrets) and
from a file under ``SPANLOOP_HOME``, which holds hashes alone and only its owner can read. Who has
retired stays in it, and is let in no more, whatever the variable says.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

from annotation.review.records import VISITOR
from qa_core import settings
from qa_core.errors import BusyError, SpanLoopError
from qa_core.files import write_whole
from qa_core.home import home
from qa_core.limits import Room

FILE = "reviewers.json"
VARIABLE = "SPANLOOP_REVIEWERS"
SHORTEST = 8
RETIRED = "retired"  # in the place of a hash
# One of the settings of OWASP's Password Storage Cheat Sheet: 32 MB, some 0.2 s.
COST = {"n": 2**15, "r": 8, "p": 3, "maxmem": 64 * 2**20}
# Wrong passwords of one visitor for a name, and for all names, in so many seconds.
TRIES, TRIES_OF_ALL, WINDOW = 5, 20, 300.0
LINE, LINE_EACH = 8, 2  # logins that wait for each other, of all and of one visitor


class ReviewersError(SpanLoopError):
    """The list of reviewers cannot be used, or a login is refused."""


class Reviewers:
    """The reviewers and their passwords. Safe to share between threads."""

    def __init__(
        self, path: Path | None = None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """path: the file, by default under ``SPANLOOP_HOME``. Raises ReviewersError."""
        self.path = path or home() / FILE
        self._clock = clock
        self._given = _from_environment(settings.read().reviewers.get_secret_value())
        self._nobody = _hash_of_nobody()
        self._failures: dict[int, list[float]] = {}
        self._lock = threading.Lock()
        self._room = Room(LINE_EACH, LINE, what="logins")

    def names(self) -> list[str]:
        """Everybody who may log in. Raises ReviewersError."""
        saved = self._read()
        return sorted(n for n in {*self._given, *saved} if saved.get(n) != RETIRED)

    def retired(self) -> list[str]:
        """Everybody who may no longer log in. Raises ReviewersError."""
        return sorted(name for name, hashed in self._read().items() if hashed == RETIRED)

    def check(self, name: str, password: str, visitor: str = "") -> None:
        """Raise ReviewersError unless this is the password of that reviewer.

        visitor: who tries, in any words. Takes the same time for every name. After `TRIES` wrong
        passwords for a name, or `TRIES_OF_ALL` for any, a visitor must wait; others need not.
        """
        try:
            with self._room.hold(visitor), self._lock:  # guessing takes one processor at most
                self._check(name, password, visitor)
        except BusyError as error:
            raise ReviewersError("Many are logging in: try again in a few seconds.") from error

    def _check(self, name: str, password: str, visitor: str) -> None:
        now = self._clock()
        self._failures = {
            whose: recent
            for whose, times in self._failures.items()
            if (recent := [at for at in times if now - at < WINDOW])
        }
        # Hashes, so that neither memory nor replies tell which names exist.
        limits = {hash((visitor, name)): TRIES, hash((visitor,)): TRIES_OF_ALL}
        for whose, most in limits.items():
            times = self._failures.get(whose, [])
            if len(times) >= most:
                wait = WINDOW - (now - times[-most])
                raise ReviewersError(f"Too many wrong passwords: try again in {wait:.0f} seconds.")
        saved = self._read().get(name, self._nobody)
        right = verify(password, self._nobody if saved == RETIRED else saved)
        given = self._given.get(name)
        if given is not None and saved != RETIRED:
            right = hmac.compare_digest(password.encode(errors="replace"), given.encode())
        if not right:
            for whose in limits:
                self._failures.setdefault(whose, []).append(now)
            raise ReviewersError("The name and the password do not belong together: try again.")
        self._failures.pop(hash((visitor, name)), None)

    def add(self, name: str, password: str) -> None:
        """Add a reviewer to the file, or change the password; who had retired is back.

        Raises ReviewersError.
        """
        _check_entry(name, password)
        with self._changing() as saved:
            saved[name] = hash_password(password)

    def retire(self, name: str) -> None:
        """Let a reviewer in no more, wherever the password came from. Raises ReviewersError."""
        check_name(name)
        with self._changing() as saved:
            saved[name] = RETIRED

    def rename(self, old: str, new: str) -> None:
        """Call a reviewer otherwise, if the file has one; of two the new one's password stays.

        Raises ReviewersError.
        """
        check_name(new)
        with self._changing() as saved:
            if old in saved:
                hashed = saved.pop(old)
                saved.setdefault(new, hashed)

    def remove(self, name: str) -> None:
        """Take a reviewer out of the file. Raises ReviewersError if there is none."""
        with self._changing() as saved:
            if saved.pop(name, None) is None:
                raise ReviewersError(
                    f"expected one of the reviewers in {self.path}, found {name!r}"
                )

    def _read(self) -> dict[str, str]:
        try:
            saved = json.loads(self.path.read_text(encoding="utf-8"))
            if not all(isinstance(value, str) for value in saved.values()):
                raise TypeError("a value is no hash")
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise ReviewersError(
                f"expected names and hashes in {self.path}, found a file that cannot be read "
                f"({error}): remove it, and add the reviewers again"
            ) from error
        return dict(saved)

    @contextmanager
    def _changing(self) -> Iterator[dict[str, str]]:
        """The file's content; written back unless something is wrong."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(self.path.with_suffix(".lock")):
            saved = self._read()
            yield saved
            write_whole(self.path, json.dumps(saved, indent=2), private=True)


def hash_password(password: str) -> str:
    """The scrypt hash of a password with a new salt, as text."""
    salt = secrets.token_bytes(16)
    return _as_text(salt, _scrypt(password, salt))


def _hash_of_nobody() -> str:
    """What takes as long to verify as any hash, and is no password's."""
    return _as_text(secrets.token_bytes(16), secrets.token_bytes(32))


def _as_text(salt: bytes, digest: bytes) -> str:
    return "$".join(["scrypt", *(base64.b64encode(part).decode() for part in (salt, digest))])


def verify(password: str, hashed: str) -> bool:
    """Whether a hash is that of the password; False if it is no hash at all."""
    try:
        _, told, _ = hashed.split("$")
        salt = base64.b64decode(told)
        found = _as_text(salt, _scrypt(password, salt))
    except ValueError:
        return False
    return hmac.compare_digest(found, hashed)


def _scrypt(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(errors="replace"), salt=salt, dklen=32, **COST)


def _from_environment(setting: str) -> dict[str, str]:
    given: dict[str, str] = {}
    for entry in filter(None, (part.strip() for part in setting.split(","))):
        name, colon, password = entry.partition(":")
        if not colon:
            raise ReviewersError(
                f'{VARIABLE}: expected "name:password,name:password", found an entry without a '
                "colon (a password can hold no comma)"
            )
        _check_entry(name.strip(), password)
        given[name.strip()] = password
    return given


def check_name(name: str) -> None:
    """Raise ReviewersError unless a reviewer can be called so."""
    if not name or not name.isprintable() or name != name.strip() or name == VISITOR:
        raise ReviewersError(
            f"expected a reviewer's name of printable characters other than {VISITOR!r}, "
            f"found {name!r}"
        )


def _check_entry(name: str, password: str) -> None:
    check_name(name)
    if len(password) < SHORTEST:
        raise ReviewersError(
            f"expected a password of at least {SHORTEST} characters for {name!r}, "
            f"found {len(password)}"
        )
