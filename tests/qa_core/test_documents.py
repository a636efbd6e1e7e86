"""Files to text: what is kept as it is, where pages begin, and what is refused."""

import zlib
from pathlib import Path

import pytest

from qa_core import child
from qa_core.errors import DataError
from qa_core.text import documents
from qa_core.text.documents import Document, read_document
from tests.support.files import docx, drawn, pdf


def read(folder: Path, name: str, data: bytes) -> Document:
    path = folder / name
    path.write_bytes(data)
    return read_document(path)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("  Crème 12 € 😀\tend \n".encode(), "  Crème 12 € 😀\tend \n"),
        ("\ufeffOne\r\ntwo\rthree".encode(), "One\ntwo\nthree"),
        ("Crème".encode("utf-16"), "Crème"),
        ("\ufeffCrème".encode("utf-32-le"), "Crème"),
        ("Über die Brücke führte früher eine schmale Straße. ".encode("cp1252") * 9, "Über die "),
    ],
    ids=["utf-8", "byte-order-mark", "utf-16", "utf-32", "cp1252"],
)
def test_documents_plain_text_is_kept(tmp_path: Path, data: bytes, text: str) -> None:
    found = read(tmp_path, "notes.TXT", data).text
    assert found == text or (len(found) > 100 and found.startswith(text))


def test_documents_html_reads_as_a_browser_shows_it(tmp_path: Path) -> None:
    markup = (
        "<title>No</title><style>no</style><h1>The  mill</h1><p>It\n stands <b>b</b>y the "
        "river &amp; lake.<script>no()</script><table><tr><td>1870<td>built</table>"
        "<pre>a\n  b</pre>"
    )
    found = read(tmp_path, "mill.html", markup.encode()).text
    assert found.splitlines()[0] == "The mill"
    assert "It stands by the river & lake." in found
    assert "1870, built" in found
    assert "a\n  b" in found
    assert "no" not in found.lower()


def test_documents_html_in_the_encoding_it_declares(tmp_path: Path) -> None:
    markup = '<meta charset="iso-8859-1"><p>Málaga</p>'.encode("latin-1")
    assert read(tmp_path, "a.htm", markup).text == "Málaga"


def test_documents_pdf_tells_the_page_of_every_character(tmp_path: Path) -> None:
    found = read(tmp_path, "three.pdf", pdf("Ada wrote it.", "", "In 1843 (London)."))
    assert found.text == "Ada wrote it.\n\n\n\nIn 1843 (London)."
    assert found.pages == (0, 15, 17)
    assert [found.page(found.text.index(word)) for word in ("Ada", "it.", "In", "London")] == [
        1,
        1,
        3,
        3,
    ]
    assert Document("no pages").page(3) is None


def test_documents_docx_paragraphs_are_lines(tmp_path: Path) -> None:
    found = read(tmp_path, "letter.docx", docx("Dear Zoë,", "the <rent> is 940 €."))
    assert found.text.split() == ["Dear", "Zoë,", "the", "<rent>", "is", "940", "€."]
    assert "Zoë,\n" in found.text
    assert found.pages == ()


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.doc", b"x", r"a.doc: expected a file that is PDF.*, found .doc; save"),
        ("a.txt", b"", "expected text, found none"),
        ("a.txt", bytes(range(256)) * 4, "expected text, found"),
        ("a.pdf", pdf(""), "found none; if its pages are pictures"),
        ("a.pdf", b"%PDF-1.7 nothing", "expected a PDF that is sound, found a damaged one"),
        ("a.docx", b"PK nothing", "expected a Word file that is sound, found a damaged one"),
    ],
)
def test_documents_refused_with_the_reason(
    tmp_path: Path, name: str, data: bytes, message: str
) -> None:
    with pytest.raises(DataError, match=message) as refused:
        read(tmp_path, name, data)
    assert "\n" not in str(refused.value)


def test_documents_locked_pdf_is_refused(tmp_path: Path) -> None:
    locked = drawn([(72, 72, "Secret")], encrypt="key")
    with pytest.raises(DataError, match="found one with; remove it first"):
        read(tmp_path, "locked.pdf", locked)


def test_documents_bombs_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DataError, match="100 MB unpacked, found 5 and 101 MB"):
        read(tmp_path, "bomb.docx", docx("small", padding=101 * 2**20))
    squeezer = zlib.compressobj()
    blanks = bytes(2**20)
    stream = b"".join(squeezer.compress(blanks) for _ in range(120)) + squeezer.flush()
    assert len(stream) < 2**20
    with pytest.raises(DataError, match=r"bomb\.pdf: expected"):
        read(tmp_path, "bomb.pdf", pdf("small", stream=stream))
    monkeypatch.setattr(child, "MAX_WAIT", 0.01)
    with pytest.raises(DataError, match=r"read within 30 s, found one that takes longer"):
        read(tmp_path, "slow.pdf", pdf("small"))


def test_documents_limits_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DataError, match="at most 1000 pages, found 1001"):
        read(tmp_path, "long.pdf", pdf(*[""] * 1001))
    with pytest.raises(DataError, match="at most 1,000,000 characters"):
        read(tmp_path, "long.txt", b"a" * 1_000_001)
    monkeypatch.setattr(documents, "MAX_BYTES", 2**20)
    with pytest.raises(DataError, match="at most 1 MB, found more"):
        read(tmp_path, "large.txt", b"a" * (2**20 + 1))
