"""Several documents, asked as one."""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from qa_core.collection import promising, shelf
from qa_core.collection.passages import Index, Passages
from qa_core.errors import DataError, InputError
from qa_core.inference.answer import Answer
from qa_core.inference.inference import to_the_end
from qa_core.inference.reader import Reader, check_top_k
from qa_core.text.checks import check_text
from qa_core.text.documents import SUFFIXES, Document, kinds, read_bytes, read_file, shown_name
from qa_core.text.excerpts import excerpt

MAX_FILES = 1000  # of a folder
NEAR = 2_000  # characters around an answer in which its sentence is looked for


@dataclass(frozen=True, slots=True)
class Found:
    """What a document says.

    document: its name. page: counted from 1, None where its kind has none. sentence: the one around
    the answer, or around the nearest guess. answer: as a reader's, its offsets those of the
    document's text. probability: that the document answers the question; ranked by it.
    """

    document: str
    page: int | None
    sentence: str
    answer: Answer
    probability: float


@dataclass(frozen=True, slots=True)
class Findings:
    """What a collection says to a question.

    found: documents, best first. answerable: whether the first of them answers; if not, no document
    says. no_answer: the probability that none does. read, passages: how many passages were read,
    and how many there are.
    """

    found: tuple[Found, ...]
    answerable: bool
    no_answer: float
    read: int
    passages: int


@dataclass(frozen=True, slots=True)
class _Held:
    document: Document
    passages: Passages


class Collection:
    """Documents that are asked together. Safe to share between threads; nothing is sent anywhere.

    >>> collection = Collection()
    >>> collection.add("Ines Soto opened the harbour in 1904.", name="harbour")
    ['harbour']
    >>> collection.answer("Who opened the harbour?").found[0].answer.text
    'Ines Soto'
    """

    def __init__(self, reader: Reader | None = None, *, private: bool = True) -> None:
        """reader: the one that serves unless given. private: keep all in memory alone.

        Not private: what was read of each file is kept under `SPANLOOP_HOME`, by its content, so
        that the next program need not read it again.
        """
        self.reader = reader or Reader.load()
        self.private = private
        self.unread: dict[str, str] = {}  # what of folders was not read, and why
        self._held: dict[str, _Held] = {}
        self._index: Index | None = None
        self._lock = threading.RLock()

    @property
    def names(self) -> list[str]:
        """The documents, in the order in which they came."""
        return list(self._held)

    def document(self, name: str) -> Document:
        """A document's text, pages and notes. Raises InputError where there is none."""
        return self._of(name).document

    def add(self, source: str | Path | Document, name: str | None = None) -> list[str]:
        """Add a text, a file, or the files of a folder; returns the names of what was added.

        source: a str is a text, a Path a file or folder. name: by default the file's, below its
        folder, or a number; of a folder, what stands before its files' names. Raises InputError
        where there is nothing to read or the name is taken, and DataError where a file cannot be
        read; files of a folder that cannot are in `unread`.
        """
        if isinstance(source, Path) and source.is_dir():
            return self._folder(source, f"{name}/" if name else "")
        if isinstance(source, Path):
            return [self._file(source, name or shown_name(source.name))]
        document = source if isinstance(source, Document) else Document(source)
        check_text(document.text, "text")
        return [self._put(document, name or f"text {len(self._held) + 1}", None)]

    def remove(self, name: str) -> None:
        """Take a document out. Raises InputError where there is none of that name."""
        with self._lock:
            self._of(name)
            del self._held[name]
            self._index = None

    def answer(self, question: str, *, top_k: int = 3, exhaustive: bool = False) -> Findings:
        """What the documents say to a question: the most promising passages are read first.

        top_k: documents, and alternatives in each, at most. exhaustive: read every passage. Raises
        InputError where the question can't be read or there is no document.
        """
        return to_the_end(self.answer_in_steps(question, top_k=top_k, exhaustive=exhaustive))

    def answer_in_steps(
        self, question: str, *, top_k: int = 3, exhaustive: bool = False
    ) -> Generator[tuple[int, int], None, Findings]:
        """`answer` a round at a time: yields (passages read, passages read at most) after each.

        Whoever stops asking for the next step stops the work. Raises InputError.
        """
        check_text(question, "question")
        check_top_k(top_k)
        with self._lock:
            if not self._held:
                raise InputError("expected a document, found none; add one first")
            names, held = list(self._held), list(self._held.values())
            index = self._indexed()
        texts = [one.passages for one in held]
        order = index.ranked(question)
        read = yield from promising.read_in_steps(
            self.reader, question, texts, order, top_k=top_k, exhaustive=exhaustive
        )
        found = [
            _found(names[number], held[number].document, answer)
            for number, answer in read.answers.items()
        ]
        found.sort(key=lambda one: (one.answer.answerable, one.probability), reverse=True)
        return Findings(
            found=tuple(found[:top_k]),
            answerable=found[0].answer.answerable,
            no_answer=1 - max(one.probability for one in found),
            read=read.passages,
            passages=len(order),
        )

    def prepare(self) -> None:
        """Index the documents now, so that the first question need not wait for it."""
        with self._lock:
            self._indexed()

    def _indexed(self) -> Index:
        if self._index is None:
            self._index = Index([one.passages for one in self._held.values()])
        return self._index

    def _of(self, name: str) -> _Held:
        if name not in self._held:
            shown = ", ".join(map(repr, self.names[:5])) or "none"
            raise InputError(f"expected the name of a document, found {name!r}; there are: {shown}")
        return self._held[name]

    def _folder(self, folder: Path, before: str) -> list[str]:
        files, passed = _files(folder)
        self.unread |= {before + named(folder, path): why for path, why in passed.items()}
        if len(files) > MAX_FILES:
            raise InputError(
                f"{folder}: expected at most {MAX_FILES:,} files, found {len(files):,}; "
                "add the folders in it one by one"
            )
        added: dict[str, str] = {}  # by their texts
        why = ""
        for path in files:
            name = before + named(folder, path)
            try:
                self._file(path, name)
            except (DataError, InputError) as error:
                self.unread[name] = str(error)
                why = why or f" (of {len(files)}, the first: {error})"
                continue
            first = added.setdefault(self.document(name).text, name)
            if first != name:
                self.remove(name)
                self.unread[name] = f"its text is that of {first}, too, and is read once"
        if not added:
            raise InputError(
                f"{folder}: expected files that end in one of {', '.join(SUFFIXES)}, found none "
                f"that can be read{why}; name another folder"
            )
        return list(added.values())

    def _file(self, path: Path, name: str) -> str:
        data = read_file(path)
        suffix = path.suffix.lower()
        key = shelf.key(data, suffix, self.reader.windower)
        if not self.private and (kept := shelf.load(key, self.reader.windower)):
            return self._put(kept[0], name, kept[1])
        try:
            document = read_bytes(data, suffix if suffix in SUFFIXES else kinds.PLAIN)
        except DataError as error:
            raise DataError(f"{shown_name(path.name)}: {error}") from error
        put = self._put(document, name, None)
        if not self.private:
            shelf.save(key, document, self._held[name].passages)
        return put

    def _put(self, document: Document, name: str, passages: Passages | None) -> str:
        passages = passages or Passages.of(document.text, self.reader.windower)
        with self._lock:
            if name in self._held:
                raise InputError(
                    f"expected a name of its own, found {name!r} again; remove it first"
                )
            self._held[name] = _Held(document, passages)
            self._index = None
        return name


