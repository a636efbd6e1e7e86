"""Questions as people type and say them, and texts as long as they come. Pure, seeded."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from qa_core.data.examples import Example, Gold

Rng = np.random.Generator

# The letters around each letter on a QWERTY keyboard.
AROUND = (
    "qwsz vghn xdfv erfcxs wsdr rtgvcd tyhbvf yugjnb ujko uikmnh ijlm kop njk bhjm iklp ol wa edft "
    "awedxz rfgy yhji cfgb qase zsdc tghu asx"
)
NEIGHBOURS = dict(zip("abcdefghijklmnopqrstuvwxyz", AROUND.split(), strict=True))
FILLERS = ("um", "uh", "er", "like", "you know", "so", "well", "okay", "hmm", "I mean")
REPAIRS = (
    "no wait", "no sorry", "sorry", "I mean", "or rather", "er no", "make that", "scratch that",
    "no um", "actually no", "oh no",
)  # fmt: skip
OPENERS = (
    "so", "hi", "ok", "hey", "please tell me", "can you tell me", "do you know", "just wondering",
    "quick question",
)  # fmt: skip
# Words that carry nothing in a search box. Negations, comparatives and prepositions of time stay:
# without them another question would be asked.
EMPTY_WORDS = (
    "a an the is are was were be been being am do does did has have had will would shall can could "
    "should of to in on at it its this that these those there his her their my your our i you he "
    "she they we me them us please tell what which"
)
DROPPED = frozenset(EMPTY_WORDS.split())
SPOKEN = {
    "0": "zero", "1": "one", "2": "two", "3": "three", "4": "four", "5": "five", "6": "six",
    "7": "seven", "8": "eight", "9": "nine", "10": "ten", "11": "eleven", "12": "twelve",
    "%": "percent", "&": "and", "$": "dollars", "€": "euros", "£": "pounds",
}  # fmt: skip
SOUND_ALIKE = (
    "their there|to too|its it's|for four|won one|whose who's|by buy|where wear|which witch|"
    "sea see|right write|new knew|hour our|week weak|made maid|role roll|sale sail|fair fare|"
    "principal principle|rain reign|site sight|would wood|male mail|pair pear|peace piece|"
    "son sun|weather whether"
)
HOMOPHONES = {
    word: other
    for pair in SOUND_ALIKE.split("|")
    for word, other in (pair.split(), pair.split()[::-1])
}
MISHEARD = (
    ("ph", "f"), ("th", "t"), ("ck", "k"), ("ei", "ie"), ("ou", "u"), ("tion", "shun"), ("ss", "s"),
    ("ee", "ea"), ("c", "k"), ("z", "s"), ("y", "i"), ("v", "b"), ("er", "a"), ("m", "n"),
    ("d", "t"), ("b", "p"),
)  # fmt: skip


def augment(examples: Sequence[Example], share: float, *, seed: int) -> list[Example]:
    """The examples, about ``share`` (0 to 1) of them with a messy question instead of the tidy one.

    One of: keyboard slips, case and punctuation dropped, keywords alone, what speech recognition
    makes of it, and hesitations or a false start that is repaired, as in Disfl-QA (Gupta et al.
    2021), where the false start is the beginning of another question on the same context. What is
    asked stays what it was, so that answers, or that there is none, hold.
    """
    rng = np.random.default_rng(seed)
    asked: dict[str, list[str]] = defaultdict(list)
    for example in examples:
        asked[example.context].append(example.question)
    found = []
    for example in examples:
        if rng.random() < share:
            others = [q for q in asked[example.context] if q != example.question]
            found.append(replace(example, question=mess(example.question, others, rng)))
        else:
            found.append(example)
    return found


def lengthen(
    examples: Sequence[Example], share: float, *, seed: int, most: int = 9
) -> list[Example]:
    """The examples, about ``share`` (0 to 1) of them in the midst of other examples' contexts.

    Up to ``most`` contexts of other titles stand before and after, parted by a blank line. The
    answers are moved along; what no context answers is taken to be answered by none of the others.
    """
    rng = np.random.default_rng(seed)
    titles = {example.context: example.title for example in examples}
    pool = list(titles)
    found = []
    for example in examples:
        if rng.random() >= share:
            found.append(example)
            continue
        drawn = rng.permutation(len(pool))[: 1 + int(rng.integers(most))].tolist()
        others = [pool[i] for i in drawn if pool[i] != example.context]
        around = [t for t in others if not example.title or titles[t] != example.title]
        before = around[: int(rng.integers(len(around) + 1))]
        after = around[len(before) :]
        start = sum(len(text) + 2 for text in before)
        found.append(
            replace(
                example,
                context="\n\n".join([*before, example.context, *after]),
                answers=_moved(example.answers, start),
                plausible=_moved(example.plausible, start),
                parts=_moved(example.parts, start),
            )
        )
    return found


def _moved(golds: tuple[Gold, ...], by: int) -> tuple[Gold, ...]:
    return tuple(Gold(gold.text, gold.start + by) for gold in golds)


def mess(question: str, others: Sequence[str], rng: Rng) -> str:
    """One messy version of a question; others: questions that a false start may come from."""
    kinds: list[Callable[[str], str]] = [
        lambda q: slips(q, rng),
        lambda q: bare(q, rng),
        lambda q: keywords(q, rng),
        lambda q: speech(q, rng),
        lambda q: hesitate(q, rng),
        lambda q: repair(q, others, rng) if others else hesitate(q, rng),
    ]
    weights = np.array([0.2, 0.14, 0.14, 0.2, 0.12, 0.2])
    made = kinds[int(rng.choice(len(kinds), p=weights / weights.sum()))](question)
    return made if made.strip() else question


def slips(question: str, rng: Rng, rate: float = 0.25) -> str:
    """Keyboard slips in about ``rate`` of the longer words, at least one: a neighbouring key, two
    letters swapped, one doubled or left out."""
    words = question.split(" ")
    long = [n for n, word in enumerate(words) if sum(map(str.isalpha, word)) > 3]
    if not long:
        return question
    for n in rng.choice(long, min(len(long), max(1, rng.binomial(len(long), rate))), replace=False):
        word = words[n]
        letters = [i for i, c in enumerate(word) if c.isalpha()]
        at = int(rng.choice(letters[1:] or letters))
        match int(rng.integers(4)):
            case 0:
                around = NEIGHBOURS.get(word[at].lower(), word[at])
                word = word[:at] + str(rng.choice(list(around))) + word[at + 1 :]
            case 1:
                word = word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :]
            case 2:
                word = word[:at] + word[at] + word[at:]
            case _:
                word = word[:at] + word[at + 1 :]
        words[n] = word
    made = " ".join(words)
    return bare(made, rng) if rng.random() < 0.4 else made


def bare(question: str, rng: Rng) -> str:
    """Without the question mark, often without case, commas and apostrophes."""
    made = question.rstrip("?!. ")
    if rng.random() < 0.8:
        made = made.lower()
    if rng.random() < 0.5:
        made = re.sub(r"[,'’\";:]", "", made)
    return made


def keywords(question: str, rng: Rng) -> str:
    """The words that carry the question, as typed into a search box."""
    words = question.rstrip("?!. ").split()
    left = [word for word in words if word.lower().strip(",'\"") not in DROPPED]
    if len(left) < 2:
        return bare(question, rng)
    made = " ".join(left)
    made = made.lower() if rng.random() < 0.7 else made
    return made + "?" if rng.random() < 0.3 else made


def speech(question: str, rng: Rng) -> str:
    """As speech recognition writes it: no case, no marks, small numbers in words, homophones,
    words that run together or fall apart."""
    words = re.sub(r"[^\w\s%&$€£']", " ", question.lower()).split()
    made: list[str] = []
    for word in words:
        word = SPOKEN.get(word, word)
        if word in HOMOPHONES and rng.random() < 0.35:
            word = HOMOPHONES[word]
        elif len(word) > 5 and rng.random() < 0.12:
            word = _misheard(word, rng)
        if made and len(word) < 4 and rng.random() < 0.04:
            made[-1] += word
        else:
            made.append(word)
    return hesitate(" ".join(made), rng) if rng.random() < 0.2 else " ".join(made)


def _misheard(word: str, rng: Rng) -> str:
    there = [pair for pair in MISHEARD if pair[0] in word[1:]]
    if there and rng.random() < 0.7:
        old, new = there[int(rng.integers(len(there)))]
        return word[0] + word[1:].replace(old, new, 1)
    at = int(rng.integers(2, len(word) - 2))
    return word[:at] + " " + word[at:]


def hesitate(question: str, rng: Rng) -> str:
    """Fillers, repeated words and an opening that asks nothing."""
    words = question.split(" ")
    for _ in range(int(rng.integers(1, 4))):
        at = int(rng.integers(0, len(words)))
        if rng.random() < 0.65:
            words.insert(at, str(rng.choice(FILLERS)))
        else:
            words[at:at] = words[max(0, at - int(rng.integers(1, 3))) : at]
    if rng.random() < 0.3:
        words.insert(0, str(rng.choice(OPENERS)))
    return " ".join(words)


def repair(question: str, others: Sequence[str], rng: Rng) -> str:
    """A false start, the beginning of another question or words of it, taken back."""
    words = question.split(" ")
    other = str(rng.choice(list(others))).rstrip("?!. ").split(" ")
    sorry = str(rng.choice(REPAIRS))
    if rng.random() < 0.5 or len(words) < 4:
        begun = other[: int(rng.integers(2, max(3, len(other) + 1)))]
        return " ".join([*begun, sorry, question])
    at = int(rng.integers(2, len(words)))
    place = int(rng.integers(0, len(other)))
    wrong = other[place : place + int(rng.integers(1, 5))]
    return " ".join([*words[:at], *wrong, sorry, *words[at:]])
