"""What there is to learn from and to judge by, and which is for which."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qa_core.data.examples import Example
from qa_core.data.splits import paragraph_fraction, split_by_paragraph
from qa_core.errors import DataError

REGRESSION = Path(__file__).parent / "regression.json"
REPLAY_BUFFER = Path(__file__).parent / "replay_buffer.json"
REGRESSED = "regression set"
FEWEST = 5


@dataclass(frozen=True, slots=True)
class Material:
    """What there is to learn from and to judge by.

    replay_buffer: labelled examples on texts of many kinds, none of which may be forgotten. replay:
    labelled examples of what the model was first trained on; without any, the model's own
    confident answers to ``met``, (question, context) pairs, stand in. unseen: questions of the old
    kind that no training has seen, to calibrate by. evaluate: more examples to judge by, by name.
    about: what is known of the sources, for the record.
    """

    reviews: Sequence[Example]
    regression: Sequence[Example]
    replay_buffer: Sequence[Example] = ()
    replay: Sequence[Example] = ()
    met: Sequence[tuple[str, str]] = ()
    unseen: Sequence[Example] = ()
    evaluate: Mapping[str, Sequence[Example]] = field(default_factory=dict)
    about: Mapping[str, Any] = field(default_factory=dict)

    def tests(self) -> dict[str, Sequence[Example]]:
        """What both models are judged by beside held-out reviews, by name."""
        return {REGRESSED: self.regression, **self.evaluate}


def sides(material: Material, held_out: float) -> tuple[list[Example], list[Example]]:
    """Reviews to learn from, on no text that is judged by, and those held out (0 to 1)."""
    learning, judged = split_by_paragraph(material.reviews, held_out)
    return without(learning, *material.tests().values()), judged


def parted(material: Material, held_out: float) -> tuple[list[Example], list[Example]]:
    """`sides`. Raises DataError where there are too few of either."""
    learning, judged = sides(material, held_out)
    if len(judged) < FEWEST or len(learning) < FEWEST:
        raise DataError(
            f"expected reviews to learn from and to judge by, at least {FEWEST} of either, found "
            f"{len(learning)} and {len(judged)}: review more"
        )
    return learning, judged


def without(examples: Iterable[Example], *judged: Sequence[Example]) -> list[Example]:
    """The examples on paragraphs that none of the judged ones stands on, letters compared."""
    reserved = {paragraph_fraction(e.context) for of_one in judged for e in of_one}
    return [e for e in examples if paragraph_fraction(e.context) not in reserved]
