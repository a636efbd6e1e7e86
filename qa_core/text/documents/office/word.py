"""Word files to the words that Word shows, in reading order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from qa_core.text.documents.blocks import COVERED, Block, Flow, Table, name_above, names, raised
from qa_core.text.documents.office.archive import Archive, attribute, child, every, is_on, tag
from qa_core.text.documents.office.drawing import SAID, pictured
from qa_core.text.documents.office.numbering import NoteMarks, Numbering
from qa_core.text.documents.office.symbols import COMPUTED, computed, lettered, symbol
from qa_core.text.documents.pages.sheets import is_number

UNSEEN = names(
    "delText delInstrText instrText del moveFrom pPr rPr sectPr tblPr trPr tcPr tblGrid sdtPr "
    "sdtEndPr rubyPr fldData softHyphen annotationRef ctrlPr "
    "fldChar oMathParaPr fPr radPr sSupPr sSubPr sSubSupPr sPrePr limLowPr limUppPr funcPr naryPr "
    "dPr mPr eqArrPr phantPr"
)
_BLANKS = str.maketrans("\n\r\t", "   ")
NOTES = {"footnoteReference": "footnotes", "endnoteReference": "endnotes",
         "commentReference": "comments"}  # fmt: skip
NUMBERED = {"footnotes": ("footnotePr", "decimal"), "endnotes": ("endnotePr", "lowerRoman")}


def docx(data: bytes) -> tuple[list[Block], list[str]]:
    """A Word file's blocks: each header once, the text, each footer, and the notes once."""
    archive = Archive(data)
    main = archive.main()
    document = _Word(archive, main)
    related = archive.related(main)
    tree = archive.xml(main)
    document.marks = _marks(archive, tree)
    edges: dict[str, list[Block]] = {"header": [], "footer": []}
    unused = _unused(archive, tree, related)
    for kind, target in related.values():
        if kind in edges and target not in unused:
            for block in _Word(archive, target, page_numbers=False).read(archive.xml(target)):
                if block not in edges[kind] and not (isinstance(block, str) and is_number(block)):
                    edges[kind].append(block)
    body = document.read(tree)
    asides: list[Block] = []
    for kind, target in related.values():
        if kind in NOTES.values():
            notes = {attribute(note, "id"): note for note in archive.xml(target)}
            reader = _Word(archive, target)
            for wanted in document.noted.get(kind, ()):
                if kind in document.marks:
                    reader.mark = document.marks[kind].of(wanted)
                if wanted in notes:
                    asides += reader.read(notes[wanted])
    return [*edges["header"], *body, *edges["footer"], *asides], []


def _unused(archive: Archive, tree: Element, related: dict[str, tuple[str, str]]) -> set[str]:
    """Headers and footers of first or even pages, where these have none of their own."""
    parts = dict(archive.related(archive.main()).values())
    shown = {"default"}
    if next(every(archive.xml(parts.get("settings", "")), "evenAndOddHeaders"), None) is not None:
        shown.add("even")
    if any(is_on(one) for one in every(tree, "titlePg")):
        shown.add("first")
    used: dict[bool, set[str]] = {True: set(), False: set()}
    for name in ("headerReference", "footerReference"):
        for one in every(tree, name):
            target = related.get(attribute(one, "id"), ("", ""))[1]
            used[(attribute(one, "type") or "default") in shown].add(target)
    return used[False] - used[True]


def _marks(archive: Archive, tree: Element) -> dict[str, NoteMarks]:
    """What counts the notes of each kind, as the first section that has rules says, or the file."""
    parts = dict(archive.related(archive.main()).values())
    settings = archive.xml(parts.get("settings", ""))
    found = {}
    for kind, (name, usual) in NUMBERED.items():
        told = [*every(tree, name), *every(settings, name)]
        found[kind] = NoteMarks(next(iter(told), None), usual)
    return found


