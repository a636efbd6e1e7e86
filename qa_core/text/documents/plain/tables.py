"""Tables in plain text, such as CSV, to lines that name their columns."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator

from qa_core.text.documents.blocks import Block
from qa_core.text.documents.decoding import decoded
from qa_core.text.documents.office.cells import Cover, sheet_blocks

DELIMITERS = "\t;|,"  # the last is the likeliest to stand within cells
LOOKED_AT = 200  # rows that tell the delimiter


def table(data: bytes) -> tuple[list[Block], list[str]]:
    """A table's rows as lines with the names of their columns, and notes."""
    text, note = decoded(data)
    csv.field_size_limit(2**31 - 1)
    first, _, rest = text.partition("\n")
    told = first.strip().strip('"')  # Excel's own line: sep=;
    is_told = told.lower().startswith("sep=") and len(told) == 5
    source = re.sub(r"\n{3,}", "\n\n", rest if is_told else text)
    delimiter = told[4] if is_told else _delimiter(source)
    rows = enumerate(_parted([*_rows(source, delimiter)]), 1)
    return sheet_blocks(rows, Cover()), [note] if note else []


def _rows(source: str, delimiter: str) -> Iterator[list[str]]:
    """The rows of a table; where a quote is never closed, as if no cell was quoted."""
    try:
        yield from [*csv.reader(io.StringIO(source), delimiter=delimiter, strict=True)]
    except csv.Error:
        yield from csv.reader(io.StringIO(source), delimiter=delimiter, quoting=csv.QUOTE_NONE)


def _delimiter(source: str) -> str:
    """What parts the cells: by which most of the rows have the same number of them, above one."""

    def fit(delimiter: str) -> float:
        reader = csv.reader(io.StringIO(source), delimiter=delimiter)
        widths = [len(row) for row, _ in zip(filter(any, reader), range(LOOKED_AT), strict=False)]
        ((width, times),) = Counter(widths).most_common(1) or [(0, 0)]
        return round(times / len(widths), 1) if width > 1 else 0.0

    return max(DELIMITERS, key=fit)


def _parted(rows: list[list[str]]) -> Iterator[list[str]]:
    """Rows, and a blank one between those that stand before the table, as banks put them there,
    and its own, which are as wide as most."""
    widths = Counter(len(row) for row in rows if any(row))
    usual = widths.most_common(1)[0][0] if widths else 0
    begins = next((place for place, row in enumerate(rows) if len(row) == usual), 0)
    yield from rows[:begins]
    yield []
    yield from rows[begins:]
