"""Tables of PDFs are read by rows, each with the names of its columns."""

import io
from typing import Any

import pytest

from qa_core.text.documents.apart import parsed
from tests.support.files import drawn


def text(data: bytes, suffix: str) -> str:
    return parsed(data, suffix).text


MILLS = [
    ["Mill", "Owner", "Remark", "Sold"],
    ["Upper mill by the old river", "Ines Soto and her brothers", "Sold in 1904", "3"],
    ["Lower mill by the harbour", "Bob Lind", "Burnt down to the ground in 1931", "14"],
    ["Mid", "Ann", "Kept, as nobody wanted to have it", "5"],
]
YEARS = [
    ["Product", "2019", "2020", "2021"], ["Timber", "1,203", "1,304", "1,405"],
    ["Paper", "9", "12", "1,104"], ["Straw", "10,044", "10,102", "11,003"],
]  # fmt: skip
GOODS = [["Region", "Sales", "", "Costs", ""], ["", "2021", "2022", "2021", "2022"],
         ["North", "1", "2", "3", "4"], ["", "5", "6", "7", "8"]]  # fmt: skip
EVEN = [["Mill", "Sold", "Kind", "Town"], ["Bob Lind", "23,519", "River", "Porto"],
        ["Ada King", "76,555", "Ferry", "Rome"], ["Ann Lee", "14,245", "Timber", "Porto"],
        ["Tom", "28,491", "Paper", "Lyon"]]  # fmt: skip
ALL, INNER = ((0, 0), (-1, -1), 0.5, "black"), ((0, 0), (-2, -1), 0.5, "black")
TIGHT = 1.5, [60, 36, 36, 36]
MERGED = [("SPAN", *one) for one in (((1, 0), (2, 0)), ((3, 0), (4, 0)), ((0, 0), (0, 1)),
                                     ((0, 2), (0, 3)))]  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "padding", "widths", "style"),
    [
        (MILLS, 5.4, [110, 100, 110, 40], [("GRID", *ALL)]),
        (MILLS, 5.4, [110, 100, 110, 40], [("LINEBELOW", *ALL)]),
        (MILLS, 5.4, [110, 100, 110, 40], []),
        (YEARS, *TIGHT, [("GRID", *ALL)]),
        (YEARS, *TIGHT, [("BOX", *ALL), ("LINEAFTER", *INNER),
                         ("LINEBELOW", (0, 0), (-1, 0), 0.5, "black")]),
        (YEARS, *TIGHT, []),
        (EVEN, 2, [60, 38, 40, 34], [("ALIGN", (0, 0), (-1, -1), "LEFT")]),
        (GOODS, 3, [60] * 5, [("GRID", *ALL), *MERGED]),
    ],
    ids=["grid", "lines-below", "no-lines", "tight-grid", "lines-between", "tight", "even",
         "merged"],
)  # fmt: skip
def test_pdf_table_is_read_by_rows(
    cells: list[list[str]], padding: float, widths: list[float], style: list[Any]
) -> None:
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Table

    look = ParagraphStyle("", fontName="Helvetica", fontSize=11, leading=13)
    held = io.BytesIO()
    is_wrapped = cells is MILLS
    rows = [[Paragraph(cell, look) if is_wrapped else cell for cell in row] for row in cells]
    sides = [(name, (0, 0), (-1, -1), padding) for name in ("LEFTPADDING", "RIGHTPADDING")]
    ends = [(name, (0, 0), (-1, -1), 0) for name in ("TOPPADDING", "BOTTOMPADDING")]
    usual = [("FONT", (0, 0), (-1, -1), "Helvetica", 11), ("LEADING", (0, 0), (-1, -1), 13),
             ("ALIGN", (1, 0), (-1, -1), "RIGHT"), ("VALIGN", (0, 0), (-1, -1), "TOP")]  # fmt: skip
    table = Table(rows, colWidths=widths, style=[*sides, *ends, *usual, *style])
    title = Paragraph("The mills, and what became of them", look)
    SimpleDocTemplate(held).build([title, table, title])
    found = text(held.getvalue(), ".pdf").split("\n")
    if cells is GOODS:
        assert found[-3:-1] == [
            "North, Sales 2021: 1; Sales 2022: 2; Costs 2021: 3; Costs 2022: 4",
            "North, Sales 2021: 5; Sales 2022: 6; Costs 2021: 7; Costs 2022: 8",
        ]
    else:
        names = cells[0][1:]
        assert found[1:-1] == [", ".join(cells[0])] + [
            f"{first}, " + "; ".join(map(": ".join, zip(names, rest, strict=True)))
            for first, *rest in cells[1:]
        ]


