"""Word files to the words that Word shows, in reading order."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree.ElementTree import Element

from qa_core.text.documents.blocks import Block, Flow, Table, names
from qa_core.text.documents.office.archive import Archive, attribute, child, every, tag
from qa_core.text.documents.office.numbering import Numbering

UNSEEN = names(
    "delText delInstrText instrText del moveFrom pPr rPr sectPr tblPr trPr tcPr tblGrid sdtPr "
    "sdtEndPr rubyPr fldData softHyphen annotationRef footnoteRef endnoteRef ctrlPr "
    "oMathParaPr fPr radPr sSupPr sSubPr naryPr dPr mPr eqArrPr"
)
SAID = {"tab": " ", "ptab": " ", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
NOTES = {"footnoteReference": "footnotes", "endnoteReference": "endnotes",
         "commentReference": "comments"}  # fmt: skip


def docx(data: bytes) -> tuple[list[Block], list[str]]:
    """A Word file's blocks: each header once, the text, each footer, and the notes once."""
    archive = Archive(data)
    main = archive.main()
    document = _Word(archive, main)
    related = archive.related(main)
    edges: dict[str, list[Block]] = {"header": [], "footer": []}
    for kind, target in related.values():
        if kind in edges:
            for block in _Word(archive, target, page_numbers=False).read(archive.xml(target)):
                if block not in edges[kind]:
                    edges[kind].append(block)
    body = document.read(archive.xml(main))
    asides: list[Block] = []
    for kind, target in related.values():
        if kind in NOTES.values():
            notes = {attribute(note, "id"): note for note in archive.xml(target)}
            reader = _Word(archive, target)
            for wanted in document.noted.get(kind, ()):
                if wanted in notes:
                    asides += reader.read(notes[wanted])
    return [*edges["header"], *body, *edges["footer"], *asides], []


class _Word:
    """A part of a Word file, walked through once."""

    def __init__(self, archive: Archive, part: str, *, page_numbers: bool = True) -> None:
        self._archive = archive
        self._related = archive.related(part)
        self._numbering = Numbering(archive)
        self._page_numbers = page_numbers
        self._aside: list[Block] = []  # text boxes and charts of the paragraph in hand
        self.noted: dict[str, list[str]] = {}

    def read(self, element: Element) -> list[Block]:
        flow = Flow()
        self._inside(element, flow)
        flow.add(*self._aside)
        return flow.blocks

    def _inside(self, element: Element, flow: Flow) -> None:
        hidden = _Fields(self._page_numbers)
        for one in element:
            if not hidden.hides(one):
                self._walk(one, flow)

    def _walk(self, element: Element, flow: Flow) -> None:
        name = tag(element)
        if name in UNSEEN:
            return
        if name in NOTES:
            self.noted.setdefault(NOTES[name], []).append(attribute(element, "id"))
        elif name == "t":
            flow.say((element.text or "").replace(" ", "\xa0"))
        elif name in SAID:
            flow.say(SAID[name])
        elif handle := _HANDLERS.get(name):
            handle(self, element, flow)
        else:
            self._inside(element, flow)

    def _paragraph(self, element: Element, flow: Flow) -> None:
        outer, self._aside = self._aside, []
        flow.end()
        flow.marker = self._numbering.marker(element)
        self._inside(element, flow)
        flow.end()
        flow.marker = ""
        flow.add(*self._aside)
        self._aside = outer

    def _run(self, element: Element, flow: Flow) -> None:
        hidden = child(element, "rPr", "vanish")
        if hidden is None or attribute(hidden, "val") in ("0", "false", "off"):
            self._inside(element, flow)

    def _field(self, element: Element, flow: Flow) -> None:
        if self._page_numbers or not _is_page(attribute(element, "instr")):
            self._inside(element, flow)

    def _symbol(self, element: Element, flow: Flow) -> None:
        code = int(attribute(element, "char") or "0", 16)
        if not 0xE000 <= code <= 0xF8FF:  # the private places hold pictures
            flow.say(chr(code))

    def _ruby(self, element: Element, flow: Flow) -> None:
        for name, before, after in (("rubyBase", "", ""), ("rt", "(", ")")):
            if (part := child(element, name)) is not None:
                flow.say(before)
                self._inside(part, flow)
                flow.say(after)

    def _choice(self, element: Element, flow: Flow) -> None:
        """Of a drawing told twice, for new and for old programs, the first that holds words."""
        choices = [one for one in element if tag(one) in ("Choice", "Fallback")]
        worded = ("t", "chart", "relIds")
        told = [one for one in choices if any(tag(part) in worded for part in one.iter())]
        for one in told[:1]:
            self._inside(one, flow)

    def _box(self, element: Element, flow: Flow) -> None:
        inner = Flow()
        self._inside(element, inner)
        inner.end()
        self._aside += inner.blocks

    def _diagram(self, element: Element, flow: Flow) -> None:
        self._aside += pictured(self._archive, self._related, element)

    def _table(self, element: Element, flow: Flow) -> None:
        rows: list[list[str]] = []
        held: list[Block] = []
        headers: int | None = None
        for row in _of(element, "tr"):
            cells: list[str] = []
            for cell in _of(row, "tc"):
                inner = Flow()
                self._inside(cell, inner)
                inner.end()
                held += inner.blocks
                cells.append(" ".join(one for one in inner.blocks if isinstance(one, str)))
                span = attribute(child(cell, "tcPr", "gridSpan"), "val") or "1"
                cells += [""] * (min(int(span), 100) - 1)
            if child(row, "trPr", "tblHeader") is not None and len(rows) == (headers or 0):
                headers = len(rows) + 1
            rows.append(cells)
        if max(map(len, rows), default=0) < 2 or any(isinstance(one, Table) for one in held):
            flow.add(*held)
        else:
            flow.add(Table(rows, headers))

    def _raised(self, element: Element, flow: Flow) -> None:
        self._parts(element, flow, ("e", "^", "sup"))

    def _lowered(self, element: Element, flow: Flow) -> None:
        self._parts(element, flow, ("e", "_", "sub"))

    def _fraction(self, element: Element, flow: Flow) -> None:
        self._parts(element, flow, ("num", "/", "den"))

    def _parts(self, element: Element, flow: Flow, names: tuple[str, str, str]) -> None:
        for name in names:
            part = child(element, name)
            if part is not None:
                self._inside(part, flow)
            elif name in "^_/":
                flow.say(name)


