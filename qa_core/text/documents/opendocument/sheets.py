"""OpenDocument spreadsheets to what their sheets show."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from qa_core.text.documents import check_length
from qa_core.text.documents.blocks import Block
from qa_core.text.documents.office.archive import attribute, child, every, tag
from qa_core.text.documents.office.cells import MOST_COLUMNS, Cover, left_out, sheet_blocks
from qa_core.text.documents.opendocument.walk import Odf, OdfFile, told

COLUMNS = ("table-columns", "table-header-columns", "table-column-group")
ROWS = ("table-rows", "table-header-rows", "table-row-group")
WORDS = ("p", "h", "list")  # of what a cell shows
ASIDE = ("annotation", "detective", "cell-range-source", "frame", "g", "control")

_TIME = re.compile(r"(-?)PT?(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:[.,]\d+)?S)?")


def ods(data: bytes) -> tuple[list[Block], list[str]]:
    """The sheets of a spreadsheet that are not hidden: names, titles, and tables as rows."""
    file = OdfFile.of(data)
    book = child(file.content, "body", "spreadsheet")
    blocks: list[Block] = []
    hidden: list[str] = []
    partly: list[str] = []
    uncounted = 0
    found = False
    for one in book if book is not None else ():
        if tag(one) != "table":
            continue
        name = attribute(one, "name")
        if told(file.looks, attribute(one, "style-name"), "table-properties", "display") == "false":
            hidden.append(name)
            continue
        sheet = _Sheet(file)
        shown = sheet.read(one)
        uncounted += sheet.uncounted
        if sheet.is_partly_hidden:
            partly.append(name)
        found = found or bool(shown)
        blocks += [name, *shown]
    return blocks if found else [], left_out(hidden, partly, uncounted, "LibreOffice")


@dataclass
class _Sheet:
    """A walk through a sheet. beside: what stands beside the cells' own words."""

    file: OdfFile
    uncounted: int = 0
    is_partly_hidden: bool = False
    beside: list[Block] = field(default_factory=list)
    _length: int = 0  # of the cells' words so far
    _merged: dict[int, list[tuple[int, int, int]]] = field(default_factory=dict)

    def read(self, table: Element) -> list[Block]:
        columns: set[int] = set()
        place = 1
        for one, is_hidden in _parts(table, "table-column", COLUMNS):
            wide = _times(one, "number-columns-repeated")
            if is_hidden:
                columns.update(range(place, min(place + wide, MOST_COLUMNS + 1)))
            place += wide
        rows = [*self._rows(table)]
        last = max((len(cells) for _, cells in rows), default=0)
        self.is_partly_hidden |= any(one <= last for one in columns)
        blocks = sheet_blocks(rows, Cover(frozenset(), frozenset(columns), self._merged))
        for one in table:
            if tag(one) == "shapes":
                self._aside(one)
        return blocks + self.beside

    def _rows(self, table: Element) -> Iterator[tuple[int, list[str]]]:
        number = 1
        for row, is_hidden in _parts(table, "table-row", ROWS):
            times = _times(row, "number-rows-repeated")
            if is_hidden:
                self.is_partly_hidden |= any(_said(one) for one in row)
            else:
                cells = self._cells(row, number)
                for one in range(times if cells else 1):
                    self._length += sum(map(len, cells)) if one else 0
                    check_length(self._length)
                    yield number + one, [*cells]
            number += times

    def _cells(self, row: Element, number: int) -> list[str]:
        """A row's cells up to the last one that holds words."""
        cells: list[str] = []
        place = 1
        for cell in row:
            wide = _times(cell, "number-columns-repeated")
            if tag(cell) == "table-cell" and (words := self._words(cell)):
                cells += [""] * (place - 1 - len(cells))
                cells += [words] * min(wide, MOST_COLUMNS)
                self._length += len(words) * min(wide, MOST_COLUMNS)
                check_length(self._length)
                across = _times(cell, "number-columns-spanned")
                down = _times(cell, "number-rows-spanned")
                if across > 1 or down > 1:
                    merge = place, number + down - 1, place + across - 1
                    self._merged.setdefault(number, []).append(merge)
            place = min(place + wide, MOST_COLUMNS)
        return cells

    def _words(self, cell: Element) -> str:
        """What a cell shows: the value as it was formatted, or else the value itself."""
        asides: list[Block] = []
        walk = Odf(self.file, asides)
        words = " ".join(map(str, walk.blocks(one for one in cell if tag(one) in WORDS)))
        self._aside(one for one in cell if tag(one) in ASIDE)
        self.beside += asides
        if not any(tag(one) in WORDS for one in cell):
            words = _value(cell)
            self.uncounted += bool(attribute(cell, "formula")) and not attribute(cell, "value-type")
        return words

    def _aside(self, elements: Iterator[Element] | Element) -> None:
        """Text boxes, comments, and titles of charts, whose figures stand in cells."""
        for one in elements:
            asides: list[Block] = []
            said = Odf(self.file, asides).blocks([one])
            self.beside += [block for block in (*said, *asides) if isinstance(block, str)]


def _parts(
    element: Element, name: str, groups: tuple[str, ...], is_hidden: bool = False
) -> Iterator[tuple[Element, bool]]:
    """A table's rows or columns, and whether each is hidden, alone or in a group."""
    for one in element:
        off = is_hidden or attribute(one, "visibility") in ("collapse", "filter")
        if tag(one) == name:
            yield one, off
        elif tag(one) in groups:
            yield from _parts(one, name, groups, off or attribute(one, "display") == "false")


def _times(element: Element, name: str) -> int:
    said = attribute(element, name)
    return max(int(said), 1) if said.isdecimal() else 1


def _said(cell: Element) -> bool:
    return bool(attribute(cell, "value-type")) or next(every(cell, "p"), None) is not None


def _value(cell: Element) -> str:
    """The value of a cell that says nothing of how it is shown."""
    number = attribute(cell, "value")
    match attribute(cell, "value-type"):
        case "percentage":
            return f"{round(float(number or 0) * 100, 10):g}%"
        case "currency":
            return f"{number} {attribute(cell, 'currency')}".strip()
        case "date":
            return attribute(cell, "date-value").replace("T", " ")
        case "boolean":
            return attribute(cell, "boolean-value").upper()
        case "time" if found := _TIME.fullmatch(attribute(cell, "time-value")):
            return found[1] + ":".join(f"{int(one or 0):02}" for one in found.groups()[1:])
    return number.removesuffix(".0") or attribute(cell, "string-value")
