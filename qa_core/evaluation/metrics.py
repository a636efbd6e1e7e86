"""How right are the answers, and does the confidence know it?

Exact match and F1 are defined as in the official SQuAD 2.0 script (evaluate-v2.0.py, Rajpurkar et
al. 2018) and give its figures to the last bit. Everywhere "" is the prediction "no answer" and a
question without golds is unanswerable. The confidence measures take one score per question and
whether that question's verdict was right; where scores tie, no result depends on the input order.
"""

import re
import string
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import product
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qa_core.errors import DataError

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)


def normalize_answer(text: str) -> str:
    """Lower case, without ASCII punctuation, English articles and surplus white space."""
    text = text.lower().translate(_PUNCTUATION)
    return " ".join(_ARTICLES.sub(" ", text).split())


def exact_match(prediction: str, golds: Sequence[str]) -> int:
    """1 when the prediction equals one of the golds after normalising, else 0."""
    normal = normalize_answer(prediction)
    return int(any(normal == gold for gold in _normal_golds(golds)))


def f1(prediction: str, golds: Sequence[str]) -> float:
    """Best token F1 (0 to 1) of the prediction against any gold, on normalised tokens."""
    tokens = normalize_answer(prediction).split()
    return max(_token_f1(tokens, gold.split()) for gold in _normal_golds(golds))


def _normal_golds(golds: Sequence[str]) -> list[str]:
    return [normal for gold in golds if (normal := normalize_answer(gold))] or [""]


def _token_f1(prediction: list[str], gold: list[str]) -> float:
    if not prediction or not gold:
        return float(prediction == gold)
    shared = (Counter(prediction) & Counter(gold)).total()
    if not shared:
        return 0.0
    precision, recall = shared / len(prediction), shared / len(gold)
    return 2 * precision * recall / (precision + recall)


def squad_scores(
    predictions: Mapping[str, str],
    golds: Mapping[str, Sequence[str]],
    null_odds: Mapping[str, float] | None = None,
    threshold: float = 1.0,
) -> dict[str, float]:
    """Score predictions (question id -> text) as the official script does, under its key names.

    Scores are percentages. With `null_odds` (id -> any score that grows with "no answer"), a
    prediction whose odds exceed `threshold` counts as "no answer", and the best thresholds are
    searched too. `threshold` defaults to 1.0 as `--na-prob-thresh` does, which suits
    probabilities, not differences of logits. A best threshold is chosen on the very data it
    scores: an upper bound, not a result.

    Raises DataError when there is no question, or one lacks its prediction or its odds.
    Predictions for unknown ids are ignored.
    """
    if not golds:
        raise DataError("expected at least one question to score, found none: check the data file")
    _require(golds, predictions, "prediction")
    if null_odds is not None:
        _require(golds, null_odds, "null odds")
    exact = {key: float(exact_match(predictions[key], golds[key])) for key in golds}
    overlap = {key: f1(predictions[key], golds[key]) for key in golds}

    def verdicts(scores: Mapping[str, float]) -> dict[str, float]:
        if null_odds is None:
            return dict(scores)
        return {
            key: float(not golds[key]) if null_odds[key] > threshold else score
            for key, score in scores.items()
        }

    exact_verdicts, f1_verdicts = verdicts(exact), verdicts(overlap)
    result: dict[str, float] = {}
    for prefix, keys in (
        ("", list(golds)),
        ("HasAns_", [key for key in golds if golds[key]]),
        ("NoAns_", [key for key in golds if not golds[key]]),
    ):
        if keys:
            total = len(keys)
            result[f"{prefix}exact"] = 100.0 * sum(exact_verdicts[key] for key in keys) / total
            result[f"{prefix}f1"] = 100.0 * sum(f1_verdicts[key] for key in keys) / total
            result[f"{prefix}total"] = total
    if null_odds is not None:
        for name, scores in (("exact", exact), ("f1", overlap)):
            best, at = _best_threshold(predictions, golds, scores, null_odds)
            result[f"best_{name}"], result[f"best_{name}_thresh"] = best, at
    return result


