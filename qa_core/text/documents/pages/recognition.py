"""The words on a scanned page, by tesseract where it is installed."""

from __future__ import annotations

import re
from collections import defaultdict
from statistics import median
from typing import Any

from qa_core import child, settings
from qa_core.text.documents.pages.sheets import Piece

PROGRAM = "tesseract"
OFF = "off"
DOTS = 300  # per inch, of the picture that is looked at
INCH = 72  # points
POINT = INCH / DOTS  # points a pixel
SURE = 30  # per cent, below which a word is rather a stain
SECONDS = 30.0  # for a page
MAX_RECOGNISED = 50  # pages
HOW = (
    "install tesseract (Debian: apt-get install tesseract-ocr; macOS: brew install tesseract) to "
    "have scans read"
)
_WORD, _COLUMNS = 5, 12  # the level of a word in tesseract's table, and what is said of it


def languages() -> str:
    """What scans are recognised in; "" where they are not, by the setting or for want of it."""
    asked = settings.read().ocr
    return asked if asked != OFF and child.is_installed(PROGRAM) else ""


def recognised(page: Any, spoken: str) -> list[Piece]:
    """The words on a page (PDFium's), as it is shown; none where the program fails.

    spoken: languages, as `languages` gives them.
    """
    image = page.render(scale=DOTS / INCH, grayscale=True).to_numpy().squeeze()
    height, width = image.shape
    arguments = ("stdin", "stdout", "--dpi", str(DOTS), "-l", spoken, "tsv")
    told = b"P5 %d %d 255\n" % (width, height) + image.tobytes()
    said = child.run_program(PROGRAM, *arguments, told=told, timeout=SECONDS)
    return pieces(said.decode("utf-8", "replace"))


def pieces(table: str) -> list[Piece]:
    """The words of tesseract's table (TSV, in pixels), as high as the lines of their paragraph."""
    lines: dict[tuple[str, ...], list[tuple[float, float, float, float, str]]] = defaultdict(list)
    for row in table.splitlines():
        cells = row.split("\t")
        if len(cells) != _COLUMNS or cells[0] != str(_WORD):
            continue
        left, top, width, height, sure = (float(cell) for cell in cells[6:11])
        word = cells[11].strip()
        if sure >= SURE and re.search(r"\w|[-–—.,;:!?%€$£]", word):
            lines[tuple(cells[1:5])].append((left, top, left + width, top + height, word))
    heights: dict[tuple[str, ...], list[float]] = defaultdict(list)
    for key, words in lines.items():
        heights[key[:3]].append(max(word[3] for word in words) - min(word[1] for word in words))
    found = []
    for key, words in lines.items():
        middle = (max(word[3] for word in words) + min(word[1] for word in words)) / 2
        half = median(heights[key[:3]]) / 2
        for left, _, right, _, word in words:
            left, right = left * POINT, right * POINT
            found.append(Piece(word, left, (middle - half) * POINT, right, (middle + half) * POINT))
    return found
