"""What is said of an answer that somebody judges, as HTML."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Literal

from page import messages
from page.html.markup import NONE, Markup

Say = Literal["correct", "wrong", "unanswerable", "marked"]
SAID = {
    "correct": messages.CORRECT,
    "wrong": messages.WRONG,
    "unanswerable": messages.NOT_IN_TEXT,
}
_NUMBERS = itertools.count()


def title() -> Markup:
    return Markup("<h2>{}</h2>").format(messages.WAS_IT_RIGHT)


def unmarked() -> Markup:
    """What stands where the selected words will be shown; new each time, so that it replaces."""
    return Markup(
        '<p data-new="{}"><span>{}</span> '
        '<mark class="sl-marked" dir="auto" data-marked="" aria-live="polite"></mark></p>'
    ).format(next(_NUMBERS), messages.SELECT_WORDS)


def notice(kept: Sequence[str], destination: str) -> Markup:
    """That questions were kept, though nobody judged them; empty if none was.

    kept: what `Intake.offer` said of each.
    """
    number = sum(map(bool, kept))
    if not number:
        return NONE
    what = messages.BEING_KEPT if "late" in kept else destination
    return Markup('<p role="status"><span>{}</span></p>').format(
        messages.kept(number, len(kept), what)
    )


def thanks(say: Say, words: str, number: int, destination: str) -> Markup:
    """The receipt."""
    if say == "marked":
        said = Markup('{} <q dir="auto">{}</q>').format(messages.RIGHT_WORDS, words)
    else:
        said = Markup("{}.").format(SAID[say])
    return Markup('<p role="status"><b>{}</b> {} <span>{}</span></p>').format(
        messages.THANKS, said, messages.receipt(number, destination)
    )
