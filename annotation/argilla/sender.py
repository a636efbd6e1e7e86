"""Predictions on their way to Argilla: a thread that pushes, and tries again while that fails."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from annotation.argilla.client import Target
from annotation.argilla.sync import PushReport, push
from annotation.store.store import Store
from annotation.verifier.estimates import refresh_estimates
from qa_core import settings
from qa_core.child import run_apart
from qa_core.errors import SpanLoopError, one_line

log = logging.getLogger(__name__)

GATHER_SECONDS = 1.0  # what is kept shortly after goes along
POLL_SECONDS = 60.0  # to notice that a local Argilla was started
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 300.0  # between attempts; doubled each time


def configured() -> bool:
    """Whether there is an Argilla to send to: ``ARGILLA_API_URL``, or one on this machine."""
    from annotation.argilla.local.server import LocalArgilla

    return settings.read().argilla_api_url is not None or LocalArgilla().running() is not None


def embed_apart(questions: Sequence[str]) -> list[list[float]]:
    """`annotation.argilla.embedding.embed` in a process of its own: torch stays out of this one."""
    said = run_apart("annotation.argilla.embedding", told=json.dumps(list(questions)))
    vectors: list[list[float]] = json.loads(said)
    return vectors


def push_now(store: Store, advance: Callable[[int, int], None], patience: float) -> PushReport:
    """Log in and push what waits. Raises SpanLoopError."""
    from annotation.argilla.client import connect

    return push(store, connect(Target(patience=patience)), embed=embed_apart, advance=advance)


class Sender:
    """Sends what is kept in a store, in the background, whenever it is woken.

    Before that, and where there is no Argilla, the verifier in use estimates what is new.
    A push that fails is tried again with growing pauses until it succeeds; `problem` says why the
    last one failed, or "". What a stopped or killed process has not sent, the next one sends.
    """

    def __init__(
        self,
        path: Path | None = None,
        *,
        send: Callable[[Store, Callable[[int, int], None], float], PushReport] = push_now,
        configured: Callable[[], bool] = configured,
        gather: float = GATHER_SECONDS,
        first_pause: float = FIRST_PAUSE,
    ) -> None:
        self.problem = ""
        self.configured = configured
        self._path, self._send, self._gather, self._first = path, send, gather, first_pause
        self._alone = threading.Lock()
        self._woken, self._stopping = threading.Event(), threading.Event()
        self._woken.set()  # by what an earlier process left
        self._thread = threading.Thread(target=self._run, name="sender", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """There is something to send."""
        self._woken.set()

    def stop(self) -> None:
        """End the thread once it has finished what it is at."""
        self._stopping.set()
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join()

    def send(
        self, store: Store, advance: Callable[[int, int], None], patience: float
    ) -> PushReport:
        """Send now, in this thread; the background waits meanwhile. Raises SpanLoopError."""
        with self._alone:
            sent = self._send(store, advance, patience)
        self.problem = ""
        if sent.guidelines:
            log.info("the guidelines at Argilla were of an older version: brought up to date")
        return sent

    def _run(self) -> None:
        store = Store(self._path)
        pause = self._first
        while not self._stopping.is_set():
            self._woken.wait()
            if self._stopping.wait(self._gather):
                break
            refresh_estimates(store)
            if not self.configured():
                self._stopping.wait(POLL_SECONDS)
                continue
            self._woken.clear()
            try:
                self.send(store, lambda done, of: None, patience=5.0)
                pause = self._first
            except Exception as error:
                known = isinstance(error, SpanLoopError)
                self.problem = str(error) if known else f"pushing failed: {one_line(error)}"
                log.warning("%s; trying again in %.0f s", self.problem, pause)
                self._woken.set()
                self._stopping.wait(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
        store.close()
