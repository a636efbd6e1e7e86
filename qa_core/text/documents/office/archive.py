"""Office files are ZIP archives of XML: opened within limits."""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Iterator
from urllib.parse import unquote
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from qa_core.errors import DataError

MAX_ENTRIES = 5000
MAX_UNPACKED = 100 * 2**20  # bytes of all of them together


class Archive:
    """The parts of an archive by their names. Raises DataError where it is too large or locked."""

    def __init__(self, data: bytes) -> None:
        self._zip = zipfile.ZipFile(io.BytesIO(data))
        entries = self._zip.infolist()
        unpacked = sum(entry.file_size for entry in entries)  # zipfile reads no more than it says
        if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED:
            raise DataError(
                f"expected at most {MAX_ENTRIES} parts and {MAX_UNPACKED // 2**20} MB unpacked, "
                f"found {len(entries)} and {unpacked // 2**20} MB; save it without its pictures"
            )
        if any(entry.flag_bits & 1 for entry in entries):
            raise DataError("expected a file without a password, found one with; remove it first")
        self._parts = {part_name(entry.filename): entry for entry in entries}

    def __contains__(self, name: str) -> bool:
        return part_name(name) in self._parts

    def __iter__(self) -> Iterator[str]:
        return (entry.filename.replace("\\", "/") for entry in self._parts.values())

    def read(self, name: str) -> bytes:
        return self._zip.read(self._parts[part_name(name)])

    def xml(self, name: str) -> Element:
        """The tree of a part; an empty one where there is no such part."""
        return ElementTree.fromstring(self.read(name)) if name in self else Element("none")

    def related(self, name: str) -> dict[str, tuple[str, str]]:
        """What a part of an Office file refers to: each reference's kind and the part's name."""
        folder, _, file = name.rpartition("/")
        found = self.xml(posixpath.join(folder, "_rels", f"{file}.rels"))
        return {
            one.get("Id", ""): (
                one.get("Type", "").rpartition("/")[2],
                resolved(folder, one.get("Target", "")),
            )
            for one in found
            if one.get("TargetMode") != "External"
        }

    def main(self) -> str:
        """The name of an Office file's main part."""
        for kind, target in self.related("").values():
            if kind == "officeDocument":
                return target
        raise DataError("expected an Office file, found an archive without a document")


def part_name(name: str) -> str:
    """A part's name as programs compare them."""
    return name.replace("\\", "/").lower()


def resolved(folder: str, target: str) -> str:
    """The name of the part that a reference in a folder's part points to."""
    target = unquote(target.partition("#")[0])
    return posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")


def tag(element: Element) -> str:
    """An element's name without its namespace."""
    return element.tag.rpartition("}")[2]


def attribute(element: Element | None, name: str) -> str:
    """An attribute's value by its name without its namespace; "" if there is none."""
    held = element.items() if element is not None else ()
    return next((value for key, value in held if key.rpartition("}")[2] == name), "")


def child(element: Element, *path: str) -> Element | None:
    """The first element down a path of names without namespaces."""
    for name in path:
        found = next((one for one in element if tag(one) == name), None)
        if found is None:
            return None
        element = found
    return element


def is_on(element: Element | None) -> bool:
    """Whether a switch is there and is not turned off."""
    return element is not None and attribute(element, "val") not in ("0", "false", "off")


def every(element: Element, name: str) -> Iterator[Element]:
    """Elements of a name without its namespace, in the file's order."""
    return (one for one in element.iter() if tag(one) == name)
