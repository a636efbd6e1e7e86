"""Web pages and Markdown to what a browser shows of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING, Any

from qa_core.text.documents import shadows, styles
from qa_core.text.documents.blocks import COVERED, Block, Flow, Table, names, raised
from qa_core.text.documents.counters import AFTER, BEFORE, STYLED
from qa_core.text.documents.decoding import decoded, html_source
from qa_core.text.documents.office.numbering import formed

if TYPE_CHECKING:
    from markdown_it.token import Token
    from selectolax.lexbor import LexborNode

UNSEEN = names(
    "area audio base canvas col colgroup datalist head iframe link meta noembed noframes noscript "
    "object meter param progress rp script source style template title track video annotation "
    "annotation-xml clippath defs desc marker mask metadata mphantom pattern symbol -comment "
    "-doctype"
)
BLOCKS = names(
    "address article aside blockquote body caption center dd details dialog dir div dl dt "
    "fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li "
    "main menu nav ol optgroup option p plaintext pre search section select summary table tbody "
    "td text tfoot th thead tr ul xmp listing"
)
APART = frozenset(("button", "input", "textarea", "label", "output", "mtr", "mtd"))
PRESERVED = frozenset(("pre", "textarea", "listing", "plaintext", "xmp"))
RAISED = {
    "mfrac": "/",
    "msup": "^",
    "msub": "_",
    "msubsup": "_^",
    "munder": "_",
    "munderover": "_^",
}
MARKS = {"a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}
INPUTS_UNSEEN = ("hidden", "checkbox", "radio", "image", "password", "file", "color", "range")
LONGEST_CELL = 300  # characters; a table without headers and with longer cells is a layout
DEEPEST = 100  # lists and quotes in each other, of Markdown
MOST_COLUMNS = 100  # that one cell may span
MOST_ROWS = 10  # of names of columns

_HIDDEN = re.compile(r"(^|;)\s*(display\s*:\s*none|content-visibility\s*:\s*hidden)", re.I)
_INVISIBLE = re.compile(r"(^|;)\s*visibility\s*:\s*(hidden|collapse)", re.I)
_VISIBLE = re.compile(r"(^|;)\s*visibility\s*:\s*visible", re.I)
_MARKED = re.compile(r"(?:^|;)\s*list-style(?:-type)?\s*:\s*([^;]*)", re.I)
_AWAY = re.compile(  # cut to nothing, or moved out of the page
    r"(^|;)\s*(clip\s*:\s*rect\(\s*[01](px)?\b|clip-path\s*:\s*(inset\((50|100)%|circle\(0)"
    r"|(left|top|text-indent)\s*:\s*-([5-9]\d\d|\d{4,}))",
    re.I,
)
_DISPLAYED = re.compile(r"(^|;)\s*display\s*:", re.I)  # as something, which comes before all else
_BLOCK = re.compile(
    r"(^|;)\s*display\s*:\s*(block|flow-root|flex|grid|list-item|table(?!-cell))\b", re.I
)
_BESIDE = re.compile(
    r"(^|;)\s*(display\s*:\s*(inline-\w+|table-cell)|position\s*:\s*(absolute|fixed))", re.I
)
_IN_LINE = re.compile(r"(^|;)\s*display\s*:\s*(inline|contents|table-cell)", re.I)
_WORD_MARK = re.compile(r"(^|;)\s*mso-list\s*:\s*ignore\b", re.I)  # a number or a sign of a list
_CLIPPED = re.compile(r"(^|;)\s*overflow(-y)?\s*:\s*(hidden|clip)\b", re.I)
_FLAT = re.compile(r"(^|;)\s*(max-)?height\s*:\s*0(px|pt|em)?\s*(!|;|$)", re.I)
_FLEX = re.compile(r"(^|;)\s*display\s*:\s*(inline-)?(flex|grid)\b", re.I)  # parts stand apart
_REVERSED = re.compile(r"(^|;)\s*flex-(direction|flow)\s*:[^;]*-reverse\b", re.I)
_ORDER = re.compile(r"(?:^|;)\s*order\s*:\s*(-?\d{1,6})\b", re.I)
_KEPT = re.compile(r"(^|;)\s*white-space\s*:\s*(pre|break-spaces)", re.I)
_FOLDED = re.compile(r"(^|;)\s*white-space\s*:\s*(normal|nowrap)", re.I)
_CLOSED = re.compile(
    r"<(?!(?:area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr)\b)"
    r"([a-z][\w:.-]*)((?:\s+[^\s\"'<>/=]+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'))?)*)\s*/>",
    re.I,
)
_SUBSET = re.compile(r"<!DOCTYPE[^\[>]*\[[^\]]*\]\s*>", re.I)
_RAW = re.compile(r"<!\[CDATA\[((?:(?!<!\[CDATA\[|\]\]>).)*)\]\]>", re.S)
_FRONT = re.compile(  # what is told of Markdown
    r"\A(---|\+\+\+)\n((?:(?:[\w-]+[ ]*[:=]|[ #\[-]).*\n)+)\1\n"
)
_NOTES = re.compile(r"(?m)^ {0,3}\[\^([^\]\s]+)\]:")  # of Markdown, where they are told
_NOTE = re.compile(r"^\[\^([^\]\s]+)\]: ?")
_MARK = re.compile(r"\[\^([^\]\s]+)\]")
_ITEM = re.compile(r"^(?:(?:[-+*]|\d{1,9}[.)])[ \t]+|>[ \t]?)+")  # what marks items and quotes
_NAME = re.compile(r"</?([a-z][a-z0-9-]*)", re.I)
_MARKUP = re.compile(r"<(?:br|p|a|b|i|u|ul|li|ol|div|span|html)\b[^>]*>", re.I)
_INLINE = names(
    "a abbr acronym b bdi bdo big br cite code data del dfn em font i img ins kbd mark q rp rt "
    "ruby s samp small span strike strong sub sup time tt u var wbr"
)


def html(data: bytes) -> tuple[list[Block], list[str]]:
    """A web page's blocks, and notes."""
    source, note = html_source(data)
    return html_blocks(source), [note] if note else []


