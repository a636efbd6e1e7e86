"""Synthetic unanswerable questions."""

from qa_core.metrics import normalize_answer
from qa_core.negatives import synthesize
from qa_core.squad import Example, Gold

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
    made = {e.id: e for e in synthesize([WHO, *others], 10, seed=0)}
    assert made["who-synthetic"].context == BRIDGE  # DECOY is nearer, but names Soto
    assert made["who-synthetic"].question == WHO.question
    assert not any(e.answerable for e in made.values())
    for source in [WHO, *others]:
        if f"{source.id}-synthetic" in made:
            context = normalize_answer(made[f"{source.id}-synthetic"].context)
            assert normalize_answer(source.answers[0].text) not in context


def test_titles_are_kept_apart() -> None:
    other = example("b", "What passes below?", BRIDGE, "boats", title="Bridges")
    assert synthesize([WHO, other], 10, seed=0) == []


def test_count_and_seed_decide_which() -> None:
    data = [
        example(f"{n}", f"Who opened harbour {n}?", f"Harbour {n} was opened by Ann{n}.", f"Ann{n}")
        for n in range(30)
    ]
    few = synthesize(data, 5, seed=1)
    assert len(few) == 5
    assert few == synthesize(data, 5, seed=1)
    assert few != synthesize(data, 5, seed=2)


def test_a_single_paragraph_yields_none() -> None:
    assert synthesize([WHO], 5, seed=0) == []
