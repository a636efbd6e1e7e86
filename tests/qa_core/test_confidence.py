"""Confidence and thresholds: what the formulas say, and that fitting mends what it should."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_core.calibration import fit as calibration
from qa_core.calibration.fit import balance, best_slope, best_threshold, fit
from qa_core.errors import DataError, InputError, ModelError
from qa_core.evaluation import metrics
from qa_core.inference import confidence
from qa_core.inference.confidence import ANSWERABLE, MATCH, Calibration, Estimator
from qa_core.inference.reader import Reader
from qa_core.inference.spans import Reading
from qa_core.models.folder import CALIBRATION
from tests.support.readings import reading


def test_the_threshold_decides_the_verdict() -> None:
    assert confidence.answers(reading(1.0, 2.0), threshold=0.0)
    assert not confidence.answers(reading(1.0, 2.0), threshold=-1.5)
    assert not confidence.answers(reading(1.0), threshold=1e9)


def test_without_a_fit_confidence_is_the_softmax() -> None:
    no_answer, spans = Calibration().confidences(reading(0.0, math.log(2), 0.0))
    assert no_answer == pytest.approx(0.25)
    assert spans == pytest.approx([0.5, 0.25])


@given(null=st.floats(-20, 20), scores=st.lists(st.floats(-20, 20), min_size=1, max_size=5))
def test_probabilities_of_one_question_never_exceed_one(null: float, scores: list[float]) -> None:
    no_answer, spans = Calibration().confidences(reading(null, *sorted(scores, reverse=True)))
    assert all(0 <= p <= 1 for p in [no_answer, *spans])
    assert no_answer + sum(spans) <= 1 + 1e-4


def test_no_other_span_is_held_more_probable_than_the_best() -> None:
    doubtful = Calibration(
        match=confidence.Estimator(confidence.MATCH, "temperature", (1.0,), bias=-3.0)
    )
    _, (best, second) = doubtful.confidences(reading(-9.0, 1.0, 0.0))
    assert 0 < second <= best < 0.2


def test_a_context_without_spans_is_surely_no_answer() -> None:
    empty = Reading((), 1.0, 1.0, (-math.inf, 0.0), windows=1)
    assert Calibration(threshold=1e9).confidences(empty) == (1.0, [])


def test_balance_gives_the_share_asked_for() -> None:
    answerable = np.array([True] * 8 + [False] * 2)
    weights = balance(answerable, 0.5)
    assert weights.sum() == pytest.approx(10)
    assert weights[8:].sum() == pytest.approx(5)
    assert (balance(answerable, None) == 1).all()
    with pytest.raises(DataError, match="answerable and unanswerable"):
        balance(np.array([True]), 0.5)


def test_the_best_threshold_parts_what_can_be_parted() -> None:
    odds = np.array([-3.0, -2.0, 1.0, 4.0])
    answerable = np.array([True, True, False, False])
    ones = np.ones(4)
    assert best_threshold(odds, ones, answerable, ones) == -0.5
    assert best_threshold(odds, ones, ~answerable, ones) == -3.5


@given(
    st.lists(
        st.tuples(st.integers(-4, 4), st.sampled_from([0.0, 0.5, 1.0]), st.booleans()),
        min_size=1,
        max_size=12,
    ),
    st.floats(-6, 6),
)
def test_no_threshold_beats_the_best_one(rows: list[tuple[int, float, bool]], other: float) -> None:
    odds, f1, answerable = (np.array(column) for column in zip(*rows, strict=True))
    weights = np.ones(len(rows))

    def score(threshold: float) -> float:
        return float(np.where(odds <= threshold, np.where(answerable, f1, 0), ~answerable).sum())

    assert score(best_threshold(odds.astype(float), f1, answerable, weights)) >= score(other)


def simulated(count: int, sharpness: float) -> tuple[list[Reading], list[str], list[list[str]]]:
    """Readings whose logits are ``sharpness`` times those that would be honest."""
    rng = np.random.default_rng(7)
    readings, texts, golds = [], [], []
    for _ in range(count):
        honest = rng.normal(0, 2, size=4)
        p = np.exp(honest) / np.exp(honest).sum()
        truth = rng.choice(4, p=p)
        order = 1 + np.argsort(-honest[1:])
        readings.append(reading(sharpness * honest[0], *(sharpness * honest[order])))
        texts.append(f"span {order[0]}")
        golds.append([] if truth == 0 else [f"span {truth}"])
    return readings, texts, golds


@pytest.mark.parametrize("slope", [0.3, 0.8])
def test_the_slope_is_that_of_the_best_thresholds(slope: float) -> None:
    """Where odds tell the log-odds themselves, a share's log-odds move the threshold as much."""
    rng = np.random.default_rng(1)
    odds = rng.uniform(-3, 3, 4_000) / slope
    answerable = rng.random(len(odds)) < 1 / (1 + np.exp(slope * odds))
    # Most are far from any threshold, and easier there than the odds near it would have it.
    far = np.concatenate([np.full(4_000, -30.0), np.full(4_000, 30.0)])
    odds, answerable = np.concatenate([odds, far]), np.concatenate([answerable, far < 0])
    found = best_slope(odds, np.ones(len(odds)), answerable)
    assert found == pytest.approx(slope, rel=0.1)
    # What has no span, or no "no answer", lies beyond all thresholds.
    odds, answerable = np.append(odds, [-np.inf] * 9), np.append(answerable, [False] * 9)
    assert best_slope(odds, np.ones(len(odds)), answerable) == found


