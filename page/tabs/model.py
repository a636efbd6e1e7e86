"""The tab about the model: what it is, how right it is, and what a review threshold would do."""

from __future__ import annotations

import math
import re
import shlex
from pathlib import Path
from typing import Any

import gradio as gr
from markdown_it import MarkdownIt
from markdown_it.token import Token

from page.html.grid import grid
from page.html.passage import escape
from page.toast import LIVE
from qa_core.errors import SpanLoopError
from qa_core.evaluation.figures import FILE, Figures
from qa_core.evaluation.reporting import OURS, PLAIN
from qa_core.inference.answer import Answers

IDEAL = "ideal"
COLOURS = {OURS: "#0d9488", PLAIN: "#d97706", IDEAL: "#a8a29e"}  # 3:1 on paper and in the dark
FACTS = ("license", "language", "base_model", "datasets")


def measured(folder: Path) -> tuple[Figures | None, str]:
    """The figures beside a model, or why there are none."""
    try:
        return Figures.load(folder), ""
    except SpanLoopError as error:
        return None, str(error)


def build(reader: Answers, folder: Path, blocks: gr.Blocks, threshold: float) -> None:
    """The tab's components and what they do, in the Blocks that is being built."""
    figures, trouble = measured(folder)
    with gr.Column(elem_id="sl-model"):
        if figures is None:
            gr.HTML(not_measured(folder, trouble), elem_id="sl-unmeasured")
        else:
            show(figures, reader, blocks, threshold)
        with gr.Accordion("Model card", open=figures is None, elem_id="sl-model-card"):
            gr.HTML(card(folder))


def show(figures: Figures, reader: Answers, blocks: gr.Blocks, threshold: float) -> None:
    """Threshold, scores and plots of what was measured."""
    whose = gr.HTML(source(figures, reader), elem_id="sl-measured")
    blocks.load(  # another version may serve by then
        lambda: source(figures, reader),
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
                label="Review threshold",
                info="Answers less confident than this would go to people.",
                elem_id="sl-threshold",
                buttons=[],
            )
        with gr.Column(scale=3, min_width=300):
            shares = gr.HTML(review(figures, threshold), elem_id="sl-review", js_on_load=LIVE)
    slider.change(
        lambda threshold: review(figures, threshold),
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
                title="Is the confidence right?",
                x="confidence, %",
                y="right, %",
                top=100,
            )
            gr.HTML(told(reliability_in_words(figures), "Bins", reliability(figures)))
        with gr.Column(min_width=300):
            plot(
                risk_coverage(figures),
                title="Error rate by share answered",
                x="answers given, the surest first, %",
                y="wrong, %",
                top=10 * math.ceil(max(row["y"] for row in risk_coverage(figures)) / 10),
            )
            gr.HTML(told(risk_in_words(figures), "Points", thinned(risk_coverage(figures))))
    gr.HTML(scores(figures), elem_id="sl-scores")


def plot(series: list[dict[str, Any]], *, title: str, x: str, y: str, top: float) -> None:
    """A line for each series."""
    import pandas

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
    ] + [{"of": IDEAL, "x": value, "y": value} for value in (0, 100)]


def risk_coverage(figures: Figures) -> list[dict[str, Any]]:
    """Points of the risk-coverage curves, in percent."""
    return [
        {"of": name, "x": round(100 * at, 1), "y": round(100 * risk, 1)}
        for name, curve in figures.risk_coverage.items()
        for at, risk in zip(curve["coverage"], curve["risk"], strict=True)
    ]


