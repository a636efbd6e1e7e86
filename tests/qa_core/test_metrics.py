import itertools
import math
import random
import re
import string
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from qa_core.errors import DataError
from qa_core.evaluation import metrics

# Texts -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("The  Cat", "cat"),
        ("a an the", ""),
        ("U.S.A.", "usa"),
        ("rock-and-roll", "rockandroll"),  # ASCII punctuation goes before words are told apart
        ("theatre, anthem", "theatre anthem"),
        ("the-end", "theend"),
        ("\u2018a\u2019", "\u2018 \u2019"),  # curly quotes stay, but do end a word
        ("3,000\u00a0km", "3000 km"),
        ("\tTab\r\nline ", "tab line"),
        ("\u00c9t\u00e9", "\u00e9t\u00e9"),
        ("", ""),
    ],
)
def test_normalize_answer_follows_the_official_rules(text: str, normal: str) -> None:
    assert metrics.normalize_answer(text) == normal


@pytest.mark.parametrize(
    ("prediction", "golds", "exact", "f1"),
    [
        ("the Nile", ["Nile"], 1, 1.0),
        ("Nile river", ["Nile", "the river Nile"], 0, 1.0),  # order is nothing to F1
        ("in the blue Nile", ["Nile"], 0, 2 * (1 / 3) * 1 / (1 / 3 + 1)),
        ("red red fish", ["red fish fish"], 0, 2 / 3),  # a repeated token counts as often as shared
        ("Rome", ["Paris", "Lyon"], 0, 0.0),
        ("", [], 1, 1.0),
        ("Rome", [], 0, 0.0),
        ("", ["Rome"], 0, 0.0),
        ("the", [], 1, 1.0),  # normalises to nothing, which is "no answer"
        ("", ["the", "Rome"], 0, 0.0),  # golds that normalise to nothing do not count ...
        ("", ["the"], 1, 1.0),  # ... unless all do
    ],
)
def test_exact_match_and_f1_on_hand_computed_cases(
    prediction: str, golds: list[str], exact: int, f1: float
) -> None:
    assert metrics.exact_match(prediction, golds) == exact
    assert metrics.f1(prediction, golds) == pytest.approx(f1)


def test_squad_scores_on_a_hand_computed_case() -> None:
    golds = {"a": ["Paris"], "b": ["red fish"], "c": [], "d": []}
    predictions = {"a": "Paris", "b": "fish", "c": "", "d": "Rome"}
    scores = metrics.squad_scores(predictions, golds)
    assert scores == {
        "exact": 50.0,
        "f1": pytest.approx(100 * (1 + 2 / 3 + 1 + 0) / 4),
        "total": 4,
        "HasAns_exact": 50.0,
        "HasAns_f1": pytest.approx(100 * (1 + 2 / 3) / 2),
        "HasAns_total": 2,
        "NoAns_exact": 50.0,
        "NoAns_f1": 50.0,
        "NoAns_total": 2,
    }


def test_null_odds_above_the_threshold_turn_a_prediction_into_no_answer() -> None:
    golds: dict[str, list[str]] = {"a": ["Paris"], "b": []}
    predictions = {"a": "Paris", "b": "Rome"}
    odds = {"a": 1.0, "b": 1.5}
    assert metrics.squad_scores(predictions, golds, odds)["exact"] == 100.0
    assert metrics.squad_scores(predictions, golds, odds, threshold=0.5)["exact"] == 50.0
    assert metrics.squad_scores(predictions, golds, odds, threshold=1.5)["exact"] == 50.0


def test_best_thresholds_on_a_hand_computed_case() -> None:
    golds = {"a": ["Paris"], "b": ["red fish"], "c": [], "d": ["Oslo"]}
    predictions = {"a": "Paris", "b": "fish", "c": "Rome", "d": "Oslo"}
    odds = {"a": -3.0, "b": -2.0, "c": 0.5, "d": 2.0}
    scores = metrics.squad_scores(predictions, golds, odds, threshold=9.0)
    # From "never answer" (1 of 4), answering a gives 2; b nothing to exact but 2/3 to F1; c costs 1
    assert (scores["best_exact"], scores["best_exact_thresh"]) == (50.0, -3.0)
    assert scores["best_f1"] == pytest.approx(100 * (2 + 2 / 3) / 4)
    assert scores["best_f1_thresh"] == -2.0


