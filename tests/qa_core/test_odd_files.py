"""Files as other programs and people make them: no word lost, doubled, or out of its order."""

import io
import time
from collections.abc import Callable
from typing import Any

import pytest

from qa_core.errors import DataError
from qa_core.text.documents import read_bytes
from qa_core.text.documents.apart import parsed
from qa_core.text.documents.decoding import decoded
from qa_core.text.documents.office.formats import shown
from qa_core.text.documents.pages.layout import read_sheets
from qa_core.text.documents.pages.pdf import _from_right
from qa_core.text.documents.pages.sheets import Piece, Sheet
from tests.support.files import column, drawn, packed, word


def text(data: bytes | str, suffix: str) -> str:
    return parsed(data.encode() if isinstance(data, str) else data, suffix).text


# Word


def run(words: str, properties: str = "") -> str:
    return f'<w:r>{properties}<w:t xml:space="preserve">{words}</w:t></w:r>'


def paragraph(inner: str, properties: str = "") -> str:
    return f"<w:p>{properties}{inner}</w:p>"


def mark(kind: str, data: str = "") -> str:
    return f"<w:r><w:fldChar w:fldCharType='{kind}'>{data}</w:fldChar></w:r>"


def field(told: str, result: str) -> str:
    told = told if told.startswith("<") else f"<w:r><w:instrText>{told}</w:instrText></w:r>"
    return mark("begin") + told + mark("separate") + run(result) + mark("end")


def listed(number: int) -> str:
    return f"<w:pPr><w:numPr><w:ilvl w:val='0'/><w:numId w:val='{number}'/></w:numPr></w:pPr>"


def test_word_shows_a_field_s_result_and_a_form_s_choice() -> None:
    inner = field("MERGEFIELD name", "Zoe")
    told = (
        f"<w:r><w:instrText>IF </w:instrText></w:r>{inner}<w:r><w:instrText>=</w:instrText></w:r>"
    )
    cities = "".join(f"<w:listEntry w:val='{city}'/>" for city in ("Rome", "Porto"))
    chosen = mark(
        "begin", f"<w:ffData><w:ddList><w:result w:val='1'/>{cities}</w:ddList></w:ffData>"
    )
    body = paragraph(f"{run('A ')}{field(told, 'yes')}{run(' city: ')}{chosen}{mark('end')}")
    cut = paragraph(mark("begin") + run("told")) + paragraph(run("goes on"))
    assert text(word(body + cut), ".docx") == "A yes city: Porto\ngoes on"


def test_word_lists_begin_anew_where_they_are_told_to() -> None:
    level = ("<w:lvl w:ilvl='0'><w:start w:val='1'/><w:numFmt w:val='{}'/><w:lvlText w:val='{}'/>"
             "</w:lvl>")  # fmt: skip
    again = "<w:lvlOverride w:ilvl='0'><w:startOverride w:val='1'/>{}</w:lvlOverride>"
    numbering = (
        f"<w:abstractNum w:abstractNumId='0'>{level.format('decimal', '%1.')}</w:abstractNum>"
    )
    other = again.format(level.format("upperLetter", "(%1)"))
    for number, own in enumerate(("", again.format(""), other), 1):
        numbering += f"<w:num w:numId='{number}'><w:abstractNumId w:val='0'/>{own}</w:num>"
    numbering += "<w:abstractNum w:abstractNumId='7'><w:numStyleLink w:val='L'/></w:abstractNum>"
    numbering += "<w:abstractNum w:abstractNumId='8'><w:styleLink w:val='L'/>"
    numbering += level.format("lowerRoman", "%1)") + "</w:abstractNum>"
    numbering += "<w:num w:numId='4'><w:abstractNumId w:val='7'/></w:num>"
    body = "".join(paragraph(run(f"of {number}"), listed(number)) for number in (1, 1, 2, 2, 3, 4))
    assert text(word(body, {"numbering.xml": numbering}), ".docx").split("\n") == [
        "1. of 1", "2. of 1", "1. of 2", "2. of 2", "(A) of 3", "i) of 4",
    ]  # fmt: skip


def test_word_shows_signs_brackets_and_watermarks_and_hides_by_style() -> None:
    styles = (
        "<w:style w:styleId='H'><w:rPr><w:vanish/></w:rPr></w:style>"
        "<w:style w:styleId='I'><w:basedOn w:val='H'/></w:style>"
    )
    hidden = run("no", "<w:rPr><w:rStyle w:val='I'/></w:rPr>")
    symbol = "<w:r><w:sym w:font='{}' w:char='{}'/></w:r>"
    inner = "<m:r><m:t>{}</m:t></m:r>"
    sums = f"<m:nary><m:naryPr><m:chr m:val='∑'/></m:naryPr><m:e>{inner.format('x')}</m:e></m:nary>"
    body = paragraph(
        run("5 ") + symbol.format("Symbol", "F06D") + run("m ") + symbol.format("Wingdings", "F0FE")
        + hidden + "<w:r><w:pict><v:textpath string='DRAFT'/></w:pict></w:r>"
    ) + paragraph(
        run("no") + run("but", "<w:rPr><w:vanish w:val='0'/></w:rPr>"),
        "<w:pPr><w:pStyle w:val='H'/></w:pPr>",
    )  # fmt: skip
    signs = run("\uf061", "<w:rPr><w:rFonts w:ascii='Symbol'/></w:rPr>")
    body += paragraph(signs + run(" and"))
    body += paragraph(
        f"<m:oMath>{inner.format('f')}<m:d><m:e>{inner.format('12')}</m:e></m:d>{sums}"
        f"<m:rad><m:deg/><m:e>{inner.format('16')}</m:e></m:rad></m:oMath>"
    )
    assert (
        text(word(body, {"styles.xml": styles}), ".docx")
        == "5 μm ☑\nDRAFT\nbut\nα and\nf(12)∑ x√16"
    )


