"""Words with their places on pages, and what frames each page alike. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median

from qa_core.text.documents.blocks import names

EDGE = 0.12  # share of a page's height, above and below, where running heads stand
LARGER = 1.2  # times as high as the usual words of its page is a title
APART = 0.5  # of a line's height: the least room between a running head and the text

_PAGE_WORDS = names(
    "page pages p pp pg seite seiten s página páginas pagina pag pág side sida sidan strona strana "
    "str стр страница oldal sayfa of von de di sur of af av van z i ii iii iv v vi vii viii ix x "
    "xi xii xiii xiv xv"
)
_LEFTWARD = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe]")
_FIGURE = re.compile(r"\d[.,:]\d|\d{5}|[€$£¥%+=]")
_COUNT = re.compile(r"^\d{1,3}\b|\b\d{1,3}$")
NUMBER = "#"  # what stands for a running head that is no more than a page's number


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a word stands in a table: which table of the page, and row and column from 0.

    wide, tall: over how many columns and rows the cell reaches. is_name: whether it heads others.
    """

    table: int
    row: int
    column: int
    wide: int = 1
    tall: int = 1
    is_name: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """Words in a box. parts: the words that they were put together of. cell: of a table, if they
    are known to stand in one. is_row: whether they are a table's row, told as a line of its own.
    """

    text: str
    left: float
    top: float
    right: float
    bottom: float
    parts: tuple[Piece, ...] = ()
    cell: Cell | None = None
    is_row: bool = False

    @property
    def words(self) -> tuple[Piece, ...]:
        return self.parts or (self,)

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page: its words, its size in points, and the comments beside it.

    aside: lines written at another angle than the others. quarter: of a turn, clockwise, by which
    the page shows its words; these stand where they would if it were upright. mirrored: whether
    they stand as in a mirror, as a script from the right is read. rules: lines that are drawn, as
    boxes without words.
    """

    pieces: Sequence[Piece]
    width: float
    height: float
    comments: Sequence[str] = ()
    aside: Sequence[Sequence[Piece]] = ()
    quarter: int = 0
    mirrored: bool = False
    rules: Sequence[Piece] = ()

    def turned(self, quarter: int) -> Sheet:
        """The page, which shows its words turned by so many quarters, upright."""
        if not quarter:
            return self
        pieces = [self._turn(piece, -quarter) for piece in self.pieces]
        rules = [self._turn(rule, -quarter) for rule in self.rules]
        wide, high = (self.height, self.width) if quarter % 2 else (self.width, self.height)
        return replace(self, pieces=pieces, rules=rules, width=wide, height=high, quarter=quarter)

    def in_mirror(self) -> Sheet:
        """The page as in a mirror, if most of its letters are of a script from the right."""
        letters = "".join(piece.text for piece in self.pieces)
        leftward = len(_LEFTWARD.findall(letters))
        if not leftward:
            return self
        if 2 * leftward < sum(map(str.isalpha, letters)):
            pieces = [one for band in bands_of(self.pieces) for one in _leftward(band)]
            return replace(self, pieces=pieces)
        pieces = [self._mirror(piece) for piece in self.pieces]
        pieces = [one for band in bands_of(pieces) for one in _rightward(band)]
        rules = [self._mirror(rule) for rule in self.rules]
        return replace(self, pieces=pieces, rules=rules, mirrored=True)

    def shown(self, piece: Piece) -> Piece:
        """A word where the page shows it."""
        piece = self._mirror(piece) if self.mirrored else piece
        return self._turn(piece, self.quarter)

    def _mirror(self, piece: Piece) -> Piece:
        left, right = self.width - piece.right, self.width - piece.left
        return replace(piece, left=left, right=right)

    def _turn(self, piece: Piece, quarter: int) -> Piece:
        """A word on this page when it is turned clockwise by quarters."""
        left, top, right, bottom = piece.left, piece.top, piece.right, piece.bottom
        match quarter % 4:
            case 1:
                sides = self.height - bottom, left, self.height - top, right
            case 2:
                sides = (self.width - right, self.height - bottom,
                         self.width - left, self.height - top)  # fmt: skip
            case 3:
                sides = top, self.width - right, bottom, self.width - left
            case _:
                return piece
        left, top, right, bottom = sides
        return replace(piece, left=left, top=top, right=right, bottom=bottom, parts=())


def _leftward(band: Sequence[Piece]) -> Iterator[Piece]:
    """A line in which words of a script from the right, which follow each other, are in order."""
    near: list[list[Piece]] = []
    for piece in band:
        before = near[-1][-1] if near else piece
        if near and piece.left - before.right < piece.height and piece.cell == before.cell:
            near[-1].append(piece)
        else:
            near.append([piece])
    for run in near:
        places = [place for place, one in enumerate(run) if _LEFTWARD.search(one.text)]
        first, last = (places[0], places[-1] + 1) if places else (0, 0)
        yield from run[:first]
        if first < last:
            width = run[last - 1].right
            mirrored = [replace(one, left=width - one.right, right=width - one.left)
                        for one in run[first:last][::-1]]  # fmt: skip
            words = " ".join(one.text for one in _rightward(mirrored))
            top, bottom = min(one.top for one in run), max(one.bottom for one in run)
            parts = tuple(run[first:last][::-1])
            yield Piece(words, run[first].left, top, run[last - 1].right, bottom, parts,
                        run[first].cell)  # fmt: skip
        yield from run[last:]


def _rightward(band: Sequence[Piece]) -> Iterator[Piece]:
    """A mirrored line in which words of other scripts, which follow each other, stay in order."""
    run: list[Piece] = []

    def joined() -> Iterator[Piece]:
        if len(run) > 1:
            words = " ".join(piece.text for piece in run[::-1])
            top, bottom = min(one.top for one in run), max(one.bottom for one in run)
            parts = tuple(run[::-1])
            yield Piece(words, run[0].left, top, run[-1].right, bottom, parts, run[0].cell)
        else:
            yield from run
        run.clear()

    for piece in band:
        if run and (piece.left - run[-1].right > run[-1].height or piece.cell != run[-1].cell):
            yield from joined()
        if _LEFTWARD.search(piece.text) or not any(map(str.isalnum, piece.text)):
            yield from joined()
            yield piece
        else:
            run.append(piece)
    yield from joined()


@dataclass(frozen=True, slots=True)
class Laid:
    """A page's text, and its words: each is ``text[start:end]``, in order."""

    text: str
    words: Sequence[tuple[int, int, Piece]] = ()


