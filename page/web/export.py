"""The page as a folder of static files: its reader runs in the visitor's browser."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from page import messages
from page.examples import EXAMPLES, SHOWN_FIRST
from page.look import ASSETS, script
from page.space.files import legal_file
from page.web import characters, vendor
from page.web.html import index
from page.web.words import words
from qa_core.errors import ModelError, SpanLoopError
from qa_core.files import write_whole
from qa_core.inference.answer import Answer
from qa_core.inference.reader import NOT_CALIBRATED, Reader
from qa_core.models.folder import load_tokenizer
from qa_core.models.onnx.export import build
from qa_core.models.versions import folder_of

SITE = Path(__file__).with_name("site")
ABOUT = "reader.json"
PART = 20_000_000  # bytes of a file, at most: some hosts take no more than 25 MiB


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: files with their bytes, and the model that they hold."""

    folder: Path
    files: dict[str, int]
    model: str


def export(model: str, target: Path) -> Written:
    """Write the folder; a folder of an earlier export is brought up to date.

    model: as `Reader.load` takes it. Raises SpanLoopError, also where the folder holds other files.
    """
    check_target(target)
    runtime = vendor.runtime()
    reader = Reader.load(model, backend="onnx")
    folder = folder_of(model)
    graph = graph_of(folder)
    name = f"reader-{hashlib.sha256(graph).hexdigest()[:12]}"
    parts = {
        f"{name}-{number}.bin": graph[first : first + PART]
        for number, first in enumerate(range(0, len(graph), PART))
    }
    about = about_reader(reader, tokenizer_of(folder)) | {
        "graph": {"parts": list(parts), "bytes": len(graph)},
        "runtime": {
            "script": vendor.SCRIPT,
            "wasm": vendor.WASM,
            "bytes": len(runtime[vendor.WASM]),
        },
    }
    files = page_files(reader) | runtime | parts | {ABOUT: json.dumps(about).encode()}
    files |= legal(folder, reader.model)
    target.mkdir(parents=True, exist_ok=True)
    for file, data in files.items():
        write_whole(target / file, data)
    for old in target.glob("reader-*.bin"):
        if old.name not in parts:
            old.unlink()
    return Written(target, {file: len(data) for file, data in files.items()}, reader.model)


def check_target(target: Path) -> None:
    """Raise SpanLoopError unless the folder is new, empty, or of an earlier export."""
    if target.exists() and not target.is_dir():
        raise SpanLoopError(f"expected a folder, found the file {target}: choose another name")
    held = [one.name for one in target.iterdir()] if target.is_dir() else []
    shown = sorted(name for name in held if not name.startswith("."))
    if shown and ABOUT not in shown and shown != ["README.md"]:  # as the Hub makes a new Space
        raise SpanLoopError(
            f"expected a new folder, an empty one or one of an earlier export, found {shown[0]} in "
            f"{target}: choose another"
        )


def graph_of(folder: Path) -> bytes:
    """The model as an ONNX graph, small to download."""
    work = Path(tempfile.mkdtemp(prefix="spanloop-"))
    try:
        build("compact", folder, work / "graph.onnx")
        return (work / "graph.onnx").read_bytes()
    finally:
        shutil.rmtree(work, ignore_errors=True)


def tokenizer_of(folder: Path) -> dict[str, Any]:
    """What `wordpiece.js` needs to cut texts as the model's tokenizer does.

    Raises ModelError for a tokenizer of another kind than BERT's.
    """
    tokenizer = load_tokenizer(folder).tokenizer
    record = json.loads(tokenizer.to_str())
    kinds = [(record[part] or {}).get("type") for part in ("normalizer", "pre_tokenizer", "model")]
    plain = [one["content"] for one in record["added_tokens"] if not one["special"]]
    if kinds != ["BertNormalizer", "BertPreTokenizer", "WordPiece"] or plain:
        found = f"the added token {plain[0]!r}" if plain else ", ".join(map(str, kinds))
        raise ModelError(
            f"expected a WordPiece tokenizer as BERT's in {folder}, found {found}: the page in the "
            "browser runs no other; export a reader that was trained from a BERT or an MPNet"
        )
    model, normalizer = record["model"], record["normalizer"]
    strips = normalizer["strip_accents"]
    return {
        "pieces": sorted(model["vocab"], key=model["vocab"].__getitem__),
        "unknown": model["unk_token"],
        "prefix": model["continuing_subword_prefix"],
        "longest": model["max_input_chars_per_word"],
        "decompose": normalizer["lowercase"] if strips is None else strips,
        "lowercase": normalizer["lowercase"],
        **characters.of_tokenizer(tokenizer),
    }


def about_reader(reader: Reader, tokenizer: dict[str, Any]) -> dict[str, Any]:
    """What `reader.js` needs to know of the model."""
    template = reader.windower.template
    return {
        "model": reader.model,
        "tokenizer": tokenizer,
        "characters": characters.of_python(),
        "template": {
            "ids": [run.tolist() for run in template.ids],
            "type_ids": [run.tolist() for run in template.type_ids],
            "pair_type_ids": template.pair_type_ids,
            "null_run": template.null_run,
            "null_offset": template.null_offset,
        },
        "sizes": asdict(reader.windower.sizes),
        "max_answer_tokens": reader.max_answer_tokens,
        "calibration": asdict(reader.calibration),
        "question_cut": reader.cut_warning,
        "warnings": [] if reader.calibrated else [NOT_CALIBRATED],
    }


def page_files(reader: Reader) -> dict[str, bytes]:
    """The page itself, with the answers to its first example."""
    example = EXAMPLES[SHOWN_FIRST]
    asked = [(question, example.context) for question in example.question.splitlines()]
    said = words() | {"answers": [answered(one) for one in reader.answer_batch(asked)]}
    scripts = script("result") + script("read")  # this page shows itself what is asked: no props
    live = f"export function live(element, trigger, watch, props = {{}}) {{\n{scripts}}}\n"
    copied = [*SITE.iterdir(), *(ASSETS / one for one in ("style.css", "head.css", "icon.svg"))]
    return {
        "index.html": index().encode(),
        "words.json": json.dumps(said, ensure_ascii=False).encode(),
        "answers.js": live.encode(),
        **{path.name: path.read_bytes() for path in copied},
    }


def answered(answer: Answer) -> dict[str, Any]:
    """An answer as the scripts know it."""
    record = asdict(answer)
    record["nullScore"] = record.pop("null_score")
    record["answerableProbability"] = record.pop("answerable_probability")
    return {name: record[name] for name in record if name not in ("model", "plain_confidence")}


def legal(folder: Path, model: str) -> dict[str, bytes]:
    """What the folder is, for whoever finds it, and under which licences its parts are."""
    card = folder / "README.md"
    about = SITE.with_name("README.md").read_text(encoding="utf-8")
    notice = SITE.with_name("NOTICE").read_text(encoding="utf-8")
    files = {
        "README.md": about.replace("DESCRIPTION", messages.WEB_DESCRIPTION).encode(),
        "NOTICE": notice.replace("MODEL", model).replace("VERSION", vendor.VERSION).encode(),
        "LICENSE": legal_file("LICENSE").read_bytes(),
    }
    return files | ({"MODEL.md": card.read_bytes()} if card.is_file() else {})
