"""PDFs to pieces of text with their places, by PDFium, and those to text in reading order."""

from __future__ import annotations

import ctypes
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from qa_core.errors import DataError
from qa_core.text.documents import check_length
from qa_core.text.documents.pages.layout import read_sheets
from qa_core.text.documents.pages.marks import rules, tagged
from qa_core.text.documents.pages.recognition import HOW, MAX_RECOGNISED, languages, recognised
from qa_core.text.documents.pages.sheets import Cell, Laid, Piece, Sheet, is_number

MAX_PAGES = 1000
FEW = 200  # letters of a page that may be a scan
MORE = 1.5  # times as many letters as are there, if what is recognised is to stand
MANY_PATHS = 200  # lines and curves of a page without text: drawn letters
PASSWORD = 4  # what PDFium calls a missing one

UPRIGHT, HALF, SLANTED = 0, 2, -1  # quarters of a turn

_HYPHENS = {2: "-", 0xFFFE: "-"}  # what PDFium puts for a hyphen at the end of a line
_FREE_TEXT, _NOTE, _WIDGET = 3, 1, 20
# Notes, and comments on what was drawn, highlighted, underlined, stamped or marked for insertion.
_MARKUP = (_NOTE, *range(4, 16))
_PASSWORD = 1 << 13  # a field's flag: it shows dots alone
_CHECKBOX, _RADIO, _BUTTON = 2, 3, 1


def pdf(data: bytes) -> tuple[list[Laid], list[str]]:
    """Each page's text with its words, and notes on pages that hold none.

    Raises DataError where a password is missing, or pages are too many.
    """
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == PASSWORD or "password" in str(error).lower():
            raise DataError(
                "expected a PDF without a password, found one with; remove it first"
            ) from error
        raise
    if len(document) > MAX_PAGES:
        raise DataError(
            f"expected at most {MAX_PAGES} pages, found {len(document)}; take those you need"
        )
    if document.get_formtype():
        document.init_forms()
    sheets: list[Sheet] = []
    pictures: list[int] = []
    read: list[int] = []  # pictures whose words were recognised
    odd: list[int] = []
    spoken = languages()
    characters = 0
    for number in range(len(document)):
        page = document[number]
        sheet = _sheet(page)
        letters = "".join(piece.text for piece in sheet.pieces)
        if len(letters) < FEW and _is_picture(page):
            pictures.append(number + 1)
            if spoken and len(read) < MAX_RECOGNISED:
                words = recognised(page, spoken)
                seen = "".join(word.text for word in words)
                if len(seen) > MORE * len(letters):  # with what was stamped on the scan
                    read.append(number + 1)
                    letters = seen
                    width, height = page.get_size()
                    sheet = Sheet(words, width, height, sheet.comments)
        sheets.append(sheet)
        characters += len(letters)
        check_length(characters)
        if sum(map(_is_odd, letters)) > 0.3 * len(letters):
            odd.append(number + 1)
        page.close()
    texts = read_sheets(sheets)
    empty = [number for number in pictures if is_number(texts[number - 1].text)]
    notes = []
    if b"%%EOF" not in data[-2048:]:
        notes.append("the file ends early: what is missing is not read")
    if empty:
        one = len(empty) == 1
        notes.append(
            f"{_named(empty)} {'holds' if one else 'hold'} no text: {'a scan' if one else 'scans'}?"
            + ("" if spoken else f" {HOW[:1].upper()}{HOW[1:]}")
        )
    if read:
        notes.append(f"{_named(read)}: words recognised in pictures; check names and figures")
    if odd:
        notes.append(f"{_named(odd)}: many letters do not say what they are; check the text")
    return texts, notes


def _named(numbers: list[int]) -> str:
    """``page 2`` or ``pages 2, 5-7``."""
    runs = []
    for _, run in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0]):
        found = [number for _, number in run]
        runs.append(str(found[0]) if len(found) == 1 else f"{found[0]}-{found[-1]}")
    return f"page{'s' if len(numbers) > 1 else ''} {', '.join(runs)}"


def _is_odd(letter: str) -> bool:
    return letter == "\ufffd" or "\ue000" <= letter <= "\uf8ff"


def _is_picture(page: Any) -> bool:
    """Whether a page holds a picture, or so many lines that they may be letters."""
    import pypdfium2.raw as pdfium

    kinds = [one.type for one in page.get_objects(max_depth=3)]
    return pdfium.FPDF_PAGEOBJ_IMAGE in kinds or kinds.count(pdfium.FPDF_PAGEOBJ_PATH) > MANY_PATHS


