"""A review campaign whose reviewers know the gold answers: does the loop pay?

Questions arrive in a random order; an ordering chooses which of them people see; the model is
re-trained, judged and promoted exactly as `annotation.learning.retrain` does it for real reviews.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from annotation.campaigns.orderings import ORDERINGS, Name, Open
from annotation.learning.material import Material, without
from annotation.learning.retrain import retrain
from annotation.learning.settings import Settings
from annotation.verifier.model import Case, of_answer
from qa_core.data.examples import Example, Gold
from qa_core.errors import DataError, InputError
from qa_core.evaluation import metrics
from qa_core.evaluation.judging import evaluate
from qa_core.flags import setting
from qa_core.inference.answer import Answers
from qa_core.inference.reader import Reader
from qa_core.models.versions import Versions
from qa_core.serving.live import load

MISTAKEN_WORDS = 5


@dataclass(frozen=True, slots=True)
class Campaign:
    """reviews: questions reviewed in all. every: reviews between re-trainings. wrong: share
    (0 to 1) of reviews that are mistaken. ordering: a name of `ORDERINGS`.
    """

    ordering: Name = setting("least-confident", "Which questions people see first.")
    reviews: int = setting(200, "Reviews in all.")
    every: int = setting(100, "Re-train after so many.")
    wrong: float = setting(0.0, "Share of reviews that are mistaken.")
    seed: int = setting(13, "Seed of all that is random.")

    def __post_init__(self) -> None:
        if self.ordering not in ORDERINGS:
            raise InputError(
                f"ordering: expected one of {', '.join(ORDERINGS)}, found {self.ordering!r}"
            )
        if not 1 <= self.every <= self.reviews:
            raise InputError(f"every: expected 1 to {self.reviews} reviews, found {self.every}")
        if not 0 <= self.wrong <= 1:
            raise InputError(f"wrong: expected a share of 0 to 1, found {self.wrong}")


@dataclass(frozen=True, slots=True)
class Point:
    """Where a campaign stands after so many reviews.

    serving: F1 and exact match (percent) of the version that serves, by the name of the data;
    candidate: of what the last re-training made, whether or not it was promoted, as
    ``objections`` say. accepted: share (0 to 1) of the reviewed answers that were right already.
    seconds: how long the re-training took, judging included.
    """

    reviews: int
    version: str
    serving: Mapping[str, Mapping[str, float]]
    candidate: Mapping[str, Mapping[str, float]]
    objections: tuple[str, ...] = ()
    accepted: float | None = None
    seconds: float = 0.0


def simulate(
    stream: Sequence[Example],
    tests: Mapping[str, Sequence[Example]],
    campaign: Campaign,
    versions: Versions,
    *,
    regression: Sequence[Example],
    replay_buffer: Sequence[Example] = (),
    replay: Sequence[Example] = (),
    unseen: Sequence[Example] = (),
    settings: Settings | None = None,
    cpu: bool = False,
    tell: Callable[[str], None] = lambda what: None,
) -> Iterator[Point]:
    """Run a campaign from the version that serves; yields where it stands, first without reviews.

    stream: the domain's questions with their gold answers, for reviewers to give; those on
    paragraphs of ``tests`` are left out. Raises DataError if it holds fewer than are to be
    reviewed, or too few reviews fall to the held-out texts.
    """
    settings = settings or Settings(seed=campaign.seed)
    rng = np.random.default_rng(campaign.seed)
    usable = without(stream, *tests.values(), regression)
    if len(usable) < campaign.reviews:
        raise DataError(
            f"expected at least {campaign.reviews} questions to review on texts that are not "
            f"tested, found {len(usable)}: give more, or ask for fewer reviews"
        )
    arriving = [usable[i] for i in rng.permutation(len(usable))]
    scores = scores_of(load(versions), tests)
    yield Point(0, versions.serving(), scores, scores)
    reviews: list[Example] = []
    cases: list[Case] = []
    right = 0
    rounds = -(-campaign.reviews // campaign.every)
    for number in range(1, rounds + 1):
        reader = load(versions)
        met = arriving[: -(-len(arriving) * number // rounds)]
        seen = {review.id for review in reviews}
        open_ = asked(reader, [example for example in met if example.id not in seen])
        wanted = min(campaign.every, campaign.reviews - len(reviews))
        tell(f"round {number} of {rounds}: choosing {wanted} of {len(open_)} questions")
        for chosen in ORDERINGS[campaign.ordering](open_, cases, wanted, rng):
            one = open_[chosen]
            mistake = rng.random() < campaign.wrong
            review = mistaken(one.example, rng) if mistake else one.example
            reviews.append(review)
            cases.append(case_of(one, review))
            right += cases[-1].accepted
        began = time.monotonic()
        result = retrain(
            Material(
                reviews=reviews,
                regression=regression,
                replay_buffer=replay_buffer,
                replay=replay,
                met=[example.pair for example in met],
                unseen=unseen,
            ),
            versions,
            settings,
            command="simulate",
            cpu=cpu,
            tell=tell,
        )
        seconds = time.monotonic() - began
        candidate = scores_of(Reader.load(versions.path(result.version)), tests)
        if result.promoted:
            scores = candidate
        yield Point(
            reviews=len(reviews),
            version=versions.serving(),
            serving=scores,
            candidate=candidate,
            objections=result.objections,
            accepted=right / len(reviews),
            seconds=seconds,
        )


def asked(reader: Answers, examples: Sequence[Example]) -> list[Open]:
    """What the reader says to each."""
    answers = reader.answer_batch([example.pair for example in examples])
    return [Open(example, answer) for example, answer in zip(examples, answers, strict=True)]


def case_of(one: Open, review: Example) -> Case:
    """The reader's answer as the review judges it, for the verifier."""
    golds = [gold.text for gold in review.answers]
    return Case(
        text=of_answer(review.question, review.context, one.answer),
        confidence=one.answer.confidence,
        accepted=bool(metrics.exact_match(one.answer.text, golds)),
        group=review.context,
    )


def mistaken(example: Example, rng: np.random.Generator) -> Example:
    """The example as a careless reviewer would have it: other words, or none where there are some.

    Of answerable questions half are called unanswerable; all others get one to five words that
    hold no gold answer's letter, anywhere in the context.
    """
    if example.answers and rng.random() < 0.5:
        return replace(example, answers=(), parts=())
    words = [(at, at + len(word)) for at, word in words_of(example.context)]
    length = int(rng.integers(1, MISTAKEN_WORDS + 1))
    spans = [
        (start, words[last][1])
        for (start, _), last in zip(words, range(length - 1, len(words)), strict=False)
        if all(words[last][1] <= gold.start or gold.end <= start for gold in example.answers)
    ]
    if not spans:
        return replace(example, answers=(), parts=())
    start, end = spans[int(rng.integers(len(spans)))]
    return replace(example, answers=(Gold(example.context[start:end], start),), parts=())


def words_of(text: str) -> Iterator[tuple[int, str]]:
    """The words of a text, and where each begins."""
    at = 0
    for word in text.split():
        at = text.index(word, at)
        yield at, word
        at += len(word)


def scores_of(
    reader: Answers, tests: Mapping[str, Sequence[Example]]
) -> dict[str, dict[str, float]]:
    """F1 and exact match in percent, by the name of the data; at the reader's own threshold."""
    reports = {name: evaluate(reader, examples, progress=False) for name, examples in tests.items()}
    return {
        name: {score: float(report.scores[score]) for score in ("f1", "exact")}
        for name, report in reports.items()
    }
