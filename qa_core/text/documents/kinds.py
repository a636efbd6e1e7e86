"""What kind of file some bytes are, whatever the name says. Pure."""

from __future__ import annotations

import io
import re
import zipfile

from qa_core.errors import DataError
from qa_core.text.documents.office.archive import part_name

# The kinds that are read, and their suffixes: the usual one first.
_KINDS = {
    "plain text": (".txt", ".text", ".log", ".rst", ".org", ".adoc", ".yaml", ".yml",
                   ".toml"),
    "Markdown": (".md", ".markdown"), "a web page": (".html", ".htm"),
    "a web page in one file": (".mhtml", ".mht"), "a PDF": (".pdf",),
    "a Word file": (".docx", ".docm", ".dotx", ".dotm"),
    "an Excel file": (".xlsx", ".xlsm", ".xltx", ".xltm"),
    "a PowerPoint file": (".pptx", ".pptm", ".ppsx", ".ppsm", ".potx", ".potm"),
    "an OpenDocument text": (".odt", ".fodt", ".ott"),
    "an OpenDocument spreadsheet": (".ods", ".fods", ".ots"),
    "an OpenDocument presentation": (".odp", ".fodp", ".otp"),
    "a table of plain text": (".csv", ".tsv"), "an e-book": (".epub",),
    "a rich text file": (".rtf",), "an e-mail": (".eml",), "a calendar": (".ics",),
    "contacts": (".vcf",), "subtitles": (".srt", ".vtt", ".sbv"), "a notebook": (".ipynb",),
    "LaTeX": (".tex",),
    "JSON": (".json", ".jsonl", ".ndjson"), "XML": (".xml", ".fb2"),
    "a web page of XML": (".xhtml", ".xht"),
}  # fmt: skip
NAMES = {suffix: name for name, suffixes in _KINDS.items() for suffix in suffixes}
USUAL = {suffix: suffixes[0] for suffixes in _KINDS.values() for suffix in suffixes}
PLAIN = ".txt"  # the usual suffix of what is read as it stands
# The same, as one tells people.
FAMILIES = "PDF, Word, Excel, PowerPoint, OpenDocument, CSV, e-book, e-mail, web page or plain text"

_SIGNS = (
    (rb"%PDF-", ".pdf"),
    (rb"\s*\{\\rtf", ".rtf"),
    (rb"\s*BEGIN:VCALENDAR\s", ".ics"),
    (rb"\s*BEGIN:VCARD\s", ".vcf"),
    (rb"\s*(<\?xml[^>]*>\s*)?(<!--.{,500}?-->\s*)*<(!doctype\s+html|html|head|body)\b", ".html"),
    (rb"\x89PNG|\xff\xd8\xff|GIF8|II\*\0|MM\0\*|RIFF....WEBP", "a picture"),
)
# The entry of a ZIP archive that tells the kind.
_PARTS = {
    "xl/workbook.bin": "a binary Excel file (.xlsb)",
    "Index/Document.iwa": "a file of Pages, Numbers or Keynote",
    "Index.zip": "a file of Pages, Numbers or Keynote",
    "word/": ".docx",
    "xl/": ".xlsx",
    "ppt/": ".pptx",
    "META-INF/container.xml": ".epub",
}
# The last word of the type that an OpenDocument file says to be of.
_OPEN = {b"text": ".odt", b"spreadsheet": ".ods", b"presentation": ".odp"}
# The same, of one that is no archive.
_FLAT = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?<office:document\b[^>]*\boffice:mimetype="
    rb"[\"']application/vnd\.oasis\.opendocument\.(\w+)"
)
HEAD = 2**14  # bytes that tell the kind
_OLE = (
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # what Office wrote before 2007, and writes locked files as
)
_STREAMS = {
    "__properties_version1.0": "an Outlook message (.msg)",
    "WordDocument": "an old Word file (.doc)",
    "Workbook": "an old Excel file (.xls)",
    "PowerPoint Document": "an old PowerPoint file (.ppt)",
}
_MENDED = {
    "a picture": "run text recognition on it first",
    "an Outlook message (.msg)": "save it as .html or .eml",
    "a binary Excel file (.xlsb)": "save it as .xlsx",
    "a file of Pages, Numbers or Keynote": "export it as .docx, .xlsx, .pptx or .pdf",
}
_SAVED = "save it as .docx, .xlsx, .pptx or .pdf"
_UNPACKED = "unpack it, or save it as one of the kinds that are read"
# What web pages and others may be quoted in.
_TEXT = (PLAIN, ".md", ".csv", ".eml", ".mhtml", ".xml", ".xhtml")


def check(data: bytes, suffix: str) -> None:
    """Raise DataError, with what to do, if ``data`` is of another kind than ``suffix`` says."""
    if old := old_office(data):
        raise DataError(_mended(data, old, NAMES[suffix]))
    found = kind(data)
    same = found is None or found == suffix or NAMES[suffix] == NAMES.get(found)
    if same or (USUAL[suffix] in _TEXT and found in (".html", ".rtf", ".ics", ".vcf")):
        return
    if found in NAMES:
        name, mend = NAMES[found], f"rename it to end in {found}"
    else:
        name, mend = str(found), _MENDED.get(str(found), _UNPACKED)
    raise DataError(f"expected {NAMES[suffix]}, found {name}; {mend}")


def kind(data: bytes) -> str | None:
    """The suffix of a file's kind, or a kind's name if it is none that is read; None: text."""
    if data.startswith(b"PK\x03\x04"):
        return _packed(data)
    head = data[:HEAD].removeprefix(b"\xef\xbb\xbf")
    if flat := _FLAT.match(head):
        return _OPEN.get(flat[1], "another OpenDocument file")
    return next((found for sign, found in _SIGNS if re.match(sign, head, re.I | re.S)), None)


def _packed(data: bytes) -> str | None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            is_odf = "mimetype" in names and "content.xml" in names
            named = archive.read("mimetype")[:100] if is_odf else b""
    except (zipfile.BadZipFile, ValueError, RuntimeError, NotImplementedError, OSError):
        return None  # damaged: the reader of its kind says so
    if named:
        kind = named.strip().rpartition(b".")[2].partition(b"-")[0]
        return _OPEN.get(kind, "another OpenDocument file")
    held = [part_name(name) for name in names]
    found = (to for part, to in _PARTS.items()
             if any(name.startswith(part.lower()) for name in held))  # fmt: skip
    return next(found, "a ZIP archive")


def old_office(data: bytes) -> str | None:
    """What kind of old Office file some bytes are; None if they are none."""
    if not data.startswith(_OLE):
        return None
    held = (name for stream, name in _STREAMS.items() if stream.encode("utf-16-le") in data)
    return next(held, "an old Office file")


def _mended(data: bytes, old: str, expected: str) -> str:
    if "EncryptedPackage".encode("utf-16-le") in data:
        return (
            f"expected {expected} without a password, found one with; open it, save it without "
            "its password, and try again"
        )
    return f"expected {expected}, found {old}; {_MENDED.get(old, _SAVED)}"