def test_scores_without_unanswerable_questions_have_no_such_keys() -> None:
    assert not [
        k for k in metrics.squad_scores({"a": "x"}, {"a": ["x"]}) if k.startswith(("No", "best"))
    ]
    assert not [k for k in metrics.squad_scores({"a": "x"}, {"a": []}) if k.startswith("Has")]


def test_missing_predictions_odds_and_questions_are_named() -> None:
    with pytest.raises(DataError, match=r"prediction for each of 2 questions.*first: 'b'"):
        metrics.squad_scores({"a": ""}, {"a": [], "b": []})
    with pytest.raises(DataError, match=r"null odds for each.*first: 'a'"):
        metrics.squad_scores({"a": ""}, {"a": []}, {})
    with pytest.raises(DataError, match="at least one question"):
        metrics.squad_scores({}, {})


def _reference_scores(
    predictions: Mapping[str, str],
    golds: Mapping[str, Sequence[str]],
    odds: Mapping[str, float],
    threshold: float,
) -> dict[str, float]:
    """What evaluate-v2.0.py computes, by its definitions and the longest way round."""

    def normal(text: str) -> str:
        text = "".join(c for c in text.lower() if c not in string.punctuation)
        return " ".join(re.sub(r"\b(a|an|the)\b", " ", text).split())

    def overlap(gold: str, prediction: str) -> float:
        left, right = normal(gold).split(), normal(prediction).split()
        if not left or not right:
            return float(left == right)
        rest, same = list(right), 0
        for token in left:
            if token in rest:
                rest.remove(token)
                same += 1
        if not same:
            return 0.0
        precision, recall = same / len(right), same / len(left)
        return 2 * precision * recall / (precision + recall)

    raw: dict[str, dict[str, float]] = {"exact": {}, "f1": {}}
    for key, texts in golds.items():
        real = [text for text in texts if normal(text)] or [""]
        raw["exact"][key] = max(float(normal(t) == normal(predictions[key])) for t in real)
        raw["f1"][key] = max(overlap(t, predictions[key]) for t in real)

    result: dict[str, float] = {}
    subsets = {
        "": list(golds),
        "HasAns_": [key for key in golds if golds[key]],
        "NoAns_": [key for key in golds if not golds[key]],
    }
    for prefix, keys in subsets.items():
        if not keys:
            continue
        for name, scores in raw.items():
            final = [(0.0 if golds[k] else 1.0) if odds[k] > threshold else scores[k] for k in keys]
            result[prefix + name] = 100.0 * sum(final) / len(keys)
        result[prefix + "total"] = len(keys)

    # Every cut of the questions in order of odds: answer those before it, decline the others. Each
    # sum is added up in the official script's order, so that what ties for it ties here.
    order = sorted(odds, key=lambda key: odds[key])
    for name, scores in raw.items():
        best, best_at = sum(1.0 for key in golds if not golds[key]), 0.0
        for cut in range(1, len(order) + 1):
            total = sum(1.0 for key in golds if not golds[key])
            for key in order[:cut]:
                total += scores[key] if golds[key] else -float(bool(predictions[key]))
            if total > best:
                best, best_at = total, odds[order[cut - 1]]
        result["best_" + name] = 100.0 * best / len(golds)
        result[f"best_{name}_thresh"] = best_at
    return result


_words = st.sampled_from(["the", "a", "red", "Red,", "fish", "Nile", "-", "U.S.", "\u00e9t\u00e9"])
_texts = st.lists(_words, max_size=4).map(" ".join)
_questions = st.lists(
    st.tuples(
        _texts,
        st.lists(_texts, max_size=3),
        st.sampled_from([-2.0, -0.5, 0.0, 0.25, 1.0, 3.0]),  # few values: many ties
    ),
    min_size=1,
    max_size=12,
)


@settings(deadline=None)
@given(_questions, st.sampled_from([-1.0, 0.0, 0.25, 1.0]))
@example(  # two cuts whose F1 is the same but for rounding
    [
        ("the", [], -0.5),
        ("the", [], -0.5),
        ("red red", ["red"], -2.0),
        ("red red", ["red red red"], -0.5),
        ("red fish", ["red red red"], -0.5),
        ("red red", ["red red red"], -0.5),
    ],
    -1.0,
)
def test_squad_scores_equal_a_brute_force_reference(
    questions: list[tuple[str, list[str], float]], threshold: float
) -> None:
    predictions = {str(i): text for i, (text, _, _) in enumerate(questions)}
    golds = {str(i): texts for i, (_, texts, _) in enumerate(questions)}
    odds = {str(i): value for i, (_, _, value) in enumerate(questions)}
    found = metrics.squad_scores(predictions, golds, odds, threshold)
    expected = _reference_scores(predictions, golds, odds, threshold)
    assert found == pytest.approx(expected, abs=1e-9)


