"""Model versions under ``SPANLOOP_HOME/models``, and which of them serves.

A version is a model folder with its record, ``version.json``; it appears whole or not at all and
is never changed. One file, replaced in one step, lists what has ever been put to serve: its last
line of descent tells what serves now and what a roll-back returns to. Whenever the process or
the machine stops, the file is the old one or the new one, and what it names is there.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Literal

from filelock import FileLock, Timeout

from qa_core.errors import ModelError, one_line
from qa_core.files import flush, make_private, write_whole
from qa_core.home import home
from qa_core.models.folder import bundled_model, resolve_model, version

BUNDLED = "bundled"
RECORD = "version.json"
POINTER = "serving.json"
NAME = re.compile(r"v([1-9][0-9]*)")
LOCK_SECONDS = 30.0
State = Literal["serving", "served before", "candidate"]


@dataclass(frozen=True, slots=True)
class Change:
    """That a version was put to serve: how (``promote`` or ``rollback``), and when (ISO, UTC)."""

    version: str
    how: str
    at: str


@dataclass(frozen=True, slots=True)
class Version:
    """A model version. record: its parent, data, command, figures and date; see `retraining`."""

    name: str
    folder: Path
    state: State
    record: Mapping[str, Any]


def line_of_descent(changes: Sequence[Change]) -> list[str]:
    """The versions that a roll-back can return to, the one that serves last. Pure."""
    line = [BUNDLED]
    for change in changes:
        if change.how == "rollback":
            line.pop()
        elif change.version != line[-1]:
            line.append(change.version)
    return line


class Versions:
    """The versions in one folder. Safe to share between threads and processes."""

    def __init__(
        self, folder: Path | None = None, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self.folder = folder or home() / "models"
        self.pointer = self.folder / POINTER
        self._now = now

    def serving(self) -> str:
        """The name of the version that serves: the bundled model's until one is promoted."""
        return line_of_descent(self.changes())[-1]

    def path(self, name: str) -> Path:
        """The folder of a version. Raises ModelError if there is none of this name."""
        if name == BUNDLED:
            return bundled_model()
        if not NAME.fullmatch(name) or not (self.folder / name / RECORD).is_file():
            known = ", ".join([BUNDLED, *self._names()])
            raise ModelError(f"expected a version of {known}, found {name!r}")
        return self.folder / name

    def intact(self) -> tuple[str, Path]:
        """Name and folder of the version that serves.

        Raises ModelError if it is not as it was published.
        """
        name = self.serving()
        folder = self.path(name)
        if name != BUNDLED:
            expected, found = self.record(name).get("digest"), version(folder)
            if found != expected:
                raise ModelError(
                    f"expected {name}@{expected} in {folder}, found {name}@{found}: it was "
                    "changed; roll back, or promote another version"
                )
        return name, folder

    def all(self) -> list[Version]:
        """The bundled model and every version, oldest first. Raises ModelError."""
        changes = self.changes()
        serving = line_of_descent(changes)[-1]
        before = {BUNDLED, *(change.version for change in changes)}
        return [
            Version(
                name,
                self.path(name),
                "serving"
                if name == serving
                else "served before"
                if name in before
                else "candidate",
                self.record(name),
            )
            for name in [BUNDLED, *self._names()]
        ]

    def changes(self) -> list[Change]:
        """Every promotion and roll-back, oldest first. Raises ModelError if the file is damaged."""
        try:
            return [Change(**one) for one in json.loads(self.pointer.read_text(encoding="utf-8"))]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, TypeError) as error:
            raise ModelError(
                f"{self.pointer} cannot be read ({one_line(error)}): delete it to serve the "
                "bundled model, then promote a version"
            ) from error

    def publish(self, model: Path, record: Mapping[str, Any]) -> str:
        """Make a version of the files in a model folder, and return its name; it serves not yet."""
        with self._alone():
            for leftover in self.folder.glob(".publishing-*"):  # of a process that was killed
                shutil.rmtree(leftover, ignore_errors=True)
            named = [change.version for change in self.changes()]
            numbers = [int(name[1:]) for name in [*self._names(), *named] if name != BUNDLED]
            name = f"v{max(numbers, default=0) + 1}"
            staged = Path(mkdtemp(prefix=".publishing-", dir=self.folder))
            for file in sorted(model.iterdir()):
                if file.is_file():
                    shutil.copyfile(file, staged / file.name)
            full = {"version": name, "at": self._now().isoformat(timespec="seconds"), **record}
            (staged / RECORD).write_text(json.dumps(full, indent=2) + "\n", encoding="utf-8")
            for file in staged.iterdir():
                file.chmod(0o444)
                flush(file)
            staged.chmod(0o755)
            flush(staged)
            staged.rename(self.folder / name)
            flush(self.folder)
            return name

    def origin(self, name: str) -> str:
        """The version that the re-trainings which led to this one began with, if it is there still;
        else the oldest since then. Raises ModelError if a record is damaged.

        A bundled model that came later, with another release, began none of them.
        """
        known = set(self._names())
        while (parent := (record := self.record(name)).get("parent")) in known:
            name = str(parent)
        digest = str(record.get("parent_model", "")).rpartition("@")[2]
        return BUNDLED if parent == BUNDLED and digest == version(bundled_model()) else name

    def promote(self, name: str) -> None:
        """Put a version to serve. Raises ModelError if there is none of this name."""
        with self._alone():
            self.path(name)
            changes = self.changes()
            if line_of_descent(changes)[-1] != name:
                self._point([*changes, Change(name, "promote", self._stamp())])

    def rollback(self) -> str:
        """Put the version that served before to serve again, and return its name.

        Raises ModelError where none did.
        """
        with self._alone():
            changes = self.changes()
            line = line_of_descent(changes)
            if len(line) < 2:
                raise ModelError("expected a version to roll back from, found the bundled model")
            self.path(line[-2])
            self._point([*changes, Change(line[-2], "rollback", self._stamp())])
            return line[-2]

    @contextmanager
    def training(self) -> Iterator[Path]:
        """A folder to train in, for one process at a time; it is deleted afterwards.

        Raises ModelError where another process trains.
        """
        make_private(self.folder)
        try:
            # Not at once: `is_training` holds it for a moment.
            with FileLock(self.folder / "training.lock", timeout=0.5):
                for leftover in self.folder.glob(".training-*"):  # of a process that was killed
                    shutil.rmtree(leftover, ignore_errors=True)
                scratch = Path(mkdtemp(prefix=".training-", dir=self.folder))
                try:
                    yield scratch
                finally:
                    shutil.rmtree(scratch, ignore_errors=True)
        except Timeout as error:
            raise ModelError("a training is under way: wait for it to end, or end it") from error

    def is_training(self) -> bool:
        """Whether some process trains just now."""
        if not self.folder.is_dir():
            return False
        try:
            with FileLock(self.folder / "training.lock", timeout=0):
                return False
        except Timeout:
            return True

    def _names(self) -> list[str]:
        found = (path.parent.name for path in self.folder.glob(f"v*/{RECORD}"))
        return sorted((n for n in found if NAME.fullmatch(n)), key=lambda name: int(name[1:]))

    def record(self, name: str) -> dict[str, Any]:
        """What is known of a version, see `retraining`. Raises ModelError."""
        if name == BUNDLED:
            return {"version": BUNDLED}
        path = self.folder / name / RECORD
        try:
            return dict(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise ModelError(
                f"{path} cannot be read ({one_line(error)}): delete this version"
            ) from error

    def _stamp(self) -> str:
        return self._now().isoformat(timespec="seconds")

    def _point(self, changes: Sequence[Change]) -> None:
        write_whole(self.pointer, json.dumps([asdict(change) for change in changes], indent=2))

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Held by one process at a time: two that read and then write would lose a change."""
        try:
            make_private(self.folder)
            with FileLock(self.folder / "lock", timeout=LOCK_SECONDS):
                yield
        except Timeout as error:
            raise ModelError(
                f"another process holds {self.folder / 'lock'}: wait for it to end"
            ) from error
        except OSError as error:
            raise ModelError(
                f"cannot write to {self.folder} ({one_line(error)}): check its permissions and "
                "the disk"
            ) from error


def folder_of(model: str | Path | None = None) -> Path:
    """The folder of a model: a folder or Hub id, `BUNDLED`, or by default what serves.

    Raises ModelError.
    """
    if model == BUNDLED:
        return bundled_model()
    return Versions().intact()[1] if model is None else resolve_model(model)
