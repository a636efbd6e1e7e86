"""A search engine for Argilla that keeps no index: it asks Argilla's own database.

What Argilla sends to Elasticsearch is a copy of its rows. Here the methods that keep that copy up
to date do nothing, and searches and metrics are SQL.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import numpy as np
from argilla_server.database import AsyncSessionLocal
from argilla_server.enums import MetadataPropertyType, SimilarityOrder
from argilla_server.models import Record, Response, Vector
from argilla_server.search_engine.base import (
    FloatMetadataMetrics,
    IntegerMetadataMetrics,
    SearchEngine,
    SearchResponseItem,
    SearchResponses,
    TermsMetrics,
)
from sqlalchemy import func, select, text, true

from .queries import condition, each, ordering, text_condition

NAME = "database"


@SearchEngine.register(NAME)
class DatabaseSearchEngine(SearchEngine):
    """Argilla's ``SearchEngine`` over Argilla's SQLite database."""

    @classmethod
    async def new_instance(cls) -> DatabaseSearchEngine:
        return cls()

    async def ping(self) -> bool:
        return True

    async def info(self) -> dict[str, Any]:
        return {"name": NAME, "version": {"number": "1", "distribution": "argilla's database"}}

    async def _nothing(self, *_: Any, **__: Any) -> None:
        """The rows are the index."""

    close = create_index = delete_index = configure_metadata_property = _nothing
    configure_index_vectors = index_records = partial_record_update = delete_records = _nothing
    update_record_response = delete_record_response = _nothing
    update_record_suggestion = delete_record_suggestion = _nothing

    async def get_dataset_progress(self, dataset: Any) -> dict[str, int]:
        if dataset.is_draft:
            return {}
        count = select(Record.status, func.count()).where(Record.dataset_id == dataset.id)
        return await _tally(count.group_by(Record.status))

    async def get_dataset_user_progress(self, dataset: Any, user: Any) -> dict[str, int]:
        if dataset.is_draft:
            return {}
        count = (
            select(Response.status, func.count())
            .join(Record, Record.id == Response.record_id)
            .where(Record.dataset_id == dataset.id, Response.user_id == user.id)
        )
        return await _tally(count.group_by(Response.status))

    async def search(
        self,
        dataset: Any,
        query: Any = None,
        filter: Any = None,
        sort: Any = None,
        offset: int = 0,
        limit: int = 100,
        user_id: Any = None,
    ) -> SearchResponses:
        where = _where(dataset, query, filter)
        if sort:
            order = [ordering(one) for one in sort]
        elif user_id is not None:  # each reviewer gets an order of their own, always the same
            seed = (UUID(str(user_id)).int % 1_000_003) * 2 + 1
            order = [text(f"(records.rowid * {seed}) % 2147483647")]
        else:
            order = [Record.inserted_at.asc()]
        async with AsyncSessionLocal() as db:
            total = (await db.execute(select(func.count(Record.id)).where(*where))).scalar_one()
            page = select(Record.id).where(*where).order_by(*order, Record.id)
            ids = (await db.execute(page.offset(offset).limit(limit))).scalars().all()
        items = [SearchResponseItem(record_id=id_, score=1.0) for id_ in ids]
        return SearchResponses(items=items, total=total)

    async def compute_metrics_for(self, metadata_property: Any) -> Any:
        values = each(Record.metadata_, metadata_property.name)
        where = [
            Record.dataset_id == metadata_property.dataset_id,
            values.c.value.is_not(None),
        ]
        async with AsyncSessionLocal() as db:
            if metadata_property.type == MetadataPropertyType.terms:
                counted = select(values.c.value, func.count()).select_from(Record)
                counted = counted.join(values, true()).where(*where).group_by(values.c.value)
                rows = (await db.execute(counted.order_by(func.count().desc()))).all()
                terms = [TermsMetrics.TermCount(term=str(term), count=n) for term, n in rows]
                return TermsMetrics(total=sum(n for _, n in rows), values=terms)
            ends = select(func.min(values.c.value), func.max(values.c.value)).select_from(Record)
            low, high = (await db.execute(ends.join(values, true()).where(*where))).one()
        whole = metadata_property.type == MetadataPropertyType.integer
        return (IntegerMetadataMetrics if whole else FloatMetadataMetrics)(min=low, max=high)

    async def similarity_search(
        self,
        dataset: Any,
        vector_settings: Any,
        value: list[float] | None = None,
        record: Any = None,
        query: Any = None,
        filter: Any = None,
        max_results: int = 100,
        order: Any = SimilarityOrder.most_similar,
        threshold: float | None = None,
    ) -> SearchResponses:
        if bool(value) == bool(record):
            raise ValueError("expected either a vector or a record to compare with")
        vector = value or record.vector_value_by_vector_settings(vector_settings)
        if not vector:
            raise ValueError("expected a record that has such a vector, found one without")
        found = (
            select(Vector.record_id, Vector.value)
            .join(Record, Record.id == Vector.record_id)
            .where(Vector.vector_settings_id == vector_settings.id, *_where(dataset, query, filter))
        )
        async with AsyncSessionLocal() as db:
            rows = (await db.execute(found)).all()
        rows = [(id_, other) for id_, other in rows if record is None or id_ != record.id]
        if not rows:
            return SearchResponses(items=[], total=0)
        others, one = np.array([other for _, other in rows], float), np.array(vector, float)
        norms = np.linalg.norm(others, axis=1) * np.linalg.norm(one)
        cosine = others @ one / np.maximum(norms, 1e-12)
        score = (1 + (-cosine if order == SimilarityOrder.least_similar else cosine)) / 2
        items = [
            SearchResponseItem(record_id=rows[index][0], score=float(score[index]))
            for index in np.argsort(-score, kind="stable")[:max_results]
            if threshold is None or score[index] >= threshold
        ]
        return SearchResponses(items=items, total=len(items))


def _where(dataset: Any, query: Any, filter: Any) -> list[Any]:
    conditions = [Record.dataset_id == dataset.id]
    if query is not None:
        conditions.append(text_condition(query))
    if filter is not None:
        conditions.append(condition(filter))
    return conditions


async def _tally(query: Any) -> dict[str, int]:
    async with AsyncSessionLocal() as db:
        counts = {status.value: count for status, count in (await db.execute(query)).all()}
    return {"total": sum(counts.values()), **counts}
