"""Files of every kind with the words that their own programs show, to measure readers by."""

from __future__ import annotations

import io
import json
from itertools import chain
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from tests.support.files import column, drawn, flat, packed, word

TEXTS = (
    "The mill by the river was built in 1870 by the brothers Soto, who had come from the harbour.",
    "In 1904 Professor Margarete Ostermann bought it for 5 € an acre and ran it for thirty years.",
    "A storm took the roof in 1931; the café beside it was firm enough and stayed open.",
    "The bins go out at 7 am on Mondays, glass on every second Thursday of the month.",
    "Müller & Sons deliver flour to São Paulo, Málaga and Łódź within 12 days.",
    "Nobody may enter the tower without Ines, who keeps the only key since May.",
)
ROWS = (("Product", "2021", "2022"), ("Timber", "3.9", "4.5"), ("Paper", "1.2", "1.1"))
CELLS = " ".join(chain.from_iterable(ROWS))


class File(NamedTuple):
    suffix: str
    data: bytes
    truth: str


def files() -> list[File]:
    return [
        *_plain(), *_markdown(), *_html(), *_pdf(), *_with_macros([*_docx(), *_office()]),
        *_open(), *_rich(), *_mail(), *_tables(), *_dated(), *_saved_page(), *_spoken(), *_data(),
    ]  # fmt: skip


def _plain() -> list[File]:
    short = ("Price: 5 €", "Café", "Müller", "O João nasceu em São Paulo.", "Größe: 12 m", "Peña",
             "Crème brûlée 4 €", *TEXTS[1:3])  # fmt: skip
    others = (("cp1251", "Гавань открыла Инес Сото в 1904 году."),
              ("shift_jis", "港は1904年に開かれました。橋は木で作られた。"),
              ("gb18030", "港口于1904年由伊内斯·索托启用。这座桥是木头做的。"),
              ("cp1253", "Το λιμάνι άνοιξε το 1904."), ("utf-16", TEXTS[4]), ("utf-32", TEXTS[4]),
              ("utf-8", TEXTS[4]))  # fmt: skip
    return [
        *(File(".txt", text.encode("cp1252"), text) for text in short),
        *(File(".txt", text.encode(encoding), text) for encoding, text in others),
    ]


def _markdown() -> list[File]:
    pipes = (
        "| Product | 2021 | 2022 |\n|---|---|---|\n"
        "| Timber | 3.9 | **4.5** |\n| Paper | 1.2 | 1.1 |"
    )
    sources = (
        (f"# Mill\n\n*{TEXTS[0]}*\n\n{TEXTS[1]}", f"Mill {TEXTS[0]} {TEXTS[1]}"),
        ("1. Glass on `Monday`.\n2. Out at **7 am**.", "1 Glass on Monday. 2 Out at 7 am."),
        (pipes, CELLS),
        (f"> {TEXTS[3]}\n\n[the page](http://a.b) <rent> ok", f"{TEXTS[3]} the page <rent> ok"),
    )
    return [File(".md", source.encode(), truth) for source, truth in sources]


def _html() -> list[File]:
    rows = "".join(f"<tr>{''.join(f'<td>{cell}' for cell in row)}" for row in ROWS)
    pages = (
        ("".join(f"<p>{escape(text)}" for text in TEXTS), " ".join(TEXTS)),
        (f"<table>{rows}</table>", CELLS),
        ("<dl><dt>one<dd>two</dl><section>three</section><section>four</section>",
         "one two three four"),
        ("<form>a<fieldset><legend>b</legend><select><option>c<option>d</select></fieldset></form>",
         "a b c d"),
        ("<p hidden>no<template>no</template><noscript>no</noscript><dialog>no</dialog><p>yes",
         "yes"),
        ("<details><summary>one</summary>two</details><dialog open>three</dialog>",
         "one two three"),
        ("<div>" * 300 + "deep" + "</div>" * 300, "deep"),
        ("<p>fi&shy;rm &#xfb01;rm</p><ul><li>one<li>two</ul>", "firm firm one two"),
        ("<p>a<br>b<p style='display:none'>no</p><input value='typed'>", "a b typed"),
    )  # fmt: skip
    return [
        File(".html", b"<!DOCTYPE html><meta charset=utf-8>" + page.encode(), truth)
        for page, truth in pages
    ] + [File(".html", b'<meta charset="iso-8859-1"><p>It\x92s 5 \x80', "It’s 5 €")]


