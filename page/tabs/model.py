"""The tab about the model: what it is, how right it is, and what a review threshold would do."""

from __future__ import annotations

import math
import shlex
from pathlib import Path
from typing import Any

import gradio as gr

from page import messages
from page.html import model as render
from page.toast import LIVE
from qa_core.errors import SpanLoopError
from qa_core.evaluation.figures import FILE, Figures
from qa_core.evaluation.reporting import OURS, PLAIN
from qa_core.inference.answer import Answers

EVALUATE = "spanloop evaluate --data dev-v2.0.json"
FEWEST = 50  # answers from which a share of them is shown
COLOURS = {
    OURS: "#0d9488",
    PLAIN: "#d97706",
    messages.IDEAL: "#a8a29e",
}  # 3:1 on paper and in the dark


def measured(folder: Path) -> tuple[list[Figures], str]:
    """The figures beside a model, of a data set each, or why there are none."""
    try:
        return Figures.load_all(folder), ""
    except SpanLoopError as error:
        return [], str(error)


def build(reader: Answers, folder: Path, blocks: gr.Blocks, threshold: float) -> None:
    """The tab's components and what they do, in the Blocks that is being built."""
    every, trouble = measured(folder)
    with gr.Column(elem_id="sl-model"):
        if not every:
            gr.HTML(render.not_measured(to_measure(folder), trouble), elem_id="sl-unmeasured")
            show_card(folder)
        else:
            gr.HTML(render.in_brief(*every), elem_id="sl-in-brief")
            with gr.Accordion(messages.MORE_FIGURES, open=False, elem_id="sl-model-more"):
                show(every[0], reader, blocks, threshold)
                for other in every[1:]:
                    gr.HTML(render.other_scores(other))
                show_card(folder)


def show_card(folder: Path) -> None:
    """The model card, to be opened."""
    with gr.Accordion(messages.MODEL_CARD, open=False, elem_id="sl-model-card"):
        gr.HTML(render.card(card(folder)))


def show(figures: Figures, reader: Answers, blocks: gr.Blocks, threshold: float) -> None:
    """Threshold, scores and plots of what was measured."""

    def source() -> Any:
        return render.source(figures, reader.model.rpartition("@")[2])

    whose = gr.HTML(source(), elem_id="sl-measured")
    blocks.load(  # another version may serve by then
        source,
        None,
        whose,
        queue=False,
        show_progress="hidden",
        api_visibility="private",
    )
    with gr.Row():
        with gr.Column(scale=2, min_width=300):
            slider = gr.Slider(
                0,
                1,
                value=threshold,
                step=0.01,
                label=messages.THRESHOLD,
                info=messages.THRESHOLD_INFO,
                elem_id="sl-threshold",
                buttons=[],
            )
        with gr.Column(scale=3, min_width=300):
            shares = gr.HTML(render.review(figures, threshold), elem_id="sl-would", js_on_load=LIVE)
    slider.change(
        lambda threshold: render.review(figures, threshold),
        slider,
        shares,
        queue=False,
        show_progress="hidden",
        api_visibility="private",
    )
    with gr.Row(elem_id="sl-plots"):
        with gr.Column(min_width=300):
            plot(
                reliability(figures),
                title=messages.RELIABILITY,
                axes=messages.RELIABILITY_AXES,
                top=100,
            )
            gr.HTML(
                render.told(
                    messages.reliability(*points(figures, "ece")),
                    messages.BINS,
                    reliability(figures),
                )
            )
        with gr.Column(min_width=300):
            plot(
                risk_coverage(figures),
                title=messages.RISK,
                axes=messages.RISK_AXES,
                top=10 * math.ceil(max(row["y"] for row in risk_coverage(figures)) / 10),
            )
            gr.HTML(
                render.told(
                    messages.risk(*points(figures, "coverage_at_80")),
                    messages.POINTS,
                    thinned(risk_coverage(figures)),
                )
            )
    gr.HTML(render.scores(figures), elem_id="sl-scores")


def plot(series: list[dict[str, Any]], *, title: str, axes: tuple[str, str], top: float) -> None:
    """A line for each series."""
    import pandas

    x, y = axes
    gr.LinePlot(
        pandas.DataFrame([{x: row["x"], y: row["y"], "of": row["of"]} for row in series]),
        x=x,
        y=y,
        color="of",
        color_map=COLOURS,
        title=title,
        x_lim=[0, 100],
        y_lim=[0, top],
        color_title=" ",
        height=320,
        tooltip="all",
        buttons=[],
    )


def reliability(figures: Figures) -> list[dict[str, Any]]:
    """Points of the reliability diagram, in percent."""
    return [
        {"of": name, "x": round(100 * at, 1), "y": round(100 * right, 1)}
        for name, curve in figures.reliability.items()
        for at, right in zip(curve["confidence"], curve["accuracy"], strict=True)
    ] + [{"of": messages.IDEAL, "x": value, "y": value} for value in (0, 100)]


def risk_coverage(figures: Figures) -> list[dict[str, Any]]:
    """Points of the risk-coverage curves, in percent; none of fewer answers than `FEWEST`."""
    return [
        {"of": name, "x": round(100 * at, 1), "y": round(100 * risk, 1)}
        for name, curve in figures.risk_coverage.items()
        for at, risk in zip(curve["coverage"], curve["risk"], strict=True)
        if at * figures.questions >= FEWEST
    ]


def thinned(series: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """For each line, its points next to 10, 20, … 100 on the x axis."""
    lines = [[row for row in series if row["of"] == name] for name in (OURS, PLAIN)]
    return [
        min(line, key=lambda row: abs(row["x"] - tenth))
        for line in lines
        for tenth in range(10, 101, 10)
    ]


def points(figures: Figures, name: str) -> tuple[float, float]:
    """A figure of trust, in percent: of the confidence, and of the plain softmax."""
    return (
        100 * getattr(figures.trust[OURS], name),
        100 * getattr(figures.trust[PLAIN], name),
    )


def to_measure(folder: Path) -> str:
    """The command that measures a model."""
    target = shlex.join(["--model", str(folder), "--figures", str(folder / FILE)])
    return f"{EVALUATE} {target}"


def card(folder: Path) -> str | None:
    """The model card of a model's folder in Markdown; None if there is none."""
    try:
        return (folder / "README.md").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
