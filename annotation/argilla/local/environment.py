"""The environment that the Argilla server runs in: its requirements and ours exclude each other."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections import deque
from pathlib import Path
from typing import Any

from tqdm import tqdm

from annotation.argilla.errors import ArgillaError
from qa_core import settings

PINS = Path(__file__).parent / "constraints.txt"
MARK = ".installed"
# pydantic-core 2.23 and greenlet 3.1, which argilla-server 2.8 asks for, have no newer wheels.
PYTHONS = ((3, 11), (3, 13))


def python_of(environment: Path) -> Path:
    return environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def is_installed(environment: Path, pins: Path = PINS) -> bool:
    """Whether the environment was wholly installed from just these pins."""
    mark = environment / MARK
    return mark.is_file() and mark.read_text(encoding="ascii") == _digest(pins)


def install(environment: Path, pins: Path = PINS) -> Path:
    """Make the environment unless it is there and up to date; return its interpreter.

    ``SPANLOOP_ARGILLA_PYTHON`` names the Python to make it from; by default it is this one. One
    that was left half made is made anew. Raises ArgillaError.
    """
    interpreter = python_of(environment)
    if is_installed(environment, pins):
        return interpreter
    base = settings.read().argilla_python or sys.executable
    _check_version(base)
    _run([base, "-m", "venv", "--clear", str(environment)], "make an environment for Argilla")
    wanted = [line for line in pins.read_text(encoding="utf-8").splitlines() if "==" in line]
    pip = [str(interpreter), "-m", "pip", "install", "--no-deps", "--disable-pip-version-check"]
    bar: tqdm[Any] = tqdm(total=len(wanted), desc="installing argilla-server", unit="package")
    with bar:
        _run([*pip, "--no-input", "--progress-bar", "off", "-r", str(pins)], "install Argilla", bar)
        bar.update(len(wanted) - bar.n)
    (environment / MARK).write_text(_digest(pins), encoding="ascii")
    return interpreter


def _digest(pins: Path) -> str:
    return hashlib.sha256(pins.read_bytes()).hexdigest()


def _check_version(base: str) -> None:
    show = "import sys; print(*sys.version_info[:2])"
    found = _run([base, "-c", show], f"run {base}")[-1]
    version = tuple(int(number) for number in found.split())
    if not PYTHONS[0] <= version <= PYTHONS[1]:
        low, high = (".".join(map(str, limit)) for limit in PYTHONS)
        raise ArgillaError(
            f"argilla-server 2.8 runs on Python {low} to {high}, found {'.'.join(found.split())}: "
            "name another one in SPANLOOP_ARGILLA_PYTHON"
        )


def _run(command: list[str], aim: str, bar: Any = None) -> list[str]:
    """Run a command, counting what it collects; return its last lines. Raises ArgillaError."""
    last: deque[str] = deque(maxlen=20)
    try:
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process:
            for line in process.stdout or ():
                last.append(line.strip())
                if bar is not None and line.startswith("Collecting"):
                    bar.update()
    except OSError as error:
        raise ArgillaError(f"cannot {aim}: {error}") from error
    if process.returncode:
        said = [line for line in last if line.startswith("ERROR")] or list(last)
        raise ArgillaError(
            f"cannot {aim}: {said[-1] if said else 'no reason given'}; "
            "is the package index reachable, and is there space on the disk?"
        )
    return list(last)
