"""Calibrating a re-trained model: from few questions, and fairly judged."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from qa_core.calibration.refit import recalibrate, shift, shift_there
from qa_core.data.examples import Example, Gold
from qa_core.inference.confidence import ANSWERABLE, Calibration, Estimator, features
from qa_core.inference.domain import Domain
from qa_core.inference.reader import Reader
from tests.support import networks, tiny
from tests.support.readings import reading

OLD = Calibration(threshold=0.5)
KNOTS = tuple((float(z), float(1 / (1 + np.exp(-0.7 * z)))) for z in np.linspace(-3, 3, 25))


def test_the_threshold_moves_only_as_far_as_questions_ask() -> None:
    odds = np.linspace(-3, 3, 13)
    readings = [reading(float(null), 0.0) for null in odds]

    def threshold(count: int, answered: bool) -> float:
        golds = [["x"] if answered else []] * (len(odds) * count)
        texts = ["x"] * len(golds)
        return shift(readings * count, texts, golds, OLD).threshold - OLD.threshold

    assert 0.1 < threshold(1, answered=True) < threshold(20, answered=True) < 3
    assert -4 < threshold(20, answered=False) < threshold(1, answered=False) < -0.1
    mixed = [["x"] if null <= OLD.threshold else [] for null in odds]
    stays = shift(readings, ["x"] * len(odds), mixed, OLD)
    assert stays.threshold == pytest.approx(OLD.threshold, abs=0.06)


def test_what_is_shifted_keeps_the_share_it_expects() -> None:
    old = replace(OLD, share=0.7, slope=0.4)
    found = shift([reading(-1.0, 0.0)] * 4, ["x"] * 4, [["x"]] * 4, old)
    assert (found.share, found.slope) == (0.7, 0.4)


def test_mistaken_reviews_do_not_silence_a_kind_of_text() -> None:
    """Of 40 reviews a fifth deny by mistake that there is an answer, whatever the odds."""
    readings = [reading(float(null), 0.0) for null in np.linspace(-8, 0, 40)]
    right, other = Gold("x", 0), Gold("nothing", 6)

    def moved(golds: list[tuple[Gold, ...]]) -> float:
        there = [Example("", "where?", "x and nothing else", one) for one in golds]
        return shift_there(readings, there, OLD).threshold - OLD.threshold

    careful: list[tuple[Gold, ...]] = [(right,) if i % 10 == 1 else (other,) for i in range(40)]
    careless = [() if i % 5 == 3 else one for i, one in enumerate(careful)]
    assert -1.5 < moved(careless) < 0.5
    assert moved([one if i < 20 else () for i, one in enumerate(careful)]) < -1
    assert moved([(right,)] * 40) > 1


@pytest.mark.parametrize(
    "estimator",
    [
        Estimator(ANSWERABLE),
        Estimator(ANSWERABLE, "temperature", weights=(0.5,)),
        Estimator(ANSWERABLE, "isotonic", knots=KNOTS),
    ],
)
def test_confidence_is_biased_and_keeps_its_slope(estimator: Estimator) -> None:
    readings = [reading(float(null), 0.0) for null in np.linspace(-2, 2, 200)]
    golds: list[list[str]] = [["x"]] * 160 + [[]] * 40
    texts = ["x"] * 80 + ["y"] * 120
    found = shift(readings, texts, golds, replace(OLD, answerable=estimator))
    x = np.stack([features(one) for one in readings])
    before, after = estimator.probability(x), found.answerable.probability(x)
    assert abs(after.mean() - 0.8) < 0.02
    assert abs(before.mean() - 0.5) < 0.02
    moved = np.log(after / (1 - after)) - np.log(before / (1 - before))
    assert moved.std() < 0.2
    assert found.fitted["shifted"]["questions"] == 200


def test_each_question_is_judged_by_a_calibration_that_has_not_seen_it(tmp_path: Path) -> None:
    networks.save_network(tmp_path)
    reader = Reader.load(tmp_path, backend="torch", max_length=96, stride=8, max_question_length=32)
    examples = tiny.examples(40)

    def current(threshold: float) -> Reader:
        calibrated = Calibration(threshold=threshold)
        return Reader(reader.backend, reader.windower, calibrated, reader.model)

    fitted, answers = recalibrate(reader, current(OLD.threshold), examples)
    assert [a.model for a in answers] == [reader.model] * 40
    assert fitted.fitted["shifted"]["questions"] == 40
    every = recalibrate(reader, current(1e9), examples)[1]
    assert all(answer.answerable for answer in every)
    assert any(a.confidence != b.confidence for a, b in zip(answers, every, strict=True))
    others = tiny.examples(400)[40:]
    pairs = [e.pair for e in others]
    odds = np.array([one.null_odds for _, one in reader.read(pairs, top_k=1)])
    for share in (0.2, 0.7):
        asked = current(float(np.quantile(odds, share)))
        enough, _ = recalibrate(reader, asked, examples, others)
        assert "shifted" in enough.fitted or enough.fitted["questions"] == 400
        assert np.mean(odds <= enough.threshold) == pytest.approx(share, abs=0.01)


def test_texts_of_the_reviewed_kind_have_a_threshold_of_their_own(tmp_path: Path) -> None:
    """All reviews say that the text answers; the old questions keep the threshold they had."""
    networks.save_network(tmp_path)
    reader = Reader.load(tmp_path, backend="torch", max_length=96, stride=8, max_question_length=32)
    made = [one for one in tiny.examples(120) if one.answerable]
    kind = [replace(e, context=f"Dear guests and travellers, welcome. {e.context}") for e in made]
    there = [
        replace(e, answers=tuple(replace(a, start=e.context.index(a.text)) for a in e.answers))
        for e in kind
    ]
    pairs = [e.pair for e in there]
    domain = Domain.fit(pairs[40:], [e.pair for e in tiny.examples(80)])
    assert domain is not None
    assert all(domain.holds(*pair) for pair in pairs)
    others = tiny.examples(400)[80:]
    odds = [one.null_odds for _, one in reader.read(pairs, top_k=1)]
    strict = Calibration(threshold=min(odds) - 1)
    current = Reader(reader.backend, reader.windower, strict, reader.model)

    found, answers = recalibrate(reader, current, there[:40], others, domain)
    alone, _ = recalibrate(reader, current, others[:0], others)
    assert found.local is not None
    assert found.local.domain == domain
    assert found.threshold == alone.threshold
    assert found.local.calibration.threshold > found.threshold + 1
    assert found.local.calibration.fitted["shifted"]["questions"] == 40
    assert sum(answer.answerable for answer in answers) > 20  # each fold by the others' reviews
    taught = Reader(reader.backend, reader.windower, found, reader.model)
    assert sum(answer.answerable for answer in taught.answer_batch(pairs)) > 0.5 * len(pairs)
    old = [e.pair for e in others]
    untaught = Reader(reader.backend, reader.windower, alone, reader.model)
    before, after = untaught.answer_batch(old), taught.answer_batch(old)
    assert [a.answerable for a in after] == [a.answerable for a in before]

    again, _ = recalibrate(reader, taught, there[:40], others)
    assert again.local is None  # what was held before is decided anew
    few, _ = recalibrate(reader, current, there[:9], others, domain)
    assert few.local is None
