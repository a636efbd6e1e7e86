"""The context with spans of several answers marked in their places, overlaps and all.

Its text is the context, character for character: what a visitor selects in it has offsets.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, get_args

from page import messages
from page.html.markup import NONE, Markup, filled, joined

Kind = Literal["part", "answer", "guess", "other"]
COLOURS = 8


@dataclass(frozen=True, slots=True)
class Mark:
    """``context[start:end]`` as an answer to question number ``question``, counted from 0.

    place: 0 for the answer or the nearest guess, then the alternatives.
    """

    start: int
    end: int
    kind: Kind
    question: int
    place: int

    @property
    def name(self) -> str:
        return f"{self.question}-{self.place}"


def passage(
    context: str, marks: Sequence[Mark], pages: Sequence[int] = (), *, several: bool = False
) -> Markup:
    """The context as HTML; where spans overlap, every piece tells all of its spans.

    pages: code points at which pages begin. several: whether marks carry the number of their
    question.
    """
    marks = [mark for mark in marks if mark.start < mark.end]
    breaks = {start: number for number, start in enumerate(pages, 1) if start < len(context)}
    cuts = sorted({0, len(context), *breaks, *(x for m in marks for x in (m.start, m.end))})
    starts = cuts[:-1]
    covering: dict[int, list[Mark]] = {start: [] for start in starts}
    for mark in marks:
        for start in starts[bisect_right(starts, mark.start) - 1 :]:
            if start >= mark.end:
                break
            covering[start].append(mark)
    pieces: list[object] = []
    for start, end in pairwise(cuts):
        if start in breaks:
            sign = Markup('<span class="sl-page-break" data-page="{}"></span>')
            pieces.append(sign.format(breaks[start]))
        text, over = context[start:end], covering[start]
        pieces.append(_mark(text, start, over, several) if over else text)
    return Markup(
        '<div class="sl-passage" role="region" tabindex="0" dir="auto" aria-label="{}">{}</div>'
    ).format(messages.MARKED_TEXT, joined(pieces))


def _mark(text: str, start: int, marks: list[Mark], several: bool) -> Markup:
    """A piece of the context that all of ``marks`` cover."""
    kind = min((mark.kind for mark in marks), key=get_args(Kind).index)
    shown = [mark for mark in marks if mark.kind == kind]
    colours = list(dict.fromkeys(mark.question % COLOURS for mark in shown))
    begun = [mark for mark in marks if mark.start == start and mark.kind in ("answer", "guess")]
    numbers = stripes = NONE
    if several:
        badge = Markup('<span class="sl-number sl-colour-{}" data-number="{}"></span>')
        asked = dict.fromkeys(mark.question for mark in begun)
        numbers = filled(badge, [(question % COLOURS, question + 1) for question in asked])
    if len(colours) > 1:
        share = 100 / len(colours)
        bands = ",".join(
            f"var(--sl-{'fill' if kind == 'answer' else 'edge'}-{colour})"
            f" {share * place:.3g}% {share * (place + 1):.3g}%"
            for place, colour in enumerate(colours)
        )
        stripes = Markup(' style="--bands:linear-gradient({})"').format(bands)
    return Markup('<mark class="sl-{} sl-colour-{}{}" data-spans="{}"{}>{}{}</mark>').format(
        kind,
        colours[0],
        " sl-both" if stripes else "",
        " ".join(mark.name for mark in marks),
        stripes,
        numbers,
        text,
    )
