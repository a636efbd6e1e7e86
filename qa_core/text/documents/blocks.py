"""Text in blocks, one line each, and tables as lines that a reader can quote. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

LONGEST_HEADER = 80  # characters; what is longer stands once, not on every row

_FORMS = {
    **dict(zip("ﬀﬁﬂﬃﬄﬅﬆ", ("ff", "fi", "fl", "ffi", "ffl", "st", "st"), strict=True)),
    "\u00ad": "",  # soft hyphen
    "\u200b": "",  # a place where a line may break
    "\u2060": "",  # a place where it may not
    "\ufeff": "",
    "\u2061": " ",  # between a function and what it is of
    **dict.fromkeys("\u2062\u2063\u2064", ""),  # signs of formulas that are not shown
}
_TABLE = str.maketrans(_FORMS)
_NUMBER = re.compile(r"[^\w]*\d[\d.,'\s]*\s*(%|\w{1,3}\.?)?[⁰-⁹¹²³]*[^\w]*")
_KINDS = (  # of which all cells of a column may be, and its name is not
    _NUMBER,
    re.compile(r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}([T ].*)?"),
    re.compile(r"\S+@\S+\.\w+"),
    re.compile(r"(https?://|www\.)\S+"),
)
_RAISED = str.maketrans("0123456789+-−=()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾")
_LETTERS = str.maketrans("abcdefghijklmnoprstuvwxyz", "ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ")
_FIGURES = re.compile(r"[\d+=−,\s–()-]*\d[\d+=−,\s–()-]*")
_TICKED = re.compile("[☐☑☒]")
_YEAR = re.compile(r"(1[5-9]|20)\d\d([-/–]\d{2,4})?")


class _Covered(str):
    """An empty cell that the one to its left reaches over."""


COVERED = _Covered()


@dataclass(frozen=True, slots=True)
class Table:
    """Cells in rows; one that reaches over others has `COVERED` in their places.

    headers: how many rows are headers; None if the file does not say.
    """

    rows: Sequence[Sequence[str]]
    headers: int | None = None

    @property
    def has_figures(self) -> bool:
        """Whether its rows hold figures beside their first cells, the first one, too."""
        return all(any(_NUMBER.fullmatch(cell) for cell in row[1:]) for row in self.rows[:2])


Block = str | Table


@dataclass
class Flow:
    """Inline text gathered into blocks as one walks through a file's tree."""

    blocks: list[Block] = field(default_factory=list)
    marker: str = ""  # of a list's item, before its first words
    _line: list[str] = field(default_factory=list)

    def say(self, text: str) -> None:
        """Inline text. ``\\n`` ends a line; a no-break space is a blank that stays."""
        self._line.append(text)

    def end(self) -> None:
        """End the block."""
        line = re.sub(r" *\n *", "\n", re.sub(r"[ \t\f]+", " ", "".join(self._line)))
        self._line.clear()
        line = line.strip(" \n").replace("\xa0", " ")
        if line.strip():
            self.blocks.append(self.marker + line)
            self.marker = ""

    def add(self, *blocks: Block) -> None:
        """Blocks of their own, after what was said so far."""
        self.end()
        self.blocks += blocks


def names(words: str) -> frozenset[str]:
    """Names that a blank parts."""
    return frozenset(words.split())


def is_name(cell: str) -> bool:
    """Whether a cell may name a column: a word or a year, and no other figure."""
    return bool(_YEAR.fullmatch(cell)) or not _NUMBER.fullmatch(cell)


def tidy(text: str) -> str:
    """Letters for ligatures, and nothing for what only says where a line may break."""
    return text.translate(_TABLE)


def raised(text: str) -> str:
    """Text that stands above the line: figures as such, not to go on with those before them."""
    return text.translate(_RAISED) if _FIGURES.fullmatch(text) else text


def note_mark(text: str) -> str:
    """What refers to a note, and stands before its words: figures and small letters, raised."""
    return text.translate(_RAISED).translate(_LETTERS)


def character(code: int) -> str:
    """The character of a code point; "" for what is none, or a picture of some font's own."""
    return "" if 0xD800 <= code <= 0xF8FF or code > 0x10FFFF else chr(code)


def name_above(rows: Sequence[Sequence[str]]) -> str:
    """What a first cell over several rows names the next of them by; "" if there is none above."""
    return rows[-1][0] if rows and rows[-1] else ""


def laid_out(blocks: Iterable[Block]) -> str:
    """Blocks as text, one line each, and a table's rows as lines with their headers."""
    lines: list[str] = []
    for block in blocks:
        lines += [block] if isinstance(block, str) else table_lines(block)
    return "\n".join(lines)


