"""Explanations as HTML: which tokens are likely starts and ends, and which pieces mattered."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from page.asked import Asked
from page.html.passage import escape
from page.words import percent
from qa_core.inference.explanation import Heat, Saliency, Weight

AROUND = 400  # code points shown on either side of what is coloured
WORTH_COLOUR = 0.01  # a probability, or a share of the largest weight


def probabilities(one: Asked, heat: Heat) -> str:
    """The heat map: the left half of a token is coloured by its probability to begin the answer,
    the right half by that to end it."""
    hot = np.flatnonzero(np.maximum(heat.start, heat.end) >= WORTH_COLOUR).tolist()
    pieces = [
        (
            int(heat.offsets[i, 0]),
            int(heat.offsets[i, 1]),
            f"--begin:{heat.start[i]:.2f};--end:{heat.end[i]:.2f}",
            f"begins here: {percent(heat.start[i])}, ends here: {percent(heat.end[i])}",
        )
        for i in hot
    ]
    return _figure(
        "Where an answer may begin and end",
        "The model’s probability that an answer <b class='sl-begins'>begins</b> (left half) or"
        " <b class='sl-ends'>ends</b> (right half) at each token. These are the softmax of its"
        " logits, before calibration; the confidence above comes after."
        + ("" if heat.whole else " Shown is the part of the text read together with it."),
        _text(one.context, pieces, "sl-token"),
        _likeliest(one.context, heat),
    )


def _likeliest(context: str, heat: Heat) -> str:
    """The three likeliest tokens of both kinds in words, for those who do not see colours."""
    rows = []
    for name, values, null in (
        ("Begins", heat.start, heat.null[0]),
        ("Ends", heat.end, heat.null[1]),
    ):
        best = np.argsort(-values, kind="stable")[:3].tolist()
        said = [f"“{escape(context[slice(*heat.offsets[i])])}” {percent(values[i])}" for i in best]
        rows.append(f"<dt>{name}</dt><dd>{', '.join(said)}; no answer {percent(null)}</dd>")
    return f"<dl>{''.join(rows)}</dl>"


def saliency(one: Asked, found: Saliency) -> str:
    """What mattered, named for how it was found."""
    answered = one.answer.answerable
    verdict = "the answer’s score" if answered else "the score of “no answer”"
    if found.method == "gradient":
        title = "Gradient × input"
        note = (
            f"How strongly {verdict} (start plus end logit) would react to a change of each"
            " token’s embedding; all shares sum to 100%."
        )
    else:
        title = "Leave one out"
        note = (
            f"How many logits {verdict} falls when a word of the question or a sentence of the"
            " text is taken out." + (" The sentence of the answer stays." if answered else "")
        )
    note += "" if found.whole else " Shown is the part of the text read together with it."
    top = max((w.value for w in (*found.question, *found.context)), default=0.0)
    question = _text(one.question, _pieces(found.question, top, found.method), "sl-weight")
    context = _text(one.context, _pieces(found.context, top, found.method), "sl-weight")
    return _figure(title, note, f'<p class="sl-asked-why">{question}</p>{context}', "")


def _pieces(weights: Sequence[Weight], top: float, method: str) -> list[tuple[int, int, str, str]]:
    return [
        (
            weight.start,
            weight.end,
            f"--weight:{weight.value / top:.2f}",
            percent(weight.value) if method == "gradient" else f"{weight.value:+.1f} logits",
        )
        for weight in weights
        if top > 0 and weight.value / top >= WORTH_COLOUR
    ]


def _text(
    text: str,
    pieces: Sequence[tuple[int, int, str, str]],
    name: str,
) -> str:
    """A text with (start, end, style, words) pieces coloured; far from them it is left out."""
    first = max(0, pieces[0][0] - AROUND) if pieces else 0
    last = pieces[-1][1] + AROUND if pieces else 2 * AROUND
    shown, at = ["… " if first else ""], first
    for start, end, style, words in pieces:
        if start < at:  # tokens that share a character
            continue
        shown.append(escape(text[at:start]))
        shown.append(
            f'<span class="{name}" style="{style}" title="{words}">{escape(text[start:end])}</span>'
        )
        at = end
    shown.append(escape(text[at:last]) + (" …" if last < len(text) else ""))
    return f'<span class="sl-coloured" dir="auto">{"".join(shown)}</span>'


def _figure(title: str, note: str, body: str, after: str) -> str:
    return (
        f'<figure class="sl-why"><figcaption><b>{title}</b> {note}</figcaption>'
        f'<div class="sl-why-text" tabindex="0" role="region" aria-label="{title}">{body}</div>'
        f"{after}</figure>"
    )
