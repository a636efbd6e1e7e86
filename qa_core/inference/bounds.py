"""Where an answer begins and ends: at whole words, with its unit, without half a bracket. Pure.

All offsets are code points of the context, end exclusive.
"""

from __future__ import annotations

import re
import unicodedata

LONGEST_WORD = 40  # code points; a longer run of letters is no word
REACH = 12  # code points after a span in which a closing bracket still belongs to it

_OPENING = {"(": ")", "[": "]", "{": "}"}
_CLOSING = {close: open_ for open_, close in _OPENING.items()}
# What stands at the edge of a span and is never part of an answer: markup, and marks between
# an answer and what comes after it.
_BEFORE = " \t\r\n\u00a0\u3000*_`#|>~•·,;:"
_AFTER = " \t\r\n\u00a0\u3000*_`|~,;:"
# The number or bullet of an item of a list; and its number, cut off before its dot or bracket.
_ITEM = re.compile(r"(?:\(?[0-9a-zA-Z]{1,3}[.)]|[-*•–])\Z")
_ITEM_NUMBER = re.compile(r"\(?[0-9]{1,3}\Z")
_CURRENCY = "$€£¥₹₩"
_NUMBER_WORD = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|"
    "sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|"
    "hundred|thousand|million|billion|trillion"
)
_ENDS_IN_NUMBER = re.compile(rf"(?:[0-9]|\b(?:{_NUMBER_WORD}))\)?\Z", re.I)
# Scale words, signs and abbreviations that say nothing without the number before them.
_SCALE = re.compile(
    r"[ \u00a0-]?(?:%|‰|°\s?[CFK]?\b|º\s?[CF]\b|(?:hundred|thousand|million|billion|trillion|"
    r"percent|per cent|bn|degrees(?: (?:Celsius|Fahrenheit))?|[kMGT]?Hz|[kMGT]?i?B|"
    r"[kmcnµμ]?[mgLlsWVAN]|kWh|mph|km/h|a\.m\.|p\.m\.|am|pm|°C|°F)(?![\w]))"
)
_IN_DIGITS = re.compile(r" \([0-9][0-9.,]*\)")  # a number in words, again: "ninety (90)"
# After a number that is written twice, its unit.
_UNIT_AFTER_BOTH = re.compile(
    r" (?:(?:business|calendar|working|consecutive) )?(?:seconds?|minutes?|hours?|days?|weeks?|"
    r"months?|years?|percent|per cent|dollars?|euros?|pounds?)\b"
)


def tidy(context: str, start: int, end: int) -> tuple[int, int]:
    """``[start, end)`` with the bounds that a careful person would choose.

    Words are whole (`whole_words`); white space, markup and the number of the next item of a list
    are left out; brackets are closed or left out; a number keeps its currency and its scale, as in
    "$5.2 million", "150 °C" and "ninety (90) days". Returns the span as it is where nothing would
    be left.
    """
    given = start, end
    end = start + len(_without_next_item(context[start:end], context[end : end + 1]))
    while start < end and context[start] in _BEFORE:
        start += 1
    while start < end and context[end - 1] in _AFTER:
        end -= 1
    if start == end:
        return given
    start, end = whole_words(context, start, end)
    start, end = _closed(context, start, end)
    return _with_unit(context, start, end)


def _without_next_item(marked: str, after: str) -> str:
    """Without the number or bullet of the next item, which follows on a line of its own.

    Nor with the end of a line, and the markup before it. after: the character behind what is
    marked.
    """
    befores = [_ITEM.sub("", marked.rstrip()), marked]
    if after in (".", ")"):
        befores.append(_ITEM_NUMBER.sub("", marked))
    for before in befores:
        line = before.rstrip()
        if "\n" in before[len(line) :]:
            return line.rstrip("*_`.")
    return marked


def whole_words(context: str, start: int, end: int) -> tuple[int, int]:
    """``[start, end)`` widened to the bounds of the words that it begins and ends in.

    Letters belong together, and so do digits and a letter with its combining marks; scripts that
    write words without blanks, or with their particles, are taken as they come.
    """
    low, high = max(0, start - LONGEST_WORD), min(len(context), end + LONGEST_WORD)
    first, last = start, end
    while low < first and _inside_word(context, first):
        first -= 1
    while last < high and _inside_word(context, last):
        last += 1
    return (
        first if first == 0 or not _inside_word(context, first) else start,
        last if last == len(context) or not _inside_word(context, last) else end,
    )


def _closed(context: str, start: int, end: int) -> tuple[int, int]:
    """Without a bracket whose other half is outside, or with that half if it is near."""
    unopened, unclosed = _unmatched(context[start:end])
    if unclosed:
        closing = _OPENING[context[start + unclosed[-1]]]
        near = context.find(closing, end, end + REACH)
        if len(unclosed) == 1 and near >= 0 and "\n" not in context[end:near]:
            end = near + 1
        elif context[start + unclosed[0] + 1 : end].strip() and unclosed[0] == 0:
            start += 1
        elif before := context[start : start + unclosed[0]].rstrip(_AFTER):
            end = start + len(before)
    if unopened and context[start + unopened[-1] + 1 : end].strip() == "" and unopened[0]:
        end = start + unopened[0]
    elif unopened == [0] and end - start > 1:
        start += 1
    while start < end - 1 and context[start].isspace():
        start += 1
    while start < end - 1 and context[end - 1].isspace():
        end -= 1
    return start, end


def _unmatched(text: str) -> tuple[list[int], list[int]]:
    """Positions of closing brackets that nothing opens, and of opening ones that nothing closes."""
    open_: list[int] = []
    unopened: list[int] = []
    for at, character in enumerate(text):
        if character in _OPENING:
            open_.append(at)
        elif character in _CLOSING:
            if open_ and text[open_[-1]] == _CLOSING[character]:
                open_.pop()
            elif not _is_list_mark(text, at):
                unopened.append(at)
    return unopened, open_


def _is_list_mark(text: str, at: int) -> bool:
    """Whether the bracket is that of "a)" or of a smiley."""
    return at > 0 and text[at - 1] in ":;-"


def _with_unit(context: str, start: int, end: int) -> tuple[int, int]:
    """With the currency before a number, and the scale or unit after it."""
    if start and context[start - 1] in _CURRENCY and context[start].isdigit():
        start -= 1
    if not _ENDS_IN_NUMBER.search(context[max(start, end - 12) : end]):
        return start, end
    if context[end - 1].isalpha() and (again := _IN_DIGITS.match(context, end)):
        end = again.end()
    pattern = _UNIT_AFTER_BOTH if context[end - 1] == ")" else _SCALE
    if found := pattern.match(context, end):
        end = found.end()
    return start, end


def _inside_word(context: str, at: int) -> bool:
    """Whether the characters before and after position ``at`` belong to one word."""
    before, after = context[at - 1], context[at]
    if unicodedata.combining(after):
        return True
    if before.isdigit() or after.isdigit():
        return before.isdigit() and after.isdigit()
    return _in_spaced_script(after) and (
        _in_spaced_script(before) or bool(unicodedata.combining(before))
    )


def _in_spaced_script(character: str) -> bool:
    """Whether it is a Latin, Greek, Cyrillic or Armenian letter."""
    return character.isalpha() and (character < "\u0590" or "\u1e00" <= character < "\u2000")