def _pdf() -> list[File]:
    split = ["The award went to Professor Mar-", "garete Oster-", "mann in the year 1904."]
    left = [
        "The mill stands by the river",
        "and was built in 1870 by the",
        "brothers Soto, who came",
    ]
    right = ["from the harbour. They sold", "it in 1904 to Margarete", "Ostermann, who ran it."]
    both = list(zip(column(left, 72), column(right, 320), strict=True))
    cells = [(x, 100 + 14 * number, cell) for number, row in enumerate(ROWS)
             for x, cell in zip((72, 200, 260), row, strict=True)]  # fmt: skip
    framed = [[(72.0, 40.0, "Annual report"), (72.0, 100.0, text), (290.0, 810.0, str(number))]
              for number, text in enumerate(TEXTS[:3], 1)]  # fmt: skip
    latin = [text.replace("Łódź", "Rome") for text in TEXTS]
    return [
        *(File(".pdf", drawn(column([text])), text) for text in latin),
        File(".pdf", drawn(column(latin), column(latin)), " ".join([*latin, *latin])),
        File(".pdf", drawn(column(split)),
             "The award went to Professor Margarete Ostermann in the year 1904."),
        File(".pdf", drawn([one for pair in both for one in pair]), " ".join([*left, *right])),
        File(".pdf", drawn([*column(left, 72), *column(right, 320)]), " ".join([*left, *right])),
        File(".pdf", drawn(cells), CELLS),
        File(".pdf", drawn(*framed), "Annual report " + " ".join(TEXTS[:3])),
        File(".pdf", _form(), "Name Ada Lovelace City Porto Call Ines at 9"),
    ]  # fmt: skip


def _form() -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    held = io.BytesIO()
    canvas = Canvas(held, pagesize=(595, 842))
    canvas.drawString(72, 700, "Name:")
    canvas.acroForm.textfield(name="n", value="Ada Lovelace", x=120, y=692, width=200, height=20)
    canvas.drawString(72, 620, "City:")
    canvas.acroForm.choice(
        name="c", value="Porto", options=["Porto", "Rome"], x=120, y=612, width=200, height=20
    )
    canvas.freeTextAnnotation("Call Ines at 9", DA="0 g", Rect=[300, 500, 420, 520])
    canvas.save()
    return held.getvalue()