@pytest.mark.parametrize("style", [[("GRID", *ALL)], []], ids=["grid", "no-lines"])
@pytest.mark.parametrize("repeats", [0, 1])
def test_pdf_table_goes_on_on_the_next_page_with_its_headers(
    style: list[Any], repeats: int
) -> None:
    from reportlab.platypus import SimpleDocTemplate, Table

    rows = [["No", "Mill", "Sold"], *([str(number), "Upper", "7"] for number in range(1, 60))]
    held = io.BytesIO()
    SimpleDocTemplate(held).build([Table(rows, [30, 90, 40], style=style, repeatRows=repeats)])
    found = text(held.getvalue(), ".pdf")
    assert found.replace("\n\n", "\n").split("\n") == [
        "No, Mill, Sold",
        *(f"{number}, Mill: Upper; Sold: 7" for number in range(1, 60)),
    ]


def tagged(*rows: str, merged: str = "") -> bytes:
    """A PDF of a table whose cells are told by tags alone; of each row, those that a bar parts."""
    cells = [cell for row in rows for cell in row.split("|")]
    numbers = iter(range(10 + len(rows), 10 + len(rows) + len(cells)))
    marks, content, parts = iter(range(len(cells))), "", {}
    for row, said in enumerate(rows):
        inner = []
        for place, cell in enumerate(said.split("|")):
            mark, number = next(marks), next(numbers)
            inner.append(f"{number} 0 R")
            kind = "TD" if row else "TH"
            own = merged if cell.startswith("*") else ""
            parts[number] = f"/S /{kind} /P {10 + row} 0 R /Pg 4 0 R /K {mark} {own}"
            at = f"1 0 0 1 {72 + 48 * place} {700 - 13 * row} Tm"
            content += f"/{kind} <</MCID {mark}>> BDC BT /F1 11 Tf {at} ({cell}) Tj ET EMC\n"
        parts[10 + row] = f"/S /TR /P 6 0 R /K [{' '.join(inner)}]"
    told = " ".join(f"{10 + len(rows) + place} 0 R" for place in range(len(cells)))
    parts |= {
        1: "/Type /Catalog /Pages 2 0 R /StructTreeRoot 5 0 R /MarkInfo <</Marked true>>",
        2: "/Type /Pages /Kids [4 0 R] /Count 1",
        3: "/Type /Font /Subtype /Type1 /BaseFont /Courier",
        4: "/Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 7 0 R /StructParents 0"
           " /Resources <</Font <</F1 3 0 R>>>>",
        5: f"/Type /StructTreeRoot /K 6 0 R /ParentTree <</Nums [0 [{told}]]>>",
        6: f"/S /Table /P 5 0 R /K [{' '.join(f'{10 + row} 0 R' for row in range(len(rows)))}]",
    }  # fmt: skip
    whole = "".join(f"{number} 0 obj\n<<{part}>>\nendobj\n" for number, part in parts.items())
    stream = f"7 0 obj\n<</Length {len(content)}>>\nstream\n{content}endstream\nendobj\n"
    return f"%PDF-1.7\n{whole}{stream}trailer\n<</Root 1 0 R>>\n%%EOF\n".encode()


