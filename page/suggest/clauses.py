"""The plain clauses of English sentences: who or what, a verb, and what follows.

Only clauses whose parts are sure are told; the others are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from page.suggest.phrases import WHEN
from page.suggest.words import BASES, PASTS, THIRDS, WORDS, is_participle, one_of
from qa_core.text.sentences import sentences

REACH = 400  # characters of a sentence that are looked at
LONGEST = 8  # words of a subject, and one

Span = tuple[int, int]
Match = re.Match[str]

BE = ("is", "are", "was", "were")
MODAL = ("must", "should", "shall", "can", "may", "will", "cannot")
_HAVE = ("has", "have")
_VAGUE = frozenset(WORDS["vague"])
_PLURAL_VERBS = ("are", "were", "must", "should", "can", "may", "will")

_WORD = re.compile(r"[\w'’&-]+(?:\.(?=\w)[\w'’&-]+)*")
_NOT = re.compile(r"\b(?:not|never|no longer|cannot|nor|neither|hardly|only)\b|n['’]t\b")
# Where another clause, or an aside, begins.
STOP = re.compile(
    r"[,.:](?!\d)|[;!?()\[\]–—…\"“”\n|/]"
    r"|\b(?:which|that|who|whom|whose|because|when|while|where|if|unless|so|but|though|although|as"
    r"|than|whether|including|until|before|after)\b"
    r"|\band (?=(?:\w+ ){1,4}(?:is|was|are|were|will|has|had)\b)"
    r"|\band (?=(?:he|she|it|they|we|you|I)\b)"
)
# What may stand before a clause: who speaks, a word that joins it, a bullet.
_LEAD = re.compile(
    r"(?:[A-Z][\w. ]{1,20}:\s+|(?:However|Also|Then|Finally|Meanwhile|Today|Note that"
    r"|Please note that|Remember that),?\s+|(?:[-*•·]|\d+[.)])\s+)+"
)
_GAP = re.compile(r",? (?=\w)")
_ASIDE = re.compile(r"[^,;:.!?\n()]{3,70}, ")
_FORMS = "|".join(sorted({*PASTS, *THIRDS, *BE, *MODAL, "has"}, key=len, reverse=True))
_SECOND = re.compile(rf",? and (?:also |then |now )?({_FORMS})\b(?! of\b)")
_NO_PERSON = re.compile(rf"{one_of('places')}|\d| and | of ")


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause.

    subject: as it reads inside a question. subject_span: where it stands in the text. lead: where
    a time stands before it. helper: a form of "to be" or "to have", a modal verb or "". verb:
    participle or base after a helper, else as it stands; "" where "to be" is all there is. tense:
    "past", "third" or "plain" of a verb without helper. rest: what follows, from `at` in the text.
    person: whether the subject is somebody. proper: whether it is a name.
    """

    subject: str
    subject_span: Span
    lead: Span | None
    helper: str
    verb: str
    tense: str
    rest: str
    at: int
    person: bool
    proper: bool

    @property
    def base(self) -> str:
        """The verb as after "did"."""
        return {"past": PASTS, "third": THIRDS}.get(self.tense, {}).get(self.verb, self.verb)

    @property
    def asks(self) -> str:
        """A question without its first words: "did the boat leave", "was the boat built"."""
        aux = self.helper or {"past": "did", "third": "does"}.get(self.tense, "do")
        return f"{aux} {self.subject} {self.base}".rstrip()

    @property
    def near(self) -> str:
        """The rest up to where another clause begins."""
        stop = STOP.search(self.rest)
        return self.rest[: stop.start()] if stop else self.rest


def clauses(text: str) -> Iterator[Clause]:
    """The sure ones, in order; of one whose subject does two things, both."""
    for begin, end in sentences(text):
        for piece in re.finditer(r"[^;\n]+", text[begin:end]):
            found = _clause(text, begin + piece.start(), begin + piece.end())
            while found:
                yield found
                found = _second(text, begin + piece.end(), found)


def could_be_person(name: str) -> bool:
    """Whether a name may be somebody's."""
    return not _NO_PERSON.search(name)


def _clause(text: str, start: int, end: int) -> Clause | None:
    """The clause that a piece of a sentence begins with."""
    if text[start:end].rstrip()[-1:] in ("?", "", ":"):
        return None
    start += len(text[start:end]) - len(text[start:end].lstrip())
    if found := _LEAD.match(text, start, end):
        start = found.end()
    lead = WHEN.match(text, start, end)
    if lead and (gap := _GAP.match(text, lead.end())):
        start = gap.end()
    else:
        lead = None
    words = list(_WORD.finditer(text, start, min(end, start + REACH)))
    if not words or words[0].start() != start:
        return None
    place, skipped = 1, False
    while place < min(LONGEST + 1, len(words)):
        between = text[words[place - 1].end() : words[place].start()]
        if between == ", " and not skipped:
            aside = _ASIDE.match(text, words[place].start(), end)
            after = [one for one in words[place:] if aside and one.start() >= aside.end()]
            if not after:
                return None
            words, skipped = words[:place] + after, True
            if not _is_verb(words, place):
                return None
        elif between.strip() or "\n" in between:
            return None
        if _is_verb(words, place):
            subject = _subject(text, words[:place], words[place][0], begins=lead is None)
            if subject:
                return _built(text, end, words, place, subject, lead and lead.span())
            if words[place][0] in (*BE, *MODAL, *_HAVE):
                return None
        place += 1
    return None


