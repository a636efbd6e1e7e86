"""Learning in a process of its own, which goes on when what started it ends."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from subprocess import Popen
from typing import Literal

from qa_core import child
from qa_core.errors import ModelError
from qa_core.files import make_private, private_file
from qa_core.home import home
from qa_core.models.versions import Versions

STEP = re.compile(r"\bstep (\d+)/(\d+)\b")
FITS = re.compile(r"\bverifier:.* (\d+)/(\d+) \[")
STAGES = ("reading", "learning", "calibrating", "judging", "publishing")  # of a re-training
LEFT = re.compile(r"\b(\d+) min left$")
ENDS = (  # how the last line of what has ended begins, by kind
    ("promoted", re.compile(r"(v\d+) serves now\b", re.M)),
    ("candidate", re.compile(r"(v\d+) stays a candidate: .*", re.M)),
    ("verifier", re.compile(r"(?:not )?used: .*", re.M)),
    ("failed", re.compile(r"error: .*", re.M)),
)
TAIL_BYTES = 8192


@dataclass(frozen=True, slots=True)
class Course:
    """How far a training is.

    stage: its number in `STAGES`, None before the first and of a verifier. share: of learning that
    is done (0 to 1), minutes: that it will take; None where they are not known.
    """

    stage: int | None
    share: float | None
    minutes: int | None


@dataclass(frozen=True, slots=True)
class Ending:
    """How a training ended: kind, and the line of its log that says so, "" if it was stopped."""

    kind: Literal["promoted", "candidate", "verifier", "failed", "stopped"]
    line: str


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

    def is_own(self) -> bool:
        """Whether what is under way was begun here, so that `stop` can end it."""
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """End what was begun here; the version that serves goes on to serve.

        Raises ModelError where nothing that was begun here is under way.
        """
        with self._lock:
            if self._process is None or not self.is_own():
                raise ModelError("expected a training that was started on this page, found none")
            child.stop(self._process)

    def course(self) -> Course | None:
        """How far what is under way is, None if nothing is."""
        return course_in(self.said()) if self.running() else None

    def ending(self) -> Ending | None:
        """How the newest one ended, None if none was begun or it is under way."""
        said = self.said()
        begun = bool(said) or self._process is not None  # stopped before it said anything
        return ending_in(said) if begun and not self.running() else None

    def said(self) -> str:
        """The last lines that the newest one started by a page wrote, "" if none."""
        try:
            with self.log.open("rb") as log:
                log.seek(max(0, self.log.stat().st_size - TAIL_BYTES))
                lines = log.read().decode(errors="replace").split("\n")
        except FileNotFoundError:
            return ""
        return "\n".join(line.rpartition("\r")[2] for line in lines)  # a bar as it is now


def course_in(said: str) -> Course:
    """How far a training is, by its log. Pure."""
    begun = [line.split()[0] for line in said.splitlines() if line.endswith(" ...")]
    stage = next((STAGES.index(name) for name in reversed(begun) if name in STAGES), None)
    last = said.rstrip().rpartition("\n")[2]
    left = LEFT.search(last) if stage == STAGES.index("learning") else None
    return Course(stage, progress_in(said), int(left[1]) if left else None)


def ending_in(said: str) -> Ending:
    """How a training that is not under way ended, by its log. Pure."""
    for kind, pattern in ENDS:
        if found := pattern.search(said):
            return Ending(kind, found.group())  # type: ignore[arg-type]
    return Ending("stopped", "")


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