def test_answers_of_several_spans_on_a_hand_computed_case() -> None:
    """As MultiSpanQA's own script scores it: 2 of 4 predicted spans are golds, and 2 of 6 golds."""
    golds = {"1": ["Ann Lee", "Bob", "Eve"], "2": ["Bob", "Eve"], "3": ["Ann"]}
    predictions = {"1": ["the Ann Lee", "Bob."], "2": ["Bob, Eve"], "3": [""]}
    found = metrics.multi_span_scores(predictions, golds)
    # "bob eve" holds 3 of its 7 letters in a run of "bob"; "eve" the most of "ann lee" and "bob": 1
    overlap = (1 + 1 + 3 / 7 + 0) / 4, (1 + 1 + 1 / 3 + 1 + 1 + 0) / 6
    assert found == pytest.approx(
        {
            "em_precision": 50, "em_recall": 100 / 3, "em_f1": 40,
            "overlap_precision": 100 * overlap[0], "overlap_recall": 100 * overlap[1],
            "overlap_f1": 200 * overlap[0] * overlap[1] / sum(overlap),
        }
    )  # fmt: skip
    assert metrics.multi_span_scores(golds, golds) == dict.fromkeys(found, 100)
    with pytest.raises(DataError, match="expected a prediction"):
        metrics.multi_span_scores({}, golds)


# Confidence ------------------------------------------------------------------------------------

_verdicts = st.lists(
    st.tuples(
        st.one_of(st.sampled_from([0.0, 0.2, 0.5, 0.9, 1.0]), st.floats(0, 1)), st.booleans()
    ),
    min_size=1,
    max_size=40,
)


def test_ece_on_hand_computed_cases() -> None:
    assert metrics.ece([1.0, 1.0, 0.0], [True, True, False]) == 0.0
    assert metrics.ece([0.9, 0.9, 0.9, 0.9], [True, False, True, False]) == pytest.approx(0.4)
    # Two bins of two: |0.15 - 0.5| and |0.85 - 1|, half the verdicts each
    confidence, right = [0.1, 0.2, 0.8, 0.9], [False, True, True, True]
    assert metrics.ece(confidence, right, bins=2) == pytest.approx((0.35 + 0.15) / 2)


def test_reliability_bins_are_closed_on_the_right() -> None:
    bins = metrics.reliability([0.0, 0.2, 0.21, 0.4, 1.0], [True] * 5, bins=5)
    assert bins.size.tolist() == [2, 2, 1]
    assert bins.confidence == pytest.approx([0.1, 0.305, 1.0])


def test_equal_mass_bins_share_out_the_verdicts() -> None:
    confidence = [0.9 + i / 1000 for i in range(12)]
    bins = metrics.reliability(confidence, [True] * 12, bins=4, binning="mass")
    assert bins.size.tolist() == [3, 3, 3, 3]
    assert metrics.reliability([0.5] * 7, [True] * 7, bins=4, binning="mass").size.tolist() == [7]


def test_auroc_on_hand_computed_cases() -> None:
    assert metrics.auroc([0.9, 0.8, 0.1], [True, True, False]) == 1.0
    assert metrics.auroc([0.1, 0.8, 0.9], [True, True, False]) == 0.0
    assert metrics.auroc([0.5, 0.5], [True, False]) == 0.5
    assert metrics.auroc([0.9, 0.5, 0.5, 0.1], [True, True, False, True]) == pytest.approx(1.5 / 3)
    assert math.isnan(metrics.auroc([0.5, 0.6], [True, True]))


