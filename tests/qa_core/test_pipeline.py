"""The call that transformers 4 had: same arguments, same shapes, honest scores."""

from itertools import pairwise
from typing import Any

import pytest

from qa_core import Reader, pipeline
from qa_core.compat.pipeline import Pipeline

HARBOUR = "Ines Soto opened the harbour in 1904 😀. Its lighthouse was built by Otto Lind in 1911."
SILENT = "It rained in Oslo for nine days, and the trams stood still."
WHO = "Who opened the harbour?"


@pytest.fixture(scope="module")
def qa() -> Pipeline:
    return pipeline("question-answering", bundled=True, device=-1)


def test_one_question_gives_one_dictionary(qa: Pipeline) -> None:
    found: Any = qa(question=WHO, context=HARBOUR)
    assert set(found) == {"score", "start", "end", "answer"}
    assert found["answer"] == "Ines Soto" == HARBOUR[found["start"] : found["end"]]
    assert 0 < found["score"] <= 1
    assert qa({"question": WHO, "context": HARBOUR}) == found


def test_several_give_a_list(qa: Pipeline) -> None:
    questions = [WHO, "Who built the lighthouse?"]
    found: Any = qa(question=questions, context=HARBOUR)
    assert [one["answer"] for one in found] == ["Ines Soto", "Otto Lind"]
    assert qa([{"question": q, "context": HARBOUR} for q in questions]) == found
    assert qa(question=questions, context=[HARBOUR, HARBOUR]) == found
    listed: Any = qa(question=[WHO], context=[HARBOUR])
    assert isinstance(listed, list)


def test_top_k_gives_ranked_spans_that_do_not_overlap(qa: Pipeline) -> None:
    found: Any = qa(question=WHO, context=HARBOUR, top_k=3)
    assert len(found) == 3
    assert [one["score"] for one in found] == sorted((o["score"] for o in found), reverse=True)
    spans = sorted((one["start"], one["end"]) for one in found)
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))
    nested: Any = qa(question=[WHO, WHO], context=HARBOUR, top_k=2)
    assert [len(one) for one in nested] == [2, 2]


def test_no_answer_competes_only_where_it_may(qa: Pipeline) -> None:
    forced: Any = qa(question="Who built the lighthouse?", context=SILENT)
    assert forced["answer"] != ""
    honest: Any = qa(
        question="Who built the lighthouse?", context=SILENT, handle_impossible_answer=True
    )
    assert (honest["answer"], honest["start"], honest["end"]) == ("", 0, 0)
    assert honest["score"] > forced["score"]
    kept: Any = qa(question=WHO, context=HARBOUR, handle_impossible_answer=True, top_k=9)
    assert kept[0]["answer"] == "Ines Soto"
    assert "" in [one["answer"] for one in kept]


def test_window_sizes_can_be_given_by_their_old_names(qa: Pipeline) -> None:
    text = f"{SILENT} " * 60 + HARBOUR
    found: Any = qa(question=WHO, context=text, max_seq_len=128, doc_stride=32, max_question_len=24)
    assert found["answer"] == "Ines Soto"
    short: Any = qa(question=WHO, context=HARBOUR, max_answer_len=1)
    assert len(short["answer"].split()) == 1


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        ({"question": WHO}, "found one of them missing"),
        ({"question": "", "context": HARBOUR}, "question: expected"),
        ({"question": WHO, "context": " "}, "context: expected"),
        ({"question": [WHO] * 3, "context": [HARBOUR] * 2}, "as many contexts"),
        ({"question": WHO, "context": HARBOUR, "top_k": 0}, "top_k"),
    ],
)
def test_bad_calls_are_value_errors_that_help(
    qa: Pipeline, call: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        qa(**call)


def test_another_task_is_refused() -> None:
    with pytest.raises(ValueError, match="question-answering"):
        pipeline("summarization")


def test_the_model_that_serves_is_the_default() -> None:
    assert pipeline().reader.model == Reader.load().model
