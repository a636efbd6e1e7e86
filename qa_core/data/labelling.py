"""Examples as labelling tools, Label Studio and doccano, export and import them. Pure.

Words that one person marked in a text, apart from each other, are one answer together, as of a
list; marks that overlap, or are of the same words, are alternatives, and so are those of several
people. Both tools count code points. Older versions of Label Studio counted UTF-16 units: the words
that it gives beside each mark tell which.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from operator import attrgetter
from typing import Any

from qa_core.data.examples import Example, Gold, one_span
from qa_core.data.problems import Problem, show
from qa_core.errors import InputError
from qa_core.text.offsets import from_utf16, stands

LABEL = "Answer"
MARKS = ("label", "labels", "entities")  # where doccano's versions and projects put them
_start = attrgetter("start")
_AGAIN = "export it again, as JSON of a project in which people mark words of a text"


def row(item: Mapping[str, Any]) -> dict[str, Any] | None:
    """The row in a task of Label Studio or in a document of doccano; None if it is neither.

    What is marked in it are its `answers`: none where somebody was done and marked nothing, and a
    Problem where nobody was done or where as many marked something as did not. Marks that are one
    answer together are its `answer_spans` besides.
    """
    if "context" in item:
        return None
    if isinstance(item.get("data"), Mapping):
        return _task(item)
    if isinstance(item.get("text"), str) and not item.keys().isdisjoint(MARKS):
        return _document(item)
    return None


def label_studio(example: Example, more: Mapping[str, object]) -> dict[str, Any]:
    """A task for Label Studio's template "Question Answering", its best answer marked.

    Of an answer of several spans, each of them.
    """
    marked = [
        {
            "from_name": "answer",
            "to_name": "text",
            "type": "labels",
            "value": {"start": one.start, "end": one.end, "text": one.text, "labels": [LABEL]},
        }
        for one in example.parts or example.answers[:1]
    ]
    data = {**_head(example), "text": example.context, **more}
    return {"data": data, "annotations": [{"result": marked}]}


def doccano(example: Example, more: Mapping[str, object]) -> dict[str, Any]:
    """A document for a "sequence labeling" project of doccano, marked as `label_studio` does."""
    return {
        **_head(example),
        "text": example.context,
        "label": [[one.start, one.end, LABEL] for one in example.parts or example.answers[:1]],
        **more,
    }


def _head(example: Example) -> dict[str, str]:
    title = {"title": example.title} if example.title else {}
    return {"id": example.id, **title, "question": example.question}


def _task(task: Mapping[str, Any]) -> dict[str, Any]:
    """The row in a task of Label Studio, or of what it calls completions in old exports."""
    data = task["data"]
    context = data.get("context", data.get("text"))
    fields = {
        "id": data.get("id", task.get("id")),
        "title": data.get("title"),
        "question": data.get("question"),
        "context": context,
    }
    given = task.get("annotations", task.get("completions"))
    try:
        return {**fields, **_agreed(given, context if isinstance(context, str) else "")}
    except Problem as problem:
        return {**fields, "answers": problem}


def _agreed(given: object, context: str) -> dict[str, Any]:
    """What most of the annotators of a task marked, what more of them marked first.

    Where the most of them give the same answer of several spans, that one.
    """
    done = [one for one in _mappings(given or [], "annotations") if not one.get("was_cancelled")]
    if not done:
        raise Problem("an annotation", "none", "annotate it, or leave it out of the export")
    marked = [tuple(dict.fromkeys(_results(one.get("result"), context))) for one in done]
    said = [marks for marks in marked if marks]
    if 2 * len(said) == len(marked):
        found = f"{len(said)} that mark words and {len(said)} that mark none"
        mend = "have one more annotate it, or correct one of them"
        raise Problem("annotations of which more mark words, or more do not", found, mend)
    if 2 * len(said) < len(marked):
        return {"answers": []}
    [(first, _)] = Counter(tuple(sorted(marks, key=_start)) for marks in said).most_common(1)
    if _are_parts(first):
        return _together(context, first)
    votes = Counter(mark for marks in said if not _are_parts(marks) for mark in marks)
    return {"answers": [_answer(mark) for mark, _ in votes.most_common()]}


def _are_parts(marks: Sequence[Gold]) -> bool:
    """Whether the marks of one person are one answer together."""
    in_turn = pairwise(sorted(marks, key=_start))
    return len({mark.text for mark in marks}) > 1 and all(a.end <= b.start for a, b in in_turn)


def _together(context: str, marks: Sequence[Gold]) -> dict[str, Any]:
    """Marks as one answer: its spans, and what is to be said of it in one."""
    parts = sorted(marks, key=_start)
    spans = [*map(_answer, parts)]
    if not all(stands(context, one.start, one.text) for one in parts):
        return {"answers": spans}  # whoever checks them says which does not
    return {"answers": [_answer(one_span(context, parts))], "answer_spans": spans}


def _results(results: object, context: str) -> Iterable[Gold]:
    """What an annotation marks."""
    for result in _mappings(results, "a result"):
        value = result.get("value")
        if isinstance(value, Mapping) and {"start", "end"} <= value.keys():
            start, end, words = value["start"], value["end"], value.get("text")
            if not isinstance(words, str) or not isinstance(start, int):
                yield _cut(context, start, end)
            elif not stands(context, start, words) and stands(
                context, units := _code_points(context, start), words
            ):
                yield Gold(words, units)
            else:
                yield Gold(words, start)


def _code_points(context: str, units: int) -> int:
    """An offset in UTF-16 units in code points, -1 if it is none."""
    try:
        return from_utf16(context, units)
    except InputError:
        return -1


def _document(document: Mapping[str, Any]) -> dict[str, Any]:
    """The row in a document of doccano; in old exports what is known beside it is in `meta`."""
    about = dict(document)
    for name in ("meta", "metadata"):
        if isinstance(inner := document.get(name), Mapping):
            about |= inner
    fields = {
        **{name: about.get(name) for name in ("title", "question", "is_impossible")},
        "id": document.get("id"),
        "context": document["text"],
    }
    given = next(document[name] for name in MARKS if name in document)
    try:
        spans = [_span(one) for one in _list(given, "a label")]
        marks = [_cut(document["text"], *one) for one in spans]
        if _are_parts(marks):
            return {**fields, **_together(document["text"], marks)}
        return {**fields, "answers": [*map(_answer, marks)]}
    except Problem as problem:
        return {**fields, "answers": problem}


def _span(mark: object) -> tuple[object, object]:
    """Start and end of a mark, ``[start, end, name]`` or an object."""
    if isinstance(mark, Mapping):
        return mark.get("start_offset"), mark.get("end_offset")
    if isinstance(mark, Sequence) and not isinstance(mark, str) and len(mark) >= 2:
        return mark[0], mark[1]
    raise Problem("labels as [start, end, name]", show(mark), _AGAIN)


def _cut(context: str, start: object, end: object) -> Gold:
    """The words at a place of the text. Raises Problem."""
    if isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= len(context):
        return Gold(context[start:end], start)
    found = f"{show(start)} to {show(end)}"
    raise Problem(f"a mark within the text's {len(context)} code points", found, _AGAIN)


def _answer(mark: Gold) -> dict[str, Any]:
    return {"text": mark.text, "answer_start": mark.start}


def _list(value: object, what: str) -> list[Any]:
    if not isinstance(value, list):
        raise Problem(f"{what} in a list", show(value), _AGAIN)
    return value


def _mappings(value: object, what: str) -> list[Mapping[str, Any]]:
    found = _list(value, what)
    if not all(isinstance(one, Mapping) for one in found):
        raise Problem(f"{what} as objects", show(found), _AGAIN)
    return found
