"""What a PDF tells of its tables: by tags, as Word and browsers write them, and by drawn lines."""

from __future__ import annotations

import ctypes
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from qa_core.text.documents.pages.sheets import Cell, Piece

THIN = 3.0  # points of a line's width
SHORTEST = 6.0  # points of a line's length
MOST_POINTS = 2000  # of a path; one of more is a picture
DEEPEST = 50  # tags in each other
WIDEST = 100  # columns and rows that a cell may span

Turn = Callable[[float, float, float, float], tuple[float, float, float, float]]


@dataclass
class _Tag:
    """A tag, with the numbers of the marked contents that it holds itself."""

    kind: str
    wide: int = 1
    tall: int = 1
    marks: list[int] = field(default_factory=list)
    inner: list[_Tag] = field(default_factory=list)

    def every(self) -> Iterator[_Tag]:
        yield self
        for one in self.inner:
            yield from one.every()


def tagged(page: Any) -> dict[int, Cell]:
    """By the numbers of marked contents, the cells of tables that they stand in."""
    import pypdfium2.raw as pdfium

    tree = pdfium.FPDF_StructTree_GetForPage(page)
    if not tree:
        return {}
    whole = _Tag("")
    for number in range(pdfium.FPDF_StructTree_CountChildren(tree)):
        whole.inner.append(_tag(pdfium.FPDF_StructTree_GetChildAtIndex(tree, number)))
    pdfium.FPDF_StructTree_Close(tree)
    found: dict[int, Cell] = {}
    tables = [one for one in whole.every() if one.kind == "Table"]
    for number, table in enumerate(tables):
        if sum(one.kind == "Table" for one in table.every()) == 1:  # or it lays out a page
            for tag, cell in _cells(table, number):
                found.update((mark, cell) for one in tag.every() for mark in one.marks)
    return found


def _tag(element: Any, depth: int = 0) -> _Tag:
    import pypdfium2.raw as pdfium

    held = ctypes.create_string_buffer(64)
    length = pdfium.FPDF_StructElement_GetType(element, held, 64)
    tag = _Tag(held.raw[: max(min(length, 64) - 2, 0)].decode("utf-16-le", "replace"))
    if tag.kind in ("TD", "TH"):
        tag.wide, tag.tall = (_span(element, name) for name in (b"ColSpan", b"RowSpan"))
    for number in range(pdfium.FPDF_StructElement_CountChildren(element)):
        if inner := pdfium.FPDF_StructElement_GetChildAtIndex(element, number):
            if depth < DEEPEST:
                tag.inner.append(_tag(inner, depth + 1))
        elif (mark := pdfium.FPDF_StructElement_GetChildMarkedContentID(element, number)) >= 0:
            tag.marks.append(mark)
    return tag


def _span(element: Any, name: bytes) -> int:
    import pypdfium2.raw as pdfium

    number = ctypes.c_float(1)
    for place in range(pdfium.FPDF_StructElement_GetAttributeCount(element)):
        told = pdfium.FPDF_StructElement_GetAttributeAtIndex(element, place)
        value = pdfium.FPDF_StructElement_Attr_GetValue(told, name)
        if value and pdfium.FPDF_StructElement_Attr_GetNumberValue(value, ctypes.byref(number)):
            break
    return int(min(max(number.value, 1), WIDEST))


def _cells(table: _Tag, number: int) -> Iterator[tuple[_Tag, Cell]]:
    """A table's cells, in the columns that those of the rows above leave free."""
    taken: set[tuple[int, int]] = set()
    for row, line in enumerate(one for one in table.every() if one.kind == "TR"):
        column = 0
        for tag in line.inner:
            if tag.kind in ("TD", "TH"):
                while (row, column) in taken:
                    column += 1
                taken |= {(row + down, column + across)
                          for down in range(tag.tall) for across in range(tag.wide)}  # fmt: skip
                yield tag, Cell(number, row, column, tag.wide, tag.tall, tag.kind == "TH")


def rules(page: Any, turn: Turn) -> list[Piece]:
    """The lines drawn on a page, as boxes without words. turn: to places as it is shown."""
    import pypdfium2.raw as pdfium

    found = []
    for number in range(pdfium.FPDFPage_CountObjects(page)):
        one = pdfium.FPDFPage_GetObject(page, number)
        if pdfium.FPDFPageObj_GetType(one) == pdfium.FPDF_PAGEOBJ_PATH:
            for x0, y0, x1, y1 in _lines(one):
                rule = Piece("", *turn(min(x0, x1), max(y0, y1), max(x0, x1), min(y0, y1)))
                wide, high = rule.right - rule.left, rule.height
                if min(wide, high) < THIN and max(wide, high) > SHORTEST:
                    found.append(rule)
    return found


def _lines(path: Any) -> Iterator[tuple[float, float, float, float]]:
    """The sides of a path that is stroked, and the narrow parts of one that is filled."""
    import pypdfium2.raw as pdfium

    filled, stroked = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDFPath_GetDrawMode(path, ctypes.byref(filled), ctypes.byref(stroked))
    count = pdfium.FPDFPath_CountSegments(path)
    if count > MOST_POINTS or not (filled.value or stroked.value):
        return
    matrix = pdfium.FS_MATRIX()
    pdfium.FPDFPageObj_GetMatrix(path, ctypes.byref(matrix))
    x, y = ctypes.c_float(), ctypes.c_float()
    part: list[tuple[float, float]] = []
    for place in range(count + 1):
        segment = pdfium.FPDFPath_GetPathSegment(path, place) if place < count else None
        kind = pdfium.FPDFPathSegment_GetType(segment) if segment else pdfium.FPDF_SEGMENT_MOVETO
        if kind == pdfium.FPDF_SEGMENT_MOVETO and part:
            yield from _sides(part, bool(stroked.value))
            part = []
        if segment:
            pdfium.FPDFPathSegment_GetPoint(segment, ctypes.byref(x), ctypes.byref(y))
            part.append((
                matrix.a * x.value + matrix.c * y.value + matrix.e,
                matrix.b * x.value + matrix.d * y.value + matrix.f,
            ))  # fmt: skip
            if pdfium.FPDFPathSegment_GetClose(segment):
                part.append(part[0])


def _sides(
    points: list[tuple[float, float]], is_stroked: bool
) -> Iterator[tuple[float, float, float, float]]:
    across, along = zip(*points, strict=True)
    box = min(across), min(along), max(across), max(along)
    if min(box[2] - box[0], box[3] - box[1]) < THIN:
        yield box
    elif is_stroked:
        for (x0, y0), (x1, y1) in itertools.pairwise(points):
            yield x0, y0, x1, y1
