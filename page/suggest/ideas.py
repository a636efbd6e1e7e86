"""Questions that a text may answer, best first, and which of them it does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from page.suggest import labels
from page.suggest.asked import asked
from page.suggest.clauses import clauses, could_be_person
from page.suggest.phrases import COUNTED, FEE, KNOWN, NAMED, ORDER
from page.suggest.words import BASES, PASTS, is_participle

if TYPE_CHECKING:
    from qa_core.inference.answer import Answer

LONGEST = 70  # characters of a question
SURE = 0.7  # confidence of an answer from which its question is suggested
SHOWN, TRIED = 4, 8  # questions that are suggested, and tried, at most

# Words that tell nothing outside their text, and ends that want more.
_POINTS = re.compile(
    r"\b(?:it|them|they|he|she|this|these|those|him|one|us|me|I|everything|everyone|yes|no|something"
    r"|anything|there)\b"
)
_HANGS = re.compile(
    r"\b(?:after|before|(?<!come )to|with|of|the|an?|and|or|from|for|into|than|his|her|their)\Z"
)
_MARKS = re.compile(r"[,;:“”\"()\n]")


@dataclass(frozen=True, slots=True)
class Idea:
    """A question, and ``text[start:end]``, of which the answer should hold a part.

    worth: the better questions have more.
    """

    question: str
    start: int
    end: int
    worth: float


def ideas(text: str) -> list[Idea]:
    """All questions that are found, each once."""
    found = [*_of_clauses(text), *_of_phrases(text), *_of_orders(text)]
    found += [Idea(*row) for row in labels.questions(text)]
    once: dict[str, Idea] = {}
    for one in sorted(found, key=lambda one: -one.worth):
        if len(one.question) <= LONGEST:
            once.setdefault(one.question.lower(), one)
    return list(once.values())


def worth_trying(text: str) -> list[Idea]:
    """A few of them, each after something else in the text."""
    kept: list[Idea] = []
    for one in ideas(text):
        if all(one.end <= other.start or other.end <= one.start for other in kept):
            kept.append(one)
    return kept[:TRIED]


def holds(idea: Idea, answer: Answer) -> bool:
    """Whether an answer is sure, and the one that is expected."""
    overlaps = answer.start < idea.end and idea.start < answer.end
    return answer.answerable and overlaps and answer.confidence >= SURE


def _of_clauses(text: str) -> Iterator[Idea]:
    for clause in clauses(text):
        for question, span, worth in asked(clause):
            words = " ".join(question.split())
            told = words.partition(clause.subject)[2] or words
            if not (_POINTS.search(told) or _HANGS.search(words) or _MARKS.search(words)):
                yield Idea(f"{words}?", *span, worth)


def _of_phrases(text: str) -> Iterator[Idea]:
    """Who somebody is, what something costs or is called, how many do something."""
    for found in KNOWN.finditer(text):
        name = found["name"] or found["named"]
        if could_be_person(name):
            yield Idea(f"Who is {name}?", *found.span("what" if found["name"] else "title"), 2.3)
    for found in FEE.finditer(text):
        yield Idea(f"How much is the {found['what']}?", *found.span("money"), 2.7)
    for found in NAMED.finditer(text):
        if found["what"] not in ("man", "woman", "so", "one"):
            yield Idea(f"What is the {found['what']} called?", *found.span("name"), 2.3)
    for found in COUNTED.finditer(text):
        verb, does, rest = found["verb"], found["does"] or "", found["rest"]
        known = is_participle(verb) if does else verb in PASTS
        if known and not (_POINTS.search(rest) or _HANGS.search(rest)):
            question = f"How many {found['things']} {does}{verb}{rest}?"
            yield Idea(question, *found.span("number"), 2.5)


def _of_orders(text: str) -> Iterator[Idea]:
    """How what a text tells to do is to be done."""
    asks = {
        "long": "How long should",
        "heat": "At what temperature should",
        "until": "Until when should",
        "often": "How often should",
    }
    for found in ORDER.finditer(text):
        verb, what = found["verb"].lower(), found["what"]
        if verb not in BASES or _POINTS.search(what) or re.search(r"\d", what):
            continue
        who = "you" if what else "it"
        for kind, ask in asks.items():
            if found[kind] and (what or verb in ("bake", "cook", "simmer", "roast")):
                yield Idea(f"{ask} {who} {verb}{what}?", *found.span(kind), 2.4)
