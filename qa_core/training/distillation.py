"""What a model says today, as soft targets that keep it saying so while it learns other things.

After Li & Hoiem 2016, "Learning without Forgetting": the distributions over start and end that
the model gives before training stand in for labels on texts that have none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from qa_core.inference.batching import token_budget_batches
from qa_core.inference.inference import BATCH_TOKENS, Forward, Logits
from qa_core.inference.odds import softmax
from qa_core.inference.windows import Windower
from qa_core.training.plan import LabelledWindow, Rows


def soften(rows: Rows, numbers: Iterable[int], windower: Windower, forward: Forward) -> None:
    """Give the rows of these numbers the probabilities of ``forward`` instead of labels."""
    chosen = list(numbers)
    lengths = [rows.lengths[number] for number in chosen]
    for batch in token_budget_batches(lengths, BATCH_TOKENS):
        held = [rows.rows[chosen[i]] for i in batch]
        inputs, shifts = windower.pad([(row.windows, row.window) for row in held])
        logits = forward(inputs)
        for place, i in enumerate(batch):
            real = slice(shifts[place], shifts[place] + lengths[i])
            start, end = (softmax(of_all[place, real]).astype(np.float32) for of_all in logits)
            rows.rows[chosen[i]] = replace(rows.rows[chosen[i]], soft=(start, end))


def targets(
    rows: Sequence[LabelledWindow], shifts: Sequence[int], width: int
) -> tuple[Logits, Logits]:
    """Start and end probabilities to learn, float32 ``[n, width]``: a label counts as certain.

    shifts: padding tokens put before each row.
    """
    start, end = (np.zeros((len(rows), width), np.float32) for _ in range(2))
    for number, (row, shift) in enumerate(zip(rows, shifts, strict=True)):
        if row.soft is None:
            start[number, row.start + shift] = end[number, row.end + shift] = 1.0
        else:
            for whole, part in zip((start, end), row.soft, strict=True):
                whole[number, shift : shift + len(part)] = part
    return start, end
