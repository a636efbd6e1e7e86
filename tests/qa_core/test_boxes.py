"""Where a PDF's words stand on its pages: columns, turned pages, divided words, tables."""

import io

import numpy as np
import pytest

from qa_core.errors import DataError
from qa_core.text.documents import Document, read_bytes
from qa_core.text.documents.pages.pictures import page_picture
from tests.support.files import column, drawn

COLUMNS = [
    "The harbour was opened in the",
    "spring of 1904 by Professor Mar-",
    "garete Ostermann, who had drawn",
    "its plans over many long years.",
]


def found(document: Document, words: str) -> list[tuple[int, int, int]]:
    """The page, left and top, rounded, of each rectangle of some words; they hold letters."""
    start = document.text.index(words)
    boxes = document.boxes(start, start + len(words))
    assert all(box.left < box.right and box.top < box.bottom for box in boxes)
    return [(box.page, round(box.left), round(box.top)) for box in boxes]


def near(boxes: list[tuple[int, int, int]], *wanted: tuple[int, float, float]) -> bool:
    """Whether boxes begin where words were drawn, whose place is that of their lower left."""
    assert len(boxes) == len(wanted), boxes
    return all(
        box[0] == page and abs(box[1] - left) < 2 and 0 < base - box[2] < 16
        for box, (page, left, base) in zip(boxes, wanted, strict=True)
    )


def test_a_word_divided_at_a_line_s_end_has_two_rectangles() -> None:
    document = read_bytes(drawn(column(COLUMNS), column(COLUMNS, top=300)), ".pdf")
    assert "Professor Margarete Ostermann" in document.text
    boxes = found(document, "Margarete Ostermann")
    assert [box[0] for box in boxes] == [1, 1]
    assert near(boxes[1:], (1, 72, 128))
    start = document.text.rindex("1904")
    (year,) = document.boxes(start, start + 4)
    assert year.page == 2
    assert 320 > year.bottom > year.top > 300


def test_columns_keep_their_sides() -> None:
    left, right = column(COLUMNS), column([line.upper() for line in COLUMNS], left=320)
    document = read_bytes(drawn([*left, *right]), ".pdf")
    assert document.text.index("PROFESSOR") > document.text.index("many long years")
    assert near(found(document, "its plans over many long years."), (1, 72, 142))
    assert near(found(document, "ITS PLANS"), (1, 320, 142))


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_turned_pages_are_boxed_as_they_are_shown(turn: int) -> None:
    import pypdfium2

    upright = read_bytes(drawn(column(COLUMNS)), ".pdf")
    pages = pypdfium2.PdfDocument(drawn(column(COLUMNS)))
    pages[0].set_rotation(turn)
    held = io.BytesIO()
    pages.save(held)
    turned = read_bytes(held.getvalue(), ".pdf")
    start, now = upright.text.index("1904"), turned.text.index("1904")
    (before,), (after,) = upright.boxes(start, start + 4), turned.boxes(now, now + 4)
    width, height = (595, 842) if turn == 180 else (842, 595)
    sides = {
        90: (width - before.bottom, before.left),
        180: (width - before.right, height - before.bottom),
        270: (before.top, height - before.right),
    }[turn]
    assert (after.left, after.top) == pytest.approx(sides, abs=1)


def test_tables_ligatures_and_parts_of_words() -> None:
    rows = [("Goods", "2021", "2022"), ("Timber", "3.9", "4.5"), ("Coal", "2.5", "2.25")]
    table = [
        (left, 100.0 + 20 * line, cell)
        for line, row in enumerate(rows)
        for left, cell in zip((72, 200, 300), row, strict=True)
    ]
    document = read_bytes(drawn(table), ".pdf")
    assert "Timber, 2021: 3.9; 2022: 4.5" in document.text
    assert near(found(document, "4.5"), (1, 300, 120))
    assert near(found(document, "2.25"), (1, 300, 140))
    start = document.text.index("Timber")
    (whole,), (part,) = document.boxes(start, start + 6), document.boxes(start + 3, start + 6)
    assert part.right == whole.right
    assert whole.left < part.left < whole.right
    assert Document("Timber").boxes(0, 6) == ()


def test_a_box_lies_on_the_dark_of_its_page_s_picture() -> None:
    from PIL import Image

    data = drawn(column(COLUMNS), column(COLUMNS, left=200, top=400))
    document = read_bytes(data, ".pdf")
    shown = page_picture(data, 2)
    image = Image.open(io.BytesIO(shown.image)).convert("L")
    scale = image.width / shown.width
    assert (shown.width, shown.height) == (595, 842)
    (box,) = document.boxes(len(document.text) - 6, len(document.text))
    pixels = np.asarray(image)
    left, top, right, bottom = (
        round(side * scale) for side in (box.left, box.top, box.right, box.bottom)
    )
    assert pixels[top:bottom, left:right].min() < 100
    assert pixels[: top - 120].min() > 200
    with pytest.raises(DataError, match="expected a page from 1 to 2, found 3"):
        page_picture(data, 3)
    with pytest.raises(DataError, match="found a damaged one"):
        page_picture(data[:300], 1)
