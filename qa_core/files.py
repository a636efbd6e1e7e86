"""Files that are whole or absent, whenever the process or the machine stops."""

from __future__ import annotations

import os
import uuid
from contextlib import suppress
from pathlib import Path


def write_whole(path: Path, data: bytes | str, *, private: bool = False) -> None:
    """Put a file in the place of another in one step, and return once it is on disk.

    private: only its owner may read it (mode 0600). Text is written as UTF-8. Raises OSError.
    """
    temporary = path.with_name(f".{uuid.uuid4().hex}.tmp")
    mode = 0o600 if private else 0o666
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data.encode() if isinstance(data, str) else data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
        flush(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def flush(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on disk."""
    if os.name == "nt" and path.is_dir():
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_private(folder: Path) -> None:
    """Make a folder that only its owner may enter (mode 0700); one that is there stays as it is."""
    for one in reversed([folder, *folder.parents]):
        one.mkdir(mode=0o700, exist_ok=True)


def private_file(path: Path) -> None:
    """Make a file, unless it is there, and let only its owner read and write it (mode 0600).

    One that is there is not opened: where a process closes a file, it loses all its locks on it,
    those of SQLite among them (https://sqlite.org/howtocorrupt.html, section 2.2).
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    path.chmod(0o600)
