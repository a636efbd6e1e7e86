"""LaTeX to the words that it sets, by way of the HTML of the same text."""

from __future__ import annotations

import re
import unicodedata
from html import escape

from qa_core.text.documents.blocks import Block, names, note_mark
from qa_core.text.documents.decoding import decoded
from qa_core.text.documents.web import html_blocks

HEADINGS = names("part chapter section subsection subsubsection paragraph subparagraph caption")
TITLES = ("title", "author", "date")
# Commands whose first arguments are not set, and how many these are.
UNSET = {
    **dict.fromkeys(names(
        "label ref eqref pageref vspace hspace includegraphics usepackage documentclass pagestyle "
        "thispagestyle bibliographystyle bibliography input include index color pagenumbering "
        "hypersetup graphicspath geometry title author date href textcolor colorbox bibitem tag "
        "phantom hphantom vphantom theoremstyle hyphenation counterwithin selectlanguage raisebox "
        "cline cmidrule parbox"
    ), 1),
    **dict.fromkeys(names(
        "setlength addtolength setcounter rule resizebox newtheorem fontsize"
    ), 2),
    **dict.fromkeys(names("definecolor newenvironment addcontentsline"), 3),
}  # fmt: skip
LISTS = {"itemize": "ul", "enumerate": "ol", "description": "ul", "thebibliography": "ol"}
TABLES = {"tabular": 1, "tabular*": 2, "tabularx": 2, "tabulary": 2, "longtable": 1, "array": 1}
VERBATIM = ("verbatim", "verbatim*", "lstlisting", "minted")
FORMULAS = names("equation equation* align align* gather gather* multline multline* eqnarray math "
                 "eqnarray* displaymath")  # fmt: skip
MACROS = ("newcommand", "renewcommand", "providecommand", "def", "DeclareMathOperator")
OTHER_FILES = ("input", "include", "bibliography")
ACCENTS = {
    "`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", '"': "\u0308", "=": "\u0304",
    ".": "\u0307", "u": "\u0306", "v": "\u030c", "H": "\u030b", "c": "\u0327", "k": "\u0328",
    "r": "\u030a", "d": "\u0323", "b": "\u0331", "hat": "\u0302", "bar": "\u0304", "vec": "\u20d7",
    "dot": "\u0307", "ddot": "\u0308", "tilde": "\u0303",
}  # fmt: skip
SIGNS = {
    "ss": "ß", "o": "ø", "O": "Ø", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "aa": "å", "AA": "Å",
    "l": "ł", "L": "Ł", "i": "i", "j": "j", "dots": "…", "ldots": "…", "cdots": "…", "S": "§",
    "P": "¶", "copyright": "©", "pounds": "£", "euro": "€", "texteuro": "€", "textdegree": "°",
    "degree": "°", "dag": "†", "ddag": "‡", "textbackslash": "\\", "textasciitilde": "~",
    "LaTeX": "LaTeX", "TeX": "TeX", "quad": " ", "qquad": " ", "times": "×", "cdot": "·",
    "pm": "±", "mp": "∓", "leq": "≤", "le": "≤", "geq": "≥", "ge": "≥", "neq": "≠", "ne": "≠",
    "approx": "≈", "equiv": "≡", "sim": "∼", "propto": "∝", "infty": "∞", "sum": "∑", "prod": "∏",
    "int": "∫", "partial": "∂", "nabla": "∇", "in": "∈", "notin": "∉", "subset": "⊂", "cup": "∪",
    "cap": "∩", "to": "→", "rightarrow": "→", "leftarrow": "←", "Rightarrow": "⇒", "forall": "∀",
    "exists": "∃", "sqrt": "√", "lambda": "λ", "Lambda": "Λ", "varepsilon": "ε", "varphi": "φ",
    "circ": "°", "newline": "<br>", "par": "<p>", "and": "<br>",
}  # fmt: skip
FUNCTIONS = names("sin cos tan log ln exp lim max min sup inf arg det dim mod gcd")
GREEK = names("alpha beta gamma delta epsilon zeta eta theta iota kappa mu nu xi omicron pi rho "
              "sigma tau upsilon phi chi psi omega")  # fmt: skip

LONGEST_MACRO = 300  # characters; each may hold those before it many times

_TOKEN = re.compile(
    r"\\(?P<word>[a-zA-Z@]+)\*?[ \t]*|\\(?P<sign>.)|(?P<math>\$\$?)|(?P<blank>\n[ \t]*\n\s*)"
    r"|(?P<comment>%[^\n]*(?:\n(?![ \t]*\n)[ \t]*)?)|(?P<text>[^\\{}$~&`'\n%-]+)"
    r"|(?P<other>``|''|-{1,3}|.)",
    re.S,
)
_DEFINED = re.compile(r"\s*\{?\s*\\([a-zA-Z@]+)\s*\}?\s*")
_ONE = re.compile(r"\\[a-zA-Z]+|\\?.", re.S)
_OPTION = re.compile(r"\[[^\]\n]{0,300}\]")
_OTHERS = {"~": " ", "``": "“", "''": "”", "`": "‘", "'": "’", "--": "–", "---": "—", "{": "",
           "}": ""}  # fmt: skip


