"""Whether a text can be read at all. Pure."""

from __future__ import annotations

from qa_core.errors import InputError


def check_text(text: object, what: str) -> None:
    """Raise InputError unless ``text`` is a str that holds something to read."""
    if not isinstance(text, str):
        raise InputError(f"{what}: expected text, found {type(text).__name__}")
    if not text.strip():
        raise InputError(f"{what}: expected some text, found none")
    for position, character in enumerate(text) if not _encodable(text) else ():
        if "\ud800" <= character <= "\udfff":
            raise InputError(
                f"{what}: expected valid Unicode, found the lone surrogate "
                f"U+{ord(character):04X} at {position}; decode the text with errors='replace'"
            )


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
