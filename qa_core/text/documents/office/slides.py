"""PowerPoint files to the words on their slides, and in the notes below them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.etree.ElementTree import Element

from qa_core.errors import DataError
from qa_core.text.documents.blocks import Block, Table, laid_out, name_above
from qa_core.text.documents.office.archive import Archive, attribute, child, every, tag
from qa_core.text.documents.office.drawing import drawn, marked, pictured
from qa_core.text.documents.pages.sheets import Laid

FURNITURE = ("sldNum", "dt", "ftr", "hdr", "sldImg")  # what a slide's frame shows on each
ON = ("1", "true")
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
    trees: dict[str, Element] = {}
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
        blocks = _shapes(slide, archive, of_slide, behind=_below(of_slide, archive, trees))
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


def _below(related: _Related, archive: Archive, trees: dict[str, Element]) -> list[Element]:
    """A slide's layout and its master. trees: those that are known so far."""
    name = next((target for kind, target in related.values() if kind in LAYOUTS), "")
    if not name:
        return []
    if name not in trees:
        trees[name] = archive.xml(name)
    of_this = {key: one for key, one in archive.related(name).items() if one[0] == "slideMaster"}
    return [trees[name], *_below(of_this, archive, trees)]


def _usual(shape: Element, behind: Sequence[Element]) -> dict[str, Element]:
    """What marks a shape's lists by its slide's layout and master."""
    place = next(every(shape, "ph"), None)
    if place is None:
        return {}
    kind = _kind(place)
    found: dict[str, Element] = {}
    for part in behind:
        for one in every(part, "sp"):
            other = next(every(one, "ph"), None)
            if other is None or not (
                attribute(other, "idx") == attribute(place, "idx") != ""
                if tag(part) == "sldLayout" and kind == "body" else _kind(other) == kind
            ):  # fmt: skip
                continue
            style = child(one, "txBody", "lstStyle")
            found = {**(marked(style) if style is not None else {}), **found}
            break
        style = child(part, "txStyles", {"title": "titleStyle", "body": "bodyStyle"}.get(kind, ""))
        found = {**(marked(style) if style is not None else {}), **found}
    return found


def _kind(place: Element) -> str:
    kind = attribute(place, "type")
    return {"": "body", "obj": "body", "subTitle": "body", "ctrTitle": "title"}.get(kind, kind)


def _shapes(
    element: Element,
    archive: Archive,
    related: _Related,
    *,
    own: bool = True,
    behind: Sequence[Element] = (),
    usual: Mapping[str, Element] | None = None,
) -> list[Block]:
    """The words of shapes. own: whether also of those that a slide fills in itself.

    behind: the slide's layout and master. usual: what marks the lists of the shape in hand.
    """
    unseen = FURNITURE if own else None
    blocks: list[Block] = []
    for one in sorted(element, key=_is_below_title) if tag(element) == "spTree" else element:
        name = tag(one)
        if _is_hidden(one):
            continue
        if name == "AlternateContent":
            choices = [_shapes(part, archive, related, own=own, behind=behind) for part in one]
            blocks += next(filter(None, choices), [])
        elif name == "tbl":
            rows: list[list[str]] = []
            for row in every(one, "tr"):
                cells = [cell for cell in row if tag(cell) == "tc"]
                words = ["" if _is_covered(cell) else " ".join(map(str, drawn(cell)))
                         for cell in cells]  # fmt: skip
                if rows and cells and attribute(cells[0], "vMerge") in ON:
                    words[0] = name_above(rows)
                rows.append(words)
            is_first = attribute(child(one, "tblPr"), "firstRow") in ON
            blocks.append(Table(rows, 1 if is_first else None))
        elif name in ("relIds", "chart"):
            blocks += pictured(archive, related, one)
        elif name == "txBody":
            blocks += drawn(one, usual)
        elif name == "text":  # of a comment
            blocks += [one.text] if one.text else []
        elif not (name == "sp" and any(unseen is None or attribute(ph, "type") in unseen
                                       for ph in every(one, "ph"))):  # fmt: skip
            its = _usual(one, behind) if name == "sp" else usual
            blocks += _shapes(one, archive, related, own=own, behind=behind, usual=its)
    return blocks


def _is_covered(cell: Element) -> bool:
    """Whether another cell stands over this one."""
    return attribute(cell, "hMerge") in ON or attribute(cell, "vMerge") in ON


def _is_below_title(shape: Element) -> bool:
    kinds = {attribute(one, "type") for one in every(shape, "ph")}
    return not kinds & {"title", "ctrTitle"}


def _is_hidden(shape: Element) -> bool:
    """Whether a shape is turned off in PowerPoint's list of what is on a slide."""
    told = next((child(one, "cNvPr") for one in shape if tag(one).startswith("nv")), None)
    return attribute(told, "hidden") in ON
