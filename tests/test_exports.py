"""The front door: exactly what is exported, quick to import, typed."""

import subprocess
import sys

import annotation
import qa_core
from tests.support.browsing import ROOT

LIBRARY = [
    "Answer", "BusyError", "Collection", "DataError", "Document", "Example", "Gold", "InputError",
    "ModelError", "Reader", "Recipe", "Report", "SharedReader", "Span", "SpanLoopError", "Versions",
    "__version__", "calibrate", "evaluate", "pipeline", "read_document", "read_examples", "train",
    "write_examples",
]  # fmt: skip
REVIEW = [
    "Agreement", "ArgillaError", "Connection", "Consensus", "Gate", "Material", "Opinion", "Policy",
    "Prediction", "PullReport", "PushReport", "Review", "Settings", "Store", "StoreError", "Target",
    "agreement", "connect", "in_turn", "merge", "pull", "push", "reason_to_keep", "retrain",
]  # fmt: skip


def test_exactly_these_names_are_exported() -> None:
    assert qa_core.__all__ == LIBRARY
    assert annotation.__all__ == REVIEW
    assert all(getattr(qa_core, name) is not None for name in LIBRARY)
    assert all(getattr(annotation, name) is not None for name in REVIEW)


def test_importing_brings_no_library_along() -> None:
    code = "import sys, qa_core, annotation; print(*sorted(m.split('.')[0] for m in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert not loaded & {"numpy", "torch", "transformers", "gradio", "argilla", "pydantic"}


def test_an_unknown_name_is_refused_as_of_any_module() -> None:
    for package in (qa_core, annotation):
        assert not hasattr(package, "no_such_name")


def test_the_packages_are_typed() -> None:
    assert (ROOT / "qa_core" / "py.typed").is_file()
    assert (ROOT / "annotation" / "py.typed").is_file()