def test_word_shows_the_headers_that_are_in_use_without_page_numbers() -> None:
    section = "".join(
        f"<w:headerReference w:type='{kind}' r:id='p{number}'/>"
        for number, kind in enumerate(("default", "even", "first"))
    )
    parts = {f"header{number}.xml": paragraph(run(words))
             for number, words in enumerate(("On all", "On even", "On the first"), 1)}  # fmt: skip
    pages = run("Page ") + field("PAGE", "1") + run(" of ") + field("NUMPAGES", "7")
    parts["footer1.xml"] = paragraph(pages)
    body = paragraph(run("Text")) + "<w:sectPr>{}</w:sectPr>"
    assert text(word(body.format(section), parts), ".docx") == "On all\nText"
    first = text(word(body.format(section + "<w:titlePg/>"), parts), ".docx")
    assert first == "On all\nOn the first\nText"


def test_word_says_a_merged_cell_in_each_row_that_it_names() -> None:
    def cell(words: str, merge: str = "") -> str:
        return f"<w:tc><w:tcPr>{merge}</w:tcPr>{paragraph(run(words))}</w:tc>"

    first = cell("North", "<w:vMerge w:val='restart'/>") + cell("Timber")
    hidden = "<w:tr><w:trPr><w:hidden/></w:trPr>" + cell("no") + cell("no") + "</w:tr>"
    rows = first, cell("", "<w:vMerge/>") + cell("Paper"), cell("South") + cell("Straw")
    table = "".join(f"<w:tr>{row}</w:tr>" for row in (cell("Region") + cell("Goods"), *rows))
    found = text(word(f"<w:tbl>{table}{hidden}</w:tbl>"), ".docx")
    assert found.split("\n")[1:] == ["North: Timber", "North: Paper", "South: Straw"]


def test_word_shows_a_file_put_into_it() -> None:
    page = "<p>In the <b>chunk</b>"
    head = "From: <Saved by Word>\nSubject: no\nMIME-Version: 1.0\nContent-Type: text/html\n\n"
    for files in ({"aFChunk1.html": page}, {"aFChunk1.mht": head + page}):
        data = word(paragraph(run("Before")) + "<w:altChunk r:id='p0'/>", dict(files))
        assert text(data, ".docx") == "Before\nIn the chunk"


def test_slides_show_a_formula_once() -> None:
    from pptx import Presentation
    from pptx.oxml import parse_xml

    show, held = Presentation(), io.BytesIO()
    slide = show.slides.add_slide(show.slide_layouts[5])
    spaces = (
        'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
        'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
        'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
    )
    slide.shapes.title.text = "Sum: "
    slide.shapes.title.text_frame.paragraphs[0]._p.append(parse_xml(
        f"<mc:AlternateContent {spaces}><mc:Choice Requires='a14'><m:oMath><m:r><m:t>x = 1</m:t>"
        "</m:r></m:oMath></mc:Choice><mc:Fallback><a:r><a:t>x = 1</a:t></a:r></mc:Fallback>"
        "</mc:AlternateContent>"
    ))  # fmt: skip
    show.save(held)
    assert text(held.getvalue(), ".pptx") == "Sum: x = 1"


def test_slides_have_their_numbers_and_hidden_ones_are_said() -> None:
    from pptx import Presentation
    from pptx.oxml import parse_xml

    space = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    show, held = Presentation(), io.BytesIO()
    for number in range(3):
        slide = show.slides.add_slide(show.slide_layouts[6])
        frame = slide.shapes.add_textbox(0, 0, 1000, 1000).text_frame
        if number == 1:
            slide.element.set("show", "0")
        kinds = [("arabicPeriod", 0, 1), ("alphaLcParenR", 1, 1), ("alphaLcParenR", 1, 1),
                 ("arabicPeriod", 0, 1), ("", 0, 1), ("romanUcParenBoth", 0, 4), ("", 0, 1),
                 ("arabicPeriod", 0, 1)]  # fmt: skip
        for place, (kind, level, start) in enumerate(kinds):
            line = frame.paragraphs[0] if place == 0 else frame.add_paragraph()
            line.text, line.level = f"of slide {number}", level
            if kind:
                told = f'<a:buAutoNum {space} type="{kind}" startAt="{start}"/>'
                line._p.get_or_add_pPr().append(parse_xml(told))
    show.save(held)
    found = parsed(held.getvalue(), ".pptx")
    marks = [line.removesuffix("of slide 2") for line in found.text.split("\n")[-8:]]
    assert marks == ["1. ", "a) ", "b) ", "2. ", "", "(IV) ", "", "1. "]
    assert "of slide 1" not in found.text
    assert found.page(found.text.index("of slide 2")) == 3
    assert found.notes == ("hidden slides were left out: 2",)


def test_slides_show_their_titles_first_and_no_hidden_shapes() -> None:
    from pptx import Presentation

    show, held = Presentation(), io.BytesIO()
    shapes = show.slides.add_slide(show.slide_layouts[5]).shapes
    for words in ("shown", "no"):
        shapes.add_textbox(0, 0, 1000, 1000).text_frame.text = words
    shapes[2]._element.nvSpPr.cNvPr.set("hidden", "1")
    shapes.title.text = "A title"
    shapes._spTree.append(shapes.title._element)
    show.save(held)
    assert text(held.getvalue(), ".pptx") == "A title\nshown"


# OpenDocument


