"""PDFs as people have them: CVs, brochures, menus, invoices, slides, timetables, forms."""

import io

import pytest
from reportlab.lib.colors import black
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import SimpleDocTemplate, Table

from qa_core.text.documents.apart import parsed
from tests.support.files import column, drawn

SIDE = ["CONTACT", "ines@soto.example", "Oslo, Norway", "SKILLS", "AutoCAD", "Dredging", "Planning",
        "LANGUAGES", "Spanish (native)", "Norwegian"]  # fmt: skip
MAIN = ["EXPERIENCE", "2018 – present Lead engineer, Port of Oslo",
        "Led the renewal of quay 7, on time and 4 % under", "budget. Supervised twelve engineers.",
        "2012 – 2018 Engineer, Bergen Havn", "Planned dredging works and maintained the tide",
        "models that the port uses to this day.", "EDUCATION", "2012 MSc Civil Engineering, NTNU",
        "2010 BSc Civil Engineering, UPV"]  # fmt: skip
PROSE = ["The mill by the river was built in 1870", "by the brothers Soto, who had come from",
         "the harbour. In 1904 Professor Margarete", "Ostermann bought it and ran it for thirty",
         "years until a storm took its roof."]  # fmt: skip
HOURS = ["Monday 9–17", "Tuesday 9–17", "Wednesday closed", "Sunday 11–16"]


def text(data: bytes) -> str:
    return parsed(data, ".pdf").text


def test_texts_beside_each_other_are_read_one_after_the_other() -> None:
    found = text(drawn([*column(SIDE, 40), *column(MAIN, 220)], size=10))
    assert "on time and 4 % under budget. Supervised twelve engineers." in found
    assert "maintained the tide models that the port uses" in found
    assert found.index("Norwegian") < found.index("EXPERIENCE")
    brochure = text(drawn([*column(PROSE, 40), *column(HOURS, 300)], size=10))
    assert brochure.split("\n")[0] == " ".join(PROSE)
    assert brochure.endswith("closed\nSunday 11–16") or "closed Sunday 11–16" in brochure


def test_tables_of_long_cells_are_no_texts_beside_each_other() -> None:
    cells = ["1904", "", "1931", "1950"], [
        "Margarete Ostermann bought the old mill for five", "euros an acre and ran it.",
        "A storm took its roof.", "It was closed."]  # fmt: skip
    years = [one for one in column(cells[0], 72) if one[2]]
    found = text(drawn([*years, *column(cells[1], 140)]))
    assert found.split("\n")[-2:] == ["1931: A storm took its roof.", "1950: It was closed."]


def test_dots_that_lead_to_a_number_are_left_out() -> None:
    names = [("Tomato soup", "8.50"), ("Trout with dill", "21.00"), ("Apple pie", "7.00")]
    glued = [(80.0, 100.0 + 20 * at, f"{name} {'.' * (60 - len(name))} {price}")
             for at, (name, price) in enumerate(names)]  # fmt: skip
    assert text(drawn(glued)).split("\n") == [f"{name}: {price}" for name, price in names]
    spaced = [(200.0 + 6 * dot, 100.0 + 18 * at, ".") for at in range(3) for dot in range(40)]
    left, right = zip(*names, strict=True)
    ends = [(x, 100.0 + 18 * at, end) for x, column_ in ((80.0, left), (460.0, right))
            for at, end in enumerate(column_)]  # fmt: skip
    assert text(drawn([*ends, *spaced])).split("\n") == [
        f"{name}: {price}" for name, price in names
    ]
    assert text(drawn(column(["Wait . . . and so on ... he said."]))).count(".") == 7


def slides(*titles: str, size: float = 28) -> bytes:
    held = io.BytesIO()
    canvas = Canvas(held, pagesize=(842, 595))
    for number, title in enumerate(titles, 1):
        canvas.setFont("Helvetica", size)
        canvas.drawString(60, 540, title)
        canvas.setFont("Helvetica", 18)
        for at, line in enumerate((f"Sales rose by {number} %", "and costs fell")):
            canvas.drawString(60, 420 - 40 * at, line)
        canvas.setFont("Helvetica", 10)
        canvas.drawString(60, 20, f"Soto & Sons {number}")
        canvas.showPage()
    canvas.save()
    return held.getvalue()


@pytest.mark.parametrize("size", [28, 18])
def test_titles_with_numbers_are_no_running_heads(size: float) -> None:
    titles = [f"Results {number}" for number in ((1, 2, 3) if size > 18 else (4, 9, 2))]
    found = text(slides(*titles, size=size))
    assert [found.count(title) for title in titles] == [1, 1, 1]
    assert found.count("Soto & Sons") == 1


def test_sums_are_named_by_the_words_before_them() -> None:
    rows = [("Item", "Qty", "Price", "Amount"), ("Flour", "2", "12.50", "25.00"),
            ("Bran", "10", "1.20", "12.00"), ("", "", "Subtotal", "37.00"),
            ("", "", "Total due", "46.25")]  # fmt: skip
    lefts = (60.0, 200.0, 300.0, 420.0)
    placed = [(x, 100.0 + 14 * at, cell) for at, row in enumerate(rows)
              for x, cell in zip(lefts, row, strict=True) if cell]  # fmt: skip
    assert text(drawn(placed)).split("\n")[-2:] == [
        "Subtotal, Amount: 37.00", "Total due, Amount: 46.25",
    ]  # fmt: skip


def test_cells_over_several_columns_of_a_grid_have_all_their_names() -> None:
    rows = [
        ["", "Mon", "Tue", "Wed"],
        ["8:00", "Maths", "Art", "Latin"],
        ["12:00", "Lunch", "", ""],
    ]
    held = io.BytesIO()
    grid = [("GRID", (0, 0), (-1, -1), 0.5, black), ("SPAN", (1, 2), (3, 2))]
    SimpleDocTemplate(held).build([Table(rows, style=grid)])
    assert text(held.getvalue()).split("\n")[-1] == "12:00, Mon, Tue, Wed: Lunch"


def test_boxes_of_a_form_are_shown_whether_ticked_or_not() -> None:
    held = io.BytesIO()
    canvas = Canvas(held, pagesize=(595, 842))
    for at, (label, ticked) in enumerate((("yes", True), ("no", False))):
        canvas.acroForm.checkbox(name=label, checked=ticked, x=60, y=700 - 40 * at, size=12)
        canvas.drawString(80, 702 - 40 * at, label)
    canvas.save()
    assert text(held.getvalue()).split("\n") == ["☒ yes", "☐ no"]


def test_blocks_beside_their_dates_are_rows_below_a_title() -> None:
    placed = [(60.0, 60.0, "Curriculum vitae")]
    top = 100.0
    for date, held in (
        ("2018 – today", ("Lead engineer, Port of Oslo", "Led the renewal of quay 7, which was")),
        ("2012 – 2018", ("Engineer, Bergen Havn", "Planned dredging works.")),
        ("2010 – 2012", ("Master of Science, NTNU",)),
    ):
        placed.append((60.0, top, date))
        for line in held:
            placed.append((170.0, top, line))
            top += 14
        top += 8
    assert text(drawn(placed, size=10)).split("\n") == [
        "Curriculum vitae",
        "2018 – today: Lead engineer, Port of Oslo Led the renewal of quay 7, which was",
        "2012 – 2018: Engineer, Bergen Havn Planned dredging works.",
        "2010 – 2012: Master of Science, NTNU",
    ]
