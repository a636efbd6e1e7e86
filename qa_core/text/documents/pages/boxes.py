"""Where words stand on pages, as rectangles. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

UNIT = 10  # parts of a point in which places are kept
_FIELDS = 6  # of a word: start, end, left, top, right, bottom
_NEAR = 1.5  # of a line's height: the most room between words of a line


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a page, in points from the upper left of the page as it is shown.

    page: counted from 1.
    """

    page: int
    left: float
    top: float
    right: float
    bottom: float


def boxes_of(words: Sequence[int], pages: Sequence[int], start: int, end: int) -> tuple[Box, ...]:
    """The rectangles of ``[start, end)``, one for each line that it stands on.

    words: six numbers a word, as `Document.words`. pages: where each page begins. Of a word that
    the span cuts, as much is taken as it has letters.
    """
    count = len(words) // _FIELDS
    first = bisect_right(range(count), start, key=lambda number: words[number * _FIELDS + 1])
    found: list[Box] = []
    for number in range(first, count):
        begin, stop, *sides = words[number * _FIELDS : (number + 1) * _FIELDS]
        if begin >= end:
            break
        left, top, right, bottom = (side / UNIT for side in sides)
        letter = (right - left) / (stop - begin)
        left, right = (
            left + letter * max(0, start - begin),
            right - letter * max(0, stop - end),
        )
        box = Box(max(1, bisect_right(pages, begin)), left, top, right, bottom)
        if found and _is_next(found[-1], box):
            found[-1] = _around(found[-1], box)
        else:
            found.append(box)
    return tuple(found)


def _is_next(last: Box, box: Box) -> bool:
    """Whether a word stands beside the last one, on the same line."""
    height = min(last.bottom - last.top, box.bottom - box.top)
    shared = min(last.bottom, box.bottom) - max(last.top, box.top)
    beside = -height < box.left - last.right < _NEAR * height
    return last.page == box.page and shared > height / 2 and beside


def _around(one: Box, other: Box) -> Box:
    return Box(
        one.page,
        min(one.left, other.left),
        min(one.top, other.top),
        max(one.right, other.right),
        max(one.bottom, other.bottom),
    )
