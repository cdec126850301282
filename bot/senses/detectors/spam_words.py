"""Weight of advertisement and fraud in a text; shared by `is_spam` and `issue_type`."""

from __future__ import annotations

from bot.senses.lexicon import Hit, lexicon

MANY_LINKS = 4


def spam_weight(text: str) -> tuple[float, list[str]]:
    """The weight (from 3 on a verdict) and the phrases behind it. A phrase inside another ("seo" in "seo services") is the
    same hint."""
    hits = _outermost(lexicon("spam").said(text))
    words = [hit.words for hit in hits]
    weight = sum(hit.weight for hit in hits)
    links = text.count("http://") + text.count("https://")
    if weight and links >= MANY_LINKS:
        return weight + 1, [*words, f"{links} links"]
    return weight, words


def _outermost(hits: list[Hit]) -> list[Hit]:
    all_phrases = "|".join(f" {hit.words} " for hit in hits)
    return [hit for hit in hits if all_phrases.count(f" {hit.words} ") == 1]
