"""ONNX Runtime for browsers, from its npm package: fetched once, checked, and kept."""

from __future__ import annotations

import base64
import hashlib
import io
import tarfile
from pathlib import Path

from qa_core import child
from qa_core.errors import SpanLoopError
from qa_core.home import home

PACKAGE, VERSION = "onnxruntime-web", "1.30.0"
# Of the package, as npm's `dist.integrity` tells it.
SHA512 = "q0y+JrrtukXSzsBWEMccVfqX25LRmosXHF+CaRJmg8pZClzcV7svNc4rKY3jL02Vb7QmRMDs1SigqR4CXAfKYQ=="
ARCHIVE = f"{PACKAGE}-{VERSION}.tgz"
# The smallest build, by the names that every host knows the kinds of.
SCRIPT, WASM = "ort.js", "ort.wasm"
FILES = {SCRIPT: "ort.wasm.bundle.min.mjs", WASM: "ort-wasm-simd-threaded.wasm"}


def runtime() -> dict[str, bytes]:
    """The files of the runtime, by their names.

    The package is kept under `SPANLOOP_HOME`; npm is needed only while it is not there. Raises
    SpanLoopError.
    """
    archive = kept()
    if not archive.is_file():
        _fetch(archive.parent)
    data = archive.read_bytes()
    found = base64.b64encode(hashlib.sha512(data).digest()).decode()
    if found != SHA512:
        raise SpanLoopError(
            f"expected {PACKAGE} {VERSION} in {archive}, found another file (sha512 {found}): "
            "delete it, and it is fetched again"
        )
    with tarfile.open(fileobj=io.BytesIO(data)) as package:
        return {name: _member(package, f"package/dist/{member}") for name, member in FILES.items()}


def kept() -> Path:
    """Where the package is kept."""
    return home() / "cache" / "npm" / ARCHIVE


def _fetch(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    wanted = f"{PACKAGE}@{VERSION}"
    by_hand = f"run `npm pack {wanted}` elsewhere and put the file into {folder}"
    try:
        done = child.run_tool("npm", "pack", wanted, "--pack-destination", str(folder))
    except FileNotFoundError as error:
        raise SpanLoopError(
            f"expected npm, to fetch {PACKAGE} once, found none: install Node.js, or {by_hand}"
        ) from error
    if done.returncode:
        said = next(iter(done.stderr.decode(errors="replace").splitlines()), "it said nothing")
        raise SpanLoopError(f"npm cannot fetch {wanted} ({said}): go online, or {by_hand}")


def _member(package: tarfile.TarFile, name: str) -> bytes:
    file = package.extractfile(name)
    if file is None:
        raise SpanLoopError(f"expected {name} in {PACKAGE} {VERSION}, found a folder")
    return file.read()
