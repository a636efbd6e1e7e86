"""The data set of questions at Argilla: what reviewers see, and what is known of each record."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import httpx
from filelock import FileLock, Timeout

from annotation.argilla import payload as records
from annotation.argilla.client import Connection, already_there
from annotation.argilla.errors import ArgillaError
from qa_core import settings
from qa_core.files import make_private
from qa_core.home import home

if TYPE_CHECKING:
    import argilla as rg

VECTORS = "vectors-settings"  # where Argilla's API has what vectors there are
DRAFT_SECONDS = 30.0  # in which a data set that another machine is making is made
LOCKED_SECONDS = 60.0  # for which a push waits while another one here opens the data set
GUIDELINES = Path(__file__).with_name("guidelines.md").read_text(encoding="utf-8")
# The digests of all guidelines that data sets were made with, the newest last.
OURS = ("fd698d4a80848464", "73476545e723fb3a", "d667801366312843")


class Opened(NamedTuple):
    """A data set. bare: whether its records have no vectors, as somebody had deleted them all."""

    dataset: rg.Dataset
    bare: bool = False


def open_dataset(
    connection: Connection, known: Collection[str] = (), *, create: bool = True
) -> Opened:
    """The data set on the server; made, or brought up to date, if that is asked for.

    known: the ids of those that were meant before, of which one may have been renamed. Raises
    ArgillaError if it is not there and not to be made, or cannot hold our records.
    """
    found = connection.dataset(known)
    if found is not None and _is_draft(connection, found):
        if create and _stays_draft(connection, found):
            found.delete()  # its making was cut short; a draft has no records
        found = connection.dataset(known) if create else None
    if found is None and not create:
        raise ArgillaError(
            f"expected a data set {connection.target.dataset!r} in workspace "
            f"{connection.workspace!r} of {connection.url}, found none: push first"
        )
    if found is None:
        try:
            return Opened(_make(connection))
        except already_there():  # another machine was quicker
            return open_dataset(connection, known)
    found.settings.get()
    _check(connection, str(found.id))
    return Opened(found, create and VECTORS in _complete(connection, str(found.id)))


def open_alone(connection: Connection, known: Collection[str] = ()) -> Opened:
    """`open_dataset`, made if need be, by one process of this machine at a time."""
    lock = home() / "push.lock"
    make_private(lock.parent)
    try:
        with FileLock(lock, timeout=connection.target.patience + LOCKED_SECONDS, mode=0o600):
            return connection.patiently(lambda: open_dataset(connection, known))
    except Timeout:
        raise ArgillaError(
            f"another push has been making the data set for long (it holds {lock}): wait for it to "
            "end, then push again"
        ) from None


def is_there(connection: Connection, dataset: str) -> bool:
    """Whether a data set (an id) was not deleted, whoever may see it."""
    try:
        connection.ask("GET", f"datasets/{dataset}")
    except httpx.HTTPStatusError as error:
        return error.response.status_code != httpx.codes.NOT_FOUND
    return True


def renew_guidelines(connection: Connection, dataset: str, there: str | None) -> bool:
    """Bring the guidelines of a data set up to date; return whether they were older ones of ours.

    there: as they are at the server. What people wrote themselves stays.
    """
    if digest(there or "") not in OURS[:-1]:
        return False
    connection.ask("PATCH", f"datasets/{dataset}", json={"guidelines": GUIDELINES})
    return True


def digest(guidelines: str) -> str:
    """Changes with the words of guidelines, not with the blanks between them."""
    return hashlib.sha256(" ".join(guidelines.split()).encode()).hexdigest()[:16]


def _make(connection: Connection) -> rg.Dataset:
    import argilla as rg

    wanted = connection.target.min_submitted or settings.read().argilla_min_submitted
    name, workspace = connection.target.dataset, connection.workspace
    made = rg.Dataset(name, workspace, _settings(wanted), client=connection.client)
    made.create()
    return made


def _is_draft(connection: Connection, dataset: rg.Dataset) -> bool:
    return bool(connection.ask("GET", f"datasets/{dataset.id}")["status"] == "draft")


def _stays_draft(connection: Connection, dataset: rg.Dataset) -> bool:
    """Whether a draft is one for as long as it takes another machine to make a data set."""
    until = time.monotonic() + DRAFT_SECONDS
    while time.monotonic() < until:
        time.sleep(DRAFT_SECONDS / 20)
        if not _is_draft(connection, dataset):
            return False
    return True


def _settings(min_submitted: int) -> rg.Settings:
    import argilla as rg

    from annotation.argilla.embedding import DIMENSIONS

    labels = {records.YES: "The text answers it", records.NO: "The text does not say"}
    return rg.Settings(
        guidelines=GUIDELINES,
        fields=[
            rg.TextField("question", title="Question"),
            rg.TextField("context", title="Text"),
        ],
        questions=[
            rg.LabelQuestion("answerable", labels=labels, title="Does the text say?"),
            rg.SpanQuestion(
                records.LABEL, field="context", labels={records.LABEL: "Answer"},
                title="Mark the answer in the text", required=False,
            ),
            rg.TextQuestion("note", title="Note", required=False),
        ],
        metadata=[
            rg.FloatMetadataProperty("confidence", title="Confidence of the reader"),
            rg.TermsMetadataProperty("model", title="Model version"),
            rg.TermsMetadataProperty("reason", title="Why it is here"),
            rg.TermsMetadataProperty("source", title="Where it was asked"),
            rg.TermsMetadataProperty("time", title="Kept at (UTC)"),
            rg.TermsMetadataProperty("review", title="Why it is seen again"),
            rg.TermsMetadataProperty("assigned", title="Who is to review it"),
            rg.TermsMetadataProperty(
                "said", title="What reviewers said", visible_for_annotators=False
            ),
        ],
        vectors=[rg.VectorField(records.VECTOR, DIMENSIONS, title="Question")],
        distribution=rg.TaskDistribution(min_submitted=min_submitted),
    )  # fmt: skip


def _check(connection: Connection, dataset: str) -> None:
    """Raise ArgillaError if the data set cannot hold our records."""
    fields = {one["name"] for one in connection.ask("GET", f"datasets/{dataset}/fields")["items"]}
    questions = {
        one["name"]: one["settings"]
        for one in connection.ask("GET", f"datasets/{dataset}/questions")["items"]
    }
    for name in ("question", "context"):
        if name not in fields:
            raise _unfit(connection, f"a field {name!r}", ", ".join(sorted(fields)))
    for name, kind, options in (
        (records.LABEL, "span", {records.LABEL}),
        ("answerable", "label_selection", {records.YES, records.NO}),
    ):
        settings = questions.get(name, {})
        values = {option["value"] for option in settings.get("options") or ()}
        if settings.get("type") != kind or not options <= values:
            raise _unfit(
                connection, f"a {kind} question {name!r} of {', '.join(sorted(options))}", settings
            )


def _unfit(connection: Connection, expected: str, found: object) -> ArgillaError:
    return ArgillaError(
        f"expected {expected} in data set {connection.target.dataset!r} of {connection.url}, found "
        f"{found or 'none'}: name another data set with --dataset"
    )


def _complete(connection: Connection, dataset: str) -> set[str]:
    """Add what the data set lacks and may be added, metadata and vectors; return which of these.

    How many people must answer is changed only where the target names a number.
    """
    ours, added = _settings(1), set[str]()
    for path, wanted in (
        ("metadata-properties", ours.metadata),
        (VECTORS, ours.vectors),
    ):
        listed = f"me/datasets/{dataset}/{path}" if "meta" in path else f"datasets/{dataset}/{path}"
        there = {one["name"] for one in connection.ask("GET", listed)["items"]}
        for one in wanted:
            if one.name not in there:
                body = one.api_model().model_dump(exclude_none=True, mode="json")
                connection.ask("POST", f"datasets/{dataset}/{path}", json=body)
                added.add(path)
    if connection.target.min_submitted is None:
        return added
    distribution = connection.ask("GET", f"datasets/{dataset}")["distribution"]
    wanted_distribution = {**distribution, "min_submitted": connection.target.min_submitted}
    if distribution != wanted_distribution:
        connection.ask("PATCH", f"datasets/{dataset}", json={"distribution": wanted_distribution})
    return added
