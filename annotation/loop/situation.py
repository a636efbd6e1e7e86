"""How the review loop stands, from the store and the versions."""

from __future__ import annotations

from annotation.learning.watching import last_learned, newer
from annotation.review.advice import Situation, judged, wrong_by_source
from annotation.review.agreement import agreement
from annotation.review.records import decided
from annotation.store.store import Store
from annotation.verifier.model import TRIAL, Trial, accepted, telling, too_few
from qa_core.home import home
from qa_core.models.versions import BUNDLED, Versions


def situation(store: Store, versions: Versions) -> Situation:
    """The figures that `recommend` speaks of. Raises StoreError or ModelError."""
    kept, reviews, consensus = store.predictions(), store.reviews(), store.consensus()
    waiting = store.waiting()
    listed = versions.all()
    seen, newest = last_learned(listed), listed[-1]
    fresh = {id_ for id_, given in reviews.items() if any(review.number > seen for review in given)}
    objections = newest.record.get("objections") or ["it was not promoted"]
    unseen = [one for one in kept if one.id in fresh]
    known = decided(kept, consensus)
    told = telling(kept, known)
    right, contexts = [accepted(*pair) for pair in told], [one.context for one, _ in told]
    closed = {one.id for one, _ in known}
    open_ = [one for one in kept if one.id not in closed]
    trial = Trial.load(home() / TRIAL)
    of_others = trial and trial.models and not {one.model for one in open_} & set(trial.models)
    held_back = newest.state == "candidate" and newest.name != BUNDLED
    return Situation(
        kept=len(kept),
        waiting=len(waiting),
        undecided=sum(not merged.decided for merged in consensus.values()),
        new=newer(reviews, seen),
        trained=len(listed) > 1,
        wrong=wrong_by_source(unseen, consensus),
        agreement=agreement([one.opinion for one in given] for given in reviews.values()),
        drawn=judged([one for one in unseen if one.reason == "random"], consensus),
        settled=len({one.id for one in open_} - {one.id for one in waiting}),
        learnable=0 if too_few(right, contexts) else len(told),
        verified=trial.cases if trial and not of_others else 0,
        waiting_drawn=sum(one.reason == "random" for one in waiting),
        training=versions.is_training(),
        version=newest.name,
        held_back=objections[0] if held_back else "",
    )
