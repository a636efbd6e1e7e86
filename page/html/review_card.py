"""What the review tab shows, as HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from annotation.review.records import VISITOR
from page import messages
from page.html.feedback import listed
from page.html.markup import NONE, Markup, filled, joined
from page.html.result import paragraph
from qa_core import settings
from qa_core.text.sentences import sentences

if TYPE_CHECKING:
    from annotation.loop.intake import Intake
    from annotation.review.agreement import Spans
    from annotation.review.records import Prediction, Review

MOST = 5  # other answers that are offered
BRIEF = 700  # characters of a text of which, if it is longer, some sentences are shown at first


@dataclass(frozen=True, slots=True)
class Candidate:
    """Words that may be the answer, in code points of the context; several spans are one answer.

    confidence: probability that they are right; None where people marked them. by: the reviewers
    who did, "" if they are not shown.
    """

    spans: Spans
    confidence: float | None = None
    by: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """What a reviewer sees: an item, what was said of it, and counts of items.

    revealed: whether the answers of other reviewers are shown. called_wrong: by a visitor, who
    did not say what is right. filtered: whether the reviewer asked for some items only. parts: the
    spans so far of an answer of several, which the reviewer has not said yet.
    """

    item: Prediction | None
    said: Sequence[Review]
    reviewed: int
    ahead: int
    skipped: int
    reviewer: str = ""
    revealed: bool = False
    called_wrong: bool = False
    filtered: bool = False
    parts: Spans = ()

    @property
    def candidates(self) -> list[Candidate]:
        """What a number takes: the words that people marked, and the reader's next best.

        Those of reviewers first, where they are shown: who settles a tie chooses between them.
        """
        if self.item is None:
            return []
        names: dict[Spans, list[str]] = {}
        for review in self.said if self.revealed else ():
            if review.reviewer not in (VISITOR, self.reviewer) and review.spans:
                names.setdefault(review.spans, []).append(review.reviewer)
        answers: dict[Spans, float | None] = {
            review.spans: None
            for review in self.said
            if review.reviewer == VISITOR and review.spans
        }
        if self.item.items:
            answers.setdefault(self.item.items, self.item.answer.confidence)
        for span in self.item.answer.alternatives:
            answers.setdefault(((span.start, span.end),), span.confidence)
        if self.item.answer.answerable:
            answers.pop(((self.item.answer.start, self.item.answer.end),), None)
        theirs = [Candidate(spans, by=", ".join(who)) for spans, who in names.items()]
        others = [Candidate(spans, sure) for spans, sure in answers.items() if spans not in names]
        return [*theirs, *others][: max(MOST, len(theirs))]

    @property
    def mine(self) -> Review | None:
        """What the reviewer has said of the item before."""
        return next((one for one in self.said if one.reviewer == self.reviewer), None)


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of items, each with what the reviewer said of it, and how many there are in all.

    split: what all said of each, by id, where that is why they are listed.
    """

    rows: Sequence[tuple[Prediction, Review | None]]
    number: int
    reviewed: bool
    split: Mapping[str, Sequence[Review]] = field(default_factory=dict)


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
        waits = messages.NOTHING_TO_REVIEW
        if view.filtered:
            waits = messages.NOTHING_MATCHES
        elif view.skipped:
            waits = messages.ONLY_SKIPPED
        return Markup('<div class="sl-empty"><p><b>{}</b></p><p>{}</p></div>').format(
            waits, messages.REVIEW_EMPTY
        )
    verdict: str = messages.no_answer(kept.answer.confidence)
    why = messages.review_reason(kept.answer.confidence, kept.reason)
    if not kept.suggested:
        verdict, why = messages.NO_SUGGESTION, messages.unsuggested_reason(kept.reason)
    if kept.answer.answerable:
        verdict = Markup('<mark class="sl-answer" dir="auto">{}</mark>').format(kept.answer.text)
    return Markup(
        '<article class="sl-result" data-record="{}"><header class="sl-verdict">'
        '<p class="sl-asked" dir="auto">{}</p><p class="sl-text">{}</p>'
        "<p><small>{}</small></p>{}{}</header>{}</article>"
    ).format(
        kept.id,
        kept.question,
        verdict,
        why,
        _opinions(view, kept.context),
        joined([_candidates(view, kept), listed(view.parts, kept.context)]),
        _passage(view, kept),
    )


def _opinions(view: View, context: str) -> Markup:
    """What others, and the reviewer before, said of the item."""
    lines: list[tuple[str, str, str]] = []
    for review in view.said:
        if review.reviewer == view.reviewer:
            who = messages.YOU_SAID
        elif review.reviewer == VISITOR:
            who = messages.VISITOR_SAYS
        elif view.revealed:
            who = messages.reviewer_says(review.reviewer)
        else:
            continue
        lines.append((who, _said(review, context), review.note))
    if view.called_wrong:
        lines.append((messages.VISITOR_SAYS_WRONG, "", ""))
    line = Markup('<li>{} <span dir="auto">{}</span> <i dir="auto">{}</i></li>')
    return Markup('<ul class="sl-opinions">{}</ul>').format(filled(line, lines)) if lines else NONE


def _said(review: Review, context: str) -> str:
    if not review.spans:
        return messages.SAYS_NONE
    return ", ".join(messages.quoted(context[start:end]) for start, end in review.spans)


