"""Every word that a file's own program shows is read, once, in order; the file's markup is not."""

import io
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from qa_core.errors import DataError
from qa_core.text.documents import Document, read_bytes
from qa_core.text.documents.apart import parsed
from qa_core.text.documents.decoding import decoded, guess
from tests.support.files import column, docx, drawn, packed, pdf, word

TABLE = [["Product", "2021", "2022"], ["Timber", "3.9", "4.5"], ["Paper", "1.2", "1.1"]]
LINES = "Product, 2021, 2022\nTimber, 2021: 3.9; 2022: 4.5\nPaper, 2021: 1.2; 2022: 1.1"


def text(data: bytes | str, suffix: str) -> str:
    return parsed(data.encode() if isinstance(data, str) else data, suffix).text


def run(words: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{words}</w:t></w:r>'


def paragraph(words: str, properties: str = "") -> str:
    return f"<w:p>{properties}{run(words)}</w:p>"


def saved(made: Any) -> bytes:
    held = io.BytesIO()
    made.save(held)
    return held.getvalue()


@pytest.mark.parametrize(
    "words",
    [
        "Price: 5 €", "Café", "Müller", "O João nasceu em São Paulo.", "naïve façade", "Zoë",
        "El niño comió piñas.", "Peña", "Déjà vu", "The “old” mill", "Ødegård", "Straße 7",
        "ações", "Crème brûlée 4 €", "It’s 20 °C", "£12.50", "Où est la gare ?", "çã",
        "Größe: 12 m", "Über die Brücke führte früher eine schmale Straße. " * 9,
    ],
)  # fmt: skip
def test_western_text_is_read_as_windows_1252(words: str) -> None:
    said, note = decoded(words.encode("cp1252"))
    assert said == words
    assert note is not None
    assert "Windows-1252" in note


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("cp1251", "Привет, как дела?"),
        ("koi8-r", "Гавань открыла Инес Сото в 1904 году."),
        ("cp866", "Гавань открыла Инес Сото в 1904 году."),
        ("cp1254", "Şehir çok güzel, ağaçlar yeşil."),
        ("cp1250", "Příliš žluťoučký kůň úpěl ďábelské ódy."),
        ("iso8859-2", "Příliš žluťoučký kůň úpěl ďábelské ódy."),
        ("shift_jis", "港は1904年に開かれました。橋は木で作られた。"),
        ("euc-jp", "港は1904年に開かれました。橋は木で作られた。"),
        ("gb18030", "港口于1904年由伊内斯·索托启用。这座桥是木头做的。"),
        ("big5", "港口於1904年啟用。這座橋是木頭做的。"),
        ("euc-kr", "항구는 1904년에 열렸다. 다리는 나무로 만들었다."),
        ("cp1250", "Zażółć gęślą jaźń. Łódź leży w Polsce, a Kraków też."),
        ("cp1253", "Το λιμάνι άνοιξε το 1904."),
        ("cp1255", "הנמל נפתח בשנת 1904."),
        ("cp1256", "افتتح الميناء عام 1904."),
    ],
)
def test_text_in_another_alphabet_is_told_from_western(encoding: str, words: str) -> None:
    assert words.encode(encoding).decode(guess(words.encode(encoding))) == words


def test_utf16_without_its_mark_is_read() -> None:
    assert decoded("The café".encode("utf-16-be"))[0] == "The café"
    assert decoded("The café".encode("utf-16-le"))[0] == "The café"


def test_web_page_is_decoded_as_browsers_do() -> None:
    page = b'<meta http-equiv=x content="text/html; charset=iso-8859-1"><p>It\x92s 5 \x80'
    assert text(page, ".html") == "It’s 5 €"


def test_web_page_shows_one_line_a_block() -> None:
    page = (
        "<section>one</section><section>two</section><dl><dt>three<dd>four</dl>"
        "<details><summary>five</summary>six</details><dialog open>seven</dialog>"
        "<form>eight<fieldset><legend>nine</legend><select><option>ten<option>eleven</select>"
        "</fieldset></form><p>twel<b>ve</b><p>fi&shy;rm &#xfb01;rm<br>end"
    )
    assert text(page, ".html").split("\n") == [
        "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
        "twelve", "firm firm", "end",
    ]  # fmt: skip


def test_web_page_hides_what_a_browser_hides() -> None:
    page = (
        "<p hidden>no<template>no</template><noscript>no</noscript><dialog>no</dialog>"
        '<p style="color:red; display: none">no</p><input type=hidden value=no>'
        "<table hidden><tr><td>no</table><ul><li hidden>no</ul><p>shown"
    )
    assert text(page, ".html") == "shown"


def test_web_page_nested_deeply_keeps_its_text() -> None:
    assert read_bytes(b"<div>" * 5000 + b"deep", ".html").text == "deep"


