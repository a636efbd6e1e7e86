"""Calendars and invitations to what a calendar shows of them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from qa_core.errors import DataError
from qa_core.text.documents.blocks import Block
from qa_core.text.documents.decoding import decoded
from qa_core.text.documents.mail.properties import Component, Property, parts_of, plain
from qa_core.text.documents.web import html_blocks, is_markup

SHOWN = ("VEVENT", "VTODO", "VJOURNAL")
DAYS = {"MO": "Monday", "TU": "Tuesday", "WE": "Wednesday", "TH": "Thursday", "FR": "Friday",
        "SA": "Saturday", "SU": "Sunday"}  # fmt: skip
UNITS = {"SECONDLY": "second", "MINUTELY": "minute", "HOURLY": "hour", "DAILY": "day",
         "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year"}  # fmt: skip
PLACES = {"1": "first", "2": "second", "3": "third", "4": "fourth", "5": "fifth", "-1": "last"}
STATES = {"ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "tentative",
          "NEEDS-ACTION": "no reply yet", "DELEGATED": "delegated"}  # fmt: skip

_MOMENT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)?(Z?))?")
_LENGTH = re.compile(r"\+?P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
_DAY = re.compile(r"([+-]?\d*)(MO|TU|WE|TH|FR|SA|SU)")


def ics(data: bytes) -> tuple[list[Block], list[str]]:
    """A calendar's events and tasks, in the order of their days."""
    text, note = decoded(data)
    calendars = _calendars(text)
    if not calendars:
        raise DataError("expected a calendar, found no BEGIN:VCALENDAR; export it again")
    blocks = [block for event in _events(calendars) for block in event]
    return blocks, [note] if note else []


def events(source: str) -> list[list[Block]]:
    """What each event or task of a calendar shows, the calendar's name before the first."""
    return _events(_calendars(source))


def _calendars(source: str) -> list[Component]:
    return [one for one in parts_of(source) if one.name == "VCALENDAR"]


def _events(calendars: list[Component]) -> list[list[Block]]:
    found: list[list[Block]] = []
    for calendar in calendars:
        held = [one for one in calendar.parts if one.name in SHOWN]
        is_off = calendar.one("METHOD").text.strip().upper() == "CANCEL"
        found += [[one.words] for one in calendar.all("X-WR-CALNAME") if held and one.words]
        found += [_event(one, is_off) for one in sorted(held, key=_start)]
    return [one for one in found if one]


def _start(event: Component) -> str:
    return (event.one("DTSTART").text or event.one("DUE").text)[:15]


def _event(event: Component, is_off: bool) -> list[Block]:
    is_off = is_off or event.one("STATUS").text.strip().upper() == "CANCELLED"
    people = [_person(one) for one in event.all("ATTENDEE")]
    told = [
        ("Calendar entry" if is_off else "", "cancelled" if is_off else ""),
        ("When", _when(event)),
        ("Due", _moment(event.one("DUE"))),
        ("Repeats", _repeats(event.one("RRULE").text)),
        ("Not on", ", ".join(_moment(Property("", day, told=one.told))
                             for one in event.all("EXDATE") for day in one.text.split(","))),
        ("Where", event.one("LOCATION").words),
        ("Organiser", _person(event.one("ORGANIZER"))),
        ("Invited", "; ".join(filter(None, people))),
        ("Categories", ", ".join(word for one in event.all("CATEGORIES")
                                 for word in one.parts(","))),
        ("Link", event.one("URL").words),
    ]  # fmt: skip
    summary = event.one("SUMMARY").words
    lines: list[Block] = [summary] if summary else []
    lines += [f"{name}: {said}" for name, said in told if said]
    for one in (*event.all("DESCRIPTION"), *event.all("COMMENT")):
        lines += _described(plain(one.text))
    for one in event.all("ATTACH"):
        if one.text.startswith("http"):
            lines.append(f"Attached: {one.told.get('filename', one.words)}")
    return lines


def _described(text: str) -> list[Block]:
    if is_markup(text):  # as some calendars write it
        return html_blocks(text.replace("\n", "<br>"))
    return [" ".join(line.split()) for line in text.split("\n") if line.strip()]


def _person(one: Property) -> str:
    address = one.words.removeprefix("mailto:").removeprefix("MAILTO:")
    name = one.told.get("cn", "").strip("' ")
    said = f"{name} <{address}>" if name and name != address else address
    state = STATES.get(one.told.get("partstat", "").upper(), "")
    return f"{said} ({state})" if state and said else said


def _when(event: Component) -> str:
    begin, end = event.one("DTSTART"), event.one("DTEND")
    first, last = _time(begin.text), _time(end.text)
    if first is None:
        return begin.words
    is_day = "T" not in begin.text
    if last is None and (length := _LENGTH.fullmatch(event.one("DURATION").text.strip())):
        weeks, days, hours, minutes, seconds = (int(one or 0) for one in length.groups())
        last = first + timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes,
                                 seconds=seconds)  # fmt: skip
    if last is not None and is_day and last > first:  # the day after the last one
        last -= timedelta(days=1)
    said = _said(first, is_day)
    if last is not None and last > first:
        is_same = last.date() == first.date()
        said += f" to {last:%H:%M}" if is_same and not is_day else f" to {_said(last, is_day)}"
    return said + _zone(begin)


def _moment(one: Property) -> str:
    found = _time(one.text)
    return _said(found, "T" not in one.text) + _zone(one) if found else one.words


def _zone(one: Property) -> str:
    if one.text.strip().endswith("Z"):
        return " (UTC)"
    zone = one.told.get("tzid", "").strip("/")
    return f" ({zone})" if zone and "T" in one.text else ""


def _time(text: str) -> datetime | None:
    found = _MOMENT.match(text.strip())
    if not found:
        return None
    year, month, day, hour, minute, second = (int(one or 0) for one in found.groups()[:6])
    try:
        return datetime(year, month, day, hour, minute, second)
    except ValueError:  # a 31st of June
        return None


def _said(moment: datetime, is_day: bool) -> str:
    day = f"{moment:%A}, {moment.day} {moment:%B %Y}"
    return day if is_day else f"{day}, {moment:%H:%M}"


def _repeats(rule: str) -> str:
    """A rule such as ``FREQ=WEEKLY;BYDAY=MO`` in words; as it stands where it says more."""
    told = dict(one.split("=", 1) for one in rule.strip().upper().split(";") if "=" in one)
    unit = UNITS.get(told.pop("FREQ", ""), "")
    told.pop("WKST", None)
    if not unit:
        return rule
    every = told.pop("INTERVAL", "1")
    said = f"every {unit}" if every == "1" else f"every {every} {unit}s"
    if days := _DAY.findall(told.pop("BYDAY", "")):
        said += " on " + ", ".join(
            f"the {PLACES.get(place.lstrip('+'), place)} {DAYS[day]}" if place else DAYS[day]
            for place, day in days
        )
    if days_of_month := told.pop("BYMONTHDAY", ""):
        said += f" on day {days_of_month}"
    if times := told.pop("COUNT", ""):
        said += f", {times} times"
    if until := _time(told.pop("UNTIL", "")):
        said += f", until {_said(until, True)}"
    return said if not told else f"{said} ({rule})"
