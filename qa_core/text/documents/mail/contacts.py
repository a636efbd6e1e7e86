"""Contacts (vCard) to what an address book shows of them."""

from __future__ import annotations

import re

from qa_core.errors import DataError
from qa_core.text.documents.blocks import Block, names
from qa_core.text.documents.decoding import decoded
from qa_core.text.documents.mail.properties import Component, Property, parts_of

SHOWN = {
    "NICKNAME": "Nickname", "ORG": "Organisation", "TITLE": "Title", "ROLE": "Role", "TEL": "Phone",
    "EMAIL": "E-mail", "ADR": "Address", "LABEL": "Address", "BDAY": "Birthday",
    "ANNIVERSARY": "Anniversary", "URL": "Website", "IMPP": "Messages", "RELATED": "Related",
    "X-ABRELATEDNAMES": "Related", "X-ABDATE": "Date", "X-SOCIALPROFILE": "Profile",
    "X-SKYPE": "Skype", "X-SKYPE-USERNAME": "Skype", "X-SPOUSE": "Spouse",
    "X-ANNIVERSARY": "Anniversary", "X-EVOLUTION-SPOUSE": "Spouse", "X-PHONETIC-FIRST-NAME": "Read",
    "CATEGORIES": "Groups", "HOBBY": "Hobby", "INTEREST": "Interest", "EXPERTISE": "Expertise",
    "NOTE": "Note",
}  # fmt: skip
UNSAID = names("pref internet voice x-ios other utf-8 quoted-printable")  # kinds that tell nothing
_OWN = re.compile(r"_\$!<(.*)>!\$_")  # Apple's own labels
_DATE = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:T.*)?")


def vcf(data: bytes) -> tuple[list[Block], list[str]]:
    """The contacts of a file, one after another."""
    text, note = decoded(data)
    cards = [one for one in parts_of(text) if one.name == "VCARD"]
    if not cards:
        raise DataError("expected contacts, found no BEGIN:VCARD; export them again")
    return [line for card in cards for line in _contact(card)], [note] if note else []


def _contact(card: Component) -> list[Block]:
    given = card.one("N").parts()  # family, given, middle, before and after
    order = (3, 1, 2, 0, 4)
    name = " ".join(given[place] for place in order if place < len(given) and given[place])
    lines: list[Block] = [card.one("FN").words or name]
    labels = {one.group: one.words for one in card.all("X-ABLABEL") if one.group}
    for one in card.lines:
        if one.name in SHOWN and (said := _said(one)):
            lines.append(f"{_named(one, labels)}: {said}")
    return [one for one in lines if one]


def _said(one: Property) -> str:
    if one.name == "ADR":
        box, flat, street, city, region, code, country = (*one.parts(), *[""] * 7)[:7]
        return ", ".join(filter(None, (box, flat, street, f"{code} {city}".strip(), region,
                                       country)))  # fmt: skip
    if one.name in ("ORG", "NICKNAME", "CATEGORIES"):
        parts = one.parts(";" if one.name == "ORG" else ",")
        return ", ".join(filter(None, parts))
    if found := _DATE.fullmatch(one.words) if one.name in ("BDAY", "ANNIVERSARY") else None:
        return "-".join(found.groups())
    return one.words.removeprefix("tel:").removeprefix("mailto:")


def _named(one: Property, labels: dict[str, str]) -> str:
    """What a line is called: ``Phone (work)``."""
    label = labels.get(one.group, "")
    own = _OWN.fullmatch(label)
    told = [own[1] if own else label] if label else one.told.get("type", "").lower().split(",")
    kinds = [kind for kind in dict.fromkeys(told) if kind and kind.lower() not in UNSAID]
    return f"{SHOWN[one.name]} ({', '.join(kinds)})" if kinds else SHOWN[one.name]
