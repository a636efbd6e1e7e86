"""OpenDocument texts to the words that they show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from qa_core.errors import DataError
from qa_core.text.documents.blocks import Block, Flow, Table, name_above, names, raised
from qa_core.text.documents.office.archive import Archive, attribute, child, every, resolved, tag
from qa_core.text.documents.office.lists import Lists


def odt(data: bytes) -> tuple[list[Block], list[str]]:
    """An OpenDocument text's blocks: headers, the text, footers and notes."""
    archive = Archive(data)
    if any(tag(one) == "encryption-data" for one in archive.xml("META-INF/manifest.xml").iter()):
        raise DataError("expected a file without a password, found one with; remove it first")
    asides: list[Block] = []
    styles, content = archive.xml("styles.xml"), archive.xml("content.xml")
    file = _File.of(archive, styles, content)
    edges: dict[str, list[Block]] = {"header": [], "footer": []}
    for one in styles.iter():
        kind = tag(one).partition("-")[0]
        if kind in edges and tag(one) in (kind, f"{kind}-left", f"{kind}-first"):
            for block in _Odf(file, asides).blocks(one):
                if block not in edges[kind]:
                    edges[kind].append(block)
    body = _Odf(file, asides).blocks(content)
    return [*edges["header"], *body, *edges["footer"], *asides], []


ODF_UNSEEN = names(
    "tracked-changes note-citation page-number page-count automatic-styles font-face-decls "
    "styles scripts sequence-decls variable-decls user-field-decls forms creator date title "
    "desc soft-page-break index-title-template"
)
FIELDS = ("date", "title", "creator")  # which are words, too, in the text and in charts
WORDED = tuple(f"{{urn:oasis:names:tc:opendocument:xmlns:{one}:1.0}}" for one in ("text", "chart"))
BLOCKS = ("p", "h", "list-header", "section")
MOST_COLUMNS = 100  # that one cell may stand for


@dataclass(frozen=True, slots=True)
class _File:
    """What a walk looks up. hidden and raised: the styles whose words are that."""

    archive: Archive
    lists: Lists
    hidden: frozenset[str]
    raised: frozenset[str]

    @classmethod
    def of(cls, archive: Archive, *parts: Element) -> _File:
        hidden, high = set(), set()
        for style in (one for part in parts for one in every(part, "style")):
            look, name = child(style, "text-properties"), attribute(style, "name")
            if attribute(look, "display") == "none":
                hidden.add(name)
            if attribute(look, "text-position").startswith(("super", "33%")):
                high.add(name)
        return cls(archive, Lists(*parts), frozenset(hidden), frozenset(high))


