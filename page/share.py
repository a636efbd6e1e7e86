"""A text and its questions in a link, and back.

They travel in the link's fragment, the part after ``#``, which a browser keeps out of the requests
it makes and so out of every log on the way.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib

from page import messages
from qa_core.errors import InputError
from qa_core.text.documents import MAX_CHARACTERS

MAX_LINK = 16_000  # characters; beyond that, mail programs and messengers cut links
FORMAT = "s1="


def to_fragment(question: str, context: str) -> str:
    """The fragment (without ``#``) that carries both. Raises InputError if it gets too long."""
    packed = zlib.compress(json.dumps([question, context], ensure_ascii=False).encode(), 9)
    fragment = FORMAT + base64.urlsafe_b64encode(packed).decode().rstrip("=")
    if len(fragment) > MAX_LINK:
        raise InputError(messages.link_too_long(MAX_LINK, len(fragment)))
    return fragment


def from_fragment(fragment: str) -> tuple[str, str]:
    """Question and context of a fragment. Raises InputError where it is none of `to_fragment`."""
    packed = fragment.removeprefix("#").removeprefix(FORMAT)
    unpacker = zlib.decompressobj()
    limit = 4 * MAX_CHARACTERS
    try:
        if len(packed) > MAX_LINK:
            raise ValueError
        data = base64.b64decode(packed + "=" * (-len(packed) % 4), b"-_", validate=True)
        text = unpacker.decompress(data, limit)
        if not unpacker.eof:
            raise ValueError  # cut short, or larger than any link of ours
        question, context = json.loads(text)
        if not (isinstance(question, str) and isinstance(context, str)):
            raise ValueError
        (question + context).encode()
    except (ValueError, TypeError, binascii.Error, zlib.error, RecursionError) as error:
        raise InputError(messages.LINK_DAMAGED) from error
    return question, context
