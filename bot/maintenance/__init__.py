"""Upkeep of what is stored: backup, restore, retention, erasure, statistics."""