def odt(body: str, styles: str = "") -> bytes:
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "text", "table", "style", "draw")
    )
    return packed({
        "mimetype": "application/vnd.oasis.opendocument.text",
        "content.xml": f"<office:document-content {spaces}><office:automatic-styles>{styles}"
        f"</office:automatic-styles><office:body><office:text>{body}</office:text></office:body>"
        "</office:document-content>",
    })  # fmt: skip


def test_opendocument_lists_have_their_numbers() -> None:
    level = (
        "<text:list-level-style-number text:level='{}' style:num-format='{}'"
        " style:num-suffix='{}'/>"
    )
    levels = level.format(1, "1", ".") + level.format(2, "a", ")")
    style = f"<text:list-style style:name='L'>{levels}</text:list-style>"
    item = "<text:list-item><text:p>{}</text:p>{}</text:list-item>"
    inner = f"<text:list>{item.format('sub', '')}{item.format('sub', '')}</text:list>"
    items = item.format("one", inner) + item.format("two", "")
    once = f"<text:list text:style-name='L'>{items}</text:list>"
    again = once.replace("<text:list text", "<text:list text:continue-numbering='true' text", 1)
    found = text(odt(once + once + again, style), ".odt").split("\n")
    assert found[:4] == ["1. one", "a) sub", "b) sub", "2. two"]
    assert found[4:8] == found[:4]
    assert found[8:] == ["3. one", "a) sub", "b) sub", "4. two"]


def test_opendocument_says_boxes_notes_and_nested_tables_once() -> None:
    note = "<text:note><text:note-body><text:p>note</text:p></text:note-body></text:note>"
    cell = "<table:table-cell>{}</table:table-cell>"
    row = "<table:table-row>{}</table:table-row>"
    words = "<text:p>{}</text:p>"
    single = f"<table:table>{row.format(cell.format(words.format('in' + note)))}</table:table>"
    cells = cell.format(words.format("left")) + cell.format(words.format("right") + single)
    body = (
        f"<text:p>before<draw:frame><draw:text-box>{words.format('boxed')}</draw:text-box>"
        f"</draw:frame> after</text:p><table:table>{row.format(cells)}</table:table>"
        "<text:section text:display='none'><text:p>no</text:p></text:section>"
        "<text:p>by <text:creator>Ann</text:creator>"
        "<text:hidden-text text:is-hidden='true'>no</text:hidden-text></text:p>"
    )
    assert text(odt(body), ".odt").split("\n") == [
        "before after", "boxed", "left, right in", "by Ann", "note",
    ]  # fmt: skip


# Sheets


@pytest.mark.parametrize(
    ("value", "form", "said"),
    [
        (3.75, "0.##", "3.75"), (3.14159, "0.0#", "3.14"), (1234.56, "#,###.00", "1,234.56"),
        (2134, "00000", "02134"), (123456789, "000-00-0000", "123-45-6789"), (0.5, "# ?/?", "1/2"),
        (12345.678, "0.00E+00", "1.23E+04"), (1234567, "#,##0,", "1,235"), (2.675, "0.00", "2.68"),
        (-5, "#,##0;(#,##0)", "(5)"), (-5, "#,##0", "-5"), (0, '0;-0;"none"', "none"), (0, "#", ""),
        (0.1234, "0.0%", "12.3%"), (7, '0\\ "kg"', "7 kg"), (3.5, "_-* #,##0.00_-", "3.50"),
        (9.5, "#,##0.00 [$€-407]", "9.50 €"), (0.1 + 0.2, "General", "0.3"), (5, "@", "5"),
        (1e21, "0", "1E+21"), (1.5, "", "1.5"), (1, '"yes";"no"', "yes"), (4, ";;;", ""),
        (1234.5, "#\\ ##0.00", "1 234.50"), (1234.5, "#,##0.00 €", "1,234.50 €"),
        (5551234, "[<=9999999]###-####;(###) ###-####", "555-1234"),
        (2125551234, "[<=9999999]###-####;(###) ###-####", "(212) 555-1234"),
        (-3, "[Red]-0.0;[Blue]-0.0", "-3.0"), (-3.5, '0.0 "kg"', "-3.5 kg"),
    ],
)  # fmt: skip
def test_numbers_are_shown_by_their_formats(value: float, form: str, said: str) -> None:
    assert shown(value, form) == said


@pytest.mark.parametrize(
    ("value", "form", "said"),
    [
        (45365, "d. mmm yyyy", "14. Mar 2024"), (45365, "yyyy-mm-dd;@", "2024-03-14"),
        (45365, "[$-409]dddd, mmmm d, yyyy", "Thursday, March 14, 2024"),
        (45365, "[$-407]d. mmmm yyyy;@", "14. März 2024"), (45365, "[$-C0A]d-mmm-yy", "14-mar-24"),
        (45365, "[$-fr-FR]dddd d mmmm yyyy", "jeudi 14 mars 2024"),
        (45365, "[$-FC19]d mmmm yyyy", "14 марта 2024"), (45365, "[$-40D]d mmmm yy", "2024-03-14"),
        (45365.5, "[$-40D]ddd d/m/yy h:mm", "2024-03-14 12:00"),
        (45365, "[$-40D]d/m/yyyy", "14/3/2024"), (45365, "[$-F800]mmmm d", "March 14"),
        (45365, "dd/mm/yy", "14/03/24"), (45365, "mmm-yy", "Mar-24"), (45365, 14, "2024-03-14"),
        (45365.5625, "m/d/yyyy h:mm AM/PM", "3/14/2024 1:30 PM"),
        (45365, 'yyyy"年"m"月"', "2024年3月"),
        (45365, "dd\\.mm\\.yyyy", "14.03.2024"), (0.5625, "hh:mm", "13:30"), (0.25, "h:mm", "6:00"),
        (1.5, "[h]:mm", "36:00"), (1.5, '[h]" h "mm" min"', "36 h 00 min"),
        (0.0013, "mm:ss.0", "01:52.3"),
        (0.0625, "[mm]:ss", "90:00"), (1.25, "h:mm", "6:00"),
    ],
)  # fmt: skip
def test_sheets_show_dates_times_and_durations_by_their_formats(
    value: float, form: str | int, said: str
) -> None:
    import xlsxwriter

    for is_1904 in (False, True) if value < 1 else (False,):
        held = io.BytesIO()
        book = xlsxwriter.Workbook(held, {"in_memory": True, "date_1904": is_1904})
        book.add_worksheet("S").write_number(0, 0, value, book.add_format({"num_format": form}))
        book.close()
        assert text(held.getvalue(), ".xlsx") == f"S\n{said}"


