"""One reader for many callers: questions that wait at the same time are answered together."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

from qa_core.errors import BusyError, SpanLoopError
from qa_core.inference.answer import Answer
from qa_core.inference.reader import Reader, check_pairs

log = logging.getLogger(__name__)

TOGETHER = 64  # questions in a batch, at most
SHORT = 10_000  # characters: a blink, so that there is no progress to show
STEPPING = 4  # longer texts that are read in steps at the same time
PULSE = 0.25  # seconds between two words on the place in the queue
LONG = 50_000  # characters: about a hundred windows, which nobody else should wait for
WAITING = 2_000  # questions, at most


@dataclass(frozen=True, slots=True)
class Queued:
    """A question waits: it is the one of this number in the queue, from 1."""

    number: int


@dataclass(slots=True)
class _Ticket:
    pairs: Sequence[tuple[str, str]]
    top_k: int
    future: Future[list[Answer]] = field(default_factory=Future)

    def fail(self, error: BaseException) -> None:
        """Tell whoever waits that there is no answer."""
        if not self.future.done():
            self.future.set_exception(error)


class SharedReader(Reader):
    """A `Reader` whose callers, in any number of threads, share batches and answers.

    A question that comes alone is answered at once. Those that come while others are being
    answered wait, and are then answered together, shared out among the lanes. Each caller gets
    what `Reader` would have given, and another's bad question is no concern of its own. Long
    texts have a lane to themselves, so that short ones do not wait for them. Every question that
    was taken gets an answer or an error, and a lane that dies is replaced.
    """

    def __init__(self, reader: Reader, lanes: int | None = None) -> None:
        """lanes: batches answered side by side, by default as many as suits the backend."""
        self._reader = reader
        self._waiting: deque[_Ticket] = deque()
        self._stepping: list[object] = []
        self._changed = threading.Condition()
        self._aside = ThreadPoolExecutor(1, "spanloop-long")
        self._lanes = reader.backend.lanes if lanes is None else lanes
        self._threads = [self._new_lane(number) for number in range(1, self._lanes + 1)]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._reader, name)

    @property
    def waiting(self) -> int:
        """How many questions wait for the batch that is being answered."""
        return sum(len(ticket.pairs) for ticket in self._waiting.copy())

    def answer_batch(
        self, pairs: Sequence[tuple[str, str]], *, top_k: int = 3, **options: Any
    ) -> list[Answer]:
        """As `Reader.answer_batch`, at most `TOGETHER` pairs at a time."""
        if options:
            return self._reader.answer_batch(pairs, top_k=top_k, **options)
        check_pairs(pairs, top_k)
        answers: list[Answer] = []
        for first in range(0, len(pairs), TOGETHER):
            answers += self.submit(pairs[first : first + TOGETHER], top_k=top_k).result()
        return answers

    def answer_in_steps(
        self, question: str, context: str, **options: Any
    ) -> Generator[tuple[int, int], None, Answer]:
        """As `Reader.answer_in_steps`, beside what the others ask."""
        return self._reader.answer_in_steps(question, context, **options)

    def answer_in_turn(
        self, question: str, context: str, *, top_k: int = 3
    ) -> Generator[tuple[int, int] | Queued, None, Answer]:
        """`answer`, saying how far it is: the place in the queue, then the windows read.

        Short texts are answered together with what others ask, long ones in steps as by
        `Reader.answer_in_steps`. While the question waits, yields its place in the queue every
        `PULSE` seconds. Whoever stops asking gives up the place. Raises InputError, and BusyError
        as `submit`.
        """
        if len(context) > SHORT:
            return (yield from self._step(question, context, top_k))
        ticket = self._enqueue([(question, context)], top_k)
        try:
            while True:
                try:
                    return ticket.future.result(PULSE)[0]
                except TimeoutError:
                    if number := self._place(ticket):
                        yield Queued(number)
        finally:
            ticket.future.cancel()

    def _place(self, ticket: _Ticket) -> int:
        """The number of the ticket's first question among those that wait; 0 if it is answered."""
        number = 1
        for waiting in self._waiting.copy():
            if waiting is ticket:
                return number
            number += len(waiting.pairs)
        return 0

    def _step(
        self, question: str, context: str, top_k: int
    ) -> Generator[tuple[int, int] | Queued, None, Answer]:
        """A long text in steps, a few visitors at a time, the others in the order they came."""
        check_pairs([(question, context)], top_k)
        me = object()
        self._stepping.append(me)
        try:
            while (number := self._stepping.index(me) - STEPPING + 1) > 0:
                yield Queued(number)
                time.sleep(PULSE)
            return (yield from self._reader.answer_in_steps(question, context, top_k=top_k))
        finally:
            self._stepping.remove(me)

    def submit(self, pairs: Sequence[tuple[str, str]], *, top_k: int = 3) -> Future[list[Answer]]:
        """What will hold the answers to the pairs, in order.

        Raises InputError as `Reader.answer_batch`, and BusyError while too many others wait.
        """
        check_pairs(pairs, top_k)
        if sum(len(context) for _, context in pairs) > LONG:
            return self._aside.submit(self._reader.answer_batch, pairs, top_k=top_k)
        return self._enqueue(pairs, top_k).future

    def _enqueue(self, pairs: Sequence[tuple[str, str]], top_k: int) -> _Ticket:
        check_pairs(pairs, top_k)
        ticket = _Ticket(pairs, top_k)
        with self._changed:
            if (ahead := self.waiting) >= WAITING:
                raise BusyError(
                    f"busy: {ahead} questions wait and yours would be number {ahead + 1}; "
                    "ask again in a moment"
                )
            self._waiting.append(ticket)
            self._changed.notify()
        return ticket

    def _new_lane(self, number: int) -> threading.Thread:
        name = f"spanloop-lane-{number}"
        lane = threading.Thread(target=self._serve, args=(number,), name=name, daemon=True)
        lane.start()
        return lane

    def _serve(self, number: int) -> None:
        """Answer batch after batch; whatever ends this thread, another goes on in its place."""
        try:
            while True:
                self._serve_batch()
        finally:
            log.error("lane %d died and is replaced", number)
            self._threads[number - 1] = self._new_lane(number)

    def _serve_batch(self) -> None:
        tickets: list[_Ticket] = []
        try:
            self._take(tickets)
            self._answer([t for t in tickets if t.future.set_running_or_notify_cancel()])
        finally:
            for ticket in tickets:
                ticket.fail(SpanLoopError("the reader stopped in the middle: ask again"))

    def _take(self, tickets: list[_Ticket]) -> None:
        """Move this lane's share of what waits to ``tickets``, once there is any."""
        with self._changed:
            self._changed.wait_for(lambda: bool(self._waiting))
            share = min(TOGETHER, -(-self.waiting // self._lanes))
            size = 0
            while self._waiting and (not tickets or size + len(self._waiting[0].pairs) <= share):
                tickets.append(self._waiting[0])
                size += len(self._waiting.popleft().pairs)

    def _answer(self, tickets: list[_Ticket]) -> None:
        if not tickets:
            return
        pairs = [pair for ticket in tickets for pair in ticket.pairs]
        try:
            most = max(ticket.top_k for ticket in tickets)
            found = iter(self._reader.answer_batch(pairs, top_k=most, lanes=1))
            results = [[_first(next(found), t.top_k) for _ in t.pairs] for t in tickets]
        except Exception as error:  # each caller's to handle; the next batch must be answered
            if len(tickets) == 1:
                tickets[0].fail(error)
            else:  # one of them, perhaps: the others must not suffer for it
                for ticket in tickets:
                    self._answer([ticket])
            return
        for ticket, result in zip(tickets, results, strict=True):
            ticket.future.set_result(result)


def _first(answer: Answer, top_k: int) -> Answer:
    """The answer with its best ``top_k`` alternatives."""
    if len(answer.alternatives) <= top_k:
        return answer
    return replace(answer, alternatives=answer.alternatives[:top_k])
