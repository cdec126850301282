"""A worker's parts, put together in one place, and what ends or delays a run: preflight, retry, lease guard."""
