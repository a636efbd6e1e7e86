"""A model folder put on the Hub: what `Reader.load` reads, its card and its figures."""

from __future__ import annotations

from fnmatch import fnmatch
from pathlib import Path

from qa_core.hub.card import card
from qa_core.hub.connection import Files, check_name, commit, make, speaking
from qa_core.models.folder import HUB_FILES, check_model

CARD = "README.md"


def published_files(folder: Path, repository: str, licence: str | None = None) -> Files:
    """What of a model's folder is published, by name; a card is written where it has none.

    licence: the Hub's name of one, for that card. Raises ModelError or InputError.
    """
    check_name(repository)
    check_model(folder)
    found: dict[str, Path | bytes] = {
        path.name: path
        for path in sorted(folder.iterdir())
        if path.is_file() and _is_ours(path.name)
    }
    return {CARD: card(folder, repository, licence).encode(), **found}


def publish(files: Files, repository: str, *, public: bool | None = None) -> tuple[str, bool]:
    """Put these files on the Hub; the model's address there, and whether everybody sees it.

    public: a new model is private unless True; None leaves one that is there as it is. Files of an
    earlier model that this one lacks are deleted. Raises HubError.
    """
    with speaking(repository) as api:
        seen = make(api, repository, "model", public)
        return commit(api, repository, "model", files, _is_ours), seen


def _is_ours(name: str) -> bool:
    return "/" not in name and any(fnmatch(name, pattern) for pattern in HUB_FILES)
