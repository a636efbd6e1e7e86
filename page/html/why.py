"""Why an answer: the words that mattered in plain sight, and what experts ask for behind them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from page import messages
from page.asked import Asked
from page.html.markup import NONE, Markup, filled, joined
from page.html.result import paragraph
from qa_core.inference.explanation import WORD, Heat, Saliency, Weight

AROUND = 400  # code points shown on either side of what is coloured
WORTH_COLOUR = 0.01  # a probability, or a share of the largest weight
WORTH_SAYING = 0.3  # a share of the largest weight of a word of the question
NAMED = 3  # words of the question, at most

Piece = tuple[int, int, str, str]  # start, end, style, words


def waiting() -> Markup:
    """What stands there while there is no answer to explain."""
    return paragraph(messages.NO_ANSWER_YET)


def plain(one: Asked, found: Saliency) -> Markup:
    """One sentence on the words of the question that mattered, and those words highlighted."""
    words = _words(one.question, found.question)
    top = max((word.value for word in words), default=0.0)
    said = [word for word in words if top > 0 and word.value >= WORTH_SAYING * top]
    best = sorted(sorted(said, key=lambda word: -word.value)[:NAMED], key=lambda word: word.start)
    named = [one.question[word.start : word.end] for word in best]
    pieces = [(word.start, word.end, f"--weight:{word.value / top:.2f}", "") for word in said]
    return Markup('<p class="sl-because">{}</p><p class="sl-asked-why">{}</p>').format(
        messages.mattered(named, answered=one.answer.answerable),
        _text(one.question, pieces, "sl-weight"),
    )


def _words(text: str, weights: Sequence[Weight]) -> list[Weight]:
    """Whole words, each with the sum of the weights of its pieces."""
    return [
        Weight(*match.span(), sum(w.value for w in weights if _meets(w, *match.span())))
        for match in WORD.finditer(text)
    ]


def _meets(weight: Weight, start: int, end: int) -> bool:
    return weight.start < end and start < weight.end


def details(one: Asked, heat: Heat, found: Saliency) -> Markup:
    """The figures behind it, folded."""
    return Markup('<details class="sl-experts"><summary>{}</summary>{}{}</details>').format(
        messages.EXPERTS, probabilities(one, heat), saliency(one, found)
    )


def probabilities(one: Asked, heat: Heat) -> Markup:
    """The heat map: the left half of a token is coloured by its probability to begin the answer,
    the right half by that to end it."""
    hot = np.flatnonzero(np.maximum(heat.start, heat.end) >= WORTH_COLOUR).tolist()
    pieces = [
        (
            int(heat.offsets[i, 0]),
            int(heat.offsets[i, 1]),
            f"--begin:{heat.start[i]:.2f};--end:{heat.end[i]:.2f}",
            messages.begins_and_ends(heat.start[i], heat.end[i]),
        )
        for i in hot
    ]
    return _figure(
        messages.HEAT_TITLE,
        _note(messages.HEAT_NOTE, whole=heat.whole),
        _text(one.context, pieces, "sl-token"),
        _likeliest(one.context, heat),
    )


def _likeliest(context: str, heat: Heat) -> Markup:
    """The three likeliest tokens of both kinds in words, for those who do not see colours."""
    rows = []
    for name, values, null in (
        (
            Markup('<span class="sl-begins">{}</span>').format(messages.BEGINS),
            heat.start,
            heat.null[0],
        ),
        (Markup('<span class="sl-ends">{}</span>').format(messages.ENDS), heat.end, heat.null[1]),
    ):
        best = np.argsort(-values, kind="stable")[:3].tolist()
        words = [(context[slice(*heat.offsets[i])], float(values[i])) for i in best]
        rows.append((name, messages.likeliest(words, null)))
    return Markup("<dl>{}</dl>").format(filled(Markup("<dt>{}</dt><dd>{}</dd>"), rows))


def saliency(one: Asked, found: Saliency) -> Markup:
    """What mattered, named for how it was found."""
    answered = one.answer.answerable
    score = messages.SCORE_OF_ANSWER if answered else messages.SCORE_OF_NONE
    if found.method == "gradient":
        title, note = messages.GRADIENT_TITLE, messages.gradient_note(score)
    else:
        title, note = messages.LEAVE_OUT_TITLE, messages.leave_out_note(score)
        note += f" {messages.LEAVE_OUT_ANSWER}" if answered else ""
    top = max((w.value for w in (*found.question, *found.context)), default=0.0)
    body = Markup('<p class="sl-asked-why">{}</p>{}').format(
        _text(one.question, _pieces(found.question, top, found.method), "sl-weight"),
        _text(one.context, _pieces(found.context, top, found.method), "sl-weight"),
    )
    return _figure(title, _note(note, whole=found.whole), body, NONE)


def _note(note: str, *, whole: bool) -> str:
    return note if whole else f"{note} {messages.ONLY_A_PART}"


def _pieces(weights: Sequence[Weight], top: float, method: str) -> list[Piece]:
    words = messages.percent if method == "gradient" else messages.logits
    return [
        (weight.start, weight.end, f"--weight:{weight.value / top:.2f}", words(weight.value))
        for weight in weights
        if top > 0 and weight.value / top >= WORTH_COLOUR
    ]


def _text(text: str, pieces: Sequence[Piece], name: str) -> Markup:
    """A text with pieces coloured; far from them it is left out."""
    first = max(0, pieces[0][0] - AROUND) if pieces else 0
    last = pieces[-1][1] + AROUND if pieces else 2 * AROUND
    shown: list[object] = ["… " if first else ""]
    at = first
    for start, end, style, words in pieces:
        if start < at:  # tokens that share a character
            continue
        coloured = Markup('<span class="{}" style="{}" title="{}">{}</span>')
        shown += [text[at:start], coloured.format(name, style, words, text[start:end])]
        at = end
    shown += [text[at:last], " …" if last < len(text) else ""]
    return Markup('<span class="sl-coloured" dir="auto">{}</span>').format(joined(shown))


def _figure(title: str, note: str, body: Markup, after: Markup) -> Markup:
    return Markup(
        '<figure class="sl-why"><figcaption><b>{}</b> {}</figcaption>'
        '<div class="sl-why-text" tabindex="0" role="region" aria-label="{}">{}</div>{}</figure>'
    ).format(title, note, title, body, after)
