"""Files of several kinds to the text they hold: .txt, .md, .html, .pdf and .docx.

Plain text is decoded and otherwise left alone, save that line breaks become ``\\n``, as a text box
has them. The other kinds are taken apart in a process of their own with bounded time and memory,
so that no file, however it was made, holds up or brings down the one that asked.
"""

from __future__ import annotations

import codecs
import contextlib
import io
import json
import re
import sys
import zipfile
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from qa_core import child
from qa_core.errors import DataError, one_line

PLAIN = (".txt", ".md", ".markdown", ".text")
PARSED = (".html", ".htm", ".pdf", ".docx")
SUFFIXES = (*PLAIN, *PARSED)

MAX_BYTES = 20 * 2**20
MAX_CHARACTERS = 1_000_000
MAX_QUESTION = 10_000  # characters of a question: the reader takes in far less
MAX_PAGES = 1000
MAX_ENTRIES = 5000  # files in a .docx, which is a ZIP archive
MAX_UNPACKED = 100 * 2**20  # bytes of all of them together

BOMS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


@dataclass(frozen=True, slots=True)
class Document:
    """A file's text.

    pages: the code point of ``text`` at which each page begins; empty if the kind has no pages.
    """

    text: str
    pages: tuple[int, ...] = ()

    def page(self, offset: int) -> int | None:
        """The page, counted from 1, of a code point of ``text``; None if there are no pages."""
        return max(1, bisect_right(self.pages, offset)) if self.pages else None


def read_document(path: Path) -> Document:
    """The text of a file; its suffix tells the kind.

    Raises DataError where the kind is none of `SUFFIXES`, where the file is empty, damaged,
    locked by a password or only pictures, and where it is larger than the limits above.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise DataError(
            f"{path.name}: expected one of {', '.join(SUFFIXES)}, found "
            f"{suffix or 'no suffix'}; save it as one of these, or paste its text"
        )
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise DataError(f"{path.name}: cannot be read ({error.strerror})") from error
    if len(data) > MAX_BYTES:
        raise DataError(
            f"{path.name}: expected at most {MAX_BYTES // 2**20} MB, found more; "
            "take the part you need"
        )
    try:
        if suffix in PLAIN:
            found = Document(plain_text(data))
        else:
            found = _in_a_child(".html" if suffix == ".htm" else suffix, data)
        if not found.text.strip():
            raise DataError(
                "expected text, found none; if its pages are pictures (a scan), "
                "run text recognition on it first"
            )
        _check_length(len(found.text))
    except DataError as error:
        raise DataError(f"{path.name}: {error}") from error
    return found


def plain_text(data: bytes) -> str:
    """Bytes as text: by their byte order mark, as UTF-8, or as what they most resemble.

    Raises DataError where they are no text.
    """
    encoding = next((name for mark, name in BOMS.items() if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        from charset_normalizer import from_bytes

        best = from_bytes(data).best()
        if best is None:
            raise DataError("expected text, found bytes of no known encoding") from error
        text = str(best)
    if "\0" in text:
        raise DataError("expected text, found binary data; is it another kind of file?")
    return _lines(text)


def html_source(data: bytes) -> str:
    """The source of an HTML file as text: as UTF-8, or in the encoding that it declares."""
    declared = re.search(rb"<(?:meta|\?xml)[^>]*(?:charset|encoding)=[\"' ]*([\w-]+)", data[:2048])
    with contextlib.suppress(UnicodeDecodeError):
        return data.decode("utf-8-sig")
    with contextlib.suppress(LookupError):
        if declared:
            return data.decode(declared[1].decode("ascii"), "replace")
    return plain_text(data)


def _lines(text: str) -> str:
    """Line breaks as a text box has them."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _check_length(characters: int) -> None:
    if characters > MAX_CHARACTERS:
        raise DataError(
            f"expected at most {MAX_CHARACTERS:,} characters of text, found more; "
            "take the part you need"
        )


def _in_a_child(suffix: str, data: bytes) -> Document:
    """Take a file apart in a process that is ended when it takes too long or too much."""
    found = child.run_limited("qa_core.text.documents", suffix, told=data)
    return Document(found["text"], tuple(found["pages"]))


def pdf_pages(data: bytes) -> Iterator[str]:
    """The text of each page of a PDF."""
    from pypdf import PdfReader
    from pypdf.errors import DependencyError

    reader = PdfReader(io.BytesIO(data))
    try:
        locked = reader.is_encrypted and not reader.decrypt("")
    except DependencyError:  # an encryption that pypdf alone cannot undo
        locked = True
    if locked:
        raise DataError("expected a PDF without a password, found one with; remove it first")
    if len(reader.pages) > MAX_PAGES:
        raise DataError(
            f"expected at most {MAX_PAGES} pages, found {len(reader.pages)}; take those you need"
        )
    for page in reader.pages:
        yield page.extract_text().strip()


def docx_text(data: bytes) -> str:
    """The text of a Word file."""
    import mammoth

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = archive.infolist()
    unpacked = sum(entry.file_size for entry in entries)  # zipfile reads no more than it says
    if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED:
        raise DataError(
            f"expected at most {MAX_ENTRIES} parts and {MAX_UNPACKED // 2**20} MB unpacked, found "
            f"{len(entries)} and {unpacked // 2**20} MB; save it without its pictures"
        )
    no_picture = mammoth.images.img_element(lambda image: {"src": ""})
    return html_text(mammoth.convert_to_html(io.BytesIO(data), convert_image=no_picture).value)


def html_text(markup: str) -> str:
    """What a browser would show of HTML as text: blocks, lists and tables laid out by blanks."""
    from inscriptis import get_text
    from inscriptis.css_profiles import CSS_PROFILES
    from inscriptis.model.config import ParserConfig

    return get_text(markup, ParserConfig(css=CSS_PROFILES["strict"])).strip("\n")


def _joined(pages: Iterable[str]) -> Document:
    """Pages as one text, a blank line between them."""
    starts: list[int] = []
    pieces: list[str] = []
    length = 0
    for page in pages:
        # A file can hold half of a surrogate pair, which is no character.
        text = page.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        text = _lines(text).replace("\0", "\ufffd")
        starts.append(length)
        pieces.append(text)
        length += len(text) + 2
        _check_length(length)
    return Document("\n\n".join(pieces), tuple(starts))


def main(suffix: str) -> None:
    """Take apart the file on standard input; write its text and pages as JSON."""
    child.limit_memory()
    data = sys.stdin.buffer.read()
    parse: dict[str, Callable[[], Iterable[str]]] = {
        ".pdf": lambda: pdf_pages(data),
        ".docx": lambda: [docx_text(data)],
        ".html": lambda: [html_text(html_source(data))],
    }
    said: dict[str, object]
    try:
        found = _joined(parse[suffix]())
        said = {"text": found.text, "pages": found.pages if suffix == ".pdf" else ()}
    except DataError as error:
        said = {"error": str(error)}
    except MemoryError:
        return
    except Exception as error:  # damaged files raise many kinds
        kind = suffix.removeprefix(".")
        said = {"error": f"expected a sound {kind} file, found a damaged one ({one_line(error)})"}
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    main(sys.argv[1])
