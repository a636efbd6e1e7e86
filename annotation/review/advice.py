"""What to do next, in words. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from annotation.review.agreement import ENOUGH_GOLDS, Agreement, Consensus, is_same
from annotation.review.records import Prediction
from qa_core.evaluation import metrics

ENOUGH_REVIEWS = 50  # new reviews from which a re-training is worth its minutes
ENOUGH_TO_VERIFY = 64  # decided answers from which a verifier was seen to help (docs/log/loop.md)
ENOUGH_TO_COMPARE = 10  # questions, or reviews, below which a share says nothing
LOW_ALPHA = 0.667  # the least from which conclusions are drawn: Krippendorff 2004, page 241
LOW_SPAN_F1 = 0.7
LOW_SAME = 0.7
LOW_GOLD = 0.7
OFTEN_WRONG = 0.2  # of predictions that the model was sure of


@dataclass(frozen=True, slots=True)
class Situation:
    """How the review loop stands.

    undecided: on which reviewers are split; begun: that fewer people answered than are asked;
    unusable: that have answers of which none can be used; discarded: that as many as were asked
    leave out. new: predictions with a review that no training has seen; wrong: of those that are
    decided, by where they were asked, how many there are and in how many the model was wrong;
    drawn: the same of those kept at random, though the model was sure; waiting_drawn: of those that
    wait, how many are such. settled: how many doubtful ones need no reviewer, as the verifier
    estimates. learnable: how many decided answers a verifier can learn from, 0 if too few;
    verified: from how many it learned when it was last tried, 0 if never. gold: how many gold
    questions each reviewer answered rightly, and how many at all. version: the newest version,
    held_back: why it does not serve, "" if it does, did, or is the first.
    """

    kept: int
    waiting: int
    undecided: int
    new: int
    trained: bool
    wrong: Mapping[str, tuple[int, int]]
    agreement: Agreement
    drawn: tuple[int, int] = (0, 0)
    waiting_drawn: int = 0
    settled: int = 0
    learnable: int = 0
    verified: int = 0
    training: bool = False
    version: str = ""
    held_back: str = ""
    unusable: int = 0
    begun: int = 0
    discarded: int = 0
    gold: Mapping[str, tuple[int, int]] = field(default_factory=dict)


def was_wrong(kept: Prediction, merged: Consensus) -> bool:
    """Whether reviewers decided against the model's verdict."""
    if kept.answer.answerable != bool(merged.spans):
        return True
    span = (kept.answer.start, kept.answer.end)
    return kept.answer.answerable and not any(is_same(span, other) for other in merged.spans)


def accepted(kept: Prediction, consensus: Consensus) -> bool:
    """Whether what the reviewers decided is what the reader said, as exact match compares it."""
    golds = [kept.context[start:end] for start, end in consensus.spans]
    return bool(metrics.exact_match(kept.answer.text, golds))


def recommend(now: Situation) -> list[str]:
    """What to do next, the most useful first; one sentence each."""
    if not now.kept:
        return ["Nothing is kept yet: ask questions on the page; doubtful answers will wait here."]
    said = [*_on_training(now), *findings(now)]
    if now.waiting:
        verb = "waits" if now.waiting == 1 else "wait"
        drawn = f", in turn with {now.waiting_drawn} kept at random" if now.waiting_drawn else ""
        said.append(
            f"{_count(now.waiting, 'prediction')} {verb} for a reviewer, the least sure first"
            f"{drawn}."
        )
    return said + _on_verifier(now)


def findings(now: Situation) -> list[str]:
    """What the reviews so far tell of the model and of the reviewers; one sentence each."""
    said = [*_on_drawn(*now.drawn), *_on_agreement(now.agreement), *_on_gold(now.gold)]
    if now.undecided:
        said.append(
            f"Reviewers differ on {_count(now.undecided, 'question')}: one more opinion on each "
            "decides."
        )
    if now.begun:
        said.append(
            f"{_count(now.begun, 'question')} got answers from fewer people than are asked: "
            "others see them next."
        )
    if now.unusable:
        said.append(
            f"{_count(now.unusable, 'question')} at Argilla got answers that cannot be used: push, "
            "and reviewers see them again."
        )
    if now.discarded:
        said.append(
            f"Reviewers at Argilla discarded {_count(now.discarded, 'question')} that nobody "
            "decided: answer them on the page, or delete them (spanloop purge --id)."
        )
    return said


def _on_gold(gold: Mapping[str, tuple[int, int]]) -> list[str]:
    return [
        f"{name} answered {right} of {count} gold questions rightly: go through the others "
        "together (spanloop gold list)."
        for name, (right, count) in gold.items()
        if count >= ENOUGH_GOLDS and right < LOW_GOLD * count
    ]


def _on_verifier(now: Situation) -> list[str]:
    if not now.waiting or now.learnable < max(ENOUGH_TO_VERIFY, 2 * now.verified):
        return []
    last = f", when it was last tried from {now.verified}" if now.verified else ""
    return [
        f"A verifier can learn from {now.learnable} decided answers{last}, and may put what "
        "waits in a better order: spanloop verifier."
    ]


def _on_training(now: Situation) -> list[str]:
    if now.training:
        return ["A training is under way."]
    since = "since the last training" if now.trained else "to learn from"
    said = []
    if now.new >= ENOUGH_REVIEWS:
        said.append(f"{now.new} reviews {since}: re-train now.{_where_it_helps(now.wrong)}")
    elif now.new:
        after = " since the last training" if now.trained else ""
        said.append(
            f"{now.new} of {ENOUGH_REVIEWS} reviews{after} before re-training is worthwhile."
        )
    if now.held_back:
        said.append(f"{now.version} does not serve: {now.held_back}.")
    return said


def _on_drawn(count: int, mistaken: int) -> list[str]:
    if count < ENOUGH_TO_COMPARE or mistaken < OFTEN_WRONG * count:
        return []
    return [
        f"The model was wrong in {mistaken} of {count} predictions drawn at random, though it was "
        "sure: let people see more of these (--random-share, --review-threshold)."
    ]


def _where_it_helps(wrong: Mapping[str, tuple[int, int]]) -> str:
    shares = {
        source: (mistaken / count, mistaken, count)
        for source, (count, mistaken) in wrong.items()
        if count >= ENOUGH_TO_COMPARE and mistaken
    }
    if not shares:
        return ""
    source = max(shares, key=lambda name: (shares[name], name))
    _, mistaken, count = shares[source]
    return (
        f" It is expected to help most on questions from {source}, where the model was wrong in "
        f"{mistaken} of {count}."
    )


def _on_agreement(found: Agreement) -> list[str]:
    if found.questions < ENOUGH_TO_COMPARE:
        return []
    said = []
    if found.alpha is not None and found.alpha < LOW_ALPHA:
        said.append(
            f"Agreement between reviewers is low on 'answerable' (alpha {found.alpha:.2f} on "
            f"{found.questions} questions): refine the guidelines."
        )
    if found.span_f1 is not None and found.span_f1 < LOW_SPAN_F1:
        said.append(
            f"Reviewers mark different words (F1 {found.span_f1:.2f}): say in the guidelines how "
            "much to mark."
        )
    if len(found.reviewers) > 2:
        said += [
            f"{name} sees an answer where others see none, or the reverse, in {1 - same:.0%} of "
            f"{questions} questions: go through some of them together."
            for name, (questions, same, _) in found.reviewers.items()
            if questions >= ENOUGH_TO_COMPARE and same < LOW_SAME
        ]
    return said


def _count(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")
