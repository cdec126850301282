"""is_mixed_language: two languages stand in the customer's newest words, a sentence or a clause at least of each."""

from __future__ import annotations

from collections import Counter

import re2

from adapters.ticket import Ticket
from bot.senses.language_guess import MAX_CHARS, Guess, english_beside, guess, is_of_one_language, own_letters, roman_hindi
from rules.model.facts import Signal

SURE = 0.9  # of a clause
CLAUSE_LETTERS = 12
CLAUSE_WORDS = 3
MOST_CLAUSES = 24
LEAST_LETTERS, LEAST_SHARE = 15, 0.15  # of the second language
UNSPACED_LETTERS = 4
OTHER_SCRIPT_LETTERS, SURE_OF_OTHER_SCRIPT = 8, 0.5  # nobody writes a clause in Cyrillic by chance
# A clause of one is easily taken for another of them.
_NEAR = (
    "ru uk bg be mk sr hr bs sl kk mn",
    *("nb da sv", "cs sk", "id ms", "es ca gl pt", "nl af", "ar fa ur", "hi mr", "et fi", "az tr", "ja zh"),
)
_UNSPACED = frozenset({"ja", "zh", "ko", "th"})
_NOT_LATIN = frozenset({"ar", "be", "bg", "bn", "el", "fa", "he", "hi", "kk", "mk", "mn", "ru", "sr", "uk", "ur"})
_GROUP = {language: near.split()[0] for near in _NEAR for language in near.split()}
_CLAUSE = re2.compile(r"[.!?;:,\n。！？；、，…()]+|\s[-–—]\s")
_PAIRS = ('""', "“”", "„“", "„”", "«»", "‹›", "「」", "『』", "``")
_QUOTED = re2.compile("|".join(f"{pair[0]}[^{pair[1]}\n]*{pair[1]}" for pair in _PAIRS))
# A machine's own words in a line: AADSTS50011: …, HTTP/1.1 429 …, java.lang.Exception.
_LOG_LINE = re2.compile(r"(?m)^.*(?:\b[A-Z]{2,}[A-Z_-]*\d{2,}\b|HTTP/|\w\.[A-Z]\w+[.:]|::|Exception|[Ee]rror:).*$")


def detect(ticket: Ticket, text: str) -> Signal:
    """What is quoted in marks or is a log is not the customer's language; nor is a name or a single foreign word."""
    words = str(_QUOTED.sub(" ", own_letters(str(_LOG_LINE.sub("", text[:MAX_CHARS])))))
    flat = " ".join(words.split()).lower()
    found = Counter[str]() if is_of_one_language(flat) else _letters_of(words)
    if len(found) > 1:
        (first, most), (second, count) = found.most_common(2)
        least = UNSPACED_LETTERS if second in _UNSPACED else OTHER_SCRIPT_LETTERS if second in _NOT_LATIN else LEAST_LETTERS
        if count >= least and count >= LEAST_SHARE * (most + count):
            return Signal(value=True, score=0.8, why=f"{first} and {second}, {most} and {count} letters")
    if roman_hindi(flat) and (english_beside(flat) or guess(words).language == "en"):
        return Signal(value=True, score=0.75, why="en and hi, in Latin letters")
    return Signal(value=False, score=0.8, why="one language")


def _letters_of(words: str) -> Counter[str]:
    """Letters by language, of clauses that speak for themselves. Near languages count as the one that comes first."""
    letters: Counter[str] = Counter()
    named: dict[str, str] = {}
    most = guess(words).language
    for clause in _CLAUSE.split(words)[:MOST_CLAUSES]:
        found = guess(clause.strip(), most) if sum(map(str.isalpha, clause)) >= UNSPACED_LETTERS else Guess()
        if _speaks_for_itself(found):
            group = _GROUP.get(found.language, found.language)
            letters[named.setdefault(group, found.language)] += found.letters
    return letters


def _speaks_for_itself(found: Guess) -> bool:
    if found.is_by_script:
        return found.letters >= UNSPACED_LETTERS
    if found.language in _NOT_LATIN and not found.is_latin:
        return found.letters >= OTHER_SCRIPT_LETTERS and found.score >= SURE_OF_OTHER_SCRIPT
    return found.letters >= CLAUSE_LETTERS and found.words >= CLAUSE_WORDS and found.score >= SURE
