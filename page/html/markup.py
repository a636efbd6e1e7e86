"""HTML that is safe by construction: whatever is put into it is escaped, unless it is HTML too.

A `Markup` is made of a literal template and filled by `format` or `join`; ruff (S704) finds one
that is made of anything else.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

import markupsafe

from qa_core.text.offsets import well_formed


class Markup(markupsafe.Markup):
    """markupsafe's `Markup`, for texts of any characters."""

    __slots__ = ()

    @classmethod
    def escape(cls, s: Any, /) -> Self:
        r"""An object as HTML shows it.

        A lone surrogate, which no page can carry, becomes U+FFFD, and a ``\\r``, which HTML turns
        into a line feed, a reference.
        """
        if hasattr(s, "__html__"):
            return cls(s.__html__())
        return cls(str(markupsafe.escape(well_formed(str(s)))).replace("\r", "&#13;"))


NONE = Markup()


def joined(pieces: Iterable[object], between: str = "") -> Markup:
    """Pieces, each escaped unless it is HTML, one after the other."""
    return Markup.escape(between).join(Markup.escape(piece) for piece in pieces)


def filled(template: Markup, rows: Iterable[Iterable[object]]) -> Markup:
    """The template once for each row, filled with its values."""
    return joined(template.format(*row) for row in rows)
