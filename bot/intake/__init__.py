"""Webhooks in: the receiver (verify, parse, store, wake, answer), the durable inbox, backpressure, readiness, metrics."""