def html_table() -> bytes:
    rows = "".join(f"<tr>{''.join(f'<td>{cell}' for cell in row)}" for row in TABLE)
    return f"<table>{rows}</table>".encode()


def markdown_table() -> bytes:
    return ("| Product | 2021 | *2022* |\n|---|--:|---|\n"
            + "".join(f"| {' | '.join(row)} |\n" for row in TABLE[1:])).encode()  # fmt: skip


def word_table() -> bytes:
    rows = "".join(
        f"<w:tr>{''.join(f'<w:tc>{paragraph(cell)}</w:tc>' for cell in row)}</w:tr>"
        for row in TABLE
    )
    return word(f"<w:tbl>{rows}</w:tbl>")


def pdf_table() -> bytes:
    return drawn(
        [(left, 100 + 14 * number, cell) for number, row in enumerate(TABLE)
         for left, cell in zip((72, 200, 260), row, strict=True)]
    )  # fmt: skip


def sheet_table() -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    for row in TABLE:
        book.active.append([float(cell) if cell[0].isdigit() else cell for cell in row])
    return saved(book)


def slide_table() -> bytes:
    from pptx import Presentation

    show = Presentation()
    shapes = show.slides.add_slide(show.slide_layouts[6]).shapes
    table = shapes.add_table(3, 3, 0, 0, 1000, 1000).table
    for number, row in enumerate(TABLE):
        for place, cell in enumerate(row):
            table.cell(number, place).text = cell
    return saved(show)


def odt(body: str) -> bytes:
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "text", "table")
    )
    return packed({
        "mimetype": "application/vnd.oasis.opendocument.text",
        "content.xml": f"<office:document-content {spaces}><office:body><office:text>{body}"
        "</office:text></office:body></office:document-content>",
    })  # fmt: skip


def odt_table() -> bytes:
    cells = [[f"<table:table-cell><text:p>{cell}</text:p></table:table-cell>" for cell in row]
             for row in TABLE]  # fmt: skip
    rows = "".join(f"<table:table-row>{''.join(row)}</table:table-row>" for row in cells)
    return odt(f"<table:table>{rows}</table:table>")


def rtf_table() -> bytes:
    rows = "".join("\\trowd\\intbl " + "\\cell ".join(row) + "\\cell\\row\n" for row in TABLE)
    return ("{\\rtf1\\ansi " + rows + "\\pard}").encode()


def csv_table() -> bytes:
    return "\n".join(";".join(row) for row in TABLE).encode()


@pytest.mark.parametrize(
    ("suffix", "made"),
    [
        (".html", html_table), (".md", markdown_table), (".docx", word_table), (".pdf", pdf_table),
        (".xlsx", sheet_table), (".pptx", slide_table), (".odt", odt_table), (".rtf", rtf_table),
        (".csv", csv_table),
    ],
)  # fmt: skip
def test_table_rows_are_lines_with_their_headers(suffix: str, made: Callable[[], bytes]) -> None:
    assert text(made(), suffix).removeprefix("Sheet\n") == LINES


def test_table_of_names_and_values_has_no_headers() -> None:
    rows = "<tr><td>Name<td>Ada<tr><td>Born<td>1815"
    assert text(f"<table>{rows}</table>", ".html") == "Name: Ada\nBorn: 1815"


def test_table_cells_are_not_padded() -> None:
    page = "<table>" + "<tr><td>a" * 1500 + "<td>" + "b" * 290 + "</table>"
    assert len(text(page, ".html")) < 2 * len(page)


def test_table_that_lays_out_a_page_is_no_table() -> None:
    page = "<table><tr><td><p>Menu<td><table><tr><td>Inner</table><p>Text</table>"
    assert text(page, ".html") == "Menu\nInner\nText"


def test_markdown_has_no_markup() -> None:
    source = (
        "# Hours\n\n1. Glass on *Monday*.\n2. The bins go out at **7 am**.\n3. See [here](u).\n\n"
        "A `code` <b>bold</b> &amp; snake_case a < b <rent> ~~old~~.\n\n- one\n- two\n"
    )
    assert text(source, ".md").split("\n") == [
        "Hours", "1. Glass on Monday.", "2. The bins go out at 7 am.", "3. See here.",
        "A code bold & snake_case a < b <rent> old.", "• one", "• two",
    ]  # fmt: skip


