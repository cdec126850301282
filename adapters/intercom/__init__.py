"""Intercom: conversations and tickets. Each file as at the other providers; dialect.py holds what differs by version."""