def _docx() -> list[File]:
    import docx

    def run(text: str) -> str:
        return f'<w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r>'

    field = f'<w:fldSimple w:instr="MERGEFIELD n">{run("Zoe Soto")}</w:fldSimple>'
    ruby = (f"<w:r><w:ruby><w:rubyPr/><w:rt>{run('reading')}</w:rt><w:rubyBase>{run(' base ')}"
            "</w:rubyBase></w:ruby></w:r>")  # fmt: skip
    math = "<m:oMath><m:r><m:t> x plus 1 </m:t></m:r></m:oMath>"
    turned = f"<w:bdo>{run(' left')}</w:bdo><w:dir>{run(' right')}</w:dir>"
    rows = "".join(f"<w:tr>{''.join(f'<w:tc><w:p>{run(cell)}</w:p></w:tc>' for cell in row)}</w:tr>"
                   for row in ROWS)  # fmt: skip
    box = f"<w:txbxContent><w:p>{run('In a box')}</w:p></w:txbxContent>"
    boxed = (f"<mc:AlternateContent><mc:Choice Requires='wps'>{box}</mc:Choice><mc:Fallback>"
             f"<w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent>")  # fmt: skip
    bodies: tuple[tuple[str, str, dict[str, str]], ...] = (
        ("".join(f"<w:p>{run(text)}</w:p>" for text in TEXTS), " ".join(TEXTS), {}),
        (f"<w:p>{run('Dear ')}{field}</w:p>", "Dear Zoe Soto", {}),
        (f"<w:p>{ruby}{math}{turned}</w:p>", "base reading x plus 1 left right", {}),
        (f"<w:p>{run('Text')}</w:p>", "Head Text Foot",
         {"header1.xml": f"<w:p>{run('Head')}</w:p>", "footer1.xml": f"<w:p>{run('Foot')}</w:p>"}),
        (f"<w:tbl>{rows}</w:tbl>", CELLS, {}),
        (f"<w:p><w:r>{boxed}</w:r></w:p>", "In a box", {}),
        (f"<w:p><w:del><w:r><w:delText>gone</w:delText></w:r></w:del>{run('kept')}</w:p>",
         "kept", {}),
    )  # fmt: skip
    made = docx.Document()
    made.add_heading("Mill")
    for text in TEXTS:
        made.add_paragraph(text, style="List Number")
    listed = " ".join(f"{number} {text}" for number, text in enumerate(TEXTS, 1))
    return [
        *(File(".docx", word(body, parts), truth) for body, truth, parts in bodies),
        File(".docx", saved(made), f"Mill {listed}"),
    ]


def saved(made: Any) -> bytes:
    held = io.BytesIO()
    made.save(held)
    return held.getvalue()


def _office() -> list[File]:
    from openpyxl import Workbook
    from pptx import Presentation

    found = []
    for texts in (TEXTS[:2], TEXTS[2:4], TEXTS[4:]):
        book = Workbook()
        for row in ROWS:
            book.active.append([float(cell) if cell[0].isdigit() else cell for cell in row])
        notes = book.create_sheet("Notes")
        for text in texts:
            notes.append([text])
        found.append(File(".xlsx", saved(book), f"Sheet {CELLS} Notes {' '.join(texts)}"))
        show = Presentation()
        slide = show.slides.add_slide(show.slide_layouts[1])
        slide.shapes.title.text = "Mills"
        slide.placeholders[1].text = "\n".join(texts)
        slide.notes_slide.notes_text_frame.text = "Say hello"
        found.append(File(".pptx", saved(show), f"Mills {' '.join(texts)} Say hello"))
        spaces = " ".join(
            f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
            for name in ("office", "text", "table")
        )
        body = "".join(f"<text:p>{escape(text)}</text:p>" for text in texts)
        content = (f"<office:document-content {spaces}><office:body><office:text>{body}"
                   "</office:text></office:body></office:document-content>")  # fmt: skip
        mimetype = "application/vnd.oasis.opendocument.text"
        found.append(File(".odt", packed({"mimetype": mimetype, "content.xml": content}),
                          " ".join(texts)))  # fmt: skip
        chapters = {
            f"O/{number}.xhtml": "<html xmlns='http://www.w3.org/1999/xhtml'><body><p>"
            f"{escape(text)}</p></body></html>"
            for number, text in enumerate(texts)
        }
        items = "".join(
            f"<item id='i{number}' href='{number}.xhtml' media-type='application/xhtml+xml'/>"
            for number in (0, 1)
        )
        found.append(File(".epub", packed({
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": "<container xmlns='urn:oasis:names:tc:opendocument:xmlns:"
            "container'><rootfiles><rootfile full-path='O/b.opf' media-type="
            "'application/oebps-package+xml'/></rootfiles></container>",
            "O/b.opf": f"<package xmlns='http://www.idpf.org/2007/opf'><manifest>{items}</manifest>"
            "<spine><itemref idref='i1'/><itemref idref='i0'/></spine></package>",
            **chapters,
        }), " ".join(reversed(texts))))  # fmt: skip
    return sorted(found, key=lambda one: one.suffix)


