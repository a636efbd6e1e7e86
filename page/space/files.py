"""The files of a Space: the packages with the bundled readers, and what only a Space has."""

from __future__ import annotations

import importlib.metadata
import tomllib
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path

from packaging.requirements import Requirement

from qa_core.child import ROOT
from qa_core.errors import SpanLoopError
from qa_core.hub.connection import Files

PACKAGES = ("annotation", "page", "qa_core")
LEGAL = ("LICENSE", "NOTICE")
LINUX = {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"}
APP = '''"""SpanLoop's page, as a Space runs it."""

import typer

from page.app import main

typer.run(main)
'''


class Extra(StrEnum):
    """What a Space can do beyond serving the page and its reviews."""

    TRAIN = "train"
    ARGILLA = "argilla"
    POSTGRES = "postgres"


def space_files(extras: Iterable[Extra] = ()) -> Files:
    """Everything that a Space needs and nothing else, by path.

    Raises SpanLoopError.
    """
    code: dict[str, Path | bytes] = {
        path.relative_to(ROOT).as_posix(): path
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*"))
        if path.is_file() and not _is_made(path.relative_to(ROOT))
    }
    return {
        "README.md": Path(__file__).with_name("README.md"),
        "app.py": APP.encode(),
        "requirements.txt": "".join(f"{one}\n" for one in requirements(extras)).encode(),
        **{name: legal_file(name) for name in LEGAL},
        **code,
    }


def requirements(extras: Iterable[Extra] = ()) -> list[str]:
    """The libraries of the page on Linux, and of further extras, as ``requirements.txt`` has them.

    Raises SpanLoopError where SpanLoop is neither installed nor in its repository.
    """
    declared, found = _declared(), set()
    wanted = ["", "page", *extras]
    for extra in wanted:
        for requirement in map(Requirement, declared[extra]):
            if requirement.name == "spanloop":
                wanted += requirement.extras - set(wanted)
            elif requirement.marker is None or requirement.marker.evaluate(LINUX):
                parts = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
                found.add(f"{requirement.name}{parts}{requirement.specifier}")
    return sorted(found)


def _declared() -> dict[str, list[str]]:
    """What pyproject.toml, or the installed package, requires: by extra, "" for always."""
    project = ROOT / "pyproject.toml"
    if project.is_file():
        about = tomllib.loads(project.read_text(encoding="utf-8"))["project"]
        return {"": about["dependencies"], **about["optional-dependencies"]}
    installed = _installed()
    found: dict[str, list[str]] = {"": []}
    for extra in installed.metadata.get_all("Provides-Extra") or ():
        found[extra] = []
    for line in installed.requires or ():
        requirement = Requirement(line)
        always = requirement.marker is None or requirement.marker.evaluate({**LINUX, "extra": ""})
        for extra in [""] if always else found:
            if requirement.marker is None or requirement.marker.evaluate({**LINUX, "extra": extra}):
                found[extra].append(line.partition(";")[0])
    return found


def legal_file(name: str) -> Path:
    """The licence or the notice, in the repository or as installed."""
    beside = ROOT / name
    if beside.is_file():
        return beside
    for file in _installed().files or ():
        if file.name == name:
            return Path(str(file.locate()))
    raise SpanLoopError(f"expected {name} beside SpanLoop, found none: install it again")


def _installed() -> importlib.metadata.Distribution:
    try:
        return importlib.metadata.distribution("spanloop")
    except importlib.metadata.PackageNotFoundError as error:
        raise SpanLoopError(
            "expected SpanLoop to be installed, found its code alone: `pip install .`"
        ) from error


def _is_made(path: Path) -> bool:
    """Whether a file was made by running the code."""
    return any(part.startswith(".") or part == "__pycache__" for part in path.parts)
