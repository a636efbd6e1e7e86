"""Synthetic unanswerable questions."""

import pytest

from qa_core.data.examples import Example, Gold
from qa_core.evaluation.metrics import normalize_answer
from qa_core.training.negatives import misplace, names, swap

HARBOUR = "The harbour of Ostend was opened by Mayor Soto in 1904 and holds many boats."
BRIDGE = "The harbour bridge was opened by a minister, and many boats pass below it."
DECOY = "Soto, who opened the harbour, was born in Ostend. She opened the harbour fair."
BREAD = "Bread is baked from flour, water, salt and yeast."


def example(id_: str, question: str, context: str, answer: str, title: str = "") -> Example:
    return Example(id_, question, context, (Gold(answer, context.index(answer)),), title)


WHO = example("who", "Who opened the harbour?", HARBOUR, "Soto")


def test_a_question_goes_to_the_nearest_paragraph_that_lacks_its_answer() -> None:
    others = [
        example("b", "What passes below?", BRIDGE, "boats"),
        example("d", "Where was she born?", DECOY, "Ostend"),
        example("f", "What is bread baked from?", BREAD, "flour"),
    ]
    made = {e.id: e for e in misplace([WHO, *others], 10, seed=0)}
    assert made["who-misplaced"].context == BRIDGE  # DECOY is nearer, but names Soto
    assert made["who-misplaced"].question == WHO.question
    assert not any(e.answerable for e in made.values())
    for source in [WHO, *others]:
        if f"{source.id}-misplaced" in made:
            context = normalize_answer(made[f"{source.id}-misplaced"].context)
            assert normalize_answer(source.answers[0].text) not in context


def test_titles_are_kept_apart() -> None:
    other = example("b", "What passes below?", BRIDGE, "boats", title="Bridges")
    assert misplace([WHO, other], 10, seed=0) == []


def test_count_and_seed_decide_which() -> None:
    data = [
        example(f"{n}", f"Who opened harbour {n}?", f"Harbour {n} was opened by Ann{n}.", f"Ann{n}")
        for n in range(30)
    ]
    few = misplace(data, 5, seed=1)
    assert len(few) == 5
    assert few == misplace(data, 5, seed=1)
    assert few != misplace(data, 5, seed=2)


def test_a_single_paragraph_yields_none() -> None:
    assert misplace([WHO], 5, seed=0) == []


FERRY = "The ferry Alma sailed from Ostend to Dover in 1911 with 300 people; Ines Soto steered it."


@pytest.mark.parametrize(
    ("text", "years", "numbers", "found"),
    [
        (FERRY, ["1911"], ["300"], ["Alma", "Dover", "Ines Soto", "Ostend"]),
        ("In 1990s prices, 1,250.5 of 17 cost 3.", ["1990s"], ["1,250.5", "17", "3"], []),
        ("Bread is old. Flour, House of Orange.", [], [], ["House of Orange"]),
        ("abc12 is a2b3 and 12x", [], [], []),
        ("", [], [], []),
    ],
)
def test_names_and_numbers_are_told_apart(
    text: str, years: list[str], numbers: list[str], found: list[str]
) -> None:
    assert names(text) == [years, numbers, found]


def test_a_swapped_question_names_another_of_the_kind_that_the_paragraph_or_title_has() -> None:
    asked = example("f", "When did the ferry Alma sail to Dover?", FERRY, "1911")
    seen = set()
    for seed in range(40):
        (made,) = (e for e in swap([asked, WHO], 5, seed=seed) if e.id == "f-swapped")
        assert not made.answerable
        assert made.context == FERRY
        seen.add(made.question)
    near = {"Ostend", "Ines Soto"}  # of the same paragraph, not in the question or its answer
    far = {"Mayor Soto"}  # of the other paragraph, and not in this one
    assert seen == {
        question
        for name in near | far
        for question in (
            f"When did the ferry {name} sail to Dover?",
            f"When did the ferry Alma sail to {name}?",
        )
    }


def test_a_question_that_people_asked_of_the_paragraph_is_never_made() -> None:
    context = "Ann sailed to Dover in 1911. Then Bob sailed to Ghent."
    data = [
        example("d", "When did they sail to Dover?", context, "1911"),
        example("g", "Who sailed to Ghent?", context, "Bob"),
        Example("n", "When did they sail to Ghent?", context),
    ]
    made = {e.question for seed in range(30) for e in swap(data, 5, seed=seed)}
    assert "When did they sail to Ghent?" not in made
    assert "Who sailed to Dover?" in made


def test_count_and_seed_decide_which_are_swapped() -> None:
    data = [
        example(f"{n}", f"Who sailed in {1900 + n}?", f"In {1900 + n} Ann{n} did, 1800.", f"Ann{n}")
        for n in range(30)
    ]
    few = swap(data, 5, seed=1)
    assert len(few) == 5
    assert few == swap(data, 5, seed=1)
    assert few != swap(data, 5, seed=2)
    assert swap([Example("a", "Who sailed in 1900?", "1900, 1901")], 5, seed=0) == []
