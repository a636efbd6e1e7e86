"""A reader for Haystack 2 pipelines, with a calibrated "no answer". Needs ``haystack-ai``."""

from __future__ import annotations

from math import prod
from pathlib import Path
from typing import Any

from haystack import Document, component, default_from_dict, default_to_dict
from haystack.dataclasses import ExtractedAnswer

from qa_core.errors import InputError
from qa_core.inference.answer import Answer
from qa_core.inference.reader import Reader


@component
class SpanLoopReader:
    """Takes a query and documents, gives extracted answers, the likeliest first.

    Scores are probabilities that an answer is right, comparable between documents. The last answer
    may be "no answer" (``data`` is None), with the probability that no document answers.
    """

    def __init__(
        self,
        model: str | None = None,
        top_k: int = 20,
        answers_per_document: int = 3,
        score_threshold: float | None = None,
        no_answer: bool = True,
        answerable_share: float | None = None,
        backend: str = "auto",
    ) -> None:
        """Take the settings; the model is loaded by `warm_up`, or at the first question.

        model: a model folder or Hub id, by default the model that serves. top_k: answers in all,
        "no answer" aside. answers_per_document: of one document, none overlapping another.
        score_threshold: leave out less likely answers (a probability). answerable_share, backend:
        as for `Reader.load`. Raises InputError.
        """
        if top_k < 1 or answers_per_document < 1:
            raise InputError(
                "expected top_k and answers_per_document of at least 1, found "
                f"{top_k} and {answers_per_document}"
            )
        self.model, self.top_k, self.answers_per_document = model, top_k, answers_per_document
        self.score_threshold, self.no_answer = score_threshold, no_answer
        self.answerable_share, self.backend = answerable_share, backend
        self._reader: Reader | None = None

    def warm_up(self) -> None:
        """Load the model, once. Raises ModelError."""
        if self._reader is None:
            self._reader = Reader.load(
                None if self.model is None else _path(self.model),
                backend=self.backend,
                answerable_share=self.answerable_share,
            )

    def to_dict(self) -> dict[str, Any]:
        """The component's settings, for pipelines in YAML."""
        return default_to_dict(
            self,
            model=self.model,
            top_k=self.top_k,
            answers_per_document=self.answers_per_document,
            score_threshold=self.score_threshold,
            no_answer=self.no_answer,
            answerable_share=self.answerable_share,
            backend=self.backend,
        )

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> SpanLoopReader:
        """A component from its settings."""
        made: SpanLoopReader = default_from_dict(cls, data)
        return made

    @component.output_types(answers=list[ExtractedAnswer])
    def run(
        self, query: str, documents: list[Document], top_k: int | None = None
    ) -> dict[str, list[ExtractedAnswer]]:
        """Answer the query from each document that has text.

        Offsets are code points of the document's content, end exclusive. Raises InputError.
        """
        self.warm_up()
        if self._reader is None:
            raise InputError("expected a reader, found none: call warm_up")
        readable = [one for one in documents if (one.content or "").strip()]
        answers = self._reader.answer_batch(
            [(query, one.content or "") for one in readable], top_k=self.answers_per_document
        )
        found = [
            extracted
            for answer, document in zip(answers, readable, strict=True)
            for extracted in _extracted(query, answer, document)[: self.answers_per_document]
        ]
        found.sort(key=lambda one: -one.score)
        least = self.score_threshold
        chosen = [one for one in found if least is None or one.score >= least]
        chosen = chosen[: top_k or self.top_k]
        if self.no_answer:
            none = prod(1 - (answer.answerable_probability or 0.0) for answer in answers)
            chosen.append(ExtractedAnswer(query=query, score=none))
            chosen.sort(key=lambda one: -one.score)
        return {"answers": chosen}


def _extracted(query: str, answer: Answer, document: Document) -> list[ExtractedAnswer]:
    return [
        ExtractedAnswer(
            query=query,
            score=one.confidence,
            data=one.text,
            document=document,
            context=document.content,
            document_offset=ExtractedAnswer.Span(one.start, one.end),
            context_offset=ExtractedAnswer.Span(one.start, one.end),
            meta={"model": answer.model},
        )
        for one in answer.spans
    ]


def _path(model: str) -> str | Path:
    """A folder as a path, anything else as the name it is."""
    return Path(model) if Path(model).is_dir() else model
