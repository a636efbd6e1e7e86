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
    said: set[str] = set()  # of what many slides show: where they first do
    for one in every(archive.xml(main), "sldId"):
        key = next((value for name, value in one.items() if name.endswith("}id")), "")
        name = related.get(key, ("", ""))[1]
        of_slide = archive.related(name)
        blocks = _shapes(archive.xml(name), archive, of_slide)
        for block in _around(name, archive):
            if str(block) not in said:
                said.add(str(block))
                blocks.append(block)
        for kind, target in of_slide.values():
            if kind in ("notesSlide", "comments"):
                blocks += _shapes(archive.xml(target), archive, {})
        slides.append(Laid(laid_out(blocks)))
    return slides, []


def _around(name: str, archive: Archive) -> list[Block]:
    """What stands around a slide's own words: its footer, and what its layout and master show."""
    slide, blocks = archive.xml(name), []
    for one in every(slide, "sp"):
        kinds = [attribute(ph, "type") for ph in every(one, "ph")]
        is_counted = next(every(one, "fld"), None) is not None  # the day on which one looks
        if set(kinds) & {"ftr", "dt"} and not is_counted:
            blocks += drawn(one)
    for kind in ("slideLayout", "slideMaster"):
        if attribute(slide, "showMasterSp") in ("0", "false"):
            break
        related = archive.related(name)
        name = next((target for of, target in related.values() if of == kind), "")
        slide = archive.xml(name)
        blocks += _shapes(slide, archive, archive.related(name), own=False)
    return blocks


def _shapes(
    element: Element, archive: Archive, related: dict[str, tuple[str, str]], *, own: bool = True
) -> list[Block]:
    """The words of shapes. own: whether also of those that a slide fills in itself."""
    unseen = FURNITURE if own else None
    blocks: list[Block] = []
    for one in element:
        name = tag(one)
        if name == "AlternateContent":
            choices = [_shapes(part, archive, related, own=own) for part in one]
            blocks += next(filter(None, choices), [])
        elif name == "tbl":
            rows: list[list[str]] = []
            for row in every(one, "tr"):
                cells = [cell for cell in row if tag(cell) == "tc"]
                words = [" ".join(map(str, drawn(cell))) for cell in cells]
                if rows and cells and attribute(cells[0], "vMerge") in ("1", "true"):
                    words[0] = rows[-1][0]  # which names these rows, too
                rows.append(words)
            is_first = attribute(child(one, "tblPr"), "firstRow") in ("1", "true")
            blocks.append(Table(rows, 1 if is_first else None))
        elif name in ("relIds", "chart"):
            blocks += pictured(archive, related, one)
        elif name == "txBody":
            blocks += drawn(one)
        elif name == "text":  # of a comment
            blocks += [one.text] if one.text else []
        elif not (name == "sp" and any(unseen is None or attribute(ph, "type") in unseen
                                       for ph in every(one, "ph"))):  # fmt: skip
            blocks += _shapes(one, archive, related, own=own)
    return blocks
