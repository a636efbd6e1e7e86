"""Subtitles to the words that a player shows, one after another, without their times."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from qa_core.errors import DataError
from qa_core.text.documents.blocks import Block
from qa_core.text.documents.decoding import decoded

LONGEST = 500  # characters of a line that goes on; captions made by machines have no full stops
REMARKS = ("NOTE", "STYLE", "REGION")  # blocks of WebVTT that are not shown

_AT = r"(?:\d{1,3}:)?\d{1,3}:\d\d[.,]\d{1,3}"
_TIMES = re.compile(rf"^[ \t]*{_AT}[ \t]*(?:-->|,)[ \t]*{_AT}.*$", re.M)  # .srt, .vtt; .sbv
_SPEAKER = re.compile(r"<v(?:\.[\w.-]*)?[ \t]+([^<>]{1,200})>", re.I)
_LOOK = re.compile(r"</?(?:[a-z][^<>]{0,500}|[\d:.]{1,20})>|\{\\[^{}]{0,500}\}", re.I)
_ENDED = re.compile(r"[.!?…:。！？♪)\]][\"'”’»]*$")
_TURN = re.compile(r"^[-–—]\s?\w|^\w[\w .'-]{0,30}:\s")  # another one speaks


def subtitles(data: bytes) -> tuple[list[Block], list[str]]:
    """What is said, a line a sentence or a speaker's turn, and notes."""
    source, note = decoded(data)
    blocks: list[Block] = []
    line = ""
    for said in _said(source):
        goes_on = line and not _ENDED.search(line) and not _TURN.search(said)
        if goes_on and len(line) + len(said) < LONGEST:
            line += f" {said}"
        else:
            blocks += filter(None, [line])
            line = said
    blocks += filter(None, [line])
    return blocks, [note] if note else []


def _said(source: str) -> Iterator[str]:
    """The lines of each subtitle; what stays on the screen from the last one is said once."""
    times = [*_TIMES.finditer(source)]
    if not times:
        raise DataError("expected subtitles, found no times (00:00:01,000 --> …); save them again")
    ends = [one.start() for one in times[1:]] + [len(source)]
    shown: list[str] = []
    for one, end in zip(times, ends, strict=True):
        held = source[one.end() : end].split("\n\n")
        if end < len(source) and held[1:]:  # the last lines are the next one's number or name
            held = held[:-1]
        words = [_words(line) for part in held if not part.strip().startswith(REMARKS)
                 for line in part.split("\n")]  # fmt: skip
        new = [line for line in words if line and line not in shown]
        shown = list(filter(None, words))
        yield from new


def _words(line: str) -> str:
    line = _SPEAKER.sub(lambda one: f"{one[1].strip()}: ", line)
    return " ".join(unescape(_LOOK.sub("", line)).split())
