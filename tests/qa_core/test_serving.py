import ctypes
import re
import threading
import time
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from qa_core.errors import BusyError, InputError, ModelError, SpanLoopError
from qa_core.inference.answer import Answer, Question
from qa_core.inference.reader import Reader
from qa_core.serving import shared as serving
from qa_core.serving.shared import Queued, SharedReader

PAIRS = [
    (f"Who founded the port of {town}?", f"The port of {town} was founded by {name} in 1904.")
    for town, name in [("Oslo", "Ines Soto"), ("Bari", "Omar Day"), ("Cork", "Lena Foss")] * 4
]


@pytest.fixture(scope="module")
def reader() -> SharedReader:
    return SharedReader(Reader.load(), workers=1)


class Gate:
    """`Reader.answer_batch`, recorded, that can be held up."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.open, self.entered, self.batches = threading.Event(), threading.Event(), [0] * 0
        original = Reader.answer_batch

        def answer_batch(
            reader: Reader, pairs: Sequence[tuple[str, str]], *, top_k: int = 3, **options: Any
        ) -> list[Answer]:
            self.batches.append(len(pairs))
            self.entered.set()
            assert self.open.wait(60)
            if any("BROKEN" in context for _, context in pairs):
                raise ModelError("broken")
            return original(reader, pairs, top_k=top_k, **options)

        patch.setattr(Reader, "answer_batch", answer_batch)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    return Gate(monkeypatch)


def test_serving_callers_get_what_the_reader_gives(reader: SharedReader) -> None:
    alone = reader.current
    with ThreadPoolExecutor(len(PAIRS)) as pool:
        found = list(
            pool.map(lambda n: reader.answer(*PAIRS[n], top_k=1 + n % 3), range(len(PAIRS)))
        )
    for n, answer in enumerate(found):
        wanted = alone.answer(*PAIRS[n], top_k=1 + n % 3)
        assert (answer.text, answer.start, answer.end) == (wanted.text, wanted.start, wanted.end)
        assert answer.confidence == pytest.approx(wanted.confidence, abs=1e-3)
        assert [s.text for s in answer.alternatives] == [s.text for s in wanted.alternatives]


def test_serving_answers_together_what_waits(reader: SharedReader, gate: Gate) -> None:
    first = reader.submit(PAIRS[:1])
    assert gate.entered.wait(60)
    others = [reader.submit([pair]) for pair in PAIRS]
    assert reader.waiting == len(PAIRS)
    gate.open.set()
    assert [future.result()[0].answerable for future in [first, *others]] == [True] * 13
    assert gate.batches == [1, 12]


def test_serving_shares_out_what_waits_among_workers(gate: Gate) -> None:
    reader = SharedReader(Reader.load(), workers=2)
    first = [reader.submit(PAIRS[:1]) for _ in range(2)]
    while reader.waiting:
        time.sleep(0.01)
    others = [reader.submit([pair]) for pair in PAIRS]
    gate.open.set()
    assert all(future.result()[0].answerable for future in [*first, *others])
    assert max(gate.batches) <= 6
    assert sum(gate.batches) == 14


def test_serving_takes_no_more_than_a_batch_at_a_time(
    reader: SharedReader, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "TOGETHER", 5)
    first = reader.submit(PAIRS[:1])
    assert gate.entered.wait(60)
    others = [reader.submit(PAIRS[:2]) for _ in range(4)]
    gate.open.set()
    assert [len(future.result()) for future in [first, *others]] == [1, 2, 2, 2, 2]
    assert gate.batches == [1, 4, 4]
    assert len(reader.answer_batch(PAIRS)) == 12
    assert gate.batches[3:] == [5, 5, 2]


def test_serving_says_busy_and_the_place_in_the_queue(
    reader: SharedReader, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "WAITING", 3)
    first = reader.submit(PAIRS[:1])
    assert gate.entered.wait(60)
    others = [reader.submit([pair]) for pair in PAIRS[:3]]
    with pytest.raises(BusyError, match="would be number 4; ask again"):
        reader.submit(PAIRS[:1])
    gate.open.set()
    assert all(future.result()[0].answerable for future in [first, *others])
    assert reader.answer(*PAIRS[0]).answerable


def finished(steps: Generator[Any, None, Answer]) -> tuple[list[Any], Answer]:
    """What was said on the way, and the answer."""
    said: list[Any] = []
    while True:
        try:
            said.append(next(steps))
        except StopIteration as end:
            return said, end.value


def test_serving_in_turn_names_the_place_in_the_queue(reader: SharedReader, gate: Gate) -> None:
    first = reader.submit(PAIRS[:1])
    assert gate.entered.wait(60)
    others = reader.submit(PAIRS[:3])
    mine, given_up = reader.answer_in_turn(*PAIRS[3]), reader.answer_in_turn(*PAIRS[4])
    assert next(mine) == Queued(4)
    assert next(given_up) == Queued(5)
    last = reader.submit(PAIRS[5:6])
    given_up.close()
    gate.open.set()
    _, answer = finished(mine)
    assert answer == reader.answer(*PAIRS[3])
    assert all(future.result() for future in (first, others, last))
    assert sum(gate.batches) == 1 + 3 + 1 + 1 + 1  # not what was given up; the last compares


class Steps:
    """`Reader.answer_in_steps`, recorded, that can be held up before each step."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.open, self.entered, self.order = threading.Event(), threading.Event(), [""] * 0
        original = Reader.answer_in_steps

        def answer_in_steps(
            reader: Reader, question: str, context: str, **options: Any
        ) -> Generator[tuple[int, int], None, Answer]:
            steps = original(reader, question, context, **options)
            while True:
                self.order.append(question)
                self.entered.set()
                assert self.open.wait(60)
                if "BROKEN" in context:
                    raise ModelError("broken")
                try:
                    yield next(steps)
                except StopIteration as finished:
                    return finished.value

        patch.setattr(Reader, "answer_in_steps", answer_in_steps)
        patch.setattr(serving, "SHORT", 100)


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> Steps:
    return Steps(monkeypatch)


