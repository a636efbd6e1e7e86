"""XML of any kind to lines: its paragraphs, and what its other elements say after their names."""

from __future__ import annotations

import re
from html import unescape
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from qa_core.text.documents.blocks import Block, names
from qa_core.text.documents.decoding import html_source
from qa_core.text.documents.office.archive import tag
from qa_core.text.documents.web import html_blocks, is_markup, xhtml

# Elements of books, papers and feeds, whose names tell nothing of what they say.
WORDED = names(
    "p para paragraph title subtitle head heading li item entry cell td th line l v lg sp text "
    "string value name content description summary body caption note quote verse simpara term"
)
UNSEEN = names("binary style script binary-data processing-instruction")
TOLD_NOT = names("id class style lang space schemalocation nonamespaceschemalocation xmlns")

_HEAD = re.compile(r"\A\s*<\?xml[^>]*\?>")
_NAMED = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)(\w+);")


def xml(data: bytes) -> tuple[list[Block], list[str]]:
    """The text and the attributes of XML in their order, and notes. Raises ParseError."""
    source, note = html_source(data)
    notes = [note] if note else []
    source = _NAMED.sub(lambda one: unescape(one[0]), _HEAD.sub("", source))
    blocks: list[Block] = []
    tree = ElementTree.fromstring(source)
    if tag(tree).lower() == "html":
        return xhtml(data), notes
    _tell(tree, blocks)
    return blocks, notes


def _tell(element: Element, blocks: list[Block]) -> None:
    name = tag(element)
    if name.lower() in UNSEEN:
        return
    is_mixed = any((text or "").strip() for text in (element.text, *(one.tail for one in element)))
    if not is_mixed:
        if told := _attributes(element):
            blocks.append(f"{name}, {told}")
        for one in element:
            _tell(one, blocks)
        return
    text = "".join(element.itertext()).strip()
    if is_markup(text):  # as feeds have it
        blocks += html_blocks(text)
        return
    words = " ".join(text.split())
    told = _attributes(element)
    is_named = not len(element) and name.lower() not in WORDED
    before = name if is_named else ""
    before += f" ({told})" if told and is_named else ""
    blocks.append(f"{before}: {words}" if before else words)


def _attributes(element: Element) -> str:
    """What an element's attributes say, but for what only a program uses."""
    is_all = not len(element) and not element.text  # as in a row of data
    held = ((key.rpartition("}")[2], " ".join(value.split())) for key, value in element.items())
    return "; ".join(
        f"{key}: {value}"
        for key, value in held
        if value and (is_all or key.lower() not in TOLD_NOT)
    )