BODY = (
    "<w:p>"
    + run("Dear ")
    + f'<w:fldSimple w:instr="MERGEFIELD name">{run("Zoe")}</w:fldSimple>'
    + f"<w:r><w:ruby><w:rubyPr/><w:rt>{run('tou')}</w:rt><w:rubyBase>{run(' to')}</w:rubyBase>"
    + "</w:ruby></w:r><m:oMath><m:f><m:num><m:r><m:t>12</m:t></m:r></m:num><m:den><m:r><m:t>34"
    + f"</m:t></m:r></m:den></m:f></m:oMath><w:bdo w:val='rtl'>{run(' left')}</w:bdo>"
    + f"<w:dir w:val='rtl'>{run(' right')}</w:dir><w:ins>{run(' new')}</w:ins>"
    + f"<w:hyperlink>{run(' link')}</w:hyperlink><w:sdt><w:sdtContent>{run(' control')}"
    + "</w:sdtContent></w:sdt><w:r><w:footnoteReference w:id='2'/></w:r></w:p>"
    + "<w:p><w:r><mc:AlternateContent><mc:Choice Requires='wps'><wps:txbx><w:txbxContent>"
    + paragraph("boxed")
    + "</w:txbxContent></wps:txbx></mc:Choice></mc:AlternateContent></w:r></w:p>"
)
PARTS = {
    "header1.xml": paragraph("over"),
    "header2.xml": paragraph("over all"),
    "footer1.xml": paragraph("under"),
    "footnotes.xml": "<w:footnote w:id='2'><w:p><w:r><w:footnoteRef/></w:r>"
    f"{run(' noted')}</w:p></w:footnote>",
}


def test_word_file_loses_no_word() -> None:
    data = word(BODY, PARTS)
    held = "".join(re.findall(r"<[wm]:t[ >][^<]*", BODY + "".join(PARTS.values())))
    words = Counter(re.findall(r"\w+", re.sub(r"<[^>]*>", " ", held)))
    assert len(words) > 15
    assert Counter(re.findall(r"\w+", text(data, ".docx").replace("¹", ""))) == words
    assert text(data, ".docx").split("\n") == [
        "over", "over all", "Dear Zoe to(tou)12/34 left right new link control¹", "boxed", "under",
        "¹ noted",
    ]  # fmt: skip


def test_word_file_of_another_maker_loses_no_word() -> None:
    """A document that python-docx makes, checked against the words in its own XML."""
    import docx as maker

    made = maker.Document()
    made.add_heading("The mill")
    for style in ("List Bullet", "List Number", "Quote", "Normal"):
        made.add_paragraph(f"Built in 1870 ({style}).", style=style)
    made.add_paragraph("A").add_run(" bold").bold = True
    made.sections[0].header.paragraphs[0].text = "On every page"
    made.sections[0].footer.paragraphs[0].text = "Below it"
    found = text(saved(made), ".docx")
    parts = [made.element, made.sections[0].header._element, made.sections[0].footer._element]
    held = [one.text for part in parts for one in part.iter() if str(one.tag).endswith("}t")]
    assert Counter(re.findall(r"\w+", found)) == Counter(
        [*re.findall(r"\w+", " ".join(held)), "1"]
    )  # the number of the list
    assert found.startswith("On every page\nThe mill\n• Built in 1870 (List Bullet).\n1. Built")
    assert found.endswith("A bold\nBelow it")


def test_word_file_shows_what_word_shows_once() -> None:
    box = f"<w:txbxContent>{paragraph('In a box')}</w:txbxContent>"
    numbered = "<w:pPr><w:numPr><w:ilvl w:val='0'/><w:numId w:val='1'/></w:numPr></w:pPr>"
    field = "".join(
        f"<w:r>{part}</w:r>"
        for part in (
            "<w:fldChar w:fldCharType='begin'/>", "<w:instrText> PAGE </w:instrText>",
            "<w:fldChar w:fldCharType='separate'/>", "<w:t>7</w:t>",
            "<w:fldChar w:fldCharType='end'/>",
        )
    )  # fmt: skip
    body = (
        f"<w:p><w:del><w:r><w:delText>gone</w:delText></w:r></w:del>{run('kept')}"
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r></w:p>"
        f"<w:p><w:r><mc:AlternateContent><mc:Choice Requires='wps'>{box}</mc:Choice>"
        f"<mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>"
        + paragraph("First", numbered)
        + paragraph("Second", numbered)
    )
    numbering = (
        "<w:abstractNum w:abstractNumId='0'><w:lvl w:ilvl='0'><w:start w:val='1'/>"
        "<w:numFmt w:val='decimal'/><w:lvlText w:val='§ %1.'/></w:lvl></w:abstractNum>"
        "<w:num w:numId='1'><w:abstractNumId w:val='0'/></w:num>"
    )
    parts = {"numbering.xml": numbering, "footer1.xml": f"<w:p>{field}</w:p>"}
    found = text(word(body, parts), ".docx")
    assert found.split("\n") == ["kept", "In a box", "§ 1. First", "§ 2. Second"]


def test_pdf_lines_of_a_paragraph_are_joined() -> None:
    lines = ["The award went to Professor Mar-", "garete Oster-", "mann, who lives in the well-",
             "known town of the well-known", "mill."]  # fmt: skip
    assert text(drawn(column(lines)), ".pdf") == (
        "The award went to Professor Margarete Ostermann, who lives in the well-known town of the "
        "well-known mill."
    )
    apart = ["Ines Soto", "Harbour Road 7", "Porto"]
    assert text(drawn(column(apart)), ".pdf") == "\n".join(apart)


