"""What to know of a question or a text that this reader is not made for. Light, and offline."""

from __future__ import annotations

import re
import unicodedata
from itertools import islice

from page import messages
from page.look import ASSETS

SAMPLE = 2_000  # words of a text that are looked at
ENOUGH = 8  # words, below which their language is anybody's guess

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_VERBS = re.compile(
    r"\W*(?:am|are|can|could|did|do|does|had|has|have|is|may|might|must|shall|should|was|were|will"
    r"|would|ain['’]t|can['’]t|won['’]t"
    r"|(?:are|could|did|do|does|had|has|have|is|should|was|were|would)n['’]t)\b",
    re.I,
)
_ASKS_MORE = re.compile(r"\b(or|who|whom|whose|what|when|where|which|why|how)\b", re.I)

_LANGUAGES = {
    name: frozenset(words.split())
    for name, _, words in (
        line.partition(":")
        for line in (ASSETS / "languages.txt").read_text(encoding="utf-8").splitlines()
        if not line.startswith("#")
    )
}
_ENGLISH = _LANGUAGES.pop("English")
_OTHERS = frozenset().union(*_LANGUAGES.values()) - _ENGLISH


def of_text(context: str) -> tuple[str, ...]:
    """A hint where a text is hardly English."""
    return () if is_english(context) else (messages.NOT_ENGLISH,)


def of_question(question: str) -> tuple[str, ...]:
    """A hint where a question wants a yes or a no, which stands in no text."""
    return (messages.YES_OR_NO,) if is_yes_or_no(question) else ()


def is_english(text: str) -> bool:
    """Whether a text may be English: by its script, and by which languages' small words it has.

    A word counts once: "van" is Dutch, but a list of vans may say it in each line.
    """
    words = [match[0].lower() for match in islice(_WORD.finditer(text), SAMPLE)]
    letters = "".join(words)[: 4 * SAMPLE]
    if not letters:
        return True
    latin = sum(character.isascii() or _is_latin(character) for character in letters)
    if 2 * latin < len(letters):
        return False
    different = set(words)
    english, others = len(different & _ENGLISH), len(different & _OTHERS)
    return len(words) < ENOUGH or others <= max(english, 0.08 * len(different))


def _is_latin(character: str) -> bool:
    return unicodedata.name(character, "").startswith("LATIN")


def is_yes_or_no(question: str) -> bool:
    """Whether a question in English asks for a yes or a no, and for nothing else."""
    return bool(_VERBS.match(question)) and not _ASKS_MORE.search(question)
