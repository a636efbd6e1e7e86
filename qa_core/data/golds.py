"""The right answers of a row, in any of the shapes that data sets give them. Pure."""

from __future__ import annotations

import ast
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from qa_core.data.examples import Gold
from qa_core.data.problems import Problem, misplaced, show
from qa_core.text.offsets import stands

LONGEST_LITERAL = 100_000  # characters of a Python literal that are looked into

_ANSWERS = 'answers as {"text": [...], "answer_start": [...]} or as a list of texts'
_WHOLE = re.compile(r"\s*(-?[0-9]{1,18})(?:\.0*)?\s*")
_TRUTH = {"true": True, "1": True, "1.0": True, "false": False, "0": False, "0.0": False}
# A numpy array in a Python literal, as pandas writes the answers of data sets on the Hub to CSV.
_ARRAY = re.compile(r"\barray\((\[[^\[\]]*\])(?:,\s*dtype=[\w<>'\"]+)?\)")


def golds(fields: Mapping[Any, Any], context: str) -> tuple[Gold, ...]:
    """The right answers of a row; empty if it says that there is none.

    An answer without a start is looked for in the context: its first place counts. Raises Problem.
    """
    given, detected = fields.get("answers"), fields.get("detected_answers")
    if isinstance(given, Problem):
        raise given
    text = fields.get("answer_text")
    text = fields.get("answer") if missing(text) else text
    flat = text, fields.get("answer_start")
    if not missing(detected):
        return tuple(_detected(_parsed(detected), context))
    if not missing(given):
        if not all(map(missing, flat)):
            mend = "leave one of them out"
            raise Problem("answers, or answer_text and answer_start", "both", mend)
        return _listed(_parsed(given), context)
    if not all(map(missing, flat)):
        return (_gold(*flat, context),)
    if not {"answer_text", "answer"}.isdisjoint(fields) or truth(fields.get("is_impossible")):
        return ()
    raise Problem(_ANSWERS, "none", "add them, with empty lists if the text does not say")


def parts(fields: Mapping[Any, Any], context: str) -> tuple[Gold, ...]:
    """The several spans that together are the answer, in the text's order; empty where one is.

    Raises Problem.
    """
    given = fields.get("answer_spans")
    found = () if missing(given) else _listed(_parsed(given), context)
    return tuple(sorted(found, key=lambda gold: gold.start)) if len(found) > 1 else ()


def gold_texts(fields: Mapping[Any, Any], context: str) -> tuple[str, ...] | None:
    """What to score an answer by: texts, empty if there is no answer; None if the row is silent."""
    try:
        return tuple(gold.text for gold in golds(fields, context))
    except Problem:
        pass
    for name in ("answers", "answer_text", "answer"):
        try:
            found = _parsed(fields.get(name))
        except Problem:
            continue
        texts = found.get("text") if isinstance(found, Mapping) else found
        texts = [texts] if isinstance(texts, str) else texts
        if isinstance(texts, Sequence) and texts:
            of = [one.get("text") if isinstance(one, Mapping) else one for one in texts]
            said = [one for one in of if isinstance(one, str) and one.strip()]
            if len(said) == len(of):
                return tuple(said)
    return None


def missing(value: object) -> bool:
    """Whether a cell says nothing: None, an empty text, or not a number, as pandas has it."""
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))


def truth(value: object) -> bool | None:
    """`is_impossible` as a truth value; None if the row does not say. Raises Problem."""
    if missing(value):
        return None
    if (found := _TRUTH.get(str(value).strip().lower())) is not None:
        return found
    raise Problem("is_impossible as true or false", show(value), "write true or false")


def whole(value: object, name: str) -> int:
    """A whole number, as an int, a float or a text. Raises Problem."""
    if not isinstance(value, bool | str) and isinstance(value, int | float) and value == value // 1:
        return int(value)
    if isinstance(value, str) and (found := _WHOLE.fullmatch(value)):
        return int(found[1])
    raise Problem(f"{name} as a whole number", show(value), "write it as an integer")