@pytest.mark.parametrize("shift", [0, 5])
def test_pdf_columns_are_read_one_after_the_other(shift: int) -> None:
    left = [
        "The mill stands by the river",
        "and was built in 1870 by the",
        "brothers Soto, who came",
    ]
    right = ["from the harbour. They sold", "it in 1904 to Margarete", "Ostermann, who ran it."]
    # Drawn line by line, as some programs do, and not column by column.
    lines = [one for pair in zip(column(left, 72), column(right, 320, 100 + shift), strict=True)
             for one in pair]  # fmt: skip
    assert text(drawn([(72, 70, "A history"), *lines]), ".pdf") == (
        "A history\n" + " ".join([*left, *right])
    )


def test_pdf_running_heads_and_page_numbers_are_dropped() -> None:
    halves = ["The harbour was sold in 1904 to the brothers, and paid for by", "Ines Soto."]
    pages = [
        [(72.0, 40.0, "Annual report 2022"), (72.0, 100.0, half), (290.0, 810.0, f"Page {number}")]
        for number, half in enumerate(halves, 1)
    ]
    found = parsed(drawn(*pages), ".pdf")
    same = drawn(column(["One line.", "Two lines."]), column(["One line.", "Two lines."]))
    assert text(same, ".pdf") == "One line. Two lines.\n\nOne line. Two lines."
    alike = parsed(pdf("Sales in 2021: 5", "Sales in 2022: 5", "Sales in 2022: 5"), ".pdf").text
    assert alike.split("\n\n") == ["Sales in 2021: 5", "Sales in 2022: 5", "Sales in 2022: 5"]
    assert found.text == "Annual report 2022\n" + " ".join(halves)
    assert found.page(found.text.index("Ines")) == 2


def test_pdf_form_fields_and_comments_are_read() -> None:
    from reportlab.pdfgen.canvas import Canvas

    held = io.BytesIO()
    canvas = Canvas(held, pagesize=(595, 842))
    canvas.drawString(72, 700, "Name:")
    canvas.acroForm.textfield(name="n", value="Ada Lovelace", x=120, y=692, width=200, height=20)
    canvas.drawString(72, 660, "Paid:")
    canvas.acroForm.checkbox(name="p", checked=True, x=120, y=655)
    canvas.drawString(72, 620, "City:")
    canvas.acroForm.choice(
        name="c", value="Porto", options=["Porto", "Rome"], x=120, y=612, width=200, height=20
    )
    canvas.freeTextAnnotation("Call Ines at 9", DA="0 g", Rect=[300, 500, 420, 520])
    canvas.save()
    assert text(held.getvalue(), ".pdf") == (
        "Name: Ada Lovelace\nPaid: ☒\nCity: Porto\nCall Ines at 9"
    )


def scanned(*pages: str | None, stamp: str = "") -> bytes:
    """A PDF with a page of text each, or of a picture for None, with its number stamped on it."""
    from PIL import Image
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    held = io.BytesIO()
    canvas = Canvas(held, pagesize=(595, 842))
    picture = ImageReader(Image.new("L", (40, 50), 200))
    for number, page in enumerate(pages, 1):
        if page is None:
            canvas.drawImage(picture, 0, 0, 595, 842)
            canvas.drawString(290, 20, stamp.format(number))
        else:
            canvas.drawString(72, 700, page)
        canvas.showPage()
    canvas.save()
    return held.getvalue()


def test_pdf_page_that_is_a_picture_is_said() -> None:
    found = parsed(scanned("A mill.", None, "A bridge."), ".pdf")
    (note,) = found.notes  # which also says how to read it, where tesseract is missing
    assert note.startswith("page 2 holds no text: a scan?")
    assert found.text.split() == ["A", "mill.", "A", "bridge."]
    with pytest.raises(DataError, match="found none; if its pages are pictures"):
        read_bytes(scanned(None, None, None, stamp="Page {} of 3"), ".pdf")


def test_pdf_ligatures_are_letters() -> None:
    mapped = (
        "/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <00> <FF> "
        "endcodespacerange 1 beginbfchar <66> <FB01> endbfchar endcmap"
    )
    data = pdf("frm").replace(
        b"/BaseFont /Helvetica >>", b"/BaseFont /Helvetica /ToUnicode 99 0 R >>"
    )
    stream = f"99 0 obj\n<< /Length {len(mapped)} >>\nstream\n{mapped}\nendstream\nendobj\n"
    data = data.replace(b"xref\n", stream.encode() + b"xref\n", 1)  # PDFium mends the table
    assert text(data, ".pdf") == "firm"


