"""How the review loop stands, from the store and the versions."""

from __future__ import annotations

from annotation.learning.watching import last_learned
from annotation.review.advice import Situation
from annotation.review.agreement import agreement
from annotation.store.store import Store
from annotation.verifier.model import OF_EACH, TRIAL, Trial, too_few
from qa_core.home import home
from qa_core.models.versions import BUNDLED, Versions


def situation(store: Store, versions: Versions) -> Situation:
    """The figures that `recommend` speaks of. Raises StoreError or ModelError."""
    counts, listed = store.counts(), versions.all()
    seen, newest = last_learned(listed), listed[-1]
    drawn = store.judged_since(seen, reason="random").values()
    objections = newest.record.get("objections") or ["it was not promoted"]
    held_back = newest.state == "candidate" and newest.name != BUNDLED
    models = store.open_models()
    trial = Trial.load(home() / TRIAL)
    of_others = trial and trial.models and not models & set(trial.models)
    told = store.accepted_and_refused(models)
    wanting = too_few(*told, store.decided_contexts(models, OF_EACH))
    return Situation(
        kept=counts.kept,
        waiting=counts.waiting,
        undecided=counts.split,
        unusable=list(store.troubles().values()).count("unusable"),
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
