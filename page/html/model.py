"""What is known of a model, as HTML: its figures, its card, what a review threshold would do."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from page import messages
from page.html.grid import grid
from page.html.markup import NONE, Markup, filled
from qa_core.evaluation.figures import Figures

FACTS = ("license", "language", "base_model", "datasets")


SURE = 0.8


def in_brief(figures: Figures, *others: Figures) -> Markup:
    """How many of a hundred answers are right, in a sentence and as a picture.

    others: figures of other kinds of text, for a table.
    """
    found = figures.review(SURE)
    right = round(100 * found.right_of_all)
    said = messages.right_of_hundred(right, figures.data)
    sure = NONE
    if found.right is not None:
        sure = Markup("<p>{}</p>").format(
            messages.right_when_sure(SURE, 1 - found.share, found.right)
        )
    return Markup(
        '<p class="sl-brief-says">{}</p><div class="sl-hundred" role="img" aria-label="{}">{}{}'
        '</div>{}<p class="sl-quiet">{}</p>{}'
    ).format(
        said,
        said,
        Markup("<i></i>") * right,
        Markup("<b></b>") * (100 - right),
        sure,
        messages.RIGHT_MEANS,
        _by_kind([figures, *others]) if others else NONE,
    )


def _by_kind(every: Sequence[Figures]) -> Markup:
    """How right the answers are on each kind of text."""
    rows = []
    for figures in every:
        found = figures.review(SURE)
        sure = NONE if found.right is None else f"{found.right:.0%}"
        rows.append(
            (
                messages.kinds_of_text(figures.data),
                f"{figures.questions:,}",
                f"{found.right_of_all:.0%}",
                sure,
                f"{1 - found.share:.0%}",
            )
        )
    kinds = ("wide", *["figure"] * 4)
    return grid(messages.BY_KIND, messages.BY_KIND_COLUMNS, rows, kinds)


def other_scores(figures: Figures) -> Markup:
    """Exact match, F1 and trust on another kind of text."""
    title = messages.on_kind(messages.kinds_of_text(figures.data))
    return Markup('<div class="sl-panel"><h3>{}</h3>{}{}{}</div>').format(
        title,
        grid(f"{messages.SCORES} {title}", messages.SCORE_COLUMNS, _scores(figures), _numbers(3)),
        _lists(figures),
        grid(f"{messages.TRUST} {title}", messages.TRUST_COLUMNS, _trust(figures), _numbers(5)),
    )


def told(words: str, title: str, series: Sequence[Mapping[str, Any]]) -> Markup:
    """A plot in words, and its points as a table."""
    rows = [(row["of"], f"{row['x']:.0f}", f"{row['y']:.1f}") for row in series]
    return Markup(
        '<div class="sl-quiet"><p>{}</p><details><summary>{}</summary>{}</details></div>'
    ).format(
        words,
        messages.as_table(title),
        grid(title, messages.PLOT_COLUMNS, rows, kinds=("text", "figure", "figure")),
    )


def source(figures: Figures, serving: str) -> Markup:
    """What was measured, on what, when and how. serving: the version that answers."""
    measured = figures.model.rpartition("@")[2]
    note = NONE
    if serving != measured:
        note = Markup("<p><b>{}</b> {}</p>").format(
            messages.other_version(measured, serving), messages.MEASURE_WITH_COMMAND
        )
    return Markup(
        '<div class="sl-panel{}">{}<p>{}</p><details><summary>{}</summary>'
        "<p><code>{}</code></p></details></div>"
    ).format(
        " sl-wrong" if note else "",
        note,
        messages.measured(figures.questions, messages.kinds_of_text(figures.data), figures.date),
        messages.MEASURE_AGAIN,
        figures.command,
    )


def review(figures: Figures, threshold: float) -> Markup:
    """What would go to people at a threshold, and how right the rest would be."""
    found = figures.review(threshold)
    rest = messages.NOTHING_LEFT if found.right is None else messages.right_share(found.right)
    rows = (
        (messages.GO_TO_PEOPLE, "sl-share", f"{found.share:.1%}"),
        (messages.OF_THE_REST, "sl-right", rest),
        (messages.OF_ALL, "sl-right-of-all", messages.right_share(found.right_of_all)),
    )
    return Markup('<div class="sl-panel"><dl class="sl-shares">{}</dl></div>').format(
        filled(Markup('<div><dt>{}</dt><dd id="{}">{}</dd></div>'), rows)
    )


def scores(figures: Figures) -> Markup:
    """Exact match, F1 and trust as tables."""
    return Markup(
        '<div class="sl-panel"><h3>{}</h3>{}{}<h3>{}</h3>{}<dl class="sl-meanings">{}</dl>'
        '<p class="sl-quiet">{}</p></div>'
    ).format(
        messages.SCORES_TITLE,
        grid(messages.SCORES, messages.SCORE_COLUMNS, _scores(figures), _numbers(3)),
        _lists(figures),
        messages.TRUST_TITLE,
        grid(messages.TRUST, messages.TRUST_COLUMNS, _trust(figures), _numbers(5)),
        filled(Markup("<dt>{}</dt><dd>{}</dd>"), messages.MEANINGS),
        messages.SCORES_NOTE,
    )


def _numbers(columns: int) -> list[str]:
    return ["text", *["figure"] * columns]


def _scores(figures: Figures) -> list[list[str]]:
    rows = []
    for label, prefix in messages.SCORE_ROWS:
        if f"{prefix}total" not in figures.scores:
            continue
        cells = [f"{figures.scores[prefix + name]:.1f}" for name in ("exact", "f1")]
        if not prefix:
            ends = [figures.intervals[name] for name in ("exact", "f1")]
            cells = [messages.interval(c, a, b) for c, (a, b) in zip(cells, ends, strict=True)]
        rows.append([label, f"{int(figures.scores[prefix + 'total']):,}", *cells])
    return rows


def _lists(figures: Figures) -> Markup:
    """How much of the answers that are lists was given, where there were any."""
    if "Several_total" not in figures.scores:
        return NONE
    said = messages.of_lists(figures.scores)
    return Markup('<p class="sl-quiet"><b>{}.</b> {}</p>').format(messages.LISTS, said)


def _trust(figures: Figures) -> list[list[str]]:
    return [
        [
            name,
            f"{trust.ece:.3f}",
            "–" if trust.auroc is None else f"{trust.auroc:.3f}",
            f"{trust.aurc:.3f}",
            f"{trust.coverage_at_80:.1%}",
            f"{trust.coverage_at_90:.1%}",
        ]
        for name, trust in figures.trust.items()
    ]


def not_measured(command: str, trouble: str) -> Markup:
    """What to do when there are no figures beside the model."""
    why = filled(Markup("<p>{}</p>"), [[trouble]] if trouble else [])
    return Markup('<div class="sl-panel"><p><b>{}</b> {}</p>{}<p><code>{}</code></p></div>').format(
        messages.NOT_MEASURED, messages.HOW_TO_MEASURE, why, command
    )


def card(text: str | None) -> Markup:
    """A model card in Markdown; no markup of its own, no pictures, links to the web alone.

    Sections with commands are left out: they are for those who train. text: None where the model
    has none.
    """
    if text is None:
        return Markup('<p class="sl-quiet">{}</p>').format(messages.NO_MODEL_CARD)
    head, text = _front_matter(text)
    reader = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    sections = re.split(r"(?m)^(?=## )", text)
    tokens = reader.parse("".join(part for part in sections if "```" not in part))
    for token in tokens:
        token.children = _to_the_web(token.children or [])
    shown = Markup(reader.renderer.render(tokens, reader.options, {}))  # noqa: S704
    facts = filled(
        Markup("<tr><td>{}</td><td>{}</td></tr>"),
        [(name.replace("_", " "), value) for name, value in head.items()],
    )
    table = Markup("<table><tbody>{}</tbody></table>").format(facts) if facts else NONE
    return Markup('<div class="sl-card">{}{}</div>').format(shown, table)


def _to_the_web(tokens: list[Token]) -> list[Token]:
    """A line's tokens; links to the web open a new tab, others become plain text."""
    kept, web = [], True
    for token in tokens:
        if token.type == "link_open":
            web = str(token.attrs["href"]).startswith(("https://", "http://"))
            token.attrs |= {"target": "_blank", "rel": "noopener noreferrer"}
        if web or not token.type.startswith("link_"):
            kept.append(token)
    return kept


def _front_matter(text: str) -> tuple[dict[str, str], str]:
    """The facts that stand before a model card in YAML, one a line, and the card itself."""
    found = re.match(r"---\r?\n(.*?)\r?\n---\r?\n", text, re.S)
    if found is None:
        return {}, text
    lines = dict(re.findall(r"^(\w+):[ \t]*(\S.*?)[ \t]*$", found[1], re.M))
    return {name: lines[name] for name in FACTS if name in lines}, text[found.end() :]
