"""Rich text files to the words that they show."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from qa_core.text.documents.blocks import Block, names, note_mark, raised
from qa_core.text.documents.office.symbols import (
    COMPUTED,
    computed,
    is_signs,
    lettered,
    symbol,
)
from qa_core.text.documents.pages.sheets import is_number
from qa_core.text.documents.rich.flows import Strand
from qa_core.text.documents.rich.lists import TABLES, RichLists

UNSEEN = names(
    "fonttbl colortbl stylesheet info pict listtable listoverridetable rsidtbl generator themedata "
    "colorschememapping latentstyles datastore xmlnstbl mmathPr revtbl bkmkstart bkmkend sp pntxta "
    "pntxtb pnseclvl atnid atnauthor filetbl template nonshppict objdata objclass objname xe tc "
    "tcn rxe mlimLoc mgrow msubHide msupHide ftnsep ftnsepc ftncn aftnsep aftnsepc aftncn shprslt "
    "nonesttables"
)
LISTED = ("listtext", "pntext")  # a paragraph's number as text
SEEN = names("nesttableprops moMath moMathPara")  # though they are marked as what may be skipped
ASIDE = ("header", "headerl", "headerr", "headerf", "footer", "footerl", "footerr", "footerf",
         "footnote", "annotation")  # fmt: skip
BOXES = ("shptxt", "dptxbxtext")
HEARD = ("fldinst", "ffl", "sn", "sv")  # what is told of fields and drawings
LONGEST_NAME = 100  # characters of a font's name
SAID = {
    "tab": " ", "line": "\n", "lbr": "\n", "page": "\n", "column": "\n", "emdash": "—",
    "endash": "–", "bullet": "•", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”",
    "~": "\xa0", "_": "-", "emspace": " ", "enspace": " ", "qmspace": " ", "zwj": "\u200d",
    "zwnj": "\u200c",
}  # fmt: skip
SIGNS = {"mden": "/", "msup": "^", "msub": "_", "mrad": "√", "md": "("}  # before formulas' parts
OLD = {b"mac": "mac_roman", b"pc": "cp437", b"pca": "cp850"}
PAGES = {b"10000": "mac_roman", b"10006": "mac_greek", b"10007": "mac_cyrillic",
         b"10029": "mac_latin2", b"10081": "mac_turkish", b"1361": "johab"}  # fmt: skip
CHARSETS = {
    77: "mac_roman",
    128: "cp932", 129: "cp949", 130: "johab", 134: "gb18030", 136: "big5", 161: "cp1253",
    162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251",
    222: "cp874", 238: "cp1250",
}  # fmt: skip
_FORMULA = re.compile("m[a-zA-Z]*Pr")  # how a part of a formula looks
_TOKEN = re.compile(
    rb"\\([a-z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-f]{2})|\\(.)|([{}])|[\r\n]+|([^\\{}\r\n]+)",
    re.I | re.S,
)


@dataclass
class _Group:
    """What holds within braces."""

    flow: Strand
    kind: str = ""  # the word that it began with
    shown: bool = True
    hidden: bool = False  # a run that is hidden or deleted
    skip: int = 1  # characters that stand after \\u for programs without Unicode
    font: int = -1
    font_from_right: int = -1  # of a run that is read from the right
    is_from_right: bool = False
    is_raised: bool = False
    is_new: bool = True  # no control word has come yet
    in_fonts: bool = False
    in_lists: bool = False  # in the tables of rules of lists
    is_repeat: bool = False  # of what is said already
    is_twice: bool = False  # said for programs without Unicode first, and then for the others


def rtf(data: bytes) -> tuple[list[Block], list[str]]:
    """A rich text file's blocks: headers, the text, footers and notes, each once."""
    page = re.search(rb"\\ansicpg(\d{3,5})", data[:4096])
    old = re.search(rb"\\(mac|pca?)\b", data[:200])
    usual = OLD[old[1]] if old else "cp1252"
    reader = _Reader(PAGES.get(page[1], f"cp{page[1].decode()}") if page else usual)
    reader.read(data)
    heads: list[Block] = []
    feet: list[Block] = []
    for kind, flow in reader.asides:
        blocks = flow.end()
        place = heads if kind.startswith("header") else feet
        is_edge = kind.startswith(("header", "footer"))
        if kind in reader.unused:
            continue
        place += [
            block for block in blocks
            if block not in place and not (is_edge and is_number(str(block)))
        ]  # fmt: skip
    notes = [] if reader.is_whole else ["the file ends early: what is missing is not read"]
    return [*heads, *reader.body.end(), *feet], notes