def xhtml(data: bytes, linked: styles.Linked | None = None) -> list[Block]:
    """The blocks of a page that is XML, in which ``<title/>`` ends and ``<![CDATA[`` quotes.

    linked: the source of a style sheet that the page refers to.
    """
    source = _RAW.sub(lambda match: escape(match[1]), _SUBSET.sub("", html_source(data)[0], 1))
    return html_blocks(_CLOSED.sub(r"<\1\2></\1>", source), linked)


def markdown(data: bytes) -> tuple[list[Block], list[str]]:
    """A Markdown file's blocks, without its markup, and notes."""
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import reference

    def shown(self: Any, tokens: list[Token], position: int, *_: object) -> str:
        """HTML as it stands; what only looks like it, as <name> does, is text."""
        content = tokens[position].content
        name = _NAME.match(content)
        known = content.startswith("<!--") or (name and name[1].lower() in _KNOWN)
        return content if known else content.replace("<", "&lt;")

    def noted(state: Any, start: int, end: int, silent: bool) -> bool:
        """A link's definition, but of a note none: ``[^1]: Words``."""
        begin = state.bMarks[start] + state.tShift[start]
        return not state.src.startswith("[^", begin) and reference(state, start, end, silent)

    def deep(state: Any, start: int, end: int, silent: bool) -> bool:
        """What stands too deep in lists and quotes: its lines, as those of one paragraph."""
        if silent or state.level < DEEPEST:
            return False
        last = start
        while last < end and (state.isEmpty(last) or state.sCount[last] >= state.blkIndent):
            last += 1
        lines = (state.src[state.bMarks[one] + state.tShift[one] : state.eMarks[one]]
                 for one in range(start, last))  # fmt: skip
        state.push("paragraph_open", "p", 1)
        inside = state.push("inline", "", 0)
        inside.content = "  \n".join(_ITEM.sub(_item, line.strip()) for line in lines)
        inside.children = []
        state.push("paragraph_close", "p", -1)
        state.line = last
        return True

    def marked(self: Any, tokens: list[Token], position: int, *_: object) -> str:
        """Text, in which the marks of notes are figures."""
        content = tokens[position].content
        told, before = _NOTE.match(content), ""
        if told and told[1] in notes and (not position or tokens[position - 1].type == "softbreak"):
            before, content = f"<br>{notes[told[1]]}. ", content[told.end() :]
        sign = _MARK.sub(lambda one: raised(notes.get(one[1], "")) or one[0], content)
        return before + escape(sign)

    source, note = decoded(data)
    source = _FRONT.sub(lambda one: f"<pre>{escape(one[2])}</pre>\n\n", source)
    notes: dict[str, str] = {}
    for one in _NOTES.findall(source):
        notes.setdefault(one, str(len(notes) + 1))
    parser = MarkdownIt("commonmark", {"maxNesting": DEEPEST + 10}).enable(
        ["table", "strikethrough"]
    )
    parser.block.ruler.before("table", "deep", deep)
    parser.block.ruler.at("reference", noted, {"alt": []})
    if notes:
        parser.add_render_rule("text", marked)
    parser.add_render_rule("html_inline", shown)
    parser.add_render_rule("html_block", shown)
    return html_blocks(parser.render(source)), [note] if note else []