def test_sheets_say_merged_cells_where_they_name_rows_and_columns() -> None:
    import xlsxwriter

    held = io.BytesIO()
    book = xlsxwriter.Workbook(held, {"in_memory": True})
    sheet = book.add_worksheet("S")
    sheet.merge_range("A1:E1", "Sales by region")
    sheet.merge_range("A2:A3", "Region")
    sheet.merge_range("B2:C2", "2021")
    sheet.merge_range("D2:E2", "2022")
    sheet.write_row("B3", ["Timber", "Paper", "Timber", "Paper"])
    sheet.merge_range("A4:A5", "North")
    sheet.write_row("B4", [1, 2, 3, 4])
    sheet.write_row("B5", [5, 6, 7, 8])
    sheet.merge_range("A8:B8", "Name")
    sheet.merge_range("C8:E8", "Ada")
    sheet.merge_range("A9:B9", "Born")
    sheet.merge_range("C9:E9", "in London")
    book.close()
    lines = text(held.getvalue(), ".xlsx").split("\n")
    assert lines[:2] == ["S", "Sales by region"]
    assert lines[-4:] == [
        "North, 2021 Timber: 1; 2021 Paper: 2; 2022 Timber: 3; 2022 Paper: 4",
        "North, 2021 Timber: 5; 2021 Paper: 6; 2022 Timber: 7; 2022 Paper: 8",
        "Name: Ada", "Born: in London",
    ]  # fmt: skip


def test_sheets_show_what_stands_beside_their_cells_and_hide_rows() -> None:
    import xlsxwriter

    held = io.BytesIO()
    book = xlsxwriter.Workbook(held, {"in_memory": True})
    sheet = book.add_worksheet("Mills")
    rows = [["Name", "Cost", "No"], ["Upper", 3, "no"], ["Lower", 4, "no"], ["Gone", 5, "no"]]
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    sheet.set_row(3, None, None, {"hidden": True})
    sheet.set_column(2, 2, None, None, {"hidden": True})
    sheet.write_formula(2, 1, "=2+2", None, 4)
    sheet.insert_textbox(8, 0, "In a box")
    sheet.write_comment("A1", "A remark", {"author": ""})
    chart = book.add_chart({"type": "bar"})
    chart.add_series({"values": "=Mills!$B$2:$B$3"})
    chart.set_title({"name": "A chart"})
    sheet.insert_chart("F1", chart)
    for title in ("Trend", "Kept"):
        trend = book.add_chart({"type": "line"})
        trend.add_series({"values": "=Mills!$B$2:$B$3"})
        trend.set_title({"name": f"{title} of costs"})
        whole = book.add_chartsheet(title)
        whole.set_chart(trend)
        if title == "Kept":
            whole.hide()
    book.close()
    found = parsed(held.getvalue(), ".xlsx")
    assert found.text.split("\n") == [
        "Mills", "Name, Cost", "Upper, Cost: 3", "Lower, Cost: 4", "In a box", "A chart",
        "A remark", "Trend", "Trend of costs",
    ]  # fmt: skip
    assert found.notes == (
        "hidden sheets were left out: Kept",
        "hidden rows and columns were left out of: Mills",
    )


def test_formulas_that_nobody_has_computed_are_said() -> None:
    from openpyxl import Workbook

    book, held = Workbook(), io.BytesIO()
    book.active.append(["Sum", "=1+1"])
    book.save(held)
    (note,) = parsed(held.getvalue(), ".xlsx").notes
    assert note.startswith("formulas that hold no value, 1 in all, were left out; open the file in")


