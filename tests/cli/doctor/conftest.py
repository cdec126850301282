"""A model's endpoint to look at."""

from __future__ import annotations

from tests.harness.model_endpoint import endpoint, server

__all__ = ["endpoint", "server"]
