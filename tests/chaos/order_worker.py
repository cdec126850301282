"""The worker process of tests/chaos/order.py, as a module that the nursery can start."""

from __future__ import annotations

from tests.chaos.order import work as main

__all__ = ["main"]
