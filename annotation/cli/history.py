"""`spanloop history`: all that is known of one question."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from annotation.cli.options import PROGRAM, StoreOption
from annotation.cli.status import placed
from qa_core.cli.options import JsonOption

app = typer.Typer()


@app.command(epilog=f"Example: {PROGRAM} history 6f1ed002")
def history(
    id_: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help="Of a prediction, as `status` lists it, or its beginning, or that of the row from "
            "which it was imported.",
        ),
    ],
    answer: Annotated[bool, typer.Option(help="Also ask the model that serves now.")] = True,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell all of one question: its answer, pushes, reviews, drafts, and what learned from it."""
    from annotation.loop.history import history as told
    from annotation.store.store import Store
    from qa_core.models.versions import Versions
    from qa_core.serving.live import load

    opened, versions = Store(store), Versions()
    kept = opened.find(id_)
    found = told(opened, versions, kept.id, load(versions) if answer else None)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    typer.echo(f"{kept.question}  ({kept.id})")
    typer.echo(
        f"{kept.answer.model} said {words(first(found))}" if kept.suggested else "No model answered"
    )
    for event in found["events"]:
        typer.echo(f"{event['at'][:19].replace('T', ' ') or 'at some time':19}  {line(event)}")
    spans = found["gold"] or found["spans"] or [{"text": None}]
    right = words({**spans[0], "further": spans[1:] if found["together"] else []})
    if found["gold"] is not None:
        typer.echo(f"A gold question; right is {right}")
    else:
        typer.echo(f"Decided: {right}" if found["decided"] else "Not decided")
    for use in found["learned"]:
        did = "learned from it" if use["use"] == "learned" else "was judged by it"
        typer.echo(f"{use['version']} ({use['state']}) {did}")
    if now := found["now"]:
        typer.echo(f"{now['model']} says now {words(now)}, {now['confidence']:.0%} sure")


def first(found: dict[str, Any]) -> dict[str, Any]:
    """The answer that was kept, as `words` takes it."""
    kept = found["prediction"]
    words = kept["context"][kept["start"] : kept["end"]] if kept["answerable"] else None
    return {"text": words, "start": kept["start"], "end": kept["end"]}


def words(span: dict[str, Any]) -> str:
    """A span in words, with the further ones that are one answer with it."""
    if span["text"] is None:
        return "that the text does not say"
    return placed(span)


def line(event: dict[str, Any]) -> str:
    """What happened, in words."""
    problem = f": {event['problem']}" if event.get("problem") else ""
    match event["what"]:
        case "kept":
            return f"kept as {event['reason']}, from {event['source']}"
        case "imported":
            return f"imported from {event['source']}, id {event['row']}"
        case "pushed":
            times = f", round {event['rounds']}" if event["rounds"] > 1 else ""
            times = times if event["rounds"] else ", where it was deleted since"
            where = f" ({event['link']})" if event["link"] else ""
            return f"pushed to Argilla{times}{problem}{where}"
        case "draft" | "discarded" | "unusable" | "submitted" as status:
            return f"{event['reviewer']} at Argilla: {status}{problem}"
        case "withdrawn":
            said = f"{event['reviewer']} took it back"
        case _:
            said = f"{event['reviewer']} said {words(event)}"
    note = f"; note: {event['note']}" if event["note"] else ""
    replaced = "" if event["counts"] or event["what"] == "withdrawn" else ", replaced since"
    return f"{said}, {event['source']}{replaced}{note}"
