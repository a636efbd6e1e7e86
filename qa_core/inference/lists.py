"""Answers that are lists: their items. Pure.

The reader answers with one span. Where that is an enumeration ("Ann, Bob and Eve") and the question
asks for several things, each item is a part of the answer that programs may want apart.
"""

from __future__ import annotations

import re

LONGEST = 8  # words of an item; what is longer is a clause
# Between two items; the last two have a word between them, mostly.
_GAP = re.compile(
    r"(?P<last>\s{0,3}[,;]?\s{1,3}(?:and|or|&|as well as)\s{1,3})|\s{0,3}[,;]\s{1,3}", re.I
)
_SEVERAL = re.compile(  # what more than one thing may answer
    r"^\W*(?:(?:and|so|but|then)\s+)?(?:who|whom|(?P<where>where))\b"
    r"|\b(?:which|what)\s+(?:[\w'’-]+\s+){0,2}?(?!(?:is|was|does|has|goes|comes|happens|makes|this|counts)\b)"
    r"(?:[\w'’-]*[^\Wsui]s|people|children|(?:wo)?men)\b"
    r"|\b(?:what|which|who)\s+(?:all|else|are|were)\b|\bnames\b|^\W*(?:list|name)\s+(?:all|the|every)\b",
    re.I,
)
# What stands in a sentence, or at the beginning of a clause, and in no item of a list.
_SENTENCE = re.compile(r"\w\w[.!?]\s+\w|[:\n]|\d\s*,\s+\d{4}\b|^(?:between|from)\b", re.I)
_CLAUSE = re.compile(
    r"^(?:which|who|whom|whose|that|but|not|so|because|since|if|then|when|where|while|although|as"
    r"|until|unless|it|he|she|they|we|you|i|this)\b"
    r"|\b(?:is|are|was|were|has|had|have|will|shall|may|must|can|both|[a-z]+n['’]t)\b",
    re.I,
)
_PREPOSITION = re.compile(r"(?:to|in|at|on|with|for|from|by|of|near)\b", re.I)


def items(question: str, answer: str) -> list[tuple[int, int]]:
    """Where the items of an answer that is a list stand in it, in code points; else nothing."""
    asked = _SEVERAL.search(question)
    gaps = list(_GAP.finditer(answer))
    if not asked or not gaps or _SENTENCE.search(answer) or any(gap["last"] for gap in gaps[:-1]):
        return []
    if not gaps[-1]["last"] and (len(gaps) < 2 or asked["where"]):  # "Austin, Texas" is one place
        return []
    edges = [0, *(edge for gap in gaps for edge in gap.span()), len(answer)]
    found = list(zip(edges[::2], edges[1::2], strict=True))
    first, *others = (answer[start:end] for start, end in found)
    if any(map(_PREPOSITION.match, others)) and not _PREPOSITION.match(first):
        return []
    return found if all(map(_is_item, [first, *others])) else []


def _is_item(words: str) -> bool:
    count, whole = len(re.findall(r"\w+", words)), words.count("(") == words.count(")")
    return whole and 0 < count <= LONGEST and not _CLAUSE.search(words)