def _with_macros(files: list[File]) -> list[File]:
    """Files, and those of Office once more as those with macros are named."""
    named = {".docx": ".docm", ".xlsx": ".xlsm", ".pptx": ".pptm"}
    more = [one._replace(suffix=named[one.suffix]) for one in files if one.suffix in named]
    return [*files, *sorted(more, key=lambda one: one.suffix)]


def _open() -> list[File]:
    """Sheets and slides of LibreOffice, packed and as one XML."""
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "text", "table", "draw", "presentation")
    )
    cell = "<table:table-cell><text:p>{}</text:p></table:table-cell>".format
    rows = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in ROWS)
    found = []
    for text in TEXTS[:2]:
        line = f"<text:p>{escape(text)}</text:p>"
        frame = f"<draw:frame><draw:text-box>{line}</draw:text-box></draw:frame>"
        bodies = (
            ("spreadsheet", ".ods", f'<table:table table:name="Sheet">{rows}</table:table>'
             f'<table:table table:name="Notes"><table:table-row>{cell(escape(text))}'
             "</table:table-row></table:table>", f"Sheet {CELLS} Notes {text}"),
            ("presentation", ".odp", f"<draw:page>{frame}<presentation:notes>"
             f"{frame.replace(line, '<text:p>Say hello</text:p>')}</presentation:notes>"
             "</draw:page>", f"{text} Say hello"),
        )  # fmt: skip
        for kind, suffix, body, truth in bodies:
            parts = {
                "mimetype": f"application/vnd.oasis.opendocument.{kind}",
                "content.xml": f"<office:document-content {spaces}><office:body><office:{kind}>"
                f"{body}</office:{kind}></office:body></office:document-content>",
                "styles.xml": f"<office:document-styles {spaces}></office:document-styles>",
            }
            found.append(File(suffix, packed(dict(parts)), truth))
            found.append(File(f".f{suffix[1:]}", flat(parts), truth))
    return sorted(found, key=lambda one: one.suffix)


def _tables() -> list[File]:
    def table(between: str) -> str:
        return "\n".join(between.join(row) for row in ROWS)

    return [
        File(".csv", table(";").encode(), CELLS),
        File(".csv", f'Name,Said\nInes,"{TEXTS[4]}"\n'.encode(), f"Name Said Ines {TEXTS[4]}"),
        File(".csv", "Café;Größe\nPeña;5 €\n".encode("cp1252"), "Café Größe Peña 5 €"),
        File(".tsv", table("\t").encode("utf-16"), CELLS),
    ]


def _dated() -> list[File]:
    """A calendar and contacts. What they show beside the file's words is counted as more."""
    event = (
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20240503T080000Z\nDTEND:20240503T090000Z\nSUMMARY:"
        "Planning\nLOCATION:Mill St\\, Oslo\nDESCRIPTION:<b>Budget</b><br>and oak\nEND:VEVENT\n"
        "END:VCALENDAR\n"
    )
    card = (
        "BEGIN:VCARD\nVERSION:3.0\nN:Berg;Ann;;Dr.;\nFN:Dr. Ann Berg\nORG:Soto;Research\n"
        "TEL;TYPE=work:+47 22\nNOTE:Likes tea\\nand cake\nPHOTO;ENCODING=b:/9j/4AAQ\nEND:VCARD\n"
    )
    return [
        File(".ics", event.encode(), "Planning When Friday 3 May 2024 08 00 to 09 00 UTC Where "
             "Mill St Oslo Budget and oak"),
        File(".vcf", card.encode(), "Dr Ann Berg Organisation Soto Research Phone work 47 22 Note "
             "Likes tea and cake"),
    ]  # fmt: skip


