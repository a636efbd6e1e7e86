"""The lines that calendars and contacts are written in: ``NAME;KEY=VALUE:text``. Pure."""

from __future__ import annotations

import quopri
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

_LINE = re.compile(r"(?:([\w-]+)\.)?([\w-]+)((?:;(?:\"[^\"]*\"|[^\";:])*)*):(.*)", re.S)
_KEY = re.compile(r";([\w-]+)(?:=((?:\"[^\"]*\"|[^\";])*))?")
_ESCAPED = re.compile(r"\\(.)", re.S)
DEEPEST = 20  # parts in each other


@dataclass(frozen=True, slots=True)
class Property:
    """A line. group: what ties it to others. told: what it says of its text, in small letters."""

    name: str
    text: str
    group: str = ""
    told: dict[str, str] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """Its text on one line."""
        return " ".join(plain(self.text).split())

    def parts(self, sign: str = ";") -> list[str]:
        """The parts of its text between signs that stand for themselves."""
        held = re.split(rf"(?<!\\){sign}", self.text)
        return [" ".join(plain(one).split()) for one in held]


@dataclass
class Component:
    """What stands between BEGIN and END of a name."""

    name: str
    lines: list[Property] = field(default_factory=list)
    parts: list[Component] = field(default_factory=list)

    def all(self, name: str) -> list[Property]:
        return [one for one in self.lines if one.name == name]

    def one(self, name: str) -> Property:
        """The first line of a name, or one without a text."""
        return next(iter(self.all(name)), Property(name, ""))


def plain(text: str) -> str:
    """Text without the signs that keep commas and line breaks."""
    return _ESCAPED.sub(lambda one: "\n" if one[1] in "nN" else one[1], text)


def parts_of(source: str) -> list[Component]:
    """The outermost parts of a file."""
    around = [Component("")]
    for one in _properties(source):
        if one.name == "BEGIN" and len(around) < DEEPEST:
            around.append(Component(one.text.strip().upper()))
            around[-2].parts.append(around[-1])
        elif one.name == "END" and len(around) > 1:
            around.pop()
        else:
            around[-1].lines.append(one)
    return around[0].parts


def _properties(source: str) -> Iterator[Property]:
    lines = deque(re.sub(r"\n[ \t]", "", source).split("\n"))
    while lines:
        found = _LINE.fullmatch(lines.popleft()) if lines else None
        if not found:
            continue
        told: dict[str, str] = {}
        for key, value in _KEY.findall(found[3]):
            name = key.lower() if value else "type"  # vCard 2.1 says ;HOME alone
            known = f"{told[name]}," if name in told else ""
            told[name] = known + (value or key).strip('"')
        text = found[4]
        if "quoted-printable" in f"{told.get('encoding', '')} {told.get('type', '')}".lower():
            pieces = [text]
            while pieces[-1].endswith("=") and lines:
                pieces[-1] = pieces[-1][:-1]
                pieces.append(lines.popleft())
            text = _unquoted("".join(pieces), told.get("charset", "utf-8"))
        yield Property(found[2].upper(), text, found[1] or "", told)


def _unquoted(text: str, charset: str) -> str:
    data = quopri.decodestring(text.encode("utf-8"))
    try:
        said = data.decode(charset)
    except (LookupError, UnicodeError):
        said = data.decode("cp1252", "replace")
    return said.replace("\r", "").replace("\n", "\\n")
