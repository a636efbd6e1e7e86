"""Files of the kinds that people have to the text that they show.

Plain text is decoded; the other kinds are taken apart in a process of their own with bounded work
and memory, so that no file, however it was made, holds up or brings down the one that asked.
"""

from __future__ import annotations

import unicodedata
from array import array
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from qa_core import child
from qa_core.errors import DataError
from qa_core.text.documents import decoding, kinds
from qa_core.text.documents.pages.boxes import Box, boxes_of
from qa_core.text.documents.pages.recognition import HOW, languages

PICTURED = (".pdf", ".docx", ".pptx", ".odt", ".odp", ".epub")  # whose words may be pictures
SUFFIXES = tuple(kinds.NAMES)

MAX_BYTES = 20 * 2**20
MAX_CHARACTERS = 1_000_000
MAX_QUESTION = 10_000  # characters of a question: the reader takes in far less


@dataclass(frozen=True, slots=True)
class Document:
    """A file's text.

    pages: the code point of ``text`` at which each page or slide begins; empty if the kind has
    none. notes: a line each on what was guessed or left out. words: of a PDF, where they stand,
    for `boxes`: six numbers a word, start and end in ``text``, and left, top, right and bottom in
    tenths of a point.
    """

    text: str
    pages: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()
    words: Sequence[int] = field(default=(), repr=False, compare=False)

    def page(self, offset: int) -> int | None:
        """The page, counted from 1, of a code point of ``text``; None if there are no pages."""
        return max(1, bisect_right(self.pages, offset)) if self.pages else None

    def boxes(self, start: int, end: int) -> tuple[Box, ...]:
        """Where ``text[start:end]`` stands on its pages: a rectangle for each line that it is on.

        Only PDFs know; of others, and of what a page repeats beside a table's cells, there is none.
        """
        return boxes_of(self.words, self.pages, start, end)


def read_document(path: Path) -> Document:
    """The text of a file; its suffix tells the kind.

    Raises DataError where the kind is none of `SUFFIXES`, where the file is empty, damaged, of
    another kind than its name says, locked by a password or only pictures, and where it is
    larger than the limits above.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise DataError(
            f"{shown_name(path.name)}: expected a file that is {kinds.FAMILIES}, found "
            f"{suffix or 'no suffix'}; save it as one of these, or paste its text"
        )
    data = read_file(path)
    try:
        return read_bytes(data, suffix)
    except DataError as error:
        raise DataError(f"{shown_name(path.name)}: {error}") from error


def read_file(path: Path) -> bytes:
    """A file's bytes, one more than are read at most. Raises DataError."""
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise DataError(f"{shown_name(path.name)}: cannot be read ({error.strerror})") from error


def shown_name(name: str) -> str:
    """A file's name on one line: names may hold line breaks, and bytes that are no text."""
    unshown = ("Cc", "Cs", "Zl", "Zp")
    return "".join("\ufffd" if unicodedata.category(one) in unshown else one for one in name)


def read_bytes(data: bytes, suffix: str = kinds.PLAIN) -> Document:
    """The text of a file's bytes, of the kind of one of `SUFFIXES`. Raises DataError."""
    if len(data) > MAX_BYTES:
        raise DataError(
            f"expected at most {MAX_BYTES // 2**20} MB, found more; take the part you need"
        )
    if not data.strip():
        raise DataError("expected text, found none: the file is empty; save it again")
    kinds.check(data, suffix)
    if kinds.USUAL[suffix] == kinds.PLAIN:
        text, note = decoding.decoded(data)
        found = Document(text, notes=(note,) if note else ())
    else:
        module = "qa_core.text.documents.apart"
        said = child.run_limited(module, suffix, told=data, patience=child.MAX_WAIT)
        words = array("i", said["words"])
        found = Document(said["text"], tuple(said["pages"]), tuple(said["notes"]), words)
    if not found.text.strip():
        how = f", or {HOW}" if suffix == ".pdf" and not languages() else ""
        if kinds.USUAL[suffix] in PICTURED:
            raise DataError(
                "expected text, found none; if its pages are pictures (a scan), "
                f"run text recognition on it first{how}"
            )
        said = "; ".join(["expected text, found none", *found.notes])
        raise DataError(f"{said}; open it and look what it shows")
    check_length(len(found.text))
    return found


def check_length(characters: int) -> None:
    """Raise DataError if a text of so many characters is too long."""
    if characters > MAX_CHARACTERS:
        raise DataError(
            f"expected at most {MAX_CHARACTERS:,} characters of text, found more; "
            "take the part you need"
        )
