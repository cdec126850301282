"""One run of one ticket: claim its lease, read, decide, draft, plan, write."""
