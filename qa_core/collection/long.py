"""Long texts, cut and indexed once for all questions that are asked of them."""

from __future__ import annotations

import re
from collections.abc import Generator
from dataclasses import replace
from functools import lru_cache

from qa_core.collection.passages import Index, Passages
from qa_core.collection.promising import LEAST, WHOLE, read_in_steps
from qa_core.inference.answer import Answer, Serves
from qa_core.inference.windows import Windower

KEPT = 8  # texts whose passages stay in memory
_PART_READ = "Only the {} most promising of {} passages were read."
_IS_PART_READ = re.compile(re.escape(_PART_READ).replace(r"\{\}", r"\d+"))


def part_read(read: int, passages: int) -> tuple[str, ...]:
    """The warning that not all passages were read; none where they were."""
    return () if read == passages else (_PART_READ.format(read, passages),)


def is_part_read(answer: Answer) -> bool:
    """Whether an answer warns that not all was read."""
    return any(map(_IS_PART_READ.fullmatch, answer.warnings))


class LongTexts:
    """Answers from texts that are too long to be read whole for each question.

    The passages of the last `KEPT` texts stay in memory, and nowhere else. Safe to share between
    threads.
    """

    def __init__(self) -> None:
        self._indexed = lru_cache(maxsize=KEPT)(_indexed)

    def answer_in_steps(
        self,
        reader: Serves,
        question: str,
        context: str,
        *,
        top_k: int = 3,
        exhaustive: bool = False,
    ) -> Generator[tuple[int, int], None, Answer]:
        """As `Reader.answer_in_steps`, from the most promising passages of a long text.

        exhaustive: read every window, as of a text of at most `WHOLE` characters. A warning of the
        answer says how much was read. Raises InputError.
        """
        if exhaustive or len(context) <= WHOLE:
            return (yield from reader.answer_in_steps(question, context, top_k=top_k))
        yield 0, LEAST  # before the text is cut, which may take seconds
        current = reader.current
        passages, index = self._indexed(context, current.windower)
        order = index.ranked(question)
        read = yield from read_in_steps(current, question, [passages], order, top_k=top_k)
        answer = read.answers[0]
        note = part_read(read.passages, len(passages))
        return replace(answer, warnings=(*answer.warnings, *note))


def _indexed(context: str, windower: Windower) -> tuple[Passages, Index]:
    passages = Passages.of(context, windower)
    return passages, Index([passages])