# Web pages and e-books


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ('<select><optgroup label="Fruit"><option>apple</select>', "Fruit\napple"),
        ('a<iframe srcdoc="<p>inside"></iframe>', "a\ninside"),
        ("<svg><desc>no</desc><text>one</text><text>two</text></svg>", "one\ntwo"),
        ("<math><mfrac><mn>1</mn><mn>2</mn></mfrac><msqrt><mn>9</mn></msqrt></math>", "1/2√9"),
        ('<span style="display:block">one</span><i style="display: inline-block">two</i>'
         '<i style="display:inline-block">three</i>', "one\ntwo three"),
        ("<ol type=a><li>x<li>y</ol><ol reversed><li>p<li>q</ol>", "a. x\nb. y\n2. p\n1. q"),
        ('<p style="white-space: pre-wrap">a\nb', "a\nb"),
        ("<table><tr><th>A<th>B<tr><td rowspan=0>1<td>2<tr><td>3</table>",
         "A, B\n1, B: 2\n1, B: 3"),
        ("x<meter>no</meter><progress>no</progress>", "x"),
        ('<dialog style="display: block">shown</dialog>', "shown"),
        ('<p style="display:flex"><b>one</b><b>two</b></p>', "one two"),
        ('a<i style="position: absolute">b</i>c', "a b c"),
        ("<style>.x{color:red;display:none}</style>a<b class=x>no</b>", "a"),
        ("<style>.x{display:none}p.x{display:block}</style>a<p class=x>b", "a\nb"),
        ("<style>/* .a{} */@media screen{#x,u::before{visibility:hidden}}</style>a<b id=x>no</b>",
         "a"),
        ("<style>@media print{p{display:none}}.w{display:none}@media (min-width:60em){.w{"
         "display:block}}@media (max-width:600px){p{display:none}}</style><p>a<p class=w>b",
         "a\nb"),
        ("<style media=print>p{display:none}</style><p>a", "a"),
        ("<style>.sr-only{position:absolute;width:1px;clip:rect(0,0,0,0)}</style>"
         "a<b class=sr-only>no</b>", "a"),
        ('a<b style="position:absolute; left:-9999px">no</b>', "a"),
        ("<style>.c{white-space:pre}i{display:block}p{content:'}'}</style>"
         "<p class=c>a  b\nc<i>d</i>", "a  b\nc\nd"),
        ("<style>.x{display:none!important}</style>a<b class=x style='display:block'>no</b>", "a"),
        ("<style>.x{display:none}</style>a<b class=x style='display:inline'>b</b>", "ab"),
        ("<style>body{visibility:hidden}</style>a", "a"),
        ("<style>div{display:inline}</style><div>a</div><div>b</div>", "ab"),
        ("one<br>two<br/>three", "one\ntwo\nthree"),
        ("<style>.a > b, #c ~ i, p+u, .m\\:x .y{display:none}</style><p class=a>1<b>no</b><s><b>2"
         "</b></s><i id=c>3</i><i>no</i></p><u>no</u><p class=m:x>4<s><b class='x y'>no</b></s>",
         "123\n4"),
        ("<style>p[lang] b, i:first-child{display:none}</style><p lang=en>1<b>no</b></p><p><i>no"
         "</i><b>2</b><i>3</i>", "1\n23"),
    ],
)  # fmt: skip
def test_web_page_is_read_as_a_browser_shows_it(page: str, said: str) -> None:
    assert text(page, ".html") == said


def xml_book(page: str) -> bytes:
    """An e-book of this page, and of one that is missing."""
    return packed({
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": "<container><rootfiles><rootfile full-path='b.opf'/></rootfiles>"
        "</container>",
        "b.opf": "<package><manifest><item id='1' href='a.xhtml'/></manifest><spine><itemref "
        "idref='1'/><itemref idref='2'/></spine></package>",
        "a.xhtml": page,
    })  # fmt: skip


def test_book_pages_are_xml() -> None:
    page = (
        "<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'><head><title/>"
        "<script src='a.js'/></head><body><p>one <a id='x'/>two<br/></p><p/><![CDATA[a < b]]>"
        "</body></html>"
    )
    book = xml_book(page)
    found = parsed(book, ".epub")
    assert found.text == "one two\na < b"
    assert found.notes == ("1 chapter is not in the file",)


# E-mails


def mail(*parts: str, kind: str = "mixed", end: str = "--y--\n") -> bytes:
    body = "".join(f"--y\n{part}\n" for part in parts)
    head = f"From: a@b.c\nMIME-Version: 1.0\nContent-Type: multipart/{kind}; boundary=y\n\n"
    return (head + body + end).encode()


PLAIN = "Content-Type: text/plain\n\n"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (mail(f"{PLAIN}Body.", f"{PLAIN}Below it."), "Body.\nBelow it."),
        (mail(f"{PLAIN}Body.", "Content-Type: text/html\n\n<html></html>", kind="alternative"),
         "Body."),
        (mail("Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n"
              "U3ViamVjdDogaW5uZXIKCndvcmRz"), "Subject: inner\nwords"),
        (b"\xef\xbb\xbf\n\nFrom: a@b.c\n\nhello", "hello"),
        (b"From: a@b.c\nContent-Type: text/plain; charset=iso-8859-1\n\nIt\x92s 5 \x80",
         "It’s 5 €"),
        (b'From: a@b.c\nTo: "\n\nhello', 'To: "\nhello'),
        (b"From: a@b.c\nTo: a@\n\nhello", "To: a@\nhello"),
        (b"From: a@b.c\nContent-Type: text/plain; format=flowed; delsp=yes\n\nflow \ned", "flowed"),
        (b"From: a@b.c\nTo: Jos\xe9 <a@b.c>\n\nhello", "To: José <a@b.c>\nhello"),
    ],
    ids=["two-texts", "empty-page", "encoded", "blank-lines", "latin-1", "quote", "half-address",
         "flowed", "latin-1-head"],
)  # fmt: skip
def test_mail_is_shown_whole(data: bytes, said: str) -> None:
    assert text(data, ".eml").split("\n", 1)[1] == said


def nested(depth: int, kind: str) -> bytes:
    """An e-mail of parts in each other, or of e-mails in e-mails."""
    head, end = "", ""
    for level in range(depth):
        if kind != "message":
            head += f"Content-Type: multipart/{kind}; boundary=b{level}\n\n--b{level}\n"
            end = f"--b{level}--\n{end}"
        if kind != "alternative":
            head += f"Content-Type: message/rfc822\n\nFrom: a@b.c\nSubject: {level}\n"
    return f"From: a@b.c\nMIME-Version: 1.0\n{head}{PLAIN}deep\n{end}".encode()