def table_lines(table: Table) -> list[str]:
    """A line a row: ``Timber, 2021: 3.9; 2022: 4.5``, below one of the headers."""
    rows = [[cell if cell is COVERED else " ".join(cell.split()) for cell in row]
            for row in table.rows]  # fmt: skip
    dropped = sum(not any(row) for row in rows[: table.headers or 0])
    rows = [row for row in rows if any(row)]
    width = max(map(len, rows), default=0)
    rows = [row + [""] * (width - len(row)) for row in rows]
    used = [column for column in range(width) if any(row[column] for row in rows)]
    rows = [[row[column] for column in used] for row in rows]
    if len(used) < 2 or len(rows) < 2:
        return [", ".join(filter(None, row)) for row in rows]
    count = guessed_headers(rows) if table.headers is None else table.headers - dropped
    head, body = [*map(_filled, rows[:count])], rows[count:]
    lines = [", ".join(_once(row)) for row in head]
    head = [row for row in head if not _is_title(row, alone=len(head) == 1)]
    if not head or not body:
        return lines + [_line(row, [""] * len(row), len(used) == 2) for row in body]
    names = [" ".join(_once(column)) for column in zip(*head, strict=True)]
    names = [name if len(name) <= LONGEST_HEADER else "" for name in names]
    figures = [2 * sum(bool(_NUMBER.fullmatch(cell)) for cell in column) >= sum(map(bool, column))
               for column in zip(*body, strict=True)]  # fmt: skip
    return lines + [_line(_labelled(row, figures), names) for row in body]


def _is_title(row: Sequence[str], *, alone: bool) -> bool:
    """Whether a row of names names no column: it is one cell over all, or one of few others."""
    return len({*row}) == 1 or (not alone and len(row) > 3 and sum(map(bool, row[1:])) < 2)


def _filled(row: Sequence[str]) -> list[str]:
    """A row in which a cell stands in all places that it reaches over."""
    filled: list[str] = []
    for cell in row:
        filled.append(filled[-1] if cell is COVERED and filled else cell)
    return filled


def _labelled(row: Sequence[str], figures: Sequence[bool]) -> Sequence[str]:
    """A row whose blank first cell is the words that name it, which stand among figures, such as
    "Total" before a sum. figures: which columns hold those."""
    first = next(place for place, cell in enumerate(row) if cell)
    is_label = first > 0 and figures[first] and not _NUMBER.fullmatch(row[first])
    return [row[first], *row[1:first], "", *row[first + 1 :]] if is_label else row


def _names_of(row: Sequence[str], names: Sequence[str]) -> list[str]:
    """The name of each cell's column; those of all its columns for one that reaches over several,
    unless they are too long."""
    found = [*names]
    for place in range(len(row) - 1, 0, -1):
        if row[place] is COVERED:
            both = ", ".join(_once((names[place - 1], found[place])))
            found[place - 1] = both
    return [name if len(name) <= LONGEST_HEADER else "" for name in found]


def _line(row: Sequence[str], names: Sequence[str], is_pair: bool = False) -> str:
    """A row on one line, its first cell as it is, the others after the names of their columns."""
    first, *others = row
    names = _names_of(row, names)
    told = [
        f"{name}: {cell}" if name and name != cell else cell
        for name, cell in zip(names[1:], others, strict=True)
        if cell
    ]
    between = ": " if is_pair and not first.endswith((":", "?")) else " " if is_pair else ", "
    rest = ("; " if any(names) else ", ").join(told)
    return between.join(filter(None, (first, rest)))


def _once(cells: Iterable[str]) -> list[str]:
    """Cells without the empty ones, and without those that repeat the one before."""
    kept: list[str] = []
    for cell in cells:
        if cell and cell not in kept[-1:]:
            kept.append(cell)
    return kept


def guessed_headers(rows: Sequence[Sequence[str]]) -> int:
    """1 if the first row looks like headers, else 0."""
    head, body = rows[0], rows[1:]
    names = [name for name in head[1:] if name]
    is_whole = len(names) == len(head) - 1
    if 3 * len(names) < 2 * (len(head) - 1) or len(set(names)) < len(names):
        return 0
    if max(map(len, head)) > LONGEST_HEADER or not all(map(is_name, names)):
        return 0
    if any(_TICKED.search(name) for name in head):  # choices of a form
        return 0
    if head[0].endswith(":") and not head[1].endswith(":"):  # it names the cell beside it
        return 0
    body = [row for row in body if row != head]
    columns = [column for name, column in zip(head[1:], list(zip(*body, strict=True))[1:],
                                              strict=False) if name]  # fmt: skip
    if not body or any(name in column for name, column in zip(names, columns, strict=False)):
        return 0  # what stands in a column more than once does not name it
    told = [any(all(not cell or kind.fullmatch(cell) for cell in column) for kind in _KINDS)
            for column in columns]  # fmt: skip
    if len(head) == 2:  # or else a list of names and values
        is_year = bool(_YEAR.fullmatch(names[0]))
        return int(len(body) > 1 and told[0] and not is_year and all(row[0] for row in rows))
    return int(any(told) or (is_whole and not any(re.search(r"\d", name) for name in names)))