def test_risk_coverage_on_a_hand_computed_case() -> None:
    coverage, risk = metrics.risk_coverage([0.2, 0.9, 0.6, 0.8], [False, True, True, False])
    assert coverage.tolist() == [0.25, 0.5, 0.75, 1.0]
    assert risk == pytest.approx([0, 1 / 2, 1 / 3, 2 / 4])
    mean = (0 + 1 / 2 + 1 / 3 + 2 / 4) / 4
    assert metrics.aurc([0.2, 0.9, 0.6, 0.8], [False, True, True, False]) == pytest.approx(mean)


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from([0.1, 0.5, 0.9]), st.booleans()), min_size=1, max_size=6))
def test_aurc_is_the_mean_over_all_orders_of_tied_verdicts(
    verdicts: list[tuple[float, bool]],
) -> None:
    areas = []
    for order in itertools.permutations(verdicts):
        ranked = [right for _, right in sorted(order, key=lambda verdict: -verdict[0])]
        risks = [ranked[:k].count(False) / k for k in range(1, len(ranked) + 1)]
        areas.append(sum(risks) / len(risks))
    confidence, right = zip(*verdicts, strict=True)
    assert metrics.aurc(confidence, right) == pytest.approx(sum(areas) / len(areas))


@settings(deadline=None)
@given(_verdicts)
def test_auroc_is_the_share_of_pairs_ranked_rightly(verdicts: list[tuple[float, bool]]) -> None:
    pairs = [
        (hit > miss) + (hit == miss) / 2
        for hit, was_right in verdicts
        if was_right
        for miss, was_too in verdicts
        if not was_too
    ]
    expected = sum(pairs) / len(pairs) if pairs else math.nan
    found = metrics.auroc(*zip(*verdicts, strict=True))
    assert found == pytest.approx(expected, nan_ok=True)


def test_coverage_at_accuracy_on_hand_computed_cases() -> None:
    confidence = [0.9, 0.8, 0.7, 0.6, 0.5]
    right = [True, False, True, True, True]
    assert metrics.coverage_at_accuracy(confidence, right, 0.8) == 1.0
    assert metrics.coverage_at_accuracy(confidence, right, 0.9) == 0.2
    assert (
        metrics.coverage_at_accuracy([0.9, 0.9], [True, False], 0.8) == 0.0
    )  # a tie goes together
    assert metrics.coverage_at_accuracy([0.9], [False], 0.0) == 1.0


@settings(deadline=None)
@given(_verdicts, st.sampled_from([0.0, 0.5, 0.8, 0.9, 1.0]))
def test_coverage_at_accuracy_is_the_best_over_all_thresholds(
    verdicts: list[tuple[float, bool]], accuracy: float
) -> None:
    coverages = [0.0]
    for threshold, _ in verdicts:
        covered = [right for confidence, right in verdicts if confidence >= threshold]
        if sum(covered) / len(covered) >= accuracy:
            coverages.append(len(covered) / len(verdicts))
    confidence, right = zip(*verdicts, strict=True)
    assert metrics.coverage_at_accuracy(confidence, right, accuracy) == max(coverages)


@settings(deadline=None)
@given(_verdicts, st.randoms(use_true_random=False))
def test_confidence_measures_do_not_depend_on_the_input_order(
    verdicts: list[tuple[float, bool]], rng: random.Random
) -> None:
    def measures(pairs: list[tuple[float, bool]]) -> list[float]:
        confidence, right = zip(*pairs, strict=True)
        return [
            metrics.ece(confidence, right),
            metrics.ece(confidence, right, binning="mass"),
            metrics.auroc(confidence, right),
            metrics.aurc(confidence, right),
            metrics.coverage_at_accuracy(confidence, right, 0.8),
        ]

    shuffled = rng.sample(verdicts, len(verdicts))
    np.testing.assert_array_equal(measures(verdicts), measures(shuffled))


@settings(deadline=None)
@given(_verdicts)
def test_confidence_measures_stay_in_range(verdicts: list[tuple[float, bool]]) -> None:
    confidence, right = zip(*verdicts, strict=True)
    accuracy = sum(right) / len(right)
    assert 0 <= metrics.ece(confidence, right) <= 1
    assert metrics.ece(confidence, right, bins=1) == pytest.approx(
        abs(sum(confidence) / len(confidence) - accuracy)
    )
    coverage, risk = metrics.risk_coverage(confidence, right)
    assert coverage[-1] == 1
    assert risk[-1] == pytest.approx(1 - accuracy)
    assert ((risk >= 0) & (risk <= 1)).all()


def test_confidence_that_cannot_be_judged_is_refused() -> None:
    with pytest.raises(DataError, match="same length"):
        metrics.aurc([0.5, 0.5], [True])
    with pytest.raises(DataError, match="at least one"):
        metrics.auroc([], [])
    with pytest.raises(DataError, match="found nan"):
        metrics.aurc([float("nan")], [True])
    with pytest.raises(DataError, match="between 0 and 1, found -2 to 5"):
        metrics.ece([-2.0, 5.0], [True, False])
