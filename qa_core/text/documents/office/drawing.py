"""The words of drawings: text boxes, slides, diagrams and charts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element

from qa_core.text.documents.blocks import Block, Flow, Table, raised
from qa_core.text.documents.office.archive import Archive, attribute, child, every, tag
from qa_core.text.documents.office.formats import shown
from qa_core.text.documents.office.numbering import formed

SAID = {"tab": " ", "ptab": " ", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}

_BULLETS = ("buNone", "buAutoNum", "buChar", "buBlip")
_KINDS = {"alphaLc": "lowerLetter", "alphaUc": "upperLetter", "romanLc": "lowerRoman",
          "romanUc": "upperRoman"}  # fmt: skip
_SIGNS = {"ParenBoth": ("(", ")"), "ParenR": ("", ")"), "Period": ("", ".")}


def drawn(element: Element, usual: Mapping[str, Element] | None = None) -> list[Block]:
    """The paragraphs of a drawing's text.

    usual: of each level of its lists, what marks them where the drawing does not say.
    """
    flow = Flow()
    levels: dict[str, Element] = {}
    counts: dict[int, tuple[str, int]] = {}  # of each level of a list: its kind, and how far it is
    for paragraph in element.iter():
        if tag(paragraph) in ("txBody", "lstStyle"):
            levels = {**(usual or {}), **marked(paragraph)}
            counts.clear()
        if tag(paragraph) != "p":
            continue
        flow.end()
        is_raised = False
        if any(tag(one) == "r" for one in paragraph):
            flow.marker = _number(paragraph, levels, counts)
        for one in _leaves(paragraph):
            if tag(one) == "r":
                lift = attribute(child(one, "rPr"), "baseline")
                is_raised = bool(lift) and not lift.startswith(("-", "0"))
            elif tag(one) == "t":
                said = one.text or ""
                flow.say((raised(said) if is_raised else said).replace(" ", "\xa0"))
            elif tag(one) in ("br", "tab"):
                flow.say(SAID[tag(one)])
    flow.end()
    return flow.blocks


def marked(style: Element) -> dict[str, Element]:
    """The levels of a style of lists that it says the marks of."""
    return {tag(one): one for one in style if any(tag(part) in _BULLETS for part in one)}


def _number(
    paragraph: Element, levels: dict[str, Element], counts: dict[int, tuple[str, int]]
) -> str:
    """What PowerPoint counts a list's paragraphs by; "" where it counts none."""
    told = child(paragraph, "pPr")
    level = int(attribute(told, "lvl") or 0)
    for deeper in [one for one in counts if one > level]:
        del counts[deeper]
    own = next((one for one in told if tag(one) in _BULLETS), None) if told is not None else None
    if own is None and (usual := levels.get(f"lvl{level + 1}pPr")) is not None:
        own = next((one for one in usual if tag(one) in _BULLETS), None)
    if own is None or tag(own) != "buAutoNum":
        counts.pop(level, None)
        return ""
    kind = attribute(own, "type")
    last, number = counts.get(level, ("", 0))
    number = number + 1 if last == kind else int(attribute(own, "startAt") or 1)
    counts[level] = kind, number
    letters = next((form for start, form in _KINDS.items() if kind.startswith(start)), "")
    before, after = next((one for end, one in _SIGNS.items() if kind.endswith(end)), ("", ""))
    return f"{before}{formed(number, letters)}{after} "


def _leaves(element: Element) -> Iterator[Element]:
    """Elements in the file's order; of what is told twice, the first that holds words."""
    for one in element:
        if tag(one) == "AlternateContent":
            told = (part for part in one if next(every(part, "t"), None) is not None)
            yield from _leaves(next(told, Element("none")))
        else:
            yield one
            yield from _leaves(one)


def pictured(
    archive: Archive, related: dict[str, tuple[str, str]], element: Element
) -> list[Block]:
    """The words of a diagram, or a chart's titles and figures, that an element refers to."""
    found: list[Block] = []
    for value in element.attrib.values():
        kind, target = related.get(value, ("", ""))
        if kind == "diagramData":
            found += drawn(archive.xml(target))
        elif kind == "chart":
            tree = archive.xml(target)
            found += drawn(tree)
            series = [_series(one) for one in every(tree, "ser")]
            if series:
                names = ["", *(name for name, _ in series)]
                labels = list(dict.fromkeys(label for _, points in series for label in points))
                rows = [[label, *(points.get(label, "") for _, points in series)]
                        for label in labels]  # fmt: skip
                found.append(Table([names, *rows], 1))
    return found


def _series(element: Element) -> tuple[str, dict[str, str]]:
    def values(name: str) -> dict[str, str]:
        """Values by their places; of labels on several levels, those of the lowest."""
        part = child(element, name)
        if part is None:
            return {}
        level = next((one for one in part.iter() if child(one, "pt") is not None), None)
        form = next((one.text or "" for one in every(part, "formatCode")), "")
        points = () if level is None else every(level, "pt")
        return {attribute(one, "idx"): _figure(one, form) for one in points}

    labels = values("cat") or values("xVal")
    figures = values("val") or values("yVal")
    told = {labels.get(place, ""): value for place, value in figures.items()}
    return " ".join(values("tx").values()), told


def _figure(point: Element, form: str) -> str:
    """A chart's value, as the format of its numbers shows it."""
    said = " ".join(one.text or "" for one in every(point, "v"))
    try:
        return shown(float(said), form) if form else said
    except ValueError:
        return said
