"""How much of what is everybody's one visitor may take."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from qa_core.errors import BusyError


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
