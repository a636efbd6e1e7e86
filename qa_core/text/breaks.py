"""Where one thing ends and another begins: lines that were ended on purpose, and columns. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

NARROWEST = 40  # code points: lines are cut to no less
ALONE = 60  # the same, of a paragraph of two lines
FULL = 0.8  # of its width: what a line holds that is nearly full

_GAP = re.compile(r"(?<=\S)(?: *\t\s*| {3,})(?=\S)")
_ITEM = re.compile(r"[-–—*•▪◦·>|#→]|\(?[0-9a-zA-Z]{1,3}[.)]\s")


def breaks(context: str) -> list[int]:
    """Offsets (code points) at which something new begins, in ascending order.

    That is after a blank line, at an item of a list, after a tab or a gap of three blanks in a
    line, and after a line that ended though the next word had room in it. A line that is as wide
    as its paragraph goes on in the next one.
    """
    found = []
    for paragraph in _paragraphs(context):
        found.append(paragraph[0][0])
        lengths = [len(line) for _, line in paragraph]
        width = max(lengths)
        full = sum(length >= FULL * width for length in lengths)
        cut = (width >= NARROWEST and full > 1) or (width >= ALONE and len(lengths) == 2)
        for (_, line), (at, after) in pairwise(paragraph):
            has_room = len(line) + 1 + len(after.split(maxsplit=1)[0]) <= width
            if not cut or has_room or _ITEM.match(after):
                found.append(at)
        found += (at + gap.end() for at, line in paragraph for gap in _GAP.finditer(line))
    return sorted(found)


def _paragraphs(context: str) -> Iterator[list[tuple[int, str]]]:
    """Lines between blank ones, stripped, each with its offset."""
    paragraph: list[tuple[int, str]] = []
    at = 0
    for line in context.splitlines(keepends=True):
        if text := line.strip():
            paragraph.append((at + line.index(text[0]), text))
        elif paragraph:
            yield paragraph
            paragraph = []
        at += len(line)
    if paragraph:
        yield paragraph
