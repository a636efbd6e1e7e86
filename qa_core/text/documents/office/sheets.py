"""Excel files to what their sheets show."""

from __future__ import annotations

import datetime
import io
import re
from typing import Any

from qa_core.text.documents.blocks import Block, Table
from qa_core.text.documents.office.archive import Archive


def xlsx(data: bytes) -> tuple[list[Block], list[str]]:
    """The sheets of an Excel file that are not hidden: names, titles, and tables as rows."""
    from openpyxl import load_workbook

    Archive(data)
    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    blocks: list[Block] = []
    hidden: list[str] = []
    found = False
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            hidden.append(sheet.title)
            continue
        sheet.reset_dimensions()
        blocks.append(sheet.title)
        rows: list[list[str]] = []
        for row in sheet.iter_rows():
            cells = [_cell(one) for one in row]
            if any(cells):
                found = True
                rows.append(cells)
            else:
                blocks += _sheet_blocks(rows)
                rows = []
        blocks += _sheet_blocks(rows)
    notes = [f"hidden sheets were left out: {', '.join(hidden)}"] if hidden else []
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
        return _number(value, form)
    if isinstance(value, datetime.datetime):
        midnight = value.time() == datetime.time()
        return value.strftime("%Y-%m-%d" if midnight else "%Y-%m-%d %H:%M")
    return str(value)


def _number(value: float, form: str) -> str:
    shown = form.partition(";")[0]
    places = re.search(r"0\.(0+)", shown)
    decimals = len(places[1]) if places else 0
    if "%" in shown:
        return f"{value * 100:.{decimals}f}%"
    plain = f"{value:.15g}"
    if re.search(r"[#0]", shown):
        plain = f"{value:{',' if '#,##' in shown else ''}.{decimals}f}"
    signs = re.findall(r'"([^"]*)"|([€$£¥])', re.sub(r"\[\$([^\]-]*)[^\]]*\]", r'"\1"', shown))
    signs = ["".join(one) for one in signs]
    if signs and signs[0].strip():
        first = re.search(r"[#0]", shown)
        leads = first is not None and 0 <= shown.find(signs[0].strip()) < first.start()
        return f"{signs[0]}{plain}" if leads else f"{plain} {signs[0].strip()}"
    return plain