def multi_span_scores(
    predictions: Mapping[str, Collection[str]], golds: Mapping[str, Collection[str]]
) -> dict[str, float]:
    """Score answers of several spans (question id -> texts) as MultiSpanQA does, by its key names.

    Scores are percentages, micro over all questions: precision over predicted spans, recall over
    golds. `em_`: of spans that equal one of the other side. `overlap_`: of each span the largest
    share that a run of characters has which a span of the other side holds, too. Texts are
    normalised, and count once in a question; no span counts as one, and so does "".

    Li et al. 2022, "MultiSpanQA: A Dataset for Multi-Span Question Answering", as its
    src/eval_script.py (github.com/haonan-li/MultiSpanQA) computes it. Raises DataError as
    `squad_scores` does.
    """
    if not golds:
        raise DataError("expected at least one question to score, found none: check the data file")
    _require(golds, predictions, "prediction")
    normal = {key: [sorted({*map(normalize_answer, of[key])}) for of in (predictions, golds)]
              for key in golds}  # fmt: skip
    counts = [sum(max(len(sides[n]), 1) for sides in normal.values()) for n in (0, 1)]
    equal = sum(len({*said} & {*right}) for said, right in normal.values())
    shares = [_overlap(said, right) for said, right in normal.values()]
    result: dict[str, float] = {}
    for name, found in (("em", (equal, equal)), ("overlap", map(sum, zip(*shares, strict=True)))):
        precision, recall = (part / count for part, count in zip(found, counts, strict=True))
        f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        scores = {"precision": precision, "recall": recall, "f1": f1}
        result |= {f"{name}_{key}": 100.0 * score for key, score in scores.items()}
    return result


def _overlap(said: Sequence[str], right: Sequence[str]) -> tuple[float, float]:
    """Of each predicted span, and of each gold, the largest share that the other side has; sums."""
    if not right or not any(said):
        both = float(not right and not any(said))
        return both, both
    runs = {
        (text, gold): SequenceMatcher(None, gold, text).find_longest_match().size
        for text, gold in product(said, right)
    }
    return (
        sum(max(runs[text, gold] for gold in right) / max(len(text), 1) for text in said),
        sum(max(runs[text, gold] for text in said) / max(len(gold), 1) for gold in right),
    )


def _require(golds: Mapping[str, object], given: Mapping[str, object], what: str) -> None:
    missing = [key for key in golds if key not in given]
    if missing:
        raise DataError(
            f"expected a {what} for each of {len(golds)} questions, found none for "
            f"{len(missing)} (first: {missing[0]!r}): score the output for this very data"
        )


def _best_threshold(
    predictions: Mapping[str, str],
    golds: Mapping[str, Sequence[str]],
    scores: Mapping[str, float],
    null_odds: Mapping[str, float],
) -> tuple[float, float]:
    """Sweep the threshold upwards from "never answer"; a tie is swept in the order of `null_odds`.

    That tie rule is the script's own: inside a tie it may find a score no threshold reaches.
    """
    score = best = float(sum(not texts for texts in golds.values()))
    best_at = 0.0
    for key in sorted(null_odds, key=null_odds.__getitem__):
        if key not in golds:
            continue
        if golds[key]:
            score += scores[key]
        elif predictions[key]:
            score -= 1
        if score > best:
            best, best_at = score, null_odds[key]
    return 100.0 * best / len(golds), best_at


class Bins(NamedTuple):
    """The non-empty bins of a reliability diagram, by rising confidence; arrays of one length."""

    size: NDArray[np.int64]  # verdicts in the bin
    confidence: NDArray[np.float64]  # mean in the bin
    accuracy: NDArray[np.float64]  # share of right verdicts in the bin


