"""The numbers of rich text's lists, which a file may hold only as rules. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

from qa_core.text.documents.office.numbering import BULLET, formed

TABLES = ("listtable", "listoverridetable")  # of rules
BULLETS, NONE = 23, 255
_KINDS = {1: "upperRoman", 2: "lowerRoman", 3: "upperLetter", 4: "lowerLetter", 5: "ordinal",
          22: "decimalZero"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _RichRule:
    """form: how many signs it has, and these: the numbers of levels, from 0, among others."""

    kind: int = 0
    start: int = 1
    form: bytes = b""


@dataclass
class RichLists:
    """What a file's tables say of its lists, and how far each has been counted."""

    _lists: dict[int, list[_RichRule]] = field(default_factory=dict)
    _used: dict[int, tuple[int, dict[int, int]]] = field(default_factory=dict)  # list and starts
    _rules: list[_RichRule] = field(default_factory=list)  # of the list that is being told
    _id: int = 0
    _starts: dict[int, int] = field(default_factory=dict)
    _level: int = -1  # whose start is being told anew
    _counts: dict[int, Counter[int]] = field(default_factory=dict)
    _restarted: set[int] = field(default_factory=set)

    def hear(self, word: str, number: int) -> None:
        """A word within the tables."""
        last = self._rules[-1:] or [_RichRule()]
        match word:
            case "list":
                self._rules = []
            case "listlevel":
                self._rules.append(_RichRule())
            case "levelnfc" | "levelnfcn":
                self._rules[-1:] = [replace(last[0], kind=number)]
            case "levelstartat" if self._level >= 0:
                self._starts[self._level] = number
            case "levelstartat":
                self._rules[-1:] = [replace(last[0], start=number)]
            case "listid":
                self._id = number
                self._lists.setdefault(number, self._rules)
            case "listoverride":
                self._starts, self._level = {}, -1
            case "lfolevel":
                self._level += 1
            case "ls":
                self._used[number] = self._id, self._starts
                self._level = -1

    def form(self, signs: bytes) -> None:
        """Signs of the form of the level that is being told."""
        if self._rules:
            last = self._rules[-1]
            self._rules[-1] = replace(last, form=last.form + signs)

    def marker(self, number: int, level: int) -> str:
        """What stands before the next paragraph on a level of a list; "" if nothing does."""
        known, starts = self._used.get(number, (0, {}))
        rules = self._lists.get(known, [])
        if not 0 <= level < len(rules):
            return ""
        counts = self._counts.setdefault(known, Counter())
        if starts and number not in self._restarted:
            self._restarted.add(number)
            for restarted, start in starts.items():
                counts[restarted] = start - 1
        counts[level] = counts[level] + 1 if level in counts else rules[level].start
        for deeper in [one for one in counts if one > level and one not in starts]:
            del counts[deeper]
        rule = rules[level]
        if rule.kind in (BULLETS, NONE):
            return BULLET if rule.kind == BULLETS else ""
        said = ""
        for sign in rule.form[1 : 1 + rule.form[0]] if rule.form else ():
            if sign < min(len(rules), 9):
                of = rules[sign]
                said += formed(counts.get(sign, of.start), _KINDS.get(of.kind, ""))
            else:
                said += bytes([sign]).decode("cp1252", "replace")
        return f"{said} " if said.strip() else ""
