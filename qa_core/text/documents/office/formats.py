"""Numbers as the formats of a sheet's cells show them. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import NamedTuple

MOST = 10**15  # from which on a number is shown as its power of ten

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|\[\$(?P<currency>[^\]-]*)[^\]]*\]|\[[^\]]*\]|_.|\*.'
    r"|(?P<general>general)|(?P<mask>[0#?][0#?,]*(?:\.[0#?]*)?|\.[0#?]+)|(?P<power>e[+-]0+)"
    r"|(?P<sign>.)",
    re.I | re.S,
)
_SECTIONS = re.compile(r';(?:"[^"]*"|\\.|\[[^\]]*\]|[^;"\\])*')
_RULE = re.compile(r"\[(<=|<>|>=|<|>|=)(-?\d+(?:\.\d+)?)\]")


class _Token(NamedTuple):
    kind: str
    text: str


def shown(value: float, form: str) -> str:
    """A number as a format such as ``#,##0.00 "kg"`` shows it; "" where it shows none."""
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    chosen, minus = _chosen(number, sections_of(form))
    number = abs(number)
    parts = [_Token(match.lastgroup or "", match[match.lastgroup or 0])
             for match in _TOKEN.finditer(chosen)]  # fmt: skip
    masks = [part.text for part in parts if part.kind == "mask"]
    signs = [part.text for part in parts if part.kind == "sign"]
    is_general = any(part.kind == "general" or part == ("sign", "@") for part in parts)
    is_worded = masks or any(part.kind == "quoted" for part in parts) or (form and not chosen)
    if is_general or not is_worded or abs(value) >= MOST:
        return f"{value:.15G}"
    for _ in range(signs.count("%")):
        number *= 100
    if any(part.kind == "power" for part in parts):
        places = len(masks[0].partition(".")[2]) if masks else 2
        filled = [f"{float(number):.{places}E}"]
    elif "/" in signs and len(masks) > 1:
        filled = _fraction(number, masks)
    elif len(masks) > 1:
        filled = _digits(number, masks)
    else:
        filled = [_masked(number, masks[0])] if masks else []
    text = "".join(_said(part, filled) for part in parts)
    return minus + " ".join(text.split())


def sections_of(form: str) -> list[str]:
    """A format's sections, as of numbers above and below zero; one at least."""
    return [found[0].removeprefix(";") for found in _SECTIONS.finditer(f";{form}")]


def _chosen(number: Decimal, sections: Sequence[str]) -> tuple[str, str]:
    """The section that a number is shown by, and a minus where the section holds none itself."""
    rules = [_RULE.search(section) for section in sections[:2]]
    if any(rules):
        for section, rule in zip(sections, rules, strict=False):
            if rule is None or _holds(number, rule[1], Decimal(rule[2])):
                return section, "-" if number < 0 else ""
        return sections[min(2, len(sections) - 1)], "-" if number < 0 else ""
    if number < 0 and len(sections) > 1:
        return sections[1], ""
    if number == 0 and len(sections) > 2:
        return sections[2], ""
    return sections[0], "-" if number < 0 else ""


def _holds(number: Decimal, sign: str, bound: Decimal) -> bool:
    return {"<": number < bound, "<=": number <= bound, ">": number > bound, ">=": number >= bound,
            "=": number == bound, "<>": number != bound}[sign]  # fmt: skip


def _said(part: _Token, filled: list[str]) -> str:
    if part.kind == "mask":
        return filled.pop(0) if filled else ""
    return part.text if part.kind in ("quoted", "escaped", "currency", "sign") else ""


def _masked(number: Decimal, mask: str) -> str:
    """A number in one run of digits, as ``#,##0.0#``."""
    whole, _, rest = mask.partition(".")
    scaled = whole.rstrip(",")
    number = number.scaleb(-3 * (len(whole) - len(scaled)))
    rounded = number.quantize(Decimal(1).scaleb(-len(rest)), ROUND_HALF_UP)
    digits, _, places = f"{rounded:f}".partition(".")
    least = rest.rfind("0") + 1
    places = places[:least] + places[least:].rstrip("0")
    digits = digits.lstrip("0").zfill(scaled.count("0"))
    if "," in scaled and digits:
        digits = f"{int(digits):0{len(digits)},}" if digits.strip("0") else digits
    return f"{digits}.{places}" if places else digits


def _digits(number: Decimal, masks: Sequence[str]) -> list[str]:
    """A number in several runs of digits, as ``000-00-0000``: filled from behind."""
    wholes = [mask.partition(".")[0] for mask in masks]
    _, point, rest = masks[-1].partition(".")
    digits, _, places = _masked(number, f"0{point}{rest}").partition(".")
    digits = digits.zfill(sum(mask.count("0") for mask in wholes))
    filled: list[str] = []
    for mask in wholes[:0:-1]:
        filled.append(digits[max(len(digits) - len(mask), 0) :])
        digits = digits[: -len(mask)]
    filled[0] += f".{places}" if places else ""
    return [digits, *reversed(filled)]


def _fraction(number: Decimal, masks: Sequence[str]) -> list[str]:
    """A number as ``# ?/?``: its whole part, where the format has one, and a fraction."""
    most = 10 ** len(masks[-1]) - 1 if masks[-1].strip("0123456789") else int(masks[-1])
    found = Fraction(number).limit_denominator(max(most, 1))
    if len(masks) < 3:
        return [str(found.numerator), str(found.denominator)]
    whole, rest = divmod(found, 1)
    return [str(whole or ""), str(rest.numerator), str(rest.denominator)]
