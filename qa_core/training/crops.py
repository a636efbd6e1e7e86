"""Long contexts to learn from, cut to the sentences around the answer. Pure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from qa_core.data.examples import Example, Gold
from qa_core.text.excerpts import excerpt


def crop(example: Example, length: int, rng: np.random.Generator) -> Example:
    """The example on an excerpt of its context, about ``length`` characters, that holds its answer.

    An unanswerable question keeps its plausible answer, or else the sentences around a place
    picked at random: what a text does not say, its excerpt does not say either. Of several spans
    that are the answer those stay that the excerpt holds.
    """
    golds = example.answers or example.plausible
    place = int(rng.integers(len(example.context)))
    span = (golds[0].start, golds[0].end) if golds else (place, place)
    piece = excerpt(example.context, [span], length, rng)

    def inside(golds: tuple[Gold, ...]) -> tuple[Gold, ...]:
        return tuple(
            Gold(gold.text, held[0])
            for gold in golds
            if (held := piece.inside(gold.start, gold.end))
        )

    return replace(
        example,
        context=piece.text,
        answers=inside(example.answers),
        plausible=inside(example.plausible),
        parts=inside(example.parts),
    )
