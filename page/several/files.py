"""A visit's files: in memory alone, for a while, within bounds."""

from __future__ import annotations

import threading
from pathlib import PurePath

from page import messages
from page.door.files import Shelf
from page.selection import as_shown
from qa_core.collection.collection import Collection
from qa_core.errors import InputError, TooLongError
from qa_core.inference.reader import Reader
from qa_core.text.documents import Document
from qa_core.text.documents.pages.pictures import Picture, page_picture

MAX_FILES = 20
MAX_TOGETHER = 2_000_000  # characters
KINDS = messages.file_kinds(MAX_FILES, MAX_TOGETHER)
PICTURES = 8  # of pages, that are kept
_EACH = 20  # bytes of memory for a character: its text, its tokens and the index


class Files:
    """The files of a visit, asked as one. Safe to share between threads."""

    def __init__(self, before: str = "", edition: int = 0) -> None:
        """before: the text in whose place they come; edition: of the form, which had it."""
        self._before, self._edition = before, edition
        self._documents: dict[str, Document] = {}
        self._originals: dict[str, bytes] = {}
        self._pictures: dict[tuple[str, int], Picture] = {}
        self._collection: Collection | None = None
        self._lock = threading.RLock()

    @property
    def documents(self) -> dict[str, Document]:
        """The documents by their names, in the order in which they came."""
        with self._lock:
            return dict(self._documents)

    @property
    def several(self) -> bool:
        return len(self._documents) > 1

    def are_in(self, context: str, edition: int) -> bool:
        """Whether they are what a form asks whose box has this text, in this edition of it.

        Several stand in no box. Nor do those, yet, that were opened a moment ago: there, the box
        has the text in whose place they come.
        """
        texts = [as_shown(one.text)[0] for one in self.documents.values()]
        is_none = context == self._before or (self.several and not context.strip())
        return texts == [as_shown(context)[0]] or (is_none and edition == self._edition)

    @property
    def size(self) -> int:
        """The memory that they take, in bytes, roughly."""
        return _EACH * self._characters() + sum(map(len, list(self._originals.values())))

    def original(self, name: str) -> bytes:
        """A PDF's bytes; none where the kind is another, or the file was removed."""
        return self._originals.get(name, b"")

    def named(self, context: str) -> str:
        """The name of the document of this text; "" where there is none."""
        same = (name for name, one in self.documents.items() if one.text == context)
        return next(same, "")

    def picture(self, name: str, page: int) -> Picture:
        """A page of a PDF, as a picture; the last `PICTURES` are kept. Raises DataError."""
        with self._lock:
            original, kept = self.original(name), self._pictures.pop((name, page), None)
        kept = kept or page_picture(original, page)
        with self._lock:
            if name in self._originals:
                self._pictures[name, page] = kept
            for key in list(self._pictures)[:-PICTURES]:
                del self._pictures[key]
        return kept

    def add(self, name: str, document: Document, original: bytes = b"") -> str:
        """Add a document; returns its name, which is another where the name is taken.

        Raises InputError where it is here already, and TooLongError where it is one too many or
        their texts are too long.
        """
        with self._lock:
            if any(document.text == one.text for one in self._documents.values()):
                raise InputError(messages.file_is_here(name))
            if len(self._documents) >= MAX_FILES:
                raise TooLongError(messages.too_many_files(MAX_FILES, name))
            total = self._characters() + len(document.text)
            if self._documents and total > MAX_TOGETHER:
                raise TooLongError(messages.files_too_long(MAX_TOGETHER, total, name))
            name = self._free(name)
            self._documents[name] = document
            if original:
                self._originals[name] = original
        return name

    def remove(self, name: str) -> None:
        """Take a document out, if it is here."""
        with self._lock:
            self._documents.pop(name, None)
            self._originals.pop(name, None)
            self._pictures.clear()

    def asked_of(self, reader: Reader) -> Collection:
        """The documents as a collection of this reader's, cut and indexed as far as they are not.

        That takes about a second for 300,000 characters.
        """
        with self._lock:
            if self._collection is None or self._collection.reader is not reader:
                self._collection = Collection(reader)
            held = self._collection
            for name in set(held.names) - set(self._documents):
                held.remove(name)
            for name in [one for one in self._documents if one not in held.names]:
                held.add(self._documents[name], name)
            held.prepare()
        return held

    def _characters(self) -> int:
        return sum(len(one.text) for one in list(self._documents.values()))

    def _free(self, name: str) -> str:
        path, number, free = PurePath(name), 1, name
        while free in self._documents:
            number += 1
            free = f"{path.stem} ({number}){path.suffix}"
        return free


HELD: Shelf[Files] = Shelf(20, 400 * 2**20)
