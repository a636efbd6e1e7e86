"""Cells over several columns are said with the names of them all, whatever the kind of file."""

import io

import pytest
from openpyxl import Workbook

from qa_core.text.documents.apart import parsed
from qa_core.text.documents.blocks import COVERED, Table, table_lines
from tests.support.files import packed, word

ROWS = [["Hour", "Mon", "Tue", "Wed"], ["9:00", "Art", "Latin", "Art"], ["12:00", "Lunch"]]
SAID = [
    "Hour, Mon, Tue, Wed",
    "9:00, Mon: Art; Tue: Latin; Wed: Art",
    "12:00, Mon, Tue, Wed: Lunch",
]
SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "text", "table")
)


def page() -> bytes:
    def cell(words: str, name: str) -> str:
        return f"<{name}{' colspan=3' if words == 'Lunch' else ''}>{words}"

    return "<table>{}{}{}</table>".format(
        *("<tr>" + "".join(cell(one, "td" if number else "th") for one in row)
          for number, row in enumerate(ROWS))
    ).encode()  # fmt: skip


def of_word() -> bytes:
    def cell(words: str) -> str:
        wide = "<w:gridSpan w:val='3'/>" if words == "Lunch" else ""
        return f"<w:tc><w:tcPr>{wide}</w:tcPr><w:p><w:r><w:t>{words}</w:t></w:r></w:p></w:tc>"

    rows = ("".join(map(cell, row)) for row in ROWS)
    head = "<w:trPr><w:tblHeader/></w:trPr>"
    held = [f"<w:tr>{'' if number else head}{row}</w:tr>" for number, row in enumerate(rows)]
    return word(f"<w:tbl>{''.join(held)}</w:tbl>")


def open_document() -> bytes:
    def cell(words: str) -> str:
        wide = " table:number-columns-spanned='3'" if words == "Lunch" else ""
        covered = "<table:covered-table-cell/>" * 2 if wide else ""
        return f"<table:table-cell{wide}><text:p>{words}</text:p></table:table-cell>{covered}"

    rows = [f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in ROWS]
    rows[0] = f"<table:table-header-rows>{rows[0]}</table:table-header-rows>"
    body = f"<office:text><table:table>{''.join(rows)}</table:table></office:text>"
    content = f"<office:document-content {SPACES}><office:body>{body}</office:body>"
    mimetype = "application/vnd.oasis.opendocument.text"
    return packed({"mimetype": mimetype, "content.xml": f"{content}</office:document-content>"})


def sheet() -> bytes:
    book, held = Workbook(), io.BytesIO()
    for row in ROWS:
        book.active.append(row)
    book.active.merge_cells("B3:D3")
    book.active.title = "S"
    book.save(held)
    return held.getvalue()


@pytest.mark.parametrize(
    ("data", "suffix"),
    [(page(), ".html"), (of_word(), ".docx"), (open_document(), ".odt"), (sheet(), ".xlsx")],
    ids=["page", "word", "open", "sheet"],
)
def test_wide_cells_have_the_names_of_all_their_columns(data: bytes, suffix: str) -> None:
    assert parsed(data, suffix).text.removeprefix("S\n").split("\n") == SAID


def test_wide_names_stand_over_all_their_columns_unless_they_are_too_long() -> None:
    rows = [["Room", "Summer", COVERED, "Winter", COVERED], ["", "Week", "End", "Week", "End"],
            ["Single", "5", "6", "4", COVERED]]  # fmt: skip
    assert table_lines(Table(rows, 2))[-1] == (
        "Single, Summer Week: 5; Summer End: 6; Winter Week, Winter End: 4"
    )
    long = [["A", "b" * 50, "c" * 50], ["x", "y", COVERED]]
    assert table_lines(Table(long, 1))[-1] == "x, y"