class _Word:
    """A part of a Word file, walked through once."""

    def __init__(self, archive: Archive, part: str, *, page_numbers: bool = True) -> None:
        self._archive = archive
        self._related = archive.related(part)
        self._numbering = Numbering(archive)
        self._page_numbers = page_numbers
        self._fields: list[_Field] = []  # that have begun and not ended
        self._hidden = _hidden_styles(archive)
        self._is_hidden = False  # the paragraph in hand, by its style
        self._font = ""  # of the run in hand
        self._is_raised = False
        # Whether the last paragraph, a large initial or one without its end, goes on in the next.
        self._goes_on = False
        self._aside: list[Block] = []  # text boxes and charts of the paragraph in hand
        self.noted: dict[str, list[str]] = {}
        self.marks: dict[str, NoteMarks] = {}  # of the notes that it refers to
        self.mark = ""  # of the note in hand

    def read(self, element: Element) -> list[Block]:
        flow = Flow()
        self._inside(element, flow)
        flow.add(*self._aside)
        return flow.blocks

    def _inside(self, element: Element, flow: Flow) -> None:
        for one in element:
            self._walk(one, flow)

    def _walk(self, element: Element, flow: Flow) -> None:
        name = tag(element)
        if name == "fldChar":
            self._field_mark(element, flow)
        elif name == "instrText" and self._fields:
            self._fields[-1].told += element.text or ""
        if name in UNSEEN or (name in _LEAVES and not all(one.is_shown for one in self._fields)):
            return
        if name == "t":
            said = lettered(self._font, (element.text or "").translate(_BLANKS))
            flow.say((raised(said) if self._is_raised else said).replace(" ", "\xa0"))
        elif name in SAID:
            flow.say(SAID[name])
        elif handle := _HANDLERS.get(name):
            handle(self, element, flow)
        else:
            self._inside(element, flow)

    def _paragraph(self, element: Element, flow: Flow) -> None:
        style = attribute(child(element, "pPr", "pStyle"), "val")
        is_hidden, self._is_hidden = self._is_hidden, style in self._hidden
        outer, self._aside = self._aside, []
        mark = child(element, "pPr", "rPr")
        is_unseen = mark is not None and is_on(child(mark, "vanish"))
        is_gone = is_unseen and not any(map(self._is_shown, every(element, "r")))
        if not self._goes_on and not is_gone:
            flow.end()
            flow.marker = self._numbering.marker(element)
        self._inside(element, flow)
        self._fields = [one for one in self._fields if one.is_result]  # not to lose the rest
        is_initial = attribute(child(element, "pPr", "framePr"), "dropCap") in ("drop", "margin")
        is_deleted = mark is not None and child(mark, "del") is not None
        self._goes_on = (is_gone and self._goes_on) or is_initial or is_deleted or (
            is_unseen and not is_gone
        )  # fmt: skip
        if self._goes_on or is_gone:
            outer += self._aside
        else:
            flow.end()
            flow.marker = ""
            flow.add(*self._aside)
        self._aside, self._is_hidden = outer, is_hidden

    def _run(self, element: Element, flow: Flow) -> None:
        self._font = attribute(child(element, "rPr", "rFonts"), "ascii")
        self._is_raised = attribute(child(element, "rPr", "vertAlign"), "val") == "superscript"
        if self._is_shown(element):
            self._inside(element, flow)
        else:
            for one in every(element, "fldChar"):
                self._field_mark(one, flow)

    def _is_shown(self, run: Element) -> bool:
        hidden = child(run, "rPr", "vanish")
        style = attribute(child(run, "rPr", "rStyle"), "val")
        by_style = self._is_hidden or style in self._hidden
        return not (by_style if hidden is None else is_on(hidden))

    def _field_mark(self, element: Element, flow: Flow) -> None:
        """A field's beginning, the end of what it is told, or its end."""
        match attribute(element, "fldCharType"):
            case "begin":
                self._fields.append(_Field(element))
            case "separate" if self._fields:
                field = self._fields[-1]
                field.is_result = True
                is_page = not self._page_numbers and _is_page(field.told)
                field.is_shown = not is_page and not _is_computed(field.told)
            case "end" if self._fields:
                field = self._fields.pop()
                if all(one.is_shown for one in self._fields):
                    if _is_computed(field.told):
                        flow.say(computed(field.told))
                    elif not field.is_result or _has_box(field.begin):
                        flow.say(_chosen(field.begin))

    def _field(self, element: Element, flow: Flow) -> None:
        if self._page_numbers or not _is_page(attribute(element, "instr")):
            self._inside(element, flow)

    def _noted(self, element: Element, flow: Flow) -> None:
        """A reference to a note, whose words stand at the end."""
        kind, note = NOTES[tag(element)], attribute(element, "id")
        self.noted.setdefault(kind, []).append(note)
        if kind not in self.marks:
            return
        if attribute(element, "customMarkFollows") in ("1", "true", "on"):
            self.marks[kind].skip(note)
        flow.say(self.marks[kind].of(note))

    def _own_mark(self, element: Element, flow: Flow) -> None:
        flow.say(self.mark)

    def _symbol(self, element: Element, flow: Flow) -> None:
        flow.say(symbol(attribute(element, "font"), attribute(element, "char")))

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

    def _drawn(self, element: Element, flow: Flow) -> None:
        """Words drawn along a line, as a watermark is."""
        self._aside += filter(None, [attribute(element, "string").strip()])

    def _chunk(self, element: Element, flow: Flow) -> None:
        """A file of another kind, which Word shows in this one's place."""
        from qa_core.text.documents import web
        from qa_core.text.documents.mail import message

        readers = {".html": web.html, ".htm": web.html, ".xhtml": web.html, ".mht": message.mhtml,
                   ".mhtml": message.mhtml, ".eml": message.eml, ".docx": docx}  # fmt: skip
        target = self._related.get(attribute(element, "id"), ("", ""))[1]
        reader = readers.get(target[target.rfind(".") :].lower())
        if reader is not None and target in self._archive:
            flow.add(*reader(self._archive.read(target))[0])

    def _diagram(self, element: Element, flow: Flow) -> None:
        self._aside += pictured(self._archive, self._related, element)

    def _table(self, element: Element, flow: Flow) -> None:
        rows: list[list[str]] = []
        held: list[Block] = []
        headers: int | None = None
        for row in _of(element, "tr"):
            if child(row, "trPr", "del") is not None or is_on(child(row, "trPr", "hidden")):
                continue
            before = attribute(child(row, "trPr", "gridBefore"), "val") or "0"
            cells: list[str] = [""] * min(int(before), 100)
            for cell in _of(row, "tc"):
                if child(cell, "tcPr", "cellDel") is not None:
                    continue
                merged = child(cell, "tcPr", "vMerge")
                if merged is not None and attribute(merged, "val") != "restart":
                    cells.append("" if cells else name_above(rows))
                    cells += [COVERED] * (_span(cell) - 1)
                    continue
                inner = Flow()
                self._inside(cell, inner)
                inner.end()
                self._goes_on = False
                held += inner.blocks
                cells.append(" ".join(one for one in inner.blocks if isinstance(one, str)))
                cells += [COVERED] * (_span(cell) - 1)
            if child(row, "trPr", "tblHeader") is not None and len(rows) == (headers or 0):
                headers = len(rows) + 1
            rows.append(cells)
        if max(map(len, rows), default=0) < 2 or any(isinstance(one, Table) for one in held):
            flow.add(*held)
        else:
            flow.add(Table(rows, headers))

    def _both(self, element: Element, flow: Flow) -> None:
        self._parts(element, flow, ("e", "_", "sub"))
        self._parts(element, flow, ("", "^", "sup"))

    def _limit(self, element: Element, flow: Flow) -> None:
        self._parts(element, flow, ("e", "_" if tag(element) == "limLow" else "^", "lim"))
        flow.say(" ")

    def _matrix(self, element: Element, flow: Flow) -> None:
        """A matrix's rows, or lines of a formula."""
        for number, row in enumerate(one for one in element if tag(one) in ("mr", "e")):
            flow.say("; " if number else "")
            for place, part in enumerate(row if tag(row) == "mr" else [row]):
                flow.say(" " if place else "")
                self._inside(part, flow)

    def _applied(self, element: Element, flow: Flow) -> None:
        self._parts(element, flow, ("fName", " ", "e"))

    def _raised(self, element: Element, flow: Flow) -> None:
        self._parts(element, flow, ("e", "^", "sup"))

    def _lowered(self, element: Element, flow: Flow) -> None:
        self._parts(element, flow, ("e", "_", "sub"))

    def _bracketed(self, element: Element, flow: Flow) -> None:
        signs = [child(element, "dPr", name) for name in ("begChr", "sepChr", "endChr")]
        begin, between, end = (
            default if sign is None else attribute(sign, "val")
            for sign, default in zip(signs, "(|)", strict=True)
        )
        for number, part in enumerate(one for one in element if tag(one) == "e"):
            flow.say(between if number else begin)
            self._inside(part, flow)
        flow.say(end)

    def _sum(self, element: Element, flow: Flow) -> None:
        sign = child(element, "naryPr", "chr")
        flow.say("∫" if sign is None else attribute(sign, "val"))
        for name, before in (("sub", "_"), ("sup", "^"), ("e", " ")):
            part = child(element, name)
            if part is not None and len(part):
                flow.say(before)
                self._inside(part, flow)

    def _root(self, element: Element, flow: Flow) -> None:
        for name, before in (("deg", ""), ("e", "√")):
            if (part := child(element, name)) is not None:
                flow.say(before)
                self._inside(part, flow)

    def _phantom(self, element: Element, flow: Flow) -> None:
        told = child(element, "phantPr", "show")
        if told is None or is_on(told):
            self._inside(element, flow)

    def _fraction(self, element: Element, flow: Flow) -> None:
        self._parts(element, flow, ("num", "/", "den"))

    def _parts(self, element: Element, flow: Flow, names: tuple[str, str, str]) -> None:
        for name in names:
            part = child(element, name)
            if part is not None:
                self._inside(part, flow)
            elif name and name in "^_/ ":
                flow.say(name)


