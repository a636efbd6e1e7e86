"""Excel files to what their sheets show."""

from __future__ import annotations

import datetime
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from qa_core.text.documents.blocks import Block, Table, is_name
from qa_core.text.documents.office.archive import Archive, attribute, every
from qa_core.text.documents.office.dates import dated
from qa_core.text.documents.office.drawing import drawn
from qa_core.text.documents.office.formats import shown

MOST_COLUMNS = 16_384
DAY = 86_400  # seconds

_ROW, _COLUMN = re.compile(rb"<row\b[^>]*>"), re.compile(rb"<col\b[^>]*>")
_HIDDEN = re.compile(rb'\b(?:hidden="(?:1|true)"|(?:ht|width)="0(?:\.0*)?")')
_NUMBER = re.compile(rb'\br="(\d+)"')
_BREAK = re.compile("_x000[9AD]_", re.I)  # how some programs write a line break, or a tab
_MERGED = re.compile(rb'<mergeCell\b[^>]*?\bref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
# A formula without a value; one whose value is an empty text is no such.
_UNCOUNTED = re.compile(
    rb'<c\b(?![^>]*\bt="str")[^>]*>\s*<f\b(?:[^>]*/>|[^>]*>[^<]*</f>)\s*(?:<v\s*/>|<v></v>)?\s*</c>'
)


def xlsx(data: bytes) -> tuple[list[Block], list[str]]:
    """The sheets of an Excel file that are not hidden: names, titles, and tables as rows."""
    from openpyxl import load_workbook

    archive = Archive(data)
    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    parts = _parts(archive)
    blocks: list[Block] = []
    hidden: list[str] = []
    partly: list[str] = []
    uncounted = 0
    found = False
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            hidden.append(sheet.title)
            continue
        part = parts.get(sheet.title, "")
        told = _Told.of(archive.read(part) if part in archive else b"")
        uncounted += told.uncounted
        if told.rows or told.columns:
            partly.append(sheet.title)
        sheet.reset_dimensions()
        blocks.append(sheet.title)
        rows: dict[int, list[str]] = {}
        for number, row in enumerate(sheet.iter_rows(), 1):
            if number in told.rows:
                continue
            cells = [_cell(one, book.epoch) for one in row]
            if any(told.seen(cells)):
                found = True
                rows[number] = cells
            else:
                blocks += _sheet_blocks(rows, told)
                rows = {}
        blocks += _sheet_blocks(rows, told)
        beside = _beside(archive, part)
        found = found or bool(beside)
        blocks += beside
    for title, part, is_shown in _charts(archive):
        if is_shown:
            blocks += [title, *_beside(archive, part)]
            found = True
        else:
            hidden.append(title)
    notes = [f"hidden sheets were left out: {', '.join(hidden)}"] if hidden else []
    if partly:
        notes.append(f"hidden rows and columns were left out of: {', '.join(partly)}")
    if uncounted:
        notes.append(
            f"formulas that hold no value, {uncounted} in all, were left out; open the file in "
            "Excel and save it"
        )
    return blocks if found else [], notes


def _sheet_blocks(numbered: dict[int, list[str]], told: _Told) -> list[Block]:
    """Rows between blank ones: titles, which stand alone on their row, and a table."""
    headers: int | None = None
    for place, number in enumerate(numbered):
        is_title = sum(map(bool, numbered[number])) == 1
        for first, bottom, last in told.merged.get(number, ()):
            is_head = place < 2 and not is_title
            if _unmerge(numbered, (number, first, bottom, last), is_head) and headers is None:
                headers = place
    rows = [told.seen(row) for row in numbered.values()]
    blocks: list[Block] = []
    while rows and sum(map(bool, rows[0])) == 1:
        blocks.append("".join(rows.pop(0)))
    if headers is not None:  # below a header over several columns stand those of each
        headers = max(headers + 2 - len(blocks), 1)
    return [*blocks, Table(rows, headers)] if rows else blocks


def _unmerge(rows: dict[int, list[str]], merge: tuple[int, int, int, int], is_head: bool) -> bool:
    """Say what merged cells hold once, and again where it names a row, or columns of the head;
    return whether it names columns.

    rows: by their numbers. merge: the first row and column, and the last ones.
    """
    top, first, bottom, last = merge
    held = rows[top][first - 1] if first <= len(rows[top]) else ""
    below = list(filter(None, rows.get(bottom + 1, [])[first - 1 : last]))
    columns = is_head and bool(held) and len(below) > 1 and all(map(is_name, below))
    names_row = not any(rows[top][: first - 1])
    for number in range(top, min(bottom, max(rows)) + 1):
        row = rows.get(number, [])
        if columns:  # blank cells at a row's end may be missing
            row += [""] * (min(last, len(rows[bottom + 1])) - len(row))
        for place in range(first - 1, min(last, len(row))):
            is_said = (columns or place == first - 1) and (names_row or number == top)
            row[place] = held if is_said else ""
    return columns


def _cell(cell: Any, epoch: datetime.datetime) -> str:
    """A cell's value as the sheet shows it. epoch: the day on which the sheet's time begins."""
    value, form = cell.value, str(getattr(cell, "number_format", None) or "")
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return shown(value, form)
    if isinstance(value, datetime.datetime | datetime.time | datetime.timedelta):
        from openpyxl.utils.datetime import to_excel

        seconds = round(to_excel(value, epoch) * DAY, 3)
        moment = value if isinstance(value, datetime.datetime) else epoch
        moment = epoch + datetime.timedelta(seconds=seconds) if moment is epoch else moment
        return dated(moment, seconds, form)
    return _BREAK.sub(" ", str(value))


@dataclass(frozen=True, slots=True)
class _Told:
    """What a sheet's XML tells beside its cells: the numbers of hidden rows and columns, from 1,
    how many formulas hold no value, and by their first row, which cells are merged: their first
    column, last row and last column."""

    rows: frozenset[int]
    columns: frozenset[int]
    uncounted: int
    merged: dict[int, list[tuple[int, int, int]]]

    def seen(self, cells: list[str]) -> list[str]:
        """A row without its hidden cells."""
        if not self.columns:
            return cells
        return [one for place, one in enumerate(cells, 1) if place not in self.columns]

    @classmethod
    def of(cls, source: bytes) -> _Told:
        rows = {int(number[1]) for one in _ROW.finditer(source)
                if _HIDDEN.search(one[0]) and (number := _NUMBER.search(one[0]))}  # fmt: skip
        columns: set[int] = set()
        for one in _COLUMN.finditer(source):
            first, last = (re.search(rb'\b%b="(\d+)"' % name, one[0]) for name in (b"min", b"max"))
            if _HIDDEN.search(one[0]) and first and last:
                columns.update(range(int(first[1]), min(int(last[1]), MOST_COLUMNS) + 1))
        merged: dict[int, list[tuple[int, int, int]]] = {}
        for letters, top, ends, bottom in _MERGED.findall(source):
            place = _place(letters), int(bottom), _place(ends)
            merged.setdefault(int(top), []).append(place)
        uncounted = len(_UNCOUNTED.findall(source))
        return cls(frozenset(rows), frozenset(columns), uncounted, merged)


def _place(letters: bytes) -> int:
    """A column's number, from 1."""
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number


def _parts(archive: Archive) -> dict[str, str]:
    """The name of each sheet's part."""
    main = archive.main()
    related = archive.related(main)
    return {
        attribute(one, "name"): related.get(attribute(one, "id"), ("", ""))[1]
        for one in every(archive.xml(main), "sheet")
    }


def _charts(archive: Archive) -> Iterator[tuple[str, str, bool]]:
    """Sheets that are a chart each: name, part, and whether it is shown."""
    main = archive.main()
    related = archive.related(main)
    for one in every(archive.xml(main), "sheet"):
        kind, part = related.get(attribute(one, "id"), ("", ""))
        if kind == "chartsheet":
            yield attribute(one, "name"), part, attribute(one, "state") in ("", "visible")


def _beside(archive: Archive, part: str) -> list[Block]:
    """What stands beside a sheet's cells: text boxes, titles of charts, comments."""
    found: list[Block] = []
    related = archive.related(part).values()
    kinds = {kind for kind, _ in related}
    said = "threadedComment" if "threadedComment" in kinds else "comments"
    for kind, target in related:
        if kind == "drawing":
            found += drawn(archive.xml(target))
            for inner, chart in archive.related(target).values():
                if inner == "chart":
                    found += drawn(archive.xml(chart))
        elif kind == said:
            for text in every(archive.xml(target), "text"):
                words = text.text or "".join(one.text or "" for one in every(text, "t"))
                found += filter(None, [" ".join(words.split())])
    return found
