"""Waking workers for a ticket: embedded (local socket) or through Redis and RQ. Never the truth, only a wake-up."""
