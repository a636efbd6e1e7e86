"""Rich text files (RTF) to the words that they show."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from qa_core.text.documents.blocks import Block, Flow, Table, names, raised
from qa_core.text.documents.office.symbols import is_signs, lettered, symbol
from qa_core.text.documents.pages.sheets import is_number

UNSEEN = names(
    "fonttbl colortbl stylesheet info pict object fldinst listtable listoverridetable rsidtbl "
    "generator themedata colorschememapping latentstyles datastore xmlnstbl mmathPr revtbl "
    "bkmkstart bkmkend sn sv sp pntxta pntxtb pnseclvl atnid atnauthor filetbl template nonshppict "
    "result objdata"
)
ASIDE = ("header", "headerl", "headerr", "headerf", "footer", "footerl", "footerr", "footerf",
         "footnote", "annotation", "shptxt")  # fmt: skip
LONGEST_NAME = 100  # characters of a font's name
SAID = {
    "tab": " ", "line": "\n", "page": "\n", "emdash": "—", "endash": "–", "bullet": "•",
    "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”", "~": "\xa0", "_": "-",
    "emspace": " ", "enspace": " ", "{": "{", "}": "}", "\\": "\\",
}  # fmt: skip
OLD = {b"mac": "mac_roman", b"pc": "cp437", b"pca": "cp850"}
CHARSETS = {
    77: "mac_roman",
    128: "cp932", 129: "cp949", 134: "gb18030", 136: "big5", 161: "cp1253", 162: "cp1254",
    163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874",
    238: "cp1250",
}  # fmt: skip

_TOKEN = re.compile(
    rb"\\([a-z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-f]{2})|\\(.)|([{}])|[\r\n]+|([^\\{}\r\n]+)",
    re.I | re.S,
)


@dataclass
class _Group:
    """What holds within braces."""

    flow: _Page
    shown: bool = True
    hidden: bool = False  # a run that is hidden or deleted
    skip: int = 1  # characters that stand after \\u for programs without Unicode
    font: int = -1
    is_raised: bool = False
    is_new: bool = True  # no control word has come yet
    in_fonts: bool = False
    is_twice: bool = False  # said for programs without Unicode first, and then for the others


@dataclass
class _Page:
    """A flow of the file: its body, a header, a note. Its tables are gathered row by row."""

    flow: Flow = field(default_factory=Flow)
    rows: list[list[str]] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    in_table: bool = False

    def paragraph(self) -> None:
        if self.in_table:
            self.flow.say(" ")
        else:
            self.end()

    def cell(self) -> None:
        self.in_table = True
        before = len(self.flow.blocks)
        self.flow.end()
        self.cells.append(" ".join(map(str, self.flow.blocks[before:])))
        del self.flow.blocks[before:]

    def row(self) -> None:
        self.rows.append(self.cells)
        self.cells = []

    def end(self) -> None:
        """End the paragraph; the table before it, if there was one, has ended before that."""
        before = len(self.flow.blocks)
        self.flow.end()
        if self.rows or self.cells:
            rows = [*self.rows, self.cells] if self.cells else self.rows
            self.flow.blocks.insert(before, Table(rows))
            self.rows, self.cells = [], []


def rtf(data: bytes) -> tuple[list[Block], list[str]]:
    """A rich text file's blocks: headers, the text, footers and notes, each once."""
    page = re.search(rb"\\ansicpg(\d{3,5})", data[:4096])
    old = re.search(rb"\\(mac|pca?)\b", data[:200])
    reader = _Reader(f"cp{page[1].decode()}" if page else OLD[old[1]] if old else "cp1252")
    reader.read(data)
    heads: list[Block] = []
    feet: list[Block] = []
    for kind, flow in reader.asides:
        place = heads if kind.startswith("header") else feet
        is_edge = kind.startswith(("header", "footer"))
        place += [
            block
            for block in flow.flow.blocks
            if block not in place and not (is_edge and is_number(str(block)))
        ]
    notes = [] if reader.is_whole else ["the file ends early: what is missing is not read"]
    return [*heads, *reader.body.flow.blocks, *feet], notes


