"""One reader for many callers: questions that wait at the same time are answered together."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import Any

from qa_core.collection.collection import Collection, Findings
from qa_core.collection.long import LongTexts
from qa_core.errors import BusyError, SpanLoopError
from qa_core.inference.answer import Answer, Pairs, Question, Serves, questions
from qa_core.inference.reader import Reader, check_top_k
from qa_core.serving.turns import Turns
from qa_core.text.checks import check_text

log = logging.getLogger(__name__)

TOGETHER = 64  # questions in a batch, at most
PORTION = 40_000  # characters of all their texts, at most: about a second's work
SHORT = 10_000  # characters: a blink, so that there is no progress to show
PULSE = 0.25  # seconds between two words on the place in the queue
WAITING = 2_000  # questions, at most
LONG_WAITING = 16  # long texts that are read or wait, at most
LONG_EACH = 4  # of one visitor
EACH = 500  # questions of one visitor that wait, at most

STOPPED = "the reader stopped in the middle: ask again"


@dataclass(frozen=True, slots=True)
class Queued:
    """A question waits: it is the one of this number in the queue, from 1."""

    number: int


class _Wanted(Future[list[Any]]):
    """A future that knows, while its work goes on, whether anybody still waits for it."""

    unwanted = False

    def cancel(self) -> bool:
        self.unwanted = True
        return super().cancel()


@dataclass(slots=True, eq=False)
class _Ticket:
    pairs: Sequence[Question]
    top_k: int
    visitor: str
    exhaustive: bool = False
    # Documents that are asked instead of the pairs' texts, and the question.
    search: tuple[Collection, str] | None = None
    asked: float = field(default_factory=time.monotonic)
    future: _Wanted = field(default_factory=_Wanted)
    progress: tuple[int, int] | None = None
    steps: Generator[tuple[int, int], None, list[Any]] | None = None

    @property
    def is_long(self) -> bool:
        return self.search is not None or _is_long(self.pairs)

    def fail(self, error: BaseException) -> None:
        """Tell whoever waits that there is no answer."""
        if not self.future.done():
            self.future.set_exception(error)


class SharedReader(Serves):
    """A reader whose callers, in any number of threads, share batches and answers.

    A question that comes alone is answered at once. Those that come while others are being
    answered wait, and are then answered together, shared out among the workers, visitors in turn.
    Each caller gets what ``reader`` would have given, and another's bad question is no concern of
    its own. Long texts have a worker to themselves, which reads a batch of windows of each in turn,
    so that short ones do not wait for them; of very long ones it reads what promises most, as
    `LongTexts` does. Every question that was taken gets an answer or an
    error; work that nobody waits for is dropped; a worker that dies is replaced.
    """

    def __init__(self, reader: Serves, workers: int | None = None) -> None:
        """workers: batches answered side by side, by default as many as suits the backend."""
        self._reader = reader
        # Told of answers that were given together, and the seconds since they were asked for.
        self.observe: Callable[[Sequence[Answer], float], object] | None = None
        self._waiting: Turns[_Ticket] = Turns()
        self._long: Turns[_Ticket] = Turns()
        self._stepping: _Ticket | None = None
        self._texts = LongTexts()
        self._changed = threading.Condition()
        self._workers = reader.current.backend.workers if workers is None else workers
        work = {
            f"spanloop-worker-{number + 1}": self._serve_batch for number in range(self._workers)
        }
        work["spanloop-long"] = self._serve_step
        self._threads = {name: self._new_worker(name, serve) for name, serve in work.items()}

    @property
    def current(self) -> Reader:
        return self._reader.current

    @property
    def waiting(self) -> int:
        """How many questions wait for the batch that is being answered."""
        with self._changed:
            return _questions(self._waiting)

    @property
    def long_waiting(self) -> int:
        """How many questions on long texts are read or wait."""
        with self._changed:
            return _questions(self._all_long())

    def answer_batch(
        self,
        pairs: Pairs,
        *,
        top_k: int = 3,
        workers: int | None = None,
        progress: bool = False,
        visitor: str = "",
    ) -> list[Answer]:
        """As `Reader.answer_batch`, a portion at a time; visitor as for `submit`.

        With workers or progress the pairs are answered at once, beside what waits.
        """
        if workers is not None or progress:
            return self._reader.answer_batch(pairs, top_k=top_k, workers=workers, progress=progress)
        check_top_k(top_k)
        answers: list[Answer] = []
        for portion in portions(questions(pairs)):
            answers += self._enqueue(_Ticket(portion, top_k, visitor)).future.result()
        return answers

    def answer_in_steps(
        self, question: str, context: str, *, top_k: int = 3
    ) -> Generator[tuple[int, int], None, Answer]:
        """As `Reader.answer_in_steps`, beside what the others ask."""
        return self._reader.answer_in_steps(question, context, top_k=top_k)

    def answer_in_turn(
        self,
        question: str,
        context: str,
        *,
        top_k: int = 3,
        visitor: str = "",
        exhaustive: bool = False,
    ) -> Generator[tuple[int, int] | Queued, None, Answer]:
        """`answer`, saying every `PULSE` seconds how far it is.

        That is the place in the queue, then, of a long text, (windows read, windows in all).
        exhaustive: read a very long text whole. Whoever stops asking gives up the place and stops
        the work. Raises as `submit`.
        """
        check_top_k(top_k)
        ticket = _Ticket([Question(question, context)], top_k, visitor, exhaustive)
        return (yield from self._in_turn(ticket))

    def search_in_turn(
        self,
        documents: Collection,
        question: str,
        *,
        top_k: int = 3,
        visitor: str = "",
        exhaustive: bool = False,
    ) -> Generator[tuple[int, int] | Queued, None, Findings]:
        """`Collection.answer` in turn with what others ask of long texts, as `answer_in_turn`."""
        check_text(question, "question")
        check_top_k(top_k)
        ticket = _Ticket([], top_k, visitor, exhaustive, search=(documents, question))
        return (yield from self._in_turn(ticket))

    def _in_turn(self, ticket: _Ticket) -> Generator[tuple[int, int] | Queued, None, Any]:
        self._enqueue(ticket)
        try:
            while True:
                try:
                    return ticket.future.result(PULSE)[0]
                except TimeoutError:
                    if ticket.progress:
                        yield ticket.progress
                    elif number := self._place(ticket):
                        yield Queued(number)
        finally:
            ticket.future.cancel()

    def _place(self, ticket: _Ticket) -> int:
        """The number of the ticket's first question among those that wait; 0 if it is answered."""
        number = 1
        with self._changed:
            queue = self._long if ticket.is_long else self._waiting
            for waiting in queue:
                if waiting is ticket:
                    return number
                number += _questions([waiting])
        return 0

    def submit(
        self, pairs: Pairs, *, top_k: int = 3, visitor: str = "", exhaustive: bool = False
    ) -> Future[list[Answer]]:
        """What will hold the answers to the pairs, in order; cancel it to have the work dropped.

        visitor: who asks, in any words; visitors take turns. exhaustive: as for `answer_in_turn`.
        Raises InputError as
        `Reader.answer_batch`, and BusyError while too many others, or of the same visitor, wait.
        """
        check_top_k(top_k)
        return self._enqueue(_Ticket(questions(pairs), top_k, visitor, exhaustive)).future

    def _enqueue(self, ticket: _Ticket) -> _Ticket:
        with self._changed:
            if ticket.is_long:
                self._check_room_for_long(ticket.visitor)
                self._long.put(ticket.visitor, ticket)
            else:
                self._check_room(ticket.visitor)
                self._waiting.put(ticket.visitor, ticket)
            self._changed.notify_all()
        return ticket

    def _give(self, ticket: _Ticket, results: list[Any]) -> None:
        if self.observe:
            answers = [one.found[0].answer if isinstance(one, Findings) else one for one in results]
            self.observe(answers, time.monotonic() - ticket.asked)
        ticket.future.set_result(results)

    def _all_long(self) -> list[_Ticket]:
        return [*([] if self._stepping is None else [self._stepping]), *self._long]

    def _check_room(self, visitor: str) -> None:
        if (ahead := _questions(self._waiting)) >= WAITING:
            raise BusyError(
                f"busy: {ahead} questions wait and yours would be number {ahead + 1}; "
                "ask again in a moment"
            )
        if visitor and (own := _questions(self._waiting.of(visitor))) >= EACH:
            raise BusyError(
                f"busy: {own} questions of yours wait; ask again when they are answered"
            )

    def _check_room_for_long(self, visitor: str) -> None:
        wanted = [one for one in self._all_long() if not one.future.unwanted]
        own = sum(one.visitor == visitor for one in wanted)
        if visitor and own >= LONG_EACH:
            raise BusyError(
                f"busy: {own} long texts of yours are being read; ask again when one is answered"
            )
        if len(wanted) >= LONG_WAITING:
            raise BusyError(f"busy: {len(wanted)} long texts are being read; ask again in a minute")

    def _new_worker(self, name: str, serve: Callable[[], None]) -> threading.Thread:
        worker = threading.Thread(target=self._serve, args=(name, serve), name=name, daemon=True)
        worker.start()
        return worker

    def _serve(self, name: str, serve: Callable[[], None]) -> None:
        """Do one piece of work after the other; should this thread end, another takes over."""
        try:
            while True:
                serve()
        finally:
            log.error("%s died and is replaced", name)
            self._threads[name] = self._new_worker(name, serve)

    def _serve_batch(self) -> None:
        tickets: list[_Ticket] = []
        try:
            self._take(tickets)
            self._answer([t for t in tickets if t.future.set_running_or_notify_cancel()])
        finally:
            for ticket in tickets:
                ticket.fail(SpanLoopError(STOPPED))

    def _take(self, tickets: list[_Ticket]) -> None:
        """Move this worker's share of what waits to ``tickets``, once there is any."""
        with self._changed:
            self._changed.wait_for(lambda: bool(self._waiting))
            share = min(TOGETHER, -(-_questions(self._waiting) // self._workers))
            size = characters = 0
            for ticket in list(self._waiting):
                size += len(ticket.pairs)
                characters += _characters(ticket.pairs)
                if tickets and (size > share or characters > PORTION):
                    break
                tickets.append(self._waiting.take())

    def _serve_step(self) -> None:
        """Read some windows of the long text whose turn it is."""
        ticket = None
        try:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._long))
                ticket = self._stepping = self._long.take()
            if self._step(ticket):
                with self._changed:
                    self._long.put(ticket.visitor, ticket)
                ticket = None
        finally:
            self._stepping = None
            if ticket is not None:
                if ticket.steps:
                    ticket.steps.close()
                ticket.fail(SpanLoopError(STOPPED))

    def _step(self, ticket: _Ticket) -> bool:
        """Whether there is more to read of a long text after these windows."""
        if ticket.steps is None:
            if not ticket.future.set_running_or_notify_cancel():
                return False
            ticket.steps = self._in_steps(ticket)
        if ticket.future.unwanted:
            return False
        try:
            ticket.progress = next(ticket.steps)
        except StopIteration as finished:
            self._give(ticket, finished.value)
        except Exception as error:  # the caller's to handle; the next text must be read
            ticket.fail(error)
        return not ticket.future.done()

    def _in_steps(self, ticket: _Ticket) -> Generator[tuple[int, int], None, list[Any]]:
        if ticket.search:
            documents, question = ticket.search
            found = yield from documents.answer_in_steps(
                question, top_k=ticket.top_k, exhaustive=ticket.exhaustive
            )
            return [found]
        answers = []
        for pair in ticket.pairs:
            steps = self._texts.answer_in_steps(
                self._reader, *pair, top_k=ticket.top_k, exhaustive=ticket.exhaustive
            )
            answers.append((yield from steps))
        return answers

    def _answer(self, tickets: list[_Ticket]) -> None:
        if not tickets:
            return
        pairs = [pair for ticket in tickets for pair in ticket.pairs]
        try:
            most = max(ticket.top_k for ticket in tickets)
            found = iter(self._reader.answer_batch(pairs, top_k=most, workers=1))
            results = [[_first(next(found), t.top_k) for _ in t.pairs] for t in tickets]
        except Exception as error:  # each caller's to handle; the next batch must be answered
            if len(tickets) == 1:
                tickets[0].fail(error)
            else:  # one of them, perhaps: the others must not suffer for it
                for ticket in tickets:
                    self._answer([ticket])
            return
        for ticket, result in zip(tickets, results, strict=True):
            self._give(ticket, result)


def _first(answer: Answer, top_k: int) -> Answer:
    """The answer with its best ``top_k`` alternatives."""
    if len(answer.alternatives) <= top_k:
        return answer
    return replace(answer, alternatives=answer.alternatives[:top_k])


def portions(pairs: Sequence[Question]) -> Iterator[list[Question]]:
    """The pairs in order, at most `TOGETHER` and `PORTION` characters at a time, or a long one."""
    portion: list[Question] = []
    for pair in pairs:
        together = [*portion, pair]
        if portion and (len(together) > TOGETHER or _is_long(together)):
            yield portion
            together = [pair]
        portion = together
    if portion:
        yield portion


def _is_long(pairs: Sequence[Question]) -> bool:
    longest = max((len(context) for _, context in pairs), default=0)
    return longest > SHORT or _characters(pairs) > PORTION


def _characters(pairs: Sequence[Question]) -> int:
    return sum(len(question) + len(context) for question, context in pairs)


def _questions(tickets: Iterable[_Ticket]) -> int:
    """How many of them somebody still waits for."""
    return sum(max(1, len(one.pairs)) for one in tickets if not one.future.unwanted)
