"""An evaluation's report as text for the terminal, as files and as plots."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qa_core.errors import DataError
from qa_core.evaluation import metrics
from qa_core.evaluation.plots import COLOURS, DASHES, INK, MUTED, blank, legend, tidy

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from qa_core.evaluation.judging import Report

OURS, PLAIN = "confidence", "softmax product"
_COLOURS = {OURS: COLOURS[0], PLAIN: COLOURS[1]}
_ORDER = {OURS: 4, PLAIN: 3}


def confidences(report: Report) -> dict[str, list[float]]:
    """The two confidences in each verdict, under the names tables and plots give them."""
    answers = [judged.answer for judged in report.judgements]
    return {
        OURS: [answer.confidence for answer in answers],
        PLAIN: [answer.plain_confidence for answer in answers],
    }


def render(report: Report) -> str:
    """The report as two small tables of plain text."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    scores = report.scores

    def table(title: str, *columns: str) -> Table:
        grid = Table(title=title, title_justify="left", title_style="", box=box.SIMPLE_HEAD)
        for column in columns:
            grid.add_column(column, justify="right" if column else "left", no_wrap=True)
        return grid

    accuracy = table(report.model, "", "exact", "F1", "questions")
    for label, prefix in (
        ("all", ""),
        ("answerable", "HasAns_"),
        ("unanswerable", "NoAns_"),
    ):
        if f"{prefix}total" in scores:
            cells = [f"{scores[prefix + name]:.2f}" for name in ("exact", "f1")]
            accuracy.add_row(label, *cells, f"{scores[prefix + 'total']:,}")
    ends = [report.intervals[name] for name in ("exact", "f1")]
    accuracy.add_row("95 % interval, all", *(f"{low:.1f} to {high:.1f}" for low, high in ends))
    best = [(scores[f"best_{n}"], scores[f"best_{n}_thresh"]) for n in ("exact", "f1")]
    accuracy.add_row("all, threshold fitted to this data", *(f"{score:.2f}" for score, _ in best))
    accuracy.add_row("that threshold, null odds", *(f"{at:+.2f}" for _, at in best))

    fallen = table("Verdicts", "", "share")
    for label, share in (
        ("answerable, answered rightly (F1 at least 0.5)", report.verdicts.answered),
        ("answerable, declined", report.verdicts.declined),
        ("unanswerable, declined", report.verdicts.refused),
    ):
        if share is not None:
            fallen.add_row(label, f"{share:.1%}")
    if report.verdicts.auroc is not None:
        fallen.add_row("AUROC of null odds", f"{report.verdicts.auroc:.3f}")

    trust = table(
        "Right verdicts (exact match) told from wrong ones", "", "ECE", "AUROC", "AURC",
        "coverage at 80 % right", "at 90 % right",
    )  # fmt: skip
    for label, figures in ((OURS, report.confidence), (PLAIN, report.plain_confidence)):
        trust.add_row(
            label,
            f"{figures.ece:.3f}",
            "-" if figures.auroc is None else f"{figures.auroc:.3f}",
            f"{figures.aurc:.3f}",
            f"{figures.coverage_at_80:.1%}",
            f"{figures.coverage_at_90:.1%}",
        )

    several = table("Answers of several spans (MultiSpanQA)", "", "precision", "recall", "F1")
    for label, kind in (("exact", "em"), ("overlap", "overlap")):
        if "Several_total" in scores:
            names = (f"Several_{kind}_{name}" for name in ("precision", "recall", "f1"))
            several.add_row(label, *(f"{scores[name]:.2f}" for name in names))

    text = StringIO()
    console = Console(file=text, width=100, color_system=None)
    console.print(accuracy)
    if several.row_count:
        console.print(several)
    console.print(fallen)
    console.print(trust)
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines()).strip("\n")


