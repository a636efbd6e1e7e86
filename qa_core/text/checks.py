"""Whether what came from outside is of the kind that was asked for. Pure."""

from __future__ import annotations

from qa_core.errors import InputError, TooLongError


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


def check_length(text: str, what: str, most: int) -> None:
    """Raise TooLongError if ``text`` has more than ``most`` characters."""
    if len(text) > most:
        raise TooLongError(
            f"{what}: expected at most {most:,} characters, found {len(text):,}; "
            "take the part you need"
        )


def check_kind(value: object, what: str, *kinds: type) -> None:
    """Raise InputError, naming the first kind, unless ``value`` is of one; a bool is no int."""
    if type(value) not in kinds:
        raise InputError(f"{what}: expected {_WORDS[kinds[0]]}, found {type(value).__name__}")


_WORDS: dict[type, str] = {bool: "true or false", list: "a list", float: "a number"}


def check_whole(number: object, what: str, least: int, most: int) -> None:
    """Raise InputError unless ``number`` is an int from ``least`` to ``most``; a bool is none."""
    if type(number) is int and least <= number <= most:
        return
    known = isinstance(number, int | float) and abs(number) < 10**12
    raise InputError(
        f"{what}: expected a whole number from {least} to {most}, "
        f"found {number if known else type(number).__name__}"
    )


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