LONG = "The port of Oslo was founded by Ines Soto in 1904. " * 390


def test_serving_in_turn_reads_long_texts_a_step_of_each_in_turn(
    reader: SharedReader, steps: Steps
) -> None:
    mine = reader.answer_in_turn("Who founded the port?", LONG)
    assert steps.open.is_set() is False
    first, second = (reader.submit([(f"Who, {n}?", LONG)], visitor=f"{n}") for n in range(2))
    assert steps.entered.wait(60)
    assert next(mine) == Queued(2)
    steps.open.set()
    said, answer = finished(mine)
    assert answer == reader.current.answer("Who founded the port?", LONG)
    shown = [one for one in said if not isinstance(one, Queued)]
    assert all(0 < done <= total for done, total in shown)
    assert [done for done, _ in shown] == sorted(done for done, _ in shown)
    assert first.result(60)[0].answerable == second.result(60)[0].answerable
    assert steps.order[1:7] != [steps.order[1]] * 6
    with pytest.raises(InputError, match="context"):
        next(reader.answer_in_turn("Who?", "\ud800" * 101))


def test_serving_reads_very_long_texts_where_they_promise_most(reader: SharedReader) -> None:
    question, said = "Who opened the harbour?", "Ines Soto opened the harbour in 1904."
    rain = "The wind came from the west and it rained all day. " * 300
    text = f"{rain}{said} {rain}"
    steps, answer = finished(reader.answer_in_turn(question, text))
    assert answer.text == "Ines Soto" == text[answer.start : answer.end]
    (note,) = answer.warnings
    read, passages = map(int, re.findall(r"\d+", note))
    assert read <= 12 < passages
    assert all(one[1] <= 12 for one in steps if not isinstance(one, Queued))
    (whole,) = reader.submit([(question, text)], exhaustive=True).result(60)
    assert answer.start <= whole.start < whole.end <= answer.end
    assert whole.warnings == ()
    again = reader.answer_batch([(question, text), (question, said)])
    assert again[0] == answer
    assert again[1].text == answer.text


