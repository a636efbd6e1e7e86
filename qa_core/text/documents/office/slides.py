"""PowerPoint files to the words on their slides, and in the notes below them."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from qa_core.text.documents.blocks import Block, Table, laid_out
from qa_core.text.documents.office.archive import Archive, attribute, child, every, tag
from qa_core.text.documents.office.word import drawn, pictured
from qa_core.text.documents.pages.sheets import Laid

FURNITURE = ("sldNum", "dt", "ftr", "hdr", "sldImg")  # what a slide's frame shows on each


def pptx(data: bytes) -> tuple[list[Laid], list[str]]:
    """The text of each slide, its speaker's notes below it."""
    archive = Archive(data)
    main = archive.main()
    related = archive.related(main)
    slides = []
    for one in every(archive.xml(main), "sldId"):
        key = next((value for name, value in one.items() if name.endswith("}id")), "")
        name = related.get(key, ("", ""))[1]
        of_slide = archive.related(name)
        blocks = _shapes(archive.xml(name), archive, of_slide)
        for kind, target in of_slide.values():
            if kind in ("notesSlide", "comments"):
                blocks += _shapes(archive.xml(target), archive, {})
        slides.append(Laid(laid_out(blocks)))
    return slides, []


def _shapes(element: Element, archive: Archive, related: dict[str, tuple[str, str]]) -> list[Block]:
    blocks: list[Block] = []
    for one in element:
        name = tag(one)
        if name == "AlternateContent":
            choices = [_shapes(part, archive, related) for part in one]
            blocks += next(filter(None, choices), [])
        elif name == "tbl":
            rows = [[" ".join(map(str, drawn(cell))) for cell in row if tag(cell) == "tc"]
                    for row in one if tag(row) == "tr"]  # fmt: skip
            is_first = attribute(child(one, "tblPr"), "firstRow") in ("1", "true")
            blocks.append(Table(rows, 1 if is_first else None))
        elif name in ("relIds", "chart"):
            blocks += pictured(archive, related, one)
        elif name == "txBody":
            blocks += drawn(one)
        elif name == "text":  # of a comment
            blocks += [one.text] if one.text else []
        elif not (name == "sp" and any(attribute(ph, "type") in FURNITURE
                                       for ph in every(one, "ph"))):  # fmt: skip
            blocks += _shapes(one, archive, related)
    return blocks
