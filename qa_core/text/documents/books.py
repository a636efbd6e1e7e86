"""E-books to the words that they show."""

from __future__ import annotations

from functools import partial
from xml.etree.ElementTree import Element, ParseError

from qa_core.errors import DataError
from qa_core.text.documents.blocks import Block
from qa_core.text.documents.decoding import decoded
from qa_core.text.documents.office.archive import Archive, attribute, every, resolved
from qa_core.text.documents.web import xhtml

PACKAGE = "application/oebps-package+xml"


def epub(data: bytes) -> tuple[list[Block], list[str]]:
    """An e-book's chapters, in the order in which it is read."""
    archive = Archive(data)
    book = _package(archive)
    tree = archive.xml(book)
    items = {attribute(one, "id"): attribute(one, "href") for one in every(tree, "item")}
    folder = book.rpartition("/")[0]
    spine = sorted(every(tree, "itemref"), key=lambda one: attribute(one, "linear") == "no")
    chapters = list(dict.fromkeys(
        resolved(folder, items.get(attribute(one, "idref"), "")) for one in spine
    ))  # fmt: skip
    locked = {attribute(one, "URI") for one in every(_encryption(archive), "CipherReference")}
    if locked.intersection(chapters):
        raise DataError(
            "expected an e-book without copy protection, found one with; "
            "ask whoever sold it for one without"
        )
    blocks: list[Block] = []
    for chapter in chapters:
        if chapter in archive:
            blocks += xhtml(archive.read(chapter), partial(_linked, archive, chapter))
    missing = sum(chapter not in archive for chapter in chapters)
    return blocks, _lost(missing)


def _package(archive: Archive) -> str:
    """The name of the part that tells a book's chapters."""
    told = list(every(archive.xml("META-INF/container.xml"), "rootfile"))
    books = [one for one in told if attribute(one, "media-type") in ("", PACKAGE)]
    named = [attribute(one, "full-path") for one in books]
    return next((name for name in (*named, *archive) if name.lower().endswith(".opf")),
                "".join(named[:1]))  # fmt: skip


def _linked(archive: Archive, chapter: str, target: str) -> str:
    """The source of a style sheet that a chapter refers to; "" if it is not in the book."""
    name = resolved(chapter.rpartition("/")[0], target)
    return decoded(archive.read(name))[0] if name in archive else ""


def _lost(chapters: int) -> list[str]:
    are = "chapter is" if chapters == 1 else "chapters are"
    return [f"{chapters} {are} not in the file"] if chapters else []


def _encryption(archive: Archive) -> Element:
    try:
        return archive.xml("META-INF/encryption.xml")
    except ParseError:
        return archive.xml("")