def thinned(series: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """For each line, its points next to 10, 20, … 100 on the x axis."""
    lines = [[row for row in series if row["of"] == name] for name in (OURS, PLAIN)]
    return [
        min(line, key=lambda row: abs(row["x"] - tenth))
        for line in lines
        for tenth in range(10, 101, 10)
    ]


def reliability_in_words(figures: Figures) -> str:
    """What the reliability diagram shows."""
    ours, plain = (100 * figures.trust[name].ece for name in (OURS, PLAIN))
    return (
        f"On average the confidence is {ours:.1f} points away from the share that was right "
        f"(expected calibration error); for the softmax product that other readers report, it is "
        f"{plain:.1f} points."
    )


def risk_in_words(figures: Figures) -> str:
    """What the risk-coverage curves show."""
    ours, plain = (100 * figures.trust[name].coverage_at_80 for name in (OURS, PLAIN))
    return (
        f"If 80% of the answers given must be right, {ours:.0f}% of the questions can be answered "
        f"without people (by the softmax product, {plain:.0f}%)."
    )


def told(words: str, title: str, series: list[dict[str, Any]]) -> str:
    """A plot in words, and its points as a table."""
    body = "".join(
        f'<tr><td>{row["of"]}</td><td class="sl-number">{row["x"]:.0f}</td>'
        f'<td class="sl-number">{row["y"]:.1f}</td></tr>'
        for row in series
    )
    head = '<th>line</th><th class="sl-number">x, %</th><th class="sl-number">y, %</th>'
    return (
        f'<div class="sl-quiet"><p>{words}</p><details><summary>{title} as a table</summary>'
        f"{grid(title, head, body)}</details></div>"
    )


def source(figures: Figures, reader: Answers) -> str:
    """What was measured, on what, when and how."""
    mine, theirs = (name.rpartition("@")[2] for name in (reader.model, figures.model))
    note = ""
    if mine != theirs:
        note = (
            f"<p><b>These figures are of version {escape(theirs)}; the page answers with "
            f"{escape(mine)}.</b> Measure it with the command below.</p>"
        )
    data = ", ".join(map(escape, figures.data))
    return (
        f'<div class="sl-panel{" sl-wrong" if note else ""}">{note}<p>Measured on'
        f" {figures.questions:,} questions that the model had never seen ({data}) on"
        f" {escape(figures.date)}. Other kinds of text can be harder.</p>"
        f"<details><summary>Measure again</summary><p><code>{escape(figures.command)}</code></p>"
        "</details></div>"
    )


def review(figures: Figures, threshold: float) -> str:
    """What would go to people at a threshold, and how right the rest would be."""
    found = figures.review(threshold)
    rest = "nothing is left" if found.right is None else f"{found.right:.1%} right"
    return (
        '<div class="sl-panel"><dl class="sl-shares">'
        f'<div><dt>go to people</dt><dd id="sl-share">{found.share:.1%}</dd></div>'
        f'<div><dt>of the rest</dt><dd id="sl-right">{rest}</dd></div>'
        f"<div><dt>of all, unreviewed</dt><dd>{found.right_of_all:.1%} right</dd></div></dl></div>"
    )


def scores(figures: Figures) -> str:
    """Exact match, F1 and trust as tables."""
    rows = []
    for label, prefix in (
        ("all questions", ""),
        ("answerable", "HasAns_"),
        ("unanswerable", "NoAns_"),
    ):
        if f"{prefix}total" not in figures.scores:
            continue
        cells = [f"{figures.scores[prefix + name]:.1f}" for name in ("exact", "f1")]
        if not prefix:
            ends = [figures.intervals[name] for name in ("exact", "f1")]
            cells = [f"{c} ({a:.1f} to {b:.1f})" for c, (a, b) in zip(cells, ends, strict=True)]
        numbers = [f"{int(figures.scores[prefix + 'total']):,}", *cells]
        rows.append(row(label, numbers))
    head = heads("", "questions", "exact match, %", "F1, %")
    tables = grid("Scores", head, "".join(rows))
    trusts = [
        row(
            name,
            [
                f"{trust.ece:.3f}",
                "–" if trust.auroc is None else f"{trust.auroc:.3f}",
                f"{trust.aurc:.3f}",
                f"{trust.coverage_at_80:.1%}",
                f"{trust.coverage_at_90:.1%}",
            ],
        )
        for name, trust in figures.trust.items()
    ]
    head = heads("", "ECE", "AUROC", "AURC", "answered at 80% right", "at 90% right")
    tables += f"<h3>Right answers told from wrong ones</h3>{grid('Trust', head, ''.join(trusts))}"
    return (
        f'<div class="sl-panel"><h3>How right it is</h3>{tables}<p class="sl-quiet">In brackets,'
        " 95% intervals. Exact match and F1 as the official SQuAD 2.0 script counts them.</p></div>"
    )


def heads(first: str, *names: str) -> str:
    cells = "".join(f'<th class="sl-number">{escape(name)}</th>' for name in names)
    return f"<th>{first}</th>{cells}"


def row(label: str, numbers: list[str]) -> str:
    cells = "".join(f'<td class="sl-number">{number}</td>' for number in numbers)
    return f"<tr><td>{escape(label)}</td>{cells}</tr>"


def not_measured(folder: Path, trouble: str) -> str:
    """What to do when there are no figures beside the model."""
    target = shlex.join(["--model", str(folder), "--figures", str(folder / FILE)])
    why = f"<p>{escape(trouble)}</p>" if trouble else ""
    return (
        f'<div class="sl-panel"><p><b>Not measured yet.</b> Nobody has judged this model on'
        f" questions with known answers. Run this, and start the page again:</p>{why}"
        f"<p><code>spanloop evaluate --data dev-v2.0.json {escape(target)}</code></p>"
        "</div>"
    )


def card(folder: Path) -> str:
    """The model card as HTML: no markup of its own, no pictures, links to the web alone."""
    try:
        text = (folder / "README.md").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return '<p class="sl-quiet">This model comes without a model card.</p>'
    head, text = front_matter(text)
    reader = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    tokens = reader.parse(text)
    for token in tokens:
        token.children = to_the_web(token.children or [])
    facts = "".join(
        f"<tr><td>{escape(name.replace('_', ' '))}</td><td>{escape(value)}</td></tr>"
        for name, value in head.items()
    )
    table = f"<table><tbody>{facts}</tbody></table>" if facts else ""
    return f'<div class="sl-card">{reader.renderer.render(tokens, reader.options, {})}{table}</div>'


def to_the_web(tokens: list[Token]) -> list[Token]:
    """A line's tokens; links to the web open a new tab, others become plain text."""
    kept, web = [], True
    for token in tokens:
        if token.type == "link_open":
            web = str(token.attrs["href"]).startswith(("https://", "http://"))
            token.attrs |= {"target": "_blank", "rel": "noopener noreferrer"}
        if web or not token.type.startswith("link_"):
            kept.append(token)
    return kept


def front_matter(text: str) -> tuple[dict[str, str], str]:
    """The facts that stand before a model card in YAML, one a line, and the card itself."""
    found = re.match(r"---\r?\n(.*?)\r?\n---\r?\n", text, re.S)
    if found is None:
        return {}, text
    lines = dict(re.findall(r"^(\w+):[ \t]*(\S.*?)[ \t]*$", found[1], re.M))
    return {name: lines[name] for name in FACTS if name in lines}, text[found.end() :]
