"""Verbs that answer: one question, or a file of them."""

from __future__ import annotations

import contextlib
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from qa_core.cli.options import (
    BackendOption,
    JsonOption,
    MaxAnswerOption,
    ModelOption,
    OnBadOption,
    ShareOption,
)
from qa_core.errors import DataError, InputError
from qa_core.inference.spans import MAX_ANSWER_TOKENS

if TYPE_CHECKING:
    from qa_core.collection.collection import Collection, Findings
    from qa_core.inference.answer import Answer
    from qa_core.inference.reader import Reader
    from qa_core.text.documents import Document

app = typer.Typer()

ASK = "Example: spanloop ask --question 'Who wrote it?' --context letter.txt"


@app.command("answer", hidden=True, epilog=ASK)
@app.command(epilog=ASK)
def ask(
    question: Annotated[str, typer.Option(help="What to ask.")],
    context: Annotated[
        list[Path],
        typer.Option(
            help="File to read (text, PDF, Word, web page ...), folder, or -; repeatable."
        ),
    ],
    model: ModelOption = None,
    backend: BackendOption = "auto",
    top_k: Annotated[int, typer.Option(min=1, help="How many alternatives to show.")] = 3,
    answerable_share: ShareOption = None,
    max_answer_tokens: MaxAnswerOption = MAX_ANSWER_TOKENS,
    exhaustive: Annotated[
        bool, typer.Option("--exhaustive", help="Read long texts whole, not what promises most.")
    ] = False,
    keep: Annotated[
        bool,
        typer.Option("--keep", help="Keep what was read of the files, for the next question."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Answer one question from a text, from several, or from a folder."""
    from qa_core.collection.promising import WHOLE
    from qa_core.inference.reader import Reader

    alone = len(context) == 1 and not context[0].is_dir()
    one = read_context(context[0]) if alone and not keep else None
    reader = Reader.load(
        model,
        backend=backend,
        max_answer_tokens=max_answer_tokens,
        answerable_share=answerable_share,
    )
    if one and (exhaustive or len(one.text) <= WHOLE):
        tell(question, one, reader.answer(question, one.text, top_k=top_k), as_json)
        return
    collection = gathered(reader, context, one, keep)
    found = collection.answer(question, top_k=top_k, exhaustive=exhaustive)
    if alone:
        document = collection.document(collection.names[0])
        tell(question, document, found.found[0].answer, as_json)
    else:
        tell_all(question, found, collection, as_json)


def tell(question: str, document: Document, found: Answer, as_json: bool) -> None:
    """Print an answer from one text."""
    from qa_core.bulk.output import items_of, record

    if as_json:
        told = record("", question, found) | {"question": question, "notes": document.notes}
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    verdict = found.text if found.answerable else "The text does not say."
    page = document.page(found.start) if found.answerable and len(document.pages) > 1 else None
    where = f", page {page}" if page else ""
    typer.echo(f"{verdict}  ({found.confidence:.0%} sure{where})")
    for item in items_of(question, found):
        typer.echo(f"  item: {item['text']!r} at {item['start']}")
    for span in found.alternatives:
        label = "also" if found.answerable else "nearest"
        typer.echo(f"  {label}: {span.text!r} at {span.start} ({span.confidence:.0%})")
    for warning in (*document.notes, *found.warnings):
        typer.echo(f"note: {warning}", err=True)


def gathered(reader: Reader, contexts: list[Path], one: Document | None, keep: bool) -> Collection:
    """The files, and those of folders, as a collection."""
    from qa_core.collection.collection import Collection

    collection = Collection(reader, private=not keep)
    for path in contexts:
        if one or str(path) == "-":
            collection.add(one or read_context(path), str(path))
        else:
            collection.add(path, str(path) if len(contexts) > 1 else None)
    for name, why in collection.unread.items():
        typer.echo(f"left out: {name}: {why}", err=True)
    if not one and len(collection.names) > 1:
        for name in collection.names:
            for note in collection.document(name).notes:
                typer.echo(f"note: {name}: {note}", err=True)
    return collection


def tell_all(question: str, found: Findings, collection: Collection, as_json: bool) -> None:
    """Print what several documents say."""
    from qa_core.bulk.output import record

    if as_json:
        listed = [
            record("", question, one.answer)
            | {
                "document": one.document,
                "page": one.page,
                "sentence": one.sentence,
                "probability": one.probability,
                "notes": collection.document(one.document).notes,
            }
            for one in found.found
        ]
        told = {
            "question": question,
            "answerable": found.answerable,
            "no_answer": found.no_answer,
            "documents": listed,
            "left_out": collection.unread,
        }
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    if not found.answerable:
        typer.echo(f"No document says.  ({found.no_answer:.0%} sure)")
    for one in found.found:
        page = f", page {one.page}" if one.page else ""
        where = f"{one.document}{page}"
        if one.answer.answerable:
            typer.echo(f"{one.answer.text}  ({one.probability:.0%} that it answers; {where})")
        elif not found.answerable and one.answer.alternatives:
            nearest = one.answer.alternatives[0].text
            typer.echo(f"  nearest: {nearest!r} ({one.probability:.0%}; {where})")
        else:
            continue
        typer.echo(f"  {' '.join(one.sentence.split())}")


def read_context(path: Path) -> Document:
    """A file of any kind that is read, or standard input (``-``); other names are plain text.

    Plain text in UTF-8 is kept, every character as it stands.
    """
    from qa_core.text.documents import MAX_BYTES, Document, kinds, read_bytes

    piped = str(path) == "-"
    try:
        with contextlib.nullcontext(sys.stdin.buffer) if piped else path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from error
    suffix = kinds.kind(data) if piped else path.suffix.lower()
    suffix = suffix if suffix in kinds.NAMES else kinds.PLAIN
    try:
        found = read_bytes(data, suffix)
        if kinds.USUAL[suffix] == kinds.PLAIN and not found.notes:
            with contextlib.suppress(UnicodeDecodeError):
                found = Document(data.decode())
        return found
    except DataError as error:
        raise InputError(f"{path}: {error}") from error


@app.command(
    epilog="Example: spanloop predict --input questions.jsonl --output answers.jsonl  |  "
    "spanloop predict --engine ray --input 'questions/*.parquet' --output answers.parquet"
)
def predict(
    source: Annotated[
        str,
        typer.Option(
            "--input",
            help="Questions and contexts: JSON Lines, SQuAD, CSV, Excel or Parquet. With Ray also "
            "a folder, a pattern, or a URL.",
        ),
    ],
    target: Annotated[
        str,
        typer.Option(
            "--output",
            help="What to write, by its suffix: .jsonl, .csv, .parquet, or .json for SQuAD. With "
            "Ray a folder of such files, here or at a URL.",
        ),
    ],
    model: ModelOption = None,
    backend: BackendOption = "auto",
    top_k: Annotated[int, typer.Option(min=1, help="How many alternatives to write.")] = 3,
    on_bad: OnBadOption = "stop",
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a run that was interrupted.")
    ] = False,
    answerable_share: ShareOption = None,
    max_answer_tokens: MaxAnswerOption = MAX_ANSWER_TOKENS,
    engine: Annotated[
        Literal["local", "ray"], typer.Option(help="What runs it: this process, or Ray.")
    ] = "local",
    ray_address: Annotated[
        str | None,
        typer.Option(
            help="Address of a running Ray, `auto` for the one here; by default one is started."
        ),
    ] = None,
    actors: Annotated[
        int | None,
        typer.Option(min=1, help="Readers of Ray; by default one for each GPU, else each CPU."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Answer a file of questions, and score the answers where the file holds the right ones."""
    from qa_core.bulk import predict as prediction
    from qa_core.inference.reader import Reader

    options: dict[str, Any] = {
        "model": model,
        "backend": backend,
        "max_answer_tokens": max_answer_tokens,
        "answerable_share": answerable_share,
    }
    asked: dict[str, Any] = {"resume": resume, "on_bad": on_bad, "top_k": top_k}
    if engine == "ray":
        predict_by_ray(
            source, target, as_json, address=ray_address, actors=actors, **asked, **options
        )
        return
    if ray_address or actors:
        raise typer.BadParameter("--ray-address and --actors need --engine ray")
    done = prediction.predict(Reader.load(**options), Path(source), Path(target), **asked)
    bad = [str(row) for row in done.bad]
    for message in bad:
        typer.echo(f"left out: {message}", err=True)
    if as_json:
        said = {"written": done.written, "left_out": bad, "scores": done.scores}
        typer.echo(json.dumps(said, ensure_ascii=False))
        return
    tell_scores(
        f"{done.written} answers written to {target}, {len(bad)} rows left out", done.scores
    )


def predict_by_ray(source: str, target: str, as_json: bool, **options: Any) -> None:
    """`predict` on many machines. Raises InputError where Ray is not installed."""
    try:
        from qa_core.bulk import ray_engine
    except ModuleNotFoundError as error:
        raise InputError(
            f"expected the library ray for --engine ray, found no {error.name}; "
            "pip install 'spanloop[ray]', or leave out --engine"
        ) from error
    done = ray_engine.predict(source, target, **options)
    if as_json:
        typer.echo(json.dumps(asdict(done), ensure_ascii=False))
        return
    kept = f", {done.kept} were there" if done.kept else ""
    bad = f"; they are in {done.bad_rows}" if done.bad else ""
    told = f"{done.written} answers written to {target}{kept}, {done.bad} rows left out{bad}"
    tell_scores(told, done.scores)


def tell_scores(told: str, scores: dict[str, float] | None) -> None:
    """Print what was done, and how right the answers are where that is known."""
    from qa_core.bulk.scoring import sentence

    typer.echo(told)
    if scores:
        typer.echo(sentence(scores))
