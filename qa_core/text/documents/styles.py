"""The style sheets in a web page: what they say of hiding and placing its parts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from qa_core.text.documents.blocks import character, names
from qa_core.text.documents.counters import AFTER, BEFORE, Counts, counted, named, number
from qa_core.text.documents.selectors import Selection

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

WATCHED = names(
    "display visibility content-visibility white-space position clip clip-path left top "
    "text-indent list-style list-style-type order flex-direction flex-flow counter-reset "
    "counter-set counter-increment mso-list overflow overflow-y height max-height"
)
ALONE = names("audio br canvas embed hr iframe img input object select textarea video wbr")
WIDTH, HEIGHT = 1280, 720  # pixels of the window in which a page is taken to be shown
MOST_ADDED = 300  # characters before or after a part
LONGEST = 10_000  # characters of what is added, and of selectors of rules within rules
ALWAYS = ("html", "body")  # hidden as long as a script has not run

_COMMENT = re.compile(r"/\*.*?(\*/|$)|<!--|-->", re.S)
_PIECE = re.compile(
    r"""((?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|\\.|[^{};\\"']|[\\"'])*)([{};]|$)""", re.S
)
_ONE = re.compile(r"(?:\([^()]*\)|\[[^\[\]]*\]|[^,])+")  # of selectors that commas part
_ADDED = re.compile(r"::?(before|after)\s*$", re.I)
_TERM = re.compile(r"\(([^()]*)\)|[\w-]+")
_SIZE = re.compile(r"(?:(min|max)-)?(width|height)\s*(:|[<>]=?|=)\s*([\d.]+)(px|r?em)")
# What a screen with a mouse answers to a style sheet's questions.
_ANSWERS = frozenset((
    "hover:hover", "any-hover:hover", "pointer:fine", "any-pointer:fine", "hover", "pointer",
    "prefers-color-scheme:light", "prefers-reduced-motion:no-preference", "orientation:landscape",
    "scripting:none", "color", "screen", "all", "only", "and", "layer",
))  # fmt: skip
_SAID = re.compile(
    r"\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)'|attr\(\s*([\w-]+)\s*\)|(/)|(counters?\([^()]*\))",
    re.S,
)
_ESCAPED = re.compile(r"\\(?:([0-9a-f]{1,6})\s?|(.))", re.I | re.S)
_PART = re.compile(r"(?:\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|[^;\"'])+", re.S)
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
            added = _ADDED.search(selector)
            where = f"::{added[1].lower()} " if added else ""
            for node in selection.nodes(_ADDED.sub("", selector) or "*"):
                nodes[node.mem_id] = node
                held = found.setdefault(node.mem_id, {})
                for name, value, important in told:
                    if added or name != "content":
                        _take(held, where + name, value, (important, False, rank, order))
    for key, node in nodes.items():
        for name, value, important in _declared(node.attributes.get("style") or ""):
            _take(found[key], name, value, (important, True, (0, 0, 0), 0))
    counts = _counts(page, found)
    for key, node in nodes.items():
        held = found[key]
        for where in (BEFORE, AFTER):
            if said := _added(node, held, where, counts.get((key, where), {})):
                node.attrs[where] = said
        if node.tag in ALWAYS:
            held = {name: one for name, one in held.items() if name == "white-space"}
        node.attrs["style"] = ";".join(
            f"{name}:{value}" for name, (_, value) in held.items() if " " not in name
        )  # fmt: skip


def _counts(page: LexborHTMLParser, found: dict[int, dict[str, tuple[_Weight, str]]]) -> Counts:
    """How far counters are where the page shows them; nothing where it shows none."""
    shown = {(key, where): used for key, held in found.items() for where in (BEFORE, AFTER)
             if (used := named(held.get(f"{where} content", (None, ""))[1]))}  # fmt: skip

    def told(node: LexborNode) -> dict[str, str]:
        if node.mem_id in found:
            return {name: value for name, (_, value) in found[node.mem_id].items()}
        return {name: value for name, value, _ in _declared(node.attributes.get("style") or "")}

    return counted(page.root, told, shown) if shown and page.root is not None else {}


def _added(
    node: LexborNode, held: dict[str, tuple[_Weight, str]], where: str, counts: dict[str, list[int]]
) -> str:
    """The words that a style sheet adds before or after what a part holds; "" for mere signs."""
    content = held.get(f"{where} content", (None, ""))[1]
    if node.tag in ALONE or held.get(f"{where} display", (None, ""))[1] == "none":
        return ""
    said = ""
    for one in _SAID.finditer(content):
        if one[4]:  # what is read aloud in its place comes
            break
        if one[5]:
            said += number(one[5], counts)
            continue
        said += node.attributes.get(one[3]) or "" if one[3] else _unescaped(one[1] or one[2] or "")
    return said[:MOST_ADDED] if any(map(str.isalnum, said)) else ""


def _unescaped(text: str) -> str:
    def sign(found: re.Match[str]) -> str:
        number = int(found[1] or "0", 16)
        if not number:
            return found[2] or ""
        return character(number)

    return _ESCAPED.sub(sign, text)


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
    rules: list[list[str]] = []  # selectors, and what is declared
    around: list[tuple[bool, list[str]]] = [(True, [])]  # whether each block holds, and its rule
    for match in _PIECE.finditer(source):
        head, mark = match[1].strip(), match[2]
        holds, rule = around[-1]
        if mark == "{":
            if head.startswith("@"):
                holds = holds and _holds(head)
                rule = [rule[0], ""] if rule else []
            else:
                rule = [_within(rule[0], head) if rule else head, ""]
            around.append((holds, rule))
            if holds and rule and rule[0]:
                rules.append(rule)
            continue
        if rule:
            rule[1] += f"{head};"
        if mark == "}" and len(around) > 1:
            around.pop()
    return ((selectors, told) for selectors, told in rules)


def _within(outer: str, inner: str) -> str:
    """The selectors that those of a rule within a rule stand for; "" for too many."""
    found = []
    for one in _ONE.findall(inner):
        for parent in _ONE.findall(outer):
            is_told = "&" in one
            found.append(one.replace("&", parent.strip()) if is_told else f"{parent} {one}")
    told = ",".join(found)
    return told if len(told) <= LONGEST else ""


def _holds(head: str) -> bool:
    name, _, condition = head.partition(" ")
    match name.lower().partition("("):
        case ("@media", *_):
            return _is_shown(head[len("@media") :])
        case ("@container", *_):
            return _is_screen(re.sub(r"^\s*[\w-]+\s*(?=\()", "", head[len("@container") :]))
        case ("@supports", *_):
            return not condition.strip().lower().startswith("not")
    return name.lower() == "@layer"


def _is_shown(media: str) -> bool:
    """Whether one of the media that are asked for is a screen of `WIDTH` and `HEIGHT`."""
    return any(map(_is_screen, media.lower().split(",")))


def _is_screen(asked: str) -> bool:
    words = asked.lower().strip()
    told = words.removeprefix("not ")
    is_so = all(_is_true(one[1] or one[0]) for one in _TERM.finditer(told))
    return is_so if told == words else not is_so


def _is_true(asked: str) -> bool:
    """Whether the window is as wide or high as is asked, or the screen as is asked."""
    found = _SIZE.fullmatch(asked.strip())
    if not found:
        return re.sub(r"\s+", "", asked) in _ANSWERS
    side, name, sign, number, unit = found.groups()
    asked_for = float(number.strip(".") or 0) * (1 if unit == "px" else 16)
    size = WIDTH if name == "width" else HEIGHT
    if side == "min" or sign.startswith(">"):
        return size > asked_for or (size == asked_for and sign != ">")
    if side == "max" or sign.startswith("<"):
        return size < asked_for or (size == asked_for and sign != "<")
    return size == asked_for


def _declared(source: str) -> Iterator[tuple[str, str, bool]]:
    for one in _PART.findall(source):
        name, _, value = one.partition(":")
        name, value = name.strip().lower(), value.strip()
        if name in WATCHED or name == "content":
            bare = re.sub(r"\s*!\s*important$", "", value, flags=re.I)
            told = bare[:LONGEST] if name == "content" else bare.lower()
            yield name, told, bare != value


def _specificity(selector: str) -> tuple[int, int, int]:
    found = _COUNTED.findall(selector)
    ids, classes, tags = (sum(bool(one[place]) for one in found) for place in range(3))
    return ids, classes, tags