def placed(text: str, words: Iterable[Piece], start: int) -> Iterator[tuple[int, int, Piece]]:
    """Where words stand in a line that begins at ``start``, one after the other."""
    reach = 0
    for word in words:
        found = _found(text, word.text, reach)
        if found >= 0:
            reach = found + len(word.text)
            yield start + found, start + reach, word


def _found(text: str, word: str, reach: int) -> int:
    """Where a word begins that no letter goes on with, or that any word holds; -1 if nowhere."""
    at = text.find(word, reach)
    first = at
    while at >= 0:
        end = at + len(word)
        before = at > reach and text[at - 1].isalnum() and word[:1].isalnum()
        after = text[end : end + 1].isalnum() and word[-1:].isalnum()
        if not before and not after:
            return at
        at = text.find(word, at + 1)
    return first


def bands_of(pieces: Iterable[Piece]) -> list[list[Piece]]:
    """Pieces on one height, from above, each band from the left."""
    bands: list[list[Piece]] = []
    reach = float("-inf")
    for piece in sorted(pieces, key=lambda one: one.middle):
        core = 0.25 * piece.height
        if bands and piece.middle - core < reach:
            bands[-1].append(piece)
            reach = max(reach, piece.middle + core) if len(bands[-1]) < 3 else reach
        else:
            bands.append([piece])
            reach = piece.middle + core
    return [sorted(band, key=lambda one: one.left) for band in bands]


def united(one: Piece, other: Piece) -> Piece:
    """Two pieces that follow each other on a line as one."""
    glued = other.left - one.right < 0.08 * min(one.height, other.height) and not (
        one.text[-1].isalnum() and other.text[0].isalnum() and other.left > one.right
    )
    words = f"{one.text}{'' if glued else ' '}{other.text}"
    high = max(one, other, key=lambda part: len(part.text))  # not a list's mark, or a small figure
    left, right = min(one.left, other.left), max(one.right, other.right)
    return Piece(words, left, high.top, right, high.bottom, (*one.words, *other.words))


def framing(sheets: Sequence[Sheet]) -> list[set[int]]:
    """What stands at the edge of several pages, but for its figures: the first pieces' ids."""
    places: dict[tuple[str, int], dict[int, int]] = {}  # pages, and by how much they are off
    edges: list[list[tuple[int, tuple[str, int]]]] = []
    for number, sheet in enumerate(sheets):
        found = []
        bands = bands_of(sheet.pieces)
        usual = median(piece.height for piece in sheet.pieces) if bands else 0
        for band in [*_apart(bands), *_apart(bands[::-1])]:
            middle = band[0].middle
            if min(middle, sheet.height - middle) > EDGE * sheet.height:
                continue
            whole = " ".join(piece.text for piece in band)
            words = without_number(whole)
            shown = _COUNT.search(whole) if words != NUMBER else None
            if shown and band[0].height > LARGER * usual:
                continue  # a title, such as that of a slide
            for key in [(words, round(middle / 6) + step) for step in (0, 1)]:
                found.append((id(band[0]), key))
                places.setdefault(key, {})[number] = int(shown[0]) - number if shown else 0
        edges.append(found)
    framed = []
    for sheet, found in zip(sheets, edges, strict=True):
        alike = {first for first, key in found
                 if len(places[key]) > 1 and _is_steady([*places[key].values()])}  # fmt: skip
        if all(
            id(band[0]) in alike for band in bands_of(sheet.pieces)
        ):  # there is no text to frame
            alike = {first for first, key in found if key[0] == NUMBER}
        framed.append(alike)
    return framed


def _apart(bands: Sequence[list[Piece]]) -> Sequence[list[Piece]]:
    """Up to two bands at a page's edge that stand apart from its text."""
    if len(bands) < 2:
        return bands
    for count in range(1, min(3, len(bands))):
        last, following = bands[count - 1][0], bands[count][0]
        if abs(following.middle - last.middle) - last.height > APART * last.height:
            return bands[:count]
    return []


def _is_steady(off: Sequence[int]) -> bool:
    """Whether the numbers on most pages rise from one to the next, as those of pages do."""
    return 2 * Counter(off).most_common(1)[0][1] > len(off)


def without_number(words: str) -> str:
    """A running head without the page's number, which stands first or last on it."""
    if is_number(words):
        return NUMBER
    return _COUNT.sub(NUMBER, words)


def is_number(words: str) -> bool:
    """Whether a running head or foot says no more than a page's number."""
    named = re.findall(r"[^\W\d_]+", words)
    return all(word.lower() in _PAGE_WORDS for word in named) and not _FIGURE.search(words)
