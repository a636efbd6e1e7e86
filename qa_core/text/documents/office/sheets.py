"""Excel files to what their sheets show."""

from __future__ import annotations

import datetime
import io
import re
from dataclasses import dataclass
from typing import Any

from qa_core.text.documents.blocks import Block, Table
from qa_core.text.documents.office.archive import Archive, attribute, every
from qa_core.text.documents.office.formats import shown
from qa_core.text.documents.office.word import drawn

MOST_COLUMNS = 16_384

_ROW, _COLUMN = re.compile(rb"<row\b[^>]*>"), re.compile(rb"<col\b[^>]*>")
_HIDDEN = re.compile(rb'\bhidden="(?:1|true)"')
_NUMBER = re.compile(rb'\br="(\d+)"')
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
        unseen = _Unseen.of(archive.read(part) if part in archive.names else b"")
        uncounted += unseen.uncounted
        if unseen.rows or unseen.columns:
            partly.append(sheet.title)
        sheet.reset_dimensions()
        blocks.append(sheet.title)
        rows: list[list[str]] = []
        for number, row in enumerate(sheet.iter_rows(), 1):
            if number in unseen.rows:
                continue
            cells = [_cell(one) for place, one in enumerate(row, 1) if place not in unseen.columns]
            if any(cells):
                found = True
                rows.append(cells)
            else:
                blocks += _sheet_blocks(rows)
                rows = []
        blocks += _sheet_blocks(rows)
        beside = _beside(archive, part)
        found = found or bool(beside)
        blocks += beside
    notes = [f"hidden sheets were left out: {', '.join(hidden)}"] if hidden else []
    if partly:
        notes.append(f"hidden rows and columns were left out of: {', '.join(partly)}")
    if uncounted:
        notes.append(
            f"formulas that hold no value, {uncounted} in all, were left out; open the file in "
            "Excel and save it"
        )
    return blocks if found else [], notes


def _sheet_blocks(rows: list[list[str]]) -> list[Block]:
    """Rows between blank ones: titles, which stand alone on their row, and a table."""
    blocks: list[Block] = []
    while rows and sum(map(bool, rows[0])) == 1:
        blocks.append("".join(rows.pop(0)))
    return [*blocks, Table(rows)] if rows else blocks


def _cell(cell: Any) -> str:
    """A cell's value as the sheet shows it, for the usual formats."""
    value, form = cell.value, str(getattr(cell, "number_format", None) or "")
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return shown(value, form)
    if isinstance(value, datetime.datetime):
        midnight = value.time() == datetime.time()
        return value.strftime("%Y-%m-%d" if midnight else "%Y-%m-%d %H:%M")
    if isinstance(value, datetime.timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        exact = f":{seconds:02}" if seconds else ""
        return f"{minutes // 60}:{minutes % 60:02}{exact}"
    return str(value)


@dataclass(frozen=True, slots=True)
class _Unseen:
    """What a sheet's XML tells beside its cells: the numbers of hidden rows and columns, from 1,
    and how many formulas hold no value."""

    rows: frozenset[int]
    columns: frozenset[int]
    uncounted: int

    @classmethod
    def of(cls, source: bytes) -> _Unseen:
        rows = {int(number[1]) for one in _ROW.finditer(source)
                if _HIDDEN.search(one[0]) and (number := _NUMBER.search(one[0]))}  # fmt: skip
        columns: set[int] = set()
        for one in _COLUMN.finditer(source):
            first, last = (re.search(rb'\b%b="(\d+)"' % name, one[0]) for name in (b"min", b"max"))
            if _HIDDEN.search(one[0]) and first and last:
                columns.update(range(int(first[1]), min(int(last[1]), MOST_COLUMNS) + 1))
        return cls(frozenset(rows), frozenset(columns), len(_UNCOUNTED.findall(source)))


def _parts(archive: Archive) -> dict[str, str]:
    """The name of each sheet's part."""
    main = archive.main()
    related = archive.related(main)
    return {
        attribute(one, "name"): related.get(attribute(one, "id"), ("", ""))[1]
        for one in every(archive.xml(main), "sheet")
    }


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
