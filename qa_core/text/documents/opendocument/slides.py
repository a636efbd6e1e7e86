"""OpenDocument presentations to the words on their slides, and in the notes below them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from xml.etree.ElementTree import Element

from qa_core.errors import DataError
from qa_core.text.documents.blocks import Block, laid_out
from qa_core.text.documents.office.archive import attribute, child, every, tag
from qa_core.text.documents.opendocument.walk import Odf, OdfFile, told
from qa_core.text.documents.pages.sheets import Laid

FURNITURE = ("page-number", "date-time", "page", "header", "footer")  # of a slide's frame
HOW = "drawing-page-properties"


def odp(data: bytes) -> tuple[list[Laid], list[str]]:
    """The text of each slide that is not hidden, its speaker's notes below it, and notes.

    Raises DataError where all are hidden.
    """
    file = OdfFile.of(data)
    masters = {attribute(one, "name"): one for one in every(file.styles, "master-page")}
    show = child(file.content, "body", "presentation")
    pages = [one for one in show if tag(one) == "page"] if show is not None else []
    slides: list[Laid] = []
    hidden: list[str] = []
    said: set[str] = set()  # of what many slides show: where they first do
    for number, page in enumerate(pages, 1):
        style = attribute(page, "style-name")
        if told(file.looks, style, HOW, "visibility") == "hidden":
            hidden.append(str(number))
            slides.append(Laid(""))
            continue
        asides: list[Block] = []
        walk = partial(_shown, file, asides)
        shapes = sorted((one for one in page if tag(one) != "notes"), key=_is_below_title)
        blocks = walk(one for one in shapes if _kind(one) not in FURNITURE)
        of_all = _footers(page, file, show)
        of_all += walk(one for one in shapes if _kind(one) == "footer")
        if told(file.looks, style, HOW, "background-objects-visible") != "false":
            master = masters.get(attribute(page, "master-page-name"), ())
            of_all += walk(one for one in master if not _kind(one) and tag(one) != "notes")
        for block in of_all:
            if str(block) not in said:
                said.add(str(block))
                blocks.append(block)
        for notes in (one for one in page if tag(one) == "notes"):
            blocks += walk(one for one in notes if _kind(one) not in FURNITURE)
        slides.append(Laid(laid_out([*blocks, *asides])))
    if len(hidden) == len(slides) > 0:
        raise DataError(
            "expected slides that are shown, found hidden ones alone; show some of them"
        )
    left = [f"hidden slides were left out: {', '.join(hidden)}"] if hidden else []
    return slides, left


def _shown(file: OdfFile, asides: list[Block], shapes: Iterable[Element]) -> list[Block]:
    """What shapes show, one after another."""
    walks = (Odf(file, asides, has_bullets=False).blocks([shape]) for shape in shapes)
    return [block for walk in walks for block in walk]


def _footers(page: Element, file: OdfFile, show: Element | None) -> list[Block]:
    """A slide's footer, and its day where that is not the one on which one looks."""
    found: list[Block] = []
    for name, shown in (("footer", "display-footer"), ("date-time", "display-date-time")):
        used = attribute(page, f"use-{name}-name")
        if used and told(file.looks, attribute(page, "style-name"), HOW, shown) != "false":
            found += [one.text.strip() for one in show or ()
                      if tag(one) == f"{name}-decl" and attribute(one, "name") == used
                      and attribute(one, "source") != "current-date" and one.text]  # fmt: skip
    return list(filter(None, found))


def _kind(shape: Element) -> str:
    """What place of a slide's layout a shape fills; "" for none."""
    return attribute(shape, "class")


def _is_below_title(shape: Element) -> bool:
    return _kind(shape) != "title"