def test_fitting_mends_overconfidence() -> None:
    readings, texts, golds = simulated(3000, sharpness=3.0)
    names = [str(i) for i in range(3000)]
    fitted = fit(readings[:2000], texts[:2000], golds[:2000], names[:2000])

    def ece(calibration: Calibration) -> float:
        sure, right = [], []
        for r, text, gold in zip(readings[2000:], texts[2000:], golds[2000:], strict=True):
            answered = confidence.answers(r, fitted.threshold)
            no_answer, spans = calibration.confidences(r)
            sure.append(spans[0] if answered else no_answer)
            right.append(bool(metrics.exact_match(text if answered else "", gold)))
        return metrics.ece(sure, right)

    before, after = ece(Calibration()), ece(fitted)
    assert before > 0.1
    assert after < before / 2
    for factor in ("answerable", "match"):
        losses = fitted.fitted[factor]["log_loss"]
        assert losses.keys() == set(confidence.METHODS)
        assert losses["softmax"] > losses["temperature"]


def test_spans_are_judged_only_by_questions_with_enough_golds() -> None:
    readings, texts, golds = simulated(1500, sharpness=1.0)
    # One person's answer is another one's: these questions say that every span is wrong.
    harsh = [gold if n % 3 or not gold else ["other"] for n, gold in enumerate(golds)]
    fair = [gold * 2 if n % 3 else gold for n, gold in enumerate(harsh)]
    names = [str(i) for i in range(1500)]
    shares = [
        fit(readings, texts, fair, names, min_golds=least).fitted["match"]["share"]
        for least in (1, 2)
    ]
    assert shares[1] > shares[0] + 0.1


