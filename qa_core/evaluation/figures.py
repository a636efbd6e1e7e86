"""What was measured of a model on one data set or several, as ``figures.json`` beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from qa_core.errors import DataError, InputError, ModelError
from qa_core.evaluation import metrics
from qa_core.evaluation.judging import Report, Trust
from qa_core.evaluation.reporting import confidences

FILE = "figures.json"
FORMAT = 2  # of several evaluations; 1 held one
STEPS = 200  # thresholds from 0 to 1, and points of a curve

Curve = dict[str, list[float]]


@dataclass(frozen=True, slots=True)
class ThresholdPoint:
    """What a review threshold comes to on the measured questions; all shares from 0 to 1.

    share: of verdicts that go to people, their confidence being below the threshold. right: of
    the others, those that are right (exact match); None if there are none. right_of_all: of all.
    """

    threshold: float
    share: float
    right: float | None
    right_of_all: float
    questions: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Scores, trust and curves of one evaluation.

    model: name and version of the model. data: names of the data sets. date: ISO 8601.
    command: what measures it again. scores and intervals: percentages, as in `Report`. trust:
    `Trust` of each confidence. reliability: for each confidence, its bins' ``size``,
    ``confidence`` and ``accuracy``. risk_coverage: likewise, ``coverage`` and ``risk``.
    covered, right: of the confidence's verdicts, how many are at least ``i / STEPS``, and how many
    of those are right.
    """

    model: str
    data: tuple[str, ...]
    date: str
    command: str
    questions: int
    scores: Mapping[str, float]
    intervals: Mapping[str, Sequence[float]]
    trust: Mapping[str, Trust]
    reliability: Mapping[str, Curve]
    risk_coverage: Mapping[str, Curve]
    covered: tuple[int, ...]
    right: tuple[int, ...]

    @classmethod
    def of(cls, report: Report, data: Sequence[str], date: str, command: str) -> Figures:
        """The figures of a report, rounded to four digits."""
        right = np.array([judged.right for judged in report.judgements])
        given = {name: np.array(values) for name, values in confidences(report).items()}
        ours = next(iter(given.values()))
        reached = [ours >= step / STEPS for step in range(STEPS + 1)]
        reliability, curves = {}, {}
        for name, confidence in given.items():
            bins = metrics.reliability(confidence, right)
            reliability[name] = {key: _rounded(v) for key, v in bins._asdict().items()}
            coverage, risk = metrics.risk_coverage(confidence, right)
            at = np.unique(np.linspace(0, len(risk) - 1, STEPS).round().astype(int))
            curves[name] = {"coverage": _rounded(coverage[at]), "risk": _rounded(risk[at])}
        return cls(
            model=report.model,
            data=tuple(data),
            date=date,
            command=command,
            questions=len(right),
            scores={name: round(value, 4) for name, value in report.scores.items()},
            intervals={name: _rounded(np.array(v)) for name, v in report.intervals.items()},
            trust=dict(zip(given, (report.confidence, report.plain_confidence), strict=True)),
            reliability=reliability,
            risk_coverage=curves,
            covered=tuple(int(which.sum()) for which in reached),
            right=tuple(int((which & right).sum()) for which in reached),
        )

    def review(self, threshold: float) -> ThresholdPoint:
        """What would go to people at a threshold, taken to the nearest that was measured."""
        if not 0 <= threshold <= 1:
            raise InputError(f"threshold: expected 0 to 1, found {threshold}")
        step = round(threshold * STEPS)
        covered, right = self.covered[step], self.right[step]
        return ThresholdPoint(
            threshold=step / STEPS,
            share=1 - covered / self.questions,
            right=right / covered if covered else None,
            right_of_all=self.right[0] / self.questions,
            questions=self.questions,
        )

    def save(self, path: Path) -> None:
        """Write ``figures.json``, or add to it.

        Those of the same data go; so do those of another version of the model, or of a file that
        cannot be read. Raises DataError if it cannot be written.
        """
        try:
            others = _read(path) if path.exists() else []
        except ValueError:
            others = []
        measured = [self if one.data == self.data else one for one in others]
        measured = [one for one in measured if one.model == self.model]
        if self not in measured:
            measured.append(self)
        record = {"format": FORMAT, "measured": [asdict(one) for one in measured]}
        try:
            path.write_text(json.dumps(record) + "\n", "utf-8")
        except OSError as error:
            raise DataError(
                f"expected a file that can be written, found {str(path)!r} ({error.strerror}); "
                "name another"
            ) from error

    @classmethod
    def load(cls, folder: Path) -> Figures | None:
        """The first figures stored with a model, None if there are none. Raises ModelError."""
        return next(iter(cls.load_all(folder)), None)

    @classmethod
    def load_all(cls, folder: Path) -> list[Figures]:
        """All figures stored with a model, of a data set each. Raises ModelError."""
        path = folder / FILE
        if not path.exists():
            return []
        try:
            return _read(path)
        except (OSError, ValueError) as error:
            raise ModelError(
                f"{path} cannot be read ({error}): measure again with `spanloop evaluate --figures`"
            ) from error


def _read(path: Path) -> list[Figures]:
    """What a file holds. Raises OSError or ValueError."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        version = record.pop("format")
        if version not in (1, FORMAT):
            raise ValueError("another format")
        return [_figures(one) for one in ([record] if version == 1 else record["measured"])]
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{error!r}") from error


def _figures(record: dict[str, Any]) -> Figures:
    record["trust"] = {name: Trust(**value) for name, value in record["trust"].items()}
    if "kept" in record:  # as older files call it
        record["covered"] = record.pop("kept")
    for name in ("data", "covered", "right"):
        record[name] = tuple(record[name])
    if not len(record["covered"]) == len(record["right"]) == STEPS + 1:
        raise ValueError(f"expected {STEPS + 1} thresholds")
    return Figures(**record)


def _rounded(values: Any) -> list[float]:
    return [round(float(value), 4) for value in values]
