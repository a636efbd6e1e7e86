"""What the page shows of an answer, as HTML. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from page import look, messages
from page.html import feedback
from page.html.markup import NONE, Markup, filled, joined
from page.html.passage import COLOURS, Mark, passage
from qa_core.text.documents import Document

if TYPE_CHECKING:
    from page.asked import Asked, Sent

_CHANGED = (("text", messages.TEXT_CHANGED), ("question", messages.QUESTION_CHANGED))
WORTH_SHOWING = 0.01  # an alternative less probable than this only distracts


def header() -> Markup:
    """The name, and what this is, in one sentence."""
    icon = Markup(look.ICON.read_text(encoding="utf-8"))  # noqa: S704
    return Markup("<header>{}<h1>{}</h1><p>{}</p></header>").format(
        icon, messages.NAME, messages.TAGLINE
    )


def footer(keeps: bool = False) -> Markup:
    """What a visitor may want to know before trusting an answer; keeps: whether some are kept."""
    about = (
        messages.ABOUT_ANSWERS,
        messages.ABOUT_CONFIDENCE,
        messages.about_privacy(keeps=keeps),
    )
    return Markup('<div class="sl-about">{}</div>').format(
        filled(Markup("<p><b>{}</b> {}</p>"), about)
    )


def paragraph(text: str) -> Markup:
    return Markup("<p>{}</p>").format(text)


def empty() -> Markup:
    """What stands in the answer's place before the first question."""
    return Markup(
        '<div class="sl-empty">'
        '<p class="sl-lines" aria-hidden="true"><i></i><i></i><b></b><i></i><i></i><i></i></p>'
        "{}</div>"
    ).format(joined(map(paragraph, messages.EMPTY)))


def result(
    asked: Sequence[Asked],
    waiting: Sequence[str] = (),
    sent: Mapping[str, Sent] | None = None,
    context: str = "",
) -> Markup:
    """The verdicts, how sure they are, and the text with the spans marked in their places.

    All of ``asked`` share a context. waiting: questions that are still being read. sent: what was
    sent of questions, by their ids; None where nothing can be sent. context: the text, to show it
    before the first answer.
    """
    several = len(asked) + len(waiting) > 1
    marks = [_marks(number, one) for number, one in enumerate(asked)]
    cards = [
        _card(
            one,
            found,
            number if several else None,
            NONE if sent is None else feedback.judge(number, one, sent.get(one.id)),
        )
        for number, (one, found) in enumerate(zip(asked, marks, strict=True))
    ]
    cards += [
        Markup('<li class="sl-verdict sl-waiting">{}</li>').format(
            _asked(question, number if several else None)
        )
        for number, question in enumerate(waiting, len(asked))
    ]
    shown = passage(context, []) if context else NONE
    if asked:
        every = [mark for found in marks for mark in found]
        shown = passage(asked[0].context, every, asked[0].pages, several=several)
    if shown:
        read = Markup('{}<div class="sl-read">{}<span class="sl-rail"></span></div>{}')
        may_say = NONE if sent is None else feedback.selection(len(asked))
        shown = read.format(_tools(), shown, may_say)
    return Markup(
        '<article class="sl-result{}" data-questions="{}">{}<ol class="sl-verdicts">{}</ol>{}{}'
        "</article>"
    ).format(
        " sl-several" if several else "",
        "\n".join([*(one.question for one in asked), *waiting]),
        filled(Markup('<p class="sl-changed" data-what="{}" role="status">{}</p>'), _CHANGED),
        joined(cards),
        _key(marks) if several else NONE,
        shown,
    )


def example(asked: Sequence[Asked], *, judged: bool) -> Markup:
    """An example with its answers, until the text changes; judged: whether they can be judged."""
    return Markup('<div class="sl-example"><p class="sl-first">{}</p>{}</div>{}').format(
        messages.EXAMPLE, result(asked, (), {} if judged else None), empty()
    )


def _tools() -> Markup:
    """What helps reading the text: a search, and from one mark or match to the next."""
    steps = filled(
        Markup('<button type="button" data-step="{}" title="{}" aria-label="{}">{}</button>'),
        [
            (-1, messages.PREVIOUS_MARK, messages.PREVIOUS_MARK, "↑"),
            (1, messages.NEXT_MARK, messages.NEXT_MARK, "↓"),
        ],
    )
    return Markup(
        '<div class="sl-tools"><input type="search" class="sl-search" placeholder="{}"'
        ' aria-label="{}"><span class="sl-place" aria-live="polite"></span>{}</div>'
    ).format(messages.SEARCH_TEXT, messages.SEARCH_TEXT, steps)


def spoken(asked: Sequence[Asked]) -> Markup:
    """The verdicts for those who listen to the page."""
    said = [messages.spoken(one.verdict, one.answer.confidence) for one in asked]
    return Markup('<p class="sl-spoken">{}</p>').format(" ".join(said))


def reading(question: str, done: int, total: int) -> Markup:
    """How far the reader has come with a long text."""
    return Markup(
        '<p class="sl-reading"><span>{}</span>'
        '<progress max="{}" value="{}" aria-label="{}"></progress><span>{:.0%}</span></p>'
    ).format(messages.reading(question), total, done, messages.PART_READ, done / total)


