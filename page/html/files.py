"""The files of a visit as a list, and a page of one as a picture. Pure."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from page import messages
from page.asked import place
from page.html.markup import NONE, Markup, filled, joined
from page.html.passage import COLOURS
from qa_core.text.documents import Document
from qa_core.text.documents.pages.pictures import Picture

if TYPE_CHECKING:
    from page.asked import Asked


@dataclass(frozen=True, slots=True)
class PagePicture:
    """What is shown of a page: of the file ``name``, whose text and words are ``document``'s."""

    name: str
    document: Document
    page: int
    picture: Picture


def picture(shown: PagePicture, asked: Sequence[Asked]) -> Markup:
    """The page with a box around each answer, or closest words, that stands on it."""
    boxes = [
        (
            number % COLOURS,
            100 * box.left / shown.picture.width,
            100 * box.top / shown.picture.height,
            100 * (box.right - box.left) / shown.picture.width,
            100 * (box.bottom - box.top) / shown.picture.height,
        )
        for number, one in enumerate(asked)
        if one.context == shown.document.text
        for span in one.answer.spans[:1]
        for box in shown.document.boxes(span.start, span.end)
        if box.page == shown.page
    ]
    name = place(shown.name, shown.page)
    return Markup(
        '<figure class="sl-picture"><figcaption><b dir="auto">{}</b><button type="button"'
        ' data-picture="" aria-label="{}">×</button></figcaption><div class="sl-sheet">'
        '<img alt="{}" src="data:image/webp;base64,{}">{}</div></figure>'
    ).format(
        name,
        messages.HIDE_PICTURE,
        messages.as_picture(name),
        base64.b64encode(shown.picture.image).decode(),
        filled(
            Markup(
                '<i class="sl-box sl-colour-{}" style="left:{:.2f}%;top:{:.2f}%;width:{:.2f}%;'
                'height:{:.2f}%"></i>'
            ),
            boxes,
        ),
    )


def stacked(*lines: str) -> Markup:
    """The last of the lines, in a place that has room for each: nothing moves when it changes."""
    return Markup('<div class="sl-stack">{}</div>').format(filled(Markup("<p>{}</p>"), zip(lines)))


def listing(documents: Mapping[str, Document], shown: str, *, judged: bool) -> Markup:
    """The files, each with its size, what was left out of it, and a button that removes it.

    Nothing of fewer than two. shown: the one whose text is. judged: whether answers can be.
    """
    if len(documents) < 2:
        return NONE
    rows = [
        Markup(
            '<li aria-current="{}"><button type="button" class="sl-open" data-file="{}" title="{}"'
            ' dir="auto">{}</button> <small>{}</small>'
            '<button type="button" class="sl-remove" data-remove="{}"'
            ' aria-label="{}">×</button>{}</li>'
        ).format(
            str(name == shown).lower(),
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
        joined(rows),
        messages.files_kept(judged=judged),
    )
