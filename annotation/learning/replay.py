"""What a model goes over again so that it forgets nothing while it learns from reviews."""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from annotation.learning.material import Material, without
from qa_core.data.examples import Example, question_id
from qa_core.data.splits import split_by_paragraph

if TYPE_CHECKING:
    from annotation.learning.settings import Settings
    from qa_core.inference.answer import Answers

SURE = 0.7  # a verdict less probable than this is not worth learning again
CALIBRATION_QUESTIONS = 1000


@dataclass(frozen=True, slots=True)
class Replay:
    """What is gone over beside the reviews, and what is left of it to calibrate and judge by.

    buffered, replayed: with their labels; distilled: with what the model says today.
    """

    buffered: Sequence[Example] = ()
    replayed: Sequence[Example] = ()
    distilled: Sequence[Example] = ()
    left: Sequence[Example] = ()

    def __len__(self) -> int:
        return len(self.labelled) + len(self.distilled)

    @property
    def labelled(self) -> list[Example]:
        return [*self.buffered, *self.replayed]


def choose(
    material: Material,
    learning: Sequence[Example],
    held_out: Sequence[Example],
    settings: Settings,
    current: Answers,
    unseen_share: float,
) -> Replay:
    """What to go over beside reviews to learn from, on no text that is judged by.

    held_out: reviews to judge by. current: the reader to learn on, for what it says today.
    unseen_share: of paragraphs (0 to 1) that its training has not seen; on others it is too sure.
    """
    if not settings.replay_ratio:
        return Replay()
    wanted = max(settings.least_replay, round(settings.replay_ratio * len(learning)))
    judged = (held_out, *material.tests().values())
    buffered = sample(without(material.replay_buffer, *judged), wanted // 2, settings.seed)
    wanted -= len(buffered)
    if material.replay:
        usable = without(material.replay, *judged)
        known, _ = split_by_paragraph(usable, settings.held_out)
        _, left = split_by_paragraph(usable, unseen_share)
        return Replay(
            buffered,
            replayed=sample(known, wanted, settings.seed),
            left=sample(left, CALIBRATION_QUESTIONS, settings.seed),
        )
    met = [Example("", question, context) for question, context in material.met]
    pairs = [example.pair for example in without(met, *judged)]
    corrected = {review.pair for review in material.reviews}
    distilled = distillation_set(current, pairs, corrected, wanted, settings.seed)
    return Replay(buffered, distilled=distilled)


def sample(examples: Sequence[Example], count: int, seed: int) -> list[Example]:
    """At most ``count`` examples, half of them unanswerable if there are as many.

    Those on contexts that have questions of both kinds go first: elsewhere the context gives away
    whether there is an answer, and what is learned or measured of that there does not hold.
    """
    rng = np.random.default_rng(seed)
    of_kind = [{e.context for e in examples if e.answerable is kind} for kind in (True, False)]
    contested = of_kind[0] & of_kind[1]
    shuffled = [examples[i] for i in rng.permutation(len(examples))]
    shuffled.sort(key=lambda example: example.context not in contested)
    yes = [example for example in shuffled if example.answerable]
    no = [example for example in shuffled if not example.answerable]
    chosen_no = no[: max(count // 2, count - len(yes))]
    return [*chosen_no, *yes[: count - len(chosen_no)]]


def distillation_set(
    reader: Answers,
    pairs: Sequence[tuple[str, str]],
    corrected: Collection[tuple[str, str]],
    count: int,
    seed: int,
) -> list[Example]:
    """At most ``count`` questions of which the reader is sure, on texts it has met.

    pairs: (question, context); corrected: those that people have answered, which are not
    taken again. At most half are pairs as they come, the others a question with a text that it was
    not asked of, most of which do not answer it. The answers are not filled in: the
    model is distilled, so that it goes on to say what the reader says.
    """
    if not pairs:
        return []
    rng = np.random.default_rng(seed)
    open_ = [pair for pair in pairs if pair not in corrected]
    asked = [open_[i] for i in rng.permutation(len(open_))[: count // 2]]
    contexts = list(dict.fromkeys(context for _, context in pairs))
    crossed = [
        (pairs[int(rng.integers(len(pairs)))][0], contexts[int(rng.integers(len(contexts)))])
        for _ in range(count if len(contexts) > 1 else 0)
    ]
    met = set(pairs)
    chosen = list(dict.fromkeys([*asked, *(pair for pair in crossed if pair not in met)]))
    answers = reader.answer_batch(chosen, top_k=1, progress=sys.stderr.isatty())
    sure = [p for p, answer in zip(chosen, answers, strict=True) if answer.confidence >= SURE]
    own = [pair for pair in sure if pair in met][: max(count // 2, 1)]
    others = [pair for pair in sure if pair not in met][: count - len(own)]
    return [Example(f"distilled-{question_id(*pair)}", *pair) for pair in [*own, *others]]
