"""Takes a file apart: what runs in the process of its own."""

from __future__ import annotations

import itertools
import json
import sys
from array import array
from collections.abc import Callable, Iterator, Sequence
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

from qa_core import child
from qa_core.errors import DataError, one_line
from qa_core.text.documents import Document, check_length
from qa_core.text.documents.blocks import Block, laid_out, tidy
from qa_core.text.documents.books import epub
from qa_core.text.documents.kinds import NAMES, USUAL
from qa_core.text.documents.mail.calendars import ics
from qa_core.text.documents.mail.contacts import vcf
from qa_core.text.documents.mail.message import eml, mhtml
from qa_core.text.documents.office.sheets import xlsx
from qa_core.text.documents.office.slides import pptx
from qa_core.text.documents.office.word import docx
from qa_core.text.documents.opendocument.sheets import ods
from qa_core.text.documents.opendocument.slides import odp
from qa_core.text.documents.opendocument.texts import odt
from qa_core.text.documents.pages.boxes import UNIT
from qa_core.text.documents.pages.pdf import pdf
from qa_core.text.documents.pages.sheets import Laid
from qa_core.text.documents.plain.latex import tex
from qa_core.text.documents.plain.notebooks import notebook
from qa_core.text.documents.plain.records import records
from qa_core.text.documents.plain.subtitles import subtitles
from qa_core.text.documents.plain.tables import table
from qa_core.text.documents.plain.trees import xml
from qa_core.text.documents.rich.reader import rtf
from qa_core.text.documents.web import html, markdown
from qa_core.text.offsets import well_formed

DEEPEST = 50_000  # elements in each other; Python's own calls take no stack

WHOLE: dict[str, Callable[[bytes], tuple[list[Block], list[str]]]] = {
    ".html": html, ".mhtml": mhtml, ".md": markdown, ".docx": docx,
    ".xlsx": xlsx, ".odt": odt, ".ods": ods, ".csv": table, ".epub": epub,
    ".rtf": rtf, ".eml": eml, ".ics": ics, ".vcf": vcf, ".srt": subtitles, ".ipynb": notebook,
    ".json": records, ".xml": xml, ".xhtml": xml, ".tex": tex,
}  # fmt: skip
PAGED: dict[str, Callable[[bytes], tuple[list[Laid], list[str]]]] = {
    ".pdf": pdf, ".pptx": pptx, ".odp": odp,
}  # fmt: skip


def parsed(data: bytes, suffix: str) -> Document:
    """A file's text, pages, notes and words. Raises what its library does where it is damaged."""
    suffix = USUAL[suffix]
    if suffix in WHOLE:
        blocks, notes = WHOLE[suffix](data)
        return Document(_sound(laid_out(blocks)), notes=tuple(notes))
    pages, notes = PAGED[suffix](data)
    return joined(pages, notes)


def joined(pages: Sequence[Laid], notes: Sequence[str]) -> Document:
    """Pages as one text, a blank line between them; none where a sentence goes on.

    A page that begins with a blank goes on with the last one's paragraph, one that begins with a
    backspace, with its word.
    """
    starts: list[int] = []
    pieces: list[str] = []
    words: list[int] = []
    length = 0
    for number, page in enumerate(pages):
        whole = _sound(page.text)
        text, between = whole, ""
        if number:
            text = whole.lstrip(" \b")
            between = {" ": " ", "\b": ""}.get(whole[:1], "\n\n")
        length += len(between)
        starts.append(length)
        pieces += [between, text]
        words += _words(page, length - (len(whole) - len(text)))
        length += len(text)
        check_length(length)
    return Document("".join(pieces), tuple(starts), tuple(notes), array("i", words))


def _words(page: Laid, begin: int) -> Iterator[int]:
    """A page's words as `Document.words` holds them, in the text where the page begins."""
    sizes = (len(_sound(letter)) for letter in page.text)
    places = list(itertools.accumulate(sizes, initial=begin))
    for start, end, box in page.words:
        start, end = places[start], places[min(end, len(page.text))]
        if start < end:
            yield from (start, end)
            for side in (box.left, box.top, box.right, box.bottom):
                yield round(side * UNIT)


def _sound(text: str) -> str:
    """Text without halves of surrogate pairs and zeros, which files can hold."""
    return tidy(well_formed(text)).replace("\0", "\ufffd")


def main(suffix: str) -> None:
    """Take apart the file on standard input; write its text, pages, notes and words as JSON."""
    child.limit_work()
    sys.setrecursionlimit(DEEPEST)
    said: dict[str, object]
    try:
        found = parsed(sys.stdin.buffer.read(), suffix)
        said = {
            "text": found.text,
            "pages": found.pages,
            "notes": found.notes,
            "words": list(found.words),
        }
    except DataError as error:
        said = {"error": str(error)}
    except MemoryError:
        return
    except Exception as error:  # damaged files raise many kinds
        said = {"error": _damaged(suffix, error)}
    sys.stdout.write(json.dumps(said))


def _damaged(suffix: str, error: Exception) -> str:
    why = {
        BadZipFile: "it is no whole archive",
        KeyError: "a part is missing",
        ParseError: "its XML is broken",
        RecursionError: "it is nested too deeply",
    }.get(type(error), one_line(error).rstrip("."))
    return (
        f"expected {NAMES[suffix]} that is sound, found a damaged one ({why}); "
        "get it again, or open it and save it anew"
    )


if __name__ == "__main__":
    main(sys.argv[1])
