"""Argilla's filters, orders and text queries as SQL over the JSON that it keeps in SQLite."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from argilla_server.enums import ResponseStatusFilter, SortOrder
from argilla_server.models import Question, Record, Response, Suggestion
from argilla_server.search_engine.base import (
    AndFilter,
    MetadataFilterScope,
    RecordFilterScope,
    ResponseFilterScope,
    SuggestionFilterScope,
    TermsFilter,
    TextQuery,
)
from sqlalchemy import Text, and_, cast, exists, false, func, literal, not_, or_, select, true

# Texts are stored as HTML, and searched as they are shown; an ampersand is the last to be one.
SHOWN = {"&lt;": "<", "&gt;": ">", "&#13;": "\r", "&amp;": "&"}
TERM = re.compile(r'(?P<without>-)?(?:"(?P<phrase>[^"]*)"|(?P<word>[^\s"|]+))|(?P<either>\|)')


def path(*keys: str) -> str:
    """SQLite's JSON path to nested keys; a key may hold any character but a quote."""
    return "$" + "".join(f'."{key}"' for key in keys)


def each(column: Any, *keys: str) -> Any:
    """The values of a JSON list, or the one value of a scalar, as a table."""
    arguments = (column, path(*keys)) if keys else (column,)
    return func.json_each(*arguments).table_valued("key", "value", "type", name=None).alias()


def condition(chosen: Any) -> Any:
    """A filter as a condition on records."""
    if isinstance(chosen, AndFilter):
        return and_(true(), *map(condition, chosen.filters))
    scope = chosen.scope
    if isinstance(scope, RecordFilterScope):
        return _of_record(getattr(scope.property, "value", scope.property), chosen)
    if isinstance(scope, MetadataFilterScope):
        return _any_matches(Record.metadata_, chosen, scope.metadata_property)
    if isinstance(scope, SuggestionFilterScope):
        column = scope.property or "value"
        found = _suggestion(literal(1), scope.question)
        if column in ("value", "score"):
            return exists(found.where(_any_matches(getattr(Suggestion, column), chosen)))
        return exists(found.where(_matches(getattr(Suggestion, column), chosen)))
    if isinstance(scope, ResponseFilterScope):
        return _of_response(scope, chosen)
    raise TypeError(f"expected a filter of Argilla 2.8, found {scope!r}")


def ordering(order: Any) -> Any:
    """A sort order as an expression; records without a value come last."""
    scope = order.scope
    if isinstance(scope, RecordFilterScope):
        column = getattr(Record, getattr(scope.property, "value", scope.property))
    elif isinstance(scope, MetadataFilterScope):
        column = func.json_extract(Record.metadata_, path(scope.metadata_property))
    elif isinstance(scope, SuggestionFilterScope):
        name = scope.property or "value"
        if name == "score":
            scores = each(Suggestion.score)
            value = select(func.avg(scores.c.value)).select_from(scores).scalar_subquery()
        elif name == "value":
            value = func.json_extract(Suggestion.value, "$")
        else:
            value = getattr(Suggestion, name)
        column = _suggestion(value, scope.question).limit(1).scalar_subquery()
    else:
        value = (
            func.json_extract(Response.values, path(scope.question, "value"))
            if scope.question
            else Response.status
        )
        column = _responses(value, scope).limit(1).scalar_subquery()
    column = column.desc() if order.order == SortOrder.desc else column.asc()
    return column.nulls_last()


def text_condition(query: TextQuery | str) -> Any:
    """Words (all of them), "phrases", -without and a | b, as parts of the text, in any case."""
    asked = TextQuery(q=query) if isinstance(query, str) else query
    groups: list[list[Any]] = [[]]
    for match in TERM.finditer(asked.q):
        if match["either"]:
            groups.append([])
            continue
        term = match["phrase"] if match["phrase"] is not None else match["word"].strip("()+*~")
        if term:
            found = _holds(term, asked.field)
            groups[-1].append(not_(found) if match["without"] else found)
    if not any(groups):
        return true()
    return or_(false(), *(and_(true(), *group) for group in groups if group))


def _holds(term: str, field: str | None) -> Any:
    arguments = (Record.fields, path(field)) if field else (Record.fields,)
    texts = func.json_tree(*arguments).table_valued("value", "type", name=None).alias()
    text = cast(texts.c.value, Text)
    for stored, shown in SHOWN.items():
        text = func.replace(text, stored, shown)
    pattern = "%" + re.sub(r"([\\%_])", r"\\\1", term) + "%"
    matches = text.ilike(pattern, escape="\\")
    return exists(select(literal(1)).select_from(texts).where(texts.c.type == "text", matches))


def _of_record(name: str, chosen: Any) -> Any:
    if name == "id" and isinstance(chosen, TermsFilter):
        return Record.id.in_([UUID(value) for value in chosen.values])
    if name == "external_id" and isinstance(chosen, TermsFilter):
        return Record.external_id.in_(chosen.values)  # by its index
    if name == "status":
        return Record.status.in_(chosen.values)
    column = getattr(Record, name)
    if name in ("inserted_at", "updated_at"):
        day = func.julianday(cast(column, Text))
        ends = ((day.__ge__, chosen.ge), (day.__le__, chosen.le))
        return and_(true(), *(test(func.julianday(e)) for test, e in ends if e is not None))
    return _matches(column, chosen)


def _of_response(scope: Any, chosen: Any) -> Any:
    found = _responses(literal(1), scope)
    if scope.question:
        return exists(found.where(_any_matches(Response.values, chosen, scope.question, "value")))
    wanted = [getattr(value, "value", value) for value in chosen.values]
    pending = ResponseStatusFilter.pending.value
    conditions = [not_(exists(found))] if pending in wanted else []
    if others := [status for status in wanted if status != pending]:
        conditions.append(exists(found.where(Response.status.in_(others))))
    return or_(false(), *conditions)


def _suggestion(value: Any, question: str) -> Any:
    return (
        select(value)
        .select_from(Suggestion)
        .join(Question, Question.id == Suggestion.question_id)
        .where(Suggestion.record_id == Record.id, Question.name == question)
    )


def _responses(value: Any, scope: Any) -> Any:
    found = select(value).select_from(Response).where(Response.record_id == Record.id)
    return found if scope.user is None else found.where(Response.user_id == scope.user.id)


def _matches(column: Any, chosen: Any) -> Any:
    if isinstance(chosen, TermsFilter):
        return cast(column, Text).in_([str(value) for value in chosen.values])
    ends = ((column.__ge__, chosen.ge), (column.__le__, chosen.le))
    return and_(true(), *(test(end) for test, end in ends if end is not None))


def _any_matches(column: Any, chosen: Any, *keys: str) -> Any:
    values = each(column, *keys)
    matches = _matches(values.c.value, chosen)
    return exists(select(literal(1)).select_from(values).where(matches))
