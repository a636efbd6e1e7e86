"""Words with their places on pages to text in reading order. Pure.

Places are counted in points from a page's upper left. Running heads and page numbers are dropped,
columns read one after the other, tables row by row, and the lines of a paragraph joined.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from statistics import median

from qa_core.text.documents.blocks import Table, table_lines
from qa_core.text.documents.pages.letters import gathered, scripted, without_leaders
from qa_core.text.documents.pages.segments import FIGURE, MARK, are_beside, marked, segments
from qa_core.text.documents.pages.sheets import (
    Laid,
    Piece,
    Sheet,
    bands_of,
    framing,
    is_number,
    placed,
    united,
    without_number,
)  # fmt: skip
from qa_core.text.documents.pages.tables import Heads, tabled

LEAST_LINES, LEAST_ROWS = 5, 3  # of a table whose cells take several lines
FARTHER = 0.25  # ems by which its rows stand farther apart than its lines
FULL = 0.75  # share of a column's width that the usual line of a text takes, and of a list not
SENTENCE = 20  # characters of a line that is no heading or name
SMALL = 0.87  # times as high as the text is a caption
MOST_CAPTION = 6  # lines
LONGEST_CELL = 6  # words in the usual cell of a table

_ENDED = re.compile(r"[.!?:;。！？][\"'”’»)\]]*$")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a column that reaches from ``edges[0]`` to ``edges[1]``.

    is_prose: whether its usual lines reach far enough to be a text's, and not a list of names.
    """

    pieces: Sequence[Piece]
    edges: tuple[float, float]
    is_prose: bool

    @property
    def text(self) -> str:
        return " ".join(piece.text for piece in self.pieces)

    @property
    def height(self) -> float:
        return median(piece.height for piece in self.pieces)


@dataclass
class _Text:
    """Lines put together, page by page."""

    pages: list[Laid] = field(default_factory=list)
    hyphenated: set[str] = field(default_factory=set)  # words that keep their hyphen
    _text: str = ""  # of the page
    _words: list[tuple[int, int, Piece]] = field(default_factory=list)
    _last: Line | None = None

    def page(self) -> None:
        if not self._text:
            self._last = None
        self.pages.append(Laid(self._text, self._words))
        self._text, self._words = "", []

    def _add(self, before: str, text: str, pieces: Iterable[Piece]) -> None:
        words = [word for piece in pieces for word in piece.words]
        self._words += placed(text, words, len(self._text) + len(before))
        self._text += before + text

    def line(self, line: Line) -> None:
        if any(piece.is_row for piece in line.pieces):
            self.rows([line.text], [line.pieces])
            return
        text = line.text
        last, self._last = self._last, line
        before = "\n" if self._text else ""
        if last is not None and last.text and _goes_on(last, line, jumped=not self._text):
            before = " "
            if hyphen := re.search(r"(\w+)[-\u00ad‐]$", last.text):
                before = "\b"
                self._drop_hyphen(hyphen[1], last.text[-1], text)
        if before == "\b" and self._text:
            before = ""
        self._add(before, text, line.pieces)

    def rows(self, lines: Iterable[str], pieces: Iterable[Sequence[Piece]] = ()) -> None:
        """Lines of their own. pieces: of each, as far as they are known."""
        for line, own in itertools.zip_longest(lines, pieces, fillvalue=()):
            self._last = None
            self._add("\n" if self._text else "", str(line), own)

    def _drop_hyphen(self, start: str, hyphen: str, following: str) -> None:
        """Take a hyphen that only divides a word off the last line, on this page or the last."""
        end = re.match(r"\w*", following)
        word = end[0] if end else ""
        keeps = (
            not start[-1].isalpha()
            or not word[:1].islower()
            or f"{start}-{word}".lower() in self.hyphenated
        )
        if keeps and hyphen != "\u00ad":
            return
        if self._text:
            self._text = self._text[:-1]
        else:
            self.pages[-1] = replace(self.pages[-1], text=self.pages[-1].text[:-1])


