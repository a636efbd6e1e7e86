"""Fitting a model's threshold and confidence to questions it has not learned from."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qa_core.data.augmentation import augment, lengthen
from qa_core.data.examples import Example
from qa_core.errors import DataError
from qa_core.evaluation import metrics
from qa_core.inference.confidence import (
    ANSWERABLE,
    FEATURES,
    MATCH,
    METHODS,
    SLOPE,
    Calibration,
    Estimator,
    Method,
    features,
)
from qa_core.inference.odds import FloatArray, logit
from qa_core.inference.reader import Reader
from qa_core.inference.spans import Reading

FOLDS = 5
SEED = 0
SHARES = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8)  # of answerable questions, as one may expect them
RESAMPLES = 50
UNSEEN = Path(__file__).parent / "unseen.json"
"""Questions on texts written for this project, from which no model of it has learned: held-out
paragraphs of the training data are easier, because their articles and writers are known."""

BoolArray = NDArray[np.bool_]
Fitter = Callable[[int, FloatArray, BoolArray, FloatArray], Estimator]


def calibrate(
    folder: Path,
    examples: Sequence[Example],
    *,
    answerable_share: float | None = None,
    min_golds: int = 1,
    messy: float = 0.0,
    lengthened: float = 0.0,
    backend: str = "auto",
    progress: bool = True,
) -> Calibration:
    """Fit threshold and confidence on held-out examples and store them with the model.

    answerable_share: share of answerable questions to expect in use (0 to 1), by default the
    data's. min_golds: see `fit`. messy, lengthened: shares (0 to 1) of the questions that are asked
    as people type and say them (`augment`), and in the midst of other texts (`lengthen`), so that
    confidence holds there, too. Raises DataError, InputError or ModelError.
    """
    fair = paired([e.context for e in examples], np.array([e.answerable for e in examples], bool))
    examples = [e for e, f in zip(examples, fair, strict=True) if f or len(e.answers) >= min_golds]
    groups = [example.context for example in examples]
    examples = lengthen(augment(examples, messy, seed=SEED), lengthened, seed=SEED)
    reader = Reader.load(folder, backend=backend)
    pairs = [example.pair for example in examples]
    readings = [reading for _, reading in reader.read(pairs, top_k=2, progress=progress)]
    calibration = fit(
        readings,
        [
            e.context[r.spans[0].start : r.spans[0].end] if r.spans else ""
            for e, r in zip(examples, readings, strict=True)
        ],
        [[gold.text for gold in e.answers] for e in examples],
        groups,
        answerable_share=answerable_share,
        min_golds=min_golds,
    )
    digest = hashlib.sha256("\n".join(sorted(e.id for e in examples)).encode()).hexdigest()
    calibration.fitted.update(
        backend=reader.backend.name, ids_sha256=digest, messy=messy, lengthened=lengthened
    )
    calibration.save(folder)
    return calibration


def balance(answerable: NDArray[np.bool_], share: float | None) -> FloatArray:
    """float64 ``[n]``: weights that give answerable questions ``share`` of the whole.

    None leaves the data's own share. Weights average 1.
    """
    if share is None:
        return np.ones(len(answerable))
    yes, no = answerable.sum(), (~answerable).sum()
    if not yes or not no:
        raise DataError(
            f"expected answerable and unanswerable questions, found {yes} and {no}; "
            "give data with both, or no share of answerable ones"
        )
    return len(answerable) * np.where(answerable, share / yes, (1 - share) / no)


def paired(groups: Sequence[str], answerable: BoolArray) -> BoolArray:
    """bool ``[n]``: the questions of groups that have answerable and unanswerable ones.

    Elsewhere the text or the style of its questions gives away that there is an answer, and a
    model fitted to it seems surer than it may be. All questions where there are too few.
    """
    both = {g for g, a in zip(groups, answerable, strict=True) if a}
    both &= {g for g, a in zip(groups, answerable, strict=True) if not a}
    fair = np.array([group in both for group in groups], bool)
    if min((fair & answerable).sum(), (fair & ~answerable).sum()) < 10 * FOLDS:
        return np.ones(len(fair), bool)
    return fair


def best_threshold(
    null_odds: FloatArray, f1: FloatArray, answerable: NDArray[np.bool_], weights: FloatArray
) -> float:
    """The null odds (logits) that part the verdicts with the highest weighted mean F1.

    f1: float64 ``[n]``, of the best span where the question is answerable. Between two observed
    odds the threshold lies half way.
    """
    order = np.argsort(null_odds, kind="stable")
    gain = np.where(answerable, f1, -1.0) * weights
    total = np.concatenate([[0.0], np.cumsum(gain[order])])
    ranked = null_odds[order]
    apart = np.concatenate([[True], ranked[1:] > ranked[:-1], [True]])
    at = int(np.where(apart, total, -np.inf).argmax())
    low = ranked[at - 1] if at else ranked[0] - 1
    high = ranked[at] if at < len(ranked) else ranked[-1] + 1
    return float((low + high) / 2)


def fit(
    readings: Sequence[Reading],
    texts: Sequence[str],
    golds: Sequence[Sequence[str]],
    groups: Sequence[str],
    *,
    answerable_share: float | None = None,
    min_golds: int = 1,
    folds: int = FOLDS,
) -> Calibration:
    """Fit threshold and confidence to held-out questions.

    texts: each best span's text. golds: each question's answers, none if unanswerable. groups:
    questions of one group (a paragraph) are never split between folds. answerable_share: the share
    of answerable questions to expect in use, if the data's share is another. min_golds: judge
    whether spans are right only by questions with as many gold answers; one person's answer makes
    a right span with other bounds look wrong. Threshold and P(answerable) are fitted to the groups
    that have both kinds of questions (`paired`). The threshold is fitted to F1, which forgives
    other bounds. For either factor every method of `METHODS` is cross-validated; the one with the
    least log loss is fitted to all. A span is right if it is an exact match. Raises DataError
    where there are too few questions to fit anything.
    """
    answerable = np.array([bool(gold) for gold in golds])
    judged = np.array([len(gold) >= min_golds for gold in golds]) & answerable
    exact = np.array([metrics.exact_match(t, g) for t, g in zip(texts, golds, strict=True)]) > 0
    overlap = np.array([metrics.f1(t, gold) for t, gold in zip(texts, golds, strict=True)])
    odds = np.array([reading.null_odds for reading in readings])
    fair = paired(groups, answerable)
    weights = balance(answerable[fair], answerable_share)
    threshold = best_threshold(odds[fair], overlap[fair], answerable[fair], weights)
    names, fold_of = np.unique(np.array(groups, dtype=object), return_inverse=True)
    fold_of = np.random.default_rng(0).permutation(len(names))[fold_of] % folds
    x = np.stack([features(r) if r.spans else np.zeros(len(FEATURES)) for r in readings])
    found: dict[str, Estimator] = {}
    record: dict[str, Any] = {
        "questions": len(readings),
        "answerable_share": answerable_share,
        "min_golds": min_golds,
    }
    for name, base, target, mask, w in (
        ("answerable", ANSWERABLE, answerable, fair, weights),
        ("match", MATCH, exact, judged, np.ones(judged.sum())),
    ):
        y = target[mask]
        if min(y.sum(), (~y).sum()) < 10 * folds:
            raise DataError(
                f"expected at least {10 * folds} questions for and against {name!r}, found "
                f"{y.sum()} and {(~y).sum()}; calibrate on more questions"
            )
        losses = {
            method: _cross_validate(FITTERS[method], base, x[mask], y, w, fold_of[mask])
            for method in METHODS
        }
        best = min(losses, key=losses.__getitem__)
        found[name] = FITTERS[best](base, x[mask], y, w)
        record[name] = {
            "questions": int(mask.sum()),
            "share": round(float(np.average(y, weights=w)), 4),
            "log_loss": {method: round(loss, 4) for method, loss in losses.items()},
        }
    return Calibration(
        threshold,
        found["answerable"],
        found["match"],
        share=float(np.average(answerable[fair], weights=weights)),
        slope=best_slope(odds[fair], overlap[fair], answerable[fair]),
        fitted=record,
    )


def best_slope(null_odds: FloatArray, f1: FloatArray, answerable: BoolArray) -> float:
    """Log-odds of the share of answerable questions that move the best threshold by a logit.

    That of the straight line through the best thresholds for `SHARES`, each the mean of those of
    resamples (Breiman 1996, "Bagging predictors"), since one alone moves by chance. How fast the
    log-odds of "answerable" fall with null odds says less: it is a mean over odds far from any
    threshold, too. More than 0.
    """
    finite = np.isfinite(null_odds)  # no threshold lies at the others
    null_odds, f1, answerable = null_odds[finite], f1[finite], answerable[finite]
    rng = np.random.default_rng(SEED)
    draws = rng.integers(0, len(null_odds), (RESAMPLES, len(null_odds)))
    drawn = [(null_odds[rows], f1[rows], answerable[rows]) for rows in draws]
    thresholds = [
        np.mean([best_threshold(*one, balance(one[-1], share)) for one in drawn])
        for share in SHARES
    ]
    rise = float(np.polyfit(logit(np.array(SHARES)), thresholds, 1)[0])
    return max(0.02, 1 / rise) if rise > 0 else SLOPE


def _cross_validate(
    fitter: Fitter,
    base: int,
    x: FloatArray,
    y: BoolArray,
    weights: FloatArray,
    fold_of: NDArray[np.int64],
) -> float:
    """Weighted mean log loss (nats) of folds left out of the fit."""
    p = np.empty(len(x))
    for fold in np.unique(fold_of):
        out = fold_of == fold
        p[out] = fitter(base, x[~out], y[~out], weights[~out]).probability(x[out])
    p = np.clip(p, 1e-4, 1 - 1e-4)
    return float(np.average(-np.log(np.where(y, p, 1 - p)), weights=weights))


def _fit_temperature(base: int, x: FloatArray, y: BoolArray, weights: FloatArray) -> Estimator:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=1e4, fit_intercept=False).fit(x[:, [base]], y, weights)
    return Estimator(base, "temperature", weights=(float(model.coef_[0, 0]),))


def _fit_isotonic(base: int, x: FloatArray, y: BoolArray, weights: FloatArray) -> Estimator:
    from sklearn.isotonic import IsotonicRegression

    model = IsotonicRegression(y_min=0.005, y_max=0.995).fit(x[:, base], y, weights)
    knots = zip(model.X_thresholds_.tolist(), model.y_thresholds_.tolist(), strict=True)
    return Estimator(base, "isotonic", knots=tuple(knots))


def _fit_logistic(base: int, x: FloatArray, y: BoolArray, weights: FloatArray) -> Estimator:
    from sklearn.linear_model import LogisticRegression

    mean, scale = x.mean(axis=0), x.std(axis=0)
    scale = np.where(scale > 1e-9, scale, 1.0)
    model = LogisticRegression(C=1.0, max_iter=1000).fit((x - mean) / scale, y, weights)
    return Estimator(
        base,
        "logistic",
        weights=tuple(model.coef_[0].tolist()),
        bias=float(model.intercept_[0]),
        mean=tuple(mean.tolist()),
        scale=tuple(scale.tolist()),
    )


FITTERS: dict[Method, Fitter] = {
    "softmax": lambda base, x, y, weights: Estimator(base),
    "temperature": _fit_temperature,
    "isotonic": _fit_isotonic,
    "logistic": _fit_logistic,
}
