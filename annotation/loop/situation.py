"""How the review loop stands, from the store and the versions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from annotation.learning.material import FEWEST, REGRESSION, Material, sides
from annotation.learning.settings import Settings
from annotation.learning.watching import last_learned
from annotation.review.advice import Situation
from annotation.review.agreement import agreement
from annotation.store.store import Store
from annotation.verifier.model import OF_EACH, TRIAL, Trial, too_few
from qa_core.data import squad
from qa_core.data.examples import Example
from qa_core.home import home
from qa_core.models.versions import BUNDLED, Versions


def situation(store: Store, versions: Versions) -> Situation:
    """The figures that `recommend` speaks of. Raises StoreError or ModelError."""
    counts, listed = store.counts(), versions.all()
    seen, newest = last_learned(listed), listed[-1]
    drawn = store.judged_since(seen, reason="random").values()
    objections = newest.record.get("objections") or ["it was not promoted"]
    held_back = newest.state == "candidate" and newest.name != BUNDLED
    unusable = [id_ for id_, trouble in store.troubles().items() if trouble == "unusable"]
    models = store.open_models()
    trial = Trial.load(home() / TRIAL)
    of_others = trial and trial.models and not models & set(trial.models)
    told = store.accepted_and_refused(models)
    wanting = too_few(*told, store.decided_contexts(models, OF_EACH))
    return Situation(
        kept=counts.kept,
        waiting=counts.waiting,
        undecided=counts.split,
        begun=counts.undecided
        - counts.split
        - sum(bool(store.reviews_of(id_)) for id_ in unusable),
        discarded=len(store.discarded()),
        gold=store.gold_scores(),
        unusable=len(unusable),
        new=store.reviewed_since(seen),
        trained=len(listed) > 1,
        wrong=store.judged_since(seen),
        agreement=agreement(store.opinions_of_several()),
        drawn=(sum(count for count, _ in drawn), sum(wrong for _, wrong in drawn)),
        settled=counts.settled,
        learnable=0 if wanting else sum(told),
        verified=trial.cases if trial and not of_others else 0,
        waiting_drawn=counts.drawn,
        training=versions.is_training(),
        version=newest.name,
        held_back=objections[0] if held_back else "",
    )


@dataclass(frozen=True, slots=True)
class Readiness:
    """What a training lacks.

    reviewed: questions decided since the last re-training. to_learn, to_judge: of all decided ones,
    how many there are to learn from and to judge by; each needs `FEWEST`. verifier: what training a
    verifier lacks, in words, "" if nothing. seconds: how long the last re-training took, None if
    none was timed.
    """

    reviewed: int
    to_learn: int
    to_judge: int
    verifier: str
    seconds: float | None

    @property
    def lacking(self) -> int:
        """How many more reviews a re-training needs at least; 0 if it can begin."""
        return sum(max(0, FEWEST - number) for number in (self.to_learn, self.to_judge))


def readiness(store: Store, versions: Versions) -> Readiness:
    """What re-training and training a verifier lack. Raises StoreError, ModelError or DataError."""
    listed, models = versions.all(), store.open_models()
    material = Material(reviews=list(store.examples()), regression=_regression())
    to_learn, to_judge = sides(material, Settings().held_out)
    told = store.accepted_and_refused(models)
    timed = [one.record["seconds"] for one in listed if "seconds" in one.record]
    return Readiness(
        reviewed=sum(count for count, _ in store.judged_since(last_learned(listed)).values()),
        to_learn=len(to_learn),
        to_judge=len(to_judge),
        verifier=too_few(*told, store.decided_contexts(models, OF_EACH)),
        seconds=timed[-1] if timed else None,
    )


@cache
def _regression() -> list[Example]:
    return squad.read(REGRESSION)[0]
