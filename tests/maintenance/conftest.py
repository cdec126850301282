"""Both databases, as the store's tests have them."""

from __future__ import annotations

from tests.store.conftest import connection, engine, sqlite_template

__all__ = ["connection", "engine", "sqlite_template"]
