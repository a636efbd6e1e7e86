"""Words that somebody selects in a text on the page, as a span of that text. No gradio in here."""

from __future__ import annotations

import json

from page import messages
from page.look import script
from qa_core.errors import InputError
from qa_core.text.offsets import check_span, from_utf16, to_utf16, trimmed

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