_Handler = Callable[[_Word, Element, Flow], None]
_HANDLERS: dict[str, _Handler] = {
    "p": _Word._paragraph, "r": _Word._run, "tbl": _Word._table, "fldSimple": _Word._field,
    "sym": _Word._symbol, "ruby": _Word._ruby, "AlternateContent": _Word._choice,
    "txbxContent": _Word._box, "relIds": _Word._diagram, "chart": _Word._diagram,
    "textpath": _Word._drawn, "altChunk": _Word._chunk, "d": _Word._bracketed,
    "nary": _Word._sum, "rad": _Word._root, "sSup": _Word._raised,
    "sSub": _Word._lowered, "f": _Word._fraction, "sSubSup": _Word._both, "sPre": _Word._both,
    "limLow": _Word._limit, "limUpp": _Word._limit, "m": _Word._matrix,
    "eqArr": _Word._matrix, "phant": _Word._phantom, "func": _Word._applied,
    "footnoteRef": _Word._own_mark, "endnoteRef": _Word._own_mark,
    **dict.fromkeys(NOTES, _Word._noted),
}  # fmt: skip
# What a field hides as long as it is told what to show; what it is told may hold other fields.
_LEAVES = {"t", *SAID, *_HANDLERS} - {"p", "r", "tbl", "fldSimple", "AlternateContent"}


