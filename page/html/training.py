"""How the training of a model stands, and which versions there are, as HTML. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from page import messages
from page.html.markup import NONE, Markup, filled, joined
from qa_core.models.versions import Version


def advice(said: Sequence[str]) -> Markup:
    """What to do next, as a list."""
    return Markup("<ul>{}</ul>").format(filled(Markup("<li>{}</li>"), zip(said)))


def trouble(message: str) -> Markup:
    return Markup('<p role="alert">{}</p>').format(message)


def progress(doing: str, share: float | None, said: str) -> Markup:
    """How far it is, or the last words of what has ended; and the end of its log."""
    if doing:
        value = NONE if share is None else Markup(' value="{:.3f}"').format(share)
        shown = Markup('<p role="status">{} <progress{}></progress></p>').format(
            messages.TRAININGS[doing], value
        )
    else:
        shown = filled(Markup("<p>{}</p>"), zip(said.splitlines()[-1:]))
    log = NONE
    if said:
        log = Markup("<details><summary>{}</summary><pre>{}</pre></details>").format(
            messages.LOG, said
        )
    return shown + log


def versions(found: Sequence[Version]) -> Markup:
    """Every version, the newest first, with its gains and why it serves or does not."""
    return Markup("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>").format(
        filled(Markup("<th>{}</th>"), zip(messages.VERSION_COLUMNS)),
        joined(_row(version) for version in reversed(found)),
    )


def _row(version: Version) -> Markup:
    figures: Mapping[str, Any] = version.record.get("figures", {})
    gains = [
        messages.gain(name, f1["current"], f1["candidate"], f1["low"], f1["high"])
        for name, f1 in ((name, scores["f1"]) for name, scores in figures.items())
    ]
    why = version.record.get("objections", ()) if version.state == "candidate" else ()
    return Markup("<tr><td>{}</td><td>{}</td><td>{}</td></tr>").format(
        version.name, version.state, Markup("<br>").join([*gains, *why])
    )