def _item(marks: re.Match[str]) -> str:
    return "• " if marks[0].strip("> \t") else ""


def is_markup(text: str) -> bool:
    """Whether a text is the source of a web page, or of a part of one."""
    return bool(_MARKUP.search(text))


def html_blocks(source: str, linked: styles.Linked | None = None) -> list[Block]:
    """The blocks of HTML's source, as a browser that runs no scripts lays them out.

    linked: the source of a style sheet that the page refers to.
    """
    from selectolax.lexbor import LexborHTMLParser

    flow = Flow()
    page = LexborHTMLParser(shadows.opened(source))
    shadows.join(page)
    styles.apply(page, len(source), linked)
    root = page.root
    if root is not None:
        _walk(root, flow, preserved=False)
    flow.end()
    return flow.blocks


def _walk(node: LexborNode, flow: Flow, preserved: bool) -> None:
    name = str(node.tag)
    if name == "-text":
        text = node.text_content or ""
        if preserved:
            flow.say(text.expandtabs().replace(" ", "\xa0").removeprefix("\n"))
        else:
            flow.say(re.sub(r"[ \t\n\r\f]+", " ", text))
        return
    held = node.attributes
    if name == "iframe" and held.get("srcdoc"):
        flow.add(*html_blocks(held["srcdoc"] or ""))
    if name in UNSEEN or _is_hidden(name, held):
        return
    style = held.get("style") or ""
    if _INVISIBLE.search(style):
        _revealed(node, flow, preserved)
        return
    preserved = (preserved or name in PRESERVED or bool(_KEPT.search(style))) and not (
        _FOLDED.search(style)
    )
    is_block = bool(_BLOCK.search(style)) or (name in BLOCKS and not _IN_LINE.search(style))
    if is_block:
        flow.end()
    if name == "a" and node.prev is not None and node.prev.tag == "a":
        flow.say(" ")  # two links, of which no page makes one word
    flow.say(held.get(BEFORE) or "")
    match name:
        case _ if _WORD_MARK.search(style):
            said = " ".join((node.text() or "").split())
            is_number = said.isdigit() or any(map(str.isalnum, said[:-1]))
            flow.say(f"{said} " if is_number else "• ")
        case "br":
            flow.say("\n")
        case "table":
            _table(node, flow, preserved)
        case "ul" | "ol" | "menu" | "dir":
            _list(node, flow, preserved, ordered=name == "ol")
        case "optgroup":
            flow.add(*filter(None, [held.get("label")]))
            _inside(node, flow, preserved)
        case "mfrac" | "msup" | "msub" | "msubsup" | "munder" | "munderover":
            signs = iter(RAISED[name])
            for part in filter(lambda one: one.tag != "-text", _children(node)):
                _walk(part, flow, preserved)
                flow.say(next(signs, ""))
        case "mroot":
            signs = iter("√")
            for part in [one for one in _children(node) if one.tag != "-text"][::-1]:
                _walk(part, flow, preserved)
                flow.say(next(signs, ""))
        case "msqrt":
            flow.say("√")
            _inside(node, flow, preserved)
        case "input" if (held.get("type") or "").lower() not in INPUTS_UNSEEN:
            flow.say(f" {held.get('value') or ''} ")
        case "sup" if (said := raised(node.text())) != node.text():
            flow.say(said)
        case "q":
            flow.say("“")
            _inside(node, flow, preserved)
            flow.say("”")
        case "rt":
            flow.say("(")
            _inside(node, flow, preserved)
            flow.say(")")
        case _ if _FLEX.search(style):
            for part in _in_turn(node, style):
                flow.say(" ")
                _walk(part, flow, preserved)
            flow.say(" ")
        case _ if name in APART or _BESIDE.search(style) or (name == "tspan" and "y" in held):
            flow.say(" ")
            _inside(node, flow, preserved)
            flow.say(" ")
        case _:
            _inside(node, flow, preserved)
    flow.say(held.get(AFTER) or "")
    if is_block:
        flow.end()


