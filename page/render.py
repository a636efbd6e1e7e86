"""What the page shows of an answer, as HTML, and the words for a confidence.

Pure text in, HTML out. Everything that comes from a visitor or a model passes through `escape`.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from page import look

if TYPE_CHECKING:
    from qa_core.reader import Answer, Span

WORTH_SHOWING = 0.01  # an alternative less probable than this only distracts


def percent(probability: float) -> str:
    """A probability as a visitor reads it; never "0%" or "100%", which nothing here deserves."""
    if probability < 0.01:
        return "under 1%"
    if probability > 0.99:
        return "over 99%"
    return f"{probability:.0%}"


def in_words(confidence: float) -> tuple[str, str]:
    """(level, words) for a confidence; the level names the colour of the meter."""
    if confidence >= 0.9:
        return "high", "Very likely right"
    if confidence >= 0.7:
        return "good", "Likely right"
    if confidence >= 0.5:
        return "fair", "Unsure"
    return "low", "Only a guess"


def header() -> str:
    """The name, and what this is, in one sentence."""
    return (
        f"<header>{look.ICON.read_text(encoding='utf-8')}<h1>SpanLoop</h1>"
        "<p>Ask a text. The answer is marked where it stands,"
        " or you are told that the text does not say.</p></header>"
    )


def footer(keeps: bool = False) -> str:
    """What a visitor may want to know before trusting an answer; keeps: whether some are kept."""
    kept = (
        "and nowhere else, and it is not kept."
        if not keeps
        else "and is not kept, save for questions that the reader doubts or you judge: people"
        " review those. What you mark as private is never kept."
    )
    return (
        '<div class="sl-about">'
        "<p><b>Where answers come from</b> An answer is always a piece of your text, word for"
        " word. Nothing is made up.</p>"
        "<p><b>How sure is it?</b> When it says 80%, about 8 in 10 such answers were right on"
        " questions about Wikipedia articles it had never seen. Other texts can be harder.</p>"
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


def result(context: str, answer: Answer) -> str:
    """The verdict, how sure it is, and the text with the spans marked in their places."""
    marks: list[tuple[str, Answer | Span]]
    if answer.answerable:
        others = [span for span in answer.alternatives if span.confidence >= WORTH_SHOWING]
        marks = [("answer", answer), *(("other", span) for span in others)]
    else:
        marks = [("guess", span) for span in answer.alternatives[:1]]
    warnings = "".join(f'<p class="sl-note">{escape(text)}</p>' for text in answer.warnings)
    return (
        f'<article class="sl-result">{_verdict(answer)}{warnings}'
        f"{_legend(marks)}{_passage(context, marks)}</article>"
    )


def _verdict(answer: Answer) -> str:
    level, words = in_words(answer.confidence)
    if answer.answerable:
        text = f'<mark class="sl-answer" dir="auto">{escape(answer.text)}</mark>'
    else:
        text = "The text does not say."
    return (
        f'<header class="sl-verdict"><p class="sl-text">{text}</p>'
        f'<div class="sl-confidence sl-{level}"><b>{words}</b>'
        '<span class="sl-meter" role="meter" aria-label="Confidence" aria-valuemin="0"'
        f' aria-valuemax="100" aria-valuenow="{100 * answer.confidence:.0f}">'
        f'<i style="width:{100 * answer.confidence:.1f}%"></i></span>'
        f"<span>{percent(answer.confidence)}</span></div></header>"
    )


def _legend(marks: list[tuple[str, Answer | Span]]) -> str:
    """The marked spans that are not the answer, each a link to its place in the text."""
    rows = {"guess": "Nearest guess", "other": "Also considered"}
    html_rows = []
    for kind, title in rows.items():
        links = " ".join(
            f'<a href="#sl-{place}"><mark class="sl-{kind}" dir="auto">{escape(span.text)}</mark>'
            f" <small>{percent(span.confidence)}</small></a>"
            for place, (marked, span) in enumerate(marks)
            if marked == kind
        )
        if links:
            html_rows.append(f"<dt>{title}</dt><dd>{links}</dd>")
    return f'<dl class="sl-legend">{"".join(html_rows)}</dl>' if html_rows else ""


def _passage(context: str, marks: list[tuple[str, Answer | Span]]) -> str:
    """The context, character for character, with each span in a `<mark>` of its own."""
    pieces, end = [], 0
    for place, (kind, span) in sorted(enumerate(marks), key=lambda item: item[1][1].start):
        pieces.append(escape(context[end : span.start]))
        pieces.append(f'<mark class="sl-{kind}" id="sl-{place}">{escape(span.text)}</mark>')
        end = span.end
    pieces.append(escape(context[end:]))
    return (
        '<div class="sl-passage" role="region" tabindex="0" dir="auto"'
        f' aria-label="The text with its marks">{"".join(pieces)}</div>'
    )


def escape(text: str) -> str:
    """Text as HTML shows it; a lone surrogate, which no page can carry, as U+FFFD."""
    return html.escape(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
