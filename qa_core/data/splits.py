"""Splits that share no paragraph. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from qa_core.data.examples import Example


def paragraph_fraction(context: str) -> float:
    """A number in [0, 1) that depends on nothing but the paragraph's letters and digits.

    Case, spacing and punctuation are ignored, so that a lower-cased or re-tokenized copy of a
    paragraph falls on the same side of every split.
    """
    letters = "".join(character for character in context.casefold() if character.isalnum())
    return int.from_bytes(hashlib.sha256(letters.encode()).digest()[:8], "big") / 2**64


def split_by_paragraph(
    examples: Iterable[Example], held_out: float
) -> tuple[list[Example], list[Example]]:
    """Examples to learn from and examples held out, about ``held_out`` (0 to 1) of the paragraphs.

    Which side a paragraph falls on never changes, whatever else the data holds.
    """
    sides: tuple[list[Example], list[Example]] = ([], [])
    for example in examples:
        sides[paragraph_fraction(example.context) < held_out].append(example)
    return sides
