"""Calendars, invitations and contacts as calendars, mail programs and address books show them."""

import pytest

from qa_core.errors import DataError
from qa_core.text.documents import read_bytes
from qa_core.text.documents.apart import parsed

ZONE = (
    "BEGIN:VTIMEZONE\nTZID:Europe/Berlin\nBEGIN:STANDARD\nDTSTART:1970\nEND:STANDARD\nEND:VTIMEZONE"
)
MEETING = (
    "DTSTART;TZID=Europe/Berlin:20240503T100000\nDTEND;TZID=Europe/Berlin:20240503T113000\n"
    "SUMMARY:Team meet\n ing\nLOCATION:Room 5\\, Harbour House\n"
    "ORGANIZER;CN=Ann Soto:mailto:ann@a.org\n"
    'ATTENDEE;PARTSTAT=ACCEPTED;CN="Bob, B.":mailto:b@a.org\n'
    "DESCRIPTION:Bring plans\\; and coffee.\\nSee you!\nBEGIN:VALARM\nDESCRIPTION:no\nEND:VALARM"
)
SAID = [
    "Team meeting", "When: Friday, 3 May 2024, 10:00 to 11:30 (Europe/Berlin)",
    "Where: Room 5, Harbour House", "Organiser: Ann Soto <ann@a.org>",
    "Invited: Bob, B. <b@a.org> (accepted)", "Bring plans; and coffee.", "See you!",
]  # fmt: skip


def calendar(*events: str, told: str = "VERSION:2.0") -> str:
    held = "".join(f"BEGIN:VEVENT\n{one}\nEND:VEVENT\n" for one in events)
    return f"BEGIN:VCALENDAR\n{told}\n{ZONE}\n{held}END:VCALENDAR\n"


def shown(*events: str, told: str = "VERSION:2.0") -> list[str]:
    return parsed(calendar(*events, told=told).replace("\n", "\r\n").encode(), ".ics").text.split(
        "\n"
    )


def test_calendar_shows_events_by_their_days() -> None:
    holiday = "SUMMARY:Holiday\nDTSTART;VALUE=DATE:20240401\nDTEND;VALUE=DATE:20240403"
    assert shown(MEETING, holiday, told="X-WR-CALNAME:Harbour") == [
        "Harbour", "Holiday", "When: Monday, 1 April 2024 to Tuesday, 2 April 2024", *SAID,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ("DTSTART:20240503T100000Z\nDURATION:PT1H30M",
         "When: Friday, 3 May 2024, 10:00 to 11:30 (UTC)"),
        ("DTSTART:20240503T220000\nDTEND:20240504T020000",
         "When: Friday, 3 May 2024, 22:00 to Saturday, 4 May 2024, 02:00"),
        ("DTSTART:20240503", "When: Friday, 3 May 2024"),
        ("DTSTART:20240231", "When: 20240231"),
        ("RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR;UNTIL=20240601", "Repeats: every 2 weeks on "
         "Monday, Friday, until Saturday, 1 June 2024"),
        ("RRULE:FREQ=MONTHLY;BYDAY=-1SU;COUNT=5",
         "Repeats: every month on the last Sunday, 5 times"),
        ("RRULE:FREQ=DAILY;BYHOUR=9", "Repeats: every day (FREQ=DAILY;BYHOUR=9)"),
        ("STATUS:CANCELLED", "Calendar entry: cancelled"),
        ("DESCRIPTION:<p>One</p><b>two</b>", "One\ntwo"),
    ],
)  # fmt: skip
def test_calendar_says_when_and_how_often(event: str, said: str) -> None:
    assert "\n".join(shown(event)) == said


def test_mail_shows_its_invitation_once_and_above_its_text() -> None:
    def part(kind: str, body: str) -> str:
        return f"Content-Type: {kind}\n\n{body}\n"

    inner = "".join(f"--a\n{one}" for one in (
        part("text/plain; charset=utf-8", "You are invited."),
        part("text/calendar; method=REQUEST", calendar(MEETING)),
    ))  # fmt: skip
    source = (
        "Subject: Invitation\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=m\n\n--m\n"
        f"Content-Type: multipart/alternative; boundary=a\n\n{inner}--a--\n--m\n"
        f"Content-Disposition: attachment; filename=invite.ics\n"
        f"{part('application/ics; name=invite.ics', calendar(MEETING))}--m--\n"
    )
    found = parsed(source.encode(), ".eml")
    assert found.text.split("\n") == ["Subject: Invitation", *SAID, "You are invited."]
    assert found.notes == ()


def test_contacts_are_shown_as_an_address_book_shows_them() -> None:
    source = (
        "BEGIN:VCARD\nVERSION:3.0\nN:Lovelace;Ada;;Dr.;\nFN:Dr. Ada Lovelace\n"
        "ORG:Engines Ltd;Programs\nTEL;TYPE=WORK,VOICE:+44 20\nTEL;type=CELL;type=pref:+44 77\n"
        "item1.EMAIL;type=INTERNET:ada@a.org\nitem1.X-ABLabel:_$!<Home>!$_\n"
        "ADR;TYPE=home:;;12 St James Sq;London;;SW1Y;UK\nBDAY:18151210\nNOTE:One\\ntwo\\; three\n"
        "PHOTO;ENCODING=b;TYPE=JPEG:AAAA\n BBBB\nEND:VCARD\nBEGIN:VCARD\nVERSION:2.1\n"
        "N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=C3=BC=\nrgen;;;\nTEL;CELL:0171\n"
        "END:VCARD\n"
    )
    assert parsed(source.encode(), ".vcf").text.split("\n") == [
        "Dr. Ada Lovelace", "Organisation: Engines Ltd, Programs", "Phone (work): +44 20",
        "Phone (cell): +44 77", "E-mail (Home): ada@a.org",
        "Address (home): 12 St James Sq, SW1Y London, UK", "Birthday: 1815-12-10",
        "Note: One two; three", "Jürgen Müller", "Phone (cell): 0171",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("suffix", "said"), [(".ics", "expected a calendar, found no"), (".vcf", "expected contacts")]
)
def test_calendars_and_contacts_that_are_none_are_refused(suffix: str, said: str) -> None:
    with pytest.raises(DataError, match=said):
        parsed(b"Dear Ann,", suffix)
    with pytest.raises(DataError, match=r"rename it to end in \.vcf"):
        read_bytes(b"BEGIN:VCARD\nEND:VCARD\n", ".pdf")


def test_a_note_of_very_many_lines_is_read_before_the_time_is_up() -> None:
    note = b"NOTE;ENCODING=QUOTED-PRINTABLE:" + b"=41=\n" * 700_000
    text = read_bytes(b"BEGIN:VCARD\n" + note + b"\nEND:VCARD\n", ".vcf").text
    assert text == f"Note: {'A' * 700_000}"
