"""Rows of tables: CSV with any of the usual delimiters, Excel files, and Parquet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from itertools import chain, dropwhile
from pathlib import Path
from typing import Any

from qa_core.data.problems import Problem, show
from qa_core.data.progress import rows_bar
from qa_core.data.texts import damage, lines
from qa_core.errors import DataError, one_line
from qa_core.text.documents import kinds

FIELDS = (
    "id", "qid", "title", "context", "question", "answers", "answer", "answer_text",
    "answer_start", "answer_spans", "detected_answers", "is_impossible",
)  # fmt: skip
DELIMITERS = ",;\t|"
EXCEL_CUTS_AT = 32_767  # characters in a cell

_ANSWERS = {"answers", "answer", "answer_text", "detected_answers", "is_impossible"}
_FETCH = "fetch or export the file again"


def check_columns(found: Sequence[str], labelled: bool) -> None:
    """Raise Problem unless there are questions and contexts and, if `labelled`, answers."""
    if twice := sorted({name for name in FIELDS if list(found).count(name) > 1}):
        mend = "rename or remove the others"
        raise Problem("each column once", f"{', '.join(twice)} twice", mend)
    missing = {"question", "context"}.difference(found)
    if labelled and _ANSWERS.isdisjoint(found):
        missing.add("answers")
    if missing:
        columns = "question, context and answers" if labelled else "question and context"
        mend = f"add or rename {', '.join(sorted(missing))}"
        raise Problem(f"columns {columns}", show(list(found)), mend)


def check_kind(data: bytes) -> None:
    """Raise Problem if a file, or its beginning, is of a kind that holds no rows."""
    found = kinds.old_office(data) or kinds.kind(data)
    if found not in (".xlsx", None):
        found = kinds.NAMES.get(found, found)
        raise Problem("a table, JSON or Parquet", found, "export the rows as CSV or JSON Lines")


def csv_rows(
    path: Path, encoding: str, progress: bool, labelled: bool
) -> Iterator[tuple[int, object]]:
    """Rows as a spreadsheet numbers them: the header is 1. Empty cells are None."""
    csv.field_size_limit(2**31 - 1)  # the default refuses contexts over 131,072 characters
    text = lines(path, encoding, progress, newline="")
    begin = list(zip(range(3), dropwhile(lambda line: not line.strip(), text), strict=False))
    read = [line for _, line in begin]
    said = read[0].strip()
    skipped = 0
    if said.startswith("sep=") and len(said) == 5:  # Excel's own line before the header
        read, skipped = read[1:], 1
    delimiter = said[4] if skipped else delimiter_of(read[0] if read else "")
    records = csv.reader(chain(read, text), delimiter=delimiter, strict=True)
    try:
        header = _names(next(records, []))
        check_columns(header, labelled)
        for number, cells in enumerate(records, start=2 + skipped):
            if cells:
                yield number, _fields(header, cells)
    except csv.Error as error:
        mend = "quote each text with double quotes and double those inside"
        raise Problem("CSV", f"line {records.line_num}: {error}", mend) from error


def delimiter_of(header: str) -> str:
    """What stands between the names of the columns: what makes most of them known names."""

    def known(delimiter: str) -> tuple[int, int]:
        try:
            names = _names(next(csv.reader([header], delimiter=delimiter), []))
        except csv.Error:
            return 0, 0
        return len({*names}.intersection(FIELDS)), len(names)

    return max(DELIMITERS, key=known)


def _names(cells: Sequence[str]) -> list[str]:
    return [cell.strip().lower() for cell in cells]


def _fields(header: Sequence[str], cells: Sequence[str]) -> object:
    if len(cells) != len(header):
        mend = "quote texts that hold delimiters, quotes or line ends"
        return Problem(f"{len(header)} cells", f"{len(cells)}", mend)
    if problem := damage("".join(cells)):
        return problem
    return {name: cell or None for name, cell in zip(header, cells, strict=True)}


def xlsx_rows(path: Path, progress: bool, labelled: bool) -> Iterator[tuple[int, object]]:
    """Rows of the first sheet that is not hidden and has the columns, numbered as Excel does.

    Numbers and truth values come as text. Raises Problem, or DataError where the file is larger
    than archives may be.
    """
    from openpyxl import load_workbook

    from qa_core.text.documents.office.archive import Archive

    data = path.read_bytes()
    check_kind(data)
    try:
        Archive(data)
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        tables = [_sheet(sheet) for sheet in sheets]
        heads = [next(table, (1, [])) for table in tables]
        fit = [{"question", "context"} <= {*_names(cells)} for _, cells in heads]
        chosen = fit.index(True) if True in fit else 0
        header = _names(heads[chosen][1]) if heads else []
        check_columns(header, labelled)
        for number, cells in rows_bar(tables[chosen], path.name, progress):
            yield number, _excel_fields(header, cells)
    except (Problem, DataError):
        raise
    except Exception as error:  # damaged files raise many kinds
        found = f"a damaged one: {one_line(error)}"
        raise Problem("a sound Excel file", found, "open it and save it anew") from error


def _sheet(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    """The rows of a sheet that are not blank, with their numbers."""
    sheet.reset_dimensions()
    for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
        cells = [_shown(value) for value in row]
        if any(cells):
            yield number, cells


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _excel_fields(header: Sequence[str], cells: Sequence[str]) -> object:
    if any(len(cell) >= EXCEL_CUTS_AT for cell in cells):
        found = f"one of {EXCEL_CUTS_AT:,} characters, where Excel cuts texts"
        return Problem("whole texts", found, "export the rows as CSV or JSON Lines")
    filled = [*cells, *[""] * (len(header) - len(cells))]
    return {name: cell or None for name, cell in zip(header, filled, strict=False)}


def parquet_rows(path: Path, progress: bool, labelled: bool) -> Iterator[tuple[int, object]]:
    """Rows of a Parquet file, from 1."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        mend = "pip install 'spanloop[train]', or export the rows as CSV or JSON Lines"
        raise Problem("the library pyarrow, to read Parquet", "none", mend) from error
    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            names = _names(file.schema_arrow.names)
            check_columns(names, labelled)
            known = {own: name for own, name in zip(file.schema_arrow.names, names, strict=True)
                     if name in FIELDS}  # fmt: skip
            batches = file.iter_batches(batch_size=1000, columns=[*known], use_threads=False)
            records = (
                {known[own]: value for own, value in record.items()}
                for batch in batches
                for record in batch.to_pylist()
            )
            total = file.metadata.num_rows
            yield from enumerate(rows_bar(records, path.name, progress, total), 1)
    except pyarrow.ArrowMemoryError:
        raise  # a MemoryError, too
    except pyarrow.ArrowException as error:
        found = f"none that can be read: {one_line(error)}"
        raise Problem("Parquet", found, _FETCH) from error
