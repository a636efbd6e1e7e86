"""Predictions as Argilla's records, and its reviewers' responses as opinions. Pure.

Argilla's page counts a span's offsets in UTF-16 units and its server checks them against the
text's length in code points. Here every span at Argilla is in UTF-16 units, as the page shows and
makes them, and a text is followed by one blank for each character of two units, so that the
server takes a span at its end. The page also takes a text for HTML: it would run scripts in it,
and count without its tags and carriage returns; so a text is sent as HTML that shows it.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from annotation.review.records import Prediction
from qa_core.data.examples import Gold
from qa_core.errors import InputError
from qa_core.text.excerpts import Excerpt, excerpt
from qa_core.text.offsets import from_utf16, to_utf16, trimmed

YES, NO = "yes", "no"
LABEL = "answer"
VECTOR = "question_meaning"
NO_MODEL = "none"
AGENT_LENGTH = 200
LINK_WORDS = 12
SPECIAL = re.compile(r"[&<\r\0]")
REFERENCE = re.compile(r"&(?:#\d+;?|#[xX][0-9a-fA-F]+;?|[0-9a-zA-Z]{1,32};?)")
MARKUP = re.compile(r"<[a-zA-Z/!?]")  # before anything else, browsers show a "<"
NOT_IN_AGENTS = re.compile(r"[^a-zA-Z0-9\-_:./\s]")  # what the server does not take


@dataclass(frozen=True, slots=True)
class ParsedResponse:
    """What a response says: the answer stands at ``span`` of the whole context, or nowhere.

    span: code points, None if the text does not say. words: ``context[start:end]``, "" if None.
    further: the other spans, where several together are the answer.
    """

    span: tuple[int, int] | None
    words: str = ""
    note: str = ""
    further: tuple[Gold, ...] = ()


def as_html(text: str) -> str:
    """HTML that browsers show as the text, with as many UTF-16 units; NUL becomes U+FFFD.

    Only what a browser would take for markup is escaped: people search what is stored, and find
    "AT&T" and "a < b" as they stand.
    """
    return SPECIAL.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    character, rest = found.group(), found.string[found.start() :]
    if character == "&":
        reference = REFERENCE.match(rest)
        return (
            "&amp;" if reference and html.unescape(reference.group()) != reference.group() else "&"
        )
    return {"<": "&lt;" if MARKUP.match(rest) else "<", "\r": "&#13;", "\0": "\ufffd"}[character]


def padded(text: str) -> str:
    """The text as Argilla gets it."""
    return as_html(text) + " " * (to_utf16(text, len(text)) - len(text))


def choose_excerpt(kept: Prediction, length: int) -> Excerpt:
    """The piece of the context that reviewers are shown, about ``length`` characters."""
    return excerpt(kept.context, [(span.start, span.end) for span in kept.answer.spans], length)


def suggested_span(kept: Prediction, shown: Excerpt) -> list[dict[str, Any]] | None:
    """The answer as a value of Argilla's span question; None if there is none, or not in here.

    Of a list each item, as the guidelines ask for it.
    """
    if not kept.answer.answerable or not shown.inside(kept.answer.start, kept.answer.end):
        return None
    found = [
        [to_utf16(shown.text, position - shown.start) for position in span]
        for span in kept.items or [(kept.answer.start, kept.answer.end)]
    ]
    return [{"start": start, "end": end, "label": LABEL} for start, end in found]


def agent(model: str) -> str:
    """A model version as the name of who suggests, in the characters that Argilla takes."""
    return NOT_IN_AGENTS.sub(":", model)[-AGENT_LENGTH:]


def payload(kept: Prediction, shown: Excerpt, assigned: Sequence[str] = ()) -> dict[str, Any]:
    """All that is sent of a prediction but its vector: id, fields, metadata and suggestions.

    assigned: who is to review it, to filter by.

    A suggestion's score is the verdict's confidence, a probability; its agent the model version.
    There is none where no model answered.
    """
    by = {"agent": agent(kept.answer.model), "type": "model"}
    verdict = {"value": YES if kept.answer.answerable else NO, "score": kept.answer.confidence}
    suggestions: list[dict[str, Any]] = []
    if kept.suggested:
        suggestions.append({"question_name": "answerable", **verdict, **by})
    if (span := suggested_span(kept, shown)) is not None:
        marked = {"value": span, "score": [kept.answer.confidence] * len(span)}
        suggestions.append({"question_name": LABEL, **marked, **by})
    return {
        "id": kept.id,
        "fields": {"question": as_html(kept.question), "context": padded(shown.text)},
        "metadata": metadata(kept, assigned),
        "suggestions": suggestions,
    }


def metadata(kept: Prediction, assigned: Sequence[str] = ()) -> dict[str, Any]:
    """What reviewers filter and sort by. assigned: as for `payload`."""
    return {
        "confidence": kept.answer.confidence,
        "model": kept.answer.model or NO_MODEL,
        "reason": kept.reason,
        "source": kept.source,
        "time": kept.at,
        **({"assigned": list(assigned)} if assigned else {}),
    }


def in_trouble(sent: Mapping[str, Any], trouble: str, said: Sequence[str] = ()) -> dict[str, Any]:
    """A payload whose metadata says why reviewers see it again, to filter by; none if "".

    said: what reviewers said of it, for those alone who lead them.
    """
    review: dict[str, Any] = {"review": trouble} if trouble else {}
    if said:
        review["said"] = list(said)
    return {**sent, "metadata": {**sent["metadata"], **review}}


def digest(sent: Mapping[str, Any]) -> str:
    """Changes with anything in what is sent."""
    return hashlib.sha256(json.dumps(sent, sort_keys=True).encode()).hexdigest()[:32]


def link(address: str, question: str) -> str:
    """Where a reviewer finds the own answer to a question; "" if there is no address."""
    words = "_".join(re.findall(r"\w+", question)[:LINK_WORDS])
    search = quote(f"{words}~question", safe="")
    return f"{address}?status=submitted&search={search}" if address else ""


def check_unchanged(fields: Mapping[str, Any], question: str, shown: Excerpt) -> None:
    """Raise InputError where somebody changed a record at Argilla: its answers are no answers here.

    fields: as they are there now. shown: the piece of the context that was sent.
    """
    for name, sent in (("question", as_html(question)), ("context", padded(shown.text))):
        there = str(fields.get(name))
        if html.unescape(there) != html.unescape(sent):  # older versions escaped more
            raise InputError(
                f"expected the {name} as it was sent, found {there[:60]!r}: it was changed at "
                "Argilla"
            )


def read_response(
    values: Mapping[str, Any] | None,
    suggested: Sequence[Mapping[str, Any]] | None,
    shown: Excerpt,
) -> ParsedResponse:
    """What a submitted response says.

    values: by question, as Argilla's API gives them. suggested: the span that the reviewer was
    shown. shown: the piece of the context that was sent. "no" outweighs a span that was only
    suggested. Several spans are one answer together; words marked twice count once, and those with
    another label, which people added at Argilla, not at all. Raises InputError where the response
    contradicts itself, or a span does not stand in the text.
    """
    said = {name: value.get("value") for name, value in (values or {}).items()}
    note = str(said.get("note") or "").strip()
    marked = [span for span in said.get(LABEL) or () if span.get("label", LABEL) == LABEL]
    spans = [(span["start"], span["end"]) for span in marked]
    if said.get("answerable") == NO:
        if {*spans} - {(span["start"], span["end"]) for span in suggested or ()}:
            raise InputError('expected no marked words beside "no", found some: which is meant?')
        return ParsedResponse(None, note=note)
    if said.get("answerable") != YES:
        raise InputError(f'expected "yes" or "no", found {said.get("answerable")!r}')
    if not spans:
        raise InputError('expected one marked span beside "yes", found 0')
    first, *further = sorted({_marked(shown, *span) for span in spans})
    others = tuple(Gold(shown.text[start:end], shown.start + start) for start, end in further)
    return ParsedResponse(shown.outside(*first), shown.text[slice(*first)], note, others)


def _marked(shown: Excerpt, *units: int) -> tuple[int, int]:
    """What a span at Argilla marks of what is shown, in code points, without blanks around it."""
    marked = [from_utf16(shown.text, unit) for unit in units]
    start, end = trimmed(shown.text, *marked)
    if start == end:
        raise InputError(f"expected marked words, found {shown.text[slice(*marked)]!r}")
    return start, end
