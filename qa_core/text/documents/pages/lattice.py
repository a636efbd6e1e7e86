"""The cells that lines drawn on a page part. Pure.

Places are counted in points from a page's upper left.
"""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from qa_core.text.documents.pages.segments import FIGURE
from qa_core.text.documents.pages.sheets import Cell, Piece, bands_of

NEAR = 2.0  # points between lines that meet
ONE = 4.0  # points between the lines of a pair, as around cells that stand apart
MOST_CELLS = 20_000
LONGEST_CELL = 1000  # characters; what is longer is a page that lines part
WORDED = 0.5  # share of a table's rows that hold words in several cells
WHOLE = 0.5  # share of a grid's cells that are no parts of larger ones
CUT = 0.05  # share of words that may stand across a line
FILLED = 0.8  # share of the lines in a row of cells that are rows themselves

_Place = tuple[int, int]  # row and column


def meeting(rules: Iterable[Piece]) -> Iterator[list[Piece]]:
    """Lines that meet, directly or by others."""
    groups: dict[int, list[Piece]] = {}
    open_: list[tuple[Piece, int]] = []  # lines that may reach to the next, with their groups
    for number, rule in enumerate(sorted(rules, key=lambda one: one.top)):
        open_ = [(one, of) for one, of in open_ if one.bottom + NEAR > rule.top]
        met = {of for one, of in open_
               if max(one.left, rule.left) - min(one.right, rule.right) < NEAR}  # fmt: skip
        groups[number] = [one for of in met for one in groups.pop(of)] + [rule]
        open_ = [(one, number if of in met else of) for one, of in open_]
        open_.append((rule, number))
    yield from groups.values()


@dataclass(frozen=True, slots=True)
class Lattice:
    """Lines that part columns and rows. columns, rows: where these begin, and the last one ends.

    owners: of each cell of the grid, the one of which it is a part, or itself.
    """

    columns: Sequence[float]
    rows: Sequence[float]
    owners: dict[_Place, _Place]

    @classmethod
    def of(cls, rules: Sequence[Piece]) -> Lattice | None:
        """The lattice of lines that meet; None if they part no rows or no columns."""
        across = [one for one in rules if one.right - one.left >= one.height]
        down = [one for one in rules if one.right - one.left < one.height]
        sides = [side for one in rules for side in (one.left, one.right)]
        ends = [end for one in rules for end in (one.top, one.bottom)]
        columns = _apart([min(sides), max(sides), *((one.left + one.right) / 2 for one in down)])
        rows = _apart([min(ends), max(ends), *(one.middle for one in across)])
        if min(len(columns), len(rows)) < 3 or len(columns) * len(rows) > MOST_CELLS:
            return None
        to_left = {
            (row, _nearest(columns, (one.left + one.right) / 2))
            for one in down for row in _between(rows, one.top, one.bottom)
        }  # fmt: skip
        above = {
            (_nearest(rows, one.middle), column)
            for one in across for column in _between(columns, one.left, one.right)
        }  # fmt: skip
        owners: dict[_Place, _Place] = {}
        for place in itertools.product(range(len(rows) - 1), range(len(columns) - 1)):
            row, column = place
            if column and place not in to_left:
                owners[place] = owners[row, column - 1]
            elif row and place not in above:
                owners[place] = owners[row - 1, column]
            else:
                owners[place] = place
        return cls(columns, rows, owners)

    def holds(self, piece: Piece) -> bool:
        """Whether a word stands within the lines."""
        middle = (piece.left + piece.right) / 2
        inside = self.columns[0] < middle < self.columns[-1]
        return inside and self.rows[0] < piece.middle < self.rows[-1]

    def cells(self, pieces: Sequence[Piece]) -> list[Cell]:
        """The cells of words within the lines; none if they are no table's.

        Where a row of cells holds lines that are rows themselves, each is one.
        """
        owned = [self._owner(one, (one.left + one.right) / 2) for one in pieces]
        if not self._is_table(pieces, owned):
            return []
        ends = {owner: place for place, owner in self.owners.items()}  # the last part of each
        lines: dict[int, int] = {}  # of words, by their ids: the row within a row of cells
        first = [0]  # of each row of cells, the number of its first row
        for row in range(len(self.rows) - 1):
            inside = [one for one, owner in zip(pieces, owned, strict=True)
                      if owner[0] == ends[owner][0] == row]  # fmt: skip
            bands = self._rows_in(inside)
            lines |= {id(one): at for at, band in enumerate(bands) for one in band}
            first.append(first[-1] + max(len(bands), 1))
        return [
            Cell(
                0,
                first[owner[0]] + lines.get(id(one), 0),
                owner[1],
                ends[owner][1] - owner[1] + 1,
                first[ends[owner][0] + 1] - first[owner[0]] if owner[0] < ends[owner][0] else 1,
            )
            for one, owner in zip(pieces, owned, strict=True)
        ]

    def _owner(self, piece: Piece, across: float) -> _Place:
        row = bisect_right(self.rows, piece.middle) - 1
        column = bisect_right(self.columns, across) - 1
        return self.owners[row, min(max(column, 0), len(self.columns) - 2)]

    def _is_table(self, pieces: Sequence[Piece], owned: Sequence[_Place]) -> bool:
        """Whether cells hold words as those of a table do, and not those of a page or a drawing."""
        lengths: dict[_Place, int] = defaultdict(int)
        for one, owner in zip(pieces, owned, strict=True):
            lengths[owner] += len(one.text) + 1
        by_row: dict[int, int] = defaultdict(int)
        for row, _ in lengths:
            by_row[row] += 1
        worded = sum(count > 1 for count in by_row.values())
        cut = sum(
            self._owner(one, one.left + one.height / 4)
            != self._owner(one, one.right - one.height / 4)
            for one in pieces
        )
        return (
            worded > 1
            and worded >= WORDED * len(by_row)
            and len(set(self.owners.values())) >= WHOLE * len(self.owners)
            and max(lengths.values()) <= LONGEST_CELL
            and cut <= CUT * len(pieces)
        )

    def _rows_in(self, pieces: Sequence[Piece]) -> list[list[Piece]]:
        """The lines in a row of cells, if each is a row."""
        bands = bands_of(pieces)
        by_column = [
            {bisect_right(self.columns, (one.left + one.right) / 2): one.text for one in band[::-1]}
            for band in bands
        ]
        used = set().union(*by_column)
        full = sum(set(columns) == used for columns in by_column)
        figures = any(
            all(FIGURE.fullmatch(columns.get(column, "")) for columns in by_column)
            for column in used
        )
        begun = [text[0].islower() for columns in by_column for text in columns.values()]
        is_rows = (
            len(used) > 1
            and len(bands) > (1 if figures else 2)
            and full >= FILLED * len(bands)
            and sum(begun) <= (1 - FILLED) * len(begun)  # or they are lines of sentences
        )
        return bands if is_rows else [list(pieces)]


def _apart(places: Iterable[float]) -> list[float]:
    """Places in order, those of one line, or of a pair of lines, once."""
    found: list[float] = []
    for place in sorted(places):
        if found and place - found[-1] < ONE:
            continue
        found.append(place)
    return found


def _nearest(places: Sequence[float], at: float) -> int:
    return min(range(len(places)), key=lambda number: abs(places[number] - at))


def _between(places: Sequence[float], start: float, end: float) -> list[int]:
    """Which of the parts between places a line passes."""
    return [
        number
        for number, (one, other) in enumerate(itertools.pairwise(places))
        if start - NEAR < (one + other) / 2 < end + NEAR
    ]