def _saved_page() -> list[File]:
    page = f"<html><body><h1>Mill</h1><p>{escape(TEXTS[1])}</p><p class=no>no</p></body></html>"
    parts = (
        ("text/html; charset=utf-8", f"<link rel=stylesheet href=cid:s>{page}", ""),
        ("text/css", ".no { display: none }", "Content-ID: <s>\n"),
    )
    body = "".join(f"--y\nContent-Type: {kind}\n{head}\n{said}\n" for kind, said, head in parts)
    head = "From: <Saved by Blink>\nSubject: no\nMIME-Version: 1.0\nContent-Type: multipart/related"
    data = f"{head}; boundary=y\n\n{body}--y--\n".encode()
    return [File(suffix, data, f"Mill {TEXTS[1]}") for suffix in (".mhtml", ".mht")]


def _spoken() -> list[File]:
    halves = [" ".join(TEXTS[0].split()[:9]), " ".join(TEXTS[0].split()[9:]), TEXTS[3]]
    times = [f"00:00:0{one},000 --> 00:00:0{one + 1},000" for one in range(3)]
    said = list(zip(times, halves, strict=True))
    srt = "".join(f"{number}\n{time}\n<i>{half}</i>\n\n"
                  for number, (time, half) in enumerate(said, 1))  # fmt: skip
    vtt = "WEBVTT\n\nNOTE no\n\n" + "".join(
        f"{time.replace(',', '.')}\n{half}\n\n" for time, half in said
    )
    return [File(suffix, source.encode(), " ".join(halves))
            for suffix, source in ((".srt", srt), (".vtt", vtt))]  # fmt: skip


def _data() -> list[File]:
    cells = (
        {"cell_type": "markdown", "source": ["# Mill\n", f"*{TEXTS[2]}*"]},
        {"cell_type": "code", "source": "print(5)", "outputs": [{"text": "5\n"}]},
    )
    records = [dict(zip(ROWS[0], row, strict=True)) for row in ROWS[1:]]
    feed = (
        f"<rss><channel><title>Mills</title><item><description>&lt;p&gt;{escape(escape(TEXTS[4]))}"
        "&lt;/p&gt;</description></item></channel></rss>"
    )
    return [
        File(".ipynb", json.dumps({"cells": cells}).encode(), f"Mill {TEXTS[2]} print 5 5"),
        File(".json", json.dumps({"place": TEXTS[4]}).encode(), f"place {TEXTS[4]}"),
        File(".json", json.dumps(records).encode(), CELLS),
        File(".jsonl", "\n".join(map(json.dumps, records)).encode(), CELLS),
        File(".xml", feed.encode(), f"Mills {TEXTS[4]}"),
    ]


def _rich() -> list[File]:
    def source(body: str) -> bytes:
        return ("{\\rtf1\\ansi\\ansicpg1252{\\fonttbl{\\f0 Arial;}}" + body + "}").encode("cp1252")

    rows = "".join("\\trowd\\intbl " + "\\cell ".join(row) + "\\cell\\row " for row in ROWS)
    return [
        File(".rtf", source("{\\header Head\\par}Text{\\footnote a note} here\\par"),
             "Head Text here a note"),
        File(".rtf", source("Caf\\'e9 5 \\'80 \\u8364?{\\v no}\\par"), "Café 5 € €"),
        File(".rtf", source(rows + "\\pard"), CELLS),
        File(".rtf", source("\\par ".join(TEXTS[:4])), " ".join(TEXTS[:4])),
    ]  # fmt: skip


def _mail() -> list[File]:
    from email.message import EmailMessage

    found = []
    for text in TEXTS[:4]:
        message = EmailMessage()
        message["Subject"], message["From"], message["To"] = "The café", "ada@a.b", "bob@a.b"
        message.set_content(text)
        message.add_alternative(f"<p>{escape(text)}</p>", subtype="html")
        truth = f"Subject The café From ada@a.b To bob@a.b {text}"
        found.append(File(".eml", message.as_bytes(), truth))
    return found
