"""The component in a real Haystack pipeline."""

import os

os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"

import pytest
from haystack import Document, Pipeline
from haystack.components.retrievers.in_memory import InMemoryBM25Retriever
from haystack.document_stores.in_memory import InMemoryDocumentStore

from qa_core.compat.haystack import SpanLoopReader
from qa_core.errors import InputError
from qa_core.models.versions import BUNDLED

TEXTS = [
    "⚓ The harbour was opened by Ines Soto in 1904.",
    "Otto Lind built the lighthouse in 1911.",
    "It rained in Oslo for nine days, and the trams stood still.",
]


def test_answers_come_from_the_right_document_of_a_pipeline() -> None:
    store = InMemoryDocumentStore()
    store.write_documents([Document(content=text) for text in TEXTS])
    pipeline = Pipeline()
    pipeline.add_component("retriever", InMemoryBM25Retriever(store, top_k=3))
    pipeline.add_component("reader", SpanLoopReader(BUNDLED, top_k=4))
    pipeline.connect("retriever.documents", "reader.documents")
    pipeline = Pipeline.loads(pipeline.dumps())  # as YAML and back
    assert pipeline.get_component("retriever").document_store.count_documents() == 3
    query = "Who opened the harbour?"
    answers = pipeline.run({"retriever": {"query": query}, "reader": {"query": query}})["reader"][
        "answers"
    ]
    best = answers[0]
    assert (best.data, best.document.content) == ("Ines Soto", TEXTS[0])
    assert TEXTS[0][best.document_offset.start : best.document_offset.end] == "Ines Soto"
    assert all(0 <= one.score <= 1 for one in answers)
    assert [one.data for one in answers].count(None) == 1
    assert len(answers) == 5


def test_no_answer_leads_where_no_document_answers() -> None:
    reader = SpanLoopReader(BUNDLED, top_k=2)
    silent = [Document(content=TEXTS[2]), Document(content=" "), Document(content=None)]
    answers = reader.run("Who built the lighthouse?", silent)["answers"]
    assert answers[0].data is None
    sure = SpanLoopReader(BUNDLED, no_answer=False, score_threshold=0.99)
    assert sure.run("Who built the lighthouse?", silent)["answers"] == []
    assert reader.run("Who?", [])["answers"][0].score == 1.0


def test_settings_are_checked() -> None:
    with pytest.raises(InputError, match="top_k"):
        SpanLoopReader(top_k=0)
