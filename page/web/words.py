"""The page's words and limits, as its scripts take them; {name} stands for what is filled in."""

from __future__ import annotations

from typing import Any

from page import messages
from page.examples import EXAMPLES, SHOWN_FIRST
from page.html.passage import COLOURS
from page.html.result import WORTH_SHOWING
from page.look import ASSETS
from page.tabs.ask import MAX_QUESTIONS
from page.tabs.ask_parts import STRICTNESS
from qa_core.text.documents import MAX_CHARACTERS, MAX_QUESTION


class Slot:
    """What stands for a value in a message, whatever its format."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __format__(self, spec: str) -> str:
        return f"{{{self.name}}}"

    def __str__(self) -> str:
        return format(self)


def words() -> dict[str, Any]:
    """Everything that the scripts say or must know of the page."""
    a, b = Slot("a"), Slot("b")
    return {
        "levels": [
            [at, *messages.confidence(at), messages.no_answer(at)] for at in messages.LEVELS
        ],
        "under": messages.percent(0.001),
        "over": messages.percent(0.999),
        "said": {
            "example": messages.EXAMPLE,
            "empty": messages.EMPTY,
            "marked_text": messages.MARKED_TEXT,
            "search": messages.SEARCH_TEXT,
            "previous": messages.PREVIOUS_MARK,
            "next": messages.NEXT_MARK,
            "show": messages.SHOW_IN_TEXT,
            "confidence": messages.CONFIDENCE,
            "text_changed": messages.TEXT_CHANGED,
            "question_changed": messages.QUESTION_CHANGED,
            "closest": messages.CLOSEST,
            "take": messages.TAKE,
            "also": messages.ALSO_CONSIDERED,
            "key": messages.KEY,
            "key_answer": messages.KEY_ANSWER,
            "key_guess": messages.KEY_GUESS,
            "not_english": messages.NOT_ENGLISH,
            "yes_or_no": messages.YES_OR_NO,
            "part_read": messages.PART_READ,
            "stopped": messages.STOPPED,
            "stopped_halfway": messages.STOPPED_HALFWAY,
            "no_text": messages.NO_TEXT,
            "no_question": messages.NO_QUESTION,
            "too_many": messages.too_many_questions(MAX_QUESTIONS, a),  # type: ignore[arg-type]
            "question_too_long": messages.question_too_long(MAX_QUESTION, a),  # type: ignore[arg-type]
            "text_too_long": messages.text_too_long(MAX_CHARACTERS, a),  # type: ignore[arg-type]
            "reading": messages.reading(str(a)),
            "no_wasm": messages.WEB_NO_WASM,
            "ready": messages.WEB_READY,
            "no_plain_text": messages.WEB_NO_TEXT,
            "loading": messages.web_loading(a, b),
            "failed": messages.web_failed(a),
            "broken": messages.web_broken(a),
        },
        "most": {
            "questions": MAX_QUESTIONS,
            "question": MAX_QUESTION,
            "characters": MAX_CHARACTERS,
            "colours": COLOURS,
        },
        "worth_showing": WORTH_SHOWING,
        "strictness": STRICTNESS,
        "examples": [[one.question, one.context] for one in EXAMPLES],
        "shown_first": SHOWN_FIRST,
        "languages": (ASSETS / "languages.txt").read_text(encoding="utf-8"),
    }
