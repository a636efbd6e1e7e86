"""Files derived from a model: built once, in a process of their own, and kept until it changes."""

import contextlib
import hashlib
import importlib.metadata
import logging
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from qa_core import child
from qa_core.errors import ModelError
from qa_core.home import home

log = logging.getLogger(__name__)

# What is built (see qa_core.models.onnx.export) and how its file name ends.
SUFFIXES = {"int8": ".onnx", "fp32": ".onnx", "tokenizer": ".json"}
# The code that builds them: a change of it counts as a change of the model.
EXPORT = "qa_core.models.onnx.export"
BUILDERS = (
    "export.py",
    "nodes.py",
    "bert_graph.py",
    "mpnet_graph.py",
    "traced_graph.py",
    "quantize.py",
)


def built(
    kind: str, model_dir: Path, sources: Iterable[Path], cache_dir: Path | None = None
) -> Path:
    """The file of this kind derived from `sources`; built first when it does not exist yet.

    It is looked for beside the model, in `model_dir/.cache`, and where that cannot be written
    under `SPANLOOP_HOME` (or only under `cache_dir`, when given). Its name holds a hash of what
    it was built from, so a changed model never meets an old file; the old one is deleted.

    Raises:
        ModelError: the build failed, or no folder can be written to.
    """
    name = f"{kind}-{_fingerprint(sources)}{SUFFIXES[kind]}"
    folders = _folders(model_dir, cache_dir)
    for folder in folders:
        if (folder / name).is_file():
            return folder / name
    folder = _first_writable(folders)
    from filelock import FileLock

    with FileLock(folder / "lock"):
        path = folder / name
        if not path.is_file():  # else another process built it while this one waited
            for leftover in folder.glob("build-*"):  # of a process that was killed
                shutil.rmtree(leftover, ignore_errors=True)
            _build(kind, model_dir, path)
            for stale in folder.glob(f"{kind}-*{SUFFIXES[kind]}"):
                if stale != path:
                    with contextlib.suppress(OSError):  # in use, on Windows
                        stale.unlink()
    return path


def _fingerprint(sources: Iterable[Path]) -> str:
    code = [Path(__file__).with_name("onnx") / name for name in BUILDERS]
    digest = hashlib.sha256(importlib.metadata.version("onnxruntime").encode())
    for path in [*code, *sources]:
        digest.update(path.name.encode())
        try:
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        except OSError as error:
            raise ModelError(f"cannot read {path}: {error.strerror}") from error
    return digest.hexdigest()[:20]


def _folders(model_dir: Path, cache_dir: Path | None) -> list[Path]:
    place = hashlib.sha256(str(model_dir.resolve()).encode()).hexdigest()[:8]
    own = f"{model_dir.resolve().name}-{place}"
    if cache_dir is not None:
        return [cache_dir / own]
    return [model_dir / ".cache", home() / "cache" / own]


def _first_writable(folders: list[Path]) -> Path:
    for folder in folders:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                return folder
        except OSError:
            continue
    raise ModelError(
        f"expected a folder to keep a built model in, found none of {', '.join(map(str, folders))} "
        "writable: set SPANLOOP_HOME to a folder that is"
    )


def _build(kind: str, model_dir: Path, path: Path) -> None:
    """Run qa_core.models.onnx.export in a child process, so that torch never enters this one."""
    log.info("building the %s form of %s, once: this takes some seconds", kind, model_dir)
    work = Path(tempfile.mkdtemp(prefix="build-", dir=path.parent))
    try:
        finished = child.run(
            EXPORT, kind, str(model_dir), str(work / path.name), HF_HUB_OFFLINE="1"
        )
        if finished.returncode:
            said = child.last_line(finished.stderr)
            raise ModelError(said or f"building {path.name} was killed: try again")
        (work / path.name).replace(path)
    finally:
        shutil.rmtree(work, ignore_errors=True)
