"""Windows through a backend to readings: the one path that training, judging and serving share."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from tqdm.auto import tqdm

from qa_core.inference import spans
from qa_core.inference.batching import token_budget_batches
from qa_core.inference.windows import Windower, Windows

BATCH_TOKENS = 4096

Result = TypeVar("Result")
Logits = NDArray[np.float32]
Forward = Callable[[Mapping[str, NDArray[np.int64]]], tuple[Logits, Logits]]


def read_pairs(
    pairs: Sequence[tuple[str, str]],
    windower: Windower,
    forward: Forward,
    *,
    top_k: int = 1,
    max_answer_tokens: int = spans.MAX_ANSWER_TOKENS,
    batch_tokens: int = BATCH_TOKENS,
    workers: int = 1,
    progress: bool = False,
) -> list[tuple[Windows, spans.Reading]]:
    """Read every (question, context) pair, in order.

    forward: a batch of int64 ``[n, L]`` inputs to start and end logits, float32 ``[n, L]``.
    Windows of all pairs are batched together by length, ``batch_tokens`` padded tokens at most
    at a time and ``workers`` batches side by side, each in a thread of its own; the order of pairs
    and their neighbours does not change what is read.
    """
    steps = read_in_steps(
        pairs,
        windower,
        forward,
        top_k=top_k,
        max_answer_tokens=max_answer_tokens,
        batch_tokens=batch_tokens,
        workers=workers,
    )
    return to_the_end(steps, progress=progress)


def to_the_end(
    steps: Generator[tuple[int, int], None, Result], *, progress: bool = False
) -> Result:
    """What steps return that yield how many windows of how many are read."""
    with tqdm(total=0, unit=" windows", disable=not progress) as bar:
        while True:
            try:
                done, bar.total = next(steps)
            except StopIteration as finished:
                result: Result = finished.value
                return result
            bar.update(done - bar.n)


def read_in_steps(
    pairs: Sequence[tuple[str, str]],
    windower: Windower,
    forward: Forward,
    *,
    top_k: int = 1,
    max_answer_tokens: int = spans.MAX_ANSWER_TOKENS,
    batch_tokens: int = BATCH_TOKENS,
    workers: int = 1,
) -> Generator[tuple[int, int], None, list[tuple[Windows, spans.Reading]]]:
    """`read_pairs` a batch at a time: yields (windows read, windows in all) after each.

    Whoever stops asking for the next step stops the work.
    """
    contexts = [context for _, context in pairs]
    cut = windower([question for question, _ in pairs], contexts)
    readings = yield from read_cut(
        contexts,
        cut,
        windower,
        forward,
        top_k=top_k,
        max_answer_tokens=max_answer_tokens,
        batch_tokens=batch_tokens,
        workers=workers,
    )
    return list(zip(cut, readings, strict=True))


def read_cut(
    contexts: Sequence[str],
    cut: Sequence[Windows],
    windower: Windower,
    forward: Forward,
    *,
    top_k: int = 1,
    max_answer_tokens: int = spans.MAX_ANSWER_TOKENS,
    batch_tokens: int = BATCH_TOKENS,
    workers: int = 1,
) -> Generator[tuple[int, int], None, list[spans.Reading]]:
    """`read_in_steps` for contexts whose windows are cut already, one reading for each."""
    rows = [(pair, window) for pair, windows in enumerate(cut) for window in range(len(windows))]
    lengths = [int(length) for windows in cut for length in windows.lengths]
    starts: list[list[Logits]] = [[np.empty(0, np.float32)] * len(w) for w in cut]
    ends: list[list[Logits]] = [[np.empty(0, np.float32)] * len(w) for w in cut]
    nulls: list[Logits] = [np.empty((len(w), 2), np.float32) for w in cut]

    def run(batch: list[int]) -> int:
        inputs, shifts = windower.pad([(cut[rows[i][0]], rows[i][1]) for i in batch])
        start_logits, end_logits = forward(inputs)
        for number, row in enumerate(batch):
            pair, window = rows[row]
            windows = cut[pair]
            first = int(shifts[number]) + windows.context_position
            held = slice(first, first + int(windows.stops[window] - windows.begins[window]))
            null = int(shifts[number] + windows.null_positions[window])
            starts[pair][window] = start_logits[number, held]
            ends[pair][window] = end_logits[number, held]
            nulls[pair][window] = start_logits[number, null], end_logits[number, null]
        return len(batch)

    done = 0
    for size in side_by_side(run, token_budget_batches(lengths, batch_tokens), workers):
        done += size
        yield done, len(rows)
    return [
        spans.read(
            context,
            windows.offsets,
            windows.begins.tolist(),
            starts[pair],
            ends[pair],
            nulls[pair],
            top_k=top_k,
            max_answer_tokens=max_answer_tokens,
        )
        for pair, (context, windows) in enumerate(zip(contexts, cut, strict=True))
    ]


def side_by_side(
    run: Callable[[list[int]], int], batches: Sequence[list[int]], workers: int
) -> Iterator[int]:
    """The results of ``run``, in order, ``workers`` batches at a time and none ahead of them.

    Whoever stops asking for the next result stops the work.
    """
    if min(workers, len(batches)) < 2:
        yield from map(run, batches)
        return
    with ThreadPoolExecutor(workers, "spanloop-read") as pool:
        left = iter(batches)
        going = deque(pool.submit(run, batch) for batch in islice(left, workers))
        while going:
            done = going.popleft().result()
            going.extend(pool.submit(run, batch) for batch in islice(left, 1))
            yield done
