"""A prediction, and a store to keep it in."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from annotation.review.records import Prediction
from annotation.store.store import Store
from qa_core.inference.answer import Answer, Span

CONTEXT = "\ufeff 😀 The mayor,\r\nInes Soto, opened it in 1904.\x00 e\u0301"
QUESTION = "Who opened it?"
START = CONTEXT.index("Ines Soto")
SPAN = (START, START + len("Ines Soto"))


def answer(text: str = "Ines Soto", **changes: Any) -> Answer:
    start = changes.pop("start") if "start" in changes else CONTEXT.index(text) if text else 0
    other = Span("1904", CONTEXT.index("1904"), CONTEXT.index("1904") + 4, 0.5, 0.1)
    given: dict[str, Any] = {
        "text": text,
        "start": start,
        "end": start + len(text),
        "score": 1.5,
        "confidence": 0.4,
        "null_score": float("-inf"),
        "answerable": bool(text),
        "alternatives": (other,),
        "warnings": (),
        "model": "m@1",
        "plain_confidence": 0.3,
    }
    return Answer(**{**given, **changes})


class Clock:
    """A time that tests set."""

    def __init__(self) -> None:
        self.time = datetime(2030, 5, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Store]:
    """One in a file and, where there is a PostgreSQL, one there; `Store(store.where)` opens it."""
    if request.param == "postgres":
        request.getfixturevalue("database")
    opened = Store(tmp_path / "reviews.sqlite3" if request.param == "sqlite" else None, now=clock)
    yield opened
    opened.close()


# For what is of SQLite alone, or costs much and says nothing of the database.
in_a_file = pytest.mark.parametrize("store", ["sqlite"], indirect=True)


def option(store: Store) -> list[str]:
    """What tells a command which store it is."""
    return ["--store", str(store.where)] if store.where else []


def keep(store: Store, question: str = QUESTION, **changes: Any) -> str:
    id_ = store.keep(question, CONTEXT, answer(**changes), reason="doubtful", source="test")
    assert id_ is not None
    return id_


def kept(context: str = CONTEXT, text: str = "Ines Soto", **changes: Any) -> Prediction:
    if not changes.get("answerable", bool(text)):
        text = ""
    start = context.index(text)
    given: dict[str, Any] = {
        "text": text,
        "start": start,
        "end": start + len(text),
        "score": 1.0,
        "null_score": 0.5,
        "answerable": bool(text),
        "alternatives": (),
    }
    of_answer = {name for name in changes if name in Answer.__dataclass_fields__}
    given |= {name: changes.pop(name) for name in of_answer}
    whole: dict[str, Any] = {
        "id": "a" * 32,
        "question": "Who?",
        "context": context,
        "answer": answer(**given),
        "reason": "doubtful",
        "source": "page",
        "at": "2030-05-01T12:00:00+00:00",
    }
    return Prediction(**{**whole, **changes})
