"""Dates, times and durations as the formats of a sheet's cells show them. Pure."""

from __future__ import annotations

import re
from datetime import datetime

from qa_core.text.documents.office.formats import sections_of
from qa_core.text.documents.office.months import ENGLISH, Names, names_of

# What Excel shows as is usual in the country of its machine: here, the year comes first.
OF_COUNTRY = {"mm-dd-yy": "yyyy-mm-dd", "m/d/yy h:mm": "yyyy-mm-dd hh:mm",
              "": "yyyy-mm-dd hh:mm", "General": "yyyy-mm-dd"}  # fmt: skip

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|\[(?P<elapsed>h+|m+|s+)\]|\[[^\]]*\]|_.|\*.'
    r"|(?P<noon>am/pm|a/p)|(?P<tenths>\.0+)|(?P<part>y+|m+|d+|h+|s+)|(?P<sign>.)",
    re.I | re.S,
)
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]', re.S)
_NAMED = re.compile("m{3,}|d{3,}", re.I)
_UNITS = {"h": 3600, "m": 60, "s": 1}


def dated(moment: datetime, seconds: float, form: str) -> str:
    """A moment as a format such as ``d. mmm yyyy`` shows it; with names of months or days in a
    language that is not known here, the year comes first, in figures.

    seconds: as many as it is from the day on which the sheet's time begins, for ``[h]:mm``.
    """
    form = OF_COUNTRY.get(form, form)
    names = names_of(form)
    if names is None:
        if _NAMED.search(_QUOTED.sub("", form)):
            form = f"yyyy-mm-dd{' hh:mm' if 'h' in _QUOTED.sub('', form).lower() else ''}"
        names = ENGLISH
    parts = [(match.lastgroup or "", match[match.lastgroup or 0])
             for match in _TOKEN.finditer(sections_of(form)[0])]  # fmt: skip
    is_halved = any(kind == "noon" for kind, _ in parts)
    units = [text[0].lower() if kind in ("part", "elapsed") else "" for kind, text in parts]
    said = []
    for place, (kind, text) in enumerate(parts):
        if kind == "elapsed":
            said.append(f"{int(seconds // _UNITS[units[place]]):0{len(text)}}")
        elif kind == "part":
            unit = units[place]
            before = next(filter(None, units[:place][::-1]), "")
            after = next(filter(None, units[place + 1 :]), "")
            if unit == "m" and len(text) < 3 and (before == "h" or after == "s"):
                unit = "minute"
            said.append(_said(moment, unit, len(text), is_halved, names))
        elif kind == "noon":
            said.append(text.split("/")[moment.hour >= 12])
        elif kind == "tenths":
            said.append(f".{moment.microsecond:06}"[: len(text)])
        elif kind in ("quoted", "escaped") or (kind == "sign" and text != "@"):
            said.append(text)
    return " ".join("".join(said).split())


def _said(moment: datetime, unit: str, width: int, is_halved: bool, names: Names) -> str:
    match unit:
        case "y":
            return f"{moment.year:04}" if width > 2 else f"{moment.year % 100:02}"
        case "m" if width > 2:
            held = names.short_months if width == 3 else names.months
            return held[moment.month - 1][: 1 if width == 5 else None]
        case "d" if width > 2:
            held = names.short_days if width == 3 else names.days
            return held[moment.weekday()]
        case "h" if is_halved:
            number = moment.hour % 12 or 12
        case _:
            number = {"m": moment.month, "d": moment.day, "h": moment.hour,
                      "minute": moment.minute, "s": moment.second}[unit]  # fmt: skip
    return f"{number:0{min(width, 2)}}"
