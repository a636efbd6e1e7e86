"""Review campaigns with gold answers: what is chosen, what is mistaken, and that it pays."""

import json
from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from typer.testing import CliRunner

from annotation.campaigns import curves
from annotation.campaigns.orderings import ORDERINGS, Name, Open
from annotation.campaigns.simulation import Campaign, mistaken, simulate
from annotation.cli.simulate import app
from annotation.learning.settings import Gate
from annotation.verifier.model import Case
from qa_core.data import squad
from qa_core.data.examples import Example, Gold
from qa_core.errors import DataError, InputError
from qa_core.inference.answer import Answer
from qa_core.models.versions import Versions
from tests.support import tiny
from tests.support.learning import FAST
from tests.support.reviewing import annotation

CONTEXT = "Ines Soto opened the harbour of Oslo in 1904, and the bridge two years later."


def open_(question: str, confidence: float) -> Open:
    span = Answer("Oslo", 32, 36, 3.0, confidence, 1.0, True, (), (), "tiny@1", confidence)
    return Open(Example(question, question, CONTEXT, (Gold("Oslo", 32),)), span)


def choose(
    ordering: Name, asked: list[Open], count: int, reviewed: list[Case] | None = None
) -> list[int]:
    return ORDERINGS[ordering](asked, reviewed or [], count, np.random.default_rng(0))


def test_the_least_confident_come_first() -> None:
    asked = [open_("a", 0.9), open_("b", 0.2), open_("c", 0.5)]
    assert choose("least-confident", asked, 2) == [1, 2]


def test_without_reviews_the_verifier_leaves_the_order_to_confidence() -> None:
    asked = [open_("a", 0.9), open_("b", 0.2), open_("c", 0.5)]
    assert choose("verifier", asked, 2) == [1, 2]


def test_a_random_choice_has_no_doubles_and_depends_on_the_seed() -> None:
    asked = [open_(str(n), 0.5) for n in range(50)]
    chosen = choose("random", asked, 20)
    assert len(set(chosen)) == 20
    assert chosen == choose("random", asked, 20)
    assert chosen != ORDERINGS["random"](asked, [], 20, np.random.default_rng(1))


def test_a_mixed_choice_is_half_doubtful_and_half_random() -> None:
    asked = [open_(str(n), n / 50) for n in range(50)]
    chosen = choose("mixed", asked, 21)
    assert set(range(11)) <= set(chosen)
    assert chosen[:3:2] == [0, 1]  # by turns
    assert len(set(chosen)) == 21
    assert max(chosen) > 30
    assert sorted(choose("mixed", asked[:3], 9)) == [0, 1, 2]
    assert sorted(choose("mixed", asked, 50)) == list(range(50))


def test_a_diverse_choice_takes_one_of_each_kind() -> None:
    kinds = ["Which wine suits fish?", "How do I reset a password?", "When was the war over?"]
    asked = [open_(f"{kind} {n}", 0.5) for n in range(6) for kind in kinds]
    assert {chosen % 3 for chosen in choose("diverse", asked, 3)} == {0, 1, 2}
    assert choose("diverse", asked[:2], 5) == [0, 1]