@pytest.mark.parametrize("kind", ["mixed", "alternative", "message"])
def test_mail_nested_deeply_costs_little_and_is_said(kind: str) -> None:
    started = time.process_time()
    found = parsed(nested(3000, kind), ".eml")
    assert time.process_time() - started < 2
    assert "deep" not in found.text
    (note,) = found.notes
    assert note.startswith("what is nested more than 50 deep was left out")
    found = parsed(nested(20, kind), ".eml")
    assert found.text.endswith("deep")
    assert found.notes == ()


def test_mail_of_many_e_mails_side_by_side_is_whole() -> None:
    one = "Content-Type: message/rfc822\n\nSubject: s{0}\nContent-Type: text/plain\n\nwords {0}"
    found = parsed(mail(*(one.format(number) for number in range(100))), ".eml")
    assert found.text.endswith("Subject: s99\nwords 99")
    assert found.notes == ()


def test_mail_says_in_one_line_what_is_left_out() -> None:
    kept = "Content-Disposition: attachment; filename*=utf-8''a%0Ab.png\n\nx"
    (note,) = parsed(mail(f"{PLAIN}Body.", kept), ".eml").notes
    assert note == "the attachment a\ufffdb.png was left out; save it, and open it by itself"
    outlook = "Content-Type: application/ms-tnef; name=winmail.dat\n\nx"
    (note,) = parsed(mail(f"{PLAIN}Body.", outlook), ".eml").notes
    assert note.startswith(
        "winmail.dat was left out: the text or files that Outlook sent in a form"
    )
    (note,) = parsed(b"From: a@b.c\nContent-Type: text/calendar\n\nx", ".eml").notes
    assert note == "its content was left out, as it is no text: text/calendar"


@pytest.mark.parametrize(
    ("suffix", "data"),
    [
        (".eml", mail(f"{PLAIN}Body.", end="")), (".rtf", b"{\\rtf1 Body {\\b and"),
        (".pdf", drawn(column(["Body"])).replace(b"%%EOF", b"")),
    ],
)  # fmt: skip
def test_file_that_ends_early_is_said(suffix: str, data: bytes) -> None:
    found = parsed(data, suffix)
    assert "Body" in found.text
    (note,) = found.notes
    assert note.endswith("ends early: what is missing is not read")


# Plain and rich text


def test_text_in_utf8_with_a_bad_byte_stays_utf8() -> None:
    whole = "The café was old, said Zoë. " * 9
    said, note = decoded(whole.encode()[:100] + b"\xff" + whole.encode()[100:])
    assert said.replace("\ufffd", "") == whole
    assert note == "read as UTF-8; bytes in it that are none, 1 in all, are shown as �"


def test_empty_file_is_called_empty() -> None:
    for suffix in (".txt", ".docx", ".pdf"):
        with pytest.raises(DataError, match="found none: the file is empty"):
            read_bytes(b"\n", suffix)
    with pytest.raises(DataError, match="found none; open it and look what it shows"):
        read_bytes(b"<p hidden>no", ".html")


def test_book_hides_what_its_style_sheets_hide() -> None:
    page = (
        "<html><head><link rel='stylesheet' href='../css/a.css'/><link rel='stylesheet' href='no'/>"
        "<link rel='alternate stylesheet' href='b.css'/></head><body><p>one</p><p class='x'>no</p>"
        "</body></html>"
    )
    book = packed({
        "META-INF/container.xml": "<container><rootfiles><rootfile full-path='O/b.opf'/>"
        "</rootfiles></container>",
        "O/b.opf": "<package><manifest><item id='1' href='t/a.xhtml'/></manifest><spine><itemref "
        "idref='1'/></spine></package>",
        "O/t/a.xhtml": page, "O/css/a.css": ".x { display: none }", "O/t/b.css": "p{display:none}",
    })  # fmt: skip
    assert text(book, ".epub") == "one"


def test_style_sheet_of_many_rules_costs_little() -> None:
    rules = "".join(f".a{number} p, .b{number}{{display:none}}" for number in range(3000))
    parts = "".join(f"<div class=b{3000 + number}><p>words</p></div>" for number in range(9000))
    started = time.process_time()
    assert text(f"<style>{rules}</style>{parts}", ".html").count("words") == 9000
    assert time.process_time() - started < 3  # and twice that where each rule is looked for in all


def test_hostile_sources_cost_little() -> None:
    """Each took minutes once: what opens and does not end, and thousands of addresses."""
    assert text(xml_book("<p>x" + "<![CDATA[" * 100_000), ".epub").startswith("x")
    many = "From: " + "a@b.c, " * 50_000 + "\n\nhello"
    assert text(many, ".eml").endswith("hello")


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{\\upr{caf?}{\\*\\ud{\\u99?af\\u233 ?}}} au lait", "café au lait"),
        ("a {\\f1 m}m {\\f1\\u-3987 ?} {\\f2\\'fc}", "a μm μ ✓"),
        ("\\uc2\\u8364\\'a1\\'a2 5 {\\uc0\\u8364 7} \\u8364\\'a1\\'a29", "€ 5 €7 €9"),
        ("\\uc1\\u8220\\ldblquote Yes\\u8221\\rdblquote . \\u-10179?\\u-8704?", "“Yes”. 😀"),
        ("{\\f3 \\'cc\\'e8\\'f0}{\\f4 \\'d8}{\\f5\\'83A\\'83\\'8b}", "МирŘアル"),
        ("{\\f3 \\'cc\\plain  \\'cc}", "М Ì"),
        ("{\\pict\\bin4 }{}{ab}c", "c"),
        ("{\\field{\\*\\fldinst SYMBOL 109 \\\\f \"Symbol\" \\\\s 10}{\\fldrslt\\f1 m}}m", "μm"),
    ],
)  # fmt: skip
def test_rich_text_shows_each_letter_once_in_its_font(source: str, said: str) -> None:
    fonts = (
        "{\\fonttbl{\\f0\\fcharset0 Arial;}{\\f1\\fcharset2 Symbol;}{\\f2\\fcharset2 Wingdings"
        "{\\*\\falt Arial};}{\\f3\\fcharset204 A;}{\\f4\\fcharset238 B;}{\\f5\\fcharset128 C;}}"
    )
    data = f"{{\\rtf1\\ansi\\ansicpg1252\\deff0{fonts}\\pard {source}\\par}}"
    assert text(data, ".rtf") == said
    usual = data.replace("deff0", "deff3").replace(source, "\\'cc\\'e8\\'f0")
    assert text(usual, ".rtf") == "Мир"


