"""Learning in a process of its own, which goes on when what started it ends."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from pathlib import Path

from annotation.apart import POLITE
from annotation.versions import Versions
from qa_core.cache import home
from qa_core.errors import ModelError

STEP = re.compile(r"\bstep (\d+)/(\d+)\b")
TAIL_BYTES = 8192


class Background:
    """Starts ``python -m annotation retrain`` or ``verifier``, one at a time, and tells how far it
    is. Shared by threads.
    """

    def __init__(self, versions: Versions | None = None) -> None:
        self.versions = versions or Versions()
        self.log = self.versions.folder / "training.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._verb = ""
        self._lock = threading.Lock()

    def start(self, verb: str = "retrain", *options: str) -> None:
        """Begin, with further options of the command. Raises ModelError if one is under way."""
        with self._lock:
            if self.running():
                raise ModelError("a training is under way: wait for it to end")
            root = str(Path(__file__).resolve().parents[1])
            search = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
            state = {"SPANLOOP_HOME": str(home().resolve()), "PYTHONPATH": search}
            self.log.parent.mkdir(parents=True, exist_ok=True)
            self._verb = verb
            with self.log.open("wb") as log:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "annotation", verb, *options],
                    env={**POLITE, **os.environ, **state},
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,  # closing the page does not end it
                )

    def doing(self) -> str:
        """What is under way: ``retrain``, whoever began it, ``verifier``, begun here, or ""."""
        if self._process is not None and self._process.poll() is None:
            return self._verb
        return "retrain" if self.versions.is_training() else ""

    def running(self) -> bool:
        """Whether anything is."""
        return bool(self.doing())

    def said(self) -> str:
        """The last lines that the newest one started by a page wrote, "" if none."""
        try:
            with self.log.open("rb") as log:
                log.seek(max(0, self.log.stat().st_size - TAIL_BYTES))
                return log.read().decode(errors="replace")
        except FileNotFoundError:
            return ""

    def progress(self) -> float | None:
        """How far learning is, 0 to 1; None before and after it."""
        return progress_in(self.said()) if self.running() else None


def progress_in(said: str) -> float | None:
    """The share of steps done in a log whose last stage is learning, else None. Pure."""
    lines = said.splitlines()
    stages = [number for number, line in enumerate(lines) if line.endswith(" ...")]
    if not stages or not lines[stages[-1]].startswith("learning"):
        return None
    steps = [match for line in lines[stages[-1] :] for match in STEP.finditer(line)]
    return int(steps[-1][1]) / int(steps[-1][2]) if steps else 0.0
