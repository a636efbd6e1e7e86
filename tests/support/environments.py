"""A Python environment of its own that holds certain libraries alone, and files none may change."""

import importlib.metadata
import os
import sys
import venv
from collections.abc import Iterable
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

# What a command begins with that modes of files shall bind, also where root runs it.
BOUND = ["setpriv", "--bounding-set=-dac_override"] if os.geteuid() == 0 else []


def make_environment(folder: Path, requirements: Iterable[str]) -> Path:
    """The Python of a new environment with what these lines require, linked to what is here."""
    venv.create(folder, symlinks=True)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    site = folder / "lib" / version / "site-packages"
    for library in closure(requirements):
        for file in library.files or ():
            link = site / file.parts[0]
            if file.parts[0] not in ("..", "__pycache__") and not link.exists():
                link.symlink_to(Path(str(library.locate_file(file.parts[0]))).resolve())
    return folder / "bin" / "python"


def closure(requirements: Iterable[str]) -> list[importlib.metadata.Distribution]:
    """The installed libraries that these lines require, and what those require in turn."""
    found: dict[str, importlib.metadata.Distribution] = {}
    seen, waiting = set(), [Requirement(line) for line in requirements]
    for one in waiting:
        for extra in ("", *one.extras):
            name = canonicalize_name(one.name)
            if (name, extra) in seen:
                continue
            seen.add((name, extra))
            found[name] = importlib.metadata.distribution(name)
            assert found[name].version in one.specifier, f"{one}: {found[name].version} is here"
            waiting += [
                inner
                for inner in map(Requirement, found[name].requires or ())
                if inner.marker is None or inner.marker.evaluate({"extra": extra})
            ]
    return list(found.values())
