from collections.abc import Sequence
from dataclasses import replace

import pytest

from qa_core.data.examples import Example, Gold
from qa_core.errors import DataError
from qa_core.evaluation import judging as evaluation
from qa_core.evaluation import reporting
from qa_core.inference.answer import Answer, Answers, Span

RIVER = "The Nile flows north through Egypt to the sea."
TOWER = "The tower was finished in March 1889 for the fair."


def example(key: str, question: str, context: str, *golds: str) -> Example:
    return Example(key, question, context, tuple(Gold(g, context.index(g)) for g in golds))


def answer(
    context: str, text: str, confidence: float, plain: float, null_odds: float, guess: str = ""
) -> Answer:
    """The answer `text`, or none if empty, with `guess` as the nearest span."""
    start = context.index(text)
    spans = (Span(guess, context.index(guess), context.index(guess) + len(guess), 2.0, 0.3),)
    return Answer(
        text=text,
        start=start,
        end=start + len(text),
        score=2.0,
        confidence=confidence,
        null_score=2.0 + null_odds,
        answerable=bool(text),
        alternatives=spans if guess else (),
        warnings=(),
        model="test 1",
        plain_confidence=plain,
    )


EXAMPLES = [
    example("n1", "Where does the Nile flow?", RIVER, "north", "through Egypt"),
    example("n2", "How long is the Nile?", RIVER),
    example("t1", "When was the tower finished?", TOWER, "March 1889"),
    example("t2", "What was the tower for?", TOWER, "the fair"),
]
ANSWERS = [
    answer(RIVER, "north", 0.9, 0.1, -3.0),
    answer(RIVER, "", 0.6, 0.9, 1.0, guess="the sea"),
    answer(TOWER, "in March 1889", 0.7, 0.9, -1.0),
    answer(TOWER, "", 0.4, 0.9, -0.5, guess="fair"),
]


class FixedReader(Answers):
    """Knows the answers above by heart."""

    model = "fixed"

    def answer_batch(
        self, pairs: Sequence[tuple[str, str]], *, top_k: int = 3, progress: bool = False
    ) -> list[Answer]:
        known = {
            (one.question, one.context): found for one, found in zip(EXAMPLES, ANSWERS, strict=True)
        }
        return [known[pair] for pair in pairs]


def test_evaluate_scores_the_verdicts_and_not_the_guesses() -> None:
    report = evaluation.evaluate(FixedReader(), EXAMPLES, progress=False)
    assert report.model == "test 1"
    assert report.scores["exact"] == 50.0
    assert report.scores["f1"] == pytest.approx(100 * (1 + 1 + 0.8 + 0) / 4)
    assert report.scores["HasAns_total"] == 3
    assert report.scores["NoAns_exact"] == 100.0


def test_best_thresholds_come_from_null_odds_and_best_spans() -> None:
    scores = evaluation.judge(EXAMPLES, ANSWERS).scores
    # Answering up to odds of -0.5 takes in "fair", which is right; "the sea" at +1 would cost one
    assert (scores["best_exact"], scores["best_exact_thresh"]) == (75.0, -0.5)
    assert scores["best_f1"] == pytest.approx(100 * (1 + 0.8 + 1 + 1) / 4)
    assert scores["best_f1_thresh"] == -0.5


def test_answers_of_several_spans_are_scored_besides() -> None:
    parts = tuple(Gold(text, RIVER.index(text)) for text in ("Nile", "north", "sea"))
    listed = [replace(EXAMPLES[0], parts=parts), *EXAMPLES[1:]]
    report = evaluation.judge(listed, ANSWERS)
    plain = evaluation.judge(EXAMPLES, ANSWERS).scores
    several = {key for key in report.scores if key.startswith("Several_")}
    assert {key: report.scores[key] for key in report.scores if key not in several} == plain
    assert report.scores["Several_total"] == 1
    assert report.scores["Several_em_precision"] == 100
    assert report.scores["Several_em_f1"] == 50
    river = "Who came? Ann and Bob."
    asked = example("a", "Who came?", river, "Ann and Bob")
    asked = replace(asked, parts=(Gold("Ann", 10), Gold("Bob", 18)))
    scores = evaluation.judge([asked], [answer(river, "Ann and Bob", 0.9, 0.1, -3.0)]).scores
    assert scores["Several_em_f1"] == 100  # it enumerates them
    assert "Answers of several spans (MultiSpanQA)" in reporting.render(report)


def test_trust_is_measured_against_exact_matches() -> None:
    report = evaluation.judge(EXAMPLES, ANSWERS)
    assert [one.right for one in report.judgements] == [True, True, False, False]
    assert report.confidence.auroc == 0.75
    assert report.confidence.aurc == pytest.approx((0 + 1 / 2 + 1 / 3 + 2 / 4) / 4)
    assert report.confidence.ece == pytest.approx((0.1 + 0.4 + 0.7 + 0.4) / 4)
    assert report.confidence.coverage_at_80 == 0.25
    assert report.plain_confidence.auroc == 0.25
    assert report.plain_confidence.coverage_at_90 == 0.0


def test_trust_without_a_wrong_verdict_has_no_auroc() -> None:
    report = evaluation.judge(EXAMPLES[:2], ANSWERS[:2])
    assert report.confidence.auroc is None


def test_an_answer_without_any_span_is_judged_too() -> None:
    nothing = replace(ANSWERS[1], alternatives=(), score=float("-inf"))
    (judged,) = evaluation.judge(EXAMPLES[1:2], [nothing]).judgements
    assert (judged.right, judged.best_span) == (True, "")
    assert judged.null_odds < float("inf")


def test_unusable_input_is_refused() -> None:
    with pytest.raises(DataError, match="expected an answer to each of 4 examples, found 1"):
        evaluation.judge(EXAMPLES, ANSWERS[:1])
    with pytest.raises(DataError, match="expected 2 different ids, found 1"):
        evaluation.judge([EXAMPLES[0], EXAMPLES[0]], ANSWERS[:2])
    with pytest.raises(DataError, match="at least one question"):
        evaluation.evaluate(FixedReader(), [], progress=False)


def test_bootstrap_gives_the_normal_interval_of_many_contexts() -> None:
    scores = [1.0, 1.0, 1.0, 0.0] * 250
    low, high = evaluation.bootstrap(scores, [str(i) for i in range(1000)])
    error = 196 * (0.75 * 0.25 / 1000) ** 0.5
    assert (low, high) == pytest.approx((75 - error, 75 + error), abs=0.5)


def test_bootstrap_is_wider_when_questions_share_their_contexts_fate() -> None:
    scores = [1.0] * 500 + [0.0] * 500
    alone = evaluation.bootstrap(scores, [str(i) for i in range(1000)])
    shared = evaluation.bootstrap(scores, [str(i // 10) for i in range(1000)])
    assert shared[1] - shared[0] > 2 * (alone[1] - alone[0])
    assert evaluation.bootstrap(scores, ["one text"] * 1000) == (50.0, 50.0)
