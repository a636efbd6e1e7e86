"""Tables whose columns are near each other: told by what stands below each other. Pure.

Places are counted in points from a page's upper left.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from statistics import median

from qa_core.text.documents.pages.segments import (
    FIGURE,
    NARROW,
    SPLIT,
    are_beside,
    cuts_of,
    is_bulleted,
)
from qa_core.text.documents.pages.sheets import Cell, Piece, bands_of, united

EXACT = 0.15  # points by which cells that begin at one place differ at most
LEAST = 3  # lines of a table
ALIKE = 3  # words at one place, the least of a column
BLANK = 0.3  # ems that no blank between words takes, unless its line is stretched
MOST = 0.8  # share of a table's rows
REACH = 8  # lines above and below, among which a table's cells are looked for
FOLLOWS = 2.0  # ems from the middle of a line to that of the next
WORDS = 3, 4  # most words in the usual cell of a table of two columns, and of more
FIGURES = 0.3  # share of cells that are figures, from which on there may be more
RUNNING = 0.25  # share of a text's lines that are full
FULL = 0.7  # share of a column's width that a full line takes
LONGER = 3  # lines beside a table's that have its columns, from which on these are a page's
FARTHER = 0.25  # ems by which rows of several lines stand farther apart than their lines
RULED = 3  # lines drawn within a table, from which on they part each of its rows

_Line = list[list[Piece]]  # its cells


@dataclass(frozen=True, slots=True)
class _Columns:
    """The columns of a table, from the left: where each begins and ends."""

    spans: Sequence[tuple[float, float]]

    @classmethod
    def of(cls, lines: Sequence[_Line]) -> _Columns | None:
        """The columns of lines; None if some line has two cells in one."""
        sides = sorted(
            (cell[0].left, max(one.right for one in cell))
            for line in lines if len(line) > 1 for cell in line
        )  # fmt: skip
        spans: list[tuple[float, float]] = []
        for left, right in sides:
            if spans and left < spans[-1][1]:
                spans[-1] = spans[-1][0], max(right, spans[-1][1])
            else:
                spans.append((left, right))
        found = cls(spans)
        places = [[found.place(cell) for cell in line] for line in lines]
        return found if all(len(set(line)) == len(line) for line in places) else None

    def place(self, cell: Sequence[Piece]) -> int:
        """Which column a cell stands in."""
        return max(bisect_right(self.spans, (cell[0].left + EXACT, float("inf"))) - 1, 0)

    def go_on(self, band: Sequence[Piece], cuts: set[int]) -> bool:
        """Whether a line has a column at the same place."""
        lefts = [left for left, _ in self.spans[1:]]
        return any(abs(band[at].left - left) < EXACT for at in cuts for left in lefts)

    def hold(self, piece: Piece) -> bool:
        """Whether words stand within one of the columns."""
        return any(
            left - EXACT < piece.left and piece.right < right + EXACT for left, right in self.spans
        )


def aligned(pieces: Sequence[Piece], rules: Sequence[Piece]) -> Iterator[dict[int, Cell]]:
    """Of each table, the cells of its words, by their ids."""
    bands = bands_of(one for one in pieces if one.cell is None)
    cuts = [_with_number(band, cut) for band, cut in zip(bands, cuts_of(bands), strict=True)]
    begun = _begun(bands, cuts)
    number = 0
    while number < len(bands):
        if not begun[number]:
            number += 1
            continue
        lefts = {bands[number][at].left for at in cuts[number] | begun[number]}
        first, last = number, number
        while _goes_on(bands, cuts, begun, first - 1, first, lefts):
            first -= 1
        while _goes_on(bands, cuts, begun, last + 1, last, lefts):
            last += 1
        lines = [_cells(bands[row], cuts[row] | begun[row]) for row in range(first, last + 1)]
        columns = _Columns.of(lines)
        while columns is None and len(lines) > LEAST:  # a line beside the table has its places
            is_above = _longest(lines[0]) > _longest(lines[-1])
            first, last = (first + 1, last) if is_above else (first, last - 1)
            lines = lines[1:] if is_above else lines[:-1]
            columns = _Columns.of(lines)
        others = [row for row in range(len(bands)) if not first <= row <= last]
        if (
            columns is not None
            and _is_table(lines, columns)
            and sum(columns.go_on(bands[row], cuts[row]) for row in others) < LONGER
        ):
            below = last + 1
            while below < len(bands) and _is_below(bands, below, columns):
                lines.append([bands[below]])
                below += 1
            last = below - 1
            yield dict(_placed(lines, columns, rules))
        number = max(last, number) + 1


def _longest(line: _Line) -> int:
    return max(map(len, line))


def _with_number(band: Sequence[Piece], cuts: set[int]) -> set[int]:
    """A line's cuts, also behind a number that rather begins a row than an item of a list."""
    first, *rest = band
    is_far = bool(rest) and rest[0].left - first.right > SPLIT * first.height
    return cuts | {1} if cuts and is_far and first.text.isdigit() else cuts


