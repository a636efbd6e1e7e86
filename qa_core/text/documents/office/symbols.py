"""Signs that a font or a field tells in a way of its own, as characters. Pure."""

from __future__ import annotations

import re

from qa_core.text.documents.blocks import character

_GREEK = dict(
    zip(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
        "ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖαβχδεφγηιϕκλμνοπθρστυϖωξψζ",
        strict=True,
    )
)
_SIGNS = dict(
    zip(
        "£³±´¸¹»°¥®¬«¢²·¶å×",
        "≤≥±×÷≠≈°∞→←↔′″•∂∑⋅",
        strict=True,
    )
)
_BOXES = {"o": "☐", "¨": "☐", "x": "☒", "þ": "☑", "ý": "☒", "ü": "✓", "û": "✗", "à": "→",
          "ß": "←", "J": "☺", "K": "😐", "L": "☹"}  # fmt: skip
_FONTS = {"symbol": {**_GREEK, **_SIGNS}, "wingdings": _BOXES}
_LETTER = re.compile("[!-\x9f\xa1-\xff\uf000-\uf0ff]")
COMPUTED = ("SYMBOL", "EQ", "MACROBUTTON", "GOTOBUTTON")  # fields that show what they are told
_SYMBOL = re.compile(r'\s*SYMBOL\s+(0x[\da-f]{1,6}|\d{1,7})(?:.*?\\f\s*"?([^"\\]*))?', re.I)
_RUBY = re.compile(
    r"\\o\s*(?:\\a[dlrc])?\s*\(\s*\\s\s*\\up\s*\d+\s*\(([^()]*)\)\s*[,;](.*)\)", re.I
)
_FRACTION = re.compile(r"\\f\s*\(([^(),;]*)[,;]([^()]*)\)", re.I)
_ROOT = re.compile(r"\\r\s*\((?:([^(),;]*)[,;])?([^()]*)\)", re.I)
_SWITCH = re.compile(r'\\\*\s*(?:"[^"]*"|\S+)|\\[a-z]+(?:\s*\d+)?', re.I)


def symbol(font: str, code: str) -> str:
    """The character that a font shows for a code in hexadecimal; "" where that is a picture."""
    number = int(code or "0", 16)
    if is_signs(font) and 0x20 < number < 0x100:
        number += 0xF000
    if not 0xF000 <= number <= 0xF0FF:
        return character(number)
    letter = chr(number - 0xF000)
    known = _FONTS.get(font.lower(), {})
    plain = letter if font.lower() == "symbol" and letter.isascii() else ""
    return known.get(letter, plain)


def is_signs(font: str) -> bool:
    """Whether a font holds signs in the place of letters."""
    return font.lower() in _FONTS


def lettered(font: str, text: str) -> str:
    """A text with the characters that a font of signs shows."""
    if not is_signs(font):
        return text
    return "".join(symbol(font, f"{ord(one):x}") if _LETTER.match(one) else one for one in text)


def computed(told: str) -> str:
    """What a field of one of the kinds `COMPUTED` shows."""
    kind, _, rest = told.strip().partition(" ")
    if kind.upper() == "EQ":
        rest = _RUBY.sub(r"\2(\1)", _ROOT.sub(r"\1√\2", _FRACTION.sub(r"\1/\2", rest)))
        return _SWITCH.sub("", rest).strip()
    if kind.upper() != "SYMBOL":
        return rest.strip().partition(" ")[2].strip()
    found = _SYMBOL.match(told)
    if not found:
        return ""
    code = found[1].lower()
    sign = code[2:] if code.startswith("0x") else f"{int(code):x}"
    return symbol((found[2] or "").strip(), sign)
