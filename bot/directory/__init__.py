"""Who the customer is: what the helpdesk knows of company and requester, completed from CSV or YAML files.

Never guesses: a value comes from the helpdesk or from a file, or stays unknown. Only ARR and MRR derive from each other.
"""

from __future__ import annotations

from bot.directory.directory import Directory

__all__ = ["Directory"]
