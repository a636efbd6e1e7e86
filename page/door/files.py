"""Visitors' files and what came of them: each one's own, for a while, within bounds."""

from __future__ import annotations

import contextlib
import secrets
import shutil
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Generic, TypeVar

from gradio.utils import get_upload_folder

from page import messages
from qa_core.errors import BusyError

T = TypeVar("T")

LIFETIME = 3600  # seconds: what a visitor brought is kept so long


@dataclass(frozen=True, slots=True)
class _Kept(Generic[T]):
    item: T
    owner: str
    size: int
    at: float


class Shelf(Generic[T]):
    """Things by a key that only their owner is given. Safe to share between threads.

    The oldest make room for new ones where there are too many of one owner, or too much in all.
    """

    def __init__(
        self,
        each: int,
        most: int,
        *,
        gone: Callable[[T], None] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """each: things of an owner. most: size of all. gone: is told of what leaves the shelf."""
        self.each, self.most = each, most
        self._gone, self._clock = gone, clock
        self._kept: OrderedDict[str, _Kept[T]] = OrderedDict()
        self._lock = threading.RLock()

    def put(self, item: T, owner: str, size: int) -> str:
        """The key of a thing. size: in bytes, roughly."""
        key = secrets.token_urlsafe(16)
        with self._lock:
            self._tidy()
            self._kept[key] = _Kept(item, owner, size, self._clock())
            own = [name for name, kept in self._kept.items() if kept.owner == owner]
            for name in own[: -self.each]:
                self.drop(name)
            self._make_room()
        return key

    def get(self, key: str | None) -> T | None:
        """The thing of a key; None where it is gone."""
        with self._lock:
            self._tidy()
            kept = self._kept.get(key or "")
        return kept.item if kept else None

    def renew(self, key: str | None, size: int) -> None:
        """Keep a thing for as long again, at the size that it has now."""
        with self._lock:
            self._tidy()
            if kept := self._kept.pop(key or "", None):
                self._kept[key or ""] = replace(kept, size=size, at=self._clock())
                self._make_room()

    def drop(self, key: str | None) -> None:
        """Take a thing from the shelf."""
        with self._lock:
            kept = self._kept.pop(key or "", None)
        if kept:
            self._gone(kept.item)

    def _make_room(self) -> None:
        while len(self._kept) > 1 and sum(k.size for k in self._kept.values()) > self.most:
            self.drop(next(iter(self._kept)))

    def _tidy(self) -> None:
        for key, kept in list(self._kept.items()):
            if self._clock() - kept.at > LIFETIME:
                self.drop(key)


class Uploads:
    """Files that came and were not read yet. Safe to share between threads.

    Gradio keeps a file by its content, so that two visitors who bring the same share one: it is
    deleted when the last of them has read it.
    """

    def __init__(self, each: int = 10, most: int = 400 * 2**20) -> None:
        """each: files of one visitor. most: bytes of all."""
        self.each, self.most = each, most
        self._came: list[tuple[str, str, float]] = []  # path, visitor, time
        self._lock = threading.Lock()

    def admit(self, visitor: str) -> None:
        """Raise BusyError if there is no room for another file of this visitor."""
        with self._lock:
            old = [one for one in self._came if time.monotonic() - one[2] > LIFETIME]
            self._came = [one for one in self._came if one not in old]
            for path in {one[0] for one in old} - {one[0] for one in self._came}:
                Path(path).unlink(missing_ok=True)
            own = sum(whose == visitor for _, whose, _ in self._came)
            if own >= self.each:
                raise BusyError(messages.files_waiting(own))
            if sum(_size(path) for path in {one[0] for one in self._came}) > self.most:
                raise BusyError(messages.TOO_MANY_FILES)

    def came(self, path: str, visitor: str) -> None:
        """Note a file that a visitor brought."""
        with self._lock:
            self._came.append((path, visitor, time.monotonic()))

    @contextlib.contextmanager
    def taken(self, path: str, visitor: str) -> Iterator[Path]:
        """Read a file, which is deleted after that unless others who brought it wait for it."""
        try:
            yield Path(path)
        finally:
            with self._lock:
                mine = [one for one in self._came if one[0] == path]
                own = next((one for one in mine if one[1] == visitor), None)
                if one := own or next(iter(mine), None):
                    self._came.remove(one)
                if len(mine) <= 1:
                    Path(path).unlink(missing_ok=True)


def _size(path: str) -> int:
    try:
        return Path(path).stat().st_size
    except OSError:
        return 0


UPLOADS = Uploads()
_WRITTEN: Shelf[Path] = Shelf(16, 200 * 2**20, gone=lambda p: shutil.rmtree(p.parent, True))


def written(name: str, text: str | bytes, visitor: str) -> str:
    """A file that Gradio serves to this visitor, for a while, from a folder of its own."""
    folder = Path(tempfile.mkdtemp(prefix="spanloop-", dir=get_upload_folder()))
    path = folder / name
    data = text if isinstance(text, bytes) else text.encode()
    path.write_bytes(data)
    _WRITTEN.put(path, visitor, len(data))
    return str(path)