def test_rich_text_of_old_machines_and_page_numbers() -> None:
    source = (
        b"{\\rtf1\\mac{\\footer Page {\\field{\\*\\fldinst PAGE}{\\fldrslt 3}}\\par}Caf\\'8e\\par}"
    )
    assert text(source, ".rtf") == "Café"


# PDFs


def canvas(draw: Callable[[Any], object], *, turn: int = 0) -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    held = io.BytesIO()
    made = Canvas(held, pagesize=(595, 842))
    made.setPageRotation(turn)
    made.setFont("Helvetica", 11)
    draw(made)
    made.save()
    return held.getvalue()


LINES = ["The mill by the river was built in 1870 by the brothers", "Soto, who had come by boat."]


@pytest.mark.parametrize("turn", [0, 90, 270])
def test_pdf_page_written_sideways_is_read_and_boxed(turn: int) -> None:
    def draw(made: Any) -> None:
        made.translate(595, 0)
        made.rotate(90)
        for number, line in enumerate(LINES):
            made.drawString(72, 500 - 14 * number, line)

    found = read_bytes(canvas(draw, turn=turn), ".pdf")
    assert found.text == " ".join(LINES)
    (box,) = found.boxes(4, 8)
    left, top = {0: (84, 731), 90: (94, 84), 270: (484, 744)}[turn]
    assert abs(box.left - left) < 2
    assert abs(box.top - top) < 2


def test_pdf_words_at_another_angle_stay_out_of_the_lines() -> None:
    def draw(made: Any) -> None:
        for number, line in enumerate(LINES):
            made.drawString(72, 742 - 14 * number, line)
        made.saveState()
        made.translate(60, 700)
        made.rotate(30)
        made.setFont("Helvetica", 40)
        made.drawString(0, 0, "DRAFT COPY")
        made.restoreState()
        made.rotate(90)
        made.drawString(300, -30, "Read online")
        made.drawString(-900, -300, "beside the page")

    assert text(canvas(draw), ".pdf") == " ".join(LINES) + "\nDRAFT COPY\nRead online"


def test_pdf_columns_with_a_narrow_gutter_are_told_apart() -> None:
    from reportlab.pdfbase.pdfmetrics import stringWidth

    left = ["This is the left column of a", "paper which has a rather tight",
            "gutter between the columns as", "articles by TeX do have, where",
            "it is ten points wide and the", "letters are ten points, too."]  # fmt: skip
    right = ["And here goes on the right one", "of them, whose words must not",
             "be mixed up with those of the", "other; whoever reads it needs",
             "all of its words in an order", "that makes sense to people."]  # fmt: skip
    wide = max(stringWidth(line, "Helvetica", 10) for line in left)
    pairs = zip(column(left), column(right, 72 + wide + 10), strict=True)
    found = text(drawn([one for pair in pairs for one in pair], size=10), ".pdf")
    assert found == " ".join(left) + "\n" + " ".join(right)


def test_pdf_table_whose_cells_take_several_lines_is_read_by_rows() -> None:
    cells = [
        [["Mill"], ["Owner"], ["Remark"]],
        [["Upper mill by", "the old river"], ["Ines Soto and", "her brothers"], ["Sold in 1904"]],
        [
            ["Lower mill by", "the harbour"],
            ["Bob Lind"],
            ["Burnt down to", "the ground in", "1931"],
        ],
    ]
    places, top = [], 100.0
    for row in cells:
        for left, lines in zip((72.0, 200.0, 330.0), row, strict=True):
            places += column(lines, left, top)
        top += 14 * max(map(len, row)) + 9
    document = read_bytes(drawn(places), ".pdf")
    assert document.text.split("\n") == [
        "Mill, Owner, Remark",
        "Upper mill by the old river, Owner: Ines Soto and her brothers; Remark: Sold in 1904",
        "Lower mill by the harbour, Owner: Bob Lind; Remark: Burnt down to the ground in 1931",
    ]
    start = document.text.index("Bob Lind")
    (box,) = document.boxes(start, start + 8)
    assert round(box.left) == 200
    both = [*column(LINES * 4), *column([line.upper() for line in LINES * 4], 380)]
    two = text(drawn(both), ".pdf")
    assert two.index("SOTO") > two.rindex("boat")  # and text in columns by columns


def test_pdf_number_that_begins_a_line_of_a_sentence_is_no_list() -> None:
    lines = ["The mill by the river that was built in the year of 1870 and is",
             "made of stone was sold to the brothers Soto from Porto in May for",
             "42 pounds an acre."]  # fmt: skip
    assert text(drawn(column(lines)), ".pdf") == " ".join(lines)
    items = ["1 The mill by the river was sold to the brothers Soto in May for",
             "2 The boats that lie in the harbour were sold to the others for"]  # fmt: skip
    assert text(drawn(column(items)), ".pdf") == "\n".join(items)


