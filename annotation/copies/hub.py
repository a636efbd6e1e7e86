"""The store's rows in a private data set on the Hugging Face Hub, in files that are only added.

For Spaces, whose own disk is emptied at every restart. Each file holds JSON Lines, in the order of
their names: ``{"table": ..., "row": {...}}`` for a row that is new or changed,
``{"table": ..., "gone": {...}}`` for one that was deleted. What was waited for is committed.
"""

from __future__ import annotations

import json
import logging
import secrets
import threading
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from annotation.store.store import TABLES, Store
from qa_core import settings
from qa_core.errors import SpanLoopError, one_line

if TYPE_CHECKING:
    from huggingface_hub import HfApi

log = logging.getLogger(__name__)

VARIABLE = "SPANLOOP_HUB_DATASET"
GATHER_SECONDS = 2.0  # between looks at the store, and so between commits
LONGEST_PAUSE = 60.0
Key = tuple[str, tuple[Any, ...]]


class BackupError(SpanLoopError):
    """The data set on the Hub cannot be used, or does not confirm in time."""


class HubBackup:
    """Copies a store to the Hub as it changes, and fills an empty one from there."""

    def __init__(self, store: Store, repository: str, api: HfApi | None = None) -> None:
        """Make the data set if there is none, and take from it what the store lacks.

        repository: ``owner/name``. Raises BackupError where it is public or cannot be reached.
        """
        from huggingface_hub import HfApi

        self.repository, self._store = repository, store
        self._api = api or HfApi()
        self._thread = threading.Thread(target=self._run, name="backup", daemon=True)
        self._turn = threading.Condition()
        self._asked = self._confirmed = 0
        self._stopping = False
        self.problem = ""
        self._saved = self._restore()

    def start(self) -> None:
        self._thread.start()

    def wait(self, seconds: float = 60.0) -> None:
        """Return once all that is in the store by now is committed. Raises BackupError."""
        with self._turn:
            self._asked += 1
            ticket = self._asked
            self._turn.notify_all()
            if not self._turn.wait_for(lambda: self._confirmed >= ticket, seconds):
                raise BackupError(
                    f"kept here, but {self.repository} has not confirmed it within {seconds:.0f} s"
                    f" ({self.problem or 'it is slow'}): a restart before then may lose it"
                )

    def stop(self) -> None:
        """Commit what is left, if that can be done, and end."""
        with self._turn:
            self._stopping = True
            self._turn.notify_all()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        store = Store(self._store.address)  # its own connection notices what all others write
        version, pause = -1, GATHER_SECONDS
        while True:
            with self._turn:
                self._turn.wait_for(lambda: self._stopping or self._asked > self._confirmed, pause)
                asked, stopping = self._asked, self._stopping
            try:
                now = store.changes_by_others()
                if now != version:
                    self._commit(store)
                    version = now
                pause, self.problem = GATHER_SECONDS, ""
                with self._turn:
                    self._confirmed = asked
                    self._turn.notify_all()
            except Exception as error:
                self.problem = one_line(error)
                log.warning("not yet saved to %s: %s", self.repository, self.problem)
                threading.Event().wait(0 if stopping else min(pause, LONGEST_PAUSE))
                pause *= 2
            if stopping:
                store.close()
                return

    def _commit(self, store: Store) -> None:
        """Commit how the store differs from what is known to be saved."""
        from huggingface_hub import CommitOperationAdd

        rows = {_key(table, row): _line(table, row) for table, row in store.dump()}
        gone = [key for key in self._saved if key not in rows]
        lines = [line for key, line in rows.items() if self._saved.get(key) != hash(line)]
        lines += [
            json.dumps({"table": table, "gone": dict(zip(TABLES[table], key, strict=True))})
            for table, key in reversed(gone)
        ]
        if not lines:
            return
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}-{secrets.token_hex(4)}.jsonl"
        self._api.create_commit(
            self.repository,
            [CommitOperationAdd(name, "".join(f"{line}\n" for line in lines).encode())],
            commit_message=f"Add {len(lines)} changes",
            repo_type="dataset",
        )
        self._saved = {key: hash(line) for key, line in rows.items()}

    def _restore(self) -> dict[Key, int]:
        """Take from the Hub what the store lacks; return what is saved there."""
        from huggingface_hub.errors import RepositoryNotFoundError

        try:
            try:
                info = self._api.dataset_info(self.repository)
            except RepositoryNotFoundError:
                self._api.create_repo(self.repository, repo_type="dataset", private=True)
                info = self._api.dataset_info(self.repository)
            if not info.private:
                raise BackupError(
                    f"expected a private data set {self.repository}, found a public one: make it "
                    f"private on the Hub, or name another one in {VARIABLE}"
                )
            names = [file.rfilename for file in info.siblings or ()]
            saved = dict(replay(self._read(name) for name in sorted(names) if _is_ours(name)))
        except BackupError:
            raise
        except Exception as error:  # the client lets through what its transport raises
            raise BackupError(
                f"cannot use the data set {self.repository} on the Hub ({one_line(error)}): is the "
                "name right, and HF_TOKEN one that may write there?"
            ) from error
        order = list(TABLES)
        rows = sorted(saved.items(), key=lambda item: order.index(item[0][0]))
        self._store.load((table, row) for (table, _), row in rows)
        return {key: hash(_line(key[0], row)) for key, row in rows}

    def _read(self, name: str) -> Iterable[str]:
        path = self._api.hf_hub_download(self.repository, name, repo_type="dataset")
        return Path(path).read_text(encoding="utf-8").splitlines()


def replay(files: Iterable[Iterable[str]]) -> Iterator[tuple[Key, dict[str, Any]]]:
    """The rows that a backup's files, in order, amount to, by their keys."""
    rows: dict[Key, dict[str, Any]] = {}
    for lines in files:
        for line in lines:
            said = json.loads(line)
            if "gone" in said:
                rows.pop(_key(said["table"], said["gone"]), None)
            else:
                rows[_key(said["table"], said["row"])] = said["row"]
    yield from rows.items()


def open_backup(store: Store) -> HubBackup | None:
    """The backup that ``SPANLOOP_HUB_DATASET`` asks for, with the store filled from it."""
    repository = settings.read().hub_dataset
    return HubBackup(store, repository) if repository else None


def _key(table: str, row: dict[str, Any]) -> Key:
    return table, tuple(row[name] for name in TABLES[table])


def _line(table: str, row: dict[str, Any]) -> str:
    return json.dumps({"table": table, "row": row})


def _is_ours(name: str) -> bool:
    return name.endswith(".jsonl") and "/" not in name
