"""Learning in a process of its own, which goes on when what started it ends."""

from __future__ import annotations

import re
import threading
from subprocess import Popen

from qa_core import child
from qa_core.errors import ModelError
from qa_core.files import make_private, private_file
from qa_core.home import home
from qa_core.models.versions import Versions

STEP = re.compile(r"\bstep (\d+)/(\d+)\b")
FITS = re.compile(r"\bverifier:.* (\d+)/(\d+) \[")
TAIL_BYTES = 8192


class Background:
    """Starts ``spanloop`` retrain or verifier, and tells how far it is.

    One at a time. Shared by threads.
    """

    def __init__(self, versions: Versions | None = None) -> None:
        self.versions = versions or Versions()
        self.log = self.versions.folder / "training.log"
        self._process: Popen[bytes] | None = None
        self._verb = ""
        self._lock = threading.Lock()

    def start(self, verb: str = "retrain", *options: str) -> None:
        """Begin, with further options of the command. Raises ModelError if one is under way."""
        with self._lock:
            if self.running():
                raise ModelError("a training is under way: wait for it to end")
            make_private(self.log.parent)
            private_file(self.log)
            self._verb = verb
            with self.log.open("wb") as log:
                self._process = child.start(
                    "annotation", verb, *options, log=log, SPANLOOP_HOME=str(home().resolve())
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
                lines = log.read().decode(errors="replace").split("\n")
        except FileNotFoundError:
            return ""
        return "\n".join(line.rpartition("\r")[2] for line in lines)  # a bar as it is now

    def progress(self) -> float | None:
        """How far learning is, 0 to 1; None before and after it."""
        return progress_in(self.said()) if self.running() else None


def progress_in(said: str) -> float | None:
    """The share done, in the log of a re-training that is learning or of a verifier's. Pure."""
    lines = said.splitlines()
    stages = [number for number, line in enumerate(lines) if line.endswith(" ...")]
    if stages and not lines[stages[-1]].startswith("learning"):
        return None
    pattern, since = (STEP, stages[-1]) if stages else (FITS, 0)
    found = [match for line in lines[since:] for match in pattern.finditer(line)]
    if not found:
        return 0.0 if stages else None
    return int(found[-1][1]) / int(found[-1][2])