def named(folder: Path, path: Path) -> str:
    """What a file in a folder is called."""
    name = path.relative_to(folder).as_posix() if path != folder else folder.resolve().name
    return shown_name(name)


def _files(folder: Path) -> tuple[list[Path], dict[Path, str]]:
    """A folder's files of the kinds that are read, in order; and why others are not.

    What is hidden is passed over, also in hidden folders.
    """
    files: list[Path] = []
    passed: dict[Path, str] = {}
    others: Counter[str] = Counter()

    def closed(error: OSError) -> None:
        passed[Path(error.filename)] = f"cannot be read ({error.strerror})"

    for where, below, names in os.walk(folder, onerror=closed):
        below[:] = [name for name in below if not name.startswith(".")]
        for name in (*below, *names):
            path = Path(where, name)
            if name.startswith(".") or (path.is_dir() and not path.is_symlink()):
                continue
            if path.is_dir():
                passed[path] = "a link to a folder; name that folder itself"
            elif path.suffix.lower() not in SUFFIXES:
                others[path.suffix.lower() or "no suffix"] += 1
            elif path.is_file():
                files.append(path)
            else:
                passed[path] = "no file, or a link to none"
    if others:
        kinds = ", ".join(f"{shown_name(kind)} ({count})" for kind, count in others.most_common(9))
        passed[folder] = f"files of kinds that are not read: {kinds}"
    return sorted(files), passed


def _found(name: str, document: Document, answer: Answer) -> Found:
    at = (answer.spans[0].start, answer.spans[0].end) if answer.spans else (0, 0)
    probability = answer.answerable_probability
    return Found(
        document=name,
        page=document.page(at[0]),
        sentence=sentence(document.text, *at),
        answer=answer,
        probability=answer.confidence if probability is None else probability,
    )


def sentence(text: str, start: int, end: int) -> str:
    """The sentence, or sentences, of a text that hold ``[start, end)``."""
    first = max(0, start - NEAR)
    near = text[first : end + NEAR]
    return excerpt(near, [(start - first, end - first)], 1).text.strip()
