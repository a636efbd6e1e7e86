"""The numbers of OpenDocument's lists and headings, which the file holds only as rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from qa_core.text.documents.office.archive import attribute, every, tag
from qa_core.text.documents.office.numbering import BULLET, formed

_KINDS = {"a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}
_OUTLINE = ""  # the name of the rule of headings, which has none


@dataclass(frozen=True, slots=True)
class _Rule:
    """kind: as ``num-format``; "" for no number. shown: how many levels a number has."""

    kind: str
    before: str
    after: str
    start: int
    shown: int


class Lists:
    """Counts a text's items and headings as they come."""

    def __init__(self, *parts: Element) -> None:
        self._rules: dict[str, dict[int, _Rule]] = {}
        self._counts: dict[str, Counter[int]] = {}
        for part in parts:
            for name in ("list-style", "outline-style"):
                for one in every(part, name):
                    known = _OUTLINE if name == "outline-style" else attribute(one, "name")
                    self._rules[known] = {int(attribute(level, "level") or 1): _level(level)
                                          for level in one if "level-style" in tag(level)
                                          and "bullet" not in tag(level)}  # fmt: skip

    def begin(self, style: str, *, goes_on: bool) -> None:
        """A list of a style begins anew, unless it goes on with the last one."""
        if not goes_on:
            self._counts.pop(style, None)

    def marker(self, styles: Sequence[str], start: str = "") -> str:
        """What stands before an item within lists of these styles, from without.

        start: the item's own number, if it has one.
        """
        level, style = len(styles), styles[-1] if styles else ""
        rules = self._rules.get(style, {}) if style else {}
        if level not in rules:
            return BULLET
        if start.isdecimal():
            self._counts.setdefault(styles[0], Counter())[level] = int(start) - 1
        return self._next(styles[0], rules, level)

    def heading(self, element: Element) -> str:
        """What stands before a heading; "" where headings have no numbers."""
        level = attribute(element, "outline-level") or "1"
        rules = self._rules.get(_OUTLINE, {})
        is_plain = attribute(element, "is-list-header") == "true" or not level.isdigit()
        return "" if is_plain or int(level) not in rules else self._next("", rules, int(level))

    def _next(self, counted: str, rules: dict[int, _Rule], level: int) -> str:
        rule = rules[level]
        counts = self._counts.setdefault(counted, Counter())
        counts[level] = counts[level] + 1 if level in counts else rule.start
        for deeper in [one for one in counts if one > level]:
            del counts[deeper]
        if not rule.kind:
            return ""
        first = max(1, level - rule.shown + 1)
        numbers = [
            formed(counts.get(one, rules[one].start), _KINDS.get(rules[one].kind, ""))
            for one in range(first, level + 1)
            if one in rules and rules[one].kind
        ]
        return f"{rule.before}{'.'.join(numbers)}{rule.after}".rstrip() + " "


def _level(element: Element) -> _Rule:
    return _Rule(
        attribute(element, "num-format"),
        attribute(element, "num-prefix"),
        attribute(element, "num-suffix"),
        int(attribute(element, "start-value") or 1),
        int(attribute(element, "display-levels") or 1),
    )
