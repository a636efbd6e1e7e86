"""A small table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from page.html.markup import Markup, joined

_HEAD = Markup("<th>{}</th>")
_HEAD_OF_NUMBERS = Markup('<th class="sl-figure">{}</th>')
_TEXT = Markup("<td>{}</td>")
_NUMBER = Markup('<td class="sl-figure">{}</td>')
_WIDE = Markup('<td class="sl-wide">{}</td>')
_CELLS = {"text": _TEXT, "figure": _NUMBER, "wide": _WIDE}


def grid(
    label: str, names: Sequence[str], rows: Iterable[Sequence[object]], kinds: Sequence[str] = ()
) -> Markup:
    """A small table that scrolls on its own where the page is narrow.

    kinds: of each column, "text" (the default), "figure" or "wide".
    """
    columns = [*kinds, *["text"] * (len(names) - len(kinds))]
    heads = [
        (_HEAD_OF_NUMBERS if kind == "figure" else _HEAD).format(name)
        for name, kind in zip(names, columns, strict=True)
    ]
    body = [
        Markup("<tr>{}</tr>").format(
            joined(_CELLS[kind].format(cell) for cell, kind in zip(row, columns, strict=True))
        )
        for row in rows
    ]
    return Markup(
        '<div class="sl-scroll" role="region" tabindex="0" aria-label="{}"><table class="sl-grid">'
        "<thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>"
    ).format(label, joined(heads), joined(body))
