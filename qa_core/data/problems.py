"""What is wrong with a row of data, and how to mend it."""

from __future__ import annotations

import re
import reprlib
import unicodedata
from collections.abc import Callable

from qa_core.errors import InputError
from qa_core.text.offsets import from_utf16, stands


class Problem(Exception):
    """Why data cannot be taken: what was expected, what was found, how to mend it."""

    def __init__(self, expected: str, found: str, mend: str) -> None:
        super().__init__(f"expected {expected}; found {found}; to mend it: {mend}")
        self.expected = expected
        self.found = found
        self.mend = mend


_SHORT = reprlib.Repr()
_SHORT.maxstring = 80
_SHORT.maxlist = _SHORT.maxdict = 8


def show(value: object) -> str:
    """`value` on one short line: strings quoted and escaped, long ones cut in the middle."""
    return _SHORT.repr(value)


def misplaced(text: str, start: int, context: str) -> Problem:
    """Why `context` does not hold the answer `text` at `start`, and where it does.

    Names the unit in which the offset seems to have been counted, if not in code points.
    """
    expected = f"the answer {show(text)} at {start} (in code points)"
    end = start + len(text)
    if 0 <= start <= end <= len(context):
        found = f"{show(context[start:end])} there"
    else:
        found = f"a context of {len(context)} code points"
    if start > 0:
        for unit, to_code_points in _UNITS.items():
            place = to_code_points(context, start)
            if stands(context, place, text):
                found += f", and the text at {place}: the offset looks like {unit}"
                return Problem(expected, found, f"set answer_start to {place}")
    places = [context.rfind(text, 0, max(end, 0)), context.find(text, max(start, 0))]
    if places != [-1, -1]:
        nearest = min((p for p in places if p >= 0), key=lambda place: abs(place - start))
        found += f", and the text at {nearest}"
        return Problem(expected, found, f"set answer_start to {nearest}")
    found += ", and the text nowhere in the context"
    for difference, without in _DIFFERENCES.items():
        if without(text) in without(context):
            found += f" unless {difference} is ignored"
            break
    return Problem(expected, found, "copy the answer from the context as it stands there")


def _from_utf16(context: str, start: int) -> int:
    try:
        return from_utf16(context, start)
    except InputError:
        return -1


def _from_utf8(context: str, start: int) -> int:
    return len(context.encode()[:start].decode(errors="ignore"))


def _from_one_per_crlf(context: str, start: int) -> int:
    for line_end in re.finditer("\r\n", context):
        if line_end.start() >= start:
            break
        start += 1
    return start


def _from_two_per_newline(context: str, start: int) -> int:
    for line_end in re.finditer("\n", context):
        if line_end.start() >= start:
            break
        start -= 1
    return start


def _from_stripped(context: str, start: int) -> int:
    return start + len(context) - len(context.lstrip())


def _from_after_bom(context: str, start: int) -> int:
    return start + len(context) - len(context.lstrip("\ufeff"))


def _from_one_based(context: str, start: int) -> int:
    return start - 1


# How offsets go wrong in practice; each function turns such an offset into code points.
_UNITS: dict[str, Callable[[str, int], int]] = {
    "UTF-16 units": _from_utf16,
    "UTF-8 bytes": _from_utf8,
    r"\r\n counted as one": _from_one_per_crlf,
    r"\n counted as two": _from_two_per_newline,
    "leading blanks not counted": _from_stripped,
    "a leading BOM not counted": _from_after_bom,
    "counted from 1": _from_one_based,
}
_DIFFERENCES: dict[str, Callable[[str], str]] = {
    "letter case": str.casefold,
    "white space": lambda text: " ".join(text.split()),
    "Unicode form (NFC, NFD)": lambda text: unicodedata.normalize("NFC", text),
}
