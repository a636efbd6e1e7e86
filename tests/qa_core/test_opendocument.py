"""OpenDocument texts as LibreOffice shows them: lists, pages, forms, fields and shapes."""

import pytest

from qa_core.text.documents.apart import parsed
from tests.support.files import flat, packed

SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "text", "table", "style", "draw", "form")
)
NEWER = 'xmlns:loext="urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0"'
LISTS = (
    "<text:list-style style:name='L'><text:list-level-style-number text:level='1' "
    "style:num-format='1' style:num-suffix='.'/></text:list-style>"
)


def text(body: str, automatic: str = "", styles: str = "", pages: str = "") -> str:
    parts = {
        "mimetype": "application/vnd.oasis.opendocument.text",
        "content.xml": f"<office:document-content {SPACES} {NEWER}><office:automatic-styles>"
        f"{automatic}</office:automatic-styles><office:body><office:text>{body}</office:text>"
        "</office:body></office:document-content>",
        "styles.xml": f"<office:document-styles {SPACES}><office:styles>{styles}</office:styles>"
        f"<office:master-styles>{pages}</office:master-styles></office:document-styles>",
    }
    found = parsed(packed(dict(parts)), ".odt").text
    assert parsed(flat(parts), ".fodt").text == found
    return found


def line(words: str, told: str = "") -> str:
    return f"<text:p {told}>{words}</text:p>"


def listed(*items: str, told: str = "text:style-name='L'") -> str:
    return f"<text:list {told}>{''.join(items)}</text:list>"


def item(inner: str, told: str = "") -> str:
    return f"<text:list-item {told}>{inner}</text:list-item>"


def style(name: str, told: str = "", inner: str = "") -> str:
    return f"<style:style style:name='{name}' {told}>{inner}</style:style>"


def test_lists_have_their_numbers_however_they_are_told() -> None:
    five = listed(item(line("five"), "text:start-value='5'"), item(line("six")))
    assert text(five, LISTS) == "5. five\n6. six"
    paragraph = "text:style-name='N'"
    of_style = listed(item(line("one", paragraph)), item(line("two", paragraph)), told="")
    assert text(of_style, LISTS, style("N", "style:list-style-name='L'")) == "1. one\n2. two"
    alone = "<text:numbered-paragraph text:style-name='L'>{}</text:numbered-paragraph>"
    assert text(alone.format(line("one")) + alone.format(line("two")), LISTS) == "1. one\n2. two"
    heading = listed(item("<text:h text:outline-level='1'>one</text:h>"))
    outline = (
        "<text:outline-style><text:outline-level-style text:level='1' style:num-format='A'/>"
        "</text:outline-style>"
    )
    assert text(heading, LISTS, outline) == "1. one"
    assert text(heading.replace("'L'", "'Outline'"), "", outline) == "A one"


def test_headers_are_those_of_the_pages_that_are_used() -> None:
    header = "<style:header{} style:display='{}'>{}</style:header{}>"
    number = "Page <text:page-number>1</text:page-number>"
    first = header.format("", "true", line("Head") + line(number), "")
    first += header.format("-left", "false", line("no"), "-left")
    page = "<style:master-page style:name='{}' {}>{}</style:master-page>"
    pages = page.format("Standard", "", first)
    for name in ("Wide", "Envelope", "Next"):
        follows = "style:next-style-name='Next'" if name == "Wide" else ""
        pages += page.format(name, follows, header.format("", "true", line(name), ""))
    wide = style("P1", "style:parent-style-name='W'")
    asked = style("W", "style:master-page-name='Wide'")
    body = line("Body, page <text:page-number>3</text:page-number>", "text:style-name='P1'")
    assert text(body, wide, asked, pages) == "Head\nWide\nNext\nBody, page 3"
    assert text(line("Body"), wide, asked, pages) == "Head\nBody"


def test_forms_show_what_was_typed_and_chosen() -> None:
    controls = (
        "<form:text form:id='1' form:current-value='typed' form:value='no'/>"
        "<form:listbox form:id='2'><form:option form:label='no'/>"
        "<form:option form:label='chosen' form:current-selected='true'/></form:listbox>"
        "<form:checkbox form:id='3' form:value='no' form:label='Agree'/>"
        "<form:password form:id='4' form:current-value='no'/>"
    )
    shown = "".join(f"<draw:control draw:control='{number}'/>" for number in range(1, 6))
    form = f"<office:forms><form:form>{controls}</form:form></office:forms>"
    assert text(form + line(f"Name: {shown}")) == "Name: typed chosen Agree"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (line("one\n  two<text:span>\nthree</text:span>"), "one two three"),
        (line("<loext:content-control loext:dropdown='true'><loext:list-item loext:display-text="
              "'no'/>Choose</loext:content-control> one"), "Choose one"),
        (line("a<text:script>no()</text:script>"), "a"),
        (line("a<draw:frame><draw:image><text:p/></draw:image></draw:frame>b"), "ab"),
        (line("a<draw:rect><text:p>first</text:p></draw:rect><draw:custom-shape><text:p>second"
              "</text:p></draw:custom-shape>b"), "ab\nfirst\nsecond"),
        (line("no", "text:style-name='K'")
         + line("190<text:span text:style-name='T'>2</text:span>"), "190²"),
        ("<table:table><table:table-row><table:table-cell>" + line("A") + "</table:table-cell>"
         "<table:table-cell>" + line("B") + "</table:table-cell></table:table-row><table:table-row "
         "table:number-rows-repeated='2'><table:table-cell>" + line("1") + "</table:table-cell>"
         "<table:table-cell>" + line("2") + "</table:table-cell></table:table-row></table:table>",
         "A, B\n1, B: 2\n1, B: 2"),
    ],
    ids=["line-breaks", "control", "script", "picture", "shapes", "styles", "repeated"],
)  # fmt: skip
def test_opendocument_is_read_as_it_is_shown(body: str, said: str) -> None:
    properties = "<style:text-properties {}/>".format
    styles = style("H", inner=properties("text:display='none'"))
    styles += style("K", "style:parent-style-name='H'")
    styles += style("S", inner=properties("style:text-position='super 58%'"))
    assert text(body, style("T", "style:parent-style-name='S'"), styles) == said


def test_rows_that_repeat_in_cells_of_such_rows_cost_little() -> None:
    start = "<table:table><table:table-row table:number-rows-repeated='99'><table:table-cell>"
    end = "</table:table-cell></table:table-row></table:table>"
    assert text(start * 9 + line("x") + end * 9) == "x"
