"""A drop-in for ``pipeline("question-answering")``, which transformers 5 no longer has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from qa_core.errors import InputError
from qa_core.inference.answer import Answer
from qa_core.inference.reader import Reader

TASK = "question-answering"
Result = dict[str, Any]


def pipeline(task: str = TASK, model: str | Path | None = None, **options: Any) -> Pipeline:
    """A reader that is called as transformers 4 called its question-answering pipeline.

    model: a model folder or Hub id, by default the model that serves. options: as for
    `Reader.load`. What only chose how transformers loads a model (``tokenizer``, ``framework``,
    ``device``, ``torch_dtype``, ``revision`` and the like) is accepted and has no effect. Raises
    InputError for another task, or ModelError.
    """
    if task != TASK:
        raise InputError(f"task: expected {TASK!r}, found {task!r}; SpanLoop has no other")
    for name in ("tokenizer", "framework", "device", "device_map", "torch_dtype", "dtype",
                 "revision", "trust_remote_code", "use_fast", "feature_extractor", "config",
                 "batch_size", "token"):  # fmt: skip
        options.pop(name, None)
    return Pipeline(Reader.load(model, **options))


class Pipeline:
    """Answers questions, with the arguments and the results of transformers 4's pipeline.

    One thing is better: ``score`` is the calibrated probability that the span is a right answer,
    comparable between windows, texts and questions, where the old one was a softmax of one window.
    """

    task = TASK

    def __init__(self, reader: Reader) -> None:
        self.reader = reader

    def __call__(
        self,
        *inputs: Any,
        question: str | Sequence[str] | None = None,
        context: str | Sequence[str] | None = None,
        top_k: int = 1,
        topk: int | None = None,
        doc_stride: int | None = None,
        max_answer_len: int = 15,
        max_seq_len: int | None = None,
        max_question_len: int | None = None,
        handle_impossible_answer: bool = False,
        align_to_words: bool = True,
        **ignored: Any,
    ) -> Result | list[Result] | list[list[Result]]:
        """Answer one question or several.

        Give ``question`` and ``context``, each one text or a list (one context may serve many
        questions), or dictionaries with these two keys. top_k: results a question. doc_stride,
        max_seq_len, max_question_len: window sizes in tokens, by default the model's.
        max_answer_len: tokens of an answer at most. handle_impossible_answer: let "no answer",
        ``""`` at 0 to 0, compete. align_to_words: has no effect, answers always are whole words.

        Each result has ``score`` (a probability), ``start``, ``end`` (code points, end exclusive)
        and ``answer``. One question gives one result, or a list of them for a ``top_k`` above 1;
        several give a list of what one gives. Raises InputError, which is a ValueError.
        """
        pairs, several = _pairs(inputs, question, context)
        count = top_k if topk is None else topk
        reader = self.reader.with_windows(max_seq_len, doc_stride, max_question_len, max_answer_len)
        answers = reader.answer_batch(pairs, top_k=count)
        found = [
            results(one, text, count, handle_impossible_answer)
            for one, (_, text) in zip(answers, pairs, strict=True)
        ]
        shaped = [one[0] if count == 1 else one for one in found]
        return shaped if several else shaped[0]  # type: ignore[return-value]


def results(answer: Answer, context: str, top_k: int, impossible: bool) -> list[Result]:
    """The best ``top_k`` results of an answer, as transformers names their fields. Pure.

    There is always one: where nothing can be an answer, the empty one.
    """
    none = 1 - (answer.answerable_probability or 0.0)
    found = [
        {"score": one.confidence, "start": one.start, "end": one.end, "answer": one.text}
        for one in answer.spans
    ]
    if impossible or not found:
        found.append({"score": none, "start": 0, "end": 0, "answer": ""})
        if impossible and not answer.answerable:
            found.insert(0, found.pop())
        else:
            found.sort(key=lambda one: -float(str(one["score"])))
    return found[:top_k]


def _pairs(
    inputs: tuple[Any, ...], question: object, context: object
) -> tuple[list[tuple[str, str]], bool]:
    """Questions with their contexts, and whether several were asked."""
    if inputs and question is None and context is None:
        rows = inputs[0] if len(inputs) == 1 else list(inputs)
        several = not isinstance(rows, Mapping)
        listed = [rows] if isinstance(rows, Mapping) else list(rows)
        for row in listed:
            if not isinstance(row, Mapping) or not {"question", "context"} <= row.keys():
                raise InputError(
                    "expected dictionaries with question and context, found "
                    f"{type(row).__name__}: pass question=... and context=..., or such dictionaries"
                )
        return [(row["question"], row["context"]) for row in listed], several
    if question is None or context is None or inputs:
        raise InputError("expected question=... and context=..., found one of them missing")
    questions = [question] if isinstance(question, str) else list(question)  # type: ignore[call-overload]
    contexts = [context] if isinstance(context, str) else list(context)  # type: ignore[call-overload]
    if len(contexts) == 1:
        contexts *= len(questions)
    if len(questions) == 1 and len(contexts) > 1:
        questions *= len(contexts)
    if len(questions) != len(contexts):
        raise InputError(
            f"expected as many contexts as questions, or one, found {len(contexts)} for "
            f"{len(questions)}"
        )
    one = isinstance(question, str) and isinstance(context, str)
    return list(zip(questions, contexts, strict=True)), not one