class _Reader:
    def __init__(self, encoding: str) -> None:
        self.body = Strand()
        self.asides: list[tuple[str, Strand]] = []
        self.unused = {"headerf", "footerf", "headerl", "footerl"}
        self._encoding = encoding
        self._fonts: dict[int, str] = {}  # the encodings of fonts
        self._named: dict[int, str] = {}
        self._usual = -1  # the font of text that names none
        self._bytes = bytearray()
        self._to_skip = 0
        self._stack = [_Group(self.body)]
        self._result = ""  # what a field shows where its result holds no words
        self._choices: list[str] = []  # of a form's list
        self._chosen = 0  # the number of one of them
        self._noted = 0  # notes so far
        self._property = ""  # of a drawing, whose value comes next
        self._lists = RichLists()

    @property
    def is_whole(self) -> bool:
        """Whether all groups have ended."""
        return len(self._stack) == 1

    def read(self, data: bytes) -> None:
        place = 0
        while token := _TOKEN.match(data, place):
            place = token.end()
            word, number, code, sign, brace, run = token.groups()
            if sign in (b"\\", b"{", b"}"):
                run = sign
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

    @property
    def _outer(self) -> _Group:
        return self._stack[-2:][0]

    def _brace(self, brace: bytes) -> None:
        self._to_skip = 0
        if brace == b"{":
            outer = self._stack[-1]
            shown = outer.shown and not outer.is_twice
            self._stack.append(
                replace(outer, kind="", is_new=True, shown=shown, is_twice=False)
            )  # fmt: skip
            outer.is_twice = False
        elif len(self._stack) > 1:  # some files end more groups than they begin
            self._end(self._stack.pop())

    def _end(self, left: _Group) -> None:
        """What a group that has ended tells of those around it."""
        page = self._stack[-1].flow
        match left.kind:
            case "md" if left.shown:
                self._say(")")
            case "field":
                self._say(self._result)
                self._result = ""
            case "formfield":
                self._result = "".join(self._choices[self._chosen :][:1])
            case kind if kind in BOXES and left.shown:
                page.beside += left.flow.end()
            case kind if kind in HEARD:
                self._hear(kind, " ".join(map(str, left.flow.end())), page)

    def _hear(self, kind: str, told: str, page: Strand) -> None:
        if kind == "ffl":
            self._choices.append(told)
        elif kind == "sn":
            self._property = told
        elif kind == "sv" and self._property == "gtextUNICODE":
            page.beside.append(told)
        elif kind == "fldinst" and told.upper().startswith(COMPUTED):
            self._result = computed(told)

    def _take(self, found: bytes) -> None:
        skipped = min(self._to_skip, len(found))
        self._to_skip -= skipped
        group = self._stack[-1]
        if group.in_fonts:
            name = self._named.get(group.font, "") + found.decode("cp1252", "replace")
            self._named[group.font] = name[:LONGEST_NAME]
        elif group.in_lists and group.kind == "leveltext":
            self._lists.form(found[skipped:])
        elif group.shown and not group.hidden:
            self._bytes += found[skipped:]

    def _name_of(self, font: int) -> str:
        return self._named.get(font, "").partition(";")[0].strip()

    def _decode(self) -> None:
        if self._bytes:
            group = self._stack[-1]
            font = group.font_from_right if group.is_from_right else group.font
            font = self._usual if font < 0 else font
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
            self._say(text.replace(" ", "\xa0"))
            self._bytes.clear()

    def _say(self, text: str) -> None:
        group = self._stack[-1]
        if group.shown and not group.hidden:
            page = group.flow
            if page.listed and not page.is_marked and text.strip():
                page.is_marked = True
                page.flow.marker = self._lists.marker(page.listed, page.depth)
            page.flow.say(text)
            self._result = "" if text.strip() else self._result

    def _control(self, word: str, number: int | None) -> None:
        group = self._stack[-1]
        if word == "*":
            group.shown = group.in_fonts = False
            return
        if group.is_new:
            group.kind = word
            self._begin(group, word)
        group.is_new = False
        self._apply(group, word, number)

    def _begin(self, group: _Group, word: str) -> None:
        """What the word at its beginning makes of a group."""
        if word in LISTED:
            group.flow.is_marked = True
        group.in_lists = group.in_lists or word in TABLES
        if word in SEEN:
            group.shown = self._outer.shown
        elif word in UNSEEN or (_FORMULA.fullmatch(word) and word != "mnaryPr"):
            group.shown, group.in_fonts = False, word == "fonttbl"
            group.is_repeat = group.is_repeat or word == "shprslt"
        elif word in ASIDE or word in BOXES or word in HEARD:
            group.flow, group.shown, group.hidden = Strand(), not group.is_repeat, False
            if word in ASIDE:
                self.asides.append((word, group.flow))
        elif word == "object":  # of which its result is shown, or a picture
            group.shown = False
        elif word == "result" and len(self._stack) > 2:
            group.shown = self._stack[-3].shown
        elif word == "formfield":
            self._choices, self._chosen = [], 0
        elif word in SIGNS:
            self._say(SIGNS[word])

    def _apply(self, group: _Group, word: str, number: int | None) -> None:
        page, is_shown = group.flow, group.shown and not group.hidden
        if group.in_lists:
            self._lists.hear(word, number or 0)
            return
        match word:
            case "u" if number is not None:
                self._say(lettered(self._name_of(group.font), chr(number % 0x10000)))
                self._to_skip = group.skip
            case "uc":
                group.skip = number or 0
            case "f" if number is not None:
                group.font = number
            case "af" if number is not None:
                group.font_from_right = number
            case "rtlch" | "ltrch":
                group.is_from_right = word == "rtlch"
            case "fcharset" if group.in_fonts and number in CHARSETS:
                self._fonts[group.font] = CHARSETS[number]
            case "cpg" if group.in_fonts and number:
                self._fonts[group.font] = PAGES.get(b"%d" % number, f"cp{number}")
            case "deff" if number is not None:
                self._usual = number
            case "chftn" if is_shown:
                is_reference = all(page is not flow for _, flow in self.asides[-1:])
                self._noted += is_reference
                self._say(note_mark(str(self._noted)))
            case "upr":
                group.is_twice = True
            case "ud":
                group.shown = self._outer.shown
            case "v" | "deleted":
                group.hidden = number != 0
            case "plain":
                group.hidden, group.font, group.is_raised = False, -1, False
                group.is_from_right = False
            case "super":
                group.is_raised = number != 0
            case "nosupersub" | "sub":
                group.is_raised = False
            case "titlepg":
                self.unused -= {"headerf", "footerf"}
            case "facingp":
                self.unused -= {"headerl", "footerl"}
            case "ffres" | "ffdefres" if number != 25:  # none
                self._chosen = max(number or 0, 0)
            case _ if word in SAID and self._to_skip:
                self._to_skip -= 1
            case _ if word in SAID:
                self._say(SAID[word])
            case _ if is_shown:
                _lay_out(page, word, number)


def _lay_out(page: Strand, word: str, number: int | None) -> None:
    """Paragraphs and tables."""
    match word:
        case "pard":
            page.level, page.is_initial, page.listed, page.depth = 0, False, 0, 0
        case "ls":
            page.listed = number or 0
        case "ilvl":
            page.depth = number or 0
        case "dropcapli":
            page.is_initial = True
        case "intbl":
            page.level = max(page.level, 1)
        case "itap":
            page.level = number or 0
        case "par" | "sect" | "\n" | "\r":
            page.paragraph()
        case "trowd":
            page.define_row()
        case "trhdr":
            page.is_header = True
        case "clvmrg":
            page.define_merged()
        case "cellx":
            page.define_cell()
        case "cell" | "nestcell":
            page.cell(nested=word == "nestcell")
        case "row" | "nestrow":
            page.row(nested=word == "nestrow")
