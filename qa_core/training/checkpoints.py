"""Folders of a training run: claimed by one run, and holding only whole checkpoints."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from qa_core.data.examples import Example, digest
from qa_core.errors import InputError
from qa_core.files import flush
from qa_core.training.recipes import Recipe

RENAMED = {"keep": "save_total_limit"}  # fields of a recipe, as older records call them


def fingerprint(
    learning: Sequence[Example], judged: Sequence[Example], model: str, recipe: Recipe
) -> dict[str, Any]:
    """What must be the same for a run to be resumed."""
    return {"data": digest([*learning, *judged]), "model": model, "recipe": asdict(recipe)}


def claim(output: Path, checkpoints: Path, mine: dict[str, Any], resume: bool) -> None:
    """Make the output folder this run's own. Raises InputError if it is another's."""
    record = output / "run.json"
    if record.exists():
        theirs = json.loads(record.read_text())
        theirs["recipe"] = {RENAMED.get(k, k): value for k, value in theirs["recipe"].items()}
        if not resume and complete_checkpoints(checkpoints):
            raise InputError(
                f"expected a new folder, found a run in {output}; "
                "add --resume to go on with it, or choose another --output"
            )
        if resume and theirs != mine:
            changed = [key for key in mine if theirs.get(key) != mine[key]]
            raise InputError(
                f"expected the run in {output} to have the same data, model and recipe, found "
                f"another {' and '.join(changed)}; give the same flags, or choose another --output"
            )
    checkpoints.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(checkpoints / ".writing", ignore_errors=True)
    record.write_text(json.dumps(mine, indent=2) + "\n")


def complete_checkpoints(root: Path) -> list[Path]:
    """Checkpoints under ``root``, oldest first; never one that a kill left half-written."""
    found = [path for path in root.glob("checkpoint-*") if path.is_dir()]
    return sorted(found, key=lambda path: int(path.name.rpartition("-")[2]))


def publish(written: Path, final: Path) -> None:
    """Flush ``written`` to disk and rename it to ``final``."""
    for path in [*written.iterdir(), written]:
        flush(path)
    shutil.rmtree(final, ignore_errors=True)
    os.rename(written, final)
