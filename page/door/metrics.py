"""Figures of a page for Prometheus at `/metrics`: counts and times, and no word of a text."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, MutableMapping, Sequence
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector
from starlette.responses import Response

from annotation.loop.intake import Intake
from page.door.guard import App, Receive, Send
from qa_core.errors import SpanLoopError
from qa_core.inference.answer import Answer
from qa_core.serving.shared import SharedReader

PATH = "/metrics"
SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class Metrics(Collector):
    """Counts the answers of a reader, and looks at the queues and the store when it is asked."""

    def __init__(self, reader: SharedReader, intake: Intake | None) -> None:
        self.registry = CollectorRegistry()
        self._reader, self._intake = reader, intake
        self._questions = Counter(
            "spanloop_questions",
            "Questions by verdict: answered, or declined because the text does not say.",
            ["verdict"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "spanloop_request_seconds",
            "Seconds from asking, one question or several together, to the answers.",
            buckets=SECONDS,
            registry=self.registry,
        )
        for verdict in ("answered", "declined"):
            self._questions.labels(verdict)
        ProcessCollector(registry=self.registry)
        self.registry.register(self)
        reader.observe = self.count

    def count(self, answers: Sequence[Answer], seconds: float) -> None:
        """Count what was answered together, and how long it took."""
        for answer in answers:
            self._questions.labels("answered" if answer.answerable else "declined").inc()
        self._seconds.observe(seconds)

    def collect(self) -> Iterator[Metric]:
        """What stands now, for the registry."""
        queues = GaugeMetricFamily(
            "spanloop_waiting_questions", "Questions that wait for the reader.", labels=["texts"]
        )
        queues.add_metric(["short"], self._reader.waiting)
        queues.add_metric(["long"], self._reader.long_waiting)
        yield queues
        if self._intake is None:
            return
        try:
            waiting = self._intake.store.counts().waiting
        except SpanLoopError:  # a store that is locked: there is no figure of it now
            return
        yield GaugeMetricFamily(
            "spanloop_waiting_reviews", "Kept answers that need a reviewer.", value=waiting
        )


class Exposed:
    """The middleware that answers at `PATH`."""

    def __init__(self, app: App, registry: CollectorRegistry) -> None:
        self.app, self.registry = app, registry

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Give the figures, or pass the request on."""
        if scope["type"] != "http" or scope["path"] != PATH:
            await self.app(scope, receive, send)
            return
        told = await asyncio.to_thread(generate_latest, self.registry)
        await Response(told, media_type=CONTENT_TYPE_LATEST)(scope, receive, send)
