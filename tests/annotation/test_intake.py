"""What the running app keeps, and what it sends while Argilla comes and goes."""

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from annotation.argilla.errors import ArgillaError
from annotation.argilla.sender import Sender
from annotation.argilla.sync import PushReport
from annotation.loop import intake as intake_module
from annotation.loop.intake import Intake
from annotation.review.policy import Policy
from annotation.review.records import VISITOR
from annotation.store.store import Store
from qa_core.data.examples import question_id
from qa_core.errors import BusyError
from tests.support.browsing import ROOT
from tests.support.predictions import CONTEXT, QUESTION, SPAN, answer


@pytest.fixture
def intake(tmp_path: Path) -> Iterator[Intake]:
    intake = Intake(Store(tmp_path / "reviews.sqlite3"), Policy(0.6, 0.0, daily_budget=2))
    yield intake
    intake.close()


def test_only_doubtful_answers_are_kept_within_the_budget(intake: Intake) -> None:
    def offer(question: str, confidence: float = 0.4, private: bool = False) -> str:
        given = answer(confidence=confidence)
        return intake.offer(question, CONTEXT, given, source="page", private=private)

    assert [offer("sure?", 0.9), offer("a"), offer("b"), offer("c")] == ["", "kept", "kept", ""]
    assert [(kept.question, kept.reason, kept.source) for kept in intake.store.predictions()] == [
        (question, "doubtful", "page") for question in ("a", "b")
    ]


def test_nothing_private_is_on_the_disk(intake: Intake) -> None:
    given = answer(confidence=0.0)
    assert intake.offer("a secret?", CONTEXT, given, source="page", private=True) == ""
    intake.close()
    folder = intake.store.path.parent
    assert not any(b"secret" in path.read_bytes() for path in folder.iterdir())


