"""OpenDocument texts to the words that they show."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from qa_core.text.documents.blocks import Block
from qa_core.text.documents.office.archive import attribute, every, tag
from qa_core.text.documents.opendocument.walk import Odf, OdfFile
from qa_core.text.documents.pages.sheets import is_number


def odt(data: bytes) -> tuple[list[Block], list[str]]:
    """An OpenDocument text's blocks: headers, the text, footers and notes."""
    file = OdfFile.of(data)
    asides: list[Block] = []
    edges: dict[str, list[Block]] = {"header": [], "footer": []}
    for page in _pages(file):
        for one in page:
            kind = tag(one).partition("-")[0]
            if kind in edges and attribute(one, "display") != "false":
                for block in Odf(file, asides, page_numbers=False).blocks(one):
                    if block not in edges[kind] and not is_number(str(block)):
                        edges[kind].append(block)
    body = Odf(file, asides).blocks(file.content)
    return [*edges["header"], *body, *edges["footer"], *asides], []


def _pages(file: OdfFile) -> list[Element]:
    """The kinds of pages that a text has: its first one's, those that styles in use ask for, and
    those that come after them."""
    pages = {attribute(one, "name"): one for one in every(file.styles, "master-page")}
    used = {attribute(one, "style-name") for one in file.content.iter()}
    for name in list(used):
        used.add(attribute(file.looks.get(name), "parent-style-name"))
    asked = {attribute(file.looks.get(name), "master-page-name") for name in used}
    asked.add("Standard" if "Standard" in pages else next(iter(pages), ""))
    for _ in pages:
        asked |= {attribute(pages.get(name), "next-style-name") for name in asked}
    return [page for name, page in pages.items() if name in asked]
