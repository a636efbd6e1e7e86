"""Questions after lines such as "Deadline: 5 June", headings, and what a text speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterator

from page.suggest.words import lines

Row = tuple[str, int, int, float]  # a question, the span of its answer, and its worth

_LINE = re.compile(
    r"^[ \t]*(?:[-*•·][ \t]*)?(?P<label>[A-Za-z][A-Za-z'’ -]{1,28})"
    r"(?:[ \t]*:[ \t]+|[ \t]*\t[ \t]*)(?P<value>\S.{0,119})$",
    re.M,
)
_HEADING = re.compile(
    r"^[ \t]*(?:#+ |\d+[.)] )?(?P<label>[A-Z][A-Za-z'’ -]{3,28}?)(?::?[ \t]*\n|[.:] )(?=[ \t]*\S)",
    re.M,
)
_AFTER = {
    label.strip(): question
    for question, _, labels in (line.partition(": ") for line in lines("labels.txt"))
    for label in labels.split(",")
}

# What a text speaks of, the question after it, and what the same line must hold.
_TIME = (
    r"\d[:.]\d\d|\d ?[ap]\.?m\b|\b(?:at|from|until) \d{1,2}\b(?! \w+s\b)|noon|midnight|day\b"
    r"|tomorrow|o['’]clock|\b(?:Jan|Feb|March|April|May \d|\d May|June|July|Aug|Sept|Oct|Nov|Dec)"
)
_TOPICS = (
    (
        r"\b(?:the|our|your|this|monthly) (rent|deposit|fee|fare|price|salary|bill|total|fine"
        r"|ticket price|delivery charge|service charge|membership fee|late fee|entry fee)\b",
        "How much is the {}?",
        r"\d|free",
    ),
    (
        r"\b(?:the|our|your) (notice period|warranty|guarantee|trial period|probation period"
        r"|return period|lease|contract|course|film|walk|flight|journey|tour)\b",
        "How long is the {}?",
        r"\b(?:minute|hour|day|week|month|year)",
    ),
    (r"\b(deadline)\b", "When is the deadline?", _TIME),
    (
        r"\b(?:the|our|your|next|annual) (meeting|appointment|interview|party|wedding|concert|exam"
        r"|lecture|workshop|course|match|ceremony|exhibition|tour|trip|delivery|festival|funeral"
        r"|webinar|game|show|performance|inspection|check-up|reunion|picnic|dinner|lunch|breakfast"
        r"|flight|train|bus|ferry|rehearsal|election|auction|fair|race|conference)\b",
        "When is the {}?",
        _TIME,
    ),
    (r"\b(oven)\b", "How hot should the oven be?", r"\d ?°|degrees"),
    (r"\b(password)\b", "What is the password?", r""),
    (r"\b(side effects)\b", "What are the possible side effects?", r" are "),
    (r"\b(serves) \w+\b", "How many people does it serve?", r"\d|two|four|six|eight"),
)


def questions(text: str) -> Iterator[Row]:
    """Questions, each with the span of which the answer should hold a part, and its worth."""
    for line in _LINE.finditer(text):
        if question := _after(line["label"]):
            yield question, *line.span("value"), 2.7
    for heading in _HEADING.finditer(text):
        question = _after(heading["label"])
        if question.startswith("What are"):
            end = text.find("\n\n", heading.end())
            yield question, heading.end(), end if end > 0 else len(text), 2.2
    for words, question, holds in _TOPICS:
        for topic in re.finditer(words, text, re.I):
            start, end = _line_of(text, topic)
            if re.search(holds, text[start:end]):
                yield question.format(topic[1].lower()), start, end, 1.5
                break


def _after(label: str) -> str:
    """The question after a label; "" where it is none that is known."""
    small = " ".join(label.lower().split())
    return _AFTER.get(small, "").format(small)


def _line_of(text: str, topic: re.Match[str]) -> tuple[int, int]:
    """Where the line of a topic stands, or as much of it as is near."""
    start = max(text.rfind("\n", 0, topic.start()) + 1, topic.start() - 120)
    end = text.find("\n", topic.end())
    return start, min(len(text) if end < 0 else end, topic.end() + 120)
