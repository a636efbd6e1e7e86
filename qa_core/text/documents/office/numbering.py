"""The numbers of Word's paragraphs, which the file holds only as rules."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from qa_core.text.documents.blocks import names, note_mark
from qa_core.text.documents.office.archive import Archive, attribute, child, is_on, tag

BULLET = "• "
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"),
          (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip


_ALPHABETS = {
    "russianLower": "абвгдежзиклмнопрстуфхцчшщыэюя", "hebrew2": "אבגדהוזחטיכלמנסעפצקרשת",
    "arabicAlpha": "أبتثجحخدذرزسشصضطظعغفقكلمنهوي", "ganada": "가나다라마바사아자차카타파하",
    "ideographTraditional": "甲乙丙丁戊己庚辛壬癸", "ideographZodiac": "子丑寅卯辰巳午未申酉戌亥",
    "aiueo": "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモ"
    "ヤユヨラリルレロワヲン",
    "iroha": "イロハニホヘトチリヌルヲワカヨタレソツネナラムウヰノオクヤマケフコエテ"
    "アサキユメミシヱヒモセス",
}  # fmt: skip
_COUNTED = names(
    "chineseCounting chineseCountingThousand japaneseCounting taiwaneseCounting "
    "taiwaneseCountingThousand ideographDigital japaneseDigitalTenThousand"
)
_DIGITS = "〇一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class _Level:
    kind: str
    form: str  # as "%1.%2."
    start: int
    is_legal: bool  # whether all its numbers are in digits
    restart: int  # the deepest level, from 1, after which it begins anew; 0 for none
    style: str  # whose paragraphs stand on it


class Numbering:
    """Counts a part's paragraphs as they come."""

    def __init__(self, archive: Archive) -> None:
        parts = dict(archive.related(archive.main()).values())
        tree = archive.xml(parts.get("numbering", ""))
        lists = {attribute(one, "abstractNumId"): _levels(one) for one in tree
                 if tag(one) == "abstractNum"}  # fmt: skip
        links = {attribute(child(one, "styleLink"), "val"): attribute(one, "abstractNumId")
                 for one in tree if child(one, "styleLink") is not None}  # fmt: skip
        for one in tree:  # a list whose levels are those of a style
            style = attribute(child(one, "numStyleLink"), "val")
            if style in links:
                lists[attribute(one, "abstractNumId")] = lists[links[style]]
        self._lists: dict[str, tuple[str, dict[int, _Level]]] = {}
        self._restarts: dict[str, dict[int, int]] = {}  # of lists that have not begun yet
        for one in tree:
            if tag(one) == "num":
                number, base = (
                    attribute(one, "numId"),
                    attribute(child(one, "abstractNumId"), "val"),
                )
                own = {level: rule for part in one for level, rule in _levels(part).items()}
                self._lists[number] = base, {**lists.get(base, {}), **own}
                self._restarts[number] = _restarts(one)
        self._styles = {
            attribute(one, "styleId"): one
            for one in archive.xml(parts.get("styles", ""))
            if tag(one) == "style"
        }
        self._counts: dict[str, Counter[int]] = {}

    def marker(self, paragraph: Element) -> str:
        """What stands before a paragraph's first word, "" if nothing does."""
        number, level = self._list_of(paragraph)
        base, levels = self._lists.get(number, ("", {}))
        held = levels.get(level)
        if held is None or held.kind == "none":
            return ""
        counts = self._counts.setdefault(base, Counter())
        for restarted, start in self._restarts.pop(number, {}).items():
            counts[restarted] = start - 1
        counts[level] = counts[level] + 1 if level in counts else held.start
        for deeper in [one for one in counts if one > level]:
            if deeper not in levels or level < levels[deeper].restart:
                del counts[deeper]
        if held.kind == "bullet":
            return BULLET

        def shown(match: re.Match[str]) -> str:
            of = int(match[1]) - 1
            rule = levels.get(of, held)
            return formed(counts.get(of, rule.start), "" if held.is_legal else rule.kind)

        form = re.sub(r"%([1-9])", shown, held.form)
        return f"{form} " if form.strip() else ""

    def _list_of(self, paragraph: Element) -> tuple[str, int]:
        found = child(paragraph, "pPr", "numPr")
        style = attribute(child(paragraph, "pPr", "pStyle"), "val")
        number, level = _told(found)
        for _ in range(10):  # styles rest on each other
            if number or style not in self._styles:
                break
            of_style = self._styles[style]
            number, own = _told(child(of_style, "pPr", "numPr"))
            linked = (str(one) for one, rule in self._lists.get(number, ("", {}))[1].items()
                      if rule.style == style)  # fmt: skip
            level = level or next(linked, own)
            style = attribute(child(of_style, "basedOn"), "val")
        return number, int(level or 0)