@dataclass
class _Odf:
    """A walk through a part of a text. asides: notes and comments, for its end."""

    file: _File
    asides: list[Block]
    _boxes: list[Block] = field(default_factory=list)  # of the paragraph in hand
    _styles: list[str] = field(default_factory=list)  # of the lists around what is in hand

    def blocks(self, element: Element) -> list[Block]:
        flow = Flow()
        for one in element:
            self._walk(one, flow)
        flow.end()
        return [*flow.blocks, *self._taken()]

    def _taken(self) -> list[Block]:
        boxes, self._boxes = self._boxes, []
        return boxes

    def _walk(self, element: Element, flow: Flow) -> None:
        name = tag(element)
        if name in ODF_UNSEEN and not (name in FIELDS and element.tag.startswith(WORDED)):
            return
        if attribute(element, "is-hidden") == "true" or attribute(element, "display") == "none":
            return
        style = attribute(element, "style-name")
        if name in ("p", "h", "span") and (style in self.file.hidden or _is_told_off(element)):
            return
        match name:
            case "span" if style in self.file.raised:
                inner = Flow()
                self._inside(element, inner)
                inner.end()
                flow.say(raised(" ".join(map(str, inner.blocks))))
            case "object":
                self._object(element, flow)
            case "note-body" | "annotation":
                self.asides += _Odf(self.file, self.asides).blocks(element)
            case "text-box" | "custom-shape":
                self._boxes += _Odf(self.file, self.asides).blocks(element)
            case "table":
                flow.add(*self._table(element))
            case "list":
                self._list(element, flow)
            case "list-item":
                flow.end()
                flow.marker = self.file.lists.marker(self._styles)
                self._inside(element, flow)
                flow.marker = ""
            case "ruby-text":
                flow.say("(")
                self._inside(element, flow)
                flow.say(")")
            case "s":
                flow.say("\xa0" * min(int(attribute(element, "c") or 1), 100))
            case "tab" | "line-break":
                flow.say(" " if name == "tab" else "\n")
            case _ if name in BLOCKS:
                flow.end()
                if name == "h":
                    flow.marker = self.file.lists.heading(element)
                self._inside(element, flow)
                flow.end()
                flow.add(*self._taken())
            case _:
                self._inside(element, flow)

    def _inside(self, element: Element, flow: Flow) -> None:
        worded = _is_worded(element)
        flow.say(element.text or "" if worded else "")
        for one in element:
            self._walk(one, flow)
            flow.say(one.tail or "" if worded else "")

    def _object(self, element: Element, flow: Flow) -> None:
        """A formula in the line, or a chart's titles and figures."""
        from qa_core.text.documents.web import xhtml

        part = f"{resolved('', attribute(element, 'href'))}/content.xml"
        tree = next((one for one in element if tag(one) == "math"), self.file.archive.xml(part))
        if tag(tree) == "math":
            ElementTree.register_namespace("", "http://www.w3.org/1998/Math/MathML")
            flow.say(" ".join(map(str, xhtml(ElementTree.tostring(tree, "utf-8")))))
        else:
            self._boxes += _Odf(self.file, self.asides).blocks(tree)

    def _list(self, element: Element, flow: Flow) -> None:
        own = attribute(element, "style-name") or (self._styles[-1] if self._styles else "")
        self._styles.append(own)
        if len(self._styles) == 1:
            self.file.lists.begin(own, goes_on=attribute(element, "continue-numbering") == "true"
                             or bool(attribute(element, "continue-list")))  # fmt: skip
        self._inside(element, flow)
        flow.end()
        self._styles.pop()

    def _table(self, element: Element) -> list[Block]:
        """A table's rows, or its cells as blocks where it only lays out the page."""
        rows: list[list[str]] = []
        held: list[Block] = []
        headers = 0
        for row, is_header in _rows(element):
            cells = []
            for place, cell in enumerate(row):
                if tag(cell) == "covered-table-cell":
                    cells.append("" if place else name_above(rows))
                    continue
                blocks = _Odf(self.file, self.asides).blocks(cell)
                held += blocks
                times = int(attribute(cell, "number-columns-repeated") or 1)
                said = " ".join(one for one in blocks if isinstance(one, str))
                cells += [said] * min(times, MOST_COLUMNS)
            headers += is_header
            rows.append(cells)
        if any(isinstance(one, Table) for one in held) or max(map(len, rows), default=0) < 2:
            return held
        return [Table(rows, headers or None)]


def _is_told_off(element: Element) -> bool:
    """Whether a field in a paragraph says that it is not shown."""
    return any(attribute(one, "is-hidden") == "true" for one in element
               if tag(one) == "hidden-paragraph")  # fmt: skip


def _rows(element: Element) -> Iterator[tuple[Element, bool]]:
    """A table's own rows, and whether each is one of headers."""
    for one in element:
        if tag(one) == "table-row":
            yield one, tag(element) == "table-header-rows"
        elif tag(one) in ("table-rows", "table-header-rows", "table-row-group"):
            yield from _rows(one)


def _is_worded(element: Element) -> bool:
    """Whether text stands in an element itself, and is no layout of the XML."""
    return "text:1.0" in element.tag and tag(element) not in (
        "list", "list-item", "list-header", "section", "ruby",
    )  # fmt: skip
