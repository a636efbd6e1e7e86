"""Small files of the kinds that people drop on the page, made on the spot."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MATH = "http://schemas.openxmlformats.org/officeDocument/2006/math"
COMPATIBILITY = "http://schemas.openxmlformats.org/markup-compatibility/2006"
SHAPE = "http://schemas.microsoft.com/office/word/2010/wordprocessingShape"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"


def pdf(*pages: str, stream: bytes | None = None) -> bytes:
    """A PDF with a line of ASCII text a page; ``stream`` replaces every page's content."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>"]
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    objects.append(f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>")
    objects.append("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    parts = [text.encode() for text in objects]
    for number, page in enumerate(pages):
        parts.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {5 + 2 * number} 0 R"
            " /Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
        shown = page.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
        content = stream or zlib.compress(f"BT /F1 12 Tf 72 770 Td ({shown}) Tj ET".encode())
        parts.append(
            f"<< /Length {len(content)} /Filter /FlateDecode >>\nstream\n".encode()
            + content
            + b"\nendstream"
        )
    out, offsets = bytearray(b"%PDF-1.7\n"), []
    for number, part in enumerate(parts, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n".encode() + part + b"\nendobj\n"
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    out += (
        f"xref\n0 {len(parts) + 1}\n0000000000 65535 f \n{table}trailer\n"
        f"<< /Size {len(parts) + 1} /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF\n"
    ).encode()
    return bytes(out)


def packed(files: dict[str, str | bytes]) -> bytes:
    """A ZIP archive of these files."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return held.getvalue()


def flat(files: Mapping[str, Any]) -> bytes:
    """An OpenDocument file of these parts as one XML."""
    parts = [str(files[name]) for name in ("styles.xml", "content.xml")]
    inner = [re.sub(r"</?office:document-[^>]*>", "", one) for one in parts]
    spaces = " ".join(dict.fromkeys(re.findall(r"xmlns:\w+=[\"'][^\"']*[\"']", "".join(parts))))
    return (
        f"<?xml version='1.0'?>\n<office:document {spaces} office:mimetype='{files['mimetype']}'>"
        f"{''.join(inner)}</office:document>"
    ).encode()


def docx(*paragraphs: str, padding: int = 0) -> bytes:
    """A Word file of these paragraphs, with a picture of so many blank bytes."""
    body = "".join(f"<w:p><w:r><w:t>{escape(text)}</w:t></w:r></w:p>" for text in paragraphs)
    return word(body, {"media/picture.png": "\0" * padding})


def word(body: str, parts: dict[str, str] | None = None) -> bytes:
    """A Word file with this body of WordprocessingML, and parts named ``kind.xml`` beside it."""
    parts = parts or {}
    spaces = (
        f'xmlns:w="{WORD}" xmlns:r="{OFFICE}" xmlns:m="{MATH}" xmlns:mc="{COMPATIBILITY}" '
        f'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:wps="{SHAPE}"'
    )
    files: dict[str, str | bytes] = {
        "[Content_Types].xml": f'<Types xmlns="{TYPES}">'
        '<Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{RELATIONS}"><Relationship Id="r1"'
        f' Type="{OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/document.xml": f"<w:document {spaces}><w:body>{body}</w:body></w:document>",
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{RELATIONS}">'
        + "".join(
            f'<Relationship Id="p{number}" Target="{name}"'
            f' Type="{OFFICE}/{name.removesuffix(".xml").rstrip("0123456789")}"/>'
            for number, name in enumerate(parts)
        )
        + "</Relationships>",
    }
    for name, content in parts.items():
        root = {"header": "hdr", "footer": "ftr"}.get(name.rstrip("0123456789.xml"), "")
        root = root or name.partition(".")[0]
        whole = name.endswith(".xml")
        files[f"word/{name}"] = f"<w:{root} {spaces}>{content}</w:{root}>" if whole else content
    return packed(files)


def drawn(*pages: Sequence[tuple[float, float, str]], size: float = 11, **options: Any) -> bytes:
    """A PDF with words at places in points from the upper left of A4, drawn by reportlab.

    options: of its Canvas, such as ``encrypt``.
    """
    from reportlab.pdfgen.canvas import Canvas

    held = io.BytesIO()
    canvas = Canvas(held, pagesize=(595, 842), **options)
    for page in pages:
        canvas.setFont("Helvetica", size)
        for left, top, text in page:
            canvas.drawString(left, 842 - top, text)
        canvas.showPage()
    canvas.save()
    return held.getvalue()


def column(
    lines: Iterable[str], left: float = 72, top: float = 100
) -> list[tuple[float, float, str]]:
    """Lines below each other, as `drawn` takes them."""
    return [(left, top + 14 * number, line) for number, line in enumerate(lines)]