def test_mistaken_reviews_share_nothing_with_the_gold_answer() -> None:
    example = Example("q", "Where?", CONTEXT, (Gold("harbour of Oslo", 21),))
    rng = np.random.default_rng(3)
    made = [mistaken(example, rng) for _ in range(200)]
    none = [one for one in made if not one.answers]
    assert 60 < len(none) < 140
    for one in made:
        for gold in one.answers:
            assert CONTEXT[gold.start : gold.start + len(gold.text)] == gold.text
            assert gold.start + len(gold.text) <= 21 or gold.start >= 36
    assert mistaken(replace(example, answers=()), rng).answers
    assert not mistaken(Example("q", "Who?", "Ann", (Gold("Ann", 0),)), rng).answers


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"ordering": "best"}, "expected one of least-confident, verifier, random, diverse"),
        ({"every": 300}, "expected 1 to 200 reviews, found 300"),
        ({"wrong": 1.5}, "expected a share of 0 to 1, found 1.5"),
    ],
)
def test_a_campaign_that_cannot_be_is_refused(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Campaign(**wrong)  # type: ignore[arg-type]


def test_a_campaign_betters_the_model_and_forgets_nothing_of_itself(
    tiny_home: Path,
    tiny_regression: Path,
    tmp_path: Path,
) -> None:
    examples = tiny.examples(240)
    campaign = Campaign("random", reviews=120, every=60)
    told: list[str] = []
    points = list(
        simulate(
            examples[:200],
            {"test": examples[200:]},
            campaign,
            Versions(),
            regression=squad.read(tiny_regression)[0],
            settings=replace(FAST, held_out=0.3, gate=Gate(max_loss=100)),
            cpu=True,
            tell=told.append,
        )
    )
    assert [point.reviews for point in points] == [0, 60, 120]
    assert points[-1].objections == ()
    assert points[-1].serving["test"]["f1"] > points[0].serving["test"]["f1"] + 5
    assert points[-1].version != points[0].version
    assert "round 2 of 2: choosing 60 of 140 questions" in told
    curves.save(tmp_path / "curve.json", campaign, points, questions={"test": 40})
    assert curves.read(tmp_path / "curve.json") == (campaign, points)
    curves.plot({"random": [points, points]}, ["test"]).savefig(tmp_path / "curve.png")
    assert (tmp_path / "curve.png").stat().st_size > 5000


def test_a_refused_candidate_leaves_the_curve_where_it_was(
    tiny_home: Path, tiny_regression: Path
) -> None:
    (first, second) = simulate(
        tiny.examples(60),
        {"test": tiny.prefixed("Before. ", tiny.examples(20))},
        Campaign("least-confident", reviews=40, every=40, wrong=1.0),
        Versions(),
        regression=squad.read(tiny_regression)[0],
        settings=replace(FAST, epochs=0.5, held_out=0.4, gate=Gate(min_gain=99)),
        cpu=True,
    )
    assert second.objections
    assert second.serving == first.serving
    assert second.version == first.version


def test_a_campaign_needs_enough_questions(tiny_home: Path, tiny_regression: Path) -> None:
    examples = tiny.examples(60)
    with pytest.raises(DataError, match=r"expected at least 50 questions.* found 20"):
        next(
            simulate(
                examples, {"test": examples[20:]}, Campaign(reviews=50, every=50), Versions(),
                regression=squad.read(tiny_regression)[0],
            )
        )  # fmt: skip


@pytest.mark.parametrize(
    "wrong", ["--ordering=fair", "--interpolation=1", "--every=201", "--wrong=2"]
)
def test_wrong_usage_is_told_apart_from_failure(wrong: str, tmp_path: Path) -> None:
    asked = CliRunner().invoke(app, ["--data=x.json", f"--output={tmp_path}", wrong])
    assert asked.exit_code == 2
    assert wrong.partition("=")[0] in asked.output


def test_every_ordering_can_be_asked_for() -> None:
    assert set(get_args(Name)) == set(ORDERINGS)


def test_the_command_writes_a_curve(
    tiny_model: Path, tiny_regression: Path, tmp_path: Path
) -> None:
    data, replay_buffer, unseen = (
        tmp_path / name for name in ("data.json", "replay_buffer.json", "new.json")
    )
    squad.write(tiny.examples(200), data)
    squad.write(tiny.prefixed("Buffer. ", tiny.examples(20)), replay_buffer)
    squad.write(tiny.prefixed("Unseen. ", tiny.examples(40)), unseen)
    done = annotation(
        "simulate", "--data", data, "--output", tmp_path / "run", "--model", tiny_model,
        "--regression", tiny_regression, "--replay-buffer", replay_buffer, "--unseen", unseen,
        "--interpolation", "0.3", "--ordering", "random", "--reviews", "100", "--every", "100",
        "--cpu", "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert [point["reviews"] for point in said["points"]] == [0, 100]
    assert said["questions"]["test"] > 10
    assert said["settings"]["interpolation"] == 0.3
    assert (tmp_path / "run" / "curve.png").stat().st_size > 5000
    (tmp_path / "run" / "curve.json").write_text("[]")
    with pytest.raises(DataError, match="expected a campaign in"):
        curves.read(tmp_path / "run" / "curve.json")
