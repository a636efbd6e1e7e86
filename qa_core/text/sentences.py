"""The sentences of a text. Pure.

Lines end sentences, and so do the stops of scripts that use them for nothing else. Of the other
stops syntok tells those that end a sentence from those of decimals, initials and abbreviations;
it is asked only where a stop can be either, since it is a hundred times as slow as a pattern.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from syntok.tokenizer import Tokenizer

CLOSING = "\"'”’»)\\]」』）"
# Where a sentence ends for sure, blanks included: a line; a stop of another script; a stop after a
# longer word in small letters and before a capital.
SURE = re.compile(rf"\n\s*|[。！？؟।॥։።]+[{CLOSING}]*\s*|(?<=[a-z]{{5}})[.!?](?=\s+[A-Z])\s+")
PERHAPS = re.compile(r"[.!?…]\S{0,6}\s+(?![a-z\s])\S")  # no sentence begins with a small letter
LONGEST = 20_000  # characters that syntok is given; what is longer is no sentence anyone wrote


def sentences(text: str) -> list[tuple[int, int]]:
    """Where the sentences of a text stand, in code points, end exclusive.

    The blanks after a sentence, and those before the first, belong to it, so that the pieces join
    to the text. A text of nothing but blanks is one piece, an empty one none.
    """
    if not text:
        return []
    bounds = [0, *list(_starts(text))[1:], len(text)]
    return list(pairwise(bounds))


def _starts(text: str) -> Iterator[int]:
    """Where sentences begin, in order, after blanks before the first."""
    begin = len(text) - len(text.lstrip())
    while begin < len(text):
        found = SURE.search(text, begin)
        end = found.end() if found else len(text)
        yield begin
        if end - begin <= LONGEST and PERHAPS.search(text, begin, end):
            yield from _asked(text[begin:end], begin)
        begin = end


def _asked(text: str, shift: int) -> Iterator[int]:
    """Where syntok has sentences begin in a piece of the text, but for its first."""
    from syntok import segmenter

    split = segmenter.split(_tokenizer().tokenize(text))
    for sentence in list(split)[1:]:
        yield shift + sentence[0].offset


@cache
def _tokenizer() -> Tokenizer:
    from syntok.tokenizer import Tokenizer

    return Tokenizer(emit_hyphen_or_underscore_sep=True, replace_not_contraction=False)
