"""Which parts of a web page a style sheet's selectors mean."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

WORK = 2 * 10**9  # characters of pages that selectors of other kinds are looked for in
STEPS = 5 * 10**6  # nodes that are looked at for the others
MANY = 100  # nodes among which Lexbor finds those that stand in others sooner

_NAME = r"(?:[\w-]|[^\x00-\x7f]|\\.)+"
_PLAIN = re.compile(rf"\s*([>+~ ]?)\s*(\*|{_NAME})?((?:[.#]{_NAME})*)", re.S)
_MARK = re.compile(rf"([.#])({_NAME})", re.S)


@dataclass(frozen=True, slots=True)
class _Step:
    """A selector's part that stands for one node. sign: how the part before it is related."""

    sign: str
    tag: str
    ids: frozenset[str]
    classes: frozenset[str]

    @property
    def names(self) -> list[str]:
        """What nodes that it may mean are known by."""
        named = [f"#{one}" for one in self.ids] + [f".{one}" for one in self.classes]
        return [self.tag or "*", *named]

    def means(self, known: _Known) -> bool:
        return (
            self.tag in ("", known.tag) and self.ids <= {known.id} and self.classes <= known.classes
        )


@dataclass(slots=True)
class _Known:
    """A node, with those that it stands in and after."""

    node: LexborNode
    tag: str
    id: str
    classes: frozenset[str]
    parent: _Known | None
    before: _Known | None


@dataclass
class Selection:
    """The nodes of a page, which are found by their names; by those alone where that will do.

    length: of the page's source; of a long one, `WORK` lets fewer selectors of other kinds be
    looked for.
    """

    page: LexborHTMLParser
    length: int
    _named: dict[str, list[_Known]] = field(default_factory=lambda: defaultdict(list))
    _asked: int = 0
    _steps: int = 0

    def __post_init__(self) -> None:
        for known in _every(self.page.root):
            names = {known.tag, "*", *(f".{one}" for one in known.classes)}
            for name in names | {f"#{known.id}"} if known.id else names:
                self._named[name].append(known)

    def nodes(self, selector: str) -> list[LexborNode]:
        """The nodes that a selector means."""
        parts = _parts(selector)
        if parts is None:
            return self._found(selector)
        *around, last = parts
        held = min((self._named.get(name, []) for name in last.names), key=len)
        if any(name not in self._named for part in around for name in part.names):
            return []
        if around and len(held) > MANY:
            return self._found(selector)
        return [known.node for known in held
                if self._means(last, known) and self._stands(known, last, around)]  # fmt: skip

    def _means(self, part: _Step, known: _Known) -> bool:
        self._steps += 1
        return self._steps <= STEPS and part.means(known)

    def _stands(self, known: _Known, last: _Step, around: Sequence[_Step]) -> bool:
        """Whether a node stands where the parts before its own say."""
        if not around:
            return True
        *rest, part = around
        next_to = last.sign in ("+", "~")
        other = known.before if next_to else known.parent
        while other is not None and self._steps <= STEPS:
            if self._means(part, other) and self._stands(other, part, rest):
                return True
            if last.sign in ("+", ">"):
                return False
            other = other.before if next_to else other.parent
        return False

    def _found(self, selector: str) -> list[LexborNode]:
        """Those of a selector with attributes, states or what else there is."""
        from selectolax.lexbor import SelectolaxError

        bare = re.sub(r"\[[^\]]*\]|\([^()]*\)", "", selector)
        told = [kind + _unescaped(name) for kind, name in _MARK.findall(bare)]
        self._asked += 1
        if self._asked * self.length > WORK or any(name not in self._named for name in told):
            return []
        try:
            return self.page.css(selector.strip())
        except SelectolaxError:  # of what no node is, as ::before
            return []


def _every(node: LexborNode | None) -> Iterator[_Known]:
    """All elements of a page, those before others first."""
    waiting: list[tuple[LexborNode | None, _Known | None, _Known | None]] = [(node, None, None)]
    while waiting:
        one, parent, before = waiting.pop()
        while one is not None and not one.is_element_node:
            one = one.next
        if one is None:
            continue
        held = one.attributes
        classes = frozenset((held.get("class") or "").split())
        known = _Known(one, str(one.tag), held.get("id") or "", classes, parent, before)
        yield known
        waiting += [(one.next, parent, known), (one.child, known, None)]


def _parts(selector: str) -> list[_Step] | None:
    """A selector of names alone in its parts; None if it is another."""
    found: list[_Step] = []
    place, selector = 0, selector.strip()
    while place < len(selector):
        match = _PLAIN.match(selector, place)
        if match is None or not (match[2] or match[3]) or (found and not match[1]):
            return None
        named = [(kind, _unescaped(name)) for kind, name in _MARK.findall(match[3])]
        ids, classes = ({name for kind, name in named if kind == one} for one in "#.")
        tag = (match[2] or "").lower().replace("*", "")
        found.append(_Step(match[1], tag, frozenset(ids), frozenset(classes)))
        place = match.end()
    return found or None


def _unescaped(name: str) -> str:
    return re.sub(r"\\(.)", r"\1", name, flags=re.S)
