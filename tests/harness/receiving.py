"""A receiver over HTTP in this process, whose threads have ended when it has."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask

from sandbox.serve import serving


@contextmanager
def receiving(app: Flask) -> Iterator[str]:
    """Its address. It is closed before the engine goes: its look at the backlog would open the database again, and leave the
    connection to the collector."""
    try:
        with serving(app) as address:
            yield address
    finally:
        app.extensions["deskhand"].close()
