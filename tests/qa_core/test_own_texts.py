"""The questions on texts of our own are sound, and within the reader's reach."""

import re
from collections import Counter
from itertools import combinations, groupby

import pytest

from annotation.learning.material import REGRESSION, REPLAY_BUFFER, without
from qa_core.calibration.fit import UNSEEN
from qa_core.data.examples import Example
from qa_core.data.squad import read
from qa_core.evaluation.judging import evaluate
from qa_core.inference.reader import Reader

# Where it stands, how many questions it has at least, how many of them no text answers, and how far
# (F1) the bundled reader is ahead of never answering.
SETS = {
    "regression": (REGRESSION, 300, 1 / 3, 7),
    "replay_buffer": (REPLAY_BUFFER, 1500, 2 / 5, 3),
    "unseen": (UNSEEN, 1200, 1 / 2, 3),
}


@pytest.fixture(scope="module", params=SETS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def examples(name: str) -> list[Example]:
    examples, bad_rows = read(SETS[name][0], on_bad="skip", progress=False)
    assert not bad_rows
    return examples


def test_the_share_of_questions_without_answer(name: str, examples: list[Example]) -> None:
    _, least, expected, _ = SETS[name]
    assert len(examples) >= least
    unanswerable = sum(not example.answerable for example in examples) / len(examples)
    assert unanswerable == pytest.approx(expected, abs=0.03)


def test_every_domain_of_the_regression_set_has_its_share_of_both_kinds() -> None:
    examples = read(REGRESSION, progress=False)[0]
    kinds = Counter((example.title, example.answerable) for example in examples)
    domains = {title for title, _ in kinds}
    assert len(domains) >= 8
    for domain in domains:
        answerable, unanswerable = kinds[domain, True], kinds[domain, False]
        assert answerable + unanswerable >= len(examples) / len(domains) / 2, domain
        assert 1 / 4 < unanswerable / (answerable + unanswerable) < 2 / 5, domain


def test_every_unseen_text_has_questions_of_both_kinds() -> None:
    """Otherwise the text would give away the kind, and it would not count in calibration."""
    kinds = {(example.context, example.answerable) for example in read(UNSEEN, progress=False)[0]}
    assert len(kinds) == 2 * len({context for context, _ in kinds})


def test_no_paragraph_and_no_question_comes_twice(examples: list[Example]) -> None:
    paragraphs = [context for context, _ in groupby(example.context for example in examples)]
    assert len(set(paragraphs)) == len(paragraphs)
    assert len({example.question.casefold() for example in examples}) == len(examples)


def test_what_teaches_what_calibrates_and_what_judges_share_no_text() -> None:
    sets = [read(path, progress=False)[0] for path in (REPLAY_BUFFER, UNSEEN, REGRESSION)]
    for one, other in combinations(sets, 2):
        assert len(without(one, other)) == len(one)


def test_golds_are_whole_words_and_differ(examples: list[Example]) -> None:
    for example in examples:
        assert len(set(example.answers)) == len(example.answers), example.id
        for gold in example.answers:
            assert re.fullmatch(r"\S(.*\S)?", gold.text, re.DOTALL), example.id
            for cut in (gold.start, gold.end):
                assert not re.match(r"\w\w", example.context[max(cut - 1, 0) : cut + 1]), example.id


def test_the_bundled_model_answers_some_and_declines_some(
    name: str, examples: list[Example]
) -> None:
    """Always answering falls below a floor, and so does never answering."""
    scores = evaluate(Reader.load(), examples[::20], progress=False).scores
    always_no_answer = 100 * scores["NoAns_total"] / scores["total"]
    assert scores["f1"] > always_no_answer + SETS[name][3]
    assert scores["HasAns_f1"] > 20
    assert scores["NoAns_f1"] > 40