def read_sheets(sheets: Sequence[Sheet]) -> list[Laid]:
    """The text of each page, with its words.

    One that goes on with the last page's paragraph begins with a blank, with its word, with a
    backspace. A running head or foot is kept where the text begins, or else at its end.
    """
    hyphenated = _hyphenated(sheets)
    sheets = list(_worded(sheets))
    framed = framing(sheets)
    text = _Text(hyphenated=hyphenated)
    said: set[str] = set()
    later: list[list[Piece]] = []  # heads and feet for the end of the text
    for number, sheet in enumerate(sheets):
        pieces: list[Piece] = []
        frame: list[list[Piece]] = []
        for band in bands_of(sheet.pieces):
            if id(band[0]) in framed[number]:
                frame.append(band)
            else:
                pieces += band
        for band in frame:
            words = " ".join(piece.text for piece in band)
            bare = without_number(words)
            if is_number(words) or bare in said:
                continue
            said.add(bare)
            if number == 0 and band[0].bottom < sheet.height / 2:
                text.rows([words], [band])
            else:
                later.append(band)
        _region(segments(pieces), text)
        text.rows((" ".join(one.text for one in line) for line in sheet.aside), sheet.aside)
        text.rows(" ".join(comment.split()) for comment in sheet.comments)
        if number == len(sheets) - 1:
            text.rows([" ".join(piece.text for piece in band) for band in later], later)
        text.page()
    return [
        replace(page, words=[(start, end, sheet.shown(word)) for start, end, word in page.words])
        for page, sheet in zip(text.pages, sheets, strict=True)
    ]


def _worded(sheets: Iterable[Sheet]) -> Iterator[Sheet]:
    """Pages whose pieces are whole words, and the rows of tables."""
    heads: Heads | None = None
    for sheet in sheets:
        sheet = replace(
            sheet, pieces=list(marked(scripted(without_leaders(sheet.pieces))))
        ).in_mirror()
        pieces, heads = tabled(sheet, heads)
        yield replace(sheet, pieces=gathered(pieces))


def _region(pieces: Sequence[Piece], text: _Text, depth: int = 0) -> None:
    """Read a part of a page: its columns, its tables, its lines."""
    if not pieces:
        return
    edges = min(one.left for one in pieces), max(one.right for one in pieces)
    held = _without_floats(bands_of(pieces))
    widths = [max(one.right for one in band) - band[0].left for band in held]
    is_prose = median(widths) > FULL * (edges[1] - edges[0])

    def lines(bands: Iterable[Sequence[Piece]]) -> None:
        for band in bands:
            text.line(Line(band, edges, is_prose))

    for bands, gutters in _groups(held, edges):
        columns = [_column(bands, start, end) for start, end in _between(gutters, edges)]
        wide = [number for number, band in enumerate(bands) if len(band) > 1] or [0]
        first, end = wide[0], wide[-1] + 1
        if len(columns) < 2:
            lines(bands)
        elif not (first and _is_parted(bands, gutters)) and (
            rows := _wrapped_rows(bands[first:], gutters)
        ):
            lines(bands[:first])
            cells = [[" ".join(one.text for one in cell) for cell in row] for row in rows]
            text.rows(table_lines(Table(cells)), [list(itertools.chain(*row)) for row in rows])
        elif _is_table(bands, gutters):
            lines(bands[:first])
            inner = bands[first:end]
            text.rows(table_lines(Table(_cells(inner, gutters))), inner)
            lines(bands[end:])
        else:
            for column in columns:
                if depth < 5:
                    _region(column, text, depth + 1)


def _without_floats(bands: list[list[Piece]]) -> list[list[Piece]]:
    """Bands in which captions that part a sentence stand below its paragraph."""
    found = list(bands)
    for place in range(len(found) - 2):
        last = found[place][-1]
        reach = place + 1
        while reach < min(len(found), place + MOST_CAPTION + 1) and _is_small(found[reach], last):
            reach += 1
        if reach == place + 1 or reach == len(found) or _ENDED.search(last.text):
            continue
        first = found[reach][0]
        is_wide = last.right - found[place][0].left > 10 * last.height
        if not (is_wide and first.text[0].islower() and _is_as_high(first, last)):
            continue
        end = reach
        while (end + 1 < len(found) and not _ENDED.search(found[end][-1].text)
               and _is_as_high(found[end + 1][0], last)):  # fmt: skip
            end += 1
        found[place + 1 : end + 1] = found[reach : end + 1] + found[place + 1 : reach]
    return found


def _is_small(band: Sequence[Piece], beside: Piece) -> bool:
    return all(piece.height < SMALL * beside.height for piece in band)


