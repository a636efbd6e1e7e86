"""Dates, times and durations as the formats of a sheet's cells show them. Pure."""

from __future__ import annotations

import calendar
import re
from datetime import datetime

from qa_core.text.documents.office.formats import sections_of

# What Excel shows as is usual in the country of its machine: here, the year comes first.
OF_COUNTRY = {"mm-dd-yy": "yyyy-mm-dd", "m/d/yy h:mm": "yyyy-mm-dd hh:mm", "": "yyyy-mm-dd hh:mm"}

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|\[(?P<elapsed>h+|m+|s+)\]|\[[^\]]*\]|_.|\*.'
    r"|(?P<noon>am/pm|a/p)|(?P<tenths>\.0+)|(?P<part>y+|m+|d+|h+|s+)|(?P<sign>.)",
    re.I | re.S,
)
_UNITS = {"h": 3600, "m": 60, "s": 1}


def dated(moment: datetime, seconds: float, form: str) -> str:
    """A moment as a format such as ``d. mmm yyyy`` shows it.

    seconds: as many as it is from the day on which the sheet's time begins, for ``[h]:mm``.
    """
    form = OF_COUNTRY.get(form, form)
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
            said.append(_said(moment, unit, len(text), is_halved))
        elif kind == "noon":
            said.append(text.split("/")[moment.hour >= 12])
        elif kind == "tenths":
            said.append(f".{moment.microsecond:06}"[: len(text)])
        elif kind in ("quoted", "escaped") or (kind == "sign" and text != "@"):
            said.append(text)
    return " ".join("".join(said).split())


def _said(moment: datetime, unit: str, width: int, is_halved: bool) -> str:
    match unit:
        case "y":
            return f"{moment.year:04}" if width > 2 else f"{moment.year % 100:02}"
        case "m" if width > 2:
            name = calendar.month_name[moment.month]
            return name[: {3: 3, 5: 1}.get(width)]
        case "d" if width > 2:
            name = calendar.day_name[moment.weekday()]
            return name[:3] if width == 3 else name
        case "h" if is_halved:
            number = moment.hour % 12 or 12
        case _:
            number = {"m": moment.month, "d": moment.day, "h": moment.hour,
                      "minute": moment.minute, "s": moment.second}[unit]  # fmt: skip
    return f"{number:0{min(width, 2)}}"
