"""Letters put to their words: raised and lowered ones, spaced headings, large initials. Pure.

Places are counted in points from a page's upper left.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from statistics import median

from qa_core.text.documents.blocks import raised
from qa_core.text.documents.pages.sheets import Piece, bands_of

SMALLER = 0.92  # times as high as the letters beside it is a raised or lowered one
TOUCHES = 0.1  # ems between it and them
LEAST = 4  # letters of a spaced word or heading
SPACED = 1.0  # ems between them, from which on they rather stand in columns
WORDS = 1.6  # times as much room between words as between their letters
DOTS, LEADER = ".·…", 5  # of which at least so many lead to a number
LARGE = 1.7  # times as high as the text beside it is an initial
BESIDE = 0.6  # ems between it and its word
BLANK = 0.15  # ems that its line stands farther to the right than the next, after a blank


def scripted(pieces: Sequence[Piece]) -> list[Piece]:
    """A page's words, as they are drawn, with what stands above and below their lines: ``km²``."""
    found: list[Piece] = []
    for piece in pieces:
        last = found[-1] if found else piece
        low, high = sorted((last, piece), key=lambda one: one.height)
        is_beside = (
            low.height < SMALLER * high.height
            and abs(piece.left - last.right) < TOUCHES * high.height
            and high.top - low.height < low.middle < high.bottom + low.height / 2
            and last.cell == piece.cell
        )
        is_raised = low.bottom < high.bottom - TOUCHES * high.height
        text = raised(low.text) if is_raised else low.text
        is_script = abs(low.bottom - high.bottom) > TOUCHES * high.height and (
            text != low.text or low.text.isdigit() or last.text[-1].isdigit()
        )
        if is_beside and is_script:
            parts = [replace(one, text=text) if one is low else one for one in (last, piece)]
            words = [word for one in parts for word in one.words]
            right = max(last.right, piece.right)
            whole = "".join(one.text for one in parts)
            found[-1] = replace(high, text=whole, left=last.left, right=right, parts=tuple(words))
        else:
            found.append(piece)
    return found


def without_leaders(pieces: Sequence[Piece]) -> list[Piece]:
    """A page's words without the dots that lead from a name to its number, as in a list of
    contents."""
    led: set[int] = set()
    lone = [one for one in pieces if not one.text.strip(DOTS)]
    for band in bands_of(pieces) if lone else ():
        for is_dots, run in itertools.groupby(band, lambda one: not one.text.strip(DOTS)):
            dots = list(run) if is_dots else []
            if sum(len(one.text) for one in dots) >= LEADER:
                led.update(map(id, dots))
    return [_stripped(piece) for piece in pieces if id(piece) not in led]


def _stripped(piece: Piece) -> Piece:
    """A word without the leading dots that touch it."""
    text = piece.text
    for end in (text.rstrip(DOTS), text.lstrip(DOTS)):
        if end and len(text) - len(end) >= LEADER:
            width = (piece.right - piece.left) / len(text)
            right = piece.right if text.endswith(end) else piece.left + width * len(end)
            piece = replace(piece, text=end, left=right - width * len(end), right=right)
            break
    return piece


def gathered(pieces: Sequence[Piece]) -> list[Piece]:
    """A page's words, those of spaced letters and those with a large initial as one each."""
    found = [one for band in bands_of(pieces) for one in _closed(band)]
    usual = median(piece.height for piece in found) if found else 0.0
    for initial in [one for one in found if one.height > LARGE * usual and _is_initial(one.text)]:
        _put(initial, found)
    return found


def _is_initial(text: str) -> bool:
    letters = text.lstrip("\"'“„‘«¿¡(")
    return len(letters) == 1 and letters.isupper()


def _put(initial: Piece, found: list[Piece]) -> None:
    """Put a large initial before the first word beside it, where two lines or more stand so."""
    inside = [
        one for one in found
        if initial.top < one.middle < initial.bottom and LARGE * one.height < initial.height
        and -0.15 < (one.left - initial.right) / max(one.height, 1) < 2 * BESIDE
    ]  # fmt: skip
    lines = [band[0] for band in bands_of(inside) if not _goes_on(band[0], initial, found)]
    if len(lines) < 2:
        return
    word, others = lines[0], lines[1:]
    margin = min(one.left for one in others)
    if margin - initial.right > BESIDE * word.height or not word.text[0].isalpha():
        return
    is_apart = word.left - margin > BLANK * word.height
    whole = Piece(f"{initial.text}{word.text}", initial.left, word.top, word.right, word.bottom)
    place = found.index(word)
    if is_apart:
        first = replace(initial, top=word.top, bottom=word.bottom, right=word.left - 1)
        found[place] = replace(word, text=f"{initial.text} {word.text}", parts=(first, word))
    else:  # where the lines beside the initial begin, so that they are of one paragraph
        found[place] = replace(word, text=whole.text, parts=(whole,))
    found.remove(initial)


def _goes_on(word: Piece, initial: Piece, found: Sequence[Piece]) -> bool:
    """Whether a word stands behind another one than the initial."""
    return any(
        abs(one.middle - word.middle) < word.height / 2 and word.left - one.left > 0
        and word.left - one.right < word.height
        for one in found if one is not initial
    )  # fmt: skip


def _closed(band: Sequence[Piece]) -> Iterator[Piece]:
    """A line in which letters that stand apart evenly are words."""
    runs: list[list[Piece]] = []
    for piece in band:
        last = runs[-1][-1] if runs else None
        is_near = last is not None and (
            len(last.text) == len(piece.text) == 1
            and last.text.isalnum()
            and piece.text.isalnum()
            and abs(last.height - piece.height) < 0.1 * piece.height
            and piece.left - last.right < 2 * SPACED * piece.height
        )
        if is_near:
            runs[-1].append(piece)
        else:
            runs.append([piece])
    for run in runs:
        yield from _words(run) if _is_spaced(run) else run


def _is_spaced(run: Sequence[Piece]) -> bool:
    if len(run) < LEAST:
        return False
    letters = "".join(piece.text for piece in run)
    if sum(map(str.isalpha, letters)) < LEAST or not (letters.isupper() or letters.istitle()):
        return False
    steps = [ord(other) - ord(one) for one, other in itertools.pairwise(letters)]
    return set(steps) != {1} and _usual(run) < SPACED * run[0].height


def _usual(run: Sequence[Piece]) -> float:
    """The room between the letters of a word."""
    gaps = sorted(other.left - one.right for one, other in itertools.pairwise(run))
    return gaps[len(gaps) // 3]


def _words(run: Sequence[Piece]) -> Iterator[Piece]:
    most = max(WORDS * _usual(run), 0.1 * run[0].height)
    word = run[0]
    for piece in run[1:]:
        if piece.left - word.right > most:
            yield word
            word = piece
        else:
            bounds = min(word.top, piece.top), piece.right, max(word.bottom, piece.bottom)
            word = Piece(word.text + piece.text, word.left, *bounds)
    yield word