def _is_as_high(piece: Piece, beside: Piece) -> bool:
    return SMALL < piece.height / max(beside.height, 1) < 1 / SMALL


def _between(
    gutters: Sequence[tuple[float, float]], edges: tuple[float, float]
) -> list[tuple[float, float]]:
    cuts = [edges[0] - 1, *((start + end) / 2 for start, end in gutters), edges[1] + 1]
    return list(itertools.pairwise(cuts))


def _column(bands: Sequence[Sequence[Piece]], start: float, end: float) -> list[Piece]:
    return [one for band in bands for one in band if start <= (one.left + one.right) / 2 < end]


_Gaps = list[tuple[float, float]]


def _groups(
    bands: Sequence[list[Piece]], edges: tuple[float, float]
) -> list[tuple[list[list[Piece]], _Gaps]]:
    """Bands that share gaps from top to bottom, with those gaps: columns, or a table."""
    groups: list[tuple[list[list[Piece]], _Gaps]] = []
    for band in bands:
        gaps = _gaps(band, edges)
        if groups:
            shared = _shared(groups[-1][1], gaps)
            height = median(one.height for one in band)
            apart = min(one.top for one in band) - max(one.bottom for one in groups[-1][0][-1])
            is_far = apart > 2.5 * height and len(gaps) != len(groups[-1][1])
            if _inner(shared, [*groups[-1][0], band]) and not is_far:
                groups[-1] = [*groups[-1][0], band], shared
                continue
        groups.append(([band], gaps))
    found = []
    for members, gaps in groups:
        gutters = _inner(gaps, members)
        if sum(len(band) > 1 for band in members) < 2 and not _is_tall(members):
            gutters = []
        found.append((members, gutters))
    return found


def _is_tall(bands: Sequence[Sequence[Piece]]) -> bool:
    """Whether a band holds lines of columns that stand at different heights."""
    return any(len(band) > 3 and max(one.bottom for one in band) - min(one.top for one in band)
               > 2 * median(one.height for one in band) for band in bands)  # fmt: skip


def _gaps(band: Sequence[Piece], edges: tuple[float, float]) -> _Gaps:
    """Where a band is blank, from the left edge to the right."""
    gaps, reach = [], edges[0] - 1
    for piece in sorted(band, key=lambda one: one.left):
        if piece.left > reach:
            gaps.append((reach, piece.left))
        reach = max(reach, piece.right)
    return [*gaps, (reach, edges[1] + 1)]


def _shared(some: _Gaps, others: _Gaps) -> _Gaps:
    return [(max(a, c), min(b, d)) for a, b in some for c, d in others if min(b, d) - max(a, c) > 0]


def _inner(gaps: _Gaps, bands: Sequence[Sequence[Piece]]) -> _Gaps:
    """Gaps wide enough for a gutter, and with words to both sides."""
    height = median(one.height for band in bands for one in band)
    left = min(one.left for band in bands for one in band)
    right = max(one.right for band in bands for one in band)
    return [(a, b) for a, b in gaps if b - a > 0.7 * height and a > left and b < right]


def _cells(bands: Sequence[Sequence[Piece]], gutters: _Gaps) -> list[list[str]]:
    return [
        [" ".join(one.text for one in cell) for cell in _by_column(band, gutters)] for band in bands
    ]


def _by_column(band: Sequence[Piece], gutters: _Gaps) -> list[list[Piece]]:
    cuts = [(start + end) / 2 for start, end in gutters]
    row: list[list[Piece]] = [[] for _ in range(len(cuts) + 1)]
    for piece in band:
        row[sum(piece.left >= cut for cut in cuts)].append(piece)
    return row


def _is_table(bands: Sequence[Sequence[Piece]], gutters: _Gaps) -> bool:
    """Whether rows of columns are a table's, and no text in columns."""
    if _is_tall(bands):
        return False
    columned = (enumerate(_by_column(band, gutters)) for band in bands)
    if are_beside([{at: reduce(united, cell) for at, cell in row if cell} for row in columned]):
        return False
    rows = _cells(bands, gutters)
    cells = [cell for row in rows for cell in row if cell]
    filled = sum(sum(map(bool, row)) > 1 for row in rows)
    words = median(len(cell.split()) for cell in cells)
    numbers = sum(bool(FIGURE.fullmatch(cell)) for cell in cells) / len(cells)
    return filled >= 0.6 * len(rows) and (words <= LONGEST_CELL / 2 or numbers > 0.3)


