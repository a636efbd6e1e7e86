"""Excel files to what their sheets show."""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from qa_core.text.documents.blocks import Block
from qa_core.text.documents.office.archive import Archive, attribute, every, part_name
from qa_core.text.documents.office.cells import MOST_COLUMNS, Cover, left_out, sheet_blocks
from qa_core.text.documents.office.dates import dated
from qa_core.text.documents.office.drawing import drawn
from qa_core.text.documents.office.formats import shown

DAY = 86_400  # seconds

_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*>")
_COLUMN = re.compile(rb"<(?:\w+:)?col\b[^>]*>")
_HIDDEN = re.compile(rb"\b(?:hidden=[\"'](?:1|true)[\"']|(?:ht|width)=[\"']0(?:\.0*)?[\"'])")
_NUMBER = re.compile(rb"\br=[\"'](\d+)[\"']")
_CELL = re.compile(rb"<(?:\w+:)?c\b[^>]*?\br=[\"']([A-Z]{1,3})(\d{1,7})[\"']")
_BREAK = re.compile("_x000[9AD]_", re.I)  # how some programs write a line break, or a tab
_MERGED = re.compile(
    rb"<(?:\w+:)?mergeCell\b[^>]*?\bref=[\"']([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})[\"']"
)
# A formula without a value; one whose value is an empty text is no such.
_UNCOUNTED = re.compile(
    rb"<(?:\w+:)?c\b(?![^>]*\bt=[\"']str[\"'])[^>]*>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*"
    rb"</(?:\w+:)?f>)\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)


def xlsx(data: bytes) -> tuple[list[Block], list[str]]:
    """The sheets of an Excel file that are not hidden: names, titles, and tables as rows."""
    from openpyxl import load_workbook

    archive = Archive(data)
    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    parts = _parts(archive)
    sources = {part: archive.read(part) for part in parts.values() if part in archive}
    if (mended := _in_order(data, sources)) is not data:
        book = load_workbook(io.BytesIO(mended), read_only=True, data_only=True)
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
        source = sources.pop(part, b"")
        cover = _cover(source)
        uncounted += len(_UNCOUNTED.findall(source))
        if cover.rows or cover.columns:
            partly.append(sheet.title)
        sheet.reset_dimensions()
        rows = ([_cell(one, book.epoch) for one in row] for row in sheet.iter_rows())
        shown_ = [*sheet_blocks(enumerate(rows, 1), cover), *_beside(archive, part)]
        found = found or bool(shown_)
        blocks += [sheet.title, *shown_]
    for title, part, is_shown in _charts(archive):
        if is_shown:
            blocks += [title, *_beside(archive, part)]
            found = True
        else:
            hidden.append(title)
    return blocks if found else [], left_out(hidden, partly, uncounted, "Excel")


def _in_order(data: bytes, sources: dict[str, bytes]) -> bytes:
    """The file with rows and cells where their numbers say: the library drops those that are late.

    sources: the XML of its sheets, by the names of their parts.
    """
    mended = {part_name(name): _sorted(ElementTree.fromstring(source))
              for name, source in sources.items() if not _is_in_order(source)}  # fmt: skip
    if not mended:
        return data
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(held, "w") as new:
        for one in old.infolist():
            known = mended.get(part_name(one.filename))
            new.writestr(one.filename, old.read(one) if known is None else known)
    return held.getvalue()


def _is_in_order(source: bytes) -> bool:
    last = (0, 0)
    for letters, number in _CELL.findall(source):
        place = int(number), _place(letters)
        if place <= last:
            return False
        last = place
    return True


def _sorted(sheet: Element) -> bytes:
    """A sheet's XML whose rows, and cells in them, rise; rows of one number are joined."""
    for data in every(sheet, "sheetData"):
        rows: dict[int, Element] = {}
        number = 0
        for row in list(data):
            number = int(attribute(row, "r") or number + 1)
            rows.setdefault(number, row)
            if rows[number] is not row:
                rows[number].extend(row)
        data[:] = [rows[number] for number in sorted(rows)]
        for row in data:
            row[:] = sorted(row, key=_column)
    return ElementTree.tostring(sheet, "utf-8")


def _column(cell: Element) -> int:
    return _place(attribute(cell, "r").rstrip("0123456789").encode())


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


def _cover(source: bytes) -> Cover:
    """What a sheet's XML says to be hidden or merged."""
    rows = {int(number[1]) for one in _ROW.finditer(source)
            if _HIDDEN.search(one[0]) and (number := _NUMBER.search(one[0]))}  # fmt: skip
    columns: set[int] = set()
    for one in _COLUMN.finditer(source):
        first, last = (
            re.search(rb"\b%b=[\"'](\d+)[\"']" % name, one[0]) for name in (b"min", b"max")
        )
        if _HIDDEN.search(one[0]) and first and last:
            columns.update(range(int(first[1]), min(int(last[1]), MOST_COLUMNS) + 1))
    merged: dict[int, list[tuple[int, int, int]]] = {}
    for letters, top, ends, bottom in _MERGED.findall(source):
        place = _place(letters), int(bottom), _place(ends)
        merged.setdefault(int(top), []).append(place)
    return Cover(frozenset(rows), frozenset(columns), merged)


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
