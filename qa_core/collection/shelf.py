"""What was read of files, kept under `SPANLOOP_HOME` by their content."""

from __future__ import annotations

import hashlib
import io
import json
import zlib
from array import array
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from qa_core.collection.passages import Passages
from qa_core.files import make_private, write_whole
from qa_core.home import home
from qa_core.inference.windows import Windower
from qa_core.text.documents import Document

FOLDER = "documents"
MOST = 1000  # files; the oldest make room
_FORM = b"4"  # rises when files are read otherwise than before


def key(data: bytes, suffix: str, windower: Windower) -> str:
    """The name of what is kept of a file, for one tokenizer."""
    parts = (_FORM, windower.tokenizer.to_str().encode(), suffix.encode(), data)
    return hashlib.sha256(b"".join(hashlib.sha256(one).digest() for one in parts)).hexdigest()


def save(name: str, document: Document, passages: Passages) -> None:
    """Keep a file's text and tokens; only their owner may read them."""
    folder = home() / FOLDER
    make_private(folder)
    said = json.dumps([document.text, document.pages, document.notes])
    file = io.BytesIO()
    np.savez_compressed(
        file,
        said=np.frombuffer(said.encode(), np.uint8),
        ids=passages.ids.astype(np.int32),
        offsets=passages.offsets.astype(np.int32),
        words=np.asarray(document.words, np.int32),
    )
    write_whole(folder / f"{name}.npz", file.getvalue(), private=True)
    kept = sorted(folder.glob("*.npz"), key=lambda path: path.stat().st_mtime)
    for path in kept[:-MOST]:
        path.unlink(missing_ok=True)


def load(name: str, windower: Windower) -> tuple[Document, Passages] | None:
    """What is kept under a name; None if nothing is, or it is damaged."""
    path: Path = home() / FOLDER / f"{name}.npz"
    try:
        with np.load(path, allow_pickle=False) as kept:
            text, pages, notes = json.loads(kept["said"].tobytes())
            words = array("i", kept["words"].astype(np.int32).tobytes())
            ids, offsets = kept["ids"].astype(np.int64), kept["offsets"].astype(np.int64)
        path.touch()
    except (OSError, ValueError, KeyError, EOFError, BadZipFile, zlib.error):
        return None
    document = Document(text, tuple(pages), tuple(notes), words)
    return document, Passages.cut(text, ids, offsets, windower)