def test_serving_drops_long_work_that_nobody_waits_for(reader: SharedReader, steps: Steps) -> None:
    given_up = reader.submit([("Gone?", LONG)])
    assert steps.entered.wait(60)
    never = reader.submit([("Never?", LONG)])
    given_up.cancel()
    never.cancel()
    steps.open.set()
    assert reader.submit([("Who?", LONG)]).result(60)
    assert steps.order.count("Gone?") == 1
    assert "Never?" not in steps.order
    with pytest.raises(SpanLoopError, match="ask again"):
        given_up.result(60)


def test_serving_bounds_the_long_texts_of_a_visitor_and_of_all(
    reader: SharedReader, steps: Steps
) -> None:
    held = [reader.submit([("Who?", LONG)], visitor="a") for _ in range(serving.LONG_EACH)]
    with pytest.raises(BusyError, match="busy: 4 long texts of yours"):
        reader.submit([("Who?", LONG)], visitor="a")
    more = serving.LONG_WAITING - serving.LONG_EACH
    held += [reader.submit([("Who?", LONG)], visitor=f"b{n}") for n in range(more)]
    with pytest.raises(BusyError, match="busy: 16 long texts are"):
        reader.submit([("Who?", LONG)], visitor="c")
    assert reader.answer(*PAIRS[0]).answerable
    for future in held:
        future.cancel()
    last = reader.submit([("Who?", LONG)], visitor="a")
    steps.open.set()
    assert last.result(60)


