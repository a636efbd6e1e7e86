"""Argilla's job queues in its own process, in the place of ``argilla_server.jobs.queues``.

Argilla hands jobs (webhooks, exports, updates of a data set's records) to RQ, which needs a Redis
server and a second process. Here they run one after the other on a thread with an event loop of
its own. What has not run when the process is killed is lost, as with a Redis in memory.
"""

import asyncio
import logging
import sys
import threading
import uuid
from collections.abc import Callable
from types import ModuleType
from typing import Any

import rq.job
from rq.exceptions import NoSuchJobError

log = logging.getLogger("argilla.jobs")
JOBS_REMEMBERED = 1000


class Job:
    """One call to make; it has as much of RQ's interface as Argilla uses."""

    def __init__(self, function: Callable[..., Any], retries: list[float]) -> None:
        self.id, self.function, self.retries = str(uuid.uuid4()), function, retries
        self.status = "queued"

    def get_status(self, refresh: bool = True) -> str:
        return self.status

    async def run(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Call the function, again after each of the waits (seconds) while it fails."""
        self.status = "started"
        for wait in [*self.retries, None]:
            try:
                await self.function(*args, **kwargs)
                self.status = "finished"
                return
            except Exception:
                log.exception("job %s failed", self.function.__name__)
                if wait is not None:
                    await asyncio.sleep(wait)
        self.status = "failed"


class Queue:
    """Runs jobs on its thread, and remembers the last thousand."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.jobs: dict[str, Job] = {}
        threading.Thread(target=self.loop.run_forever, daemon=True, name="jobs").start()

    def enqueue_call(
        self,
        func: Callable[..., Any],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
        retry: Any = None,
        **_: Any,
    ) -> Job:
        waits = [0.0] * retry.max if retry else []
        for number, interval in enumerate((retry.intervals if retry else [])[: len(waits)]):
            waits[number] = float(interval)
        job = Job(func, waits)
        self.jobs[job.id] = job
        if len(self.jobs) > JOBS_REMEMBERED:
            del self.jobs[next(iter(self.jobs))]
        asyncio.run_coroutine_threadsafe(job.run(args, kwargs or {}), self.loop)
        return job

    def ping(self) -> bool:
        return True


def install() -> None:
    """Take the place of Argilla's queues; to be called before anything of Argilla is imported."""
    queue = Queue()
    module = ModuleType("argilla_server.jobs.queues")
    vars(module).update(
        REDIS_CONNECTION=queue, DEFAULT_QUEUE=queue, HIGH_QUEUE=queue, JOB_TIMEOUT_DISABLED=-1
    )
    sys.modules[module.__name__] = module

    def fetch(id_: str, connection: Queue) -> Job:
        try:
            return connection.jobs[id_]
        except KeyError:
            raise NoSuchJobError(id_) from None

    rq.job.Job.fetch = staticmethod(fetch)
