"""The verifier: what it reads, what it learns, and when it is left unused."""

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import annotation.verifier.model
from annotation.argilla.sender import Sender
from annotation.cli.main import app
from annotation.loop.situation import situation
from annotation.review.advice import accepted
from annotation.review.agreement import Consensus
from annotation.store.store import Store
from annotation.verifier.estimates import estimate_new, refresh_estimates
from annotation.verifier.model import (
    FILE,
    FOLDER,
    TRIAL,
    Case,
    Trial,
    Verifier,
    cases,
    learn,
    models_of,
    of_prediction,
    too_few,
)
from qa_core.errors import InputError, ModelError
from qa_core.inference.answer import Span
from qa_core.models.versions import Versions
from tests.support.predictions import CONTEXT, SPAN, answer, kept


def test_describe_names_the_answer_and_its_sentence() -> None:
    context = "Nobody came. Ines Soto opened the bridge in 1904. It rained."
    one = kept(context, alternatives=(Span("It", 50, 52, 0.5, 0.1),))
    assert of_prediction(one) == "Who? | Ines Soto | Ines Soto opened the bridge in 1904."
    none = kept(
        context, start=0, end=0, answerable=False, alternatives=(Span("It", 50, 52, 0.5, 0.1),)
    )
    assert of_prediction(none) == "Who? | the text does not say | It rained."
    bare = kept("x" * 5000, "x", start=0, end=0, answerable=False)
    assert len(of_prediction(bare)) < 500


@pytest.mark.parametrize(
    ("spans", "answerable", "right"),
    [
        (((14, 23),), True, True),
        (((3, 23),), True, False),
        ((), True, False),
        ((), False, True),
        (((14, 23),), False, False),
    ],
)
def test_accepted_is_an_exact_match_with_the_reviewers(
    spans: tuple[tuple[int, int], ...], answerable: bool, right: bool
) -> None:
    context = "On the bridge Ines Soto spoke."
    changes: dict[str, Any] = {} if answerable else {"start": 0, "end": 0, "answerable": False}
    assert accepted(kept(context, **changes), Consensus(True, spans)) is right


def test_cases_are_the_decided_predictions(tmp_path: Path) -> None:
    store = Store(tmp_path / "reviews.sqlite3")
    ids = [
        store.keep(question, CONTEXT, answer(), reason="doubtful", source="test")
        for question in ("Who?", "When?", "Why?")
    ]
    store.review(str(ids[0]), "ann", SPAN, text="Ines Soto", source="test")
    store.review(str(ids[1]), "ann", None, source="test")
    found = cases(store)
    assert sorted((case.accepted, case.confidence) for case in found) == [(False, 0.4), (True, 0.4)]
    assert {case.group for case in found} == {CONTEXT}


def reviews(count: int) -> list[Case]:
    """Answers that name a person are accepted, those that name a day are not."""
    people, days = ("Ada", "Ines", "Omar", "Lea"), ("Monday", "Friday", "Sunday", "Tuesday")
    return [
        Case(
            text=f"Who wrote letter {i}? | {(people if i % 2 else days)[i // 2 % 4]} | "
            f"{people[i % 4]} wrote letter {i} on {days[i % 4]}.",
            confidence=0.4 + i % 3 / 10,
            accepted=bool(i % 2),
            group=str(i),
        )
        for i in range(count)
    ]


@pytest.fixture(scope="module")
def learned() -> tuple[Verifier, Trial]:
    return learn(reviews(24), steps=4, progress=False)


