"""OpenDocument sheets and slides as LibreOffice shows them."""

import pytest

from qa_core.errors import DataError
from qa_core.text.documents import Document
from qa_core.text.documents.apart import parsed
from tests.support.files import flat, packed

SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "text", "table", "style", "draw", "presentation", "chart")
)
HIDDEN = "table:visibility='collapse'"


def opened(kind: str, body: str, styles: str = "", masters: str = "") -> Document:
    part = f"<office:document-{{0}} {SPACES}>{{1}}</office:document-{{0}}>".format
    looks = f"<office:automatic-styles>{styles}</office:automatic-styles>"
    held = f"<office:body><office:{kind}>{body}</office:{kind}></office:body>"
    files: dict[str, str | bytes] = {
        "mimetype": f"application/vnd.oasis.opendocument.{kind}",
        "content.xml": part("content", looks + held),
        "styles.xml": part(
            "styles", f"<office:master-styles>{masters}</office:master-styles>"
        ),
        "Object 1/content.xml": part("content", "<office:body><office:chart><chart:chart>"
            "<chart:title><text:p>Sales by year</text:p></chart:title>" + sheet(row("1", "2"))
            + "</chart:chart></office:chart></office:body>"),
    }  # fmt: skip
    suffix = {"spreadsheet": ".ods", "presentation": ".odp"}[kind]
    found = parsed(packed(files), suffix)
    if "Object 1" not in body:
        assert parsed(flat(files), f".f{suffix[1:]}") == found
    return found


def line(words: str) -> str:
    return f"<text:p>{words}</text:p>"


def cell(words: str, told: str = "") -> str:
    return f"<table:table-cell {told}>{line(words) if words else ''}</table:table-cell>"


def row(*cells: str, told: str = "") -> str:
    held = "".join(one if one.startswith("<") else cell(one) for one in cells)
    return f"<table:table-row {told}>{held}</table:table-row>"


def sheet(*rows: str, told: str = "table:name='S'") -> str:
    return f"<table:table {told}>{''.join(rows)}</table:table>"


def shown(*rows: str) -> list[str]:
    return opened("spreadsheet", sheet(*rows)).text.split("\n")[1:]


def test_sheet_rows_are_lines_with_their_headers_and_values_as_they_are_shown() -> None:
    value = "office:value-type='{}' office:{}value='{}'".format
    found = shown(
        row("Sold", "Day", "Share", "Price"),
        row("Timber", cell("3. Mai 2024", value("date", "date-", "2024-05-03")),
            cell("12 %", value("percentage", "", "0.12")),
            cell("5,00 €", value("currency", "", "5"))),
    )  # fmt: skip
    assert found == [
        "Sold, Day, Share, Price",
        "Timber, Day: 3. Mai 2024; Share: 12 %; Price: 5,00 €",
    ]


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("office:value-type='percentage' office:value='0.125'", "12.5%"),
        ("office:value-type='currency' office:value='5.5' office:currency='EUR'", "5.5 EUR"),
        ("office:value-type='date' office:date-value='2024-05-03T10:00:00'", "2024-05-03 10:00:00"),
        ("office:value-type='time' office:time-value='PT26H05M00S'", "26:05:00"),
        ("office:value-type='boolean' office:boolean-value='true'", "TRUE"),
        ("office:value-type='float' office:value='5.0'", "5"),
        ("office:value-type='string' office:string-value='words'", "words"),
    ],
)
def test_sheet_cells_that_say_not_how_they_are_shown_give_their_values(
    told: str, said: str
) -> None:
    assert shown(row("x", cell("", told))) == [f"x, {said}"]


def test_sheet_repeats_covers_and_titles() -> None:
    three, million = ("table:number-{}-repeated='{}'".format(*one)
                      for one in (("columns", 3), ("rows", 1_000_000)))  # fmt: skip
    found = shown(
        row(cell("Sales", "table:number-columns-spanned='3'"), "<table:covered-table-cell/>"),
        row("", told="table:number-rows-repeated='9'"),
        row("Name", "A", "B", "C"),
        row("one", cell("5", three), told="table:number-rows-repeated='2'"),
        row("two", cell("", "table:number-columns-repeated='2'"), "7"),
        row(cell("", "table:number-columns-repeated='16384'"), told=million),
    )
    assert found == [
        "Sales", "Name, A, B, C", "one, A: 5; B: 5; C: 5", "one, A: 5; B: 5; C: 5", "two, C: 7",
    ]  # fmt: skip


def test_sheet_names_of_several_columns_are_said_with_each() -> None:
    two = "table:number-columns-spanned='2'"
    covered = "<table:covered-table-cell/>"
    found = shown(
        row("", cell("2021", two), covered, cell("2022", two), covered),
        row("Mill", "Timber", "Paper", "Timber", "Paper"),
        row(cell("North", "table:number-rows-spanned='2'"), "1", "2", "3", "4"),
        row(covered, "5", "6", "7", "8"),
    )
    assert found[-2:] == [
        "North, 2021 Timber: 1; 2021 Paper: 2; 2022 Timber: 3; 2022 Paper: 4",
        "North, 2021 Timber: 5; 2021 Paper: 6; 2022 Timber: 7; 2022 Paper: 8",
    ]


