"""Customers' words as evidence in a signal's `why`: whole words, short, on one line."""

from __future__ import annotations

MAX_LETTERS = 80  # what shows such a quote looks it up in the ticket, and takes no longer one


def quoted(sentence: str) -> str:
    """“The beginning of a sentence”, at most MAX_LETTERS long; "" of nothing."""
    words = " ".join(sentence.replace("“", '"').replace("”", '"').split()).strip(" .,;:")
    if len(words) > MAX_LETTERS:
        cut = words[:MAX_LETTERS]
        words = cut.rpartition(" ")[0] if " " in cut[MAX_LETTERS // 2 :] else cut
    return f"“{words}”" if words else ""
