"""Review campaigns as files and as curves: F1 against reviews."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from annotation.campaigns.simulation import Campaign, Point
from qa_core.errors import DataError, one_line
from qa_core.evaluation.plots import COLOURS, INK, blank, legend, tidy

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def save(path: Path, campaign: Campaign, points: Sequence[Point], **about: Any) -> None:
    """Write a campaign as JSON, in one step. about: what else to record of it."""
    record = {
        "campaign": asdict(campaign),
        **about,
        "points": [asdict(point) for point in points],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}")
    draft.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    draft.replace(path)


def read(path: Path) -> tuple[Campaign, list[Point]]:
    """A campaign that `save` wrote. Raises DataError."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        points = [
            Point(**point | {"objections": tuple(point["objections"])})
            for point in record["points"]
        ]
        return Campaign(**record["campaign"]), points
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"expected a campaign in {path}, found something else ({one_line(error)}): delete it, "
            "and simulate again"
        ) from error


def plot(campaigns: Mapping[str, Sequence[Sequence[Point]]], names: Sequence[str]) -> Figure:
    """F1 of the version that serves against reviews, one panel for each of the test sets' names.

    campaigns: by label, the same campaign with several seeds; the line is their mean, the band
    reaches from the worst to the best.
    """
    figure = blank(5.2 * len(names), 4.2)
    panels = figure.subplots(1, len(names), squeeze=False)[0]
    for axes, name in zip(panels, names, strict=True):
        for (label, seeds), colour in zip(campaigns.items(), COLOURS, strict=False):
            reviews = [point.reviews for point in seeds[0]]
            f1 = np.array([[point.serving[name]["f1"] for point in points] for points in seeds])
            axes.plot(reviews, f1.mean(axis=0), color=colour, marker="o", markersize=4, label=label)
            axes.fill_between(
                reviews, f1.min(axis=0), f1.max(axis=0), color=colour, alpha=0.12, linewidth=0
            )
        axes.set(xlabel="reviews", ylabel="F1")
        axes.set_title(name, loc="left", fontweight="bold", color=INK)
        tidy(axes, shares=False)
    legend(panels[0], "lower right")
    return figure
