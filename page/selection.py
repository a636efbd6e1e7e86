"""Words that somebody selects in a text on the page, as a span of that text. No gradio in here."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from page import messages
from page.look import script
from qa_core.errors import InputError
from qa_core.text.offsets import check_span, from_utf16, to_utf16, trimmed

if TYPE_CHECKING:
    from annotation.review.agreement import Spans

MARKED = "document.querySelector('%(preview)s [data-marked]')?.dataset.marked || ''"


def watch(passage: str) -> str:
    """JavaScript of a `gr.HTML` that previews what is selected in a passage (a CSS selector)."""
    return script("selection").replace("PASSAGE", passage)


def marked(preview: str) -> str:
    """A JavaScript expression: what a preview (a CSS selector) shows, as `read` takes it."""
    return MARKED % {"preview": preview}


def read(sent: object, context: str) -> tuple[int, int]:
    """The span, in code points, that a browser says was selected; blanks around it left out.

    Raises InputError where nothing was selected, or it does not stand in the context as shown.
    """
    try:
        said = json.loads(str(sent))
        start, end, length = (int(said[name]) for name in ("start", "end", "length"))
        text = str(said["text"])
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        raise InputError(messages.SELECT_FIRST) from error
    shown, places = as_shown(context)
    if length != to_utf16(shown, len(shown)) or "\r" in text:  # a page that kept every \r
        shown, places = context, list(range(len(context) + 1))
    first, last = from_utf16(shown, start), from_utf16(shown, end)
    check_span(shown, first, last, text)
    first, last = trimmed(shown, first, last)
    if first == last:
        raise InputError(messages.SELECT_FIRST_NO_BLANKS)
    return places[first], places[last - 1] + 1


def added(parts: Spans, sent: object, context: str) -> Spans:
    """An answer of several spans with the selected words besides.

    Raises InputError where some of them are in it already, and as `read` does.
    """
    start, end = read(sent, context)
    if any(start < stop and begin < end for begin, stop in parts):
        raise InputError(messages.IN_THE_LIST)
    return tuple(sorted([*parts, (start, end)]))


def without(parts: Spans, number: object) -> Spans:
    """An answer of several spans without one of them, by its number from 1."""
    return tuple(part for place, part in enumerate(parts, 1) if str(place) != str(number))


def together(parts: Spans, sent: object, context: str) -> Spans:
    """The spans so far and the selected words; without any spans, those must be there.

    Raises InputError as `added` does, but for words that are in it as they are.
    """
    if not sent and parts:
        return parts
    span = read(sent, context)
    return parts if span in parts else added(parts, sent, context)


def as_shown(context: str) -> tuple[str, list[int]]:
    r"""A context as browsers read it from HTML, and for each of its characters the place here.

    They take ``\r\n`` and ``\r`` for ``\n``, and leave out NUL.
    """
    kept = [
        place
        for place, character in enumerate(context)
        if character != "\0" and not (character == "\r" and context[place + 1 : place + 2] == "\n")
    ]
    return "".join(context[place] for place in kept).replace("\r", "\n"), [*kept, len(context)]
