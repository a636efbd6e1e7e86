"""The signs of fonts that have letters of their own, as characters. Pure."""

from __future__ import annotations

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
_BOXES = {"o": "☐", "¨": "☐", "x": "☒", "þ": "☑", "ý": "☒", "ü": "✓", "û": "✗", "à": "→", "ß": "←"}
_FONTS = {"symbol": {**_GREEK, **_SIGNS}, "wingdings": _BOXES}


def symbol(font: str, code: str) -> str:
    """The character that a font shows for a code in hexadecimal; "" where that is a picture."""
    number = int(code or "0", 16)
    if not 0xF000 <= number <= 0xF0FF:
        return "" if 0xE000 <= number <= 0xF8FF else chr(number)
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
    return "".join(
        symbol(font, f"{ord(one):x}") if "\uf000" <= one <= "\uf0ff" else one for one in text
    )
