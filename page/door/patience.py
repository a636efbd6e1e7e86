"""How long a connection may take to bring a request or to fetch an answer.

A process can hold only so many connections. uvicorn waits for a request as long as it takes, keeps
whatever head it has, and waits for ever for a client that reads nothing of an answer; so a thousand
silent connections would keep everybody else out.
"""

from __future__ import annotations

import asyncio
import contextlib

import uvicorn.config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

SECONDS = 20  # for the head of a request, and for its body to begin with
RATE = 500  # bytes of a body that bring a second more; both are the usual ones of mod_reqtimeout
HEAD = 2**16  # bytes of the head of a request, at most
STALL = 60  # seconds in which nothing of an answer is fetched
UNHEARD = 384  # connections whose request is not whole, at most
FILES = 2**16  # open files and connections to ask the system for


class Patient(HttpToolsProtocol):
    """uvicorn's protocol, which closes a connection that is late.

    Where more than `UNHEARD` are not done with theirs, the one that has been longest about it is
    closed: whoever means to ask does so at once.
    """

    _unheard: dict[Patient, None] = {}  # noqa: RUF012 - of all connections, the longest first

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the head of the first request."""
        super().connection_made(transport)
        self._timer: asyncio.TimerHandle | None = None
        self._stalled: asyncio.TimerHandle | None = None
        self._head, self._came = True, 0
        self._begin()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._end()
        self._fetched()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what comes, unless it is too long a head."""
        self._came += len(data)
        super().data_received(data)
        if self._head and self._came > HEAD:
            self._refuse(431)
        elif self._head and not self._timer and not self._answering():
            self._begin()

    def on_message_begin(self) -> None:
        """Wait for the rest of the head."""
        super().on_message_begin()
        self._head, self._came = True, 0
        if not self._timer and not self._answering():
            self._begin()

    def on_headers_complete(self) -> None:
        """Wait for the body."""
        self._head, self._came = False, 0
        self._begin()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The request is whole: what comes next is the server's turn."""
        self._end()
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        """Leave the connection to the protocol of web sockets."""
        self._end()
        super().handle_websocket_upgrade()

    def pause_writing(self) -> None:
        """The client is behind with fetching: wait for it."""
        super().pause_writing()
        self._stalled = self.loop.call_later(STALL, self.transport.abort)

    def resume_writing(self) -> None:
        """The client fetches."""
        self._fetched()
        super().resume_writing()

    def timeout_keep_alive_handler(self) -> None:
        """No further request: close, when the last answer is fetched or nothing more of it is."""
        super().timeout_keep_alive_handler()
        self._stalled = self._stalled or self.loop.call_later(STALL, self.transport.abort)

    def _fetched(self) -> None:
        if self._stalled:
            self._stalled.cancel()
        self._stalled = None

    def _answering(self) -> bool:
        """Whether an earlier request is still being answered."""
        return self.cycle is not None and not self.cycle.response_complete

    def _begin(self) -> None:
        self._end()
        self._since = self.loop.time()
        self._timer = self.loop.call_later(SECONDS, self._late)
        self._unheard[self] = None
        if len(self._unheard) > UNHEARD:
            next(iter(self._unheard))._refuse(408)

    def _end(self) -> None:
        self._unheard.pop(self, None)
        if self._timer:
            self._timer.cancel()
        self._timer = None

    def _late(self) -> None:
        """Close the connection, unless its body is still coming or the server takes no more."""
        allowed = SECONDS + (0 if self._head else self._came / RATE)
        left = SECONDS if self.flow.read_paused else self._since + allowed - self.loop.time()
        if left > 0:
            self._timer = self.loop.call_later(left, self._late)
        else:
            self._refuse(408)

    def _refuse(self, status: int) -> None:
        """End the connection, with the reason if no answer has begun."""
        self._end()
        if not self._answering() or not (self._head or self.cycle.response_started):
            head = [STATUS_LINE[status], b"content-length: 0\r\nconnection: close\r\n\r\n"]
            self.transport.write(b"".join(head))
        self.transport.close()


def install() -> None:
    """Have uvicorn serve so in this process, which may then hold all connections that it can."""
    uvicorn.config.HTTP_PROTOCOLS["auto"] = f"{__name__}:{Patient.__name__}"
    with contextlib.suppress(ImportError, OSError, ValueError):  # no such limit, or no other one
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = FILES if hard == resource.RLIM_INFINITY else min(hard, FILES)
        if soft != resource.RLIM_INFINITY and soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
