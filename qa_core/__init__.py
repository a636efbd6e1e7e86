"""Extractive question answering: the answer stands in the text, or the text does not say.

>>> from qa_core import Reader
>>> answer = Reader.load().answer("Who opened it?", "Ines Soto opened the harbour in 1904.")
>>> answer.text, answer.start, answer.end
('Ines Soto', 0, 9)

What is listed in ``__all__`` is the public interface; it is imported when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qa_core.calibration.fit import calibrate
    from qa_core.collection.collection import Collection
    from qa_core.compat.pipeline import pipeline
    from qa_core.data.examples import Example, Gold
    from qa_core.data.squad import read as read_examples
    from qa_core.data.squad import write as write_examples
    from qa_core.errors import BusyError, DataError, InputError, ModelError, SpanLoopError
    from qa_core.evaluation.judging import Report, evaluate
    from qa_core.inference.answer import Answer, Span
    from qa_core.inference.reader import Reader
    from qa_core.models.versions import Versions
    from qa_core.serving.shared import SharedReader
    from qa_core.text.documents import Document, read_document
    from qa_core.training.recipes import Recipe
    from qa_core.training.run import train

_HOMES = {
    "qa_core.calibration.fit": ("calibrate",),
    "qa_core.collection.collection": ("Collection",),
    "qa_core.compat.pipeline": ("pipeline",),
    "qa_core.data.examples": ("Example", "Gold"),
    "qa_core.data.squad": ("read_examples=read", "write_examples=write"),
    "qa_core.errors": ("BusyError", "DataError", "InputError", "ModelError", "SpanLoopError"),
    "qa_core.evaluation.judging": ("Report", "evaluate"),
    "qa_core.inference.answer": ("Answer", "Span"),
    "qa_core.inference.reader": ("Reader",),
    "qa_core.serving.shared": ("SharedReader",),
    "qa_core.models.versions": ("Versions",),
    "qa_core.text.documents": ("Document", "read_document"),
    "qa_core.training.recipes": ("Recipe",),
    "qa_core.training.run": ("train",),
}
_WHERE = {
    name.partition("=")[0]: (home, name.rpartition("=")[2])
    for home, names in _HOMES.items()
    for name in names
}

__all__ = [
    "Answer",
    "BusyError",
    "Collection",
    "DataError",
    "Document",
    "Example",
    "Gold",
    "InputError",
    "ModelError",
    "Reader",
    "Recipe",
    "Report",
    "SharedReader",
    "Span",
    "SpanLoopError",
    "Versions",
    "__version__",
    "calibrate",
    "evaluate",
    "pipeline",
    "read_document",
    "read_examples",
    "train",
    "write_examples",
]

try:
    __version__ = version("spanloop")
except PackageNotFoundError:  # used from a copy of the repository
    __version__ = "0.2.0"


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home, attribute = _WHERE[name]
    globals()[name] = getattr(import_module(home), attribute)
    return globals()[name]


def __dir__() -> list[str]:
    return __all__
