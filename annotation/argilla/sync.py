"""Push doubtful predictions to Argilla, and pull what its reviewers say.

Records carry the predictions' ids, so that pushing again, or after a failure at any moment,
doubles nothing; what has been confirmed is noted in the store batch by batch. A question that
reviewers have seen and not decided is put before them again (`annotation.argilla.again`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from typing import Any

from annotation.argilla import payload as records
from annotation.argilla import wire
from annotation.argilla.again import add_vectors, put_again
from annotation.argilla.authors import Authors
from annotation.argilla.client import Connection, explained
from annotation.argilla.dataset import is_there, open_alone, open_dataset, renew_guidelines
from annotation.argilla.wire import Advance, Embed
from annotation.review.records import Prediction, Pulled, Pushed, state_of
from annotation.store.ledger import moment, prediction_id
from annotation.store.store import Store
from qa_core import settings
from qa_core.errors import InputError
from qa_core.text.excerpts import Excerpt

SOURCE = "argilla"
BATCH = 100
CLOCKS = timedelta(seconds=10)  # by which clocks may differ before that is heeded
EMBEDDED = 20 * BATCH  # questions whose vectors are made at once: that may be in a process apart


@dataclass(frozen=True, slots=True)
class PushReport:
    """What a push did: counts of records, and those set aside by id with the reason.

    reviewed: those left as they are because somebody has answered them. again: put before
    reviewers again, as they have not decided. vectors: that got the vectors they lacked.
    min_submitted: how many people are asked each question at Argilla; notice: that this is not
    what the settings say, or "". guidelines: whether those there were older ones of ours, and are
    up to date now. reopened: decided questions that wait for others, as more people are asked than
    before; less than 0 where fewer are, and so many are decided.
    """

    sent: int
    unchanged: int
    reviewed: int
    set_aside: Mapping[str, str]
    again: int = 0
    vectors: int = 0
    min_submitted: int = 1
    notice: str = ""
    guidelines: bool = False
    reopened: int = 0


@dataclass(frozen=True, slots=True)
class PullReport:
    """What a pull did: counts of responses, and those set aside by id with the reason.

    withdrawn: deleted, discarded or made drafts after they said something. unknown: of records that
    are not (or no longer) in the store. discarded, drafts: that have never said anything. kept:
    that are gone with their author's account, and count as before. min_submitted, reopened: as in
    `PushReport`.
    """

    taken: int
    withdrawn: int
    unchanged: int
    unknown: int
    set_aside: Mapping[str, str]
    discarded: int = 0
    drafts: int = 0
    kept: int = 0
    min_submitted: int = 1
    reopened: int = 0

    @property
    def changed(self) -> bool:
        """Whether there was anything new."""
        new = (self.taken, self.withdrawn, self.discarded, self.drafts, self.kept, self.reopened)
        return any(new) or bool(self.set_aside)


@dataclass(frozen=True, slots=True)
class _Parcel:
    kept: Prediction
    shown: Excerpt
    body: Mapping[str, Any]
    before: Pushed | None
    state: str

    def pushed(self, dataset: str, problem: str, vectors: bool) -> Pushed:
        start, end = self.shown.start, self.shown.start + len(self.shown.text)
        known = self.before or Pushed(dataset, self.kept.id, "", start, end)
        return replace(
            known,
            digest=records.digest(self.body),
            problem=problem,
            vectors=known.vectors or vectors,
            rounds=max(known.rounds, 1),
            state=self.state,
        )


def push(
    store: Store,
    connection: Connection,
    *,
    embed: Embed | None = None,
    advance: Advance = lambda done, of: None,
) -> PushReport:
    """Send what waits for a reviewer, and newer suggestions where nobody has answered yet.

    What was deleted at Argilla is sent anew. embed: questions to vectors, for "find similar"; None
    sends none. advance: is called with how many records are done, of how many. Raises
    ArgillaError; what was confirmed by then is noted, and pushing again goes on.
    """
    with explained(connection.url):
        known_sets = store.datasets_called(connection.target.dataset)
        dataset, bare = open_alone(connection, known_sets)
        id_ = str(dataset.id)
        if bare:
            store.note_bare(id_)
        told, reopened = _note_dataset(store, connection, id_)
        asked = _asked(told)
        renewed = renew_guidelines(connection, id_, told["guidelines"])
        _note_gone(store, connection, id_)
        for other in store.datasets_at(connection.url) - {id_}:
            if not is_there(connection, other):
                store.note_gone(other, (), store.pushed(other).values())
        changed, waiting = store.to_push(id_)
        known = store.pushed(id_, [kept.id for kept in changed])
        troubles, assigned = store.troubles(), store.assigned()
        parcels, same = list[_Parcel](), dict[str, str]()
        for kept in changed:
            names = assigned.get(kept.id, ())
            parcel = _parcel(kept, known.get(kept.id), connection.target.excerpt, names)
            if parcel is None:
                same[kept.id] = state_of(kept, names)
            else:
                parcels.append(parcel)
        store.note_state(id_, same)
        reviewed, set_aside = 0, dict[str, str]()
        embedded: dict[str, list[float]] = {}
        for begin in range(0, len(parcels), BATCH):
            batch = parcels[begin : begin + BATCH]
            there = wire.find(connection, id_, [parcel.kept.id for parcel in batch])
            fresh = [p for p in batch if not there.get(p.kept.id, {}).get("responses")]
            bodies = [records.in_trouble(p.body, troubles.get(p.kept.id, "")) for p in fresh]
            if embed and begin % EMBEDDED == 0:
                ahead = [parcel.kept for parcel in parcels[begin : begin + EMBEDDED]]
                found = embed([kept.question for kept in ahead])
                embedded = {kept.id: own for kept, own in zip(ahead, found, strict=True)}
            own_vectors = [embedded[parcel.kept.id] for parcel in fresh] if embed else None
            problems = wire.send(connection, dataset, bodies, own_vectors)
            for parcel in fresh:
                wire.drop_stale(connection, there.get(parcel.kept.id), parcel.body)
            store.note_pushed(
                parcel.pushed(
                    id_, problems.get(parcel.kept.id, ""), bool(embed) and parcel in fresh
                )
                for parcel in batch
            )
            reviewed += len(batch) - len(fresh)
            set_aside |= problems
            advance(begin + len(batch), len(parcels))
        again = put_again(store, connection, dataset, embed)
        vectors = add_vectors(store, connection, id_, embed, advance) if embed else 0
    sent = len(parcels) - reviewed - len(set_aside)
    return PushReport(
        sent, waiting - len(parcels), reviewed, set_aside, again, vectors, asked,
        _notice(connection, asked), renewed, reopened,
    )  # fmt: skip


def pull(
    store: Store, connection: Connection, *, advance: Advance = lambda done, of: None
) -> PullReport:
    """Take in every response that was made, changed or deleted since the last pull.

    advance: is called with how many records are done, of how many. Raises ArgillaError; what was
    taken by then is kept, and pulling again goes on.
    """
    with explained(connection.url):
        known_sets = store.datasets_called(connection.target.dataset)
        opened = connection.patiently(lambda: open_dataset(connection, known_sets, create=False))
        dataset = opened.dataset
        id_ = str(dataset.id)
        told, reopened = _note_dataset(store, connection, id_)
        activity, asked = str(told["last_activity_at"]), _asked(told)
        known = store.pulled(id_)
        if store.activity(id_) == activity:
            return PullReport(0, 0, len(known), 0, {}, min_submitted=asked, reopened=reopened)
        authors, ahead = Authors(store, connection, dataset), _ahead(store, connection)
        taken = withdrawn = unchanged = unknown = discarded = drafts = kept = 0
        set_aside: dict[str, str] = {}
        seen: set[str] = set()
        authored: list[Pulled] = []
        for record in wire.answered(connection, id_, advance):
            sent = next(
                iter(store.pushed(id_, [prediction_id(str(record.get("external_id")))]).values()),
                None,
            )
            for response in record.get("responses") or ():
                seen.add(response["id"])
                before = known.get(response["id"])
                if sent is None:
                    unknown += 1
                    continue
                name = authors.name(response["user_id"], before.reviewer if before else "")
                pulled = Pulled(
                    response["id"], id_, sent.prediction, name, response["updated_at"],
                    person=response["user_id"], record=record["external_id"],
                    status=response["status"],
                )  # fmt: skip
                same = before is not None and before.version == pulled.version
                if before is not None and same and not before.problem:
                    unchanged += 1
                    if not before.person:
                        authored.append(pulled)
                elif response["status"] == "submitted":
                    problem = _take(store, sent, record, response, pulled, ahead)
                    if problem and same:  # what it is about may have been mended, or this program
                        unchanged += 1
                    elif problem:
                        set_aside[response["id"]] = problem
                    else:
                        taken += 1
                elif store.take(pulled, opinion=False, source=SOURCE, ahead=ahead):
                    withdrawn += 1
                elif response["status"] == "discarded":
                    discarded += 1
                else:
                    drafts += 1
        store.note_authors(authored)
        missing = [one for response, one in known.items() if response not in seen]
        for gone in _deleted(connection, id_, missing):
            if authors.is_here(gone):
                withdrawn += store.forget(gone, source=SOURCE)
            else:
                kept += store.outlive(gone)
        _note_gone(store, connection, id_)
        store.note_activity(id_, activity)
    return PullReport(
        taken, withdrawn, unchanged, unknown, set_aside, discarded, drafts, kept, asked, reopened
    )


def _note_dataset(
    store: Store, connection: Connection, dataset: str
) -> tuple[Mapping[str, Any], int]:
    """Note how many are asked each question, and where.

    Returns what the server says of the data set, and how many decided questions wait again.
    """
    told: Mapping[str, Any] = connection.ask("GET", f"datasets/{dataset}")
    address = f"{connection.url.rstrip('/')}/dataset/{dataset}/annotation-mode"
    name = connection.target.dataset
    return told, store.note_dataset(dataset, asked=_asked(told), address=address, name=name)


def _asked(told: Mapping[str, Any]) -> int:
    return int(told["distribution"]["min_submitted"])


def _ahead(store: Store, connection: Connection) -> timedelta:
    """By how much the clock here is ahead of Argilla's; none where that may be the way's length."""
    if connection.date is None:
        return timedelta()
    found = store.now() - connection.date.astimezone(UTC)
    return found if abs(found) > CLOCKS else timedelta()


def _notice(connection: Connection, asked: int) -> str:
    wanted = settings.read().argilla_min_submitted
    if asked == wanted or connection.target.min_submitted is not None:
        return ""
    return (
        f"{asked} must answer each question at Argilla, SPANLOOP_ARGILLA_MIN_SUBMITTED says "
        f"{wanted}: left as it is; to change it, push with --min-submitted {wanted}"
    )


def _note_gone(store: Store, connection: Connection, dataset: str) -> None:
    """Forget of what was pushed what was deleted at Argilla; its records are only counted first.

    Metadata that somebody took from a record is given back, beside what else it has there.
    """
    if wire.count(connection, dataset) == store.count_records(dataset):
        return
    listed = list(wire.every(connection, dataset))
    there, known = {str(record["external_id"]) for record in listed}, store.pushed(dataset)
    store.note_gone(dataset, there, known.values())
    assigned, count = store.assigned(), 0
    lost: dict[str, Mapping[str, Any]] = {}
    for record in listed:
        id_ = prediction_id(str(record["external_id"]))
        count += id_ in known or wire.is_counted(record)
        if id_ in known and not wire.is_counted(record):
            ours = records.metadata(store.prediction(id_), assigned.get(id_, ()))
            lost[record["external_id"]] = {"metadata": {**(record.get("metadata") or {}), **ours}}
    store.note_records(dataset, count)
    wire.change(connection, dataset, lost)


def _parcel(
    kept: Prediction, before: Pushed | None, length: int, assigned: Sequence[str]
) -> _Parcel | None:
    """What to send of a prediction; None if just that was sent before.

    The piece of the context stays the one that was first sent: responses may refer to it.
    """
    if before is None:
        shown = records.choose_excerpt(kept, length)
    else:
        shown = Excerpt(kept.context[before.start : before.end], before.start)
    body = records.payload(kept, shown, assigned)
    if before is not None and before.digest == records.digest(body):
        return None
    return _Parcel(kept, shown, body, before, state_of(kept, assigned))


def _deleted(connection: Connection, dataset: str, missing: Sequence[Pulled]) -> Iterator[Pulled]:
    """Those of the missing responses whose record is still there, and not another in its place."""
    for begin in range(0, len(missing), BATCH):
        batch = missing[begin : begin + BATCH]
        names = {one.response: one.record or one.prediction for one in batch}
        there = wire.find(connection, dataset, sorted(set(names.values())))
        for one in batch:
            record = there.get(names[one.response])
            if record is None or moment(record["inserted_at"]) > moment(one.version):
                continue
            if one.response not in {answer["id"] for answer in record.get("responses") or ()}:
                yield one


def _take(
    store: Store,
    sent: Pushed,
    record: Mapping[str, Any],
    response: Mapping[str, Any],
    pulled: Pulled,
    ahead: timedelta,
) -> str:
    """Take a submitted response in; return why it could not be used, or ""."""
    kept = store.prediction(sent.prediction)
    shown = Excerpt(kept.context[sent.start : sent.end], sent.start)
    suggested = next((one["value"] for one in wire.spans(record)), None)
    try:
        records.check_unchanged(record["fields"], kept.question, shown)
        said = records.read_response(response["values"], suggested, shown)
        store.take(
            pulled, span=said.span, text=said.words, further=said.further, note=said.note,
            opinion=True, source=SOURCE, ahead=ahead,
        )  # fmt: skip
    except InputError as error:
        unusable = replace(pulled, problem=str(error))
        store.take(unusable, opinion=False, source=SOURCE, ahead=ahead)
        return str(error)
    return ""
