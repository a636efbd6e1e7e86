"""Figures for Prometheus: what was asked and waits, and nothing that anybody typed."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.responses import PlainTextResponse

from annotation.loop.intake import Intake
from annotation.review.policy import Policy
from annotation.store.store import Store
from page.door.metrics import Exposed, Metrics
from qa_core.inference.reader import Reader
from qa_core.serving.shared import SharedReader

CONTEXT = "Ines Soto opened the harbour in 1904."
Figures = dict[tuple[str, ...], float]


@pytest.fixture
def reader() -> SharedReader:
    return SharedReader(Reader.load("small"))


@pytest.fixture
def intake(tmp_path: Path) -> Iterator[Intake]:
    intake = Intake(Store(tmp_path / "reviews.sqlite3"), Policy(threshold=1.0, random_share=0.0))
    yield intake
    intake.close()


def get(app: Exposed, path: str) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
            return await client.get(path)

    with ThreadPoolExecutor(1) as other:  # tests of the browser leave a loop running in this one
        return other.submit(asyncio.run, ask()).result()


def figures(app: Exposed) -> Figures:
    """By name and labels."""
    text = get(app, "/metrics").text
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_what_was_asked_is_counted_and_no_word_of_it_told(
    reader: SharedReader, intake: Intake
) -> None:
    app = Exposed(PlainTextResponse("the page"), Metrics(reader, intake).registry)
    before = figures(app)
    assert before["spanloop_questions_total", "answered"] == 0
    assert before["spanloop_questions_total", "declined"] == 0
    question = "Who opened the harbour?"
    answer = reader.answer(question, CONTEXT)
    reader.answer_batch([(question, CONTEXT), ("How deep is the lake?", CONTEXT)])
    assert intake.offer(question, CONTEXT, answer, source="page")
    with pytest.raises(ValueError, match="question"):
        reader.answer("", CONTEXT)
    after = figures(app)
    assert after["spanloop_questions_total", "answered"] == 2
    assert after["spanloop_questions_total", "declined"] == 1
    assert after["spanloop_request_seconds_count",] == 2
    assert 0 < after["spanloop_request_seconds_sum",] < 60
    assert after["spanloop_waiting_reviews",] == 1
    assert after["spanloop_waiting_questions", "short"] == 0
    told = get(app, "/metrics").text
    assert not any(word in told for word in ("harbour", "Ines", "lake"))
    assert get(app, "/").text == get(app, "/metricsx").text == "the page"


def test_queues_are_told_while_questions_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = SharedReader(Reader.load(), workers=1)
    entered, open_again = threading.Event(), threading.Event()
    answer_batch = Reader.answer_batch

    def held(*args: object, **named: object) -> object:
        entered.set()
        open_again.wait(60)
        return answer_batch(*args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(Reader, "answer_batch", held)
    app = Exposed(PlainTextResponse("the page"), Metrics(reader, None).registry)
    pair = ("Who opened the harbour?", CONTEXT)
    first = reader.submit([pair])
    assert entered.wait(60)
    others = [reader.submit([pair, pair]) for _ in range(3)]
    assert figures(app)["spanloop_waiting_questions", "short"] == 6
    assert ("spanloop_waiting_reviews",) not in figures(app)
    open_again.set()
    for future in [first, *others]:
        future.result(60)
    assert figures(app)["spanloop_waiting_questions", "short"] == 0
