"""Looks in the background for questions that a text answers."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from page.suggest.ideas import SHOWN, holds, worth_trying
from page.tabs import hints
from qa_core.errors import SpanLoopError
from qa_core.serving.shared import SharedReader

log = logging.getLogger(__name__)

READ = 3_000  # characters of a text that are looked at
PATIENCE = 3.0  # seconds after which what is found is enough


def suggest(reader: SharedReader, context: str, unwanted: Callable[[], bool]) -> list[str]:
    """A few questions that the beginning of a text answers, by the reader's own judgement.

    Asked one at a time beside the queue, and no more once somebody waits for an answer, or it is
    ``unwanted``: a question of a visitor is never behind one of these.
    """
    text = beginning(context)
    if not text.strip() or hints.of_text(text):
        return []
    found: list[str] = []
    until = time.monotonic() + PATIENCE
    for idea in worth_trying(text):
        if unwanted() or reader.waiting or len(found) == SHOWN or time.monotonic() > until:
            break
        try:
            answer = reader.current.answer_batch([(idea.question, text)], top_k=1, workers=1)[0]
        except SpanLoopError as error:
            log.warning("no question is suggested: %s", error)
            return found
        if holds(idea, answer):
            found.append(idea.question)
    return found


def beginning(context: str) -> str:
    """The beginning of a text, up to the end of a line or a word."""
    if len(context) <= READ:
        return context
    text = context[:READ]
    for end in ("\n", " "):
        if (cut := text.rfind(end, READ // 2)) > 0:
            return text[:cut]
    return text
