"""Questions that a text answers, as HTML: each a button that asks it."""

from __future__ import annotations

from collections.abc import Sequence

from page import messages
from page.html.markup import NONE, Markup, filled


def chips(questions: Sequence[str], look: int) -> Markup:
    """The questions; empty if there are none. look: the page's number of the text."""
    if not questions:
        return NONE
    buttons = filled(
        Markup('<button type="button" data-ask="{}">{}</button>'),
        [(question, question) for question in questions],
    )
    return Markup('<div role="group" aria-label="{}" data-look="{}"><p>{}</p>{}</div>').format(
        messages.SUGGESTED, look, messages.SUGGESTED, buttons
    )