def _second(text: str, end: int, first: Clause) -> Clause | None:
    """What else the subject of a clause does."""
    more = _SECOND.match(text, first.at + len(first.rest), end)
    if more is None:
        return None
    subject = list(_WORD.finditer(text, *first.subject_span))
    words = [*subject, *_WORD.finditer(text, more.start(1), end)]
    return _built(text, end, words, len(subject), first.subject, None)


def _is_verb(words: list[Match], place: int) -> bool:
    word = words[place][0]
    if word in BE or word in MODAL or word in _HAVE or word in PASTS or word in THIRDS:
        return True
    return word in BASES and words[place - 1][0].lower() == "you"


def _subject(text: str, words: list[Match], verb: str, *, begins: bool) -> str:
    """The subject as it reads inside a question; "" where it is none that stands for itself.

    begins: whether it begins the sentence, so that its capital may mean nothing.
    """
    first, last = words[0][0], words[-1][0]
    small = [re.split("['’]", word[0].lower())[0] for word in words]
    whole = text[words[0].start() : words[-1].end()]
    lowered = whole[:1].lower() + whole[1:]
    if small[0] == "you":
        return lowered if len(words) == 1 else ""
    vague = [one for one in small if one in _VAGUE and one not in WORDS["joining"]]
    verbs = [one for one in small if one in (*BE, *MODAL, *_HAVE, "had")]
    if vague or verbs or small[0] in _VAGUE or small[-1] in _VAGUE or last.endswith("ly"):
        return ""
    if small[0] in ("your", "our", "my"):  # the one who asks is another
        names = any(word[0][:1].isupper() for word in words[1:])
        return "" if names or len(words) < 2 else f"the {whole.partition(' ')[2]}"
    if small[0] in ("the", "a", "an", "all"):
        return lowered if len(words) > 1 else ""
    if re.search(r"\d", first):
        return ""
    if first[:1].islower():
        if not begins:
            return whole if last.endswith("s") else ""
        return f"the {whole}" if len(words) <= 3 and verb in (*THIRDS, "is") else ""  # in a chat
    if not begins or _is_name(text, [word[0] for word in words]):
        return whole
    common = (
        (len(words) == 1 and small[0] in WORDS["mass"])
        or (len(words) > 1 and first.endswith("s") and words[1][0][:1].islower())
        or (len(words) <= 3 and last.endswith("s") and verb in _PLURAL_VERBS)
        or (len(words) == 1 and re.search(rf"\b{re.escape(first.lower())}\b", text))
    )
    return lowered if common else ""


def _is_name(text: str, names: list[str]) -> bool:
    """Whether a subject that begins a sentence is a name."""
    first = names[0]
    if re.search(rf"\b{re.escape(first.lower())}\b", text):
        return False
    if len(names) > 1:
        small = ("of", "and", "the", "de", "van")
        return all(name[:1].isupper() or name.isdigit() or name in small for name in names)
    return bool(re.search(rf"[a-z,] {re.escape(first)}\b", text)) or not first.isascii()


def _built(
    text: str, end: int, words: list[Match], place: int, subject: str, lead: Span | None
) -> Clause | None:
    """The clause around the verb at a place; None where that is not sure."""
    if place + 1 < len(words) and words[place + 1][0] in WORDS["adverbs"]:
        words = [one for number, one in enumerate(words) if number != place + 1]
    form = _form([word[0] for word in words[place : place + 3]])
    if form is None:
        return None
    helper, verb, tense, length = form
    at = words[place + length - 1].end()
    rest = text[at:end].rstrip().rstrip(".!")
    if more := _SECOND.search(rest):
        rest = rest[: more.start()]
    names = [word[0] for word in words[:place]]
    proper = subject[:1].isupper() or (
        len(names) > 1 and all(one[:1].isupper() for one in names[1:])
    )
    somebody = subject[:1].isupper() and len(names) <= 3 and could_be_person(subject)
    person = somebody if proper else names[-1].lower() in WORDS["roles"]
    span = words[0].start(), words[place - 1].end()
    clause = Clause(subject, span, lead, helper, verb, tense, rest, at, person, proper)
    return clause if _is_plain(clause) else None


def _form(words: list[str]) -> tuple[str, str, str, int] | None:
    """Helper, verb and tense of what these words begin with, and how many they take of them."""
    word, second, third = [*words, "", ""][:3]
    if word in _HAVE and second == "been":
        return (word, f"been {third}", "", 3) if is_participle(third) else None
    if word in BE:
        return (word, second, "", 2) if is_participle(second) else (word, "", "", 1)
    if word in MODAL:
        if second == "be":
            return (word, f"be {third}", "", 3) if is_participle(third) else (word, "be", "", 2)
        return (word, second, "", 2) if second in BASES else None
    if word in PASTS:
        return None if second in ("by", "to") else ("", word, "past", 1)
    return "", word, "third" if word in THIRDS else "plain", 1


def _is_plain(clause: Clause) -> bool:
    """Whether nothing is denied, and no other verb makes this one doubtful."""
    others = [word[0] for word in _WORD.finditer(clause.near)]
    doubtful = any(one in (*BE, *MODAL, "has", "had") for one in others) or (
        clause.tense == "past" and any(one in PASTS and not is_participle(one) for one in others)
    )
    return not doubtful and not _NOT.search(clause.near)
