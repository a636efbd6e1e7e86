"""The style sheets in a web page: what they say of hiding and placing its parts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from qa_core.text.documents.blocks import names
from qa_core.text.documents.selectors import Selection

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

WATCHED = names("display visibility white-space position clip clip-path left top text-indent")
WIDTH = 1280  # pixels of the window in which a page is taken to be shown
ALWAYS = ("html", "body")  # hidden as long as a script has not run

_COMMENT = re.compile(r"/\*.*?(\*/|$)|<!--|-->", re.S)
_PIECE = re.compile(
    r"""((?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|\\.|[^{};\\"']|[\\"'])*)([{};]|$)""", re.S
)
_ONE = re.compile(r"(?:\([^()]*\)|\[[^\[\]]*\]|[^,])+")  # of selectors that commas part
_WIDE = re.compile(r"\((min|max)-width\s*:\s*([\d.]+)(px|r?em)\)")
_COUNTED = re.compile(r"(#[\w-]+)|(\.[\w-]+|\[[^\]]*\]|:(?!:)[\w-]+)|((?<![\w-])[a-z][\w-]*)", re.I)

Linked = Callable[[str], str]
_Rule = tuple[str, list[tuple[str, str, bool]]]  # selectors, and name, value, whether important
_Weight = tuple[bool, bool, tuple[int, int, int], int]  # important, inline, specific, in order


def apply(page: LexborHTMLParser, length: int, linked: Linked | None = None) -> None:
    """Write what the page's style sheets say of `WATCHED` into its parts' own styles.

    length: of the page's source. linked: the source of a style sheet that the page refers to.
    """
    rules = list(_rules(page, linked))
    if not rules:
        return
    found: dict[int, dict[str, tuple[_Weight, str]]] = {}
    nodes: dict[int, LexborNode] = {}
    selection = Selection(page, length)
    order = 0
    for selectors, told in rules:
        for selector in _ONE.findall(selectors):
            order += 1
            rank = _specificity(selector)
            for node in selection.nodes(selector):
                nodes[node.mem_id] = node
                held = found.setdefault(node.mem_id, {})
                for name, value, important in told:
                    _take(held, name, value, (important, False, rank, order))
    for key, node in nodes.items():
        held = found[key]
        for name, value, important in _declared(node.attributes.get("style") or ""):
            _take(held, name, value, (important, True, (0, 0, 0), 0))
        if node.tag in ALWAYS:
            held = {name: one for name, one in held.items() if name == "white-space"}
        node.attrs["style"] = ";".join(f"{name}:{value}" for name, (_, value) in held.items())


def _take(held: dict[str, tuple[_Weight, str]], name: str, value: str, weight: _Weight) -> None:
    if name not in held or held[name][0] <= weight:
        held[name] = weight, value


def _rules(page: LexborHTMLParser, linked: Linked | None) -> Iterator[_Rule]:
    """The rules of a page's style sheets, as they follow each other."""
    for sheet in page.css("style, link[rel][href]"):
        parent, held = sheet.parent, sheet.attributes
        if parent is not None and parent.tag in ("noscript", "template"):
            continue
        if not _is_shown(held.get("media") or ""):
            continue
        if sheet.tag == "style":
            yield from _told(sheet.text() or "")
        elif linked is not None and (held["rel"] or "").lower().split() == ["stylesheet"]:
            yield from _told(linked(held["href"] or ""))


@lru_cache(maxsize=16)
def _told(source: str) -> tuple[_Rule, ...]:
    """The rules of a style sheet that say something of `WATCHED`."""
    rules = ((selectors, list(_declared(told)))
             for selectors, told in _parsed(_COMMENT.sub(" ", source)))  # fmt: skip
    return tuple(rule for rule in rules if rule[1])


def _parsed(source: str) -> Iterator[tuple[str, str]]:
    """The rules that hold on a screen, each as its selectors and what is declared."""
    around: list[bool] = []  # whether each block around holds
    selectors, told = "", ""
    for match in _PIECE.finditer(source):
        head, mark = match[1].strip(), match[2]
        if mark == "{":
            if head.startswith("@"):
                around.append(_holds(head))
            else:
                around.append(not selectors)  # rules within rules are of newer pages
                selectors, told = (selectors, told) if selectors else (head, "")
            continue
        if selectors:
            told += f"{head};"
        if mark == "}" and around:
            if selectors and all(around):
                yield selectors, told
            around.pop()
            selectors, told = "", ""


def _holds(head: str) -> bool:
    name, _, condition = head.partition(" ")
    if name.lower() == "@media":
        return _is_shown(condition)
    return name.lower() in ("@supports", "@layer")


def _is_shown(media: str) -> bool:
    """Whether one of the media that are asked for is a screen as wide as `WIDTH`."""
    return any(map(_is_screen, media.lower().split(",")))


def _is_screen(asked: str) -> bool:
    for side, number, unit in _WIDE.findall(asked):
        pixels = float(number.strip(".") or 0) * (1 if unit == "px" else 16)
        if (pixels > WIDTH) if side == "min" else (pixels < WIDTH):
            return False
    rest = _WIDE.sub("", asked).replace("only ", "").replace("prefers-color-scheme: light", "")
    words = set(re.findall(r"[\w-]+", rest)) - {"and", "all", "screen"}
    return not words or words == {"not", "print"}


def _declared(source: str) -> Iterator[tuple[str, str, bool]]:
    for one in source.split(";"):
        name, _, value = one.partition(":")
        name, value = name.strip().lower(), value.strip().lower()
        if name in WATCHED and value:
            bare = re.sub(r"\s*!\s*important$", "", value)
            yield name, bare, bare != value


def _specificity(selector: str) -> tuple[int, int, int]:
    found = _COUNTED.findall(selector)
    ids, classes, tags = (sum(bool(one[place]) for one in found) for place in range(3))
    return ids, classes, tags
