import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from qa_core.data.examples import Example, Gold
from qa_core.errors import InputError, ModelError
from qa_core.evaluation import metrics
from qa_core.evaluation.figures import FILE, Figures
from qa_core.evaluation.judging import judge
from qa_core.inference.answer import Answer

CONFIDENCES = np.round(np.random.default_rng(0).uniform(0.1, 1, 300), 6)
RIGHT = np.random.default_rng(1).uniform(size=300) < CONFIDENCES


@pytest.fixture(scope="module")
def figures() -> Figures:
    examples, answers = [], []
    for n, (confidence, right) in enumerate(zip(CONFIDENCES.tolist(), RIGHT, strict=True)):
        examples.append(Example(str(n), "Who?", f"Ada {n}", (Gold("Ada", 0),)))
        text = "Ada" if right else str(n)
        start = 0 if right else 4
        answers.append(
            Answer(
                text,
                start,
                start + len(text),
                1.0,
                confidence,
                0.0,
                True,
                (),
                (),
                "m@1",
                confidence,
            )
        )
    return Figures.of(judge(examples, answers), ["data.json"], "2026-01-02", "python -m qa_core")


@pytest.mark.parametrize("threshold", [0, 0.1, 0.35, 0.6, 0.995, 1])
def test_figures_review_is_what_was_measured(figures: Figures, threshold: float) -> None:
    found = figures.review(threshold)
    covered = threshold <= CONFIDENCES
    assert found.threshold == threshold
    assert found.share == pytest.approx(1 - covered.mean())
    assert found.right == (pytest.approx(RIGHT[covered].mean()) if covered.any() else None)
    assert found.right_of_all == pytest.approx(RIGHT.mean())
    assert found.questions == 300


def test_figures_curves_are_those_of_the_metrics(figures: Figures) -> None:
    bins = metrics.reliability(CONFIDENCES, RIGHT)
    assert figures.reliability["confidence"]["accuracy"] == pytest.approx(bins.accuracy, abs=1e-4)
    curve = figures.risk_coverage["confidence"]
    assert len(curve["risk"]) <= 200
    assert (curve["coverage"][-1], curve["risk"][-1]) == pytest.approx(
        (1, 1 - RIGHT.mean()), abs=1e-4
    )
    assert figures.trust["confidence"].aurc == metrics.aurc(CONFIDENCES, RIGHT)


def test_figures_come_back_from_their_file_which_is_small(figures: Figures, tmp_path: Path) -> None:
    figures.save(tmp_path / FILE)
    assert Figures.load(tmp_path) == figures
    assert (tmp_path / FILE).stat().st_size < 40_000
    (older,) = json.loads((tmp_path / FILE).read_text())["measured"]
    older["kept"] = older.pop("covered")
    (tmp_path / FILE).write_text(json.dumps({"format": 1, **older}))
    assert Figures.load_all(tmp_path) == [figures]


def test_figures_of_several_data_sets_are_kept_side_by_side(
    figures: Figures, tmp_path: Path
) -> None:
    other = replace(figures, data=("other.json",))
    again = replace(figures, date="2026-02-03")
    for one in (figures, other, again):
        one.save(tmp_path / FILE)
    assert Figures.load_all(tmp_path) == [again, other]
    assert Figures.load(tmp_path) == again
    trained = replace(other, model="m@2")
    trained.save(tmp_path / FILE)
    assert Figures.load_all(tmp_path) == [trained]
    (tmp_path / FILE).write_text("{")
    figures.save(tmp_path / FILE)
    assert Figures.load_all(tmp_path) == [figures]


def test_figures_none_without_a_file_and_an_error_for_another(
    figures: Figures, tmp_path: Path
) -> None:
    assert Figures.load(tmp_path) is None
    figures.save(tmp_path / FILE)
    (record,) = json.loads((tmp_path / FILE).read_text())["measured"]
    short = json.dumps({"format": 2, "measured": [{**record, "covered": [1]}]})
    for broken in ("{", "[]", short, json.dumps({"format": 99}), json.dumps({"format": 2})):
        (tmp_path / FILE).write_text(broken)
        with pytest.raises(ModelError, match="measure again"):
            Figures.load(tmp_path)


def test_figures_refuse_a_threshold_that_is_no_probability(figures: Figures) -> None:
    with pytest.raises(InputError, match="0 to 1"):
        figures.review(1.5)
