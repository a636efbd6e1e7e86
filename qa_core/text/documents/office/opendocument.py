"""OpenDocument texts to the words that they show."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from qa_core.errors import DataError
from qa_core.text.documents.blocks import Block, Flow, Table, names
from qa_core.text.documents.office.archive import Archive, attribute, every, tag


def odt(data: bytes) -> tuple[list[Block], list[str]]:
    """An OpenDocument text's blocks: headers, the text, footers and notes."""
    archive = Archive(data)
    if any(tag(one) == "encryption-data" for one in archive.xml("META-INF/manifest.xml").iter()):
        raise DataError("expected a file without a password, found one with; remove it first")
    asides: list[Block] = []
    edges: dict[str, list[Block]] = {"header": [], "footer": []}
    for one in archive.xml("styles.xml").iter():
        kind = tag(one).partition("-")[0]
        if kind in edges and tag(one) in (kind, f"{kind}-left", f"{kind}-first"):
            for block in _odf(one, asides):
                if block not in edges[kind]:
                    edges[kind].append(block)
    body = _odf(archive.xml("content.xml"), asides)
    return [*edges["header"], *body, *edges["footer"], *asides], []


def _odf(element: Element, asides: list[Block]) -> list[Block]:
    flow = Flow()
    _odf_walk(element, flow, asides)
    flow.end()
    return flow.blocks


ODF_UNSEEN = names(
    "tracked-changes note-citation page-number page-count automatic-styles font-face-decls "
    "styles scripts sequence-decls variable-decls user-field-decls forms creator date title "
    "desc soft-page-break index-title-template"
)


def _odf_walk(element: Element, flow: Flow, asides: list[Block]) -> None:
    name = tag(element)
    if name in ODF_UNSEEN and not (name in ("date", "title") and "text:1.0" in element.tag):
        return
    if name in ("note-body", "annotation", "text-box"):
        asides += _odf_inside(element, asides)
        return
    if name == "table" and _is_table(element, flow, asides):
        return
    is_block = name in ("p", "h", "list-item", "section")
    if is_block:
        flow.end()
    if name == "list-item" and not flow.marker:
        flow.marker = "• "
    if name == "rt" or name == "ruby-text":
        flow.say("(")
    flow.say(element.text or "" if _is_worded(element) else "")
    if name == "s":
        flow.say("\xa0" * min(int(attribute(element, "c") or 1), 100))
    elif name in ("tab", "line-break"):
        flow.say(" " if name == "tab" else "\n")
    for one in element:
        _odf_walk(one, flow, asides)
        flow.say(one.tail or "" if _is_worded(element) else "")
    if name == "ruby-text":
        flow.say(")")
    if is_block:
        flow.end()
    if name == "list-item":
        flow.marker = ""


def _is_worded(element: Element) -> bool:
    """Whether text stands in an element itself, and is no layout of the XML."""
    return "text:1.0" in element.tag and tag(element) not in (
        "list",
        "list-item",
        "section",
        "ruby",
    )


def _odf_inside(element: Element, asides: list[Block]) -> list[Block]:
    flow = Flow()
    for one in element:
        _odf_walk(one, flow, asides)
    flow.end()
    return flow.blocks


def _is_table(element: Element, flow: Flow, asides: list[Block]) -> bool:
    """Add a table's rows to the flow, or nothing if it only lays out the page."""
    rows, headers, nested = [], 0, False
    for row in every(element, "table-row"):
        cells = []
        for cell in row:
            blocks = _odf_inside(cell, asides)
            nested = nested or any(isinstance(one, Table) for one in blocks)
            cells.append(" ".join(one for one in blocks if isinstance(one, str)))
        rows.append(cells)
    for part in every(element, "table-header-rows"):
        headers += len(list(every(part, "table-row")))
    if nested or max(map(len, rows), default=0) < 2:
        return False
    flow.add(Table(rows, headers or None))
    return True