def _sheet(page: Any) -> Sheet:
    """A page's words, and what was typed on it, in places counted from the upper left, points.

    Of a page whose text is written sideways, they are those of the page turned upright.
    """
    width, height = page.get_size()
    turn = _turned(page)
    words = list(_words(page, tagged(page)))
    letters: Counter[int] = Counter()
    for word in words:
        letters[word.quarter] += len(word.text)
    usual = max(letters, key=lambda quarter: letters[quarter], default=UPRIGHT)
    usual = UPRIGHT if usual == SLANTED else usual
    pieces: list[Piece] = []
    aside: list[Piece] = []
    for word in words:
        left, top, right, bottom = turn(*word.box)
        piece = Piece(word.text, left, top, right, bottom, cell=word.cell)
        if _is_on(piece, width, height):
            (pieces if word.quarter == usual else aside).append(piece)
    for kind, said, rect in _annotations(page):
        if kind in (_FREE_TEXT, _WIDGET):
            placed = turn(rect.left, rect.top, rect.right, rect.bottom)
            for number, line in enumerate(said.splitlines()):
                pieces.append(_typed(line, number, *placed))
    drawn = rules(page, turn)
    sheet = Sheet(pieces, width, height, _comments(page), _lines(aside), rules=drawn)
    return sheet.turned((usual + page.get_rotation() // 90) % 4)


def _is_on(piece: Piece, width: float, height: float) -> bool:
    """Whether some of a word stands on the page, and not beside it, where no one sees it."""
    return piece.right > 0 and piece.left < width and piece.bottom > 0 and piece.top < height


def _lines(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Words that are written at another angle than the page's, as they follow each other."""
    lines: list[list[Piece]] = []
    for piece in pieces:
        if lines:
            last = lines[-1][-1]
            size = max(min(piece.height, piece.right - piece.left), 4)
            across = max(piece.left, last.left) - min(piece.right, last.right)
            along = max(piece.top, last.top) - min(piece.bottom, last.bottom)
            if max(across, along) < size:
                lines[-1].append(piece)
                continue
        lines.append([piece])
    return lines


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A word in PDFium's places: left, top, right, bottom. quarter: of a turn, clockwise."""

    text: str
    box: tuple[float, float, float, float]
    quarter: int
    cell: Cell | None


def _words(page: Any, cells: dict[int, Cell]) -> Iterator[_Drawn]:
    """The words drawn on a page, each once. cells: of marked contents, by their numbers."""
    import pypdfium2.raw as pdfium

    text = page.get_textpage()
    box = pdfium.FS_RECTF()
    at = ctypes.byref(box)
    letter_at, box_at = pdfium.FPDFText_GetUnicode, pdfium.FPDFText_GetLooseCharBox
    letters: list[str] = []
    middles: list[float] = []  # of the letters
    left = top = right = bottom = 0.0
    high = 0  # half of a surrogate pair
    quarter = UPRIGHT
    cell: Cell | None = None
    broken = False  # PDFium takes a line to end here, which letters that touch deny
    seen: set[tuple[str, int, int]] = set()

    def word() -> Iterator[_Drawn]:
        if letters:
            found = "".join(_from_right(letters, middles))
            letters.clear()
            middles.clear()
            # A word drawn twice, one a hair beside the other, is a bold one.
            keys = [(found, int(left + d) // 2, int(top + d) // 2) for d in (0, 1)]
            if not seen.intersection(keys):
                yield _Drawn(found, (left, top, right, bottom), quarter, cell)
            seen.update(keys)

    for place in range(text.count_chars()):
        code = letter_at(text, place)
        if code in (0x0D, 0x0A):
            broken = True
            continue
        if code in (0x20, 0xA0, 0x09) or not box_at(text, place, at):
            yield from word()
            continue
        if code == 0 and box.right - box.left < 1:
            yield from word()
            continue
        if 0xD800 <= code < 0xDC00:
            high = code
            continue
        if 0xDC00 <= code < 0xE000 and high:
            code, high = 0x10000 + ((high - 0xD800) << 10) + code - 0xDC00, 0
        within = cells.get(_mark(text, place)) if cells else None
        if letters and within != cell:
            yield from word()
        if letters:
            is_leftward = code >= 0x0590 and _is_leftward(code)
            if is_leftward:  # as high as it is, and in either order
                size = max(top - bottom, box.top - box.bottom)
                shift = max(0.0, box.bottom - top, bottom - box.top) * 9
                gap = max(box.left - right, left - box.right)
            elif quarter == UPRIGHT:
                size, shift, gap = top - bottom, abs(box.bottom - bottom), box.left - right
            elif quarter == SLANTED:
                size, shift = top - bottom, 0.0
                gap = max(box.left - right, left - box.right, box.bottom - top, bottom - box.top)
            else:
                size, shift = right - left, abs(box.left - left)
                gap = max(box.bottom - top, bottom - box.top)
                if quarter == HALF:
                    size, shift, gap = top - bottom, abs(box.bottom - bottom), left - box.right
            slack = 0.35 * size
            near = gap < (0.12 * size if broken else slack)
            overlaps = gap > -slack or quarter != UPRIGHT or is_leftward
            apart = shift > slack or not near or not overlaps
            if apart and abs(box.left - left) + abs(box.bottom - bottom) > 0.01:
                yield from word()
        broken = False
        if not letters:
            left, top, right, bottom = box.left, box.top, box.right, box.bottom
            cell = within
            quarter = _quarter(pdfium.FPDFText_GetCharAngle(text, place))
        letters.append(_HYPHENS.get(code) or chr(code or 0xFFFD))
        middles.append(box.left + box.right)
        right, left = max(right, box.right), min(left, box.left)
        top, bottom = max(top, box.top), min(bottom, box.bottom)
    yield from word()
    text.close()


def _mark(text: Any, place: int) -> int:
    """The number of the marked content that a letter is part of; -1 if it is of none."""
    import pypdfium2.raw as pdfium

    drawn = pdfium.FPDFText_GetTextObject(text, place)
    return int(pdfium.FPDFPageObj_GetMarkedContentID(drawn)) if drawn else -1


def _from_right(letters: Sequence[str], middles: Sequence[float]) -> Sequence[str]:
    """The letters of a word as it is read: PDFium gives those of Arabic in either order."""
    if not any(letter >= "\u0590" for letter in letters):
        return letters
    if not all(_is_leftward(ord(letter)) or not letter.isalnum() for letter in letters):
        return letters
    if not any(_is_leftward(ord(letter)) for letter in letters):
        return letters
    places = sorted(range(len(letters)), key=lambda place: -middles[place])
    return [letters[place] for place in places]


def _quarter(angle: float) -> int:
    """How a letter is turned, in quarters of a turn; SLANTED between them. angle: in radians."""
    quarters = angle / (math.pi / 2)
    nearest = round(quarters)
    return nearest % 4 if abs(quarters - nearest) < 0.06 else SLANTED


def _is_leftward(code: int) -> bool:
    """Whether a letter is of a script that is written from the right."""
    return 0x0590 <= code < 0x0900 or 0xFB1D <= code < 0xFE00 or 0xFE70 <= code < 0xFF00


def _typed(line: str, number: int, left: float, top: float, right: float, bottom: float) -> Piece:
    """A line typed into a box: in its middle if there is room for one, else from the top."""
    height = min(12.0, bottom - top)
    start = top + number * height if bottom - top > 2 * height else (top + bottom - height) / 2
    return Piece(line, left + 1, start, min(right, left + 1 + 6 * len(line)), start + height)


def _turned(page: Any) -> Any:
    """A function from PDFium's places to those of the page as it is shown."""
    rotation = page.get_rotation()
    x0, y0, x1, y1 = page.get_cropbox()
    if rotation == 90:
        return lambda left, top, right, bottom: (bottom - y0, left - x0, top - y0, right - x0)
    if rotation == 180:
        return lambda left, top, right, bottom: (x1 - right, bottom - y0, x1 - left, top - y0)
    if rotation == 270:
        return lambda left, top, right, bottom: (y1 - top, x1 - right, y1 - bottom, x1 - left)
    return lambda left, top, right, bottom: (left - x0, y1 - top, right - x0, y1 - bottom)


def _comments(page: Any) -> list[str]:
    """What was noted beside a page's text."""
    return [said for kind, said, _ in _annotations(page) if kind in _MARKUP and said.strip()]


def _annotations(page: Any) -> Iterator[tuple[int, str, Any]]:
    """A page's annotations that are shown: kind, text and place."""
    import pypdfium2.raw as pdfium

    for number in range(pdfium.FPDFPage_GetAnnotCount(page)):
        note = pdfium.FPDFPage_GetAnnot(page, number)
        kind = pdfium.FPDFAnnot_GetSubtype(note)
        rect = pdfium.FS_RECTF()
        shown = not pdfium.FPDFAnnot_GetFlags(note) & (pdfium.FPDF_ANNOT_FLAG_HIDDEN)
        if shown and pdfium.FPDFAnnot_GetRect(note, rect):
            if kind != _WIDGET:
                said = _string(pdfium.FPDFAnnot_GetStringValue, note, b"Contents")
            elif page.formenv is not None:
                said = _filled(note, page.formenv)
            else:
                said = ""
            yield kind, said, rect
        pdfium.FPDFPage_CloseAnnot(note)


def _filled(note: Any, form: Any) -> str:
    """What a form's field shows."""
    import pypdfium2.raw as pdfium

    kind = pdfium.FPDFAnnot_GetFormFieldType(form, note)
    if kind in (_CHECKBOX, _RADIO):
        return "☒" if pdfium.FPDFAnnot_IsChecked(form, note) else "☐"
    if kind == _BUTTON or pdfium.FPDFAnnot_GetFormFieldFlags(form, note) & _PASSWORD:
        return ""
    return _string(pdfium.FPDFAnnot_GetFormFieldValue, form, note)


def _string(read: Any, *arguments: Any) -> str:
    """A string of PDFium's, asked first for its length in bytes, UTF-16 with an end of zero."""
    import pypdfium2.raw as pdfium

    length = read(*arguments, None, 0)
    held = ctypes.create_string_buffer(max(length, 2))
    read(*arguments, ctypes.cast(held, ctypes.POINTER(pdfium.FPDF_WCHAR)), length)
    return held.raw[: max(length - 2, 0)].decode("utf-16-le", "replace").replace("\r", "\n")
