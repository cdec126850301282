"""How much of a draft was in the reply that an agent sent. The recipe has a version: measures of two recipes never mix."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

import re2
from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from bot.drafts.text import plain_text, sentences_of

RECIPE = 1
MAX_WORDS = 2_000
KEPT = 85.0
_QUOTE = re2.compile(r"^\s*>")
_WROTE = re2.compile(r"(?i)^\s*(?:on|am|le|el)\s.{5,200}(?:wrote|schrieb.{0,100}|a écrit|escribió)\s*:\s*$")
_GREETING = re2.compile(
    r"(?i)^\s*(?:hi|hello|hey|dear|good (?:morning|afternoon|evening)|hallo|guten (?:tag|morgen|abend)"
    r"|liebe[r]?|sehr geehrte[r]?"
    r"|bonjour|bonsoir|cher|chère|hola|buenos días|buenas tardes|estimad[oa])\b[^.?]{0,60}[,!:]?\s*$"
)
_CLOSING = re2.compile(
    r"(?i)^\s*(?:--\s*|(?:best|kind|warm) regards|regards|best|cheers|sincerely|thanks|thank you"
    r"|mit freundlichen grüßen|viele grüße|beste grüße|freundliche grüße|cordialement|bien à vous|saludos"
    r"|un saludo|atentamente)\s*[,.!]?\s*$"
)
_FACT = re2.compile(r"https?://\S+|[^\s@]+@[^\s@]+\.\w+|\d[\d.,:/-]*")


class Use(StrEnum):
    AS_IS = "as_is"
    LIGHT_EDIT = "light_edit"
    HEAVY_EDIT = "heavy_edit"
    NOT_USED = "not_used"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """`similarity`: 1 minus word edits over the longer text. `kept`: share of the draft's sentences in the reply;
    `from_draft`: share of the reply's sentences in the draft. `fact_edits`: numbers, dates, links changed, added or dropped."""

    similarity: float
    band: Use
    kept: float
    from_draft: float
    length_ratio: float
    fact_edits: int
    recipe: int = RECIPE


def compare(draft: str, sent: str) -> Measured:
    """The draft against what was sent; both as text or HTML, with quotes, greeting and signature disregarded."""
    ours, theirs = essence(draft), essence(sent)
    words, sent_words = ours.casefold().split()[:MAX_WORDS], theirs.casefold().split()[:MAX_WORDS]
    similarity = Levenshtein.normalized_similarity(words, sent_words) if words and sent_words else 0.0
    ours_facts, their_facts = set(_FACT.findall(ours)), set(_FACT.findall(theirs))
    return Measured(
        similarity=round(similarity, 4),
        band=band_of(similarity),
        kept=_share_in(sentences_of(ours), sentences_of(theirs)),
        from_draft=_share_in(sentences_of(theirs), sentences_of(ours)),
        length_ratio=round(len(sent_words) / len(words), 3) if words else 0.0,
        fact_edits=len(ours_facts ^ their_facts) if similarity >= 0.3 else 0,
    )


def band_of(similarity: float) -> Use:
    if similarity >= 0.95:
        return Use.AS_IS
    if similarity >= 0.70:
        return Use.LIGHT_EDIT
    return Use.HEAVY_EDIT if similarity >= 0.30 else Use.NOT_USED


def essence(text: str) -> str:
    """The text without quotes, greeting and signature, as one line per paragraph."""
    lines = unicodedata.normalize("NFC", plain_text(_broken(text))).split("\n")
    own: list[str] = []
    for line in lines:
        if _WROTE.match(line) or (own and _CLOSING.match(line)):
            break
        if line.strip() and not _QUOTE.match(line):
            own.append(" ".join(line.split()))
    if len(own) > 1 and _GREETING.match(own[0]):
        own = own[1:]
    return "\n".join(own)


def _broken(text: str) -> str:
    """HTML with its line ends kept."""
    return str(re2.sub(r"(?i)<br\s*/?>|</?(?:p|div|li|blockquote)\b[^<>]*>", "\n", text))


def _share_in(sentences: list[str], others: list[str]) -> float:
    if not sentences:
        return 0.0
    kept = sum(any(fuzz.ratio(each, other) >= KEPT for other in others[:100]) for each in sentences[:100])
    return round(kept / len(sentences[:100]), 3)
