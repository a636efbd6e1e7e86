"""What the page shows of an answer, as HTML. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from page import look, messages
from page.asked import place
from page.html import feedback
from page.html.files import PagePicture, picture
from page.html.markup import NONE, Markup, filled, joined
from page.html.passage import COLOURS, Mark, passage
from qa_core.collection.long import is_part_read
from qa_core.text.documents import Document

if TYPE_CHECKING:
    from page.asked import Asked, Sent
    from qa_core.collection.collection import Found
    from qa_core.inference.answer import Span

_CHANGED = (("text", messages.TEXT_CHANGED), ("question", messages.QUESTION_CHANGED))
WORTH_SHOWING = 0.01  # an alternative less probable than this only distracts
WORTH_SHOWING_OF_OTHERS = 0.2  # what another file than the best says
OTHERS = 100  # the places of what other files say, among the spans of a question
PARTS = 1000  # those of a list that the visitor makes


def header() -> Markup:
    """The name, and what this is, in one sentence."""
    icon = Markup(look.ICON.read_text(encoding="utf-8"))  # noqa: S704
    return Markup("<header>{}<h1>{}</h1><p>{}</p></header>").format(
        icon, messages.NAME, messages.TAGLINE
    )


def footer(keeps: bool = False) -> Markup:
    """What a visitor may want to know before trusting an answer; keeps: whether some are kept."""
    return about(messages.about_privacy(keeps=keeps))


def about(privacy: tuple[str, str]) -> Markup:
    """The footer of a page. privacy: what becomes of a text, with its heading."""
    rows = (messages.ABOUT_ANSWERS, messages.ABOUT_CONFIDENCE, privacy)
    return Markup('<div class="sl-about">{}</div>').format(
        filled(Markup("<p><b>{}</b> {}</p>"), rows)
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
    opened: tuple[str, Document] | None = None,
    pictured: PagePicture | None = None,
) -> Markup:
    """The verdicts, how sure they are, and the text with the spans marked in their places.

    All of ``asked`` share a context, unless several files were asked. waiting: questions that are
    still being read. sent: what was sent of questions, by their ids; None where nothing can be
    sent. context: the text, to show it before the first answer. opened: of several files, the name
    of the one that is shown, and what it holds. pictured: a page that is shown as a picture.
    """
    several = len(asked) + len(waiting) > 1
    marks = [_marks(number, one) for number, one in enumerate(asked)]
    cards = [
        _card(
            one,
            found,
            number if several else None,
            NONE if sent is None else feedback.judge(number, one, sent.get(one.id)),
            whole=not waiting,
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
    here = list(range(len(asked)))  # the questions whose answers stand in the text that is shown
    if opened:
        name, document = opened
        here = [number for number in here if asked[number].document == name]
        every = [
            mark for number in here for mark in (*marks[number], *_parts(number, asked[number]))
        ]
        every += [
            mark for number, one in enumerate(asked) for mark in _marks_of_others(number, one, name)
        ]
        shown = passage(document.text, every, document.pages, several=several)
    elif asked:
        every = [mark for n, one in enumerate(asked) for mark in (*marks[n], *_parts(n, one))]
        shown = passage(asked[0].context, every, asked[0].pages, several=several)
    if shown:
        read = Markup('{}<div class="sl-read">{}<span class="sl-rail"></span></div>{}')
        may_say = NONE
        if sent is not None:
            may_say = feedback.selection({number: asked[number] for number in here}, len(asked))
        shown = read.format(_tools(opened[0] if opened else ""), shown, may_say)
    return Markup(
        '<article class="sl-result{}" data-questions="{}" data-file="{}">{}'
        '<ol class="sl-verdicts">{}</ol>{}{}{}</article>'
    ).format(
        " sl-several" if several else "",
        "\n".join([*(one.question for one in asked), *waiting]),
        opened[0] if opened else "",
        filled(Markup('<p class="sl-changed" data-what="{}" role="status">{}</p>'), _CHANGED),
        joined(cards),
        picture(pictured, asked) if pictured else NONE,
        _key(marks) if several else NONE,
        shown,
    )


def example(asked: Sequence[Asked], *, judged: bool) -> Markup:
    """An example with its answers, until the text changes; judged: whether they can be judged."""
    return Markup('<div class="sl-example"><p class="sl-first">{}</p>{}</div>{}').format(
        messages.EXAMPLE, result(asked, (), {} if judged else None), empty()
    )


def _tools(name: str) -> Markup:
    """What helps reading the text: a search, and from one mark or match to the next.

    name: of the text, where there are several.
    """
    steps = filled(
        Markup('<button type="button" data-step="{}" title="{}" aria-label="{}">{}</button>'),
        [
            (-1, messages.PREVIOUS_MARK, messages.PREVIOUS_MARK, "↑"),
            (1, messages.NEXT_MARK, messages.NEXT_MARK, "↓"),
        ],
    )
    return Markup(
        '<div class="sl-tools">{}<input type="search" class="sl-search" placeholder="{}"'
        ' aria-label="{}"><span class="sl-place" aria-live="polite"></span>{}</div>'
    ).format(
        Markup('<b class="sl-file" dir="auto">{}</b>').format(name) if name else NONE,
        messages.SEARCH_TEXT,
        messages.SEARCH_TEXT,
        steps,
    )


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
        *(Mark(*span, "answer", number, 0) for span in one.items or [(answer.start, answer.end)]),
        *(Mark(s.start, s.end, "other", number, place) for place, s in enumerate(others, 1)),
    ]


def _parts(number: int, one: Asked) -> list[Mark]:
    """The list that the visitor makes the right answer, so far."""
    return [Mark(*part, "part", number, place) for place, part in enumerate(one.parts, PARTS)]


def _marks_of_others(number: int, one: Asked, name: str) -> list[Mark]:
    """What another file than the best says, where it is the one that is shown."""
    return [
        Mark(span.start, span.end, "other", number, place)
        for place, (found, span) in enumerate(_others(one), OTHERS)
        if found.document == name
    ]


def _others(one: Asked) -> list[tuple[Found, Span]]:
    """The best that other files say, as far as it is worth showing."""
    return [
        (found, found.answer.spans[0])
        for found in one.others
        if found.probability >= WORTH_SHOWING_OF_OTHERS and found.answer.spans
    ]


def _card(
    one: Asked, marks: list[Mark], number: int | None, judge: Markup, *, whole: bool
) -> Markup:
    """whole: whether a text that was read in part can be read whole now."""
    answer = one.answer
    colour = (marks[0].question if marks else number or 0) % COLOURS
    level, _ = messages.confidence(answer.confidence)
    return Markup(
        '<li class="sl-verdict sl-colour-{}">{}<p class="sl-text{}">{}</p>{}{}{}{}{}{}</li>'
    ).format(
        colour,
        NONE if number is None else _asked(one.question, number),
        "" if answer.answerable else f" sl-none sl-none-{level}",
        _jump(one, *(mark for mark in marks if mark.kind == "answer"))
        if answer.answerable
        else one.verdict,
        _confidence(one),
        filled(Markup('<p class="sl-note">{}</p>'), zip((*answer.warnings, *one.hints))),
        _whole(number or 0) if whole and is_part_read(answer) else NONE,
        _legend(one, marks, number or 0),
        _pictured(number or 0) if one.pictured and answer.spans else NONE,
        judge,
    )


def _confidence(one: Asked) -> Markup:
    """How sure the reader is: in words, as a meter and as a number; and on which page."""
    answer = one.answer
    level, words = messages.confidence(answer.confidence)
    sure = messages.percent(answer.confidence)
    where = NONE
    if answer.answerable and (found_at := one.place_of(answer.start)):
        where = Markup('<span class="sl-page">{}</span>').format(found_at)
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


def _legend(one: Asked, marks: list[Mark], number: int) -> Markup:
    """The marked spans that are not the answer; each jumps to its place in the text."""
    titles = {"guess": messages.CLOSEST, "other": messages.ALSO_CONSIDERED}
    confidences = {(s.start, s.end): s.confidence for s in one.answer.alternatives}
    rows = []
    for kind, title in titles.items():
        links = [
            Markup("<span>{} <small><b>{}</b>{}</small>{}</span>").format(
                _jump(one, mark),
                messages.percent(confidences[mark.start, mark.end]),
                f", {found_at}" if (found_at := one.place_of(mark.start)) else "",
                _take(mark) if kind == "guess" else NONE,
            )
            for mark in marks
            if mark.kind == kind
        ]
        if links:
            rows.append((title, joined(links, " ")))
    others = [
        Markup("<span>{} <small><b>{}</b>, {}</small></span>").format(
            _jump_to([span.text], found.document, f"{number}-{place_}", "other", number),
            messages.percent(found.probability),
            place(found.document, found.page),
        )
        for place_, (found, span) in enumerate(_others(one), OTHERS)
    ]
    if others:
        rows.append((messages.OTHER_FILES, joined(others, " ")))
    if not rows:
        return NONE
    listed = filled(Markup("<dt>{}</dt><dd>{}</dd>"), rows)
    return Markup('<dl class="sl-legend">{}</dl>').format(listed)


def _jump(one: Asked, mark: Mark, *others: Mark) -> Markup:
    """A span's text as a button that shows its place; or that of the items of a list."""
    words = [one.context[mark.start : mark.end]]
    for before, after in pairwise([mark, *others]):
        words += [one.context[before.end : after.start], one.context[after.start : after.end]]
    return _jump_to(words, one.document, mark.name, mark.kind, mark.question)


