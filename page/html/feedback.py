"""What is said of an answer that somebody judges, as HTML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from page import messages
from page.html.markup import NONE, Markup, filled, joined

if TYPE_CHECKING:
    from annotation.review.agreement import Spans
    from page.asked import Asked, Sent

SAID = {
    "correct": messages.CORRECT,
    "wrong": messages.WRONG,
    "unanswerable": messages.NOT_IN_TEXT,
}


def judge(number: int, one: Asked, sent: Sent | None) -> Markup:
    """The buttons under an answer, the last choice pressed, and what became of it.

    number: of the question, from 0. sent: what was sent of it, if anything.
    """
    said = sent.say if sent else ""
    names = SAID | {"marked": messages.SEND_LIST if one.parts else messages.SELECT_WORDS}
    if not one.answer.answerable:
        del names["unanswerable"]
    pressed = "" if one.parts else said  # a list is to be sent next
    buttons = [_button(say, number, name, pressed=say == pressed) for say, name in names.items()]
    return Markup(
        '<div class="sl-judge" role="group" aria-label="{}">{}<p role="status">{}</p></div>'
    ).format(messages.WAS_IT_RIGHT, joined(buttons), _judged(number, sent) if said else NONE)


def listed(parts: Spans, context: str) -> Markup:
    """The spans so far of an answer of several, each a button that takes it out."""
    buttons = [
        (number, messages.remove(words), messages.cut(words, 120))
        for number, (start, end) in enumerate(parts, 1)
        for words in [context[start:end]]
    ]
    if not buttons:
        return NONE
    button = Markup(
        '<button type="button" data-remove="{}" aria-label="{}"><span dir="auto">{}</span>'
        ' <kbd aria-hidden="true">×</kbd></button>'
    )
    return Markup('<p class="sl-others">{}:</p><div class="sl-candidates">{}</div>').format(
        messages.LIST_SO_FAR, filled(button, buttons)
    )


def _button(say: str, number: int, name: object, *, pressed: bool = False) -> Markup:
    return Markup(
        '<button type="button" class="sl-say" data-say="{}" data-number="{}" aria-pressed="{}">{}'
        "</button>"
    ).format(say, number, str(pressed).lower(), name)


def _judged(number: int, sent: Sent | None) -> Markup:
    if sent is None:
        return NONE
    return Markup(
        '<b>{}</b> {} <span>{}</span> <button type="button" class="sl-undo" data-undo="{}">{}'
        "</button>"
    ).format(messages.THANKS, _said(sent), _kept(sent), number, messages.UNDO)


def _said(sent: Sent) -> Markup:
    if sent.say == "marked":
        return Markup('{} <q dir="auto">{}</q>').format(messages.RIGHT_WORDS, sent.words)
    return Markup("{}.").format(SAID[sent.say] if sent.say else messages.UNCERTAIN)


def _kept(sent: Sent) -> str:
    if not sent.say:
        return f"{sent.destination[:1].upper()}{sent.destination[1:]}."
    return messages.receipt(sent.number, sent.destination)


def selection(asked: Mapping[int, Asked], questions: int) -> Markup:
    """What is selected in the text, buttons for each question that it may answer, and lists of it.

    asked: these questions by their numbers, from 0, among so many.
    """
    buttons = [
        _button(say, number, name)
        for number, one in asked.items()
        for say, name in messages.words_for(
            number + 1 if questions > 1 else None, listed=bool(one.parts)
        ).items()
    ]
    lists = filled(
        Markup('<div class="sl-list" data-number="{}">{}</div>'),
        [(n, listed(one.parts, one.context)) for n, one in asked.items() if one.parts],
    )
    return Markup(
        '<div class="sl-selection{}">{}<mark class="sl-marked" dir="auto" data-marked=""'
        ' aria-live="polite"></mark>{}</div>'
    ).format(" sl-listing" if lists else "", lists, joined(buttons))


def notice(asked: Sequence[Asked], sent: Mapping[str, Sent]) -> Markup:
    """That questions were kept, though nobody judged them; empty if none was."""
    kept = [sent[one.id] for one in asked if one.id in sent and not sent[one.id].say]
    if not kept:
        return NONE
    return Markup('<p role="status"><span>{}</span></p>').format(
        messages.kept(len(kept), len(asked), kept[-1].destination)
    )


def listing(sent: Iterable[Sent]) -> Markup:
    """All that a visit sent, each with a button that deletes it; empty if that is nothing."""
    rows = [
        (
            one.question,
            _said(one),
            _kept(one),
            one.id,
            messages.delete(one.question),
            messages.DELETE,
        )
        for one in sent
    ]
    if not rows:
        return NONE
    items = filled(
        Markup(
            '<li><p><b dir="auto">{}</b> {} <span>{}</span></p><button type="button"'
            ' data-delete="{}" aria-label="{}">{}</button></li>'
        ),
        rows,
    )
    return Markup("<details><summary>{}</summary><p>{}</p><ul>{}</ul></details>").format(
        messages.what_you_sent(len(rows)), messages.DELETE_NOTE, items
    )