def tex(data: bytes) -> tuple[list[Block], list[str]]:
    """What a LaTeX file sets: its title, text, lists, tables and notes; and the reader's notes."""
    source, note = decoded(data)
    writer = _Writer(source)
    blocks = html_blocks(writer.written())
    notes = [note] if note else []
    if writer.others:
        named = ", ".join(dict.fromkeys(writer.others))
        notes.append(f"other files that it names were left out: {named}")
    return blocks, notes


class _Writer:
    """Writes a text as HTML, walking through its source once."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._ends = _closed(source)  # of each brace, where it is closed
        self._out: list[str] = []
        self._asides: list[str] = []
        self._macros: dict[str, str] = {}
        self._end_of_part = len(source)  # in which arguments are looked for
        self._is_math = False
        self._tables = 0  # around what is in hand
        self.others: list[str] = []

    def written(self) -> str:
        begin = self._source.find(r"\begin{document}")
        end = self._source.find(r"\end{document}")
        end = len(self._source) if end < 0 else end
        if begin >= 0:
            self._walk(0, begin)  # for its macros
            self._out.clear()
        for name in TITLES:
            found = re.search(rf"\\{name}\s*(?=\{{)", self._source)
            if found:
                self._out.append(f"<p>{self._inside(found.end())[0]}<p>")
        self._walk(max(begin, 0), end)
        notes = [f"<p>{note_mark(str(number))} {said}"
                 for number, said in enumerate(self._asides, 1)]  # fmt: skip
        return "".join([*self._out, *notes])

    def _walk(self, place: int, end: int) -> None:
        outer, self._end_of_part = self._end_of_part, end
        while place < end and (token := _TOKEN.match(self._source, place, end)):
            place = token.end()
            kind, said = str(token.lastgroup), token[0]
            if kind == "word":
                place = self._command(token["word"], place)
            elif kind == "sign":
                place = self._sign(token["sign"], place)
            elif kind == "math":
                self._is_math = not self._is_math
            elif kind == "blank":
                self._out.append("<p>")
            elif kind == "comment":
                continue
            elif said == "&" and self._tables:
                self._out.append("<td>")
            else:
                self._out.append(escape(_OTHERS.get(said, said)))
        self._end_of_part = outer

    def _sign(self, sign: str, place: int) -> int:
        if sign in ACCENTS and not self._is_math:
            return self._accented(sign, place)
        if sign == "\\":
            place = self._without_option(place)
            self._out.append("<tr><td>" if self._tables else "<br>")
        elif sign in "[]()":
            self._is_math = sign in "[("
            self._out.append("<br>" if sign in "[]" else "")
        elif sign not in "-/@,;:!>*":  # places where a line may break, and narrow blanks
            self._out.append(escape(sign))
        elif sign in ",;:>":
            self._out.append(" ")
        return place

    def _accented(self, accent: str, place: int) -> int:
        said, place = self._inside(place)
        said = {"\\i": "i", "\\j": "j"}.get(said, said)
        marked = said[:1] + ACCENTS[accent] + said[1:] if said else ""
        self._out.append(unicodedata.normalize("NFC", marked))
        return place

    def _command(self, name: str, place: int) -> int:
        if name == "begin":
            return self._begin(place)
        if name == "end":
            return self._end(place)
        if name in MACROS:
            return self._define(place)
        if name in self._macros:
            self._out.append(self._macros[name])
        elif name in SIGNS:
            self._out.append(SIGNS[name])
        elif name in ACCENTS:
            return self._accented(name, place)
        elif name in FUNCTIONS and self._is_math:
            self._out.append(f"{name} ")
        elif name.lower() in GREEK:
            size = "SMALL" if name.islower() else "CAPITAL"
            self._out.append(unicodedata.lookup(f"GREEK {size} LETTER {name.upper()}"))
        elif name == "item":
            label, place = self._option(place)
            self._out.append(f"<li>{label} ")
        elif name in ("footnote", "thanks"):
            said, place = self._inside(self._without_option(place))
            self._asides.append(said)
            self._out.append(note_mark(str(len(self._asides))))
        elif name.startswith("cite") or name in ("parencite", "textcite"):
            said, place = self._inside(self._without_option(place))
            self._out.append(f"[{said}]")
        elif name in ("frac", "dfrac", "tfrac"):
            above, place = self._inside(place)
            below, place = self._inside(place)
            self._out.append(f"{above}/{below}")
        elif name == "verb":
            end = self._source.find(self._source[place : place + 1] or "|", place + 1)
            end = len(self._source) if end < 0 else end
            self._out.append(escape(self._source[place + 1 : end]))
            place = end + 1
        elif name == "multicolumn":
            wide, place = self._inside(place)
            said, place = self._inside(self._inside(place)[1])
            while self._out[-1:] and not self._out[-1].strip():
                self._out.pop()
            if self._out[-1:] and self._out[-1].endswith("<td>") and wide.isdigit():
                self._out[-1] = self._out[-1].replace("<td>", f"<td colspan={wide}>")
            self._out.append(said)
        elif name in HEADINGS:
            said, place = self._inside(self._without_option(place))
            self._out.append(f"<h2>{said}</h2>")
        else:
            if name in OTHER_FILES:
                self.others.append(self._raw(place))
            place = self._without_option(place)
            for _ in range(UNSET.get(name, 0)):
                place = self._without_option(self._skip(place))
        return place

    def _begin(self, place: int) -> int:
        name, place = self._raw(place), self._skip(place)
        if name in VERBATIM:
            end = self._source.find(f"\\end{{{name}}}", place)
            end = len(self._source) if end < 0 else end
            self._out.append(f"<pre>{escape(self._source[place:end])}</pre>")
            return end
        place = self._without_option(place)
        if name in TABLES:
            self._tables += 1
            self._out.append("<table><tr><td>")
            for _ in range(TABLES[name]):
                place = self._skip(self._without_option(place))
        else:
            self._is_math = self._is_math or name in FORMULAS
            self._out.append(f"<{LISTS.get(name, 'div')}>")
            place = self._skip(place) if name == "thebibliography" else place
        return place

    def _end(self, place: int) -> int:
        name = self._raw(place)
        if name in TABLES:
            self._tables = max(self._tables - 1, 0)
            self._out.append("</table>")
        elif name not in VERBATIM:
            self._is_math = self._is_math and name not in FORMULAS
            self._out.append(f"</{LISTS.get(name, 'div')}>")
        return self._skip(place)

    def _define(self, place: int) -> int:
        """A command that the text makes of its own; what it sets if it takes no arguments."""
        found = _DEFINED.match(self._source, place)
        if not found:
            return place
        place = self._without_option(self._without_option(found.end()))
        is_plain = place == found.end() and self._source[place : place + 1] == "{"
        if is_plain:
            said = self._inside(place)[0]
            self._macros[found[1]] = said if len(said) <= LONGEST_MACRO else ""
        return self._skip(place) if self._source[place : place + 1] == "{" else place

    def _inside(self, place: int) -> tuple[str, int]:
        """What an argument sets, as HTML, and where it ends."""
        begin, end = self._argument(place)
        outer, self._out = self._out, []
        self._walk(begin, end)
        said, self._out = "".join(self._out), outer
        return said.strip(), self._after(begin, end)

    def _raw(self, place: int) -> str:
        begin, end = self._argument(place)
        return self._source[begin:end].strip()

    def _skip(self, place: int) -> int:
        return self._after(*self._argument(place))

    def _after(self, begin: int, end: int) -> int:
        return end + 1 if self._source[begin - 1 : begin] == "{" else end

    def _argument(self, place: int) -> tuple[int, int]:
        """Where an argument begins and ends: a group, a command or a character."""
        while place < self._end_of_part and self._source[place].isspace():
            place += 1
        if place >= self._end_of_part:
            return place, place
        if self._source[place : place + 1] == "{":
            return place + 1, self._ends.get(place, len(self._source))
        token = _ONE.match(self._source, place)
        return place, token.end() if token else place

    def _option(self, place: int) -> tuple[str, int]:
        """What stands in brackets, as HTML, and where it ends; "" where there are none."""
        after = self._without_option(place)
        outer, self._out = self._out, []
        self._walk(place + 1, after - 1)
        said, self._out = "".join(self._out), outer
        return said if after > place else "", after

    def _without_option(self, place: int) -> int:
        """Where what stands in brackets ends, as the options of a command do."""
        found = _OPTION.match(self._source, place)
        return found.end() if found and not self._is_math else place


def _closed(source: str) -> dict[int, int]:
    """Where each brace is closed; nothing for one that never is."""
    ends: dict[int, int] = {}
    around: list[int] = []
    for found in re.finditer(r"\\.|%[^\n]*|[{}]", source, re.S):
        if found[0] == "{":
            around.append(found.start())
        elif found[0] == "}" and around:
            ends[around.pop()] = found.start()
    return ends
