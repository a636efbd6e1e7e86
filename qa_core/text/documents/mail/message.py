"""E-mails to the words that they show."""

from __future__ import annotations

import base64
import contextlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes, message_from_string, policy
from email.errors import CloseBoundaryNotFoundDefect, MessageError
from email.header import decode_header, make_header
from email.message import EmailMessage, Message, MIMEPart
from pathlib import PurePath
from typing import Literal
from xml.etree.ElementTree import ParseError

from qa_core.errors import DataError
from qa_core.text.documents import shown_name
from qa_core.text.documents.blocks import Block
from qa_core.text.documents.decoding import MARKS, declared, decoded, html_source, lines, wide
from qa_core.text.documents.kinds import PLAIN, USUAL
from qa_core.text.documents.mail.calendars import events
from qa_core.text.documents.mail.contacts import vcf
from qa_core.text.documents.plain.records import records
from qa_core.text.documents.plain.subtitles import subtitles
from qa_core.text.documents.plain.tables import table
from qa_core.text.documents.plain.trees import xml
from qa_core.text.documents.web import html, html_blocks, markdown

FORWARDED = ("message/rfc822", "message/global")
READ = ("text/plain", "text/html")
REPORTS = (
    "message/delivery-status",
    "message/disposition-notification",
    "message/global-delivery-status",
    "message/global-disposition-notification",
)
CALENDARS = ("text/calendar", "application/ics")
# What is read of what is attached: by how its name usually ends, and how it does by its kind.
ATTACHED: dict[str, Callable[[bytes], tuple[list[Block], list[str]]]] = {
    ".csv": table, ".md": markdown, ".html": html, ".vcf": vcf, ".srt": subtitles,
    ".json": records, ".xml": xml,
}  # fmt: skip
ENDING = {
    "text/plain": PLAIN, "text/csv": ".csv", "text/markdown": ".md", "text/html": ".html",
    "application/json": ".json", "application/xml": ".xml", "text/xml": ".xml",
    "text/vcard": ".vcf", "text/x-vcard": ".vcf", "text/directory": ".vcf",
}  # fmt: skip
SIGNATURES = ("application/pkcs7-signature", "application/x-pkcs7-signature",
              "application/pgp-signature")  # fmt: skip
LOCKED = ("multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime")
OUTLOOK = ("application/ms-tnef", "application/vnd.ms-tnef")
AS_THEY_ARE = ("8bit", "7bit", "binary")  # encodings that leave the bytes of a text
LONG_HEAD = 20_000  # characters of a head, whose addresses would be parsed for minutes
DEEPEST = 50  # parts in each other, and e-mails in e-mails
EARLY = "the e-mail ends early: what is missing is not read"
SHOWN = ("Subject", "From", "To", "Cc", "Date")

_NESTING = re.compile(
    rb"\bboundary\s*=\s*\"?([^\"\s;]+)|^--([^\s]+?)(--)?[ \t\r]*$"
    rb"|^content-type\s*:\s*message/rfc822",
    re.I | re.M,
)


def eml(data: bytes) -> tuple[list[Block], list[str]]:
    """An e-mail's head and text, and e-mails forwarded in it; attachments are named."""
    return _read(data)


def mhtml(data: bytes) -> tuple[list[Block], list[str]]:
    """A web page that a browser saved in one file, as an e-mail of its parts."""
    return _read(data, is_page=True)


def _read(data: bytes, *, is_page: bool = False) -> tuple[list[Block], list[str]]:
    data = _narrow(data).lstrip(b"\xef\xbb\xbf\r\n\t ")
    reach = _reach(data)
    message = message_from_bytes(data[:reach], policy=policy.default)
    if not isinstance(message, EmailMessage) or not message.keys():
        raise DataError("expected an e-mail, found no head (Subject, From, To); save it again")
    reader = _Mail.of(message)
    blocks = reader.shown(message, is_whole=True) if is_page else reader.message(message)
    notes = list(dict.fromkeys(reader.notes))
    if reader.pictures and not is_page:
        named = ", ".join(dict.fromkeys(reader.pictures))
        notes.append(f"pictures were left out, as their words are not read: {named}")
    if reach < len(data):
        notes = [one for one in notes if one != EARLY]
        notes.append(
            f"what is nested more than {DEEPEST} deep was left out, with all that follows it; "
            "save the e-mail in it, and open it by itself"
        )
    return blocks, notes


