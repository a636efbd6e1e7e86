"""What the page shows of an answer, as HTML.

Pure text in, HTML out. Everything that comes from a visitor or a model passes through `escape`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from page import look
from page.html.passage import COLOURS, Mark, escape, passage
from page.words import in_words, percent
from qa_core.text.documents import Document

if TYPE_CHECKING:
    from page.asked import Asked

WORTH_SHOWING = 0.01  # an alternative less probable than this only distracts


def header() -> str:
    """The name, and what this is, in one sentence."""
    return (
        f"<header>{look.ICON.read_text(encoding='utf-8')}<h1>SpanLoop</h1>"
        "<p>Ask questions about your text. The answer is highlighted in it,"
        " or you are told that the text does not say.</p></header>"
    )


def footer(keeps: bool = False) -> str:
    """What a visitor may want to know before trusting an answer; keeps: whether some are kept."""
    kept = (
        "and nowhere else, and it is not kept."
        if not keeps
        else "and is not kept, except for uncertain answers and those that you judge: people"
        " review them, with the text. What you mark as private is never kept."
    )
    return (
        '<div class="sl-about">'
        "<p><b>Where answers come from</b> An answer is always a piece of your text, word for"
        " word. Nothing is made up.</p>"
        "<p><b>How sure is it?</b> On 18 kinds of everyday texts that the reader had not learned"
        " from, its probabilities were off by 3.5 points on average. Other texts can be harder.</p>"
        f"<p><b>Your text</b> It goes to the machine that runs this page {kept}</p></div>"
    )


def empty() -> str:
    """What stands in the answer's place before the first question."""
    return (
        '<div class="sl-empty">'
        '<p class="sl-lines" aria-hidden="true"><i></i><i></i><b></b><i></i><i></i><i></i></p>'
        "<p>The answer will appear here, marked in your text.</p>"
        "<p>If your text does not say, you will be told so.</p>"
        "</div>"
    )


def result(asked: Sequence[Asked], waiting: Sequence[str] = ()) -> str:
    """The verdicts, how sure they are, and the text with the spans marked in their places.

    All of ``asked`` share a context. waiting: questions that are still being read.
    """
    several = len(asked) + len(waiting) > 1
    marks = [_marks(number, one) for number, one in enumerate(asked)]
    cards = [
        _card(one, found, number if several else None)
        for number, (one, found) in enumerate(zip(asked, marks, strict=True))
    ]
    cards += [
        f'<li class="sl-verdict sl-waiting">{_asked(question, number if several else None)}</li>'
        for number, question in enumerate(waiting, len(asked))
    ]
    shown = (
        passage(
            asked[0].context,
            [mark for found in marks for mark in found],
            asked[0].pages,
            several=several,
        )
        if asked
        else ""
    )
    several_class = " sl-several" if several else ""
    return (
        f'<article class="sl-result{several_class}"><ol class="sl-verdicts">{"".join(cards)}</ol>'
        f"{_key(marks) if several else ''}{shown}</article>"
    )


def spoken(asked: Sequence[Asked]) -> str:
    """The verdicts for those who listen to the page."""
    said = [
        f"{one.answer.text or 'The text does not say.'} {in_words(one.answer.confidence)[1]},"
        f" {percent(one.answer.confidence)}."
        for one in asked
    ]
    return f'<p class="sl-spoken">{escape(" ".join(said))}</p>'


def reading(question: str, done: int, total: int) -> str:
    """How far the reader has come with a long text."""
    return (
        f'<p class="sl-reading"><span>Reading for “{escape(question)}”</span>'
        f'<progress max="{total}" value="{done}" aria-label="Part of the text read"></progress>'
        f"<span>{done / total:.0%}</span></p>"
    )


def queued(question: str, number: int) -> str:
    """Where a question stands that waits for others' answers."""
    return (
        f'<p class="sl-reading"><span>Busy: you are number {number:,} for '
        f"“{escape(question)}”</span></p>"
    )