def test_questions_on_texts_of_one_kind_say_nothing_of_answerability() -> None:
    readings, texts, golds = simulated(2000, sharpness=1.0)
    names = [str(n // 4) for n in range(2000)]
    alone = fit(readings, texts, golds, names, answerable_share=0.5)
    # Answerable questions that a model finds easy, each on a text of its own.
    easy = [reading(-20.0, 0.0)] * 500
    more = fit(
        readings + easy, texts + ["span 1"] * 500, golds + [["span 1"]] * 500,
        names + [f"easy {n}" for n in range(500)], answerable_share=0.5,
    )  # fmt: skip
    assert (more.threshold, more.answerable) == (alone.threshold, alone.answerable)
    assert more.fitted["match"]["questions"] == alone.fitted["match"]["questions"] + 500


def test_fitting_needs_enough_of_either_verdict() -> None:
    readings, texts, golds = simulated(60, sharpness=1.0)
    with pytest.raises(DataError, match="calibrate on more questions"):
        fit(readings, texts, golds, [str(i) for i in range(60)])


@pytest.mark.parametrize("method", confidence.METHODS)
def test_every_method_is_a_rising_probability_and_survives_a_file(
    method: confidence.Method, tmp_path: Path
) -> None:
    readings, _, _ = simulated(400, sharpness=2.0)
    x = np.stack([confidence.features(r) for r in readings])
    y = np.random.default_rng(1).random(400) < 1 / (1 + np.exp(-x[:, ANSWERABLE]))
    estimator = calibration.FITTERS[method](ANSWERABLE, x, y, np.ones(400))
    p = estimator.probability(x)
    assert ((p >= 0) & (p <= 1)).all()
    assert metrics.auroc(p, y) > 0.7
    saved = Calibration(1.25, estimator, confidence.Estimator(MATCH), {"questions": 400})
    saved.save(tmp_path)
    assert Calibration.load(tmp_path) == saved


def test_a_damaged_calibration_is_named(tmp_path: Path) -> None:
    assert Calibration.load(tmp_path) is None
    path = tmp_path / CALIBRATION
    path.write_text("{")
    with pytest.raises(ModelError, match=r"calibration\.json cannot be read"):
        Calibration.load(tmp_path)
    Calibration().save(tmp_path)
    record = json.loads(path.read_text())
    path.write_text(json.dumps(record | {"format": 99}))
    with pytest.raises(ModelError, match="another version"):
        Calibration.load(tmp_path)
    record["match"]["method"] = "magic"
    path.write_text(json.dumps(record))
    with pytest.raises(ModelError, match="magic"):
        Calibration.load(tmp_path)


def test_another_share_moves_verdicts_and_probabilities_as_reading_anew_would() -> None:
    reader = Reader.load(bundled=True)
    pairs = [
        ("Who opened the harbour?", "Ines Soto opened the harbour in 1904."),
        ("Who built the mill?", "Ines Soto opened the harbour in 1904."),
        ("When?", "The mill, which Otto Lind bought in 1911, burned down two years later."),
    ]
    answered = []
    for share in (0.05, 0.4, 0.75, 0.98):
        strict = reader.expecting(share)
        anew = strict.answer_batch(pairs, top_k=2)
        answered.append(sum(one.answerable for one in anew))
        for pair, new, old in zip(pairs, anew, reader.answer_batch(pairs, top_k=2), strict=True):
            moved = reader.reconsider(old, *pair, share)
            assert (moved.text, moved.start, moved.answerable) == (
                new.text, new.start, new.answerable,
            )  # fmt: skip
            assert moved.confidence == pytest.approx(new.confidence, abs=1e-6)
            assert [one.start for one in moved.alternatives[:1]] == [
                one.start for one in new.alternatives[:1]
            ]
    assert answered == sorted(answered)
    assert answered[0] < answered[-1]
    with pytest.raises(InputError, match="answerable_share"):
        reader.expecting(1.0)


def test_calibrations_of_the_first_format_still_load(tmp_path: Path) -> None:
    weighed = Estimator(ANSWERABLE, "logistic", (0.5,) * 9, 0.1, (0.0,) * 9, (1.0,) * 9)
    saved = Calibration(1.5, weighed)
    saved.save(tmp_path)
    path = tmp_path / CALIBRATION
    record = json.loads(path.read_text())
    record["format"], record["features"][-1] = 1, "windows"
    del record["share"], record["slope"]
    record["fitted"] = {"unanswerable": 0.4}
    path.write_text(json.dumps(record))
    found = Calibration.load(tmp_path)
    assert found is not None
    assert (found.threshold, found.share) == (1.5, 0.6)
    assert found.answerable.weights[-1] == 0.0