class NoteMarks:
    """Counts a text's references to notes of one kind as they come."""

    def __init__(self, rules: Element | None, usual: str) -> None:
        """rules: what the file says of its notes. usual: how they are numbered where it doesn't."""
        told = rules if rules is not None else Element("none")
        self._kind = attribute(child(told, "numFmt"), "val") or usual
        self._next = int(attribute(child(told, "numStart"), "val") or 1)
        self._marks: dict[str, str] = {}

    def of(self, note: str) -> str:
        """The mark of a note by its id."""
        if note not in self._marks:
            self._marks[note] = note_mark(formed(self._next, self._kind))
            self._next += 1
        return self._marks[note]

    def skip(self, note: str) -> None:
        """A note whose mark is told beside it."""
        self._marks[note] = ""


def _told(properties: Element | None) -> tuple[str, str]:
    if properties is None:
        return "", ""
    return attribute(child(properties, "numId"), "val"), attribute(child(properties, "ilvl"), "val")


def _restarts(element: Element) -> dict[int, int]:
    """With what number each level of a list begins anew, if it does."""
    found = {}
    for one in element:
        start = attribute(child(one, "startOverride"), "val")
        if tag(one) == "lvlOverride" and start:
            found[int(attribute(one, "ilvl") or 0)] = int(start)
    return found


def _levels(element: Element) -> dict[int, _Level]:
    return {
        int(attribute(one, "ilvl") or 0): _Level(
            attribute(child(one, "numFmt"), "val") or "decimal",
            attribute(child(one, "lvlText"), "val"),
            int(attribute(child(one, "start"), "val") or 1),
            is_on(child(one, "isLgl")),
            int(attribute(child(one, "lvlRestart"), "val") or attribute(one, "ilvl") or 0),
            attribute(child(one, "pStyle"), "val"),
        )
        for one in element
        if tag(one) == "lvl"
    }


def formed(number: int, kind: str) -> str:
    """A number as lists write it: ``lowerLetter``, ``upperRoman``, ``decimalZero`` or in digits."""
    match kind:
        case "lowerLetter" | "upperLetter" if number > 0:
            text = chr(ord("a") + (number - 1) % 26) * min((number - 1) // 26 + 1, 9)
        case "lowerRoman" | "upperRoman" if 0 < number < 4000:
            text, left = "", number
            for value, sign in _ROMAN:
                text += sign * (left // value)
                left %= value
        case "decimalZero":
            text = f"{number:02}"
        case "ordinal":
            last = (
                "" if number // 10 % 10 == 1 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "")
            )
            text = f"{number}{last or 'th'}"
        case "numberInDash":
            text = f"- {number} -"
        case "chicago" if number > 0:
            text = "*†‡§"[(number - 1) % 4] * min((number - 1) // 4 + 1, 9)
        case "decimalEnclosedCircle" if 0 < number <= 20:
            text = chr(ord("①") + number - 1)
        case _ if kind in _COUNTED and 0 < number < 100 and "Digital" not in kind:
            tens, ones = divmod(number, 10)
            text = (_DIGITS[tens] if tens > 1 else "") + ("十" if tens else "")
            text += _DIGITS[ones] if ones else ""
        case _ if kind in _COUNTED:
            text = "".join(_DIGITS[int(one)] for one in str(max(number, 0)))
        case _ if (alphabet := _ALPHABETS.get(kind.replace("Upper", "Lower"))) and number > 0:
            text = alphabet[(number - 1) % len(alphabet)]
        case _:
            text = str(number)
    return text.upper() if kind.endswith("Upper") or kind.startswith("upper") else text
