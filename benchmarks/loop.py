"""Does reviewing pay, and which questions should people see first?

    python -m benchmarks.loop --domain covid=covid.train.json.gz:covid.test.json.gz \
        --domain policies=policies.json.gz --replay train-v2.0.json.gz \
        --forgetting dev-v2.0.json.gz --output runs/loop

For each domain, ordering and seed a campaign as `python -m annotation simulate` runs it, each in a
process of its own. One that is there already is not run again, so that the benchmark goes on where
it was stopped. Prints F1 on the domain before and after, and the change on ``--forgetting``; draws
a curve for each domain.
"""

from __future__ import annotations

import itertools
import json
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from annotation.campaigns import curves
from annotation.campaigns.orderings import ORDERINGS, Name
from annotation.campaigns.simulation import Campaign, Point


def run(
    domain: str,
    campaign: Campaign,
    folder: Path,
    options: list[str],
    forgetting: str,
) -> list[Point]:
    """The points of a campaign, from its file if it was run before."""
    stream, _, test = domain.partition(":")
    path = folder / "curve.json"
    if not path.exists() or curves.read(path)[1][-1].reviews < campaign.reviews:
        command = [
            sys.executable, "-m", "annotation", "simulate",
            *(part for one in stream.split(",") for part in ("--data", one)),
            *(("--test", test) if test else ()),
            "--evaluate", forgetting, "--ordering", campaign.ordering,
            "--reviews", str(campaign.reviews), "--every", str(campaign.every),
            "--wrong", str(campaign.wrong), "--seed", str(campaign.seed),
            "--output", str(folder), *options,
        ]  # fmt: skip
        subprocess.run(command, check=True)
    return curves.read(path)[1]


def row(campaigns: list[list[Point]]) -> dict[str, Any]:
    """The means over seeds: F1 on the domain at the start and the end, and what it cost."""
    domain, forgotten = campaigns[0][0].serving

    def mean(name: str, at: int, what: str = "serving") -> float:
        return statistics.mean(getattr(points[at], what)[name]["f1"] for points in campaigns)

    return {
        "seeds": len(campaigns),
        "before": mean(domain, 0),
        "after": mean(domain, -1),
        "gain": mean(domain, -1) - mean(domain, 0),
        "gain_of_each": [
            points[-1].serving[domain]["f1"] - points[0].serving[domain]["f1"]
            for points in campaigns
        ],
        "forgetting": mean(forgotten, -1) - mean(forgotten, 0),
        "candidate_gain": mean(domain, -1, "candidate") - mean(domain, 0),
        "promoted": sum(not point.objections for points in campaigns for point in points[1:]),
        "trained": sum(len(points) - 1 for points in campaigns),
        "worse_promoted": sum(
            not later.objections and later.serving[domain]["f1"] < earlier.serving[domain]["f1"]
            for points in campaigns
            for earlier, later in itertools.pairwise(points)
        ),
        "accepted": statistics.mean(points[-1].accepted or 0.0 for points in campaigns),
        "seconds": statistics.mean(point.seconds for points in campaigns for point in points[1:]),
    }


def main(
    domain: Annotated[list[str], typer.Option(help="NAME=DATA[,DATA...][:TEST]; repeatable.")],
    forgetting: Annotated[str, typer.Option(help="SQuAD file whose F1 shall not fall.")],
    output: Annotated[Path, typer.Option(help="Folder for campaigns and curves.")],
    replay: Annotated[str | None, typer.Option(help="What not to forget.")] = None,
    model: Annotated[Path | None, typer.Option(help="Model folder to start from.")] = None,
    ordering: Annotated[list[Name] | None, typer.Option(help="Repeatable; else all.")] = None,
    seeds: Annotated[int, typer.Option(min=1)] = 3,
    reviews: Annotated[int, typer.Option(min=1)] = 200,
    every: Annotated[int, typer.Option(min=1)] = 100,
    wrong: Annotated[float, typer.Option(min=0, max=1)] = 0.0,
    limit: Annotated[int, typer.Option(help="Questions to judge by, at most.")] = 1000,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Print F1 before and after campaigns of reviews, for each domain and ordering."""
    options = ["--limit", str(limit)]
    options += ["--replay", replay] if replay else []
    options += ["--model", str(model)] if model else []
    rows = []
    for named in domain:
        name, _, data = named.partition("=")
        drawn: dict[str, list[list[Point]]] = {}
        for order in ordering or ORDERINGS:
            drawn[order] = [
                run(
                    data,
                    Campaign(order, reviews, every, wrong, seed),
                    output / name / f"{order}-wrong{wrong:g}-seed{seed}",
                    options,
                    forgetting,
                )
                for seed in range(seeds)
            ]
            rows.append({"domain": name, "ordering": order, "wrong": wrong, **row(drawn[order])})
            if not as_json:
                print(json.dumps(rows[-1]), flush=True)
        tests = list(next(iter(drawn.values()))[0][0].serving)
        curves.plot(drawn, tests).savefig(output / f"{name}-wrong{wrong:g}.png", dpi=160)
    (output / f"loop-wrong{wrong:g}.json").write_text(json.dumps(rows, indent=1) + "\n")
    if as_json:
        print(json.dumps(rows))


if __name__ == "__main__":
    typer.run(main)