def _narrow(data: bytes) -> bytes:
    """An e-mail that was saved as UTF-16, such as by a text editor, in UTF-8."""
    is_wide = MARKS.get(data[:2]) == "utf-16" or wide(data)
    return decoded(data)[0].encode("utf-8", "replace") if is_wide else data


def _reach(data: bytes) -> int:
    """How much of an e-mail is read: up to where its parts are nested too deeply."""
    around: list[bytes] = []  # boundaries; of an e-mail in a part, nothing
    for found in _NESTING.finditer(data):
        boundary, line, end = found[1], found[2], found[3]
        if line:
            if line in around:
                del around[around.index(line) + (not end) :]
            continue
        around.append(boundary or b"")
        if len(around) > DEEPEST:
            return data.rfind(b"\n", 0, found.start()) + 1
    return len(data)


@dataclass(frozen=True, slots=True)
class _Mail:
    """A walk through an e-mail's parts. sheets: its style sheets, by what pages call them.
    pictures: the names of those that are left out. invited: what its invitations have said so far,
    as many come twice."""

    notes: list[str]
    sheets: dict[str, MIMEPart]
    pictures: list[str]
    invited: list[list[Block]]

    @classmethod
    def of(cls, message: EmailMessage) -> _Mail:
        sheets: dict[str, MIMEPart] = {}
        for part in message.walk():
            if _kind(part) == "text/css" and isinstance(part, MIMEPart):
                sheets[str(part["Content-Location"] or "").strip()] = part
                sheets[f"cid:{str(part['Content-ID'] or '').strip(' <>')}"] = part
        return cls([], sheets, [], [])

    def message(self, message: EmailMessage) -> list[Block]:
        """The head and the text of an e-mail, or of one in it."""
        head = [f"{name}: {said}" for name in SHOWN if (said := _head(message, name))]
        return [*head, *self.shown(message, is_whole=True)]

    def shown(self, part: MIMEPart, *, is_whole: bool = False) -> list[Block]:
        """What a part shows. is_whole: whether it is all that its e-mail holds."""
        kind, name, held = _kind(part), part.get_filename(), part.get_payload()
        if any(isinstance(one, CloseBoundaryNotFoundDefect) for one in part.defects):
            self.notes.append(EARLY)
        if kind in FORWARDED:
            inner = _forwarded(part)
            return self.message(inner) if inner is not None else []
        if kind in LOCKED:
            self.notes.append(
                "its text is encrypted or signed as a whole, and was left out; open it in your "
                "mail program, and save its text"
            )
            return []
        if kind.startswith("multipart/") and isinstance(held, list):
            parts = [one for one in held if isinstance(one, MIMEPart)]
            if kind == "multipart/alternative":
                return self._best(parts)
            return [block for one in parts for block in self.shown(one)]
        if kind in CALENDARS and (told := events(_said(part))):
            return self._invitation(told)
        if kind in REPORTS and isinstance(held, list):
            return [f"{key}: {' '.join(str(value).split())}" for one in held
                    if isinstance(one, Message) for key, value in one.items()]  # fmt: skip
        if kind == "text/rfc822-headers":  # of an e-mail that came back
            head = message_from_string(_said(part), policy=policy.default)
            return self.message(head) if isinstance(head, EmailMessage) else []
        is_text = kind in READ or kind.startswith("multipart/")
        if is_text and (is_whole or not part.is_attachment()):
            return self._body(part)
        if kind in OUTLOOK or (name or "").lower() == "winmail.dat":
            self.notes.append(
                f"{shown_name(name or kind)} was left out: the text or files that Outlook sent in "
                "a form of its own; ask the sender for the e-mail as HTML or plain text"
            )
        elif is_whole:
            self.notes.append(f"its content was left out, as it is no text: {kind}")
        elif kind.startswith("image/"):
            self.pictures.append(shown_name(name or kind))
        elif kind != "text/css" and kind not in SIGNATURES:
            return self._attached(part, shown_name(name or kind))
        return []

    def _attached(self, part: MIMEPart, name: str) -> list[Block]:
        """A file that is attached, below its name, where it is a text."""
        told = ENDING.get(_kind(part), "") if "Content-Type" in part else ""
        usual = USUAL.get(PurePath(name).suffix.lower(), told)
        with contextlib.suppress(DataError, ParseError):
            if usual in ATTACHED:
                return [name, *ATTACHED[usual](_said(part).encode("utf-8", "replace"))[0]]
            if usual == PLAIN:
                return [name, *self._body(part)]
        self.notes.append(f"the attachment {name} was left out; save it, and open it by itself")
        return []

    def _best(self, parts: list[MIMEPart]) -> list[Block]:
        """Of what is told in several forms, the last web page that holds words, or the last; and
        an invitation, which programs show above it."""
        left: list[str] = []
        above = [
            block
            for one in parts
            if _kind(one) in CALENDARS
            for block in self._invitation(events(_said(one)))
        ]
        parts = [one for one in parts if _kind(one) not in CALENDARS]
        for one in sorted(parts, key=_has_page)[::-1]:
            inner = _Mail([], self.sheets, self.pictures, self.invited)
            blocks = inner.shown(one)
            if blocks:
                self.notes.extend(inner.notes)
                return above + blocks
            left += inner.notes
        self.notes.extend(left)
        return above

    def _invitation(self, told: list[list[Block]]) -> list[Block]:
        new = [one for one in told if one not in self.invited]
        self.invited.extend(new)
        return [block for one in new for block in one]

    def _body(self, part: MIMEPart) -> list[Block]:
        text = _said(part)
        if _kind(part) == "text/html":
            return html_blocks(text, self._linked)
        if str(part.get_param("format")).lower() == "flowed":
            text = _unfolded(text, "" if str(part.get_param("delsp")).lower() == "yes" else " ")
        return [line for line in text.split("\n") if line.strip()]

    def _linked(self, target: str) -> str:
        return _said(self.sheets[target]) if target in self.sheets else ""


