"""A page of a PDF as a picture, with the answers boxed on it. Pure."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from page import messages
from page.asked import place
from page.html.markup import Markup, filled
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
