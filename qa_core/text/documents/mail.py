"""E-mails and e-books to the words that they show."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from xml.etree.ElementTree import Element, ParseError

from qa_core.errors import DataError
from qa_core.text.documents.blocks import Block
from qa_core.text.documents.decoding import decoded, lines
from qa_core.text.documents.office.archive import Archive, attribute, every, resolved
from qa_core.text.documents.web import html, html_blocks

SHOWN = ("Subject", "From", "To", "Cc", "Date")


def eml(data: bytes) -> tuple[list[Block], list[str]]:
    """An e-mail's head and text, and e-mails forwarded in it; attachments are named."""
    message = message_from_bytes(data, policy=policy.default)
    if not isinstance(message, EmailMessage) or not message.keys():
        raise DataError("expected an e-mail, found no head (Subject, From, To); save it again")
    notes: list[str] = []
    return _message(message, notes), notes


def _message(message: EmailMessage, notes: list[str]) -> list[Block]:
    blocks: list[Block] = [f"{name}: {message[name]}" for name in SHOWN if message[name]]
    body = message.get_body(("html", "plain"))
    if body is not None:
        held = body.get_payload(decode=True)
        content = held if isinstance(held, bytes) else b""
        charset = body.get_content_charset()
        text = _said(content, charset)
        if body.get_content_type() == "text/html":
            blocks += html_blocks(text)
        else:
            blocks += _plain(text, is_flowed=body.get_param("format") == "flowed")
    for part in message.iter_attachments():
        if part.get_content_type() == "message/rfc822":
            blocks += _message(part.get_content(), notes)
        elif part is not body:
            name = part.get_filename() or part.get_content_type()
            notes.append(f"the attachment {name} was left out; save it, and open it by itself")
    return blocks


def _said(data: bytes, charset: str | None) -> str:
    try:
        return lines(data.decode(charset or "utf-8"))
    except (LookupError, UnicodeDecodeError):
        return decoded(data)[0]


def _plain(text: str, is_flowed: bool) -> list[Block]:
    """A plain body's lines; where it says that they flow, those that go on are joined."""
    if is_flowed:
        text = re.sub(r"(?m)(?<!^--) \n(?!>)", " ", text)
    return [line for line in text.split("\n") if line.strip()]


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
            blocks += html(archive.read(chapter))[0]
    missing = sum(chapter not in archive.names for chapter in chapters)
    return blocks, [f"{missing} chapters are not in the file"] if missing else []


def _encryption(archive: Archive) -> Element:
    try:
        return archive.xml("META-INF/encryption.xml")
    except ParseError:
        return archive.xml("")
