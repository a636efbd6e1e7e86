"""All of one question, in one view."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from annotation.cli.main import app
from annotation.loop.history import history
from annotation.loop.imports import import_file
from annotation.review.records import Pulled, Pushed
from annotation.store.store import Store
from qa_core.data import squad
from qa_core.data.examples import Example, Gold
from qa_core.errors import InputError
from qa_core.inference.reader import Reader
from qa_core.models.versions import Versions
from tests.support.predictions import CONTEXT, QUESTION, SPAN, START, Clock, keep, option


def shown(store: Store, id_: str) -> Any:
    words = ["history", id_, *option(store), "--no-answer"]
    return CliRunner().invoke(app, words)


def test_a_question_has_one_history(
    store: Store, clock: Clock, tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPANLOOP_HOME", str(tmp_path))
    id_, path = keep(store), tmp_path / "rows.jsonl"
    clock.time = clock.time.replace(hour=13)
    squad.write([Example("row 7", QUESTION, CONTEXT)], path)
    import_file(store, str(path))
    store.note_dataset("d", asked=2, address="http://argilla/d")
    store.note_pushed([Pushed("d", id_, "x", 0, 9, rounds=2)])
    store.note_dataset("e", asked=2, address="http://argilla/e")
    store.note_pushed([Pushed("e", id_, "x", 0, 9)])
    clock.time = clock.time.replace(hour=14)
    store.review(id_, "ann", None, note="hm", source="page")
    clock.time = clock.time.replace(hour=15)
    store.review(id_, "ann", SPAN, text="Ines Soto", source="page")
    draft = Pulled("r", "d", id_, "bob", "2030-05-01T16:00:00", status="draft")
    store.take(draft, opinion=False, source="argilla")
    data = {"data": {"learned_ids": [id_], "held_out_ids": []}}
    Versions().publish(tiny_model, {"digest": "x", **data})
    done = shown(store, id_[:8])
    where = f"{SPAN[0]}-{SPAN[1]}"
    assert done.stdout.splitlines() == [
        f"{QUESTION}  ({id_})",
        f"m@1 said 'Ines Soto' ({where})",
        "2030-05-01 12:00:00  kept as imported, from test",
        "2030-05-01 13:00:00  imported from rows.jsonl, id row 7",
        "2030-05-01 13:00:00  pushed to Argilla, round 2 "
        "(http://argilla/d?status=submitted&search=Who_opened_it~question)",
        "2030-05-01 13:00:00  pushed to Argilla "
        "(http://argilla/e?status=submitted&search=Who_opened_it~question)",
        "2030-05-01 14:00:00  ann said that the text does not say, page, replaced since; note: hm",
        f"2030-05-01 15:00:00  ann said 'Ines Soto' ({where}), page",
        "2030-05-01 16:00:00  bob at Argilla: draft",
        "Not decided",
        "v1 (candidate) learned from it",
    ]
    assert shown(store, "row 7").stdout == done.stdout
    assert store.addresses([id_]) == {id_: "http://argilla/d"}  # where somebody has answered
    told = json.loads(json.dumps(history(store, Versions(), id_, Reader.load("small"))))
    assert "@" in told["now"]["model"]
    assert told["now"]["text"] in CONTEXT
    assert told["learned"] == [{"version": "v1", "state": "candidate", "use": "learned"}]


def test_an_id_that_names_none_or_several_is_refused(store: Store) -> None:
    for number in range(40):
        keep(store, f"{number}?")
    several = next(
        a for a in "0123456789abcdef" if sum(p.id[0] == a for p in store.predictions()) > 1
    )
    with pytest.raises(InputError, match="expected one prediction"):
        store.find(several)
    for none in ("", "x", "%"):
        with pytest.raises(InputError, match="was it purged"):
            store.find(none)


def test_several_spans_are_told_together(store: Store) -> None:
    id_, year = keep(store), CONTEXT.index("1904")
    given: Any = {"text": "Ines Soto", "further": [Gold("1904", year)], "source": "page"}
    store.review(id_, "ann", SPAN, **given)
    said = f"'Ines Soto' ({SPAN[0]}-{SPAN[1]}), '1904' ({year}-{year + 4})"
    *_, event, decided = shown(store, id_).stdout.splitlines()
    assert (event[21:], decided) == (f"ann said {said}, page", f"Decided: {said}")
    found = history(store, Versions(), id_)
    assert (len(found["spans"]), found["together"]) == (2, True)
    store.review(id_, "bob", SPAN, text="Ines Soto", source="page")
    printed = CliRunner().invoke(app, ["status", *option(store)]).stdout
    assert f"ann: {said} | bob: 'Ines Soto'" in printed
    parts = (Gold("Ines Soto", START), Gold("1904", year))
    row = Example("2", "Gold?", CONTEXT, parts[:1], parts=parts)
    store.add_golds([(row, None)], source="f", asked_on="page")
    printed = CliRunner().invoke(app, ["gold", "list", *option(store)]).stdout
    assert "Gold? ('Ines Soto', '1904')" in printed
