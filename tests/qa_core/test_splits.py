"""Splits by paragraph, and what else tells examples apart."""

from dataclasses import replace

from qa_core.data.examples import Example, digest, question_id
from qa_core.data.splits import paragraph_fraction, split_by_paragraph


def test_no_paragraph_is_on_both_sides_and_the_share_is_kept() -> None:
    examples = [
        Example(f"{number}-{copy}", "Who?", f"Paragraph {number}.")
        for number in range(2000)
        for copy in range(2)
    ]
    learning, held_out = split_by_paragraph(examples, 0.1)
    assert len(learning) + len(held_out) == 4000
    assert not {e.context for e in learning} & {e.context for e in held_out}
    assert 340 < len(held_out) < 460


def test_a_lower_cased_retokenized_copy_falls_on_the_same_side() -> None:
    assert paragraph_fraction("The Mayor's boat, built in 1904.") == paragraph_fraction(
        "the mayor ' s boat , built in 1904 ."
    )


def test_other_data_does_not_move_a_paragraph() -> None:
    one = Example("1", "Who?", "Some paragraph.")
    alone = split_by_paragraph([one], 0.5)
    together = split_by_paragraph([one, Example("2", "Who?", "Another.")], 0.5)
    assert (one in alone[1]) == (one in together[1])


def test_one_id_for_a_question_on_a_context() -> None:
    assert question_id("Who?", "Ada.") == question_id("Who?", "Ada.")
    assert len({question_id("a", "bc"), question_id("ab", "c"), question_id("", "abc")}) == 3
    assert len(question_id("Who? \ud83d", "é\u0301😀")) == 32


def test_a_digest_changes_with_every_example_and_with_their_order() -> None:
    made = [Example(f"{n}", "Who? \ud83d", "Ada.") for n in range(3)]
    orders = [made, made[::-1], made[:2], [], [*made[:2], replace(made[2], title="t")]]
    assert len({digest(one) for one in orders}) == len(orders)
    assert digest(iter(made)) == digest(made)
