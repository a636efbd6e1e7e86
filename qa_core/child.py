"""Work in processes of their own: torch, and what a hostile file does, stay out of this one."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from subprocess import CompletedProcess, Popen, TimeoutExpired
from typing import IO, Any

from qa_core.errors import DataError, SpanLoopError

__all__ = [
    "MAX_MEMORY",
    "MAX_SECONDS",
    "MAX_WAIT",
    "POLITE",
    "ROOT",
    "TimeoutExpired",
    "command",
    "follow",
    "hand_down",
    "is_installed",
    "last_line",
    "limit_memory",
    "limit_work",
    "run",
    "run_apart",
    "run_limited",
    "run_program",
    "run_tool",
    "start",
    "stop",
]

ROOT = Path(__file__).resolve().parents[1]  # the folder that holds the packages

MAX_SECONDS = 30
MAX_WAIT = 600  # seconds for MAX_SECONDS of work, on a machine that does other work too
STOP_SECONDS = 10.0  # in which a child that is told to end does so
MAX_MEMORY = 768 * 2**20  # bytes of address space

# Threads that wait for each other would keep the cores that a page answers on.
POLITE = {"OMP_WAIT_POLICY": "passive"}


def run(
    module: str,
    *arguments: str,
    told: bytes = b"",
    timeout: float | None = None,
    **environment: str,
) -> CompletedProcess[bytes]:
    """``python -m module arguments`` run to its end, whatever that is.

    told: its standard input. environment: variables beside this process's. Raises
    TimeoutExpired after ``timeout`` seconds, when the child has been killed.
    """
    return subprocess.run(
        command(module, *arguments),
        input=told,
        capture_output=True,
        env=_environment(environment),
        timeout=timeout,
        check=False,
    )


def run_apart(module: str, *arguments: str, told: str = "") -> str:
    """What ``python -m module arguments`` says to what it is told. Raises SpanLoopError."""
    done = run(module, *arguments, told=told.encode())
    if done.returncode:
        raise SpanLoopError(f"{module} failed: {last_line(done.stderr) or 'it said nothing'}")
    return done.stdout.decode()


def run_limited(
    module: str, *arguments: str, told: bytes = b"", patience: float | None = None
) -> Any:
    """What a module that calls `limit_work` or `limit_memory` says, as JSON, of a hostile file.

    patience: seconds to wait, MAX_SECONDS unless given. Raises DataError when it takes longer or
    more than it may, and with the message that it gives as ``{"error": ...}``.
    """
    slow = DataError(
        f"expected a file that is read within {MAX_SECONDS} s, found one that takes longer; "
        "take the part you need"
    )
    try:
        done = run(module, *arguments, told=told, timeout=patience or MAX_SECONDS)
    except TimeoutExpired as error:
        raise slow from error
    if done.returncode == -getattr(signal, "SIGXCPU", 0) != 0:
        raise slow
    try:
        found = json.loads(done.stdout)
    except ValueError as error:
        raise DataError(
            f"expected a file that is read within {MAX_MEMORY // 2**20} MB of memory, found one "
            "that takes more, or is damaged; save it again, or take the part you need"
        ) from error
    if "error" in found:
        raise DataError(found["error"])
    return found


def is_installed(program: str) -> bool:
    """Whether a program stands where programs are looked for."""
    return shutil.which(program) is not None


def run_tool(
    name: str, *arguments: str, told: bytes = b"", timeout: float | None = None
) -> CompletedProcess[bytes]:
    """A program of the search path run to its end, in one thread, with this process's limits.

    told: what it reads. timeout: in seconds. Raises FileNotFoundError if there is none, and
    TimeoutExpired.
    """
    found = shutil.which(name)
    if found is None:
        raise FileNotFoundError(name)
    return subprocess.run(
        [found, *arguments],
        input=told,
        capture_output=True,
        env={**os.environ, "OMP_THREAD_LIMIT": "1"},
        timeout=timeout,
        check=False,
    )


def run_program(program: str, *arguments: str, told: bytes = b"", timeout: float) -> bytes:
    """What `run_tool` says; nothing where the program is not there, fails or takes longer."""
    try:
        done = run_tool(program, *arguments, told=told, timeout=timeout)
    except (TimeoutExpired, OSError):
        return b""
    return b"" if done.returncode else done.stdout


def limit_memory() -> None:
    """Bound what this process may take; where it can't be bounded (Windows), time alone is."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))


def limit_work() -> None:
    """Bound memory and the processor's time, so that a busy machine refuses nothing."""
    limit_memory()
    with contextlib.suppress(ImportError):
        import resource

        resource.setrlimit(resource.RLIMIT_CPU, (MAX_SECONDS, MAX_SECONDS + 5))


def start(module: str, *arguments: str, log: IO[bytes], **environment: str) -> Popen[bytes]:
    """Begin ``python -m module arguments``, which goes on when this process ends."""
    return Popen(
        command(module, *arguments),
        env=_environment(environment),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def stop(process: Popen[bytes]) -> None:
    """End a child that `start` began, and what it began itself."""
    for number in (signal.SIGTERM, getattr(signal, "SIGKILL", signal.SIGTERM)):
        with contextlib.suppress(ProcessLookupError):
            if hasattr(os, "killpg"):
                os.killpg(process.pid, number)
            else:
                process.terminate()
        with contextlib.suppress(TimeoutExpired):
            process.wait(STOP_SECONDS)
            return


def follow(module: str, *arguments: str) -> int:
    """Run ``python -m module arguments`` on this process's terminal; its exit status."""
    return subprocess.run(command(module, *arguments), env=_environment({}), check=False).returncode


def command(module: str, *arguments: str) -> list[str]:
    """The words that start this Python with a module."""
    return [sys.executable, "-m", module, *arguments]


def hand_down(**environment: str) -> None:
    """Set variables for libraries that read them later, and for the processes they start.

    What the user has set stays.
    """
    for name, value in environment.items():
        os.environ.setdefault(name, value)


def last_line(said: bytes) -> str:
    """The last line of what a child said on standard error, "" if it said nothing."""
    lines = said.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else ""


def _environment(more: dict[str, str]) -> dict[str, str]:
    search = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return {**POLITE, **os.environ, "PYTHONPATH": search, **more}