def test_slides_are_pages() -> None:
    from pptx import Presentation

    show = Presentation()
    for number in (1, 2):
        slide = show.slides.add_slide(show.slide_layouts[1])
        slide.shapes.title.text = f"Slide {number}"
        slide.placeholders[1].text = "Built in 1870\nSold"
        slide.notes_slide.notes_text_frame.text = "Say hello"
    found = parsed(saved(show), ".pptx")
    one = "Slide 1\nBuilt in 1870\nSold\nSay hello"
    assert found.text == f"{one}\n\n{one.replace('1', '2', 1)}"
    assert found.page(found.text.index("Slide 2")) == 2


def test_sheet_shows_numbers_as_excel_does() -> None:
    from openpyxl import Workbook

    book = Workbook()
    book.active.append(["Share", "Price", "Weight", "On"])
    book.active.append([0.25, 1234.5, 3.9, True])
    for cell, form in (("A2", "0%"), ("B2", "[$€-2] #,##0.00"), ("C2", '0.00 "t"')):
        book.active[cell].number_format = form
    book.create_sheet("Kept")["A1"] = "secret"
    book["Kept"].sheet_state = "hidden"
    found = parsed(saved(book), ".xlsx")
    assert found.text.endswith("25%, Price: € 1,234.50; Weight: 3.90 t; On: TRUE")
    assert found.notes == ("hidden sheets were left out: Kept",)


def test_opendocument_text() -> None:
    body = (
        "<text:h>The mill</text:h><text:p>Built <text:span>in</text:span><text:s/>1870"
        "<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>A note"
        "</text:p></text:note-body></text:note>.</text:p>\n<text:list>\n <text:list-item>"
        "<text:p>one</text:p></text:list-item></text:list><text:tracked-changes><text:p>gone"
        "</text:p></text:tracked-changes>"
    )
    assert text(odt(body), ".odt") == "The mill\nBuilt in 1870¹.\n• one\n¹ A note"


def test_book_is_read_in_its_order() -> None:
    chapters = {f"OPS/{name}.xhtml": f"<html><body><p>{name}</p></body></html>" for name in "ab"}
    book = packed({
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": "<container><rootfiles><rootfile full-path='OPS/b.opf'/>"
        "</rootfiles></container>",
        "OPS/b.opf": "<package><manifest><item id='1' href='a.xhtml'/><item id='2' "
        "href='b.xhtml'/></manifest><spine><itemref idref='2'/><itemref idref='1'/></spine>"
        "</package>",
        **chapters,
    })  # fmt: skip
    assert text(book, ".epub") == "b\na"


def test_rich_text() -> None:
    source = (
        r"{\rtf1\ansi\ansicpg1252\uc1{\fonttbl{\f0 Arial;}{\f1\fcharset204 A;}}{\header Head\par}"
        r"{\info{\title no}}Caf\'e9 5 \'80 \u8364?\endash\~{\v no}{\f1 \'cc\'e8}\{x\}\par "
        r"a | b{\footnote a note}\line c{\*\unknown no}{\pict 0102}\par}"
    )
    assert text(source, ".rtf").split("\n") == [
        "Head", "Café 5 € €– Ми{x}", "a | b", "c", "a note",
    ]  # fmt: skip


def test_mail_shows_its_head_and_text_once() -> None:
    mail = (
        "Subject: =?utf-8?q?Caf=C3=A9?=\nFrom: Ada <a@b.c>\nMIME-Version: 1.0\nContent-Type: "
        "multipart/mixed; boundary=y\n\n--y\nContent-Type: multipart/alternative; boundary=x\n\n"
        "--x\nContent-Type: text/plain\n\nMeet at 9.\n--x\nContent-Type: text/html\n\n"
        "<p>Meet at <b>9</b>.\n--x--\n--y\nContent-Disposition: attachment; filename=plan.pdf\n\n"
        "x\n--y--\n"
    )
    found = parsed(mail.encode(), ".eml")
    assert found.text == "Subject: Café\nFrom: Ada <a@b.c>\nMeet at 9."
    assert found.notes == ("the attachment plan.pdf was left out; save it, and open it by itself",)


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


