"""Bounds on a stranger's model folder, so that loading it neither hangs nor fills the memory."""

from __future__ import annotations

import filecmp
import json
import stat
import sys
from collections.abc import Mapping, Sequence
from fnmatch import fnmatch
from pathlib import Path
from subprocess import TimeoutExpired
from typing import Any

from qa_core import child
from qa_core.errors import ModelError, one_line

MAX_SETTINGS = 16 * 2**20  # bytes of a JSON file
MAX_TOKENIZER = 128 * 2**20  # bytes of tokenizer.json; those of 100 languages have 17 MB
MAX_TRIAL = 10  # seconds to load a tokenizer and to cut PROBES, a thousand times what it takes
MAX_TOKENS = 4  # a code point; bytes are the smallest tokens there are
PROBES = ("Who opened it? " * 64, "a" * 1024, "1" * 1024, " " * 1024, "<mask>é漢😀\n" * 128)


def check_files(folder: Path, patterns: tuple[str, ...]) -> None:
    """Make sure that what is read of a folder are files, of a size that a model has.

    Raises ModelError, without opening any.
    """
    for path in sorted(folder.iterdir()):
        if not any(fnmatch(path.name, pattern) for pattern in patterns):
            continue
        try:
            found = path.stat()
        except OSError as error:
            raise ModelError(
                f"cannot read {path} ({one_line(error)}): copy the model again"
            ) from error
        if not stat.S_ISREG(found.st_mode):
            raise ModelError(f"expected a file at {path}, found something else: copy it again")
        limit = MAX_TOKENIZER if path.name == "tokenizer.json" else MAX_SETTINGS
        if path.suffix == ".json" and found.st_size > limit:
            raise ModelError(
                f"expected at most {limit >> 20} MB in {path}, found {found.st_size >> 20} MB: "
                "this is no model's file"
            )


def check_size(config: Mapping[str, Any], weights: int, folder: Path) -> None:
    """Make sure that config.json describes a network that the stored weights could fill.

    weights: how many numbers the folder's weight files hold. Raises ModelError.
    """

    def size(name: str, otherwise: int = 1) -> int:
        value = config.get(name)
        return value if isinstance(value, int) and value > 0 else otherwise

    hidden = size("hidden_size")
    numbers = {
        "hidden_size": hidden * hidden,
        "vocab_size": size("vocab_size") * size("embedding_size", hidden),
        "intermediate_size": size("intermediate_size") * hidden,
        "num_hidden_layers": size("num_hidden_layers") * hidden,
    }
    for name, count in numbers.items():
        # Four times: layers may share their weights, as ALBERT's do.
        if count > 4 * weights:
            raise ModelError(
                f"expected a network of the {weights:,} weights stored in {folder}, found "
                f"{name} {config.get(name)!r} in config.json: it belongs to another model"
            )


def check_tokenizer(path: Path, known: Sequence[Path]) -> None:
    """Load a tokenizer in a limited process and cut a few texts; those ``known`` are trusted.

    Raises ModelError if it takes longer or more memory than a tokenizer does, or makes more
    tokens than a text has bytes.
    """
    if any(filecmp.cmp(path, trusted, shallow=False) for trusted in known):
        return
    try:
        done = child.run(__name__, str(path.resolve()), timeout=MAX_TRIAL)
    except TimeoutExpired as error:
        raise ModelError(
            f"expected {path} to be loaded in {MAX_TRIAL} s, found that it takes longer: "
            "it is no tokenizer for serving"
        ) from error
    try:
        said = json.loads(done.stdout)["error"]
    except (ValueError, KeyError, TypeError):
        said = f"it takes more than {child.MAX_MEMORY >> 20} MB of memory"
    if said:
        raise ModelError(f"{path} is damaged ({said}): download or copy it again")


def main(path: str) -> str:
    """What is wrong with a tokenizer, in one line; "" if nothing."""
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(path)
        tokenizer.no_padding()
        tokenizer.no_truncation()
        for probe in PROBES:
            tokens = len(tokenizer.encode(probe))
            if tokens > MAX_TOKENS * len(probe) + 16:
                return f"it makes {tokens:,} tokens of {len(probe):,} characters"
    except Exception as error:  # tokenizers raises bare Exception
        return one_line(error)
    return ""


if __name__ == "__main__":
    child.limit_memory()
    print(json.dumps({"error": main(sys.argv[1])}))