class _Reader:
    def __init__(self, encoding: str) -> None:
        self.body = _Page()
        self.asides: list[tuple[str, _Page]] = []
        self._encoding = encoding
        self._fonts: dict[int, str] = {}  # the encodings of fonts
        self._named: dict[int, str] = {}
        self._usual = -1  # the font of text that names none
        self._bytes = bytearray()
        self._to_skip = 0
        self._stack = [_Group(self.body)]

    @property
    def is_whole(self) -> bool:
        """Whether all groups have ended."""
        return len(self._stack) == 1

    def read(self, data: bytes) -> None:
        place = 0
        while token := _TOKEN.match(data, place):
            place = token.end()
            word, number, code, sign, brace, run = token.groups()
            if code or run:
                self._take(bytes([int(code, 16)]) if code else run)
                continue
            self._decode()
            if brace:
                self._brace(brace)
            elif word == b"bin":
                place += max(int(number or 0), 0)
            elif word or sign:
                name = (word or sign).decode("latin-1")
                self._control(name, int(number) if number else None)
        self._decode()
        for page in (self.body, *(page for _, page in self.asides)):
            page.in_table = False
            page.end()

    def _brace(self, brace: bytes) -> None:
        self._to_skip = 0
        if brace == b"{":
            outer = self._stack[-1]
            shown = outer.shown and not outer.is_twice
            self._stack.append(replace(outer, is_new=True, shown=shown, is_twice=False))
            outer.is_twice = False
        elif len(self._stack) > 1:  # some files end more groups than they begin
            left = self._stack.pop()
            if left.flow is not self._stack[-1].flow:
                left.flow.in_table = False
                left.flow.end()

    def _take(self, found: bytes) -> None:
        skipped = min(self._to_skip, len(found))
        self._to_skip -= skipped
        group = self._stack[-1]
        if group.in_fonts:
            name = self._named.get(group.font, "") + found.decode("cp1252", "replace")
            self._named[group.font] = name[:LONGEST_NAME]
        elif group.shown and not group.hidden:
            self._bytes += found[skipped:]

    def _name_of(self, font: int) -> str:
        return self._named.get(font, "").partition(";")[0].strip()

    def _decode(self) -> None:
        if self._bytes:
            group = self._stack[-1]
            font = self._usual if group.font < 0 else group.font
            name = self._name_of(font)
            if is_signs(name):
                text = "".join(symbol(name, f"{0xF000 + one:x}") for one in self._bytes)
            else:
                encoding = self._fonts.get(font, self._encoding)
                try:
                    text = self._bytes.decode(encoding, "replace")
                except LookupError:
                    text = self._bytes.decode("cp1252", "replace")
            text = raised(text) if group.is_raised else text
            group.flow.flow.say(text.replace(" ", "\xa0"))
            self._bytes.clear()

    def _say(self, text: str) -> None:
        group = self._stack[-1]
        if group.shown and not group.hidden:
            group.flow.flow.say(text)

    def _control(self, word: str, number: int | None) -> None:
        group = self._stack[-1]
        if word == "*":
            group.shown = group.in_fonts = False
            return
        if group.is_new and word in UNSEEN:
            group.shown, group.in_fonts = False, word == "fonttbl"
        elif word in ASIDE and group.is_new:
            page = _Page()
            self.asides.append((word, page))
            group.flow, group.shown, group.hidden = page, True, False
        elif group.is_new and word in ("shpinst", "shprslt"):
            group.shown = False  # the text in it, \\shptxt, is shown again
        group.is_new = False
        self._apply(group, word, number)

    def _apply(self, group: _Group, word: str, number: int | None) -> None:
        page, is_shown = group.flow, group.shown and not group.hidden
        match word:
            case "u" if number is not None:
                if is_shown:
                    page.flow.say(lettered(self._name_of(group.font), chr(number % 0x10000)))
                self._to_skip = group.skip
            case "uc":
                group.skip = number or 0
            case "f" if number is not None:
                group.font = number
            case "fcharset" if group.in_fonts and number in CHARSETS:
                self._fonts[group.font] = CHARSETS[number]
            case "cpg" if group.in_fonts and number:
                self._fonts[group.font] = f"cp{number}"
            case "deff" if number is not None:
                self._usual = number
            case "upr":
                group.is_twice = True
            case "ud":
                group.shown = self._stack[-2].shown
            case "v" | "deleted":
                group.hidden = number != 0
            case "plain":
                group.hidden, group.font, group.is_raised = False, -1, False
            case "super":
                group.is_raised = number != 0
            case "nosupersub" | "sub":
                group.is_raised = False
            case "pard":
                page.in_table = False
            case "intbl":
                page.in_table = True
            case "par" | "sect" | "\n" | "\r" if is_shown:
                page.paragraph()
            case "cell" | "nestcell" if is_shown:
                page.cell()
            case "row" | "nestrow" if is_shown:
                page.row()
            case _ if word in SAID and self._to_skip:
                self._to_skip -= 1
            case _ if word in SAID:
                self._say(SAID[word])