def _revealed(node: LexborNode, flow: Flow, preserved: bool) -> None:
    """What is shown all the same in a part that is invisible."""
    for child in _children(node):
        style = child.attributes.get("style") or "" if child.is_element_node else ""
        if _VISIBLE.search(style):
            _walk(child, flow, preserved)
        elif not _HIDDEN.search(style):
            _revealed(child, flow, preserved)


def _inside(node: LexborNode, flow: Flow, preserved: bool) -> None:
    for child in _children(node):
        _walk(child, flow, preserved)


def _children(node: LexborNode) -> Iterator[LexborNode]:
    child = node.child
    while child is not None:
        yield child
        child = child.next


def _in_turn(node: LexborNode, style: str) -> list[LexborNode]:
    """The parts of a box that lays them out, in the order in which it shows them."""

    def order(part: LexborNode) -> int:
        told = _ORDER.findall(part.attributes.get("style") or "" if part.is_element_node else "")
        return int(told[-1]) if told else 0

    parts = sorted(_children(node), key=order)
    return parts[::-1] if _REVERSED.search(style) else parts


def _is_hidden(name: str, held: dict[str, str | None]) -> bool:
    style = held.get("style") or ""
    if _HIDDEN.search(style) or _AWAY.search(style):
        return True
    if _CLIPPED.search(style) and _FLAT.search(style):
        return True
    closed = name == "dialog" and "open" not in held
    return ("hidden" in held or "popover" in held or closed) and not _DISPLAYED.search(style)


def _list(node: LexborNode, flow: Flow, preserved: bool, ordered: bool) -> None:
    held = node.attributes
    count, step = sum(child.tag == "li" for child in _children(node)), 1
    if ordered and "reversed" in held:
        step = -1
    number = _whole(held.get("start"), 1 if step > 0 else count)
    kind = _kind(held, MARKS.get(held.get("type") or "", ""))
    for child in _children(node):
        if child.tag == "li" and not _is_hidden("li", child.attributes):
            number = _whole(child.attributes.get("value"), number)
            flow.end()
            own = _kind(child.attributes, kind)
            said = "" if own == "none" else f"{formed(number, own)}. "
            flow.marker = said if ordered else "• "
            _walk(child, flow, preserved)
            flow.end()
            flow.marker = ""
            number += step
        else:
            _walk(child, flow, preserved)


def _kind(held: dict[str, str | None], usual: str) -> str:
    """How the items of a list are numbered, as its style says."""
    told = _MARKED.findall(held.get("style") or "")
    words = told[-1].lower().split() if told else []
    if "none" in words:
        return "none"
    return next((STYLED.get(one, "") for one in words if one in (*STYLED, "decimal")), usual)


