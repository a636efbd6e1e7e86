"""The rooms of the house: who may import whom, and where what is at home."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# From the ground up: a room may use those before it.
FLOORS = ("qa_core", "annotation", "page", "app")
ROOMS = {
    "qa_core": (
        "", "text", "data", "models", "inference", "collection", "serving", "compat", "evaluation",
        "calibration", "training", "bulk", "hub", "cli",
    ),
    "annotation": (
        "", "review", "store", "copies", "verifier", "argilla", "learning", "campaigns", "loop",
        "cli",
    ),
}  # fmt: skip
HEAVY = {
    "torch", "transformers", "datasets", "argilla", "setfit", "sklearn", "matplotlib", "onnx",
    "ray",
}  # fmt: skip
WITH_HEAVY = (
    "qa_core/bulk/ray_engine.py",
    "qa_core/training/run.py",
    "qa_core/training/trainer.py",
    "qa_core/models/onnx/",
    "annotation/argilla/local/inside/",
)
PROGRAMS = ("__init__.py", "__main__.py")  # public names, imported when used; entry points


def sources() -> Iterator[tuple[str, ast.Module]]:
    for top in FLOORS:
        for path in [ROOT / "app.py"] if top == "app" else sorted((ROOT / top).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.ImportFrom):
        module = node.module or ""
        return [module if "." in module else f"{module}.{one.name}" for one in node.names]
    return [one.name for one in node.names] if isinstance(node, ast.Import) else []


def room_of(module: str) -> str:
    """The room of a dotted name: its second part if that is a folder, else the hall, ""."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and (ROOT / parts[0] / parts[1]).is_dir() else ""


def test_imports_point_downwards() -> None:
    bad = []
    for name, tree in sources():
        here = name.removesuffix(".py").replace("/", ".")
        floor = here.split(".")[0]
        for module in (m for node in ast.walk(tree) for m in imported(node)):
            to = module.split(".")[0]
            if to not in FLOORS or name in [f"{one}/__init__.py" for one in FLOORS]:
                continue
            if FLOORS.index(to) > FLOORS.index(floor):
                bad.append((name, module))
            elif to == floor and floor in ROOMS and Path(name).name not in PROGRAMS:
                rooms = ROOMS[floor]
                if rooms.index(room_of(module)) > rooms.index(room_of(here)):
                    bad.append((name, module))
    assert bad == []


def test_every_room_has_its_place_in_the_order() -> None:
    for floor, rooms in ROOMS.items():
        folders = {path.parent.name for path in (ROOT / floor).glob("*/__init__.py")}
        assert folders == set(rooms) - {""}


def test_heavy_libraries_are_imported_where_they_are_used() -> None:
    bad = [
        (name, module)
        for name, tree in sources()
        if not name.startswith(WITH_HEAVY)
        for node in tree.body
        for module in imported(node)
        if module.split(".")[0] in HEAVY
    ]
    assert bad == []


@pytest.mark.parametrize(
    ("what", "allowed"),
    [
        (r"\bos\.environ\b", ("qa_core/child.py", "annotation/argilla/local/", "page/app.py")),
        (r"\bsubprocess\.", ("qa_core/child.py", "annotation/argilla/local/")),
        (r"\bargilla\._", ("annotation/argilla/client.py",)),
        (r"\bgr\.(Warning|Info|Error)\b", ("page/toast.py", "page/door/guard.py")),
        (r"\bos\.fsync\b", ("qa_core/files.py", "qa_core/bulk/predict.py")),
        (r"import pickle|\bpickle\.", ()),
        (r"\bnp\.log1p\(|1 / \(1 \+ np\.exp\(", ("qa_core/inference/odds.py",)),
        (
            r"len\(\w+\.rstrip\(\)\)|\.decode\(\"utf-16\", \"replace\"\)",
            ("qa_core/text/offsets.py",),
        ),
        (r"repr\(example\)|sha256\(json\.dumps\(\[", ("qa_core/data/examples.py",)),
    ],
)
def test_each_has_one_home(what: str, allowed: tuple[str, ...]) -> None:
    bad = [
        name
        for name, _ in sources()
        if re.search(what, (ROOT / name).read_text(encoding="utf-8"))
        and not (allowed and name.startswith(allowed))
    ]
    assert bad == []


def test_no_folder_is_a_heap() -> None:
    folders = Counter(name.rpartition("/")[0] for name, _ in sources() if "__init__" not in name)
    assert {folder: count for folder, count in folders.items() if count > 12} == {}


def test_tests_share_by_support_and_not_by_each_other() -> None:
    bad = [
        path.name
        for path in (ROOT / "tests").rglob("*.py")
        if re.search(r"^from tests\.(?!support)", path.read_text(encoding="utf-8"), re.M)
    ]
    assert bad == []


def test_no_two_classes_share_a_name() -> None:
    names = Counter(
        node.name
        for _, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    )
    assert [name for name, count in names.items() if count > 1] == []


def test_every_module_says_what_it_is() -> None:
    assert [name for name, tree in sources() if not ast.get_docstring(tree)] == []
