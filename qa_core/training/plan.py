"""Which windows a run learns from, in which batches and in which order. No torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tqdm.auto import tqdm

from qa_core.data.examples import Example
from qa_core.inference.batching import token_budget_batches
from qa_core.inference.spans import MAX_ANSWER_TOKENS
from qa_core.inference.windows import Windower, Windows
from qa_core.training.recipes import Recipe


@dataclass(frozen=True, slots=True)
class LabelledWindow:
    """One window to learn from: its start and end label are positions in the window.

    soft: start and end probabilities, float32 ``[tokens]`` each, to learn instead of the labels.
    plausible: start and end of the plausible answer if the window holds it and no answer.
    """

    windows: Windows
    window: int
    start: int
    end: int
    plausible: tuple[int, int] | None = None
    soft: tuple[NDArray[np.float32], NDArray[np.float32]] | None = None


class Rows:
    """The windows of all examples, and which rows belong to which example.

    Those that hold one of several spans, and not what is to be said of them, are left out.
    torn: how many windows were left out because they hold a part of an answer that no window
    holds whole. long: how many answers have more than `MAX_ANSWER_TOKENS` tokens.
    """

    def __init__(self, examples: Sequence[Example], windower: Windower) -> None:
        self.windower = windower
        self.rows: list[LabelledWindow] = []
        self.of_example: list[range] = []
        self.torn = self.long = 0
        chunk = 512
        for begin in tqdm(
            range(0, len(examples), chunk), desc="windows", disable=len(examples) < 4096
        ):
            part = examples[begin : begin + chunk]
            cut = windower([e.question for e in part], [e.context for e in part])
            for example, windows in zip(part, cut, strict=True):
                gold = example.answers[0] if example.answers else None
                labels = windows.labels(gold.start, gold.end) if gold else windows.labels()
                plausible: list[tuple[int, int] | None] = [None] * len(windows)
                if not gold and example.plausible:
                    hint = example.plausible[0]
                    plausible = [
                        None if held == null else held
                        for held, null in zip(
                            map(tuple, windows.labels(hint.start, hint.end).tolist()),
                            map(tuple, labels.tolist()),
                            strict=True,
                        )
                    ]
                torn = windows.torn(gold.start, gold.end) if gold else np.zeros(len(windows), bool)
                left_out = torn
                if example.parts:
                    null = (labels == windows.labels()).all(axis=1)
                    held_parts = [windows.meeting(one.start, one.end) for one in example.parts]
                    left_out = torn | (null & np.any(held_parts, axis=0))
                self.torn += int(torn.sum())
                held = windows.token_span(gold.start, gold.end) if gold else None
                self.long += held is not None and held[1] - held[0] >= MAX_ANSWER_TOKENS
                begin_row = len(self.rows)
                self.rows += [
                    LabelledWindow(windows, window, start, end, plausible[window])
                    for window, (start, end) in enumerate(labels.tolist())
                    if not left_out[window]
                ]
                self.of_example.append(range(begin_row, len(self.rows)))
        self.lengths = [int(row.windows.lengths[row.window]) for row in self.rows]

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> LabelledWindow:
        return self.rows[index]


def plan_batches(
    rows: Rows, examples: Sequence[Example], recipe: Recipe, processes: int = 1
) -> list[list[int]]:
    """Every batch of the whole run, in order: the same for the same data, recipe and seed.

    Answerable questions on paragraphs that have unanswerable ones, too, are drawn before others:
    they differ in nothing but what is asked. With several processes each batch number is taken
    by one of them in turn, so their count is made a multiple of ``processes`` by repeating the
    first batches.
    """
    plan: list[list[int]] = []
    whole, part = divmod(recipe.epochs, 1)
    yes = [i for i, example in enumerate(examples) if example.answerable]
    no = [i for i, example in enumerate(examples) if not example.answerable]
    contested = {examples[i].context for i in no}
    for epoch in range(int(whole) + (part > 0)):
        rng = np.random.default_rng([recipe.seed, epoch])
        chosen = yes
        if recipe.unanswerable is not None and no:
            wanted = round(len(no) * (1 - recipe.unanswerable) / recipe.unanswerable)
            shuffled = rng.permutation(yes).tolist()
            chosen = sorted(shuffled, key=lambda i: examples[i].context not in contested)[:wanted]
        indices = [row for example in [*chosen, *no] for row in rows.of_example[example]]
        if recipe.batch_size is None:
            lengths = [rows.lengths[i] for i in indices]
            batches = token_budget_batches(lengths, recipe.batch_tokens, rng=rng)
        else:
            order = rng.permutation(len(indices)).tolist()
            size = recipe.batch_size
            batches = [order[i : i + size] for i in range(0, len(order), size)]
        if epoch == whole:
            batches = batches[: max(1, round(len(batches) * part))]
        plan += [[indices[i] for i in batch] for batch in batches]
    return plan + plan[: -len(plan) % processes]


def pick_validation(examples: Sequence[Example], recipe: Recipe) -> list[Example]:
    """At most ``validation_questions`` examples, ``unanswerable`` of them if there are enough."""
    rng = np.random.default_rng(recipe.seed)
    shuffled = [examples[i] for i in rng.permutation(len(examples))]
    if recipe.unanswerable is None:
        return shuffled[: recipe.validation_questions]
    no = [e for e in shuffled if not e.answerable]
    no = no[: round(recipe.validation_questions * recipe.unanswerable)]
    yes = [e for e in shuffled if e.answerable]
    return no + yes[: recipe.validation_questions - len(no)]
