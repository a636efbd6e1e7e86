"""Words of a line that stand together, and the gaps between columns. Pure.

Places are counted in points from a page's upper left.
"""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from qa_core.text.documents.pages.sheets import Piece, bands_of, united

NARROW = 0.7  # ems of a gutter that goes on through ROWS lines
ROWS = 4
LEAST_WRAPPED = 2  # lines of a text beside others, and words of one that goes on
SPLIT = 1.0  # ems between the parts of a line that may be columns

FIGURE = re.compile(r"[^\w]*\d[\d.,'\s]*\s*%?[⁰-⁹¹²³]*[^\w]*|[-–—]")
_BULLETS = "•·▪◦‣●○■□◆◇▶►➢➤✓✔❖∙⁃☐☑☒"
BULLET = re.compile(f"[{_BULLETS}]")
MARK = re.compile(
    f"([{_BULLETS}–—*-]" + r"|\d{1,3}|\(?(\d{1,3}|[a-zA-Z]|[ivx]{1,5})[.)]|\d+(\.\d+)+\.?)"
)

# Letters of fonts of signs, and others that Word draws as one, where they stand far before words.
_DRAWN = re.compile("[o§»›Øü\ue000-\uf8ff]")
WRAPPED = 0.8  # share of lines that go on with others of a text, which these had no room for
FAR = 4.0  # ems that a mark may stand before its item


def marked(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Words, and signs of lists for letters that are drawn in their place, below each other."""
    bands = bands_of(pieces)
    signs = Counter(round(band[0].left) for band in bands if _is_drawn(band))
    for band in bands:
        first, *rest = band
        is_sign = _is_drawn(band) and signs[round(first.left)] > 1
        yield from (replace(first, text="•") if is_sign else first, *rest)


def _is_drawn(band: Sequence[Piece]) -> bool:
    """Whether a line's first letter may be a sign before its item."""
    first, *rest = band
    if not rest or first.cell is not None or not _DRAWN.fullmatch(first.text):
        return False
    gap = (rest[0].left - first.right) / max(rest[0].height, 1)
    return NARROW <= gap < FAR and rest[0].text[0].isalpha()


def segments(pieces: Iterable[Piece]) -> list[Piece]:
    """Words of a line that stand together, as one piece; a list's mark goes with its words."""
    found: list[Piece] = []
    bands = bands_of(pieces)
    for band, cuts in zip(bands, cuts_of(bands), strict=True):
        row: list[Piece] = []
        for place, piece in enumerate(band):
            if row and place not in cuts:
                row[-1] = united(row[-1], piece)
            else:
                row.append(piece)
        found += row
    return found


def cuts_of(bands: Sequence[Sequence[Piece]]) -> list[set[int]]:
    """Before which of each line's words a new segment begins."""
    return [_cuts(band, gutters) for band, gutters in zip(bands, _gutters(bands), strict=True)]


def _cuts(band: Sequence[Piece], gutters: Sequence[tuple[float, float]]) -> set[int]:
    found = set()
    for place, (last, piece) in enumerate(itertools.pairwise(band), 1):
        gap = (piece.left - last.right) / max(min(last.height, piece.height), 1)
        is_bullet = is_bulleted(band, place) and (place == 1 or (place - 1 in found and gap < 2))
        is_first = is_bullet or (place == 1 and bool(MARK.fullmatch(last.text)))
        is_mark = is_bullet or (is_first and piece.text[0].isalpha())
        is_gutter = not is_first and any(
            last.right <= start and end <= piece.left for start, end in gutters
        )
        is_near = (gap < SPLIT and not is_gutter) or (is_mark and gap < FAR)
        if not is_near or last.is_row or piece.is_row:
            found.add(place)
    return found


def are_beside(rows: Sequence[Mapping[int, Piece]]) -> bool:
    """Whether rows of cells, by column, are texts beside each other, and no table's.

    In some column lines go on with a sentence, for whose words those above had no room, and beside
    most of them another column begins something else, as it does on the line above.
    """
    columns = set().union(*rows)
    cells = ([row[column].text for row in rows if column in row] for column in columns)
    if any(2 * sum(bool(FIGURE.fullmatch(cell)) for cell in column) > len(column)
           for column in cells):  # fmt: skip
        return False
    for column in columns:
        right = max(row[column].right for row in rows if column in row)
        on = [(last, row) for last, row in itertools.pairwise(rows) if _goes_on(last, row, column)]
        full = sum(_is_full(last[column], row[column], right) for last, row in on)
        if len(on) < LEAST_WRAPPED or full < WRAPPED * len(on):
            continue
        apart = sum(any(other in last and not row[other].text[0].islower()
                        for other in row if other != column) for last, row in on)  # fmt: skip
        if 2 * apart > len(on):
            return True
    return False


def _goes_on(last: Mapping[int, Piece], row: Mapping[int, Piece], column: int) -> bool:
    """Whether a row's cell goes on with a sentence of the one above it."""
    if column not in last or column not in row:
        return False
    is_wide = len(last[column].text.split()) > LEAST_WRAPPED
    return is_wide and row[column].text[0].islower() and last[column].text[-1] not in ".!?:;"


def _is_full(last: Piece, line: Piece, right: float) -> bool:
    """Whether a line had no room for the first word of the next one."""
    first = line.text.split(" ")[0]
    width = (line.right - line.left) * len(first) / max(len(line.text), 1)
    return last.right + width > right


def is_bulleted(band: Sequence[Piece], place: int) -> bool:
    """Whether a sign of a list stands before a word of a line, and no sign of a cell."""
    last, word = band[place - 1].text, band[place].text
    is_sign = bool(BULLET.fullmatch(last)) and not BULLET.fullmatch(word)
    return is_sign and (place == 1 or word[0].isalpha())


def _gutters(bands: Sequence[Sequence[Piece]]) -> list[list[tuple[float, float]]]:
    """Of each band, the gaps that go on through so many others that they part columns."""
    found: list[list[tuple[float, float]]] = [[] for _ in bands]
    for number, band in enumerate(bands):
        for one, other in itertools.pairwise(band):
            gap, height = (one.right, other.left), min(one.height, other.height)
            if gap[1] - gap[0] < NARROW * height or any(
                start < gap[1] and gap[0] < end for start, end in found[number]
            ):
                continue
            reach, count = number + 1, 1
            while reach < len(bands):
                left, right, between = _blank(bands[reach], gap)
                if right - left < NARROW * height:
                    break
                gap, reach, count = (left, right), reach + 1, count + between
            if count >= ROWS:
                for band_ in found[number:reach]:
                    band_.append(gap)
    return found


def _blank(band: Sequence[Piece], gap: tuple[float, float]) -> tuple[float, float, bool]:
    """The widest part of a gap that is blank in a band, and whether words stand to both sides."""
    sides = [(-math.inf, band[0].left)]
    reach = band[0].right
    for piece in band[1:]:
        sides.append((reach, piece.left))
        reach = max(reach, piece.right)
    sides.append((reach, math.inf))
    parts = [(max(start, gap[0]), min(end, gap[1])) for start, end in sides]
    widest = max(range(len(parts)), key=lambda place: parts[place][1] - parts[place][0])
    return *parts[widest], 0 < widest < len(parts) - 1