_Handler = Callable[[_Word, Element, Flow], None]
_HANDLERS: dict[str, _Handler] = {
    "p": _Word._paragraph, "r": _Word._run, "tbl": _Word._table, "fldSimple": _Word._field,
    "sym": _Word._symbol, "ruby": _Word._ruby, "AlternateContent": _Word._choice,
    "txbxContent": _Word._box, "relIds": _Word._diagram, "chart": _Word._diagram,
    "sSup": _Word._raised, "sSub": _Word._lowered, "f": _Word._fraction,
}  # fmt: skip


class _Fields:
    """Which runs of a paragraph are the page's number: in a header it is no text."""

    def __init__(self, page_numbers: bool) -> None:
        self._told = "" if not page_numbers else None
        self._is_page = False

    def hides(self, element: Element) -> bool:
        if self._told is None or tag(element) != "r":
            return False
        for one in element:
            if tag(one) == "instrText":
                self._told += one.text or ""
            elif tag(one) == "fldChar":
                kind = attribute(one, "fldCharType")
                self._is_page = kind == "separate" and _is_page(self._told)
                self._told = ""
        return self._is_page


def _is_page(instruction: str) -> bool:
    return instruction.split()[:1] in (["PAGE"], ["NUMPAGES"], ["SECTIONPAGES"])


def _of(element: Element, name: str) -> list[Element]:
    """A table's rows or a row's cells, also those inside content controls and insertions."""
    found: list[Element] = []
    for one in element:
        if tag(one) == name:
            found.append(one)
        elif tag(one) in ("sdt", "sdtContent", "ins", "customXml"):
            found += _of(one, name)
    return found


def drawn(element: Element) -> list[Block]:
    """The paragraphs of a drawing's text."""
    flow = Flow()
    for paragraph in every(element, "p"):
        flow.end()
        for one in paragraph.iter():
            if tag(one) == "t":
                flow.say((one.text or "").replace(" ", "\xa0"))
            elif tag(one) in ("br", "tab"):
                flow.say(SAID[tag(one)])
    flow.end()
    return flow.blocks


def pictured(
    archive: Archive, related: dict[str, tuple[str, str]], element: Element
) -> list[Block]:
    """The words of a diagram, or a chart's titles and figures, that an element refers to."""
    found: list[Block] = []
    for value in element.attrib.values():
        kind, target = related.get(value, ("", ""))
        if kind == "diagramData":
            found += drawn(archive.xml(target))
        elif kind == "chart":
            tree = archive.xml(target)
            found += drawn(tree)
            series = [_series(one) for one in every(tree, "ser")]
            if series:
                names = ["", *(name for name, _ in series)]
                labels = list(dict.fromkeys(label for _, points in series for label in points))
                rows = [[label, *(points.get(label, "") for _, points in series)]
                        for label in labels]  # fmt: skip
                found.append(Table([names, *rows], 1))
    return found


def _series(element: Element) -> tuple[str, dict[str, str]]:
    def values(name: str) -> list[str]:
        part = child(element, name)
        return [one.text or "" for one in every(part, "v")] if part is not None else []

    return " ".join(values("tx")), dict(zip(values("cat"), values("val"), strict=False))