def _table(node: LexborNode, flow: Flow, preserved: bool) -> None:
    """A table's rows, or its cells as blocks where it only lays out a page."""
    rows: list[list[tuple[LexborNode, list[Block]]]] = []
    headers, is_layout = 0, node.attributes.get("role") in ("presentation", "none")
    told = False
    for row, in_head in _rows(node, flow, preserved):
        cells = []
        for cell in _children(row):
            if cell.tag in ("td", "th") and not _is_hidden("td", cell.attributes):
                inner = Flow()
                inner.say(cell.attributes.get(BEFORE) or "")
                _inside(cell, inner, preserved)
                inner.say(cell.attributes.get(AFTER) or "")
                inner.end()
                cells.append((cell, inner.blocks))
        of_names = (
            bool(cells)
            and all(cell.tag == "th" or not blocks for cell, blocks in cells)
            and any(cell.tag == "th" for cell, _ in cells)
        )
        told = told or any(cell.tag == "th" for cell, _ in cells)
        names_rows = bool(rows) and _reach(cells) + _below(rows) < _reach(rows[0])
        headers += headers == len(rows) and (in_head or (of_names and not names_rows))
        rows.append(cells)
    held = [blocks for row in rows for _, blocks in row]
    is_layout = is_layout or max(map(len, rows), default=0) < 2
    is_layout = is_layout or any(
        cell.css_first("table") is not None for row in rows for cell, _ in row
    )
    if not told:
        is_layout = is_layout or any(
            sum(len(str(one)) for one in blocks) > LONGEST_CELL for blocks in held
        )
    if is_layout:
        for blocks in held:
            flow.add(*blocks)
    else:
        flow.add(Table(_grid(rows, headers), headers if told or headers else None))


def _wide(cell: LexborNode) -> int:
    """Over how many columns a cell reaches."""
    return max(min(_whole(cell.attributes.get("colspan"), 1), MOST_COLUMNS), 1)


def _reach(cells: list[tuple[LexborNode, list[Block]]]) -> int:
    """Over how many columns the cells of a row reach."""
    return sum(_wide(cell) for cell, _ in cells)


def _below(rows: list[list[tuple[LexborNode, list[Block]]]]) -> int:
    """How many columns of the next row cells of those above reach into."""
    return sum(
        _wide(cell)
        for above, row in enumerate(reversed(rows[-MOST_ROWS:]), 1)
        for cell, _ in row
        if _whole(cell.attributes.get("rowspan"), 1) > above
    )


def _rows(node: LexborNode, flow: Flow, preserved: bool) -> Iterator[tuple[LexborNode, bool]]:
    """A table's own rows, and whether each stands in its head; a caption is said."""
    groups = {"thead": 0, "tfoot": 2}  # where they stand, wherever the page tells them
    for child in sorted(_children(node), key=lambda one: groups.get(str(one.tag), 1)):
        if _is_hidden(str(child.tag), child.attributes):
            continue
        if child.tag == "tr":
            yield child, node.tag == "thead"
        elif child.tag in ("thead", "tbody", "tfoot"):
            yield from _rows(child, flow, preserved)
        else:
            _walk(child, flow, preserved)


def _grid(rows: list[list[tuple[LexborNode, list[Block]]]], headers: int) -> list[list[str]]:
    """Cells in their columns. One of the headers' rows stands over each column that it spans; what
    spans rows is said again only where it names them, in the first column or as a header."""
    grid: list[list[str]] = []
    below: dict[int, tuple[int, str]] = {}  # column: rows still spanned, and what to say there
    for number, row in enumerate(rows):
        line: list[str] = []
        for cell, blocks in row:
            _spanned(line, below)
            text = " ".join(one for one in blocks if isinstance(one, str))
            tall = _whole(cell.attributes.get("rowspan"), 1) or len(rows)
            for place in range(_wide(cell)):
                if tall > 1:
                    names = len(line) == 0 or (cell.tag == "th" and number >= headers)
                    below[len(line)] = tall - 1, text if names else ""
                line.append(text if place == 0 or number < headers else COVERED)
        _spanned(line, below)
        grid.append(line)
    return grid


def _spanned(line: list[str], below: dict[int, tuple[int, str]]) -> None:
    while len(line) in below:
        left, text = below.pop(len(line))
        if left > 1:
            below[len(line)] = left - 1, text
        line.append(text)


def _whole(value: str | None, default: int) -> int:
    return int(value) if value and re.fullmatch(r"\s*-?\d{1,6}\s*", value) else default


_KNOWN = UNSEEN | BLOCKS | APART | _INLINE