@pytest.mark.parametrize(
    ("suffix", "data", "message"),
    [
        (".docx", OLE + "EncryptedPackage".encode("utf-16-le"), "Word file without a password"),
        (
            ".docx",
            OLE + "WordDocument".encode("utf-16-le"),
            r"found an old Word file \(.doc\); save",
        ),
        (".docx", pdf("x"), "expected a Word file, found a PDF; rename it to end in .pdf"),
        (".pdf", b"<!DOCTYPE html><p>x", "expected a PDF, found a web page; rename it"),
        (".html", docx("x"), "expected a web page, found a Word file; rename it to end in .docx"),
        (".txt", b"\x89PNG\r\n\x1a\n", "found a picture; run text recognition on it first"),
        (".odt", packed({"a": "b"}), "found a ZIP archive; unpack it"),
        (
            ".odt",
            packed(
                {
                    "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
                    "content.xml": "<x/>",
                }
            ),
            "found an OpenDocument spreadsheet; rename it to end in .ods",
        ),
        (".epub", b"PK\x03\x04 half", "expected an e-book that is sound, found a damaged one"),
        (".xlsx", packed({"xl/workbook.xml": "<x"}), "an Excel file that is sound"),
        (".eml", b"no head at all", "expected an e-mail, found no head"),
        (
            ".txt",
            OLE + "__properties_version1.0".encode("utf-16-le"),
            r"found an Outlook message \(.msg\); save it as .html or .eml",
        ),
        (
            ".xlsm",
            packed({"xl/workbook.bin": "x"}),
            r"found a binary Excel file \(.xlsb\); save it",
        ),
        (
            ".docx",
            packed({"Index/Document.iwa": "x"}),
            "found a file of Pages, Numbers or Keynote;",
        ),
    ],
)
def test_other_kinds_are_named_with_what_to_do(suffix: str, data: bytes, message: str) -> None:
    with pytest.raises(DataError, match=message) as refused:
        read_bytes(data, suffix)
    assert "\n" not in str(refused.value)


def test_files_with_macros_and_shows_are_read_as_those_without() -> None:
    assert parsed(docx("words"), ".docm") == parsed(docx("words"), ".docx")
    assert parsed(slide_table(), ".ppsx") == parsed(slide_table(), ".pptx")
    assert parsed(sheet_table(), ".xlsm") == parsed(sheet_table(), ".xlsx")


def test_text_of_thousand_pages_is_read() -> None:
    found = read_bytes(
        pdf(*[f"Page {number} tells of mill {number}." for number in range(1000)]), ".pdf"
    )
    assert isinstance(found, Document)
    assert len(found.pages) == 1000
    assert found.page(found.text.index("mill 999.")) == 1000


# What these programs show, and other readers lose, double or run together.


def test_word_formulas_keep_what_stands_above_and_below() -> None:
    def part(name: str, words: str) -> str:
        return f"<m:{name}><m:r><m:t>{words}</m:t></m:r></m:{name}>"

    both = f"<m:sSubSup>{part('e', 'x')}{part('sub', '1')}{part('sup', '2')}</m:sSubSup>"
    limit = f"<m:limLow>{part('e', 'lim')}{part('lim', 'n→∞')}</m:limLow>"
    applied = f"<m:func><m:fName>{limit}</m:fName>{part('e', 'a')}</m:func>"
    rows = f"<m:mr>{part('e', '1')}{part('e', '2')}</m:mr><m:mr>{part('e', '3')}</m:mr>"
    maths = f"<m:oMath>{both}</m:oMath>{run(' and ')}<m:oMath>{applied}</m:oMath>"
    matrix = f"<w:p><m:oMath><m:m>{rows}</m:m></m:oMath></w:p>"
    found = text(word(f"<w:p>{maths}</w:p>{matrix}"), ".docx")
    assert found == "x_1^2 and lim_n→∞ a\n1 2; 3"


def test_word_changes_are_read_as_they_are_shown() -> None:
    ended = "<w:pPr><w:rPr><w:del w:id='1'/></w:rPr></w:pPr>"
    cells = "<w:tc>{}</w:tc><w:tc>{}</w:tc></w:tr>"
    body = paragraph("Sold in ", ended) + paragraph("1904.") + "<w:tbl>"
    body += "<w:tr>" + cells.format(paragraph("kept"), paragraph("one"))
    body += "<w:tr><w:trPr><w:del w:id='2'/></w:trPr>" + cells.format(
        paragraph("gone"), paragraph("two")
    )
    assert text(word(body + "</w:tbl>"), ".docx") == "Sold in 1904.\nkept, one"
    initial = paragraph("T", "<w:pPr><w:framePr w:dropCap='drop'/></w:pPr>")
    assert text(word(initial + paragraph("he house")), ".docx") == "The house"


def word_merged() -> bytes:
    rows = ""
    for merge, *cells in (("", "Mill", "Year", "Sold"), ("restart", "Upper", "1904", "3"),
                          ("continue", "", "1905", "4")):  # fmt: skip
        first = f"<w:tcPr><w:vMerge w:val='{merge}'/></w:tcPr>" if merge else ""
        inner = "".join(f"<w:tc>{first if place == 0 else ''}{paragraph(cell)}</w:tc>"
                        for place, cell in enumerate(cells))  # fmt: skip
        rows += f"<w:tr>{inner}</w:tr>"
    return word(f"<w:tbl>{rows}</w:tbl>")


def odt_merged() -> bytes:
    def cell(words: str, kind: str = "") -> str:
        return f"<table:{kind}table-cell><text:p>{words}</text:p></table:{kind}table-cell>"

    rows = [cell("Mill") + cell("Year") + cell("Sold"), cell("Upper") + cell("1904") + cell("3"),
            cell("no", "covered-") + cell("1905") + cell("4")]  # fmt: skip
    inner = "".join(f"<table:table-row>{row}</table:table-row>" for row in rows)
    return odt(f"<table:table>{inner}</table:table>")