def queued(question: str, number: int) -> Markup:
    """Where a question stands that waits for others' answers."""
    return Markup('<p class="sl-reading"><span>{}</span></p>').format(
        messages.queued(question, number)
    )


def said(message: str) -> Markup:
    """A receipt for what the visitor did."""
    return Markup('<p class="sl-said">{}</p>').format(message)


def _marks(number: int, one: Asked) -> list[Mark]:
    answer = one.answer
    if not answer.answerable:
        return [Mark(s.start, s.end, "guess", number, 0) for s in answer.alternatives[:1]]
    others = [span for span in answer.alternatives if span.confidence >= WORTH_SHOWING]
    return [
        Mark(answer.start, answer.end, "answer", number, 0),
        *(Mark(s.start, s.end, "other", number, place) for place, s in enumerate(others, 1)),
    ]


def _card(one: Asked, marks: list[Mark], number: int | None, judge: Markup) -> Markup:
    answer = one.answer
    colour = (marks[0].question if marks else number or 0) % COLOURS
    level, _ = messages.confidence(answer.confidence)
    return Markup(
        '<li class="sl-verdict sl-colour-{}">{}<p class="sl-text{}">{}</p>{}{}{}{}</li>'
    ).format(
        colour,
        NONE if number is None else _asked(one.question, number),
        "" if answer.answerable else f" sl-none sl-none-{level}",
        _jump(one, marks[0]) if answer.answerable else one.verdict,
        _confidence(one),
        filled(Markup('<p class="sl-note">{}</p>'), zip((*answer.warnings, *one.hints))),
        _legend(one, marks),
        judge,
    )


def _confidence(one: Asked) -> Markup:
    """How sure the reader is: in words, as a meter and as a number; and on which page."""
    answer = one.answer
    level, words = messages.confidence(answer.confidence)
    sure = messages.percent(answer.confidence)
    where = NONE
    if answer.answerable and one.pages:
        page = messages.page_of(_page(one, answer.start))
        where = Markup('<span class="sl-page">{}</span>').format(page)
    return Markup(
        '<div class="sl-confidence sl-{}"><b>{}</b>'
        '<span class="sl-meter" role="meter" aria-label="{}" aria-valuemin="0" aria-valuemax="100"'
        ' aria-valuenow="{:.0f}" aria-valuetext="{}"><i style="width:{:.1f}%"></i></span>'
        "<span>{}</span>{}</div>"
    ).format(
        level,
        words,
        messages.CONFIDENCE,
        100 * answer.confidence,
        f"{words}, {sure}",
        100 * answer.confidence,
        sure,
        where,
    )


def _asked(question: str, number: int | None) -> Markup:
    badge = NONE
    if number is not None:
        badge = Markup('<b class="sl-badge sl-colour-{}">{}</b>').format(
            number % COLOURS, number + 1
        )
    return Markup('<p class="sl-asked">{}<span dir="auto">{}</span></p>').format(badge, question)


def _legend(one: Asked, marks: list[Mark]) -> Markup:
    """The marked spans that are not the answer; each jumps to its place in the text."""
    titles = {"guess": messages.CLOSEST, "other": messages.ALSO_CONSIDERED}
    confidences = {(s.start, s.end): s.confidence for s in one.answer.alternatives}
    rows = []
    for kind, title in titles.items():
        links = [
            Markup("<span>{} <small>{}{}</small>{}</span>").format(
                _jump(one, mark),
                messages.percent(confidences[mark.start, mark.end]),
                f", {messages.page_of(_page(one, mark.start))}" if one.pages else "",
                _take(mark) if kind == "guess" else NONE,
            )
            for mark in marks
            if mark.kind == kind
        ]
        if links:
            rows.append((title, joined(links, " ")))
    if not rows:
        return NONE
    listed = filled(Markup("<dt>{}</dt><dd>{}</dd>"), rows)
    return Markup('<dl class="sl-legend">{}</dl>').format(listed)


def _jump(one: Asked, mark: Mark) -> Markup:
    """A span's text as a button that shows its place."""
    return Markup(
        '<button type="button" class="sl-jump" data-jump="{}" title="{}">'
        '<mark class="sl-{} sl-colour-{}" dir="auto">{}</mark></button>'
    ).format(
        mark.name,
        messages.SHOW_IN_TEXT,
        mark.kind,
        mark.question % COLOURS,
        one.context[mark.start : mark.end],
    )


def _take(mark: Mark) -> Markup:
    """A button that makes the closest words the answer."""
    return Markup('<button type="button" class="sl-take" data-take="{}">{}</button>').format(
        mark.question, messages.TAKE
    )


def _page(one: Asked, offset: int) -> int | None:
    return Document(one.context, one.pages).page(offset)


def _key(marks: list[list[Mark]]) -> Markup:
    """What the kinds of marks mean, for the kinds that there are."""
    words = {"answer": messages.KEY_ANSWER, "guess": messages.KEY_GUESS}
    kinds = {mark.kind for found in marks for mark in found}
    shown = filled(
        Markup(' <mark class="sl-{} sl-colour-0">{}</mark>'),
        [(kind, name) for kind, name in words.items() if kind in kinds],
    )
    return Markup('<p class="sl-key">{}{}</p>').format(messages.KEY, shown)