def said(message: str) -> str:
    """A receipt for what the visitor did."""
    return f'<p class="sl-said">{escape(message)}</p>'


def _marks(number: int, one: Asked) -> list[Mark]:
    answer = one.answer
    if not answer.answerable:
        return [Mark(s.start, s.end, "guess", number, 0) for s in answer.alternatives[:1]]
    others = [span for span in answer.alternatives if span.confidence >= WORTH_SHOWING]
    return [
        Mark(answer.start, answer.end, "answer", number, 0),
        *(Mark(s.start, s.end, "other", number, place) for place, s in enumerate(others, 1)),
    ]


def _card(one: Asked, marks: list[Mark], number: int | None) -> str:
    answer = one.answer
    level, words = in_words(answer.confidence)
    text = _jump(one, marks[0]) if answer.answerable else "The text does not say."
    where = ""
    if answer.answerable and one.pages:
        where = f'<span class="sl-page">page {_page(one, answer.start)}</span>'
    warnings = "".join(f'<p class="sl-note">{escape(text)}</p>' for text in answer.warnings)
    colour = (marks[0].question if marks else number or 0) % COLOURS
    return (
        f'<li class="sl-verdict sl-colour-{colour}">'
        f"{_asked(one.question, number) if number is not None else ''}"
        f'<p class="sl-text">{text}</p>'
        f'<div class="sl-confidence sl-{level}"><b>{words}</b>'
        '<span class="sl-meter" role="meter" aria-label="Confidence" aria-valuemin="0"'
        f' aria-valuemax="100" aria-valuenow="{100 * answer.confidence:.0f}"'
        f' aria-valuetext="{words}, {percent(answer.confidence)}">'
        f'<i style="width:{100 * answer.confidence:.1f}%"></i></span>'
        f"<span>{percent(answer.confidence)}</span>{where}</div>{warnings}"
        f"{_legend(one, marks)}</li>"
    )


def _asked(question: str, number: int | None) -> str:
    badge = ""
    if number is not None:
        badge = f'<b class="sl-number sl-colour-{number % COLOURS}">{number + 1}</b>'
    return f'<p class="sl-asked">{badge}<span dir="auto">{escape(question)}</span></p>'


def _legend(one: Asked, marks: list[Mark]) -> str:
    """The marked spans that are not the answer; each jumps to its place in the text."""
    rows = {"guess": "Nearest guess", "other": "Also considered"}
    confidences = {(s.start, s.end): s.confidence for s in one.answer.alternatives}
    html_rows = []
    for kind, title in rows.items():
        links = " ".join(
            f"<span>{_jump(one, mark)}"
            f" <small>{percent(confidences[mark.start, mark.end])}"
            f"{f', page {_page(one, mark.start)}' if one.pages else ''}</small></span>"
            for mark in marks
            if mark.kind == kind
        )
        if links:
            html_rows.append(f"<dt>{title}</dt><dd>{links}</dd>")
    return f'<dl class="sl-legend">{"".join(html_rows)}</dl>' if html_rows else ""


def _jump(one: Asked, mark: Mark) -> str:
    """A span's text as a button that shows its place."""
    return (
        f'<button type="button" class="sl-jump" data-jump="{mark.name}"'
        f' title="Show it in the text"><mark class="sl-{mark.kind} sl-colour-'
        f'{mark.question % COLOURS}" dir="auto">{escape(one.context[mark.start : mark.end])}'
        "</mark></button>"
    )


def _page(one: Asked, offset: int) -> int | None:
    return Document(one.context, one.pages).page(offset)


def _key(marks: list[list[Mark]]) -> str:
    """What the kinds of marks mean, for the kinds that there are."""
    words = {"answer": "answer", "guess": "nearest guess"}
    kinds = {mark.kind for found in marks for mark in found}
    shown = [
        f'<mark class="sl-{kind} sl-colour-0">{name}</mark>'
        for kind, name in words.items()
        if kind in kinds
    ]
    return f'<p class="sl-key">Numbers match the questions. {" ".join(shown)}</p>'
