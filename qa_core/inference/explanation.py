"""Why a verdict: where the model would begin and end, and what in question and context mattered.

Everything is told of one window: what the model read together with the verdict's span. In a text
that fits one window that is all of it. The heat map and leave-one-out need only a forward call and
are numpy; gradients need a model run by torch, and import it then.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from qa_core.errors import InputError
from qa_core.inference.answer import Question
from qa_core.inference.odds import FloatArray, softmax
from qa_core.inference.reader import Reader
from qa_core.inference.windows import Windows
from qa_core.text.sentences import sentences

IntArray = NDArray[np.int64]
Method = Literal["gradient", "leave-one-out"]

MAX_LEFT_OUT = 64  # forward passes of a leave-one-out at most
WORD = re.compile(r"\w+(?:['’-]\w+)*")


@dataclass(frozen=True, slots=True)
class Heat:
    """Probability that an answer begins, and that it ends, at each token of a window.

    offsets: int64 ``[T, 2]``, code points of the context, end exclusive. start, end: float64
    ``[T]``, each a softmax over the tokens and "no answer", so that start (end) and ``null[0]``
    (``null[1]``) sum to 1. whole: whether the window holds the whole context.
    """

    offsets: IntArray
    start: FloatArray
    end: FloatArray
    null: tuple[float, float]
    whole: bool


@dataclass(frozen=True, slots=True)
class Weight:
    """How much a piece of a text, ``text[start:end]`` in code points, mattered."""

    start: int
    end: int
    value: float


@dataclass(frozen=True, slots=True)
class Saliency:
    """How much the pieces of question and context mattered to the verdict's score.

    The score is the start plus the end logit of the answer, or of "no answer".
    ``gradient``: absolute gradient times input embedding of each token (Shrikumar et al. 2016,
    Simonyan et al. 2014), scaled so that all sum to 1. ``leave-one-out``: the logits that the
    score falls when a word of the question or a sentence of the context is taken out (Li et al.
    2016), negative where it rises; the answer's own sentence is never taken out.
    """

    method: Method
    question: tuple[Weight, ...]
    context: tuple[Weight, ...]
    whole: bool


def heat(reader: Reader, question: str, context: str, span: tuple[int, int] | None) -> Heat:
    """The heat map of the window around ``span`` (code points), or of the first window.

    Raises InputError if question or context can't be read.
    """
    window = _window(reader, question, context, span)
    start, end, null = _logits(reader, [window])[0]
    held = slice(int(window.begins[0]), int(window.stops[0]))
    starts, ends = softmax(np.append(start, null[0])), softmax(np.append(end, null[1]))
    return Heat(
        offsets=window.offsets[held],
        start=starts[:-1],
        end=ends[:-1],
        null=(float(starts[-1]), float(ends[-1])),
        whole=held == slice(0, len(window.offsets)),
    )


def saliency(
    reader: Reader,
    question: str,
    context: str,
    span: tuple[int, int] | None,
    *,
    answered: bool = True,
) -> Saliency:
    """What mattered in the window around ``span``: by gradients where torch runs the model.

    answered: whether ``span`` is the answer; else "no answer" is, and the score is that of the
    null token. Raises InputError if question or context can't be read.
    """
    window = _window(reader, question, context, span)
    answer = span if answered else None
    if hasattr(reader.backend, "network"):
        return gradient(reader, question, window, answer)
    return leave_one_out(reader, question, context, window, answer)


def gradient(
    reader: Reader, question: str, window: Windows, answer: tuple[int, int] | None
) -> Saliency:
    """Gradient times input of every token, by one backward pass of torch."""
    inputs, shifts = reader.windower.pad([(window, 0)])
    shift = int(shifts[0])
    first = shift + window.context_position
    if answer is None:
        begin = end = shift + int(window.null_positions[0])
    else:
        tokens = tokens_of(window.offsets, *answer)
        begin, end = (first + token - int(window.begins[0]) for token in tokens)
    weights = _gradients(reader.backend, inputs, begin, end)
    asked = shift + len(window.template.ids[0])
    encoding = reader.windower.tokenizer.encode(question, add_special_tokens=False)
    words = encoding.offsets[: len(window.question_ids)]
    held = slice(int(window.begins[0]), int(window.stops[0]))
    of_question = weights[asked : asked + len(words)]
    of_context = weights[first : first + held.stop - held.start]
    total = float(of_question.sum() + of_context.sum()) or 1.0
    return Saliency(
        "gradient",
        _weights(words, of_question / total),
        _weights(window.offsets[held].tolist(), of_context / total),
        held == slice(0, len(window.offsets)),
    )


def _gradients(backend: Any, inputs: dict[str, IntArray], begin: int, end: int) -> FloatArray:
    """|gradient x embedding|, summed over dimensions, float64 ``[L]``."""
    import torch

    network = backend.network
    tensors = {
        name: torch.from_numpy(inputs[name]).to(network.device) for name in backend.input_names
    }
    embedded = network.get_input_embeddings()(tensors.pop("input_ids")).detach()
    embedded.requires_grad_()
    output = network(inputs_embeds=embedded, **tensors)
    score = output.start_logits[0, begin] + output.end_logits[0, end]
    (slope,) = torch.autograd.grad(score, embedded)
    return (slope * embedded).detach().sum(-1).abs()[0].double().cpu().numpy()


def leave_one_out(
    reader: Reader, question: str, context: str, window: Windows, answer: tuple[int, int] | None
) -> Saliency:
    """Logits that the score falls without each word of the question and each sentence."""
    held = window.offsets[int(window.begins[0]) : int(window.stops[0])]
    low, high = (int(held[0, 0]), int(held[-1, 1])) if len(held) else (0, 0)
    part = context[low:high]
    place = None if answer is None else (answer[0] - low, answer[1] - low)
    words = [match.span() for match in WORD.finditer(question)] or [(0, len(question))]
    cuts = [
        cut for cut in sentences(part) if place is None or cut[1] <= place[0] or cut[0] >= place[1]
    ]
    cuts = cuts if len(cuts) > 1 or place else []  # a text of one sentence is nothing without it
    words = words[: MAX_LEFT_OUT // 2] if len(words) > 1 else []
    cuts = cuts[: MAX_LEFT_OUT - len(words)]
    pairs = [(question, part, place)]
    pairs += [(question[:a] + question[b:], part, place) for a, b in words]
    for a, b in cuts:
        back = b - a if place and a < place[0] else 0
        moved = place and (place[0] - back, place[1] - back)
        pairs.append((question, part[:a] + part[b:], moved))
    pairs = [(q if q.strip() else "?", c if c.strip() else ".", p) for q, c, p in pairs]
    scores = _scores(reader, pairs)
    falls = [scores[0] - score for score in scores[1:]]
    return Saliency(
        "leave-one-out",
        _weights(words, falls[: len(words)]),
        _weights([(a + low, b + low) for a, b in cuts], falls[len(words) :]),
        len(held) == len(window.offsets),
    )


def _scores(
    reader: Reader, pairs: Sequence[tuple[str, str, tuple[int, int] | None]]
) -> list[float]:
    """Start plus end logit of a span of each context (None: of "no answer")."""
    cut = reader.windower([q for q, _, _ in pairs], [c for _, c, _ in pairs])
    single = [_around(windows, place) for windows, (_, _, place) in zip(cut, pairs, strict=True)]
    scores = []
    for window, (start, end, null), (_, _, place) in zip(
        single, _logits(reader, single), pairs, strict=True
    ):
        if place is None:
            scores.append(float(null.sum()))
        else:
            first, last = tokens_of(window.offsets, *place)
            begin = int(window.begins[0])
            scores.append(float(start[first - begin] + end[last - begin]))
    return scores


def tokens_of(offsets: IntArray, start: int, end: int) -> tuple[int, int]:
    """First and last token that share a character with ``[start, end)``."""
    first = int(np.searchsorted(offsets[:, 1], start, side="right"))
    return first, max(first, int(np.searchsorted(offsets[:, 0], end, side="left")) - 1)


def _window(reader: Reader, question: str, context: str, span: tuple[int, int] | None) -> Windows:
    Question(question, context)
    if span is not None and not 0 <= span[0] < span[1] <= len(context):
        raise InputError(f"expected a span within {len(context)} characters, found {span}")
    return _around(reader.windower([question], [context])[0], span)


def _around(windows: Windows, span: tuple[int, int] | None) -> Windows:
    """The window that holds the span with the most context on its shorter side."""
    best = 0
    if span is not None and len(windows) > 1:
        first, last = tokens_of(windows.offsets, *span)
        best = int(np.argmax(np.minimum(first - windows.begins, windows.stops - 1 - last)))
    return replace(
        windows, begins=windows.begins[best : best + 1], stops=windows.stops[best : best + 1]
    )


def _logits(
    reader: Reader, windows: Sequence[Windows]
) -> list[tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]]:
    """Start and end logits of each single window's context tokens, and of its null token."""
    rows = [(window, 0) for window in windows]
    found = []
    for chunk in (rows[i : i + 8] for i in range(0, len(rows), 8)):
        inputs, shifts = reader.windower.pad(chunk)
        start, end = reader.backend(inputs)
        for number, (window, _) in enumerate(chunk):
            first = int(shifts[number]) + window.context_position
            held = slice(first, first + int(window.stops[0] - window.begins[0]))
            null = int(shifts[number] + window.null_positions[0])
            nulls = np.array([start[number, null], end[number, null]])
            found.append((start[number, held], end[number, held], nulls))
    return found


def _weights(
    places: Sequence[Sequence[int]], values: Sequence[float] | FloatArray
) -> tuple[Weight, ...]:
    return tuple(Weight(a, b, float(v)) for (a, b), v in zip(places, values, strict=True))
