"""The running app's side of the review loop: what it keeps of the answers it gives."""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from typing import TYPE_CHECKING, Literal

from annotation.argilla.sender import Sender
from annotation.copies.hub import HubBackup, open_backup
from annotation.review.agreement import Spans
from annotation.review.policy import Policy, reason_to_keep
from annotation.review.records import VISITOR, Reason
from annotation.store.store import Store
from qa_core.data.examples import Gold, question_id
from qa_core.errors import SpanLoopError
from qa_core.limits import Rate

if TYPE_CHECKING:
    from qa_core.inference.answer import Answer

log = logging.getLogger(__name__)

PATIENCE = 0.25  # seconds that an answer waits to be kept; it is kept later if that takes longer
BACKLOG = 500  # answers that may wait for a store that is locked
# Judgements of one visitor in so many seconds, and of all who are no reviewers in a day.
HEARD_EACH, HEARD_SECONDS, HEARD_A_DAY = 30, 600.0, 500
Outcome = Literal["", "known", "kept", "late"]


class Intake:
    """Keeps answers that people should see, and what those who asked say of them.

    Safe to share between threads. sender: sends what is kept to Argilla, None to send nothing.
    backup: must confirm what is kept before it is acknowledged; None where the disk is enough.
    """

    def __init__(
        self,
        store: Store,
        policy: Policy | None = None,
        sender: Sender | None = None,
        backup: HubBackup | None = None,
    ) -> None:
        self.store, self.policy, self.sender = store, policy or Policy(), sender
        self.backup = backup
        self._heard = Rate(HEARD_EACH, HEARD_SECONDS, HEARD_A_DAY, what="judgements")
        self._writer = ThreadPoolExecutor(1, "intake")
        self._room = threading.BoundedSemaphore(BACKLOG)

    def wants(self, question: str, context: str, answer: Answer) -> bool:
        """Whether the policy would keep an answer, the day's budget aside."""
        return reason_to_keep(self.policy, question, context, answer.confidence) is not None

    def offer(
        self, question: str, context: str, answer: Answer, *, source: str, private: bool = False
    ) -> Outcome:
        """Keep an answer if the policy says so, and never one that is private.

        Returns "kept" once it is on disk, "known" if it was there before, "late" if it takes longer
        than an answer may wait, or "", also where reviewers have decided on it before. Raises
        nothing: an answer that cannot be kept is still an answer.
        """
        if private:
            return ""
        reason = reason_to_keep(self.policy, question, context, answer.confidence)
        if reason is None:
            return ""
        if not self._room.acquire(blocking=False):
            log.warning("a doubtful answer was not kept: %d others wait for the store", BACKLOG)
            return ""

        def keep() -> Outcome:
            try:
                known = self.store.predictions("WHERE id = ?", [question_id(question, context)])
                id_ = self.store.keep(
                    question,
                    context,
                    answer,
                    reason=reason,
                    source=source,
                    budget=self.policy.daily_budget,
                )
                asked = id_ is not None and not self.store.is_decided(id_)
            except SpanLoopError as error:
                log.warning("a doubtful answer was not kept: %s", error)
                return ""
            finally:
                self._room.release()
            if not asked:
                return ""
            if self.sender:
                self.sender.wake()
            return "known" if known else "late" if self.backup else "kept"

        try:
            return self._writer.submit(keep).result(PATIENCE)
        except Late:
            return "late"

    def hear(
        self,
        question: str,
        context: str,
        answer: Answer,
        *,
        reviewer: str,
        span: tuple[int, int] | None,
        further: Spans = (),
        wrong: bool = False,
        source: str,
        visitor: str = "",
    ) -> int:
        """Keep an answer that somebody judged, and the judgement; return a receipt.

        visitor: where it comes from, in any words. Of those who are no reviewers, each may say so
        much in a while, and all together so much in a day.

        span: where the right answer stands, in code points of the context, None if the text does
        not say. further: the other spans, where several together are the answer. wrong: the answer
        is wrong, and what would be right was not said. Raises InputError, BusyError or StoreError.
        """
        if reviewer == VISITOR:
            self._heard.take(visitor)
        id_ = self.store.keep(question, context, answer, reason="flagged", source=source)
        if id_ is None:
            raise SpanLoopError("expected a flagged answer to be kept whatever the budget")
        if wrong:
            receipt = self.store.withdraw(id_, reviewer, note="wrong", source=source)
        else:
            text = "" if span is None else context[slice(*span)]
            others = [Gold(context[start:end], start) for start, end in further]
            receipt = self.store.review(
                id_, reviewer, span, text=text, further=others, source=source
            )
        if self.sender:
            self.sender.wake()
        self.confirm()
        return receipt

    def held(self, question: str, context: str, reviewer: str) -> tuple[Reason | None, int]:
        """Why a question is kept, None if it is not, and the receipt of what a reviewer last said.

        That receipt is 0 if there is none. Raises StoreError.
        """
        id_ = question_id(question, context)
        reasons = [kept.reason for kept in self.store.predictions("WHERE id = ?", [id_])]
        return (reasons[0] if reasons else None), self.store.last_said(id_, reviewer)

    def retract(self, prediction: str, receipts: Collection[int], reason: Reason | None) -> None:
        """Delete reviews of a prediction, beyond recovery, and the prediction too without a reason.

        reason: why it stays without them. Waits until all that was offered is on disk or refused.
        Raises StoreError or BackupError.
        """

        def delete() -> None:
            if not self.store.predictions("WHERE id = ?", [prediction]):
                return
            if reason is None:
                self.store.purge([prediction])
            else:
                self.store.erase(prediction, receipts, reason)

        self._writer.submit(delete).result()
        self.confirm()

    def confirm(self) -> None:
        """Return once all that is in the store survives a restart. Raises BackupError."""
        if self.backup:
            self.backup.wait()

    def destination(self, receipt: int | None = None) -> str:
        """What becomes of what is kept, for those who asked. receipt: of what they judged."""
        if receipt is not None and self.store.decided_by(receipt):
            return "kept and decided"
        sending = self.sender is not None and self.sender.configured()
        return "kept and will be sent to the reviewers" if sending else "kept for review"

    def close(self) -> None:
        """End once everything that was offered is on disk."""
        self._writer.shutdown()
        if self.sender:
            self.sender.stop()
        if self.backup:
            self.backup.stop()
        self.store.close()


def open_intake(policy: Policy) -> Intake:
    """An intake that keeps in ``SPANLOOP_HOME``, saves to the Hub if asked, and sends to Argilla.

    Raises StoreError or BackupError.
    """
    store, sender = Store(), Sender()
    if backup := open_backup(store):
        backup.start()
    sender.start()
    return Intake(store, policy, sender, backup)