def save(report: Report, folder: str | Path) -> None:
    """Write figures, single judgements and plots into a folder, which is made if need be.

    report.json; predictions.json, best_spans.json and null_odds.json (question id -> value, what
    the official script reads); details.jsonl, one question a line; reliability.png and
    risk_coverage.png. Raises DataError when the folder cannot be written.
    """
    folder = Path(folder)
    judged = {one.example.id: one for one in report.judgements}
    files: dict[str, Any] = {
        "report.json": report.to_dict(),
        "predictions.json": {key: one.answer.text for key, one in judged.items()},
        "best_spans.json": {key: one.best_span for key, one in judged.items()},
        "null_odds.json": {key: one.null_odds for key, one in judged.items()},
    }
    right = [one.right for one in report.judgements]
    plots = {
        "reliability.png": reliability_plot(confidences(report), right),
        "risk_coverage.png": risk_coverage_plot(confidences(report), right),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, value in files.items():
            (folder / name).write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")
        with (folder / "details.jsonl").open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(one.to_dict()) + "\n" for one in report.judgements)
        for name, figure in plots.items():
            figure.savefig(folder / name, dpi=160)
    except OSError as error:
        raise DataError(
            f"expected a folder to write the report to, found {str(folder)!r} "
            f"({error.strerror}): name another"
        ) from error


def reliability_plot(confidences: Mapping[str, Sequence[float]], right: Sequence[bool]) -> Figure:
    """Accuracy against confidence in 15 bins, with 95 % intervals (Wilson) and bin sizes."""
    figure = blank(5.2, 6.0)
    main, below = figure.subplots(2, 1, sharex=True, height_ratios=[4, 1])
    for name, confidence in confidences.items():
        size, mean, accuracy = metrics.reliability(confidence, right)
        main.errorbar(
            mean, accuracy, yerr=_wilson_margins(accuracy, size), color=_COLOURS[name],
            marker="o", markersize=5, linewidth=1.6, elinewidth=1, zorder=_ORDER[name],
            label=f"{name}: ECE {metrics.ece(confidence, right):.3f}",
        )  # fmt: skip
        below.hist(
            confidence, np.linspace(0, 1, 16), weights=np.full(len(right), 1 / len(right)),
            histtype="stepfilled" if name == OURS else "step", alpha=0.55 if name == OURS else 1,
            color=_COLOURS[name],
        )  # fmt: skip
    main.plot([0, 1], [0, 1], color=MUTED, linewidth=1, linestyle=DASHES, label="ideal")
    main.set(xlim=(0, 1), ylim=(0, 1), ylabel="verdicts that are right")
    main.set_title("Is the confidence right?", loc="left", fontweight="bold", color=INK)
    below.set(xlabel="confidence in the verdict", ylabel="share")
    tidy(main)
    tidy(below)
    legend(main)
    return figure


def risk_coverage_plot(confidences: Mapping[str, Sequence[float]], right: Sequence[bool]) -> Figure:
    """Share of wrong verdicts among the most confident ones, against how many those are."""
    figure = blank(6.4, 4.6)
    axes = figure.subplots()
    levels = (0.9, 0.8)
    for accuracy in levels:
        axes.axhline(1 - accuracy, color=MUTED, linewidth=1, linestyle=DASHES)
        axes.annotate(
            f"{accuracy:.0%} right", (0, 1 - accuracy), xytext=(4, 3),
            textcoords="offset points", color=MUTED, fontsize=8,
        )  # fmt: skip
    for name, confidence in confidences.items():
        colour, order = _COLOURS[name], _ORDER[name]
        label = f"{name}: AURC {metrics.aurc(confidence, right):.3f}"
        coverage, risk = metrics.risk_coverage(confidence, right)
        axes.plot(coverage, risk, color=colour, linewidth=1.8, label=label, zorder=order)
        reached = [metrics.coverage_at_accuracy(confidence, right, level) for level in levels]
        marks = [round(at * len(risk)) - 1 for at in reached if at]
        axes.plot(coverage[marks], risk[marks], "o", color=colour, markersize=5, zorder=order)
    coverage, risk = metrics.risk_coverage(np.asarray(right, float), right)
    axes.plot(coverage, risk, color=MUTED, linewidth=1, label="ideal")
    axes.set(xlim=(0, 1), ylim=(0, max(0.25, 1.05 - np.mean(right))))
    axes.set(xlabel="verdicts given, most confident first", ylabel="verdicts that are wrong")
    axes.set_title("Error rate by share answered", loc="left", fontweight="bold", color=INK)
    tidy(axes)
    legend(axes)
    return figure


def _wilson_margins(
    share: NDArray[np.float64], size: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How far the 95 % interval of a binomial share (Wilson 1927) reaches below and above it."""
    z = 1.959964
    centre = (share + z**2 / (2 * size)) / (1 + z**2 / size)
    half = z / (1 + z**2 / size) * np.sqrt(share * (1 - share) / size + z**2 / (4 * size**2))
    return np.maximum(share - centre + half, 0), np.maximum(centre + half - share, 0)