def plausible(given: object, context: str) -> tuple[Gold, ...]:
    """The plausible answers that are where they say; they help training and are never judged by."""
    found = []
    for answer in given if isinstance(given, list) else []:
        try:
            gold = _gold(answer.get("text"), answer.get("answer_start"), context)
        except (AttributeError, Problem):
            continue
        if gold.text.strip() and stands(context, gold.start, gold.text):
            found.append(gold)
    return tuple(found)


def _parsed(value: object) -> Any:
    """What a text holds as JSON or as a Python literal; a text that looks like none is itself."""
    if not isinstance(value, str) or not value.lstrip().startswith(("[", "{", "(")):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        pass
    try:
        if len(value) <= LONGEST_LITERAL:
            return ast.literal_eval(_ARRAY.sub(r"\1", value.strip()))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        pass
    mend = "export the data set as JSON Lines or Parquet, or write this column as JSON"
    raise Problem('answers as JSON, {"text": [...], "answer_start": [...]}', show(value), mend)


def _listed(answers: object, context: str) -> tuple[Gold, ...]:
    if isinstance(answers, str):
        return (_gold(answers, None, context),)
    if isinstance(answers, Mapping):
        texts, starts = answers.get("text"), answers.get("answer_start")
        if isinstance(texts, str):
            return (_gold(texts, starts, context),)
        if not isinstance(texts, list | tuple):
            raise Problem(_ANSWERS, show(answers), "write two lists")
        starts = [None] * len(texts) if missing(starts) else starts
        if not isinstance(starts, list | tuple):
            raise Problem(_ANSWERS, show(answers), "write two lists")
        if len(texts) != len(starts):
            found = f"{len(texts)} texts, {len(starts)} starts"
            raise Problem("as many answer texts as starts", found, "give each text its start")
        return tuple(_gold(text, start, context) for text, start in zip(texts, starts, strict=True))
    if isinstance(answers, list | tuple):
        if not all(isinstance(one, Mapping | str) for one in answers):
            raise Problem(_ANSWERS, show(answers), 'write {"text": ..., "answer_start": ...} each')
        pairs = [
            (one, None) if isinstance(one, str) else (one.get("text"), one.get("answer_start"))
            for one in answers
        ]
        return tuple(_gold(text, start, context) for text, start in pairs)
    raise Problem(_ANSWERS, show(answers), "write two lists, empty ones for no answer")


def _gold(text: object, start: object, context: str) -> Gold:
    if not isinstance(text, str):
        raise Problem("the answer's text as a string", show(text), "write it as a string")
    if not missing(start):
        return Gold(text, whole(start, "answer_start"))
    if (place := context.find(text)) >= 0:
        return Gold(text, place)
    mend = "copy the answer from the context as it stands there"
    raise Problem("an answer that stands in the context", show(text), mend)


def _detected(answers: object, context: str) -> Iterator[Gold]:
    """MRQA's answers; `char_spans` count the last character in."""
    if isinstance(answers, Mapping):  # as columns, on the Hub
        texts, spans = answers.get("text"), answers.get("char_spans")
        if not isinstance(texts, list) or not isinstance(spans, list) or len(texts) != len(spans):
            raise Problem("detected_answers with texts and char_spans", show(answers), "as MRQA")
        answers = [{"text": t, "char_spans": s} for t, s in zip(texts, spans, strict=True)]
    if not isinstance(answers, list) or not all(isinstance(one, Mapping) for one in answers):
        raise Problem("detected_answers as a list", show(answers), "write them as MRQA does")
    for answer in answers:
        text = answer.get("text")
        if not answer.get("char_spans"):
            yield _gold(text, None, context)
            continue
        for first, last in _spans(answer["char_spans"]):
            found = context[first : last + 1] if first >= 0 else ""
            if _letters(found) != _letters(str(text)) or not found:
                raise misplaced(str(text), first, context)
            yield Gold(found, first)


def _spans(given: Any) -> Iterable[tuple[int, int]]:
    try:
        pairs = zip(given["start"], given["end"], strict=True) if "start" in given else given
        return [(whole(a, "char_spans"), whole(b, "char_spans")) for a, b in pairs]
    except (TypeError, ValueError, KeyError) as error:
        raise Problem(
            "char_spans as pairs of numbers", show(given), "write [[first, last]]"
        ) from error


def _letters(text: str) -> str:
    return "".join(text.split()).casefold()
