"""Tables of characters, so that a browser sorts them as Python and the tokenizer do here.

Browsers know other versions of Unicode. A table is a list of (gap, length) pairs, one
after the other, from code point 0. Pure.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Table = list[int]
CODES = 0x110000
SURROGATES = range(0xD800, 0xE000)
BLOCK = 128


def of_python() -> dict[str, Table]:
    """What `qa_core.inference.bounds` and `spans` ask of a character."""
    return {
        "alpha": table(map(str.isalpha, every())),
        "digit": table(map(str.isdigit, every())),
        "combining": table(unicodedata.combining(one) > 0 for one in every()),
        "says": table(unicodedata.category(one)[0] not in "PZC" for one in every()),
    }


def of_tokenizer(tokenizer: Tokenizer) -> dict[str, Table]:
    """What a tokenizer of BERT's kind makes of a character: nothing, a blank, or a word of its own.

    Whole blocks of characters that it leaves as they are are passed over at once.
    """
    kinds: list[str] = []
    for first in range(0, CODES, BLOCK):
        block = [chr(code) for code in range(first, first + BLOCK)]
        if first in SURROGATES or _cut(tokenizer, "a".join(block)) == ["a".join(block)]:
            kinds += [""] * BLOCK
        else:
            kinds += [_kind(_cut(tokenizer, f"a{one}a")) for one in block]
    return {kind: table(found == kind for found in kinds) for kind in ("dropped", "blank", "alone")}


def table(flags: Iterable[bool]) -> Table:
    """The table of the code points, in their order, for which the flag is set."""
    lengths: Table = []
    for flag, run in groupby(flags):
        if flag and not lengths:
            lengths.append(0)
        lengths.append(len(list(run)))
    return lengths[: len(lengths) // 2 * 2]


def every() -> Iterator[str]:
    """Every character, surrogates included."""
    return map(chr, range(CODES))


def _cut(tokenizer: Tokenizer, text: str) -> list[str]:
    return [
        word
        for word, _ in tokenizer.pre_tokenizer.pre_tokenize_str(
            tokenizer.normalizer.normalize_str(text)
        )
    ]


def _kind(words: list[str]) -> str:
    """The kind of a character that stood between two letters "a"."""
    if words == ["aa"]:
        return "dropped"
    if words == ["a", "a"]:
        return "blank"
    return "alone" if len(words) > 1 else ""