@dataclass
class _Field:
    """A field: what it is told, which is not shown, and then its result."""

    begin: Element
    told: str = ""
    is_result: bool = False
    is_shown: bool = False


def _chosen(begin: Element) -> str:
    """What a form's list shows, which is no text of its own."""
    if (box := child(begin, "ffData", "checkBox")) is not None:
        told = child(box, "checked")
        return "☒" if is_on(child(box, "default") if told is None else told) else "☐"
    listed = child(begin, "ffData", "ddList")
    if listed is None:
        return ""
    entries = [attribute(one, "val") for one in listed if tag(one) == "listEntry"]
    chosen = child(listed, "result")
    chosen = child(listed, "default") if chosen is None else chosen
    number = attribute(chosen, "val") or "0"
    return entries[int(number)] if number.isdigit() and int(number) < len(entries) else ""


def _has_box(begin: Element) -> bool:
    return child(begin, "ffData", "checkBox") is not None


def _hidden_styles(archive: Archive) -> set[str]:
    """The styles whose words are hidden."""
    parts = dict(archive.related(archive.main()).values())
    hidden: set[str] = set()
    below: dict[str, str] = {}
    for one in archive.xml(parts.get("styles", "")):
        own = child(one, "rPr", "vanish")
        if own is None:
            below[attribute(one, "styleId")] = attribute(child(one, "basedOn"), "val")
        elif is_on(own):
            hidden.add(attribute(one, "styleId"))
    for _ in range(10):  # styles rest on each other
        hidden |= {style for style, base in below.items() if base in hidden}
    return hidden


def _is_page(instruction: str) -> bool:
    return instruction.split()[:1] in (["PAGE"], ["NUMPAGES"], ["SECTIONPAGES"])


def _is_computed(instruction: str) -> bool:
    return "".join(instruction.split()[:1]).upper() in COMPUTED


def _of(element: Element, name: str) -> list[Element]:
    """A table's rows or a row's cells, also those inside content controls and insertions."""
    found: list[Element] = []
    for one in element:
        if tag(one) == name:
            found.append(one)
        elif tag(one) in ("sdt", "sdtContent", "ins", "customXml"):
            found += _of(one, name)
    return found


def _span(cell: Element) -> int:
    return min(int(attribute(child(cell, "tcPr", "gridSpan"), "val") or "1"), 100)
