"""Reading the most promising passages first, until enough is known."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

from qa_core.collection.passages import Passages, Place, question_ids
from qa_core.inference.answer import Answer, Span
from qa_core.inference.reader import Reader

# Measured by `python -m benchmarks.long`; see docs/log/documents.md.
WHOLE = 20_000  # characters of a text that is read whole
ROUND = 4  # passages read before it is asked again whether to stop
SURE = 0.7  # the probability that an answer is right that ends the search
LEAST, MOST = 12, 24  # passages read at most: of a short text, of a very long one
PER = 80  # passages in all that allow one more to be read


def budget(passages: int) -> int:
    """How many of so many passages are read at most."""
    return min(MOST, LEAST + passages // PER)


@dataclass(frozen=True, slots=True)
class Read:
    """What was found in the texts that were read in: an answer each, by the text's number."""

    answers: dict[int, Answer]
    passages: int


def read_in_steps(
    reader: Reader,
    question: str,
    texts: Sequence[Passages],
    order: Sequence[Place],
    *,
    top_k: int = 3,
    exhaustive: bool = False,
) -> Generator[tuple[int, int], None, Read]:
    """Answers from the passages in their order, a round at a time.

    Yields (passages read, passages read at most) after each round. It stops where an answer is
    right with a probability of SURE or more, or after `budget` passages; exhaustive: after all of
    them. A text's answer is that of its passage with the best span, as a reader's of a whole text
    is.
    """
    asked = question_ids(question, reader.windower)
    most = len(order) if exhaustive else min(len(order), budget(len(order)))
    size = 16 * ROUND if exhaustive else ROUND
    found: dict[int, list[Answer]] = {}
    done = 0
    while done < most:
        some = order[done : min(done + size, most)]
        windows = [texts[one.text].window(one.passage, asked, reader.windower) for one in some]
        contexts, cut = [text for text, _, _ in windows], [one for _, _, one in windows]
        answers = reader.answer_cut(question, contexts, cut, top_k=top_k)
        for place, (_, first, _), answer in zip(some, windows, answers, strict=True):
            found.setdefault(place.text, []).append(moved(answer, first))
        done += len(some)
        best = max((one for some_ in found.values() for one in some_), key=_score)
        if not exhaustive and best.answerable and best.confidence >= SURE:
            break
        yield done, most
    return Read({number: merged(some_, top_k) for number, some_ in found.items()}, done)


def moved(answer: Answer, first: int) -> Answer:
    """An answer to a piece of a text that begins at `first`, as an answer to the text."""
    spans = tuple(
        replace(one, start=one.start + first, end=one.end + first) for one in answer.alternatives
    )
    if not answer.answerable:
        return replace(answer, alternatives=spans)
    start, end = answer.start + first, answer.end + first
    return replace(answer, start=start, end=end, alternatives=spans)


def merged(answers: Sequence[Answer], top_k: int) -> Answer:
    """The answer with the best span, and what the others found as its alternatives."""
    best = max(answers, key=_score)
    others = [span for answer in answers for span in answer.spans]
    kept: list[Span] = list(best.spans[:1])
    for span in sorted(others, key=lambda one: one.score, reverse=True):
        if not any(span.start < other.end and other.start < span.end for other in kept):
            kept.append(span)
    return replace(
        best, alternatives=tuple(kept[1 : top_k + 1] if best.answerable else kept[:top_k])
    )


def _score(answer: Answer) -> float:
    return answer.score
