"""What a model goes over again so that it forgets nothing while it learns from reviews."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from qa_core.data.examples import Example, question_id
from qa_core.data.splits import paragraph_fraction

if TYPE_CHECKING:
    from qa_core.inference.answer import Answers

SURE = 0.7  # a verdict less probable than this is not worth learning again


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


def without(examples: Iterable[Example], *judged: Sequence[Example]) -> list[Example]:
    """The examples on paragraphs that none of the judged ones stands on, letters compared."""
    reserved = {paragraph_fraction(e.context) for of_one in judged for e in of_one}
    return [e for e in examples if paragraph_fraction(e.context) not in reserved]


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