def _begun(bands: Sequence[Sequence[Piece]], cuts: Sequence[set[int]]) -> list[set[int]]:
    """Of each line, the words that begin cells, though what is before them may be near.

    They begin where other lines have words after a wide gap, or are figures that end at one place.
    """
    found: list[set[int]] = [set() for _ in bands]
    lefts, rights = _Places(), _Places()
    for number, band in enumerate(bands):
        for place, word in enumerate(band[1:], 1):
            lefts.add(word.left, (number, place))
            if FIGURE.fullmatch(word.text):
                rights.add(word.right, (number, place))
    for number, band in enumerate(bands):
        near: set[int] | None = None
        for place, word in enumerate(band[1:], 1):
            begun = lefts.near(word.left)
            ended = rights.near(word.right) if FIGURE.fullmatch(word.text) else []
            if max(len(begun), len(ended)) < ALIKE:
                continue
            if place not in cuts[number] and is_bulleted(band, place):
                continue
            near = _around(bands, number) if near is None else near
            alike = [(row, at) for row, at in begun if row in near]
            count = sum(at in cuts[row] for row, at in alike)
            if count < 2:
                alike = [(row, at) for row, at in ended if row in near]
                gaps = [bands[row][at].left - bands[row][at - 1].right
                        for row, at in [(number, place), *alike]]  # fmt: skip
                count = len(alike) if max(gaps) > NARROW * word.height else 0
            if count > 1 and {row for row, _ in alike} & {number - 1, number + 1}:
                found[number].add(place)
    return _completed(bands, cuts, found, lefts)


def _completed(
    bands: Sequence[Sequence[Piece]],
    cuts: Sequence[set[int]],
    begun: Sequence[set[int]],
    lefts: _Places,
) -> list[set[int]]:
    """The words that begin cells, also those that stand below each other in all rows of a table,
    behind more than a blank."""
    found = [set(places) for places in begun]
    for number, band in enumerate(bands):
        rows = {row for row in _around(bands, number) if begun[row]} if begun[number] else set()
        for place, (last, word) in enumerate(pairwise(band), 1):
            gap = word.left - last.right
            letter = (last.right - last.left) / len(last.text)  # as wide as a blank, in some fonts
            if len(rows) < LEAST or place in cuts[number] or gap < BLANK * word.height:
                continue
            alike = {row for row, at in lefts.near(word.left)
                     if row in rows and bands[row][at - 1].text != last.text}  # fmt: skip
            if len(alike) >= MOST * len(rows) and abs(gap - letter) > 0.02 * letter:
                found[number].add(place)
    return found


class _Places:
    """Words by where they begin or end."""

    def __init__(self) -> None:
        self._held: dict[int, list[tuple[float, tuple[int, int]]]] = defaultdict(list)

    def add(self, at: float, word: tuple[int, int]) -> None:
        self._held[int(at)].append((at, word))

    def near(self, at: float) -> list[tuple[int, int]]:
        """The words at a place."""
        around = {int(at - EXACT), int(at + EXACT)}
        return [word for key in around for other, word in self._held.get(key, ())
                if abs(other - at) < EXACT]  # fmt: skip


def _around(bands: Sequence[Sequence[Piece]], number: int) -> set[int]:
    """The lines around one, as far as they follow each other."""
    found = set()
    for step in (-1, 1):
        row = number
        while abs(row + step - number) <= REACH and _follows(bands, row, row + step):
            row += step
            found.add(row)
    return found


def _follows(bands: Sequence[Sequence[Piece]], row: int, other: int) -> bool:
    if not 0 <= other < len(bands):
        return False
    one, two = bands[row][0], bands[other][0]
    return abs(one.middle - two.middle) < FOLLOWS * one.height and not two.is_row


