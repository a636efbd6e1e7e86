"""What the review tab shows, as HTML. Everything from a visitor or a model is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from annotation.review.records import VISITOR
from page.html.passage import escape
from page.words import percent
from qa_core import settings

if TYPE_CHECKING:
    from annotation.loop.intake import Intake
    from annotation.review.records import Prediction, Review

REASONS = {
    "flagged": "Somebody judged it on the page",
    "doubtful": "Low confidence",
    "random": "Drawn at random",
}
KEYS = (("A", "accept"), ("W", "use the selected words"), ("N", "the text does not say"),
        ("S", "skip"), ("U", "undo"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class View:
    """What a reviewer sees: an item, what was said of it, and counts of items."""

    item: Prediction | None
    said: Sequence[Review]
    reviewed: int
    ahead: int
    skipped: int


def login() -> str:
    """Why there is a login."""
    return (
        "<h2>Reviews are made by people who log in</h2>"
        "<p>Who runs this page gives you a name and a password.</p>"
    )


def progress(view: View, reviewer: str) -> str:
    """How far the reviewer is."""
    total = view.reviewed + view.ahead + view.skipped
    skipped = f", {view.skipped} skipped" if view.skipped else ""
    return (
        f'<p role="status"><b>{view.reviewed}</b> reviewed by {escape(reviewer)}, '
        f"<b>{view.ahead}</b> to go{skipped}</p>"
        f'<progress aria-label="Reviewed" max="{max(total, 1)}" value="{view.reviewed}"></progress>'
    )


def item(view: View) -> str:
    """The question, the reader's answer and the text with it marked; or that nothing waits."""
    kept = view.item
    if kept is None:
        waits = "Only skipped ones are left." if view.skipped else "Nothing waits for you."
        return (
            f'<div class="sl-empty"><p><b>{waits}</b></p>'
            "<p>Uncertain answers, and answers that somebody judged, appear here.</p></div>"
        )
    verdict = (
        f'<mark class="sl-answer" dir="auto">{escape(kept.text)}</mark>'
        if kept.answerable
        else "The text does not say."
    )
    before, after = kept.context[: kept.start], kept.context[kept.end :]
    marked = f'<mark class="sl-answer">{escape(kept.text)}</mark>' if kept.answerable else ""
    return (
        f'<article class="sl-result" data-record="{kept.id}"><header class="sl-verdict">'
        f'<p class="sl-asked" dir="auto">{escape(kept.question)}</p>'
        f'<p class="sl-text">{verdict}</p>'
        f"<p><small>{percent(kept.confidence)} sure. {REASONS[kept.reason]}.{_visitors(view)}"
        "</small></p></header>"
        '<div class="sl-passage" role="region" tabindex="0" dir="auto" aria-label="The text">'
        f"{escape(before)}{marked}{escape(after)}</div></article>"
    )


def _visitors(view: View) -> str:
    """What visitors said of the item."""
    said = ""
    for review in view.said:
        if view.item is not None and review.reviewer == VISITOR:
            words = view.item.context[review.start : review.end]
            answer = "the text does not say" if review.start is None else f"“{escape(words)}”"
            said += f' A visitor says: <span dir="auto">{answer}</span>.'
    return said


def unmarked(view: View) -> str:
    """What stands where the selected words will be shown, and the keys."""
    if view.item is None:
        return ""
    keys = " ".join(f"<span><kbd>{key}</kbd> {what}</span>" for key, what in KEYS)
    return (
        f'<p data-for="{view.item.id}"><span>To correct, select the right words in the text:</span>'
        ' <mark class="sl-marked" dir="auto" data-marked="" aria-live="polite"></mark></p>'
        f'<p class="sl-keys">{keys}</p>'
    )


def argilla(intake: Intake) -> str:
    """Counts of what is at Argilla, what went wrong, and the way there."""
    counts, pulled = intake.store.counts(), intake.store.count_pulled()
    problem = intake.sender.problem if intake.sender else ""
    lines = [
        f"<b>Argilla</b> has {counts.sent} of these questions; {counts.unsent} kept, will be sent. "
        f"{pulled} answers came back.",
        *([f"Not sent yet: {escape(problem)}"] if problem else ()),
    ]
    if url := _address():
        link = f'<a href="{escape(url)}" target="_blank" rel="noopener noreferrer">Open Argilla</a>'
        lines.append(link)
    return "".join(f"<p>{line}</p>" for line in lines)


def _address() -> str:
    from annotation.argilla.local.server import LocalArgilla

    url = settings.read().argilla_api_url or ""
    if not url and (running := LocalArgilla().running()):
        url = running.url
    return url if urlsplit(url).scheme in ("http", "https") else ""