def test_serving_visitors_take_turns(reader: SharedReader, gate: Gate) -> None:
    first = reader.submit(PAIRS[:1])
    assert gate.entered.wait(60)
    many = [reader.submit(PAIRS, visitor="a") for _ in range(serving.EACH // len(PAIRS) + 1)]
    with pytest.raises(BusyError, match="of yours wait"):
        reader.submit(PAIRS[:1], visitor="a")
    other = reader.answer_in_turn(*PAIRS[1], visitor="b")
    assert next(other) == Queued(1 + len(PAIRS))
    gate.open.set()
    assert finished(other)[1].answerable
    assert not many[-1].done()
    assert all(len(future.result(60)) == len(PAIRS) for future in [first, *many][1:])


def test_serving_batches_are_bounded_by_characters(
    reader: SharedReader, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "PORTION", 4 * len("".join(PAIRS[0])))
    first = reader.submit(PAIRS[:1])
    assert gate.entered.wait(60)
    others = [reader.submit([PAIRS[0]]) for _ in range(10)]
    gate.open.set()
    assert all(future.result(60) for future in [first, *others])
    assert gate.batches == [1, 4, 4, 2]


def test_serving_portions_hold_every_pair_once() -> None:
    lengths = [5, 9_000, 20_000, 9_000, 50_000, 5, *[9_999] * 5, *[1] * 70]
    pairs = [Question("?", "x" * max(1, length - 1)) for length in lengths]
    found = list(serving.portions(pairs))
    assert [pair for portion in found for pair in portion] == pairs
    assert [len(portion) for portion in found] == [2, 1, 1, 1, 4, 64, 8]
    assert list(serving.portions([])) == []


def test_serving_a_failure_reaches_its_callers_and_nobody_after_them(
    reader: SharedReader, gate: Gate
) -> None:
    gate.open.set()
    with pytest.raises(ModelError, match="broken"):
        reader.answer("Who?", "BROKEN")
    assert reader.answer(*PAIRS[0]).answerable


def test_serving_a_bad_question_fails_before_it_waits(reader: SharedReader, gate: Gate) -> None:
    with pytest.raises(InputError, match="question of pair 1"):
        reader.submit([PAIRS[0], (" ", "Some text.")])
    with pytest.raises(InputError, match="top_k"):
        reader.answer_batch(PAIRS, top_k=0)
    assert gate.batches == []


def test_serving_short_texts_do_not_wait_for_long_ones(reader: SharedReader, steps: Steps) -> None:
    long = reader.submit([(PAIRS[0][0], PAIRS[0][1] * 9)])
    assert steps.entered.wait(60)
    assert reader.answer(*PAIRS[0]).answerable
    assert not long.done()
    steps.open.set()
    assert long.result()[0].answerable


def test_serving_a_long_text_that_fails_harms_no_other(reader: SharedReader, steps: Steps) -> None:
    bad, good = (reader.submit([("Who?", text)]) for text in ("BROKEN" * 99, LONG))
    steps.open.set()
    with pytest.raises(ModelError, match="broken"):
        bad.result(60)
    assert good.result(60)


@pytest.mark.parametrize(
    "top_k", [1.5, -1, 0, 1e9, 10**9, 10**400, "3", None, True, [3], float("nan")]
)
def test_serving_takes_no_other_top_k_than_a_small_whole_number(
    reader: SharedReader, gate: Gate, top_k: Any
) -> None:
    for ask in (reader.submit, reader.answer_batch):
        with pytest.raises(InputError, match="top_k: expected a whole number from 1 to 100, found"):
            ask(PAIRS[:1], top_k=top_k)
    with pytest.raises(InputError, match="top_k"):
        next(reader.answer_in_turn(*PAIRS[0], top_k=top_k))
    assert gate.batches == []


def test_serving_one_that_cannot_be_answered_harms_none_that_waited_with_it(
    reader: SharedReader, gate: Gate
) -> None:
    first = reader.submit(PAIRS[:1])
    assert gate.entered.wait(60)
    good, bad, after = (reader.submit([p]) for p in (PAIRS[1], ("Who?", "BROKEN"), PAIRS[2]))
    gate.open.set()
    assert all(future.result(60)[0].answerable for future in (first, good, after))
    with pytest.raises(ModelError, match="broken"):
        bad.result(60)


def kill(thread: threading.Thread) -> None:
    """End a thread from outside, at the next thing that it does."""
    name = ctypes.c_ulong(thread.ident or 0)
    assert ctypes.pythonapi.PyThreadState_SetAsyncExc(name, ctypes.py_object(SystemExit)) == 1


def workers_of(reader: SharedReader) -> list[threading.Thread]:
    return [one for one in reader._threads.values() if one.is_alive() and "worker" in one.name]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_serving_a_worker_that_dies_is_replaced_and_its_questions_are_told(gate: Gate) -> None:
    reader = SharedReader(Reader.load(), workers=2)
    dead = workers_of(reader)
    held = [reader.submit(PAIRS[:1]) for _ in dead]
    while reader.waiting:
        time.sleep(0.01)
    waiting = reader.submit(PAIRS[1:2])
    for worker in dead:
        kill(worker)
    gate.open.set()
    for future in held:
        with pytest.raises(SpanLoopError, match="ask again"):
            future.result(60)
    assert waiting.result(60)[0].answerable
    for worker in dead:
        worker.join(60)
    assert len(workers_of(reader)) == 2
    kill(workers_of(reader)[0])  # while it waits for a question
    assert [reader.submit([pair]).result(60)[0].answerable for pair in PAIRS] == [True] * 12


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_serving_the_worker_of_long_texts_is_replaced_too(
    reader: SharedReader, steps: Steps
) -> None:
    held = reader.submit([("Who?", LONG)])
    assert steps.entered.wait(60)
    waiting = reader.submit([("Who?", LONG)])
    kill(reader._threads["spanloop-long"])
    steps.open.set()
    with pytest.raises(SpanLoopError, match="ask again"):
        held.result(60)
    assert waiting.result(60)
