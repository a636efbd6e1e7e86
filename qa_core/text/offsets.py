"""Offsets in code points, which Python counts, and in UTF-16 units, which browsers count. Pure."""

from __future__ import annotations

from qa_core.errors import InputError


def to_utf16(text: str, position: int) -> int:
    """The offset in UTF-16 units of the code point offset ``position``.

    Raises InputError if it lies outside the text.
    """
    if not 0 <= position <= len(text):
        raise InputError(
            f"expected an offset of 0 to {len(text)} code points, found {position}: "
            "is it counted in another unit, or in another text?"
        )
    return position + sum(map(_is_astral, text[:position]))


def from_utf16(text: str, units: int) -> int:
    """The code point offset of an offset in UTF-16 units.

    Raises InputError if it lies outside the text or between the halves of a character.
    """
    passed = position = 0
    while passed < units and position < len(text):
        passed += 1 + _is_astral(text[position])
        position += 1
    if passed != units:
        raise InputError(
            f"expected an offset of whole characters, up to {to_utf16(text, len(text))} UTF-16 "
            f"units, found {units}: is it counted in another unit, or in another text?"
        )
    return position


def well_formed(text: str) -> str:
    """The text with the halves of surrogate pairs joined, and U+FFFD for a lone one."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def stands(text: str, start: int, words: str) -> bool:
    """Whether the words stand in the text at ``start``, in code points."""
    return start >= 0 and text.startswith(words, start)


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without the blanks at its ends; empty where it holds nothing else."""
    words = text[start:end]
    first = start + len(words) - len(words.lstrip())
    return first, max(first, start + len(words.rstrip()))


def check_span(text: str, start: int, end: int, expected: str) -> None:
    """Raise InputError unless ``text[start:end]``, in code points, is the ``expected`` words."""
    if not expected or end - start != len(expected) or not stands(text, start, expected):
        found = text[start:end] if 0 <= start < end <= len(text) else None
        raise InputError(
            f"expected {expected!r} at {start} to {end} of the context, found {found!r}: "
            "the text has changed, or the offsets are counted in another unit"
        )


def _is_astral(character: str) -> bool:
    return character > "\uffff"