def _jump_to(words: Sequence[str], file: str, name: str, kind: str, question: int) -> Markup:
    """words: those that are marked, and between each two what stands there."""
    sign = Markup('<mark class="sl-{} sl-colour-{}" dir="auto">{}</mark>')
    pieces = [
        between if place % 2 else sign.format(kind, question % COLOURS, between)
        for place, between in enumerate(words)
    ]
    return Markup(
        '<button type="button" class="sl-jump" data-jump="{}" data-in="{}" title="{}">{}</button>'
    ).format(name, file, messages.SHOW_IN_TEXT, joined(pieces))


def _pictured(number: int) -> Markup:
    """A button that shows the page of an answer as a picture."""
    return Markup('<button type="button" class="sl-whole" data-picture="{}">{}</button>').format(
        number, messages.SHOW_PICTURE
    )


def _whole(number: int) -> Markup:
    """A button that has the rest of a long text read."""
    return Markup('<button type="button" class="sl-whole" data-whole="{}">{}</button>').format(
        number, messages.READ_ALL
    )


def _take(mark: Mark) -> Markup:
    """A button that makes the closest words the answer."""
    return Markup('<button type="button" class="sl-take" data-take="{}">{}</button>').format(
        mark.question, messages.TAKE
    )


def _key(marks: list[list[Mark]]) -> Markup:
    """What the kinds of marks mean, for the kinds that there are."""
    words = {"answer": messages.KEY_ANSWER, "guess": messages.KEY_GUESS}
    kinds = {mark.kind for found in marks for mark in found}
    shown = filled(
        Markup(' <mark class="sl-{} sl-colour-0">{}</mark>'),
        [(kind, name) for kind, name in words.items() if kind in kinds],
    )
    return Markup('<p class="sl-key">{}{}</p>').format(messages.KEY, shown)