def test_verifier_learns_what_reviewers_accept_and_comes_back_from_disk(
    learned: tuple[Verifier, Trial], tmp_path: Path
) -> None:
    verifier, trial = learned
    assert (trial.cases, trial.accepted) == (24, 12)
    assert trial.auroc["both"] > 0.9 > 0.6 > trial.auroc["confidence"]
    assert trial.used
    texts = ["Who wrote letter 40? | Omar | Omar wrote letter 40 on Friday.",
             "Who wrote letter 40? | Friday | Omar wrote letter 40 on Friday."]  # fmt: skip
    yes, no = verifier.probability(texts, [0.5, 0.5])
    assert yes > no
    folder = tmp_path / "verifier"
    for _ in range(2):  # the second takes the place of the first
        verifier.save(folder)
    assert [path.name for path in tmp_path.iterdir()] == ["verifier"]
    assert not list(folder.rglob("*.pkl")) + list(folder.rglob("*.bin"))
    again = Verifier.load(folder)
    assert again is not None
    assert again.probability(texts, [0.5, 0.5]).tolist() == pytest.approx([yes, no], abs=1e-6)
    (folder / FILE).write_text("{}")
    with pytest.raises(ModelError, match="damaged"):
        Verifier.load(folder)
    assert Verifier.load(tmp_path / "none") is None


@pytest.mark.parametrize("used", [True, False])
def test_verifier_command_orders_what_waits_only_where_it_is_better(
    learned: tuple[Verifier, Trial], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, used: bool
) -> None:
    monkeypatch.setenv("SPANLOOP_HOME", str(tmp_path))
    verdict = replace(learned[1], used=used)
    monkeypatch.setattr(annotation.verifier.model, "learn", lambda *_, **__: (learned[0], verdict))
    store = Store()
    for question, text, sure in (("Who?", "1904", 0.5), ("Who else?", "Ines Soto", 0.4)):
        one = answer(text, confidence=sure)
        store.keep(question, CONTEXT, one, reason="doubtful", source="test")
    assert [kept.answer.text for kept in store.waiting()] == ["Ines Soto", "1904"]
    ran = CliRunner().invoke(app, ["verifier", "--threshold", "1", "--json"])
    assert ran.exit_code == 0, ran.output
    assert json.loads(ran.stdout)["ordered"] == (2 if used else 0)
    assert json.loads(ran.stdout)["settled"] == 0
    first = store.waiting()[0].answer.text
    assert first == ("1904" if used else "Ines Soto")
    assert (Verifier.load(tmp_path / FOLDER) is not None) == used
    learned[0].save(tmp_path / FOLDER)  # as if an earlier one were in use
    ran = CliRunner().invoke(app, ["verifier", "--threshold", "0", "--json"])
    assert json.loads(ran.stdout)["settled"] == (2 if used else 0)
    assert len(store.waiting()) == (0 if used else 2)
    told = json.loads(CliRunner().invoke(app, ["status", "--json"]).stdout)
    assert (told["waiting"], told["settled"]) == ((0, 2) if used else (2, 0))
    assert (tmp_path / FOLDER).exists() == used
    assert not list(tmp_path.glob(".verifier-*"))
    assert situation(store, Versions()).verified == 24
    (tmp_path / TRIAL).write_text("[")
    assert situation(store, Versions()).verified == 0


def wait(store: Store, *asked: tuple[str, str, float]) -> None:
    """Have answers wait: question, words, confidence."""
    for question, text, sure in asked:
        one = answer(text, confidence=sure)
        store.keep(question, CONTEXT, one, reason="doubtful", source="test")