def _candidates(view: View, kept: Prediction) -> Markup:
    """Other answers, each a button with the number that takes it."""
    buttons = [
        (
            number,
            number,
            messages.cut(", ".join(kept.context[start:end] for start, end in one.spans), 120),
            one.by if one.confidence is None else messages.percent(one.confidence),
        )
        for number, one in enumerate(view.candidates, 1)
    ]
    if not buttons:
        return NONE
    return Markup('<p class="sl-others">{}:</p><div class="sl-candidates">{}</div>').format(
        messages.OTHER_ANSWERS if kept.answer.answerable else messages.NEAREST_ANSWERS,
        filled(
            Markup(
                '<button type="button" data-take="{}"><kbd>{}</kbd> <span dir="auto">{}</span>'
                " <small>{}</small></button>"
            ),
            buttons,
        ),
    )


def _passage(view: View, kept: Prediction) -> Markup:
    """The text with the answers marked; of a long one, at first the sentences around them.

    Its text is the context, character for character, also of what is hidden at first.
    """
    answers = [(kept.answer.start, kept.answer.end)] if kept.answer.answerable else []
    numbered = [
        (span, number) for number, one in enumerate(view.candidates, 1) for span in one.spans
    ]
    others = [span for span, _ in numbered]
    near = _near(kept.context, [*answers, *others, *view.parts])
    bounds = [x for span in [*answers, *others, *view.parts, *near] for x in span]
    pieces: list[Markup] = []
    for start, end in pairwise(sorted({0, len(kept.context), *bounds})):
        piece = Markup.escape(kept.context[start:end])
        if _holder(view.parts, start, end):
            piece = Markup('<mark class="sl-part">{}</mark>').format(piece)
        elif _holder(answers, start, end):
            piece = Markup('<mark class="sl-answer">{}</mark>').format(piece)
        elif place := _holder(others, start, end):
            (begin, _), number = numbered[place - 1]
            begins = begin == start
            piece = Markup('<mark class="sl-other" data-number="{}">{}</mark>').format(
                number if begins else "", piece
            )
        if not _holder(near, start, end):
            piece = Markup('<span class="sl-aside">{}</span><i class="sl-gap"></i>').format(piece)
        pieces.append(piece)
    cut = near != [(0, len(kept.context))]
    toggle = Markup('<button type="button" class="sl-all"><b>{}</b><i>{}</i></button>').format(
        messages.SHOW_ALL_TEXT, messages.SHOW_LESS_TEXT
    )
    return Markup(
        '<div class="sl-passage{}" role="region" tabindex="0" dir="auto" aria-label="{}">{}</div>{}'
    ).format(
        " sl-brief" if cut else "", messages.REVIEW_TEXT, joined(pieces), toggle if cut else NONE
    )


def _holder(spans: Sequence[tuple[int, int]], start: int, end: int) -> int:
    """The number of the first span that holds all of a piece, counted from 1; 0 if none does."""
    return next((n for n, (a, b) in enumerate(spans, 1) if a <= start and end <= b), 0)


def _near(context: str, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The sentences that hold a span, and those beside them; all of a text that is short."""
    if len(context) <= BRIEF or not spans:
        return [(0, len(context))]
    pieces = sentences(context)
    held = [
        number
        for number, (begin, end) in enumerate(pieces)
        if any(start < end and begin < stop for start, stop in spans)
    ]
    beside = sorted({n + step for n in held for step in (-1, 0, 1)} & set(range(len(pieces))))
    return (
        [pieces[number] for number in beside] if len(beside) < len(pieces) else [(0, len(context))]
    )


def found(listed: Listing) -> Markup:
    """Items to choose from, and how many there are."""
    if not listed.rows:
        return Markup('<p role="status">{}</p>').format(messages.NONE_FOUND)
    head = (
        messages.found_reviewed(len(listed.rows))
        if listed.reviewed
        else messages.found_waiting(listed.number, len(listed.rows))
    )
    if listed.split:
        head = messages.found_split(listed.number)
    return Markup('<p role="status">{}</p><ul>{}</ul>').format(
        head, joined(_row(kept, mine, listed.split.get(kept.id, ())) for kept, mine in listed.rows)
    )


def _row(kept: Prediction, mine: Review | None, all_: Sequence[Review]) -> Markup:
    if all_:
        said = " | ".join(
            f"{one.reviewer}: {messages.cut(_said(one, kept.context), 80)}"
            for one in all_
            if one.reviewer != VISITOR
        )
    elif mine is not None:
        said = _said(mine, kept.context)
    elif kept.answer.answerable:
        said = messages.quoted(kept.answer.text)
    else:
        said = messages.SAYS_NONE
    return Markup(
        '<li><button type="button" data-open="{}"><b dir="auto">{}</b>'
        ' <span dir="auto">{}</span> <small>{}</small></button></li>'
    ).format(
        kept.id,
        messages.cut(kept.question, 160),
        said if all_ else messages.cut(said, 80),
        mine.note if mine else messages.percent(kept.answer.confidence),
    )


def unmarked(view: View) -> Markup:
    """What stands where the selected words will be shown, and the keys."""
    if view.item is None:
        return NONE
    return Markup(
        '<p data-for="{}" data-parts="{}"><span>{}</span>'
        ' <mark class="sl-marked" dir="auto" data-marked="" aria-live="polite"></mark></p>'
        '<p class="sl-keys">{}</p>'
    ).format(
        view.item.id,
        len(view.parts),  # with which the selected words were added, or are no longer meant
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
