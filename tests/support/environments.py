"""A Python environment of its own that holds certain libraries alone, and files none may change."""

import importlib.metadata
import os
import socket
import subprocess
import sys
import threading
import venv
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PATIENCE = 240  # seconds until a page must be ready; a busy machine is not a failure

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


def lay_out(folder: Path, files: Mapping[str, Path | bytes]) -> None:
    """Write files into a new folder, and let nobody change anything there."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.read_bytes())
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@contextmanager
def page(command: Iterable[str | Path], folder: Path, port: int, **told: str) -> Iterator[str]:
    """The address of a page that a command starts, with no settings but these, once it is ready."""
    with subprocess.Popen(
        [*BOUND, *command], cwd=folder, text=True, umask=0o077,
        env={"PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1", "HF_HUB_OFFLINE": "1",
             "GRADIO_ANALYTICS_ENABLED": "False", "OMP_NUM_THREADS": "1", **told},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as process:  # fmt: skip
        limit = threading.Timer(PATIENCE, process.kill)
        limit.start()
        try:
            said = []
            for line in process.stdout or ():
                said.append(line)
                if "ready" in line:
                    break
            assert any("ready" in line for line in said), "".join(said) or "it said nothing"
            limit.cancel()
            yield f"http://127.0.0.1:{port}"
        finally:
            limit.cancel()
            process.kill()


def ask(address: str) -> str:
    """What a page answers over HTTP to who opened the harbour."""
    asked = ["Who opened the harbour?", "Ines Soto opened the harbour in 1904."]
    answered = httpx.post(
        f"{address}/gradio_api/run/answer",
        json={"data": asked, "session_hash": "rehearsal"},
        timeout=60,
    )
    text: str = answered.json()["data"][0]["text"]
    return text
