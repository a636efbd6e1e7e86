"""The regression set that comes with the project is sound, and within the reader's reach."""

import re
from collections import Counter
from itertools import groupby
from pathlib import Path

import pytest

from qa_core.evaluation import evaluate
from qa_core.reader import Reader
from qa_core.squad import Example, read

REGRESSION_SET = Path(__file__).parents[1] / "annotation" / "regression.json"


@pytest.fixture(scope="module")
def examples() -> list[Example]:
    examples, bad_rows = read(REGRESSION_SET, on_bad="skip", progress=False)
    assert not bad_rows
    return examples


def test_a_third_of_the_questions_have_no_answer(examples: list[Example]) -> None:
    assert len(examples) >= 300
    unanswerable = sum(not example.answerable for example in examples) / len(examples)
    assert unanswerable == pytest.approx(1 / 3, abs=0.03)


def test_every_domain_has_its_share_of_both_kinds(examples: list[Example]) -> None:
    kinds = Counter((example.title, example.answerable) for example in examples)
    domains = {title for title, _ in kinds}
    assert len(domains) >= 8
    for domain in domains:
        answerable, unanswerable = kinds[domain, True], kinds[domain, False]
        assert answerable + unanswerable >= len(examples) / len(domains) / 2, domain
        assert 1 / 4 < unanswerable / (answerable + unanswerable) < 2 / 5, domain


def test_no_paragraph_and_no_question_comes_twice(examples: list[Example]) -> None:
    paragraphs = [context for context, _ in groupby(example.context for example in examples)]
    assert len(set(paragraphs)) == len(paragraphs)
    assert len({example.question.casefold() for example in examples}) == len(examples)


def test_golds_are_whole_words_and_differ(examples: list[Example]) -> None:
    for example in examples:
        assert len(set(example.answers)) == len(example.answers), example.id
        for gold in example.answers:
            assert re.fullmatch(r"\S(.*\S)?", gold.text, re.DOTALL), example.id
            for cut in (gold.start, gold.end):
                assert not re.match(r"\w\w", example.context[max(cut - 1, 0) : cut + 1]), example.id


def test_the_bundled_model_answers_some_and_declines_some(examples: list[Example]) -> None:
    """Always answering falls below a floor, and so does never answering."""
    scores = evaluate(Reader.load(), examples[::2], progress=False).scores
    always_no_answer = 100 * scores["NoAns_total"] / scores["total"]
    assert scores["f1"] > always_no_answer + 7
    assert scores["HasAns_f1"] > 20
    assert scores["NoAns_f1"] > 40
