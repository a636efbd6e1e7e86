"""A walk through what an OpenDocument file shows: text, lists, tables, fields and shapes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from qa_core.errors import DataError
from qa_core.text.documents.blocks import (
    COVERED,
    Block,
    Flow,
    Table,
    name_above,
    names,
    note_mark,
    raised,
)
from qa_core.text.documents.office.archive import Archive, attribute, child, every, resolved, tag
from qa_core.text.documents.office.numbering import BULLET
from qa_core.text.documents.opendocument.lists import Lists

ODF_UNSEEN = names(
    "tracked-changes automatic-styles font-face-decls styles scripts script "
    "sequence-decls variable-decls user-field-decls forms creator date title desc image "
    "soft-page-break index-title-template"
)
PAGE_NUMBERS = ("page-number", "page-count")
SHAPES = names(
    "text-box custom-shape rect ellipse circle line polyline polygon regular-polygon path "
    "connector caption"
)
FIELDS = ("date", "title", "creator")  # which are words, too, in the text and in charts
WORDED = tuple(f"{{urn:oasis:names:tc:opendocument:xmlns:{one}:1.0}}" for one in ("text", "chart"))
NEWER = "xmlns:loext:1.0}"  # elements that LibreOffice has added
BLOCKS = ("p", "h", "list-header", "section")
MOST = 100  # columns that one cell may stand for, and rows that one may


@dataclass(frozen=True, slots=True)
class OdfFile:
    """What a walk looks up. archive: None if all stands in one XML. looks: styles by their names.
    hidden and raised: those whose words are that. listed: the list that a style of paragraphs
    stands in. controls: what each part of a form shows."""

    archive: Archive | None
    styles: Element
    content: Element
    looks: dict[str, Element]
    lists: Lists
    hidden: frozenset[str]
    raised: frozenset[str]
    listed: dict[str, str]
    controls: dict[str, str]

    @classmethod
    def of(cls, data: bytes) -> OdfFile:
        """Raises DataError where the file is locked."""
        is_flat = data.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")
        archive = None if is_flat else Archive(data)
        if archive is None:
            parts = _flat_parts(ElementTree.fromstring(data))
        else:
            manifest = archive.xml("META-INF/manifest.xml")
            if any(tag(one) == "encryption-data" for one in manifest.iter()):
                raise DataError(
                    "expected a file without a password, found one with; remove it first"
                )
            parts = archive.xml("styles.xml"), archive.xml("content.xml")
        looks = {attribute(one, "name"): one for part in parts for one in every(part, "style")}
        how = "text-properties"
        return cls(
            archive,
            *parts,
            looks,
            Lists(*parts),
            frozenset(one for one in looks if told(looks, one, how, "display") == "none"),
            frozenset(one for one in looks
                      if told(looks, one, how, "text-position").startswith(("super", "33%"))),
            {one: told(looks, one, "list-style-name") for one in looks},
            {attribute(one, "id"): _entered(one) for part in parts
             for form in every(part, "forms") for one in form.iter()},
        )  # fmt: skip


def _flat_parts(tree: Element) -> tuple[Element, Element]:
    """Styles and content of a text that is one XML, as those of archives are."""
    styles, content = Element("document-styles"), Element("document-content")
    for one in tree:
        if tag(one) in ("automatic-styles", "body"):
            content.append(one)
        if tag(one) in ("automatic-styles", "master-styles", "styles"):
            styles.append(one)
    return styles, content


def told(looks: dict[str, Element], style: str, *path: str) -> str:
    """An attribute of a style, or else of those that it rests on; "" if none tells it."""
    *inner, name = path
    for _ in range(10):
        element = looks.get(style, _NONE)
        if said := attribute(child(element, *inner), name):
            return said
        style = attribute(element, "parent-style-name")
    return ""


def _entered(control: Element) -> str:
    """What a part of a form shows: what was typed or chosen, or its label."""
    kind = tag(control)
    chosen = [attribute(one, "label") for one in control
              if tag(one) == "option" and _is_chosen(one)]  # fmt: skip
    if chosen or kind == "password":
        return ", ".join(chosen)
    typed = () if kind in ("checkbox", "radio", "button") else ("current-value", "value")
    return next(filter(None, (attribute(control, name) for name in (*typed, "label"))), "")


def _is_chosen(option: Element) -> bool:
    return "true" in (attribute(option, "current-selected"), attribute(option, "selected"))


_NONE = Element("none")


@dataclass
class Odf:
    """A walk through a part of a text. asides: notes and comments, for its end."""

    file: OdfFile
    asides: list[Block]
    page_numbers: bool = True  # whether they are shown
    has_bullets: bool = True  # whether lists show theirs
    _mark: str = ""  # of the note in hand
    _boxes: list[Block] = field(default_factory=list)  # of the paragraph in hand
    _styles: list[str] = field(default_factory=list)  # of the lists around what is in hand

    def blocks(self, elements: Iterable[Element], marker: str = "") -> list[Block]:
        """What elements show, such as an element's own. marker: what stands before it."""
        flow = Flow(marker=marker)
        for one in elements:
            self._walk(one, flow)
        flow.end()
        return [*flow.blocks, *self._taken()]

    def _within(self) -> Odf:
        """A walk through a part of what is in hand."""
        return Odf(self.file, self.asides, has_bullets=self.has_bullets)

    def _taken(self) -> list[Block]:
        boxes, self._boxes = self._boxes, []
        return boxes

    def _walk(self, element: Element, flow: Flow) -> None:
        name = tag(element)
        if name in ODF_UNSEEN and not (name in FIELDS and element.tag.startswith(WORDED)):
            return
        if name in PAGE_NUMBERS and not self.page_numbers:
            return
        if name == "list-item" and NEWER in element.tag:  # what could be chosen
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
            case "note-citation":
                self._mark = note_mark("".join(element.itertext()).strip())
                flow.say(self._mark)
            case "note-body" | "annotation":
                mark = f"{self._mark} " if name == "note-body" and self._mark else ""
                self.asides += Odf(self.file, self.asides).blocks(element, mark)
            case "control":
                flow.say(f" {self.file.controls.get(attribute(element, 'control'), '')} ")
            case _ if name in SHAPES:
                self._boxes += self._within().blocks(element)
            case "table":
                flow.add(*self._table(element))
            case "list":
                self._list(element, flow)
            case "list-item":
                flow.end()
                start = attribute(element, "start-value")
                flow.marker = self.file.lists.marker(self._listed(element), start)
                if flow.marker == BULLET and not self.has_bullets:
                    flow.marker = ""
                self._inside(element, flow)
                flow.marker = ""
            case "numbered-paragraph":
                flow.end()
                level = int(attribute(element, "level") or 1)
                start = attribute(element, "start-value")
                flow.marker = self.file.lists.marker([style] * min(level, MOST), start)
                self._inside(element, flow)
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
                if name == "h" and flow.marker in ("", BULLET):
                    flow.marker = self.file.lists.heading(element) or flow.marker
                self._inside(element, flow)
                flow.end()
                flow.add(*self._taken())
            case _:
                self._inside(element, flow)

    def _inside(self, element: Element, flow: Flow) -> None:
        worded = _is_worded(element)
        flow.say(_folded(element.text) if worded else "")
        for one in element:
            self._walk(one, flow)
            flow.say(_folded(one.tail) if worded else "")

    def _object(self, element: Element, flow: Flow) -> None:
        """A formula in the line, or a chart's titles and figures."""
        from qa_core.text.documents.web import xhtml

        inner = ("math", "document")  # where it stands in the same XML
        tree = next((one for one in element if tag(one) in inner), None)
        if tree is None and self.file.archive is not None:
            part = f"{resolved('', attribute(element, 'href'))}/content.xml"
            tree = self.file.archive.xml(part)
        elif tree is not None and tag(tree) == "document":
            tree = _flat_parts(tree)[1]
        if tree is None:
            return
        if tag(tree) == "math":
            ElementTree.register_namespace("", "http://www.w3.org/1998/Math/MathML")
            flow.say(" ".join(map(str, xhtml(ElementTree.tostring(tree, "utf-8")))))
        else:
            self._boxes += Odf(self.file, self.asides).blocks(tree)

    def _listed(self, item: Element) -> list[str]:
        """The styles of the lists around an item, or that its paragraph stands in."""
        if self._styles[-1:] != [""]:
            return self._styles
        style = attribute(next(iter(item), None), "style-name")
        return [self.file.listed.get(style, "")] * len(self._styles)

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
        is_first = attribute(element, "use-first-row-styles") == "true"  # of names
        for row, is_header in _rows(element):
            is_header = is_header or (is_first and not rows)
            cells: list[str] = []
            left = 0  # columns that the last cell still spans
            for place, cell in enumerate(row):
                if tag(cell) == "covered-table-cell":
                    cells.append((COVERED if left > 0 else "") if place else name_above(rows))
                    left -= 1
                    continue
                blocks = self._within().blocks(cell)
                held += blocks
                times = int(attribute(cell, "number-columns-repeated") or 1)
                said = " ".join(one for one in blocks if isinstance(one, str))
                cells += [said] * min(times, MOST)
                left = int(attribute(cell, "number-columns-spanned") or 1) - 1
            times = min(int(attribute(row, "number-rows-repeated") or 1), MOST)
            headers += is_header * times
            rows += [cells] * times
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
    return ("text:1.0" in element.tag or NEWER in element.tag) and tag(element) not in (
        "list", "list-item", "list-header", "section", "ruby",
    )  # fmt: skip


def _folded(text: str | None) -> str:
    """Text in which line breaks and tabs are the XML's own."""
    return re.sub(r"[ \t\r\n]+", " ", text or "")
