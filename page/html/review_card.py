"""What the review tab shows, as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from annotation.review.records import VISITOR
from page import messages
from page.html.markup import NONE, Markup, filled, joined
from page.html.result import paragraph
from qa_core import settings

if TYPE_CHECKING:
    from annotation.loop.intake import Intake
    from annotation.review.records import Prediction, Review


@dataclass(frozen=True, slots=True)
class View:
    """What a reviewer sees: an item, what was said of it, and counts of items."""

    item: Prediction | None
    said: Sequence[Review]
    reviewed: int
    ahead: int
    skipped: int


def login() -> Markup:
    """Why there is a login."""
    return Markup("<h2>{}</h2><p>{}</p>").format(messages.LOGIN_TITLE, messages.LOGIN_NOTE)


def progress(view: View, reviewer: str) -> Markup:
    """How far the reviewer is."""
    total = view.reviewed + view.ahead + view.skipped
    return Markup(
        '<p role="status"><b>{}</b>{}<b>{}</b>{}</p>'
        '<progress aria-label="{}" max="{}" value="{}"></progress>'
    ).format(
        view.reviewed,
        messages.reviewed_by(reviewer),
        view.ahead,
        messages.to_go(view.skipped),
        messages.REVIEWED,
        max(total, 1),
        view.reviewed,
    )


def item(view: View) -> Markup:
    """The question, the reader's answer and the text with it marked; or that nothing waits."""
    kept = view.item
    if kept is None:
        waits = messages.ONLY_SKIPPED if view.skipped else messages.NOTHING_TO_REVIEW
        return Markup('<div class="sl-empty"><p><b>{}</b></p><p>{}</p></div>').format(
            waits, messages.REVIEW_EMPTY
        )
    verdict: str = messages.no_answer(kept.answer.confidence)
    why = messages.review_reason(kept.answer.confidence, kept.reason)
    if not kept.suggested:
        verdict, why = messages.NO_SUGGESTION, messages.unsuggested_reason(kept.reason)
    marked = NONE
    if kept.answer.answerable:
        verdict = Markup('<mark class="sl-answer" dir="auto">{}</mark>').format(kept.answer.text)
        marked = Markup('<mark class="sl-answer">{}</mark>').format(kept.answer.text)
    return Markup(
        '<article class="sl-result" data-record="{}"><header class="sl-verdict">'
        '<p class="sl-asked" dir="auto">{}</p><p class="sl-text">{}</p>'
        "<p><small>{}{}</small></p></header>"
        '<div class="sl-passage" role="region" tabindex="0" dir="auto" aria-label="{}">{}{}{}</div>'
        "</article>"
    ).format(
        kept.id,
        kept.question,
        verdict,
        why,
        _visitors(view),
        messages.REVIEW_TEXT,
        kept.context[: kept.answer.start],
        marked,
        kept.context[kept.answer.end :],
    )


def _visitors(view: View) -> Markup:
    """What visitors said of the item."""
    if view.item is None:
        return NONE
    context = view.item.context
    said = [
        messages.VISITOR_SAYS_NONE
        if review.start is None
        else messages.quoted(context[review.start : review.end])
        for review in view.said
        if review.reviewer == VISITOR
    ]
    return joined(
        Markup(' {} <span dir="auto">{}</span>.').format(messages.VISITOR_SAYS, words)
        for words in said
    )


def unmarked(view: View) -> Markup:
    """What stands where the selected words will be shown, and the keys."""
    if view.item is None:
        return NONE
    return Markup(
        '<p data-for="{}"><span>{}</span>'
        ' <mark class="sl-marked" dir="auto" data-marked="" aria-live="polite"></mark></p>'
        '<p class="sl-keys">{}</p>'
    ).format(
        view.item.id,
        messages.CORRECT_BY_SELECTING,
        filled(Markup("<span><kbd>{}</kbd> {}</span> "), messages.REVIEW_KEYS),
    )


def argilla(intake: Intake) -> Markup:
    """Counts of what is at Argilla, what went wrong, and the way there."""
    counts, pulled = intake.store.counts(), intake.store.count_pulled()
    problem = intake.sender.problem if intake.sender else ""
    lines: list[str] = [
        Markup("<b>{}</b>{}").format(
            messages.ARGILLA, messages.argilla_counts(counts.sent, counts.unsent, pulled)
        )
    ]
    if problem:
        lines.append(messages.not_sent(problem))
    if url := _address():
        link = Markup('<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>')
        lines.append(link.format(url, messages.OPEN_ARGILLA))
    return joined(map(paragraph, lines))


def _address() -> str:
    from annotation.argilla.local.server import LocalArgilla

    url = settings.read().argilla_api_url or ""
    if not url and (running := LocalArgilla().running()):
        url = running.url
    return url if urlsplit(url).scheme in ("http", "https") else ""
