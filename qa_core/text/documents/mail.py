"""E-mails and e-books to the words that they show."""

from __future__ import annotations

import base64
import contextlib
import re
from email import message_from_bytes, policy
from email.errors import CloseBoundaryNotFoundDefect, MessageError
from email.header import decode_header, make_header
from email.message import EmailMessage, MIMEPart
from functools import partial
from xml.etree.ElementTree import Element, ParseError

from qa_core.errors import DataError
from qa_core.text.documents import shown_name
from qa_core.text.documents.blocks import Block
from qa_core.text.documents.decoding import declared, decoded, lines
from qa_core.text.documents.office.archive import Archive, attribute, every, resolved
from qa_core.text.documents.web import html_blocks, xhtml

READ = ("text/plain", "text/html")
OUTLOOK = ("application/ms-tnef", "application/vnd.ms-tnef")
LONG_HEAD = 20_000  # characters of a head, whose addresses would be parsed for minutes
DEEPEST = 50  # parts in each other, and e-mails in e-mails
EARLY = "the e-mail ends early: what is missing is not read"
SHOWN = ("Subject", "From", "To", "Cc", "Date")

_FLOWS = re.compile(r"(?<!^--) \n(?!>)", re.M)  # where a line goes on on the next
_NESTING = re.compile(
    rb"\bboundary\s*=\s*\"?([^\"\s;]+)|^--([^\s]+?)(--)?[ \t\r]*$"
    rb"|^content-type\s*:\s*message/rfc822",
    re.I | re.M,
)


def eml(data: bytes) -> tuple[list[Block], list[str]]:
    """An e-mail's head and text, and e-mails forwarded in it; attachments are named."""
    data = data.lstrip(b"\xef\xbb\xbf\r\n\t ")
    reach = _reach(data)
    message = message_from_bytes(data[:reach], policy=policy.default)
    if not isinstance(message, EmailMessage) or not message.keys():
        raise DataError("expected an e-mail, found no head (Subject, From, To); save it again")
    notes: list[str] = []
    blocks = _message(message, notes)
    if reach < len(data):
        notes = [one for one in notes if one != EARLY]
        notes.append(
            f"what is nested more than {DEEPEST} deep was left out, with all that follows it; "
            "save the e-mail in it, and open it by itself"
        )
    return blocks, notes


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


def _message(message: EmailMessage, notes: list[str]) -> list[Block]:
    if any(isinstance(one, CloseBoundaryNotFoundDefect) for one in message.defects):
        notes.append(EARLY)
    blocks: list[Block] = [f"{name}: {said}" for name in SHOWN if (said := _head(message, name))]
    body = message.get_body(("html", "plain"))
    shown = _body(body)
    if not shown:  # an empty page beside a text
        body = message.get_body(("plain",)) or body
        shown = _body(body)
    blocks += shown
    is_whole = message.get_content_type() == "message/rfc822"
    for part in [message] if is_whole else message.iter_attachments():
        kind, name = part.get_content_type(), part.get_filename()
        if kind == "message/rfc822":
            inner = _forwarded(part)
            blocks += _message(inner, notes) if inner is not None else []
        elif name is None and part.is_multipart() and part.get_body() is not None:
            blocks += _message(part, notes)
        elif name is None and kind in READ and not part.is_attachment():
            blocks += _body(part)
        elif kind in OUTLOOK or (name or "").lower() == "winmail.dat":
            notes.append(
                f"{shown_name(name or kind)} was left out: the text or files that Outlook sent in "
                "a form of its own; ask the sender for the e-mail as HTML or plain text"
            )
        elif part is not body:
            named = shown_name(name or kind)
            notes.append(f"the attachment {named} was left out; save it, and open it by itself")
    if body is None and not message.is_multipart():
        notes.append(f"its content was left out, as it is no text: {message.get_content_type()}")
    return blocks


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
            return str(message[name] or "")
    with contextlib.suppress(LookupError, UnicodeError, MessageError):
        found = str(make_header(decode_header(found)))
    return " ".join(found.split())


def _body(part: MIMEPart | None) -> list[Block]:
    if part is None:
        return []
    held = part.get_payload(decode=True)
    text = _said(held if isinstance(held, bytes) else b"", part.get_content_charset())
    if part.get_content_type() == "text/html":
        return html_blocks(text)
    if str(part.get_param("format")).lower() == "flowed":
        between = "" if str(part.get_param("delsp")).lower() == "yes" else " "
        text = _FLOWS.sub(between, text)
    return [line for line in text.split("\n") if line.strip()]


def _forwarded(part: EmailMessage) -> EmailMessage | None:
    """The e-mail in a part, which some programs encode though they may not."""
    held = part.get_payload()
    inner = held[0] if isinstance(held, list) and held else None
    if isinstance(inner, EmailMessage) and not inner.keys():
        with contextlib.suppress(ValueError):
            encoded = str(inner.get_payload())
            decoded_ = base64.b64decode("".join(encoded.split()), validate=True)
            inner = message_from_bytes(decoded_, policy=policy.default)
    return inner if isinstance(inner, EmailMessage) else None


def _said(data: bytes, charset: str | None) -> str:
    try:
        return lines(data.decode(declared(charset or "utf-8")))
    except (LookupError, UnicodeDecodeError):
        return decoded(data)[0]


def epub(data: bytes) -> tuple[list[Block], list[str]]:
    """An e-book's chapters, in the order in which it is read."""
    archive = Archive(data)
    book = next((attribute(one, "full-path") for one in
                 every(archive.xml("META-INF/container.xml"), "rootfile")), "")  # fmt: skip
    tree = archive.xml(book)
    items = {attribute(one, "id"): attribute(one, "href") for one in every(tree, "item")}
    folder = book.rpartition("/")[0]
    chapters = [resolved(folder, items.get(attribute(one, "idref"), ""))
                for one in every(tree, "itemref")]  # fmt: skip
    locked = {attribute(one, "URI") for one in every(_encryption(archive), "CipherReference")}
    if locked.intersection(chapters):
        raise DataError(
            "expected an e-book without copy protection, found one with; "
            "ask whoever sold it for one without"
        )
    blocks: list[Block] = []
    for chapter in chapters:
        if chapter in archive.names:
            blocks += xhtml(archive.read(chapter), partial(_linked, archive, chapter))
    missing = sum(chapter not in archive.names for chapter in chapters)
    return blocks, _lost(missing)


def _linked(archive: Archive, chapter: str, target: str) -> str:
    """The source of a style sheet that a chapter refers to; "" if it is not in the book."""
    name = resolved(chapter.rpartition("/")[0], target)
    return decoded(archive.read(name))[0] if name in archive.names else ""


def _lost(chapters: int) -> list[str]:
    are = "chapter is" if chapters == 1 else "chapters are"
    return [f"{chapters} {are} not in the file"] if chapters else []


def _encryption(archive: Archive) -> Element:
    try:
        return archive.xml("META-INF/encryption.xml")
    except ParseError:
        return archive.xml("")
