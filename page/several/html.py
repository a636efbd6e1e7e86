"""The files of a visit as a list, as HTML. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from page import messages
from page.html.markup import NONE, Markup, filled
from qa_core.text.documents import Document


def listing(documents: Mapping[str, Document], shown: str, *, judged: bool) -> Markup:
    """The files, each with its size, what was left out of it, and a button that removes it.

    Nothing of fewer than two. shown: the one whose text is. judged: whether answers can be.
    """
    if len(documents) < 2:
        return NONE
    rows = [
        Markup(
            '<li{}><button type="button" class="sl-open" data-file="{}" title="{}" dir="auto">{}'
            '</button> <small>{}</small><button type="button" class="sl-remove" data-remove="{}"'
            ' aria-label="{}">×</button>{}</li>'
        ).format(
            Markup(' aria-current="true"') if name == shown else NONE,
            name,
            messages.SHOW_FILE,
            name,
            messages.size_of_file(len(document.pages), len(document.text)),
            name,
            messages.remove_file(name),
            filled(Markup('<p class="sl-note">{}</p>'), [(note,) for note in document.notes]),
        )
        for name, document in documents.items()
    ]
    return Markup(
        '<p id="sl-files-name">{}</p><ul aria-labelledby="sl-files-name">{}</ul><p>{}</p>'
    ).format(
        messages.files_as_one(len(documents), sum(len(one.text) for one in documents.values())),
        filled(Markup("{}"), [(row,) for row in rows]),
        messages.files_kept(judged=judged),
    )