def test_pdf_table_that_is_tagged_is_read_by_rows() -> None:
    assert text(tagged("Year|Rain|Sun", "2019|low|8", "2020|high|9"), ".pdf").split("\n") == [
        "Year, Rain, Sun", "2019, Rain: low; Sun: 8", "2020, Rain: high; Sun: 9",
    ]  # fmt: skip
    merged = tagged("Mill|Sold", "*Up|3", "4", merged="/A <</O /Table /RowSpan 2>>")
    assert text(merged, ".pdf").split("\n") == ["Mill, Sold", "*Up, Sold: 3", "*Up, Sold: 4"]
    assert text(tagged("A text", "in one", "column"), ".pdf") == "A text in one column"


def bulleted(*columns: tuple[float, list[str]]) -> bytes:
    """A PDF of lists beside each other, whose items have round signs far before them."""
    from reportlab.pdfgen.canvas import Canvas

    held = io.BytesIO()
    canvas = Canvas(held, pagesize=(595, 842))
    for left, lines in columns:
        for number, line in enumerate(lines):
            top = 742 - 14 * number
            if not line.startswith(" "):
                canvas.setFont("ZapfDingbats", 8)
                canvas.drawString(left, top, "●")
            canvas.setFont("Helvetica", 11)
            canvas.drawString(left + 18, top, line.strip())
    canvas.save()
    return held.getvalue()


def test_lists_with_signs_far_before_their_items_are_no_tables() -> None:
    one = ["What are product types?", "Which challenges may arise", " in development?",
           "Timescales and conduct of", " development"]  # fmt: skip
    two = ["The role of the design team", "Determining the immediate and",
           " underlying challenges of design", "Training", "Case study"]  # fmt: skip
    said = [
        "● What are product types?", "● Which challenges may arise in development?",
        "● Timescales and conduct of development",
    ]  # fmt: skip
    beside = [
        "● The role of the design team",
        "● Determining the immediate and underlying challenges of design",
        "● Training", "● Case study",
    ]  # fmt: skip
    assert parsed(bulleted((72, one)), ".pdf").text.split("\n") == said
    assert parsed(bulleted((72, one), (320, two)), ".pdf").text.split("\n") == [*said, *beside]


def test_lists_with_letters_drawn_as_signs_have_signs() -> None:
    items = ["boots that keep the water out", "a coat", "food for three days and some",
             " more for the way back", "a map"]  # fmt: skip
    for sign in ("o", "§"):
        places = [(72.0, 100.0, "We need several things for the trip to the island next week:")]
        for number, line in enumerate(items):
            top = 120.0 + 14 * number
            places += [] if line.startswith(" ") else [(90.0, top, sign)]
            places.append((108.0, top, line.strip()))
        assert parsed(drawn(places), ".pdf").text.split("\n")[1:] == [
            "• boots that keep the water out", "• a coat",
            "• food for three days and some more for the way back", "• a map",
        ]  # fmt: skip


def test_rows_of_small_letters_are_rows() -> None:
    words = [("house", "maison"), ("dog", "chien"), ("harbour", "port"), ("boat", "bateau")]
    places = [(left, 100.0 + 16 * number, word) for number, row in enumerate(words)
              for left, word in zip((72.0, 200.0), row, strict=True)]  # fmt: skip
    assert parsed(drawn(places), ".pdf").text.split("\n") == [": ".join(row) for row in words]


def test_signs_in_cells_of_a_table_stay_in_their_columns() -> None:
    rows = [("Feature", "Basic", "Full", "Cost"), ("Search", "•", "•", "5.0"),
            ("Export", "–", "•", "6.5"), ("Sharing", "–", "•", "7.0")]  # fmt: skip
    places = [(left, 100.0 + 16 * number, cell) for number, row in enumerate(rows)
              for left, cell in zip((72.0, 200.0, 300.0, 330.0), row, strict=True)]  # fmt: skip
    assert parsed(drawn(places), ".pdf").text.split("\n")[1:] == [
        "Search, Basic: •; Full: •; Cost: 5.0", "Export, Basic: –; Full: •; Cost: 6.5",
        "Sharing, Basic: –; Full: •; Cost: 7.0",
    ]  # fmt: skip