def slide_merged() -> bytes:
    from pptx import Presentation

    show = Presentation()
    shapes = show.slides.add_slide(show.slide_layouts[6]).shapes
    table = shapes.add_table(3, 3, 0, 0, 1000, 1000).table
    cells = [["Mill", "Year", "Sold"], ["Upper", "1904", "3"], ["", "1905", "4"]]
    for number, row in enumerate(cells):
        for place, cell in enumerate(row):
            table.cell(number, place).text = cell
    table.cell(1, 0).merge(table.cell(2, 0))
    return saved(show)


@pytest.mark.parametrize(
    ("suffix", "made"), [(".docx", word_merged), (".odt", odt_merged), (".pptx", slide_merged)]
)
def test_cell_over_several_rows_names_each(suffix: str, made: Callable[[], bytes]) -> None:
    assert text(made(), suffix).split("\n") == [
        "Mill, Year, Sold", "Upper, Year: 1904; Sold: 3", "Upper, Year: 1905; Sold: 4",
    ]  # fmt: skip


def slide_raised() -> bytes:
    from pptx import Presentation

    show = Presentation()
    shapes = show.slides.add_slide(show.slide_layouts[6]).shapes
    line = shapes.add_textbox(0, 0, 1000, 1000).text_frame.paragraphs[0]
    for words, lift in (("In 1904", None), ("3", "30000"), (" it rose", None)):
        one = line.add_run()
        one.text = words
        if lift:
            one.font._element.set("baseline", lift)
    return saved(show)


def pdf_raised() -> bytes:
    from reportlab.platypus import Paragraph, SimpleDocTemplate

    held = io.BytesIO()
    words = "In 1904^3 it rose^10, to 5 m^2 of H_2O"
    words = re.sub(r"\^(\d+)", r"<super>\1</super>", words)
    SimpleDocTemplate(held).build([Paragraph(re.sub(r"_(\d)", r"<sub>\1</sub>", words))])
    return held.getvalue()


RAISED: dict[str, bytes] = {
    ".html": b"<p>In 1904<sup><a href=x>3</a></sup> it rose",
    ".docx": word("<w:p>" + run("In 1904") + "<w:r><w:rPr><w:vertAlign w:val='superscript'/>"
                  "</w:rPr><w:t>3</w:t></w:r>" + run(" it rose") + "</w:p>"),
    ".rtf": b"{\\rtf1 In 1904{\\super 3} it rose}",
    ".pptx": slide_raised(),
    ".md": b"In 1904[^n] it rose\n",
}  # fmt: skip


@pytest.mark.parametrize("suffix", RAISED)
def test_raised_figures_do_not_go_on_with_a_number(suffix: str) -> None:
    if suffix == ".md":
        data = b"In [^a-z] 1904[^n] it rose[^x].\n\n[^x]: Soto1904\n[^n]: See *Soto*\n"
        assert text(data, ".md").split("\n") == [
            "In [^a-z] 1904² it rose¹.", "1. Soto1904", "2. See Soto",
        ]  # fmt: skip
    else:
        assert text(RAISED[suffix], suffix) == "In 1904³ it rose"


def test_pdf_raised_and_lowered_figures_stay_with_their_words() -> None:
    assert text(pdf_raised(), ".pdf") == "In 1904³ it rose¹⁰, to 5 m² of H2O"


def test_opendocument_hides_by_style_and_shows_objects() -> None:
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "text", "style", "draw", "chart", "table")
    )
    spaces += ' xmlns:xlink="http://www.w3.org/1999/xlink"'
    look = "<style:style style:name='{}'><style:text-properties {}/></style:style>"
    styles = look.format("H", "text:display='none'") + look.format(
        "U", "style:text-position='super 58%'"
    )
    drawn_ = "<draw:frame><draw:object xlink:href='./Object {}'/></draw:frame>"
    body = (
        "<text:p text:style-name='H'>no</text:p><text:p>In 1904<text:span text:style-name='U'>3"
        f"</text:span> {drawn_.format(1)}<text:span text:style-name='H'>no</text:span></text:p>"
        f"<text:p><text:hidden-paragraph text:is-hidden='true'/>no</text:p>"
        f"<text:p>{drawn_.format(2)}</text:p>"
    )
    document = "<office:document-content {}>{}</office:document-content>"
    chart = "<chart:chart><chart:title><text:p>Sales</text:p></chart:title></chart:chart>"
    data = packed({
        "mimetype": "application/vnd.oasis.opendocument.text",
        "content.xml": document.format(
            spaces,
            f"<office:automatic-styles>{styles}</office:automatic-styles><office:body>"
            f"<office:text>{body}</office:text></office:body>",
        ),
        "Object 1/content.xml": '<math xmlns="http://www.w3.org/1998/Math/MathML"><semantics>'
        "<msup><mi>x</mi><mn>2</mn></msup><annotation>x^2</annotation></semantics></math>",
        "Object 2/content.xml": document.format(spaces, f"<office:body>{chart}</office:body>"),
    })  # fmt: skip
    assert text(data, ".odt") == "In 1904³ x^2\nSales"


