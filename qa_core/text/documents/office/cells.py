"""What a sheet shows of its cells: titles and tables, without what is hidden or merged. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import takewhile

from qa_core.text.documents.blocks import COVERED, Block, Table, is_name

MOST_COLUMNS = 16_384
MOST_NAMES = 3  # rows of names of columns


@dataclass(frozen=True, slots=True)
class Cover:
    """What of a sheet is covered up: the numbers of hidden rows and columns, from 1, and by their
    first row, which cells are merged: their first column, last row and last column."""

    rows: frozenset[int] = frozenset()
    columns: frozenset[int] = frozenset()
    merged: dict[int, list[tuple[int, int, int]]] = field(default_factory=dict)

    def seen(self, cells: list[str]) -> list[str]:
        """A row without its hidden cells."""
        if not self.columns:
            return cells
        return [one for place, one in enumerate(cells, 1) if place not in self.columns]


def sheet_blocks(rows: Iterable[tuple[int, list[str]]], cover: Cover) -> list[Block]:
    """A sheet's rows by their numbers, which rise, as titles and tables; blank rows part them."""
    blocks: list[Block] = []
    together: dict[int, list[str]] = {}
    for number, cells in rows:
        if number in cover.rows:
            continue
        if any(cover.seen(cells)):
            together[number] = cells
        else:
            _join(blocks, _between_blanks(together, cover))
            together = {}
    _join(blocks, _between_blanks(together, cover))
    return blocks


def left_out(
    hidden: Sequence[str], partly: Sequence[str], uncounted: int, program: str
) -> list[str]:
    """What of a book is not read, a line each.

    hidden: its hidden sheets. partly: those that have hidden rows or columns. uncounted: how many
    formulas hold no value, which the program would give them.
    """
    notes = [f"hidden sheets were left out: {', '.join(hidden)}"] if hidden else []
    if partly:
        notes.append(f"hidden rows and columns were left out of: {', '.join(partly)}")
    if uncounted:
        notes.append(
            f"formulas that hold no value, {uncounted} in all, were left out; open the file in "
            f"{program} and save it"
        )
    return notes


def _join(blocks: list[Block], new: list[Block]) -> None:
    """Add blocks below a blank row: a table of figures is one with the names right above."""
    last = blocks[-1] if blocks else ""
    first = new[0] if new else ""
    if isinstance(last, Table) and isinstance(first, Table) and len(new) == 1:
        names = [cell for row in last.rows for cell in row if cell]
        width = max(sum(map(bool, row)) for row in first.rows)
        is_head = len(last.rows) <= MOST_NAMES and all(map(is_name, names))
        is_wide = sum(map(bool, last.rows[-1])) + 1 >= width > 2
        if is_head and is_wide and last.headers is first.headers is None and first.has_figures:
            blocks[-1] = Table([*last.rows, *first.rows], len(last.rows))
            return
    blocks += new


def _between_blanks(numbered: dict[int, list[str]], cover: Cover) -> list[Block]:
    """Rows between blank ones: titles, which stand alone on their row, and a table."""
    headers: int | None = None
    widest = max(map(len, numbered.values()), default=0)
    for place, number in enumerate(numbered):
        is_title = sum(map(bool, numbered[number])) == 1
        for first, bottom, last in cover.merged.get(number, ()):
            is_head = place < 2 and not is_title
            merge = number, first, bottom, last
            if _unmerge(numbered, merge, is_head, widest) and headers is None:
                headers = place
    rows = [cover.seen(row) for row in numbered.values()]
    blocks: list[Block] = [
        "".join(row) for row in takewhile(lambda row: sum(map(bool, row)) == 1, rows)
    ]
    rows = rows[len(blocks) :]
    if headers is not None:  # below a header over several columns stand those of each
        headers = max(headers + 2 - len(blocks), 1)
    return [*blocks, Table(rows, headers)] if rows else blocks


def _unmerge(
    rows: dict[int, list[str]], merge: tuple[int, int, int, int], is_head: bool, widest: int
) -> bool:
    """Say what merged cells hold once, and again where it names a row, or columns of the head;
    return whether it names columns.

    rows: by their numbers. merge: the first row and column, and the last ones. widest: the most
    cells of a row.
    """
    top, first, bottom, last = merge
    held = rows[top][first - 1] if first <= len(rows[top]) else ""
    below = list(filter(None, rows.get(bottom + 1, [])[first - 1 : last]))
    columns = is_head and bool(held) and len(below) > 1 and all(map(is_name, below))
    names_row = not any(rows[top][: first - 1])
    for number in range(top, min(bottom, next(reversed(rows))) + 1):
        row = rows.get(number, [])
        if columns or number == top:  # blank cells at a row's end may be missing
            reach = len(rows[bottom + 1]) if columns else widest
            row += [""] * (min(last, reach) - len(row))
        for place in range(first - 1, min(last, len(row))):
            is_said = (columns or place == first - 1) and (names_row or number == top)
            is_beside = number == top and place >= first
            row[place] = held if is_said else COVERED if is_beside else ""
    return columns
