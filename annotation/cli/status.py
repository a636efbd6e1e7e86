"""`spanloop status`: how the review loop stands, and what to do next."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import typer

from annotation.cli.options import StoreOption
from qa_core.cli.options import JsonOption

if TYPE_CHECKING:
    from annotation.review.records import Aside, Prediction, Review

app = typer.Typer()

MOST = 10  # of each list that are printed; JSON has all
SHORT = 8  # of an id, as much as is printed


@app.command(epilog="Example: spanloop status")
def status(store: StoreOption = None, as_json: JsonOption = False) -> None:
    """Count what was kept, reviewed and waits, by whom and when, and say what to do next.

    Also how far reviewers agree, which questions they answered differently, and their notes;
    `history ID` tells all about one question.
    """
    from annotation.argilla.payload import link
    from annotation.loop.situation import situation
    from annotation.review.advice import recommend
    from annotation.review.agreement import between
    from annotation.review.records import REASONS, VISITOR
    from annotation.store.store import Store
    from qa_core.models.versions import Versions

    opened, versions = Store(store), Versions()
    counts, asides, differing = opened.counts(), opened.asides(), opened.disagreements()
    addresses = opened.addresses([kept.id for kept, _, _ in differing])
    now, quotas = situation(opened, versions), opened.quotas()
    agreed, (drawn, wrong) = now.agreement, now.drawn
    disagreements = [
        {
            "id": kept.id,
            "question": kept.question,
            "decided": decided,
            "link": link(addresses.get(kept.id, ""), kept.question),
            "opinions": [opinion_of(kept, review) for review in said],
        }
        for kept, said, decided in differing
    ]
    golds = {one.prediction.id for one in opened.golds()}
    read = {
        id_: [review.opinion for review in said if review.reviewer != VISITOR]
        for id_, said in opened.reviews().items()
        if id_ not in golds
    }
    pairs = [
        {
            "reviewers": names,
            "questions": len(same),
            "different": [id_ for id_ in same if not same[id_]],
        }
        for names, same in between(read).items()
    ]
    at_argilla: dict[str, Any] = {
        **opened.exchanged(),
        "discarded": [
            {"id": id_, "question": opened.prediction(id_).question, "reviewers": names}
            for id_, names in opened.discarded().items()
        ],
        "set_aside": [{**asdict(one), "link": link(one.address, one.question)} for one in asides],
    }
    figures: dict[str, Any] = {
        "store": str(opened),
        "predictions": counts.kept,
        "reasons": {
            reason: counts.reasons[reason] for reason in REASONS if reason in counts.reasons
        },
        "reviewed": counts.reviewed,
        "decided": counts.decided,
        "waiting": now.waiting,
        "settled": now.settled,
        "reviewers": opened.reviewers(),
        "gold": {name: {"right": r, "answered": n} for name, (r, n) in now.gold.items()},
        "assigned": {n: {"done": d, "assigned": of} for n, (d, of) in quotas.items()},
        "days": opened.by_day(),
        "agreement": asdict(agreed),
        "pairs": pairs,
        "disagreements": disagreements,
        "notes": [note_of(kept, review) for kept, review in opened.notes()],
        "argilla": at_argilla,
        "drawn": {"decided": drawn, "wrong": wrong},
        "version": versions.serving(),
        "next": recommend(now),
    }
    if as_json:
        typer.echo(json.dumps(figures, ensure_ascii=False))
        return
    why = ", ".join(f"{count} {reason}" for reason, count in figures["reasons"].items())
    typer.echo(f"{figures['predictions']} predictions kept" + (f" ({why})" if why else ""))
    typer.echo(f"{figures['decided']} decided by reviews, {figures['waiting']} wait for a reviewer")
    if figures["settled"]:
        typer.echo(f"{figures['settled']} doubtful ones need none, as the verifier estimates")
    for name, count in figures["reviewers"].items():
        did = how_far(quotas.get(name, (0, 0)), now.gold.get(name, (0, 0)))
        typer.echo(f"  {name}: {count} reviews{did}")
    days = [
        f"{day}  " + ", ".join(f"{name} {count}" for name, count in of_day.items())
        for day, of_day in figures["days"].items()
    ]
    _list("Reviews by day (UTC):", days)
    if drawn:
        typer.echo(f"Of {drawn} kept at random and newly decided {drawn - wrong} were right")
    if any(at_argilla.values()):
        typer.echo(f"At Argilla: {at_argilla['pushed']} records, {at_argilla['pulled']} responses")
        _list("Cannot be used, of what is not decided:", map(aside_line, asides))
        _list("Discarded by as many as were asked:", map(_discarded_line, at_argilla["discarded"]))
    if agreed.questions:
        alpha = "undefined" if agreed.alpha is None else f"{agreed.alpha:.2f}"
        overlap = "undefined" if agreed.span_f1 is None else f"{agreed.span_f1:.2f}"
        typer.echo(
            f"{agreed.questions} questions read by several: alpha on answerable {alpha} "
            f"(1 perfect, 0 chance), F1 between spans {overlap}"
        )
        for name, (questions, same, f1) in agreed.reviewers.items():
            spans = "" if f1 is None else f", spans F1 {f1:.2f}"
            typer.echo(f"  {name}: {questions} questions, agrees {same:.0%}{spans}")
    _list("Two by two:", map(_pair_line, pairs))
    _list("Reviewers disagree on:", map(_side_by_side, disagreements))
    _list("Notes:", map(_note_line, figures["notes"]))
    typer.echo(f"The model that serves: {figures['version']}")
    typer.echo("\nNext:")
    for sentence in figures["next"]:
        typer.echo(f"  {sentence}")


def _pair_line(pair: dict[str, Any]) -> str:
    """How often two reviewers answered differently, in a line."""
    one, other = pair["reviewers"]
    return f"{one} and {other}: {pair['questions']} questions, {len(pair['different'])} differently"


def _note_line(note: dict[str, Any]) -> str:
    return f"{note['id'][:SHORT]} {note['question']} {note['reviewer']}: {note['note']}"


def _discarded_line(one: dict[str, Any]) -> str:
    return f"{one['id'][:SHORT]} {one['question']} ({', '.join(one['reviewers'])})"


def aside_line(one: Aside) -> str:
    """What could not be exchanged, in a line."""
    from annotation.argilla.payload import link

    where = link(one.address, one.question)
    who = f", {one.reviewer}" if one.reviewer else ""
    return f"{one.question!r}{who}: {one.problem}" + (f" ({where})" if where else "")


def opinion_of(kept: Prediction, review: Review) -> dict[str, Any]:
    """What a reviewer says, with the words; start and end in code points, None if none.

    `further` has the other spans of an answer of several.
    """
    first, *further = [
        {"start": start, "end": end, "text": kept.context[start:end]} for start, end in review.spans
    ] or [{"start": None, "end": None, "text": None}]
    return {
        "reviewer": review.reviewer,
        **first,
        **({"further": further} if further else {}),
        "note": review.note,
    }


def how_far(assigned: tuple[int, int], gold: tuple[int, int]) -> str:
    """What a reviewer did of what was assigned, of how many; and how many gold questions rightly.

    "" of what there is none of.
    """
    return (f", {assigned[0]} of {assigned[1]} assigned ones done" if assigned[1] else "") + (
        f", {gold[0]} of {gold[1]} gold questions right" if gold[1] else ""
    )


def note_of(kept: Prediction, review: Review) -> dict[str, Any]:
    """A note, and what it is beside."""
    return {"id": kept.id, "question": kept.question, **opinion_of(kept, review)}


def placed(said: dict[str, Any]) -> str:
    """Words with their places, and the further ones that are one answer with them."""
    spans = (said, *said.get("further", ()))
    return ", ".join(f"{one['text']!r} ({one['start']}-{one['end']})" for one in spans)


def _side_by_side(one: dict[str, Any]) -> str:
    """A question, and what each says of it."""
    said = " | ".join(
        f"{o['reviewer']}: " + (
            "the text does not say"
            if o["text"] is None
            else placed(o)
        )
        for o in one["opinions"]
    )  # fmt: skip
    where = f", {one['link']}" if one["link"] else ""
    return f"{one['id'][:SHORT]} {one['question']} {said}" + (
        "" if one["decided"] else f" (undecided{where})"
    )


def _list(head: str, given: Iterable[str]) -> None:
    """A heading and the first lines below it, if there are any."""
    lines = list(given)
    if lines:
        typer.echo(head)
    for line in lines[:MOST]:
        typer.echo(f"  {line}")
    if len(lines) > MOST:
        typer.echo(f"  and {len(lines) - MOST} more (--json lists all)")