def test_an_answer_does_not_wait_for_a_locked_store_and_is_kept_after(intake: Intake) -> None:
    other = sqlite3.connect(intake.store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert intake.offer(QUESTION, CONTEXT, answer(), source="api") == "late"
    other.execute("COMMIT")
    intake._writer.shutdown()
    assert [kept.question for kept in intake.store.predictions()] == [QUESTION]


def test_a_store_that_fails_costs_no_answer(
    intake: Intake, caplog: pytest.LogCaptureFixture
) -> None:
    intake.store._db.execute("PRAGMA query_only = ON")
    assert intake.offer(QUESTION, CONTEXT, answer(), source="page") == ""
    assert "a doubtful answer was not kept: cannot use the reviews in" in caplog.text


def test_what_visitors_say_is_kept_and_decides_nothing(intake: Intake) -> None:
    def hear(reviewer: str, span: tuple[int, int] | None, wrong: bool = False) -> int:
        return intake.hear(
            QUESTION, CONTEXT, answer(), reviewer=reviewer, span=span, wrong=wrong, source="page"
        )

    first = hear(VISITOR, SPAN)
    assert hear(VISITOR, SPAN) == first  # said again: the same receipt
    (kept,) = intake.store.waiting()
    assert kept.reason == "flagged"
    assert [(r.reviewer, r.start) for r in intake.store.reviews()[kept.id]] == [(VISITOR, SPAN[0])]
    assert list(intake.store.examples()) == []
    year = CONTEXT.index("1904"), CONTEXT.index("1904") + 4
    told = {"span": SPAN, "further": (year,), "reviewer": VISITOR, "source": "page"}
    intake.hear(QUESTION, CONTEXT, answer(), **told)  # type: ignore[arg-type]
    assert [r.spans for r in intake.store.reviews()[kept.id]] == [(SPAN, year)]
    second = hear(VISITOR, None, wrong=True)
    assert second > first
    assert intake.store.reviews() == {}
    assert hear("ann", None) > second
    assert intake.store.waiting() == []
    assert [example.answers for example in intake.store.examples()] == [()]


def test_what_a_visit_sent_is_deleted_and_nothing_else(intake: Intake) -> None:
    def hear(span: tuple[int, int] | None, reviewer: str = VISITOR) -> int:
        return intake.hear(QUESTION, CONTEXT, answer(), reviewer=reviewer, span=span, source="page")

    assert intake.held(QUESTION, CONTEXT, VISITOR) == (None, 0)
    assert intake.offer(QUESTION, CONTEXT, answer(confidence=0.4), source="page") == "kept"
    assert intake.offer(QUESTION, CONTEXT, answer(confidence=0.4), source="page") == "known"
    others = hear(SPAN)
    ann = hear(None, "ann")
    assert intake.held(QUESTION, CONTEXT, VISITOR) == ("flagged", others)
    mine = hear(None)
    (kept,) = intake.store.predictions()
    intake.retract(kept.id, [mine], "doubtful")
    assert [r.number for r in intake.store.reviews_of(kept.id)] == [others, ann]
    assert [one.reason for one in intake.store.predictions()] == ["doubtful"]
    assert [example.answers for example in intake.store.examples()] == [()]
    intake.retract(kept.id, [], None)
    intake.retract(kept.id, [], None)  # gone already
    assert {table for table, _ in intake.store.dump()} <= {"datasets"}
    folder = intake.store.path.parent
    assert not any(CONTEXT.encode() in path.read_bytes() for path in folder.iterdir())


def test_what_is_deleted_while_it_is_being_kept_is_gone(intake: Intake) -> None:
    other = sqlite3.connect(intake.store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert intake.offer(QUESTION, CONTEXT, answer(), source="page") == "late"
    deleted = threading.Thread(
        target=intake.retract, args=(question_id(QUESTION, CONTEXT), [], None)
    )
    deleted.start()
    other.execute("COMMIT")
    deleted.join()
    assert intake.store.predictions() == []


def test_sending_goes_on_until_it_succeeds(tmp_path: Path) -> None:
    store = Store(tmp_path / "reviews.sqlite3")
    faults: list[Exception] = [ArgillaError("no Argilla answers"), RuntimeError("odd")]
    told: list[str] = []
    succeeded = threading.Event()

    def send(_: Store, advance: Callable[[int, int], None], patience: float) -> PushReport:
        told.append(sender.problem)
        if faults:
            raise faults.pop(0)
        succeeded.set()
        return PushReport(1, 0, 0, {})

    sender = Sender(store.path, send=send, configured=lambda: True, gather=0.01, first_pause=0.01)
    intake = Intake(store, Policy(), sender)
    sender.start()  # sends what an earlier process left
    assert succeeded.wait(30)
    assert told == ["", "no Argilla answers", "pushing failed: odd"]
    succeeded.clear()
    intake.offer(QUESTION, CONTEXT, answer(), source="page")
    assert succeeded.wait(30)
    assert intake.destination() == "kept and will be sent to the reviewers"
    intake.close()
    assert sender.problem == ""


def test_what_is_decided_is_not_said_to_be_sent(store: Store) -> None:
    sender = Sender(store.where, configured=lambda: True)
    intake = Intake(store, Policy(), sender)
    told = {"reviewer": VISITOR, "span": SPAN, "source": "page"}
    heard = intake.hear(QUESTION, CONTEXT, answer(), **told)  # type: ignore[arg-type]
    assert intake.destination(heard) == "kept and will be sent to the reviewers"
    told = {**told, "reviewer": "ann"}
    heard = intake.hear(QUESTION, CONTEXT, answer(), **told)  # type: ignore[arg-type]
    assert intake.destination(heard) == "kept and decided"
    assert intake.offer(QUESTION, CONTEXT, answer(), source="page") == ""
    intake.close()


def test_keeping_imports_nothing_heavy(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from annotation.loop.intake import open_intake;"
        "from annotation.review.policy import Policy;"
        "from tests.support.predictions import CONTEXT, answer;"
        "intake = open_intake(Policy());"
        "print(intake.offer('a?', CONTEXT, answer(), source='page'));"
        "intake.hear('a?', CONTEXT, answer(), reviewer='ann', span=None, source='page');"
        "print(intake.destination(), {'torch', 'argilla', 'transformers'} & set(sys.modules))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"SPANLOOP_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stdout == "kept\nkept for review set()\n", ran.stderr


def test_visitors_may_judge_so_much_in_a_while_and_reviewers_all_they_like(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake_module, "HEARD_A_DAY", intake_module.HEARD_EACH + 2)
    with closing(Intake(Store(tmp_path / "r.sqlite3"))) as intake:

        def hear(number: int, visitor: str, reviewer: str = VISITOR) -> None:
            intake.hear(
                f"{number}?", CONTEXT, answer(), reviewer=reviewer, span=None, source="page",
                visitor=visitor,
            )  # fmt: skip

        for number in range(intake_module.HEARD_EACH):
            hear(number, "far")
        with pytest.raises(BusyError, match="at most 30 judgements in 10 minutes"):
            hear(99, "far")
        hear(100, "near")
        hear(101, "near")
        with pytest.raises(BusyError, match="judgements a day"):
            hear(102, "third")
        hear(103, "far", reviewer="ann")
        assert len(intake.store.predictions()) == intake_module.HEARD_EACH + 3
