"""How the training of a model stands, and which versions there are, as HTML. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from annotation.learning.background import STAGES, Course, Ending
from annotation.learning.comparing import Compared
from annotation.learning.material import FEWEST, REGRESSED
from annotation.loop.situation import Readiness
from annotation.review.advice import ENOUGH_REVIEWS
from page import messages
from page.html.grid import grid
from page.html.markup import NONE, Markup, filled, joined
from qa_core.inference.answer import Answer
from qa_core.models.versions import BUNDLED, Version

WIDTH, HEIGHT = 90, 120  # of the chart: for each version, and in all


def need(found: Readiness) -> Markup:
    """What re-training lacks, and a bar of how many reviews there are."""
    said = messages.retrain_need(found.reviewed, ENOUGH_REVIEWS)
    if found.lacking:
        said = messages.retrain_lacks(found.lacking, found.to_learn, found.to_judge, FEWEST)
    more = Markup("<p><small>{}</small></p>").format(messages.verifier_lacks(found.verifier))
    return Markup(
        '<h2>{}</h2><p>{}</p><progress aria-label="{}" max="{}" value="{}"></progress>{}'
    ).format(
        messages.TRAINING_TITLE,
        said,
        messages.REVIEWS_SO_FAR,
        ENOUGH_REVIEWS,
        min(found.reviewed, ENOUGH_REVIEWS),
        more if found.verifier else NONE,
    )


def advice(said: Sequence[str]) -> Markup:
    """What the reviews tell, as a list."""
    return Markup("<ul>{}</ul>").format(filled(Markup("<li>{}</li>"), zip(said))) if said else NONE


def trouble(message: str) -> Markup:
    return Markup('<p role="alert">{}</p>').format(message)


def confirm(seconds: float | None) -> Markup:
    """What re-training comes to. seconds: that the last one took."""
    return Markup("<p>{}</p>").format(messages.retrain_confirm(seconds))


def progress(doing: str, course: Course | None, ending: Ending | None, serving: str) -> Markup:
    """How far it is, or how the last one ended."""
    if course is not None:
        return Markup('<p role="status"><b>{}</b> {}</p>{}').format(
            messages.TRAININGS[doing],
            _course(course),
            _stages(course) if doing == "retrain" else "",
        )
    if ending is None:
        return NONE
    return Markup('<p role="status">{}</p>').format(
        messages.training_ended(ending.kind, ending.line, serving)
    )


def log(said: str) -> Markup:
    """The end of the log."""
    if not said:
        return NONE
    return Markup("<details><summary>{}</summary><pre>{}</pre></details>").format(
        messages.LOG, said
    )


def _course(course: Course) -> Markup:
    value = NONE if course.share is None else Markup(' value="{:.3f}"').format(course.share)
    told = [] if course.share is None else [messages.share_done(course.share)]
    if course.minutes is not None:
        told.append(messages.minutes_left(course.minutes))
    return Markup("<progress{}></progress> <span>{}</span>").format(value, ", ".join(told))


def _stages(course: Course) -> Markup:
    now = -1 if course.stage is None else course.stage
    states = ["done" if n < now else "now" if n == now else "next" for n in range(len(STAGES))]
    return Markup('<ol class="sl-stages">{}</ol>').format(
        filled(
            Markup('<li class="sl-{}">{}</li>'),
            zip(states, [messages.STAGES[name] for name in STAGES], strict=True),
        )
    )


def versions(found: Sequence[Version]) -> Markup:
    """Every version, the newest first, with its gains and why it serves or does not; a chart."""
    table = Markup("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>").format(
        filled(Markup("<th>{}</th>"), zip(messages.VERSION_COLUMNS)),
        joined(_row(version) for version in reversed(found)),
    )
    return _chart(found) + table


def _row(version: Version) -> Markup:
    gains = [
        messages.gain(name, f1["current"], f1["candidate"], f1["low"], f1["high"])
        for name, f1 in _f1(version).items()
    ]
    why = version.record.get("objections", ()) if version.state == "candidate" else ()
    seconds = version.record.get("seconds")
    took = [] if seconds is None else [messages.took(seconds)]
    return Markup("<tr><td>{}</td><td>{}</td><td>{}</td></tr>").format(
        version.name, version.state, Markup("<br>").join([*gains, *why, *took])
    )


def _f1(version: Version) -> Mapping[str, Mapping[str, float]]:
    figures: Mapping[str, Any] = version.record.get("figures", {})
    return {name: scores["f1"] for name, scores in figures.items()}


def _chart(found: Sequence[Version]) -> Markup:
    """F1 of the versions on the regression set, the same questions for all; empty without any."""
    measured = [version for version in found if REGRESSED in _f1(version)]
    if not measured:
        return NONE
    f1 = [_f1(version)[REGRESSED] for version in measured]
    values = [f1[0]["current"], *(one["candidate"] for one in f1)]
    states = {version.name: version.state for version in found}
    names = [str(measured[0].record.get("parent", BUNDLED)), *(one.name for one in measured)]
    low, high = min(values), max(values)
    points = [
        (WIDTH * (n + 0.5), HEIGHT - 35 - (HEIGHT - 65) * (value - low) / (high - low or 1))
        for n, value in enumerate(values)
    ]
    dots = [
        (
            "now" if states.get(name) == "serving" else "then",
            x, y, x, y - 10, f"{value:.1f}", x, HEIGHT - 8, name,
        )
        for (x, y), value, name in zip(points, values, names, strict=True)
    ]  # fmt: skip
    return Markup(
        '<figure><figcaption>{}</figcaption><svg role="img" aria-label="{}" viewBox="0 0 {} {}"'
        ' style="width:{}px"><polyline points="{}"></polyline>{}</svg></figure>'
    ).format(
        messages.VERSIONS_CHART,
        messages.VERSIONS_CHART,
        WIDTH * len(values),
        HEIGHT,
        WIDTH * len(values),
        " ".join(f"{x:.0f},{y:.0f}" for x, y in points),
        filled(
            Markup(
                '<circle class="sl-{}" cx="{:.0f}" cy="{:.0f}" r="4"></circle>'
                '<text x="{:.0f}" y="{:.0f}">{}</text><text x="{:.0f}" y="{}">{}</text>'
            ),
            dots,
        ),
    )


def side_by_side(found: Sequence[Compared], serving: str, other: str) -> Markup:
    """What two versions answer to the same questions."""
    if not found:
        return Markup("<p>{}</p>").format(messages.NOTHING_TO_COMPARE)
    right = [sum(pair.right[number] for pair in found) for number in (0, 1)]
    said = messages.compared(len(found), serving, right[0], other, right[1])
    rows = [
        (
            messages.cut(pair.example.question, 160),
            next((gold.text for gold in pair.example.answers), messages.SAYS_NONE),
            *map(_judged, pair.answers, pair.right),
        )
        for pair in found
    ]
    columns = (*messages.COMPARED_COLUMNS, serving, other)
    return Markup("<p>{}</p>{}").format(said, grid(said, columns, rows))


def _judged(answer: Answer, right: bool) -> Markup:
    sign, label = ("✓", messages.ANSWER_RIGHT) if right else ("✗", messages.ANSWER_WRONG)
    text = answer.text if answer.answerable else messages.SAYS_NONE
    return Markup('<span class="sl-{}" title="{}">{}</span> {}').format(
        "yes" if right else "no", label, sign, messages.cut(text, 120)
    )
