"""A PDF's pages as pictures, made in a process of their own."""

from __future__ import annotations

import base64
import io
import json
import sys
from dataclasses import dataclass
from typing import Any

from qa_core import child
from qa_core.errors import DataError, one_line

WIDTH = 1000  # pixels of a picture
TALLEST = 4 * WIDTH


@dataclass(frozen=True, slots=True)
class Picture:
    """A page as it is shown. image: a WebP file. width, height: of the page, in points."""

    image: bytes
    width: float
    height: float


def page_picture(data: bytes, page: int) -> Picture:
    """A page of a PDF, counted from 1, as a picture of `WIDTH` pixels.

    Raises DataError where there is no such page, and where the file is damaged, locked, or takes
    more work than a page may.
    """
    found = child.run_limited("qa_core.text.documents.pages.pictures", str(page), told=data)
    return Picture(base64.b64decode(found["image"]), found["width"], found["height"])


def drawn(data: bytes, page: int, width: int = WIDTH) -> tuple[Any, float, float]:
    """A page as PIL's picture, and its width and height in points. Raises what PDFium does."""
    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    if not 1 <= page <= len(document):
        raise DataError(f"expected a page from 1 to {len(document)}, found {page}; take another")
    if document.get_formtype():
        document.init_forms()
    one = document[page - 1]
    across, down = one.get_size()
    scale = min(width / across, TALLEST / down)
    return one.render(scale=scale, rev_byteorder=True).to_pil().convert("RGB"), across, down


def main(page: str) -> None:
    """Draw a page of the PDF on standard input; write its picture and size as JSON."""
    child.limit_work()
    said: dict[str, object]
    try:
        image, width, height = drawn(sys.stdin.buffer.read(), int(page))
        held = io.BytesIO()
        image.save(held, "WEBP", quality=80)
        said = {
            "image": base64.b64encode(held.getvalue()).decode(),
            "width": width,
            "height": height,
        }
    except DataError as error:
        said = {"error": str(error)}
    except MemoryError:
        return
    except Exception as error:  # damaged files raise many kinds
        said = {
            "error": f"expected a page that can be drawn, found a damaged one ({one_line(error)}); "
            "read its text instead"
        }
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    main(sys.argv[1])