def test_slides_show_their_footers_and_their_master_s_words_once() -> None:
    from pptx import Presentation
    from pptx.oxml import parse_xml

    show = Presentation()
    layout = show.slide_layouts[6]
    namespaces = (
        'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
        'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    )
    shape = (
        f"<p:sp {namespaces}><p:nvSpPr><p:cNvPr id='90' name='x'/><p:cNvSpPr/><p:nvPr>{{}}</p:nvPr>"
        "</p:nvSpPr><p:spPr/><p:txBody><a:bodyPr/><a:p>{}</a:p></p:txBody></p:sp>"
    )
    words = "<a:r><a:t>{}</a:t></a:r>"
    layout.shapes._spTree.append(parse_xml(shape.format("", words.format("Soto Mills"))))
    for number in (1, 2):
        slide = show.slides.add_slide(layout)
        slide.shapes.add_textbox(0, 0, 1000, 1000).text_frame.text = f"Slide {number}"
        for kind, said in (
            ("ftr", words.format("In confidence")),
            ("sldNum", words.format("7")),
            ("dt", "<a:fld id='{0}' type='datetime1'><a:t>1/2/24</a:t></a:fld>"),
        ):
            slide.shapes._spTree.append(
                parse_xml(shape.format(f"<p:ph type='{kind}'/>", said))
            )  # fmt: skip
    assert text(saved(show), ".pptx") == "Slide 1\nIn confidence\nSoto Mills\n\nSlide 2"


def test_charts_show_figures_in_their_places_and_formats() -> None:
    from pptx import Presentation
    from pptx.chart.data import CategoryChartData
    from pptx.enum.chart import XL_CHART_TYPE

    show = Presentation()
    data = CategoryChartData(number_format="0%")
    data.categories = ["2021", "2022", "2023"]
    data.add_series("Upper", (0.25, None, 0.5))
    shapes = show.slides.add_slide(show.slide_layouts[6]).shapes
    shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, 0, 0, 1000, 1000, data)
    assert text(saved(show), ".pptx").split("\n")[-3:] == [
        "Upper",
        "2021, Upper: 25%",
        "2023, Upper: 50%",
    ]


@pytest.mark.parametrize("words", ["Café", "It’s “old”, he said", "The Müller mill", "garçon, où"])
def test_text_of_an_old_macintosh_is_told_from_windows(words: str) -> None:
    said, note = decoded(words.encode("mac_roman"))
    assert said == words
    assert "Mac OS Roman" in (note or "")


@pytest.mark.parametrize("words", ["Café", "The Müller mill", "Début à 9 h, près du marché"])
def test_text_of_dos_is_told_from_windows(words: str) -> None:
    said, note = decoded(words.encode("cp850"))
    assert said == words
    assert "DOS" in (note or "")


def test_text_with_backspaces_is_no_utf16() -> None:
    assert decoded(b"N\x08NA\x08AM\x08M")[0] == "N\x08NA\x08AM\x08M"


@pytest.mark.parametrize(
    ("suffix", "source", "said"),
    [
        (".md", "---\ntitle: Mill\nyear: 1904\n---\n\nText", "title: Mill\nyear: 1904\nText"),
        (".md", "+++\ntitle = \"Mill\"\n[menu]\n+++\nText", 'title = "Mill"\n[menu]\nText'),
        (".html", "<math><mroot><mn>8</mn><mn>3</mn></mroot></math>", "3√8"),
        (".html", "<math><mtable><mtr><mtd>1<mtd>2</mtr><mtr><mtd>3</mtable></math>", "1 2 3"),
        (".html", "<math><munder><mi>lim</mi><mi>n</mi></munder></math>", "lim_n"),
        (".html", "<div style='display:table-row'><div style='display:table-cell'>A</div>"
         "<div style='display:table-cell'>B</div></div>", "A B"),
    ],
)  # fmt: skip
def test_small_things_are_read_as_they_are_shown(suffix: str, source: str, said: str) -> None:
    assert text(source, suffix) == said


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    "words",
    ["Гавань открыта", "Τολιμάνι", "Привет", "港口于1904年由索托启用。这座桥是木头做的。",
     "港は1904年に開かれました。\n", "항구는 열렸다. 다리는 나무로 만들었다",
     "国会議事堂前", "日本語の文章です", "我们在北京大学学习汉语", "대한민국은민주공화국이다"],
)  # fmt: skip
def test_utf16_of_any_alphabet_is_read_without_its_mark(encoding: str, words: str) -> None:
    assert decoded(words.encode(encoding))[0] == words
