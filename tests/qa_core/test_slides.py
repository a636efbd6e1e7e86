"""PowerPoint and Excel files: numbers of layouts, covered cells, breaks as others write them."""

import io
from typing import Any

from qa_core.text.documents.apart import parsed
from tests.support.files import packed

DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"


def shown(deck: Any) -> str:
    held = io.BytesIO()
    deck.save(held)
    return parsed(held.getvalue(), ".pptx").text


def listed(kind: str) -> Any:
    """A slide with a title and two lines, and the mark of lists of a kind."""
    from pptx import Presentation
    from pptx.oxml import parse_xml

    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[1])
    slide.shapes.title.text = "Title"
    slide.placeholders[1].text = "one\ntwo"
    return deck, slide, parse_xml(f'<a:buAutoNum xmlns:a="{DRAWING}" type="{kind}"/>')


def test_slides_have_the_numbers_of_their_layout_and_master() -> None:
    from pptx.oxml import parse_xml

    deck, slide, mark = listed("arabicPeriod")
    body = next(one for one in slide.slide_layout.placeholders if one.placeholder_format.idx == 1)
    style = body._element.txBody.find(f"{{{DRAWING}}}lstStyle")
    style.append(parse_xml(f'<a:lvl1pPr xmlns:a="{DRAWING}"/>'))
    style[0].append(mark)
    assert shown(deck) == "Title\n1. one\n2. two"
    deck, _, mark = listed("alphaLcParenR")
    level = deck.slide_master._element.find(f".//{{*}}bodyStyle/{{{DRAWING}}}lvl1pPr")
    level.replace(level.find(f"{{{DRAWING}}}buChar"), mark)
    assert shown(deck) == "Title\na) one\nb) two"


def test_slides_show_no_covered_cells_and_points_of_scattered_charts() -> None:
    from pptx import Presentation
    from pptx.chart.data import XyChartData
    from pptx.enum.chart import XL_CHART_TYPE

    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    table = slide.shapes.add_table(2, 3, 0, 0, 100, 100).table
    table.cell(0, 1).merge(table.cell(0, 2))
    for row in range(2):
        for column, words in enumerate(("Name", "Price", "covered")):
            table.cell(row, column).text = words if not row else str(column)
    points = XyChartData()
    series = points.add_series("Growth")
    series.add_data_point(3, 4)
    slide.shapes.add_chart(XL_CHART_TYPE.XY_SCATTER, 0, 0, 100, 100, points)
    said = shown(deck)
    assert "covered" not in said
    assert said.split("\n")[-2:] == ["Growth", "3, Growth: 4"]


def sheet(rows: str, prefix: str = "") -> bytes:
    """An Excel file of one sheet with these rows, whose names begin with a prefix."""
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    relations = "http://schemas.openxmlformats.org/package/2006/relationships"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    related = (
        f'<Relationships xmlns="{relations}"><Relationship Id="r" Type="{office}/{{}}" '
        'Target="{}"/></Relationships>'
    )
    named = f"xmlns:{prefix[:-1]}" if prefix else "xmlns"
    return packed({
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/'
        f'content-types"><Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"'
        f'/><Override PartName="/xl/s.xml" ContentType="{kind}.worksheet+xml"/></Types>',
        "_rels/.rels": related.format("officeDocument", "xl/workbook.xml"),
        "xl/workbook.xml": f'<workbook xmlns="{space}" xmlns:r="{office}"><sheets><sheet name="S" '
        'sheetId="1" r:id="r"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": related.format("worksheet", "s.xml"),
        "xl/s.xml": f'<{prefix}worksheet {named}="{space}"><{prefix}sheetData>{rows}'
        f"</{prefix}sheetData></{prefix}worksheet>",
    })  # fmt: skip


def test_sheets_show_breaks_and_days_that_other_programs_write() -> None:
    data = sheet(
        '<row r="1"><c r="A1" t="inlineStr"><is><t>one_x000D_two</t></is></c>'
        '<c r="B1" t="d"><v>2024-05-03T00:00:00</v></c></row>'
    )
    assert parsed(data, ".xlsx").text == "S\none two, 2024-05-03"


def test_sheets_show_rows_and_cells_where_their_numbers_say() -> None:
    def cell(place: str, value: int) -> str:
        return f"<c r='{place}'><v>{value}</v></c>"

    late = f"<row r='3'>{cell('A3', 7)}</row><row r='1'>{cell('B1', 2)}{cell('A1', 1)}</row>"
    twice = f"<row r='2'>{cell('A2', 3)}</row><row r='2'>{cell('B2', 4)}</row>"
    assert parsed(sheet(late + twice), ".xlsx").text == "S\n1: 2\n3: 4\n7"


def test_sheets_whose_names_have_prefixes_hide_what_they_say() -> None:
    rows = "".join(
        f"<x:row r='{number}' {told}><x:c r='A{number}'><x:v>{number}</x:v></x:c></x:row>"
        for number, told in ((1, ""), (2, "hidden='1'"), (3, ""))
    )
    found = parsed(sheet(rows, "x:"), ".xlsx")
    assert found.text == "S\n1\n3"
    assert found.notes == ("hidden rows and columns were left out of: S",)