def test_sheet_hides_and_says_so() -> None:
    styles = (
        "<style:style style:name='off' style:family='table'>"
        "<style:table-properties table:display='false'/></style:style>"
    )
    columns = f"<table:table-column/><table:table-column {HIDDEN}/><table:table-column/>"
    rows = row("a", "no", "b") + row("no", "no", "no", told=HIDDEN)
    grouped = f"<table:table-row-group table:display='false'>{row('no')}</table:table-row-group>"
    body = sheet(columns, rows, grouped, row("c", "no", "d"))
    found = opened(
        "spreadsheet", body + sheet(row("no"), told="table:name='H' table:style-name='off'"), styles
    )
    assert found.text == "S\na: b\nc: d"
    assert found.notes == (
        "hidden sheets were left out: H",
        "hidden rows and columns were left out of: S",
    )


def test_sheet_says_comments_boxes_charts_and_formulas_without_values() -> None:
    note = f"<office:annotation>{line('A remark')}</office:annotation>"
    box = f"<draw:frame><draw:text-box>{line('In a box')}</draw:text-box></draw:frame>"
    chart = (
        "<draw:frame><draw:object xmlns:xlink='http://www.w3.org/1999/xlink' "
        "xlink:href='./Object 1'/></draw:frame>"
    )
    body = sheet(
        f"<table:shapes>{box}</table:shapes>",
        row(f"<table:table-cell>{note}{line('one')}</table:table-cell>", "two"),
        row(f"<table:table-cell>{chart}</table:table-cell>",
            cell("", "table:formula='of:=1+1'"), "three"),
    )  # fmt: skip
    found = opened("spreadsheet", body)
    assert found.text == "S\none, two\nthree\nA remark\nSales by year\nIn a box"
    assert found.notes[0].startswith("formulas that hold no value, 1 in all")


def frame(words: str, told: str = "") -> str:
    return f"<draw:frame {told}><draw:text-box>{words}</draw:text-box></draw:frame>"


def test_slides_come_in_order_with_titles_first_and_notes_last() -> None:
    kind = "presentation:class='{}'".format
    bullets = "<text:list>" + "".join(
        f"<text:list-item>{line(one)}</text:list-item>" for one in ("one", "two")
    )
    table = sheet(row("Year", "Tonnes"), row("2021", "3.9"), row("2022", "4.5"))
    page = "<draw:page draw:name='p' draw:master-page-name='M' {}>{}</draw:page>".format
    first = frame(bullets + "</text:list>", kind("outline")) + frame(line("Mills"), kind("title"))
    first += f"<draw:g>{frame(line('grouped'))}</draw:g><draw:frame>{table}</draw:frame>"
    first += "<draw:custom-shape><text:p>drawn</text:p></draw:custom-shape>"
    first += frame(line("<text:page-number>1</text:page-number>"), kind("page-number"))
    first += f"<office:annotation>{line('A comment')}</office:annotation>"
    notes = frame(line("Say hello"), kind("notes")) + frame(line("no"), kind("header"))
    first += f"<presentation:notes>{notes}</presentation:notes>"
    footer = "<presentation:footer-decl presentation:name='f'>Soto Mills</presentation:footer-decl>"
    hide = (
        "<style:style style:name='off' style:family='drawing-page'>"
        "<style:drawing-page-properties presentation:visibility='hidden'/></style:style>"
    )
    master = frame(line("In confidence")) + frame(line("Click to edit"), kind("title"))
    used = "presentation:use-footer-name='f'"
    found = opened(
        "presentation",
        footer + page(used, first) + page("draw:style-name='off'", frame(line("no")))
        + page(used, frame(line("Last"))),
        hide,
        f"<style:master-page style:name='M'>{master}</style:master-page>",
    )  # fmt: skip
    assert found.text.split("\n") == [
        "Mills", "one", "two", "grouped", "Year, Tonnes", "2021, Tonnes: 3.9",
        "2022, Tonnes: 4.5", "drawn", "Soto Mills", "In confidence", "Say hello", "A comment",
        "", "", "", "Last",
    ]  # fmt: skip
    assert [found.page(found.text.index(one)) for one in ("Mills", "Last")] == [1, 3]
    assert found.notes == ("hidden slides were left out: 2",)
    with pytest.raises(DataError, match="found hidden ones alone"):
        opened("presentation", page("draw:style-name='off'", frame(line("no"))), hide)


def test_slide_tables_have_the_names_that_are_told_and_no_bullets() -> None:
    def item(words: str, told: str = "") -> str:
        listed = f"<text:list><text:list-item>{line(words)}</text:list-item></text:list>"
        return f"<table:table-cell {told}>{listed}</table:table-cell>"

    covered = "<table:covered-table-cell/>"
    table = sheet(
        row(item("Mill"), item("Tonnes", "table:number-columns-spanned='2'"), covered),
        row(item("North"), item("many"), item("few")),
        told="table:use-first-row-styles='true'",
    )
    found = opened("presentation", f"<draw:page><draw:frame>{table}</draw:frame></draw:page>")
    assert found.text == "Mill, Tonnes\nNorth, Tonnes: many; Tonnes: few"