def _is_parted(bands: Sequence[Sequence[Piece]], gutters: _Gaps) -> bool:
    """Whether some line has a gap within a column."""
    return any(len(cell) > 1 for band in bands for cell in _by_column(band, gutters))


def _wrapped_rows(bands: Sequence[Sequence[Piece]], gutters: _Gaps) -> list[list[list[Piece]]]:
    """The cells of a table whose cells take several lines; no rows if it is text in columns.

    Its rows stand apart, farther than the lines of a cell, in all columns at once, and in each the
    cells begin at one height.
    """
    if len(bands) < LEAST_LINES or _is_tall(bands):
        return []
    height = median(one.height for band in bands for one in band)
    tops = [min(one.top for one in band) for band in bands]
    bottoms = [max(one.bottom for one in band) for band in bands]
    gaps = [top - bottom for top, bottom in zip(tops[1:], bottoms, strict=False)]
    usual = min(gaps)
    rows = [[bands[0]]]
    for band, gap in zip(bands[1:], gaps, strict=True):
        if gap > usual + FARTHER * height:
            rows.append([])
        rows[-1].append(band)
    if len(rows) < LEAST_ROWS or len(rows) == len(bands):
        return []
    for row in rows:
        first = [bool(cell) for cell in _by_column(row[0], gutters)]
        used = [
            any(cells) for cells in zip(*(_by_column(band, gutters) for band in row), strict=True)
        ]
        if sum(first) < 2 or first != used:
            return []
    return [
        [
            list(itertools.chain(*cells))
            for cells in zip(*(_by_column(band, gutters) for band in row), strict=True)
        ]
        for row in rows
    ]


def _goes_on(last: Line, line: Line, *, jumped: bool) -> bool:
    """Whether a paragraph's line is followed by its next one."""
    end, start = last.text, line.text
    if re.search(r"[^\W\d_][-\u00ad‐]$", end) and start[:1].isalpha():
        return True
    em = line.height
    if not 0.87 < em / max(last.height, 1) < 1.15 or _is_item(last, line):
        return False
    below = line.pieces[0].top - last.pieces[0].bottom
    jumped = jumped or below < -em / 2  # to the next page or column
    ended = bool(_ENDED.search(end))
    if below > 0.9 * em and not jumped:  # unless a picture stands between
        is_cut = last.is_prose and len(end) > SENTENCE and not ended and start[:1].islower()
        return is_cut and not _would_fit(last, line)
    if jumped:
        return not ended and (len(end) > SENTENCE or start[:1].islower())
    is_open = start[:1].islower() and not ended
    if not last.is_prose and not is_open and not end.split(" ")[-1][:1].islower():
        return False
    if _would_fit(last, line) and not is_open:
        return False
    indent = line.pieces[0].left - last.pieces[0].left
    is_listed = bool(MARK.fullmatch(end.split(" ")[0]))
    return not ended or is_listed or indent < 0.7 * em


def _is_item(last: Line, line: Line) -> bool:
    """Whether a line begins an item of a list, and no number of a sentence stands first on it."""
    mark, end = line.text.split(" ")[0], last.text
    if not MARK.fullmatch(mark):
        return False
    is_listed = bool(MARK.fullmatch(end.split(" ")[0]))
    is_full = last.is_prose and not _ENDED.search(end) and not _would_fit(last, line)
    return not (mark.isdigit() and is_full and not is_listed)


def _would_fit(last: Line, line: Line) -> bool:
    """Whether a line's first word had room at the end of the last one."""
    first = line.pieces[0]
    word = first.text.split(" ")[0]
    width = (first.right - first.left) * len(word) / max(len(first.text), 1)
    return last.pieces[-1].right + width + 0.3 * line.height < last.edges[1] + 0.1 * line.height


def _hyphenated(sheets: Sequence[Sheet]) -> set[str]:
    """Words with a hyphen inside a line: they keep it at its end."""
    words = Counter(piece.text.lower() for sheet in sheets for piece in sheet.pieces)
    return {match[0] for word in words for match in re.finditer(r"\w+-\w+", word)}
