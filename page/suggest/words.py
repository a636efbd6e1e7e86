"""The English that questions are made with: forms of common verbs, and other words by kind."""

from __future__ import annotations

import re

from page.look import ASSETS


def lines(name: str) -> list[str]:
    """What a list of words among the assets holds."""
    text = (ASSETS / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if not line.startswith("#")]


def _forms() -> tuple[dict[str, str], set[str], dict[str, str]]:
    pasts: dict[str, str] = {}
    participles: set[str] = set()
    bases: list[str] = []
    for line in lines("verbs.txt"):
        base, *others = line.split()
        if len(others) != 2:
            bases += [base, *others]
            pasts |= {_past(one): one for one in (base, *others)}
            participles |= {_past(one) for one in (base, *others)}
            continue
        bases.append(base)
        participles.add(others[1])
        if base not in ("be", "have"):
            pasts[others[0]] = base
    return pasts, participles, {_third(base): base for base in bases if base != "be"}


def _past(base: str) -> str:
    if base.endswith("e"):
        return f"{base}d"
    if re.search(r"[^aeiou]y$", base):
        return f"{base[:-1]}ied"
    short = re.fullmatch(r"[^aeiou]*[aeiou][bdgmnprt]", base)
    last = base[-1] if short or base in ("cancel", "travel", "submit", "admit", "transfer") else ""
    return f"{base}{last}ed"


def _third(base: str) -> str:
    if base == "have":
        return "has"
    if re.search(r"[^aeiou]y$", base):
        return f"{base[:-1]}ies"
    return f"{base}es" if re.search(r"(?:[sxzo]|[cs]h)$", base) else f"{base}s"


PASTS, PARTICIPLES, THIRDS = _forms()  # pasts and third persons with their bases
BASES = frozenset(THIRDS.values())
WORDS = {
    kind: tuple(words.split())
    for kind, _, words in (line.partition(":") for line in lines("english.txt"))
}


def is_participle(word: str) -> bool:
    """Whether a word after "to be" says what is done."""
    return word in PARTICIPLES or (len(word) > 4 and word.endswith("ed"))


def one_of(kind: str) -> str:
    """A pattern for any word of a kind."""
    return rf"\b(?:{'|'.join(WORDS[kind])})\b"