def test_verifier_in_use_orders_and_settles_what_comes_later(
    learned: tuple[Verifier, Trial], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPANLOOP_HOME", str(tmp_path))
    verifier, store = learned[0], Store()
    wait(store, ("Who?", "1904", 0.5), ("Who else?", "Ines Soto", 0.4))
    by_confidence = [kept.answer.text for kept in store.waiting()]
    refresh_estimates(store)  # none is in use
    assert [kept.answer.text for kept in store.waiting()] == by_confidence == ["Ines Soto", "1904"]

    texts = [of_prediction(kept) for kept in store.waiting()]
    yes, no = verifier.probability(texts, [0.4, 0.5])
    assert yes > no
    monkeypatch.setattr(verifier, "threshold", float(yes) + 0.01)
    verifier.save(tmp_path / FOLDER)
    refresh_estimates(store)
    assert [kept.answer.text for kept in store.waiting()] == ["1904", "Ines Soto"]
    assert store.unestimated() == []

    store.estimate({})
    monkeypatch.setattr(verifier, "threshold", float(yes) - 0.01)
    verifier.save(tmp_path / FOLDER)
    sender = Sender(store.path, configured=lambda: False, gather=0.0)
    sender.start()  # the page does it by itself, also where there is no Argilla
    deadline = time.monotonic() + 60
    while store.unestimated() and time.monotonic() < deadline:
        time.sleep(0.1)
    sender.stop()
    assert [kept.answer.text for kept in store.waiting()] == ["1904"]


def test_estimates_of_an_older_answer_are_made_anew(
    learned: tuple[Verifier, Trial], tmp_path: Path
) -> None:
    store = Store(tmp_path / "reviews.sqlite3")
    wait(store, ("Who?", "1904", 0.5), ("Who else?", "Ines Soto", 0.4))
    assert estimate_new(store, learned[0]) == 2
    assert estimate_new(store, learned[0]) == 0
    newer = answer("Ines Soto", confidence=0.4, model="v1@00000000")
    store.keep("Who?", CONTEXT, newer, reason="doubtful", source="test")
    assert [kept.question for kept in store.unestimated()] == ["Who?"]
    assert estimate_new(store, learned[0]) == 1


def test_answers_of_a_model_that_a_verifier_does_not_know_are_left_to_their_confidence(
    learned: tuple[Verifier, Trial], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPANLOOP_HOME", str(tmp_path))
    verifier, store = learned[0], Store()
    wait(store, ("Who?", "1904", 0.5), ("Who else?", "Ines Soto", 0.4))
    former = store.waiting()[0].answer.model
    monkeypatch.setattr(verifier, "models", [former])
    verifier.save(tmp_path / FOLDER)
    assert models_of(tmp_path / FOLDER) == [former]
    loaded = Verifier.load(tmp_path / FOLDER)
    assert loaded is not None
    assert loaded.models == [former]
    newer = answer("Ines Soto", confidence=0.4, model="v1@00000000")
    store.keep("Who?", CONTEXT, newer, reason="doubtful", source="test")
    assert estimate_new(store, loaded) == 1
    assert [kept.question for kept in store.unestimated()] == ["Who?"]
    monkeypatch.setattr(
        "annotation.verifier.estimates.run_apart", lambda *_: pytest.fail("for nothing")
    )
    refresh_estimates(store)


def test_verifier_learns_from_answers_of_the_models_that_are_still_open(tmp_path: Path) -> None:
    store = Store(tmp_path / "reviews.sqlite3")
    wait(store, ("Who?", "1904", 0.5), ("Who else?", "Ines Soto", 0.4))
    first, second = store.waiting()
    store.review(first.id, "ann", None, source="test")
    assert len(cases(store)) == 1
    newer = answer("Ines Soto", confidence=0.4, model="v1@00000000")
    store.keep(second.question, CONTEXT, newer, reason="doubtful", source="test")
    assert cases(store) == []  # what was decided is another model's
    store.review(second.id, "ann", None, source="test")
    assert len(cases(store)) == 2  # none is open


def test_damaged_verifier_is_told_and_leaves_the_order_to_confidence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("SPANLOOP_HOME", str(tmp_path))
    store = Store()
    wait(store, ("Who?", "1904", 0.5), ("Who else?", "Ines Soto", 0.4))
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / FILE).write_text("{}")
    refresh_estimates(store)
    assert [kept.answer.text for kept in store.waiting()] == ["Ines Soto", "1904"]
    assert "damaged" in caplog.text
    assert "Traceback" not in caplog.text


def test_verifier_needs_both_kinds_of_answers_on_several_contexts() -> None:
    one_kind = [case for case in reviews(40) if case.accepted]
    with pytest.raises(InputError, match="found 20, 0"):
        learn(one_kind)
    with pytest.raises(InputError, match="found 6, 6 and 1"):
        learn([replace(case, group="a") for case in reviews(12)])
    assert "found 6, 6 and 1" in too_few(6, 6, 1)
    assert too_few(6, 6, 6) == ""
