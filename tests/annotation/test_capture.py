"""Answers of `predict` for review: what the page would keep, once, in little memory."""

import json
import tracemalloc
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

import pytest

from annotation.loop.capture import Captured, capture, read_predictions
from annotation.loop.intake import Intake
from annotation.review.policy import Policy
from annotation.store.store import Store
from qa_core.bulk.output import record, to_json_lines, to_parquet
from qa_core.data.examples import Example
from qa_core.errors import DataError
from qa_core.inference.answer import Answer
from tests.support.predictions import CONTEXT, Clock, answer
from tests.support.reviewing import annotation

MANY = 20_000
POLICY = Policy(0.6, 0.02, daily_budget=60)


def predicted(count: int) -> Iterator[tuple[Example, Answer]]:
    """Predictions of which a hundredth is doubtful, on contexts of their own."""
    for number in range(count):
        context = f"{CONTEXT} {number} {'and so on ' * 80}"
        given = answer(confidence=0.4 if number % 100 == 7 else 0.9, null_score=-1.25)
        yield Example(str(number), f"Who opened it {number}?", context), given


def files(folder: Path, count: int) -> tuple[str, str]:
    """Files of questions and answers; a row of the questions is bad, and has no answer."""
    asked, answers = folder / "asked.jsonl", folder / "answers.jsonl"
    with asked.open("w") as questions, answers.open("w") as lines:
        for example, given in predicted(count):
            row = {"id": example.id, "question": example.question, "context": example.context}
            questions.write(json.dumps(row) + "\n")
            lines.write(to_json_lines([record(example.id, example.question, given)]))
            if example.id == "20":
                questions.write('{"id": "bad", "question": "Who?"}\n')
    return str(answers), str(asked)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    return files(tmp_path_factory.mktemp("many"), MANY)


def in_page(path: Path, clock: Clock) -> list[object]:
    """What the page keeps of the same predictions."""
    with closing(Intake(Store(path, now=clock), POLICY)) as intake:
        for example, given in predicted(MANY):
            intake.offer(example.question, example.context, given, source="predict")
        return list(intake.store.predictions())


def test_many_are_kept_as_the_page_keeps_them_and_in_little_memory(
    many: tuple[str, str], tmp_path: Path, clock: Clock
) -> None:
    answers, asked = many
    with closing(Store(tmp_path / "reviews.sqlite3", now=clock)) as store:
        tracemalloc.start()
        found = capture(store, POLICY, read_predictions([answers], [asked]))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert (found.read, found.kept) == (MANY, POLICY.daily_budget)
        assert min(found.doubtful, found.random, found.beyond) > 10
        assert store.predictions() == in_page(tmp_path / "page.sqlite3", clock)
    assert Path(asked).stat().st_size > 15e6
    assert peak < 4e6


def test_what_was_interrupted_is_gone_on_with_and_the_next_day_has_a_budget_of_its_own(
    many: tuple[str, str], tmp_path: Path, clock: Clock
) -> None:
    answers, asked = many

    def first(count: int) -> Iterator[tuple[Example, Answer]]:
        return islice(read_predictions([answers], [asked]), count)

    with (
        closing(Store(tmp_path / "whole.sqlite3", now=clock)) as whole,
        closing(Store(tmp_path / "parts.sqlite3", now=clock)) as parts,
    ):
        capture(whole, POLICY, first(4000))
        begun = capture(parts, POLICY, first(1000))
        assert 0 < begun.kept < POLICY.daily_budget
        capture(parts, POLICY, first(4000))
        assert parts.predictions() == whole.predictions()
        clock.time = clock.time.replace(day=2)
        again = capture(parts, POLICY, first(4000))
        assert again.kept > POLICY.daily_budget == len(whole.predictions())
        assert again.kept == len(parts.predictions())


def test_parquet_and_folders_are_read_and_what_does_not_fit_is_refused(tmp_path: Path) -> None:
    answers, asked = files(tmp_path, 60)
    shards = tmp_path / "shards.parquet"
    shards.mkdir()
    (shards / "_done").mkdir()
    (shards / "_done" / "part.json").write_text("{}")
    for part in range(2):
        asked_there = list(predicted(60))[part * 30 : part * 30 + 30]
        rows = [record(one.id, one.question, given) for one, given in asked_there]
        (shards / f"part-{part}.parquet").write_bytes(to_parquet(rows))
    store = tmp_path / "reviews.sqlite3"
    options = ("--random-share", "1", "--daily-budget", "50", "--store", store, "--json")
    done = annotation("capture", shards, "--input", asked, *options)
    assert json.loads(done.stdout) == {"read": 60, "doubtful": 1, "random": 49, "beyond": 10}
    done = annotation("capture", answers, "--input", asked, *options[:-1])
    assert done.stdout.startswith("50 of 60 answers are kept for review (1 doubtful, 49 random); ")
    assert len(Store(store).predictions()) == 50

    other = tmp_path / "other.jsonl"
    other.write_text('{"question": "Who?", "context": "Somebody else."}\n' * 3)
    with pytest.raises(DataError, match=r"row 1: expected the answers to .*other\.jsonl in their"):
        list(read_predictions([answers], [str(other)]))
    other.write_text('{"id": "0"}\n')
    with pytest.raises(DataError, match="row 1: expected a row that predict wrote"):
        list(read_predictions([str(other)], [asked]))
    other.write_text("my notes\n")
    with pytest.raises(DataError, match="expected JSON Lines or Parquet that predict wrote"):
        list(read_predictions([str(other)], [asked]))


def test_nothing_is_nothing(tmp_path: Path) -> None:
    with closing(Store(tmp_path / "reviews.sqlite3")) as store:
        assert capture(store, POLICY, []) == Captured()
