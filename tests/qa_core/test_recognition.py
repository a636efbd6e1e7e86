"""Scanned pages: their words by tesseract, with their places; and what is said without it."""

import io

import pytest

from qa_core import child
from qa_core.errors import DataError, InputError
from qa_core.settings import read
from qa_core.text.documents import read_bytes
from qa_core.text.documents.pages.recognition import pieces
from tests.support.files import column, drawn

needs_tesseract = pytest.mark.skipif(
    not child.is_installed("tesseract"), reason="no tesseract: apt-get install tesseract-ocr"
)
SCANNED = [
    "The harbour was opened in 1904 by Ines Soto, who",
    "had drawn its plans. It holds 240 boats and a mill.",
]
SAID = "The harbour was opened in 1904 by Ines Soto, who had drawn its plans."


def scanned(lines: list[str], *, before: str = "", stamp: str = "2") -> bytes:
    """A PDF whose last page is a picture of these lines, with a number stamped on it."""
    import pypdfium2
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    page = pypdfium2.PdfDocument(drawn(column(lines), size=14))[0]
    image = page.render(scale=200 / 72).to_pil().convert("L")
    held = io.BytesIO()
    canvas = Canvas(held, pagesize=(595, 842))
    if before:
        canvas.drawString(72, 742, before)
        canvas.showPage()
    canvas.drawImage(ImageReader(image), 0, 0, 595, 842)
    canvas.drawString(290, 30, stamp)
    canvas.save()
    return held.getvalue()


@needs_tesseract
def test_a_scanned_page_is_read_with_its_places() -> None:
    document = read_bytes(scanned(SCANNED, before="The mill is idle this winter."), ".pdf")
    assert document.text.startswith("The mill is idle this winter.")
    assert SAID in document.text
    assert document.notes == ("page 2: words recognised in pictures; check names and figures",)
    start = document.text.index("Ines Soto")
    (box,) = document.boxes(start, start + len("Ines Soto"))
    assert box.page == 2
    assert 72 < box.left < box.right < 450
    assert 80 < box.top < 100 < box.bottom < 108  # drawn on a line at 100


@needs_tesseract
def test_recognition_can_be_turned_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPANLOOP_OCR", "off")
    document = read_bytes(scanned(SCANNED, before="The mill is idle this winter."), ".pdf")
    assert "harbour" not in document.text
    with pytest.raises(InputError, match=r"(?i)ocr: expected"):
        read(ocr="eng; rm")


def test_without_tesseract_a_scan_is_named_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DataError, match=r"found none; .* install tesseract \(Debian: apt-get"):
        read_bytes(scanned(SCANNED, stamp=""), ".pdf")
    (note,) = read_bytes(scanned(SCANNED, before="The mill is idle this winter."), ".pdf").notes
    assert note.startswith("page 2 holds no text: a scan? Install tesseract")


def test_a_program_that_fails_or_takes_too_long_says_nothing() -> None:
    assert child.run_program("sleep", "5", timeout=0.1) == b""
    assert child.run_program("false", timeout=5) == b""
    assert child.run_program("no such program", timeout=5) == b""
    assert pieces("level\tpage_num\n5\t1\t1\t1\t1\t1\t10\t10\t50\t20\t3.1\tstain\nno table") == []
