"""Files on this machine or at any URL that fsspec opens: found, brought here, written whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

import fsspec
from fsspec.core import has_magic
from fsspec.implementations.local import LocalFileSystem

from qa_core.errors import DataError, one_line
from qa_core.files import write_whole


def files_of(source: str) -> list[str]:
    """A file, all files in a folder, or those that match a pattern, in order: full paths, or URLs.

    In a folder, names that begin with a dot or an underscore are left out. Raises DataError if
    there is none.
    """
    system, path = _opened(source)
    if system.isfile(path):
        found = [path]
    elif system.isdir(path):
        found = [one for one in system.find(path) if not _hidden(one.removeprefix(path))]
    else:
        found = system.glob(path) if has_magic(path) else []
    if not found:
        raise DataError(
            f"{source}: expected a file, a folder of files or a pattern such as data/*.parquet, "
            "found none; check the spelling and the current folder"
        )
    return [_named(system, one) for one in sorted(found)]


def _hidden(path: str) -> bool:
    return any(part.startswith((".", "_")) for part in PurePosixPath(path).parts)


def state_of(url: str) -> str:
    """A hash of what a file's system says of it, which changes with the file."""
    system, path = _opened(url)
    return str(system.ukey(path))


@contextmanager
def brought_here(url: str) -> Iterator[Path]:
    """The file itself if it is on this machine, else a copy for as long as it is needed."""
    system, path = _opened(url)
    if isinstance(system, LocalFileSystem):
        yield Path(path)
        return
    with TemporaryDirectory(prefix="spanloop-") as folder:
        copy = Path(folder) / PurePosixPath(path).name
        system.get_file(path, str(copy))
        try:
            yield copy
        except DataError as error:
            raise DataError(str(error).replace(str(copy), url)) from error


class Folder:
    """A folder whose files are there whole or not at all."""

    def __init__(self, url: str) -> None:
        """Raises DataError unless fsspec knows how to open the URL."""
        self._system, self._path = _opened(url)
        self.url = _named(self._system, self._path)

    def write(self, name: str, data: bytes) -> None:
        """Put a file in the place of another in one step, with the folders it is in."""
        path = f"{self._path}/{name}"
        self._system.makedirs(path.rpartition("/")[0], exist_ok=True)
        if isinstance(self._system, LocalFileSystem):
            write_whole(Path(path), data)
        else:
            self._system.pipe_file(path, data)

    def read(self, name: str) -> bytes | None:
        """What is in a file, None if there is none."""
        try:
            data: bytes = self._system.cat_file(f"{self._path}/{name}")
        except FileNotFoundError:
            return None
        return data

    def names(self, inside: str = "") -> set[str]:
        """The names of what is in the folder, or in one that is in it."""
        path = f"{self._path}/{inside}".rstrip("/")
        self._system.invalidate_cache(path)
        try:
            return {PurePosixPath(one).name for one in self._system.ls(path, detail=False)}
        except FileNotFoundError:
            return set()


def _named(system: Any, path: str) -> str:
    local = isinstance(system, LocalFileSystem)
    return path if local else str(system.unstrip_protocol(path))


def _opened(url: str) -> tuple[Any, str]:
    try:
        system, path = fsspec.core.url_to_fs(url)
    except (ImportError, ValueError) as error:
        raise DataError(
            f"{url}: expected a path, or a URL that fsspec opens; found: {one_line(error)}"
        ) from error
    return system, path.rstrip("/")
