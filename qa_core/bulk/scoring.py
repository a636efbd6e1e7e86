"""How right answers are where the file that asked holds the right ones. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from qa_core.evaluation.metrics import exact_match, f1, squad_scores
from qa_core.inference.answer import Answer

Golds = Mapping[str, Sequence[str]]


def scored(id_: str, text: str, golds: Golds) -> dict[str, Any]:
    """What to add to a row of answers: `expected`, `exact` (0 or 1) and `f1` (0 to 1).

    golds: right answers by id, empty for "the text does not say". Nothing where the id has none.
    """
    if id_ not in golds:
        return {}
    expected = list(golds[id_])
    return {
        "expected": expected,
        "exact": exact_match(text, expected),
        "f1": round(f1(text, expected), 4),
    }


def totals(answers: Iterable[tuple[str, str]], golds: Golds) -> dict[str, float] | None:
    """EM and F1 (0 to 100) as SQuAD's script gives them, over the answers that have golds.

    answers: ids and texts. None if no answer has any.
    """
    texts = {id_: text for id_, text in answers if id_ in golds}
    return squad_scores(texts, {id_: golds[id_] for id_ in texts}) if texts else None


def combined(*parts: Mapping[str, float] | None) -> dict[str, float] | None:
    """`totals` over all answers from those over parts of them, None where a part has none."""
    known = [part for part in parts if part]
    found: dict[str, float] = {}
    for prefix in ("", "HasAns_", "NoAns_"):
        with_any = [part for part in known if f"{prefix}total" in part]
        total = sum(part[f"{prefix}total"] for part in with_any)
        for name in ("exact", "f1") if total else ():
            sums = [part[f"{prefix}{name}"] * part[f"{prefix}total"] for part in with_any]
            found[f"{prefix}{name}"] = sum(sums) / total
        if total:
            found[f"{prefix}total"] = total
    return found or None


def sentence(scores: Mapping[str, float]) -> str:
    """The totals in words."""
    count = int(scores["total"])
    rows = "row" if count == 1 else "rows"
    return (
        f"EM {scores['exact']:.1f}, F1 {scores['f1']:.1f} on {count:,} {rows} with expected answers"
    )


def texts_of(ids: Sequence[str], answers: Sequence[Answer]) -> list[tuple[str, str]]:
    """Ids and texts, for `totals`; "" where the answer is that the text does not say."""
    return [
        (id_, answer.text if answer.answerable else "")
        for id_, answer in zip(ids, answers, strict=True)
    ]