def test_pdf_letters_that_touch_are_one_word() -> None:
    """As browsers print what was typed into forms: each letter is placed by itself."""

    def draw(made: Any) -> None:
        left = 72.0
        for number, letter in enumerate("Ada Lovelace"):
            made.drawString(left, 742 + 0.0001 * (number % 2), letter)
            left += made.stringWidth(letter, "Helvetica", 11)

    assert text(canvas(draw), ".pdf") == "Ada Lovelace"


def below(made: Any, lines: list[str], top: float = 700) -> None:
    for number, line in enumerate(lines):
        made.drawString(72, top - 14 * number, line)


@pytest.mark.parametrize(
    ("heading", "space", "said"),
    [
        ("SUMMARY", 5, "SUMMARY"), ("SUMMARY", 2, "SUMMARY"), ("S U M M A R Y", 0, "SUMMARY"),
        ("S U M M A R Y   O F   2 0 2 2", 0, "SUMMARY OF 2022"), ("THE YEAR", 4, "THE YEAR"),
        ("S u m m a r y", 0, "Summary"), ("A B C D E", 0, "A B C D E"),
        ("Plan B is a", 0, "Plan B is a"),
    ],
)  # fmt: skip
def test_pdf_spaced_letters_are_words(heading: str, space: float, said: str) -> None:
    def draw(made: Any) -> None:
        line = made.beginText(72, 742)
        line.setFont("Helvetica", 12)
        line.setCharSpace(space)
        line.textOut(heading)
        line.setCharSpace(0)
        made.drawText(line)
        made.setFont("Helvetica", 11)
        below(made, ["It was sold in 1904."])

    found = read_bytes(canvas(draw), ".pdf")
    assert found.text == f"{said}\nIt was sold in 1904."
    assert len(found.boxes(0, len(said))) == 1


@pytest.mark.parametrize(
    ("initial", "line", "indent", "said"),
    [
        ("T", "he mill by the river was built in the year 1870 by two", 0, "The mill"),
        ("A", "mill by the river was built in the year of 1870 by two", 3, "A mill"),
        ("“T", "HE MILL by the river was built in the year 1870 by", 0, "“THE MILL"),
    ],
)
def test_pdf_initials_over_several_lines_begin_their_words(
    initial: str, line: str, indent: float, said: str
) -> None:
    rest = ["brothers, who had come by boat. They sold it in 1904 to", "Ines Soto, who ran it for"]
    last = ["many years with her brother and sold it to the town before the war."]

    def draw(made: Any) -> None:
        below(made, ["A history"], 742)
        made.setFont("Helvetica", 50)
        made.drawString(72, 672, initial)
        left = 74 + made.stringWidth(initial, "Helvetica", 50)
        made.setFont("Helvetica", 11)
        made.drawString(left + indent, 700, line)
        for number, one in enumerate(rest):
            made.drawString(left, 686 - 14 * number, one)
        below(made, last, 658)

    found = read_bytes(canvas(draw), ".pdf")
    assert found.text.startswith(f"A history\n{said} by the river")
    assert found.text.split("\n")[1:] == [
        " ".join([said + line[line.index(" by the") :], *rest, *last])
    ]
    (box,) = found.boxes(10, 10 + len(said))
    assert round(box.left) == 72


@pytest.mark.parametrize("caption", ["Figure 1: The mill in 1880.", ""])
def test_pdf_picture_parts_no_sentence(caption: str) -> None:
    first = ["The mill by the river was built in the year of 1870 by", "the brothers, who came and"]
    rest = ["sold it in 1904 to Ines Soto, and she ran it for a long", "time. It burnt down."]
    first[1] += " who had no luck, so that they"

    def draw(made: Any) -> None:
        below(made, first, 742)
        made.setFont("Helvetica", 9)
        made.drawString(120, 690, caption)
        made.setFont("Helvetica", 11)
        below(made, rest, 650)

    found = text(canvas(draw), ".pdf")
    assert found == "\n".join(filter(None, [" ".join([*first, *rest]), caption]))


def test_scripts_from_the_right_are_read_from_the_right() -> None:
    first, second = "הנמל נפתח בשנת 1904 על ידי Ines Soto כאן", "הוא גדול"
    pieces = []
    for number, line in enumerate((first.replace("Ines Soto", "Soto Ines"), second)):
        right = 500.0
        for one in line.split():
            pieces.append(
                Piece(one, right - 6 * len(one), 100 + 14 * number, right, 112 + 14 * number)
            )
            right -= 6 * len(one) + 4
    (page,) = read_sheets([Sheet(pieces, 595, 842)])
    assert page.text == f"{first}\n{second}"
    start, end, piece = page.words[0]
    assert (page.text[start:end], piece.right) == ("הנמל", 500)
    mixed = [Piece(said, left, 100, left + 30, 112)
             for said, left in (("שלום", 72), ("עולם", 106), ("means", 140))]  # fmt: skip
    rest = [Piece(said, 72, 114 + 14 * number, 400, 126 + 14 * number)
            for number, said in enumerate(["peace to the world"] * 3)]  # fmt: skip
    (page,) = read_sheets([Sheet([*mixed, *rest], 595, 842)])
    assert page.text.startswith("עולם שלום means")
    assert "".join(_from_right("ىلع", (2, 4, 6))) == "على"


def test_pdf_form_keeps_passwords_to_itself() -> None:
    def draw(made: Any) -> None:
        made.drawString(72, 742, "Name")
        made.acroForm.textfield(name="p", value="hidden", x=72, y=300, fieldFlags="password")

    assert text(canvas(draw), ".pdf") == "Name"
