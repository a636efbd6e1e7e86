"""PowerPoint files to the words on their slides, and in the notes below them."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from qa_core.errors import DataError
from qa_core.text.documents.blocks import Block, Table, laid_out, name_above
from qa_core.text.documents.office.archive import Archive, attribute, child, every, tag
from qa_core.text.documents.office.drawing import drawn, pictured
from qa_core.text.documents.pages.sheets import Laid

FURNITURE = ("sldNum", "dt", "ftr", "hdr", "sldImg")  # what a slide's frame shows on each
LAYOUTS = ("slideLayout", "slideMaster")

_Related = dict[str, tuple[str, str]]
_Known = dict[str, list[Block]]


def pptx(data: bytes) -> tuple[list[Laid], list[str]]:
    """The text of each slide that is not hidden, its speaker's notes below it, and notes.

    Raises DataError where all are hidden.
    """
    archive = Archive(data)
    main = archive.main()
    related = archive.related(main)
    slides: list[Laid] = []
    hidden: list[str] = []
    known: _Known = {}
    said: set[str] = set()  # of what many slides show: where they first do
    for one in every(archive.xml(main), "sldId"):
        key = next((value for name, value in one.items() if name.endswith("}id")), "")
        name = related.get(key, ("", ""))[1]
        of_slide = archive.related(name)
        slide = archive.xml(name)
        if attribute(slide, "show") in ("0", "false"):
            hidden.append(str(len(slides) + 1))
            slides.append(Laid(""))
            continue
        blocks = _shapes(slide, archive, of_slide)
        for block in [*_footer(slide), *_behind(slide, of_slide, archive, known)]:
            if str(block) not in said:
                said.add(str(block))
                blocks.append(block)
        for kind, target in of_slide.values():
            if kind in ("notesSlide", "comments"):
                blocks += _shapes(archive.xml(target), archive, {})
        slides.append(Laid(laid_out(blocks)))
    if len(hidden) == len(slides) > 0:
        raise DataError(
            "expected slides that are shown, found hidden ones alone; show some of them"
        )
    notes = [f"hidden slides were left out: {', '.join(hidden)}"] if hidden else []
    return slides, notes


def _footer(slide: Element) -> list[Block]:
    """A slide's footer, without its number and the day on which one looks."""
    blocks: list[Block] = []
    for one in every(slide, "sp"):
        kinds = {attribute(ph, "type") for ph in every(one, "ph")}
        if kinds & {"ftr", "dt"} and next(every(one, "fld"), None) is None:
            blocks += drawn(one)
    return blocks


def _behind(slide: Element, related: _Related, archive: Archive, known: _Known) -> list[Block]:
    """What a slide's layout and master show on it. known: that of each layout so far."""
    if attribute(slide, "showMasterSp") in ("0", "false"):
        return []
    name = next((target for kind, target in related.values() if kind in LAYOUTS), "")
    if name and name not in known:
        part, of_part = archive.xml(name), archive.related(name)
        of_this = {key: one for key, one in of_part.items() if one[0] == "slideMaster"}
        known[name] = _shapes(part, archive, of_part, own=False)
        known[name] = known[name] + _behind(part, of_this, archive, known)
    return known.get(name, [])


def _shapes(
    element: Element, archive: Archive, related: _Related, *, own: bool = True
) -> list[Block]:
    """The words of shapes. own: whether also of those that a slide fills in itself."""
    unseen = FURNITURE if own else None
    blocks: list[Block] = []
    for one in sorted(element, key=_is_below_title) if tag(element) == "spTree" else element:
        name = tag(one)
        if _is_hidden(one):
            continue
        if name == "AlternateContent":
            choices = [_shapes(part, archive, related, own=own) for part in one]
            blocks += next(filter(None, choices), [])
        elif name == "tbl":
            rows: list[list[str]] = []
            for row in every(one, "tr"):
                cells = [cell for cell in row if tag(cell) == "tc"]
                words = [" ".join(map(str, drawn(cell))) for cell in cells]
                if rows and cells and attribute(cells[0], "vMerge") in ("1", "true"):
                    words[0] = name_above(rows)
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


def _is_below_title(shape: Element) -> bool:
    kinds = {attribute(one, "type") for one in every(shape, "ph")}
    return not kinds & {"title", "ctrTitle"}


def _is_hidden(shape: Element) -> bool:
    """Whether a shape is turned off in PowerPoint's list of what is on a slide."""
    told = next((child(one, "cNvPr") for one in shape if tag(one).startswith("nv")), None)
    return attribute(told, "hidden") in ("1", "true")
