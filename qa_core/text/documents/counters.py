"""Counters of style sheets, by which a page numbers its headings and items. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from functools import cache
from typing import TYPE_CHECKING

from qa_core.text.documents.office.numbering import formed

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

BEFORE, AFTER = "::before", "::after"  # attributes that hold what style sheets add to a part
STYLED = {"lower-alpha": "lowerLetter", "lower-latin": "lowerLetter", "upper-alpha": "upperLetter",
          "upper-latin": "upperLetter", "lower-roman": "lowerRoman", "upper-roman": "upperRoman",
          "decimal-leading-zero": "decimalZero"}  # fmt: skip

DEEPEST = 100  # counters of one name in each other

_CALL = re.compile(
    r"(counters?)\(\s*([\w-]+)\s*(?:,\s*[\"']([^\"']*)[\"']\s*)?(?:,\s*([\w-]+)\s*)?\)"
)
_CHANGE = re.compile(r"([a-z_-][\w-]*)(?:\s+(-?\d{1,6})\b)?", re.I)

# Of the words before or after a part, by its key: counters' values, from the outermost.
Counts = dict[tuple[int, str], dict[str, list[int]]]


def counted(
    root: LexborNode,
    told: Callable[[LexborNode], dict[str, str]],
    shown: Mapping[tuple[int, str], Collection[str]],
) -> Counts:
    """How far counters are where they are shown.

    told: what style sheets say of a part. shown: which counters are shown where.
    """
    wanted = {name for names in shown.values() for name in names}
    held: dict[str, list[tuple[int, int]]] = {}  # what each counter began in, and its value
    found: Counts = {}

    @cache
    def changes(said: str) -> list[tuple[str, str]]:
        return [one for one in _CHANGE.findall(said) if one[0] in wanted]

    def change(styles: dict[str, str], within: int, before: str = "") -> None:
        for what in ("reset", "increment", "set"):
            for name, by in changes(styles.get(f"{before}counter-{what}", "")):
                values = held.setdefault(name, [])
                is_new = what == "reset" and bool(values) and values[-1][0] != within
                if not values or (is_new and len(values) < DEEPEST):
                    values.append((within, 0))
                start, value = values[-1]
                step = int(by or (what == "increment"))
                values[-1] = start, value + step if what == "increment" else step

    def walk(node: LexborNode, within: int) -> None:
        styles = told(node)
        if styles.get("display") == "none":
            return
        change(styles, within)
        key = node.mem_id

        def added(where: str) -> None:
            if f"{where} content" in styles:
                change(styles, key, f"{where} ")
            if (key, where) in shown:
                found[key, where] = {
                    name: [value for _, value in held[name]]
                    for name in shown[key, where] if held.get(name)
                }  # fmt: skip

        added(BEFORE)
        child = node.child
        while child is not None:
            if child.is_element_node:
                walk(child, key)
            child = child.next
        added(AFTER)
        for values in held.values():
            while values and values[-1][0] == key:
                values.pop()

    walk(root, 0)
    return found


def named(content: str) -> list[str]:
    """The counters that are shown in the content of words before or after a part."""
    return [name for _, name, *_ in _CALL.findall(content)]


def number(call: str, counts: dict[str, list[int]]) -> str:
    """What ``counter(name, style)`` or ``counters(name, ".", style)`` shows."""
    found = _CALL.fullmatch(call)
    if not found:
        return ""
    name, between, kind = found[2], found[3] or "", STYLED.get((found[4] or "").lower(), "")
    values = counts.get(name, [0])
    values = values if found[1] == "counters" else values[-1:]
    return "" if found[4] == "none" else between.join(formed(one, kind) for one in values)
