"""Readers of files beside each other: words lost, words that are none of the file's, order, time.

    python -m benchmarks.documents

Makes a corpus of files whose words are known, and reads each with every reader that is installed;
those that SpanLoop does not need are left out where they are missing. ``order`` is the share of
words in their order, by difflib.
"""

from __future__ import annotations

import difflib
import io
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import Any, NamedTuple

from tests.support import corpus

Reader = Callable[[bytes, str], str]
MIME = {
    ".docx": "vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".pptx": "vnd.openxmlformats-officedocument.presentationml.presentation",
    ".docm": "vnd.ms-word.document.macroEnabled.12",
    ".xlsm": "vnd.ms-excel.sheet.macroEnabled.12",
    ".pptm": "vnd.ms-powerpoint.presentation.macroEnabled.12",
    ".ods": "vnd.oasis.opendocument.spreadsheet", ".odp": "vnd.oasis.opendocument.presentation",
    ".odt": "vnd.oasis.opendocument.text", ".epub": "epub+zip", ".pdf": "pdf", ".rtf": "rtf",
    ".ipynb": "x-ipynb+json", ".json": "json", ".jsonl": "x-ndjson", ".xml": "xml",
}  # fmt: skip
TEXT = {".html": "html", ".md": "markdown", ".txt": "plain", ".csv": "csv",
        ".tsv": "tab-separated-values", ".ics": "calendar", ".vcf": "vcard"}  # fmt: skip


def own(data: bytes, suffix: str) -> str:
    from qa_core.text.documents.apart import parsed
    from qa_core.text.documents.decoding import decoded

    return decoded(data)[0] if suffix == ".txt" else parsed(data, suffix).text


def kreuzberg(data: bytes, suffix: str) -> str:
    from kreuzberg import extract_bytes_sync

    mime = f"application/{MIME[suffix]}" if suffix in MIME else f"text/{TEXT.get(suffix, '')}"
    return str(extract_bytes_sync(data, "message/rfc822" if suffix == ".eml" else mime).content)


def pypdf(data: bytes, _: str) -> str:
    from pypdf import PdfReader

    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)


def pdfium(data: bytes, _: str) -> str:
    from pypdfium2 import PdfDocument

    return "\n".join(page.get_textpage().get_text_range() for page in PdfDocument(data))


def pdfminer(data: bytes, _: str) -> str:
    from pdfminer.high_level import extract_text

    return str(extract_text(io.BytesIO(data)))


def pdfplumber(data: bytes, _: str) -> str:
    import pdfplumber

    return "\n".join(page.extract_text() for page in pdfplumber.open(io.BytesIO(data)).pages)


def mammoth(data: bytes, _: str) -> str:
    import mammoth

    return str(mammoth.extract_raw_text(io.BytesIO(data)).value)


def docx2python(data: bytes, _: str) -> str:
    from docx2python import docx2python

    return str(docx2python(io.BytesIO(data)).text)


def inscriptis(data: bytes, _: str) -> str:
    from inscriptis import get_text

    return str(get_text(data.decode(errors="replace")))


def html_text(data: bytes, _: str) -> str:
    import html_text

    return str(html_text.extract_text(data.decode(errors="replace")))


def resiliparse(data: bytes, _: str) -> str:
    from resiliparse.extract.html2text import extract_plain_text

    return str(extract_plain_text(data.decode(errors="replace")))


def charset_normalizer(data: bytes, _: str) -> str:
    from charset_normalizer import from_bytes

    return str(from_bytes(data).best() or "")


def chardet(data: bytes, _: str) -> str:
    import chardet

    return data.decode(chardet.detect(data)["encoding"] or "utf-8", "replace")


def striprtf(data: bytes, _: str) -> str:
    from striprtf.striprtf import rtf_to_text

    return str(rtf_to_text(data.decode("latin-1")))


READERS: dict[str, tuple[Reader, ...]] = {
    ".pdf": (own, kreuzberg, pdfium, pypdf, pdfminer, pdfplumber),
    ".docx": (own, kreuzberg, mammoth, docx2python),
    ".html": (own, kreuzberg, inscriptis, html_text, resiliparse),
    ".txt": (own, kreuzberg, charset_normalizer, chardet),
    ".rtf": (own, kreuzberg, striprtf),
}
PACKAGES = {"own": "qa_core", "pdfium": "pypdfium2"}


class Score(NamedTuple):
    lost: int
    more: int
    order: float
    seconds: float
    failed: int


def words(text: str) -> list[str]:
    return re.findall(r"\w+|[€%/]", text)


def score(read: Reader, data: bytes, suffix: str, truth: str) -> Score:
    began = time.perf_counter()
    failed = 0
    try:
        found = words(read(data, suffix))
    except Exception:  # whatever a peer raises
        found, failed = [], 1
    seconds = time.perf_counter() - began
    wanted = words(truth)
    a, b = Counter(wanted), Counter(found)
    order = difflib.SequenceMatcher(None, wanted, found, autojunk=False).ratio()
    return Score((a - b).total(), (b - a).total(), order, seconds, failed)


def table() -> Iterator[str]:
    files = corpus.files()
    yield f"{len(files)} files, {sum(len(words(one.truth)) for one in files)} words"
    yield "| kind | reader | files | lost | more | order | failed | ms a file |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for suffix in dict.fromkeys(one.suffix for one in files):
        held = [one for one in files if one.suffix == suffix]
        is_known = suffix in (*MIME, *TEXT, ".eml")  # to kreuzberg
        for read in READERS.get(suffix, (own, kreuzberg) if is_known else (own,)):
            if find_spec(PACKAGES.get(read.__name__, read.__name__)) is None:
                continue
            score(read, held[0].data, suffix, "")  # what is imported is imported
            of: dict[str, Any] = defaultdict(float)
            for one in held:
                found = score(read, one.data, suffix, one.truth)
                for name, value in found._asdict().items():
                    of[name] += value
            count = len(held)
            yield (
                f"| {suffix} | {read.__name__} | {count} | {of['lost']:.0f} | {of['more']:.0f} | "
                f"{of['order'] / count:.2f} | {of['failed']:.0f} | "
                f"{1000 * of['seconds'] / count:.1f} |"
            )


if __name__ == "__main__":
    for line in table():
        print(line, flush=True)
