"""Lines of text files, gzipped or not, in whatever encoding they are."""

from __future__ import annotations

import codecs
import gzip
import io
import re
from collections.abc import Iterator
from pathlib import Path

from qa_core.data.problems import Problem
from qa_core.data.progress import bytes_bar
from qa_core.text.documents.decoding import MARKS, damaged, guess, wide

_ESCAPED = re.compile("[\udc80-\udcff]")  # what surrogateescape makes of bytes that are no text


def lines(path: Path, encoding: str, progress: bool, *, newline: str) -> Iterator[str]:
    r"""The lines of a text file as they are, their ends included.

    newline: ``"\n"`` if it alone ends a line, ``""`` for all kinds of line ends. Bytes that are no
    text come as `damage` tells them. Raises UnicodeDecodeError where half a character ends UTF-16.
    """
    with path.open("rb") as file, bytes_bar(path, progress) as bar:
        text = io.TextIOWrapper(
            unzipped(file), encoding=encoding, errors="surrogateescape", newline=newline
        )
        for line in text:
            yield line
            bar.update(file.tell() - bar.n)


def encoding_of(path: Path) -> str:
    """What a text file is in: what its mark says, UTF-8, UTF-16, or what it most resembles.

    A text in UTF-8 with a few bytes that are none stays UTF-8.
    """
    with path.open("rb") as file:
        source = unzipped(file)
        head = source.read(4096)
        for mark, name in MARKS.items():
            if head.startswith(mark):
                return name
        if name_of_wide := wide(head):
            return name_of_wide
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            block = head
            while block:
                decoder.decode(block)
                block = source.read(2**20)
            decoder.decode(b"", True)
        except UnicodeDecodeError:
            pass
        else:
            return "utf-8"
    with path.open("rb") as file:
        data = unzipped(file).read()
    return guess(data) if damaged(data) is None else "utf-8"


def damage(text: str) -> Problem | None:
    """What is wrong with a text that holds bytes which are no characters; None if nothing is."""
    if text.isascii() or not (found := _ESCAPED.search(text)):
        return None
    byte = ord(found[0]) - 0xDC00
    return Problem("text in UTF-8", f"the byte 0x{byte:02x}", "save the file as UTF-8")


def unzipped(file: io.BufferedReader) -> io.BufferedReader | gzip.GzipFile:
    """`file`, decompressed if its first bytes say gzip, whatever its name says."""
    return gzip.GzipFile(fileobj=file) if file.peek(2)[:2] == b"\x1f\x8b" else file
