"""Tables whose cells are told by tags, by lines drawn around them, or by their places. Pure.

Places are counted in points from a page's upper left.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce

from qa_core.text.documents.blocks import COVERED, Table, guessed_headers, is_name, table_lines
from qa_core.text.documents.pages.aligned import aligned
from qa_core.text.documents.pages.lattice import Lattice, meeting
from qa_core.text.documents.pages.sheets import EDGE, Cell, Piece, Sheet, bands_of, united

NEAR = 3.0  # points by which a table's left side differs at most on the next page
MOST_RULES = 5000  # of a page; more are a drawing

_Placed = dict[tuple[int, int], tuple[Cell, list[Piece]]]  # by row and column


@dataclass(frozen=True, slots=True)
class Heads:
    """The names of a table's columns, for where it goes on on the next page.

    left: where its first column begins.
    """

    rows: Sequence[Sequence[str]]
    left: float


def tabled(sheet: Sheet, before: Heads | None = None) -> tuple[list[Piece], Heads | None]:
    """A page's words, in which each row of a table is one piece, told as a line; and the names of
    the table that the page ends with. before: those of the last page's."""
    found: list[Piece] = []
    tables: dict[int, list[Piece]] = defaultdict(list)
    for piece in _known(sheet):
        if piece.cell is None:
            found.append(piece)
        else:
            tables[piece.cell.table].append(piece)
    margin = EDGE * sheet.height
    after: Heads | None = None
    for pieces in sorted(tables.values(), key=lambda one: min(piece.top for piece in one)):
        top, bottom = min(one.top for one in pieces), max(one.bottom for one in pieces)
        is_first = not any(margin < one.bottom < top for one in found)
        rows, after = _told(pieces, before if is_first else None)
        found += rows
        if any(bottom < one.top < sheet.height - margin for one in found):
            after = None
    return found, after


def _told(pieces: Sequence[Piece], before: Heads | None) -> tuple[Sequence[Piece], Heads | None]:
    """A table's rows, and its names; its words as they are if they are but one column.

    before: the names of a table on the last page, which this one may go on with.
    """
    placed: _Placed = {}
    for piece in pieces:
        if piece.cell is not None:
            key = piece.cell.row, piece.cell.column
            placed.setdefault(key, (piece.cell, []))[1].append(piece)
    if len({column for _, column in placed}) < 2:
        return [replace(piece, cell=None) for piece in pieces], None
    headers = _headers(placed)
    rows = _grid(placed, headers or 0)
    said, titles = list(rows.values()), 0
    while titles < len(said) and sum(map(bool, said[titles])) == 1:
        titles += 1
    left, right = min(one.left for one in pieces), max(one.right for one in pieces)
    heads: Sequence[Sequence[str]] = before.rows if before is not None else ()
    if before is not None and not (
        heads and not headers and heads[0] != said[0] and len(heads[0]) == len(said[0])
        and abs(before.left - left) < NEAR
    ):  # fmt: skip
        heads = ()
    if heads:
        lines = table_lines(Table([*heads, *said], len(heads)))[len(heads) :]
    else:
        body = said[titles:]
        told = None if headers is None else max(headers - titles, 0)
        heads = body[: guessed_headers(body) if told is None and len(body) > 1 else told or 0]
        lines = ["".join(row) for row in said[:titles]] + table_lines(Table(body, told))
    found = []
    for row, line in zip(rows, lines, strict=True):
        parts = [one for key in sorted(placed) if key[0] == row for one in placed[key][1]]
        top, bottom = min(one.top for one in parts), max(one.bottom for one in parts)
        found.append(Piece(line, left, top, right, bottom, tuple(parts), is_row=True))
    return found, Heads(heads, left)


def _grid(placed: _Placed, headers: int) -> dict[int, list[str]]:
    """The text of each column of the rows that hold words.

    A header stands over each column that it spans; what spans rows is said again only in the first
    column, where it names them.
    """
    width = max(cell.column + cell.wide for cell, _ in placed.values())
    rows = {row: [""] * width for row, _ in sorted(placed)}
    heads = list(rows)[:headers]
    for (row, column), (cell, pieces) in sorted(placed.items()):
        text = _text(pieces)
        is_head = cell.wide < width and (cell.is_name or row in heads)
        for below in range(row, row + (cell.tall if column == 0 else 1)):
            for place in range(column, column + (cell.wide if is_head else 1)):
                if below in rows:
                    rows[below][place] = text
        if not is_head:
            for place in range(column + 1, column + cell.wide):
                rows[row][place] = COVERED
    return rows


def _text(pieces: Sequence[Piece]) -> str:
    """A cell's words, in the order of its lines."""
    return " ".join(reduce(united, band).text for band in bands_of(pieces))


def _headers(placed: _Placed) -> int | None:
    """How many of the first rows are names; None if that is not told."""
    rows: dict[int, list[tuple[Cell, list[Piece]]]] = defaultdict(list)
    for (row, _), one in sorted(placed.items()):
        rows[row].append(one)
    if any(cell.is_name for cell, _ in placed.values()):
        named = [all(cell.is_name for cell, _ in row) for row in rows.values()]
        count = [*named, False].index(False)
        return count if count < len(named) else 0
    width = max(cell.column + cell.wide for cell, _ in placed.values())
    of = list(rows.values())
    while of and of[0][0][0].wide == width:
        del of[0]
    if len(of) < 3 or all(cell.wide == 1 for cell, _ in of[0]):
        return None
    below = {cell.column: is_name(_text(pieces)) for cell, pieces in of[1] if cell.wide == 1}
    over = [cell for cell, _ in of[0] if cell.wide > 1]
    columns = [one for cell in over for one in range(cell.column, cell.column + cell.wide)]
    is_two = all(map(below.get, columns)) and all(below.values())
    return len(rows) - len(of) + 2 if is_two else None


def _known(sheet: Sheet) -> list[Piece]:
    """A page's words with their cells: those that are told, drawn, or stand as a table's do."""
    found = list(sheet.pieces)
    number = 1 + max((one.cell.table for one in found if one.cell is not None), default=0)
    for group in meeting(sheet.rules) if len(sheet.rules) <= MOST_RULES else ():
        lattice = Lattice.of(group)
        inside = [place for place, one in enumerate(found) if lattice and lattice.holds(one)]
        if lattice is None or any(found[place].cell is not None for place in inside):
            continue
        cells = lattice.cells([found[one] for one in inside])
        for place, cell in zip(inside, cells, strict=False):
            found[place] = replace(found[place], cell=replace(cell, table=number))
        number += 1
    for table in list(aligned(found, sheet.rules)):
        found = [
            replace(one, cell=replace(table[id(one)], table=number)) if id(one) in table else one
            for one in found
        ]
        number += 1
    return found
