"""The path from pairs to readings, with a stand-in network that looks for one word."""

import threading
import time
from collections.abc import Mapping

import numpy as np
import pytest
from numpy.typing import NDArray

from qa_core.inference.inference import Logits, read_in_steps, read_pairs
from qa_core.inference.windows import Windower
from qa_core.models.record import WindowSizes
from tests.support.tiny import wordpiece

WORD = "mayor"


def windower(padding_side: str = "right") -> Windower:
    return Windower(
        wordpiece(),
        WindowSizes(max_length=64, stride=16, max_question_length=16),
        null_token_id=2,
        padding_side="left" if padding_side == "left" else "right",
    )


def seek(inputs: Mapping[str, NDArray[np.int64]]) -> tuple[Logits, Logits]:
    """Logit 5 at each token of WORD that is not padding, 1 at [CLS], 0 elsewhere."""
    (wanted,) = wordpiece().encode(WORD, add_special_tokens=False).ids
    hits = (inputs["input_ids"] == wanted) & (inputs["attention_mask"] == 1)
    logits = np.where(hits, 5.0, np.where(inputs["input_ids"] == 2, 1.0, 0.0))
    return logits.astype(np.float32), logits.astype(np.float32)


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("batch_tokens", [1, 200, 4096])
def test_pairs_are_read_in_order_whatever_the_batches(
    side: str, batch_tokens: int, workers: int
) -> None:
    contexts = [f"{'boats ' * n} the {WORD} spoke" for n in (0, 200, 3, 90, 41)]
    pairs = [("Who opened the harbour?", context) for context in contexts]
    found = read_pairs(pairs, windower(side), seek, batch_tokens=batch_tokens, workers=workers)
    for context, (windows, reading) in zip(contexts, found, strict=True):
        (span,) = reading.spans
        assert context[span.start : span.end] == WORD
        assert span.score == 10.0
        assert reading.null_score == 2.0
        assert reading.windows == len(windows)


def test_a_million_characters_are_read_to_the_end() -> None:
    filler = "Who opened the harbour? "
    context = filler * 20_000 + f"The {WORD}. " + filler * 22_000
    assert len(context) > 1_000_000
    ((windows, reading),) = read_pairs([("Who?", context)], windower(), seek, top_k=2)
    assert len(windows) > 4_000
    best, second = reading.spans
    assert (best.start, context[best.start : best.end]) == (context.index(WORD), WORD)
    assert second.score < best.score


def test_batches_run_side_by_side_and_stop_with_whoever_asked() -> None:
    together, met, ran = threading.Barrier(3, timeout=30), threading.Event(), []

    def meet(inputs: Mapping[str, NDArray[np.int64]]) -> tuple[Logits, Logits]:
        if not met.is_set():
            together.wait()  # passes only if three batches are in here at once
            met.set()
        time.sleep(0.02)
        ran.append(len(inputs["input_ids"]))
        return seek(inputs)

    pairs = [("Who?", f"Boats and the {WORD}.")] * 30
    steps = read_in_steps(pairs, windower(), meet, batch_tokens=1, workers=3)
    assert next(steps) == (1, 30)
    steps.close()
    assert len(ran) < 30


def test_a_batch_that_fails_side_by_side_fails_the_call() -> None:
    def fail(inputs: Mapping[str, NDArray[np.int64]]) -> tuple[Logits, Logits]:
        raise ValueError("no memory")

    with pytest.raises(ValueError, match="no memory"):
        read_pairs([("Who?", f"The {WORD}.")] * 9, windower(), fail, batch_tokens=1, workers=2)
