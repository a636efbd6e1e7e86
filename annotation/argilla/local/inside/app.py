"""Argilla's ASGI application, with our search engine and queue in it."""

from typing import Any

from . import queues

queues.install()

import argilla_server  # noqa: E402
from argilla_server import database  # noqa: E402
from sqlalchemy import event  # noqa: E402
from sqlalchemy.ext.asyncio import create_async_engine  # noqa: E402
from sqlalchemy.pool import NullPool  # noqa: E402

from . import engine  # noqa: E402, F401  registers itself

# Jobs have an event loop of their own, and a pooled connection belongs to one loop.
_engine = create_async_engine(
    database.settings.database_url, poolclass=NullPool, **database.settings.database_engine_args
)
database.AsyncSessionLocal.configure(bind=_engine)


@event.listens_for(_engine.sync_engine, "connect")
def _write_ahead(connection: Any, _: Any) -> None:
    """Readers do not wait for a writer, and a kill leaves the database whole."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.close()


app = argilla_server.app
