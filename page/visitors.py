"""Who asks, as far as a server can tell, and how much of what is everybody's one may take."""

from __future__ import annotations

import ipaddress
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

from qa_core.errors import BusyError

asking: ContextVar[str] = ContextVar("asking", default="")
"""The visitor whose request is being answered; "" where nobody in particular asks."""


def visitor(host: str | None, headers: Mapping[str, str]) -> str:
    """The one who made a request, by the network it came from.

    host: the address at the other end. In a Space that is a proxy; the last public address that
    it names is the visitor's, as those before it may be made up.
    """
    named = headers.get("x-forwarded-for", "") if os.environ.get("SPACE_ID") else ""
    addresses = [found for found in map(_address, named.split(",")) if found and found.is_global]
    address = addresses[-1] if addresses else _address(host or "")
    if isinstance(address, ipaddress.IPv6Address):  # who has one has all of its network
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address or host or "")


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text.strip())
    except ValueError:
        return None


class Rate:
    """How often a visitor, and all together, may do a thing. Safe to share between threads."""

    def __init__(
        self,
        each: int,
        seconds: float,
        a_day: int,
        *,
        what: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """each: times for one visitor in so many seconds. a_day: times for all in 24 hours."""
        self.each, self.seconds, self.a_day, self.what = each, seconds, a_day, what
        self._clock = clock
        self._of: dict[str, deque[float]] = {}
        self._all: deque[float] = deque()
        self._lock = threading.Lock()

    def take(self, who: str) -> None:
        """Count one more. Raises BusyError if that is one too many."""
        now = self._clock()
        with self._lock:
            self._of = {
                name: times for name, times in self._of.items() if now - times[-1] < self.seconds
            }
            while self._all and now - self._all[0] >= 86_400:
                self._all.popleft()
            own = self._of.get(who, deque())
            while own and now - own[0] >= self.seconds:
                own.popleft()
            if len(own) >= self.each:
                wait = self.seconds - (now - own[0])
                raise BusyError(
                    f"expected at most {self.each} {self.what} in {self.seconds / 60:.0f} minutes, "
                    f"found more; go on in {wait:.0f} seconds"
                )
            if len(self._all) >= self.a_day:
                raise BusyError(
                    f"expected at most {self.a_day} {self.what} a day from all visitors, found "
                    "more; go on tomorrow"
                )
            self._all.append(now)
            own.append(now)
            self._of[who] = own


class Room:
    """How many may do a thing at the same time. Safe to share between threads."""

    def __init__(self, each: int, together: int, *, what: str) -> None:
        """each: of one visitor. together: of all."""
        self.each, self.together, self.what = each, together, what
        self._inside: list[str] = []
        self._lock = threading.Lock()

    @contextmanager
    def hold(self, who: str) -> Iterator[None]:
        """Be inside. Raises BusyError if there is no room."""
        with self._lock:
            own, all_ = self._inside.count(who), len(self._inside)
            if own >= self.each or all_ >= self.together:
                busy = f"{own} {self.what} of yours" if own >= self.each else f"{all_} {self.what}"
                raise BusyError(f"busy: {busy} are being read; ask again when one is answered")
            self._inside.append(who)
        try:
            yield
        finally:
            with self._lock:
                self._inside.remove(who)
