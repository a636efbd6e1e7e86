"""E-books as their readers show them, and archives whose names are written in odd ways."""

import pytest

from qa_core.text.documents import read_bytes
from qa_core.text.documents.apart import parsed
from tests.support.files import packed, word

CONTAINER = "<container><rootfiles>{}</rootfiles></container>".format
ROOT = "<rootfile full-path='{}' media-type='{}'/>".format
PACKAGE = "application/oebps-package+xml"


def package(*chapters: str, spine: str = "") -> str:
    items = "".join(f"<item id='{one}' href='{one}'/>" for one in chapters)
    told = spine or "".join(f"<itemref idref='{one}'/>" for one in chapters)
    return f"<package><manifest>{items}</manifest><spine>{told}</spine></package>"


def test_book_shows_each_chapter_once_and_what_stands_aside_last() -> None:
    spine = "<itemref idref='n' linear='no'/>" + "<itemref idref='a'/>" * 2
    data = packed({
        "META-INF/container.xml": CONTAINER(ROOT("b.opf", PACKAGE)),
        "b.opf": package("a", "n", spine=spine), "a": "<p>one", "n": "<p>aside",
    })  # fmt: skip
    assert parsed(data, ".epub").text == "one\naside"


@pytest.mark.parametrize(
    "files",
    [
        {"META-INF/container.xml": CONTAINER(ROOT("a.pdf", "application/pdf")
                                             + ROOT("O/b.opf", PACKAGE))},
        {"META-INF/container.xml": CONTAINER(ROOT("o/B.opf", ""))},
        {"META-INF/container.xml": CONTAINER("")},
    ],
    ids=["second", "capitals", "untold"],
)  # fmt: skip
def test_book_s_parts_are_found_however_they_are_named(files: dict[str, str | bytes]) -> None:
    page = (
        '<?xml version="1.0"?><!DOCTYPE html [<!ENTITY x "no">]><html><body>'
        "<p>one &mdash; two</p></body></html>"
    )
    data = packed({**files, "O/b.opf": package("Text/A.xhtml"), "O\\text\\a.xhtml": page})
    found = read_bytes(data, ".epub")
    assert found.text == "one — two"
    assert found.notes == ()


def test_word_file_whose_names_have_backslashes_is_read() -> None:
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(word("<w:p><w:r><w:t>words</w:t></w:r></w:p>"))) as made:
        files = {name.replace("/", "\\"): made.read(name) for name in made.namelist()}
    assert read_bytes(packed(dict(files)), ".docx").text == "words"