def _goes_on(
    bands: Sequence[Sequence[Piece]],
    cuts: Sequence[set[int]],
    begun: Sequence[set[int]],
    row: int,
    beside: int,
    lefts: set[float],
) -> bool:
    """Whether a line has cells, too, or goes on with one, or stands between lines that have.

    lefts: where the cells of the line from which the table was found begin, but the first.
    """
    if not _follows(bands, beside, row):
        return False
    further = 2 * row - beside
    between = _follows(bands, row, further) and bool(begun[further]) and bool(begun[beside])
    begins = any(abs(bands[row][0].left - left) < EXACT for left in lefts)
    return bool(cuts[row] | begun[row]) or between or begins


def _cells(band: Sequence[Piece], cuts: set[int]) -> _Line:
    line: _Line = [[]]
    for place, piece in enumerate(band):
        if place in cuts:
            line.append([])
        line[-1].append(piece)
    return line


def _is_table(lines: Sequence[_Line], columns: _Columns) -> bool:
    """Whether cells are as short as a table's are, or figures, and no text in columns."""
    cells: list[list[Piece]] = [[] for _ in columns.spans]
    for line in lines:
        for cell in line:
            cells[columns.place(cell)].append(reduce(united, cell))
    texts = [cell.text for column in cells for cell in column]
    figures = sum(bool(FIGURE.fullmatch(text)) for text in texts)
    most = WORDS[len(columns.spans) > 2]
    is_short = median(len(text.split()) for text in texts) <= most
    rows = [{columns.place(cell): reduce(united, cell) for cell in line} for line in lines]
    if are_beside(rows):
        return False
    return figures > FIGURES * len(texts) or (is_short and not all(map(_is_running, cells)))


def _is_running(column: Sequence[Piece]) -> bool:
    """Whether a column holds lines of sentences: many that are as wide as it is."""
    widest = max(one.right - one.left for one in column)
    full = sum(len(one.text.split()) > 2 and one.right - one.left > FULL * widest for one in column)
    return full > RUNNING * len(column)


def _is_below(bands: Sequence[Sequence[Piece]], row: int, columns: _Columns) -> bool:
    """Whether a line goes on with a cell of the table above it."""
    line = reduce(united, bands[row])
    goes_on = line.text[0].islower() or columns.place([line]) > 0
    return _follows(bands, row, row - 1) and goes_on and columns.hold(line)


def _placed(
    lines: Sequence[_Line], columns: _Columns, rules: Sequence[Piece]
) -> Iterator[tuple[int, Cell]]:
    """Words' ids and cells. Lines that go on with the cells above them are no rows of their own."""
    row = 0
    rows = _rows(lines, columns, rules)
    for number, line in enumerate(lines):
        row += number in rows
        for cell in line:
            for piece in cell:
                yield id(piece), Cell(0, row, columns.place(cell))


def _rows(lines: Sequence[_Line], columns: _Columns, rules: Sequence[Piece]) -> set[int]:
    """Which lines begin a row, but for the first: those below a drawn line, those that stand
    farther apart, or those that do not go on with the cells above them."""
    left, right = columns.spans[0][0], columns.spans[-1][1]
    drawn = [one.middle for one in rules if one.right - one.left > (right - left) / 2
             and one.left < right and one.right > left]  # fmt: skip
    middles = [line[0][0].middle for line in lines]
    later = range(1, len(lines))
    ruled = {at for at in later if any(middles[at - 1] < one < middles[at] for one in drawn)}
    if len(ruled) >= RULED:
        return ruled
    height = median(piece.height for line in lines for cell in line for piece in cell)
    usual = min(middles[at] - middles[at - 1] for at in later)
    spaced = {at for at in later if middles[at] - middles[at - 1] > usual + FARTHER * height}
    if len(spaced) > 1 and _are_rows(lines, columns, spaced):
        return spaced | ruled
    new = {at for at in later if any(not cell[0].text[0].islower() for cell in lines[at])}
    if not new:  # small letters are usual here, as in a list of words in two languages
        new = {at for at in later if len(lines[at]) == len(columns.spans)}
    return new | ruled


def _are_rows(lines: Sequence[_Line], columns: _Columns, starts: set[int]) -> bool:
    """Whether the lines that begin rows have words in all columns in which these have some, and
    the others, mostly, have not."""
    used = [{columns.place(cell) for cell in line} for line in lines]
    ends = [*sorted(starts), len(lines)]
    groups = [used[start:end] for start, end in pairwise([0, *ends])]
    others = [line == group[0] for group in groups for line in group[1:]]
    return all(len(group[0]) > 1 and group[0] == set().union(*group) for group in groups) and (
        0 < len(others) > 2 * sum(others)
    )