def reliability(
    confidence: ArrayLike,
    right: ArrayLike,
    bins: int = 15,
    binning: Literal["width", "mass"] = "width",
) -> Bins:
    """Group verdicts by confidence (probabilities) in bins of equal width, or of equal mass.

    Bins are closed on the right, as in Guo et al. 2017; equal confidences share a bin always.
    """
    scores, hits = _scored(confidence, right)
    if scores.min() < 0 or scores.max() > 1:
        raise DataError(
            f"expected probabilities between 0 and 1, found {scores.min():g} to {scores.max():g}: "
            "pass confidences, not logits"
        )
    inner = np.arange(1, bins) / bins
    edges = inner if binning == "width" else np.quantile(scores, inner)
    index = np.searchsorted(edges, scores, side="left")
    size = np.bincount(index, minlength=bins)
    used = size > 0
    return Bins(
        size[used],
        np.bincount(index, scores, bins)[used] / size[used],
        np.bincount(index, hits, bins)[used] / size[used],
    )


def ece(
    confidence: ArrayLike,
    right: ArrayLike,
    bins: int = 15,
    binning: Literal["width", "mass"] = "width",
) -> float:
    """Expected calibration error, 0 to 1: the mean gap of confidence and accuracy over `bins`.

    Guo et al. 2017, "On Calibration of Modern Neural Networks", equation 3.
    """
    size, mean, accuracy = reliability(confidence, right, bins, binning)
    return float(np.sum(size * np.abs(mean - accuracy)) / size.sum())


def auroc(confidence: ArrayLike, right: ArrayLike) -> float:
    """The chance that a right verdict outranks a wrong one, a tie counting half (Mann-Whitney U).

    0.5 is no better than chance; nan when all verdicts are right or all are wrong.
    """
    group, hits = _tie_groups(*_scored(confidence, right))
    wrong = group - hits
    pairs = hits.sum() * wrong.sum()
    if not pairs:
        return float("nan")
    wrong_below = wrong[::-1].cumsum()[::-1] - wrong
    return float(np.sum(hits * (wrong_below + wrong / 2)) / pairs)


def risk_coverage(
    confidence: ArrayLike, right: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Coverage k/n and risk for k = 1..n: the error rate of the k most confident verdicts.

    Inside a tie the risk is its mean over all orders of the tied verdicts.
    """
    group, hits = _tie_groups(*_scored(confidence, right))
    ends = np.concatenate([[0], group.cumsum()])
    errors = np.concatenate([[0], (group - hits).cumsum()])
    covered = np.arange(1, ends[-1] + 1)
    return covered / ends[-1], np.interp(covered, ends, errors) / covered


def aurc(confidence: ArrayLike, right: ArrayLike) -> float:
    """Area under the risk-coverage curve: the mean of its risks over all n coverages.

    Lower is better. Geifman & El-Yaniv 2017, "Selective Classification for Deep Neural Networks".
    """
    return float(risk_coverage(confidence, right)[1].mean())


def coverage_at_accuracy(confidence: ArrayLike, right: ArrayLike, accuracy: float) -> float:
    """The largest share of verdicts that a confidence threshold gives, at least so accurate.

    Tied verdicts are given or withheld together. 0.0 when no threshold is accurate enough.
    """
    group, hits = _tie_groups(*_scored(confidence, right))
    covered = group.cumsum()
    reached = covered[hits.cumsum() / covered >= accuracy]
    return float(reached.max(initial=0) / covered[-1])


def _scored(
    confidence: ArrayLike, right: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    scores, hits = np.asarray(confidence, dtype=np.float64), np.asarray(right, dtype=np.bool_)
    if scores.ndim != 1 or scores.shape != hits.shape or not scores.size:
        raise DataError(
            "expected one confidence and one right-or-wrong for each of at least one verdict, "
            f"found shapes {scores.shape} and {hits.shape}: pass two lists of the same length"
        )
    if np.isnan(scores).any():
        raise DataError("expected a number for every confidence, found nan: check the reader")
    order = np.lexsort((hits, scores))  # float sums, too, must not depend on the input order
    return scores[order], hits[order]


def _tie_groups(
    scores: NDArray[np.float64], hits: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Size and number of right verdicts of each distinct score, the highest score first."""
    _, index, count = np.unique(-scores, return_inverse=True, return_counts=True)
    return count, np.bincount(index, hits).astype(np.int64)
