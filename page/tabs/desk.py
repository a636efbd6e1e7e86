"""What a reviewer does with what is kept for review, step by step. No gradio in here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from annotation.review.agreement import Spans, differ
from annotation.review.records import VISITOR, Prediction, Review
from annotation.store.search import Wanted
from page import messages, selection
from page.html import review_card
from qa_core.data.examples import Gold
from qa_core.errors import InputError

if TYPE_CHECKING:
    from annotation.loop.intake import Intake

SOURCE = "page"
LISTED = 20  # questions in a list, at most


@dataclass(slots=True)
class Visit:
    """What one reviewer did in one browser tab: the item as shown, skips, what can be undone.

    choices: the answers that a number takes, of one span or several. parts: the spans so far of an
    answer of several to the item; at first those that the reviewer has said. known: the receipts of
    what was said of the item when it was shown. opened: the id of an item that is shown whoever's
    turn it is. wanted: the filters, None without any; reviewed: whether the list shows what is
    reviewed. note: what is written beside the next review. done: (id, receipt, what the reviewer
    had said before) of reviews, (id, None, None) of skips, in order.
    """

    item: Prediction | None = None
    choices: list[Spans] = field(default_factory=list)
    parts: Spans = ()
    known: set[int] = field(default_factory=set)
    opened: str | None = None
    skipped: set[str] = field(default_factory=set)
    wanted: Wanted | None = None
    reviewed: bool = False
    note: str = ""
    done: list[tuple[str, int | None, Review | None]] = field(default_factory=list)


Step = Callable[[str, Visit, "Prediction | None", str], str]


class Desk:
    """What a reviewer can do with the store. Every step raises SpanLoopError if it cannot be done.

    The item that a step is about is the one that the reviewer saw, whatever has changed since. A
    step returns what the reviewer should know of it, mostly "".
    """

    def __init__(self, intake: Intake) -> None:
        self.intake, self.store = intake, intake.store

    def look(self, name: str, visit: Visit) -> review_card.View:
        """The item to review next, and how far the reviewer is."""
        shown = visit.item.id if visit.item else None
        visit.item = item = self._opened(visit) or self.store.next_for(
            name, visit.skipped, shown, visit.wanted
        )
        said = self.store.reviews_of(item.id) if item else []
        mine = self._of(name, said)
        if item is None or item.id != shown:
            visit.parts = mine.spans if mine and mine.further else ()
        seen = review_card.View(
            item,
            said,
            *self.store.progress_of(name, visit.skipped),
            reviewer=name,
            revealed=item is not None and self.store.is_answered(item.id),
            called_wrong=item is not None and self.store.called_wrong(item.id),
            filtered=visit.wanted is not None,
            parts=visit.parts,
        )
        visit.known = {review.number for review in said}
        visit.choices = [one.spans for one in seen.candidates]
        return seen

    def accept(self, name: str, visit: Visit, item: Prediction | None, marked: str) -> str:
        item = _present(item)
        if not item.suggested:
            raise InputError(messages.NO_SUGGESTION)
        spans = ((item.answer.start, item.answer.end),) if item.answer.answerable else ()
        return self._review(name, visit, item, spans)

    def take(self, name: str, visit: Visit, item: Prediction | None, marked: str) -> str:
        number = int(marked) if marked.isdecimal() else 0
        if not 1 <= number <= len(visit.choices):
            raise InputError(messages.NO_SUCH_ANSWER)
        return self._review(name, visit, _present(item), visit.choices[number - 1])

    def words(self, name: str, visit: Visit, item: Prediction | None, marked: str) -> str:
        item = _present(item)
        spans = selection.together(visit.parts, marked, item.context)
        return self._review(name, visit, item, spans)

    def add(self, name: str, visit: Visit, item: Prediction | None, marked: str) -> str:
        """Have the selected words be one more span of the answer, which is not said yet."""
        visit.parts = selection.added(visit.parts, marked, _present(item).context)
        return ""

    def remove(self, name: str, visit: Visit, item: Prediction | None, marked: str) -> str:
        """Take a span, by its number, out of the answer that is not said yet."""
        visit.parts = selection.without(visit.parts, marked)
        return ""

    def none(self, name: str, visit: Visit, item: Prediction | None, marked: str) -> str:
        return self._review(name, visit, _present(item), ())

    def skip(self, name: str, visit: Visit, item: Prediction | None, marked: str) -> str:
        visit.skipped.add(_present(item).id)
        visit.done.append((_present(item).id, None, None))
        visit.opened = None
        return ""

    def undo(self, name: str, visit: Visit, item: Prediction | None, marked: str) -> str:
        if not visit.done:
            raise InputError(messages.NOTHING_TO_UNDO)
        id_, receipt, before = visit.done.pop()
        visit.skipped.discard(id_)
        visit.opened = id_
        if receipt is not None:
            if [r.number for r in self.store.reviews_of(id_) if r.reviewer == name] != [receipt]:
                raise InputError(messages.REVIEWED_ELSEWHERE)
            if before is None:
                self.store.withdraw(id_, name, source=SOURCE)
            else:
                self._say(name, self.store.prediction(id_), before.spans, before.note)
            self.intake.confirm()
        return ""

    def again(self, name: str, visit: Visit, item: Prediction | None, marked: str) -> str:
        visit.skipped.clear()
        return ""

    def reopen(self, name: str, visit: Visit, item: Prediction | None, marked: str) -> str:
        """Show the item of an id, also one that is reviewed, to be reviewed anew."""
        visit.opened = self.store.prediction(marked).id
        return ""

    def found(self, name: str, visit: Visit) -> review_card.Listing:
        """The list of questions that the filters leave."""
        wanted = visit.wanted or Wanted()
        if visit.reviewed:
            judged = self.store.find_judged(name, wanted, LISTED)
            mine = [self._of(name, self.store.reviews_of(kept.id)) for kept in judged]
            return review_card.Listing(list(zip(judged, mine, strict=True)), len(judged), True)
        rows = [(kept, None) for kept in self.store.find_waiting(name, wanted, LISTED)]
        said = {kept.id: self.store.reviews_of(kept.id) for kept, _ in rows if wanted.split}
        return review_card.Listing(rows, self.store.count_wanted(name, wanted), False, said)

    def _opened(self, visit: Visit) -> Prediction | None:
        if visit.opened is None:
            return None
        try:
            return self.store.prediction(visit.opened)
        except InputError:  # purged meanwhile
            visit.opened = None
            return None

    def _review(self, name: str, visit: Visit, item: Prediction, spans: Spans) -> str:
        said = [r for r in self.store.reviews_of(item.id) if r.reviewer != VISITOR]
        newer = [review.reviewer for review in said if review.number not in visit.known]
        if name in newer or (newer and self.store.is_answered(item.id)):
            visit.opened = item.id  # to be seen with what was said
            raise InputError(messages.answered_meanwhile(newer, name))
        receipt = self._say(name, item, spans, visit.note)
        visit.done.append((item.id, receipt, self._of(name, said)))
        visit.opened, visit.parts = None, ()
        self.intake.confirm()
        if self.store.is_gold(item.id):
            return ""
        now = [r.opinion for r in self.store.reviews_of(item.id) if r.reviewer != VISITOR]
        mine = [one for one in now if one.reviewer == name]
        others = [one.reviewer for one in now if differ([*mine, one])]
        return messages.reviewers_differ(others) if others else ""

    def _say(self, name: str, item: Prediction, spans: Spans, note: str) -> int:
        first, *further = spans or (None,)
        text = "" if first is None else item.context[slice(*first)]
        others = [Gold(item.context[start:end], start) for start, end in further]
        return self.store.review(
            item.id, name, first, text=text, further=others, note=note, source=SOURCE
        )

    def _of(self, name: str, said: list[Review]) -> Review | None:
        return next((review for review in said if review.reviewer == name), None)


def _present(item: Prediction | None) -> Prediction:
    if item is None:
        raise InputError(messages.NOTHING_TO_REVIEW)
    return item
