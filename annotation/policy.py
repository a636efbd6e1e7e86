"""Which predictions need a person, and what of a long context to show them. Pure."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from qa_core.errors import InputError

Reason = Literal["flagged", "doubtful", "random"]
REASONS: tuple[Reason, ...] = ("flagged", "doubtful", "random")
SENTENCE = re.compile(r"[^.!?…。！？\n]*(?:[.!?…。！？]+[\"'”’)\]]*(?=\s|$)|[.!?…。！？]|\n|$)\s*")


@dataclass(frozen=True, slots=True)
class Policy:
    """When a prediction is kept for people.

    threshold: verdicts whose confidence (a probability) is below it are doubtful. random_share:
    the share (0 to 1) of the others that is kept all the same, to measure the model without
    bias. daily_budget: how many doubtful and random ones are kept in a day (UTC); what a user
    flags is always kept. excerpt: characters of the context that reviewers are shown, about.
    """

    threshold: float = 0.6
    random_share: float = 0.02
    daily_budget: int = 200
    excerpt: int = 2000

    def __post_init__(self) -> None:
        for name in ("threshold", "random_share"):
            if not 0 <= getattr(self, name) <= 1:
                raise InputError(f"{name}: expected 0 to 1, found {getattr(self, name)}")
        if self.daily_budget < 0 or self.excerpt < 1:
            raise InputError(
                "expected a daily_budget of at least 0 and an excerpt of at least 1 character, "
                f"found {self.daily_budget} and {self.excerpt}"
            )


def record_id(question: str, context: str) -> str:
    """One id, 32 hex digits, for a question on a context, however often it is asked."""
    return hashlib.sha256(json.dumps([question, context]).encode()).hexdigest()[:32]


def reason_to_keep(
    policy: Policy, question: str, context: str, confidence: float, *, flagged: bool = False
) -> Reason | None:
    """Why a prediction should be seen by a person, None if it need not be.

    Which ones are "random" depends on question and context alone, so that asking again does not
    draw again.
    """
    if flagged:
        return "flagged"
    if confidence < policy.threshold:
        return "doubtful"
    draw = int(record_id(question, context)[:13], 16) / 16**13
    return "random" if draw < policy.random_share else None


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A piece of a context: ``text == context[start : start + len(text)]``, in code points."""

    text: str
    start: int

    def inside(self, start: int, end: int) -> tuple[int, int] | None:
        """A span of the context as a span of the excerpt; None if it does not hold all of it."""
        if not self.start <= start <= end <= self.start + len(self.text):
            return None
        return start - self.start, end - self.start

    def outside(self, start: int, end: int) -> tuple[int, int]:
        """A span of the excerpt as a span of the context."""
        return start + self.start, end + self.start


def excerpt(context: str, spans: Sequence[tuple[int, int]], length: int) -> Excerpt:
    """The sentences around the best of ``spans`` (best first), about ``length`` characters.

    Whole sentences are added on either side in turn while they fit, so that the best span is
    always inside, other spans if they are near. A context that fits is not cut; one without a
    span is cut at its beginning's end.
    """
    if len(context) <= length:
        return Excerpt(context, 0)
    sentences = [match.span() for match in SENTENCE.finditer(context) if match.group()]
    best = spans[0] if spans else (0, 0)
    first = max(n for n, (begin, _) in enumerate(sentences) if begin <= best[0])
    last = max(first, min(n for n, (_, end) in enumerate(sentences) if end >= best[1]))
    low, high = sentences[first][0], sentences[last][1]
    grown = True
    while grown:
        grown = False
        if first > 0 and high - sentences[first - 1][0] <= length:
            first, grown = first - 1, True
            low = sentences[first][0]
        if last + 1 < len(sentences) and sentences[last + 1][1] - low <= length:
            last, grown = last + 1, True
            high = sentences[last][1]
    return Excerpt(context[low:high], low)
