"""A reader that follows the version that serves, without a pause and without a failed request."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

from qa_core.errors import SpanLoopError
from qa_core.inference.answer import Answer, Pairs, Serves
from qa_core.inference.reader import Reader
from qa_core.models.versions import BUNDLED, Versions

log = logging.getLogger(__name__)


class LiveReader(Serves):
    """Answers by the version that serves. Safe to share between threads.

    At each call it looks, by one ``stat``, whether another version was put to serve. If so, that
    one is loaded in the background while the old one goes on to answer; one that cannot be
    loaded is logged, and the old one stays.
    """

    def __init__(self, versions: Versions | None = None, **options: Any) -> None:
        """Load the version that serves; options as for `Reader.load`. Raises ModelError."""
        self._versions = versions or Versions()
        self._options = options
        self._lock = threading.Lock()
        self._loading: threading.Thread | None = None
        self._seen = _mark(self._versions.pointer)
        self._serving = load(self._versions, **options)

    @property
    def current(self) -> Reader:
        return self._serving

    def answer_batch(
        self,
        pairs: Pairs,
        *,
        top_k: int = 3,
        workers: int | None = None,
        progress: bool = False,
    ) -> list[Answer]:
        """As `Reader.answer_batch`; all pairs are answered by the same version."""
        self.follow()
        return self._serving.answer_batch(pairs, top_k=top_k, workers=workers, progress=progress)

    def answer_in_steps(
        self, question: str, context: str, *, top_k: int = 3
    ) -> Generator[tuple[int, int], None, Answer]:
        """As `Reader.answer_in_steps`; all steps are taken by the same version."""
        self.follow()
        return self._serving.answer_in_steps(question, context, top_k=top_k)

    def follow(self, *, wait: bool = False) -> None:
        """Begin to load another version if one was put to serve; wait: until it serves."""
        mark = _mark(self._versions.pointer)
        with self._lock:
            if mark != self._seen and (self._loading is None or not self._loading.is_alive()):
                self._seen = mark
                self._loading = threading.Thread(target=self._load, name="model", daemon=True)
                self._loading.start()
            loading = self._loading
        if wait and loading is not None:
            loading.join()

    def watch(self, every: float = 1.0) -> None:
        """Look every so many seconds, too: what serves may change while nobody asks."""

        def look() -> None:
            while True:
                time.sleep(every)
                self.follow()

        threading.Thread(target=look, name="versions", daemon=True).start()

    def _load(self) -> None:
        try:
            self._serving = load(self._versions, **self._options)
            log.info("%s serves now", self._serving.model)
        except SpanLoopError as error:
            log.error("%s serves still: %s", self._serving.model, error)


def load(versions: Versions, **options: Any) -> Reader:
    """The reader of the version that serves. Raises ModelError if it is not as it was published."""
    name, folder = versions.intact()
    if name == BUNDLED:
        return Reader.load(bundled=True, **options)
    return Reader.load(folder, **options)


def _mark(pointer: Path) -> tuple[int, int, int] | None:
    """Changes whenever the file is replaced; None while there is none."""
    try:
        found = os.stat(pointer)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size