def _kind(part: Message) -> str:
    return (part.get_content_type().split() or ["text/plain"])[0]


def _has_page(part: MIMEPart) -> bool:
    return any(_kind(one) == "text/html" for one in part.walk())


def _head(message: EmailMessage, name: str) -> str:
    """A line of the head, as it stands where it is no address."""
    held = (value for key, value in message.raw_items() if key.lower() == name.lower())
    found = str(next(held, ""))
    raw = found.encode("utf-8", "surrogateescape")
    is_sound = len(found) < LONG_HEAD
    try:
        raw.decode()
    except UnicodeDecodeError:  # letters of another encoding, which no head should hold
        found, is_sound = decoded(raw)[0], False
    if is_sound:
        with contextlib.suppress(IndexError, ValueError, AttributeError):  # of half an address
            said = str(message[name] or "")
            if said.count("@") >= found.count("@"):  # or else addresses would be lost
                return said
    with contextlib.suppress(LookupError, UnicodeError, MessageError):
        found = str(make_header(decode_header(found)))
    return " ".join(found.split())


def _unfolded(text: str, between: Literal["", " "]) -> str:
    """Text whose lines flow: one that ends in a blank goes on on the next, if that is quoted as
    deeply. between: what stands in the blank's place."""
    shown: list[str] = []
    last, flows = "", False
    for line in text.split("\n"):
        words = line.lstrip(">")
        quoted, words = line[: len(line) - len(words)], words.removeprefix(" ")
        is_end = words == "-- "  # of the text: a signature comes
        if flows and quoted == last and not is_end:
            shown[-1] += between + words.removesuffix(" ")
        else:
            said = words if is_end else words.removesuffix(" ")
            shown.append(f"{quoted} {said}" if quoted else said)
        last, flows = quoted, words.endswith(" ") and not is_end
    return "\n".join(shown)


def _forwarded(part: MIMEPart) -> EmailMessage | None:
    """The e-mail in a part, which some programs encode though they may not."""
    held = part.get_payload()
    inner = held[0] if isinstance(held, list) and held else None
    if isinstance(inner, EmailMessage) and not inner.keys():
        with contextlib.suppress(ValueError):
            encoded = str(inner.get_payload())
            decoded_ = base64.b64decode("".join(encoded.split()), validate=True)
            inner = message_from_bytes(decoded_, policy=policy.default)
    return inner if isinstance(inner, EmailMessage) else None


def _said(part: MIMEPart) -> str:
    """The source of a part that is text."""
    held = part.get_payload(decode=True)
    data = held if isinstance(held, bytes) else b""
    how = str(part.get("Content-Transfer-Encoding", "8bit")).strip().lower()
    if how in AS_THEY_ARE and not data.isascii():
        with contextlib.suppress(UnicodeError):  # whatever it declares, nothing else looks so
            return lines(data.decode("utf-8"))
    charset = part.get_content_charset()
    if charset is None and _kind(part) == "text/html":
        return html_source(data)[0]
    try:
        return lines(declared(data, charset or "utf-8"))
    except (LookupError, UnicodeError):
        return decoded(data)[0]
