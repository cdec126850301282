"""The customer's own words as evidence, and what was tried: short quotes for whoever takes the ticket over. Pure.

A sentence is evidence for what a detector found in it and for its figures: times, amounts, order numbers, error codes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from adapters.ticket import Ticket
from bot.drafts.similarity import essence
from bot.senses import visible_text
from bot.senses.learned.features import UNSPACED
from rules.model.facts import Signal
from rules.values.folding import fold

MAX_QUOTES = 3
MAX_WORDS = 26  # of all quotes together
MAX_QUOTE = 20  # words of one
TELLING = 3  # words of a sentence in a quote, where others say more
BARE_LETTERS = 20  # a compound says more
CUT_IS_WORTH = 0.6  # a sentence that does not fit, beside one that does
MAX_FILES = 4
MISSING = "missing"
_WRAPPED = re.compile(r"(?<=[^\s.!?;:])\n(?=[a-zà-ÿ])")  # a line's end within a sentence
_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+|(?<=[。！？])|\n+")
_GREETED = re.compile(
    r"(?i)^(?:hi|hello|hey|dear|good (?:morning|afternoon|evening)|hallo|guten (?:tag|morgen|abend)|liebe[r]?|sehr geehrte[r]?"
    r"|bonjour|bonsoir|hola|buenos días|buenas tardes|ciao|buongiorno|olá)\b[^,.!?\n]{0,40}[,.!]\s*"
)
_FIGURE = re.compile(r"\S*\d\S*")
_WORD = re.compile(r"\w+")
_QUOTED = re.compile(r"“([^”]{2,80})”")
_NO_TROUBLE = ("satisfied", "neutral")
_SENSES = ("issue", "severity", "wants_cancel", "asks_for_management", "legal_words", "sentiment", "churn_words")


def evidence(ticket: Ticket, signals: Mapping[str, Signal], most_words: int = MAX_WORDS) -> tuple[str, ...]:
    """Quotes in the order of the text, and the names of what is attached; `missing` only where there is nothing at all."""
    said = _without_subject(visible_text(ticket), ticket.subject)
    sentences = _sentences(said)
    quotes = _best(sentences, _phrases(signals), most_words)
    if not quotes and not _WORD.search(said) and ticket.subject.strip():
        quotes = [_cut(" ".join(ticket.subject.split()), most_words, ())]
    shown = [f"“{each}”" for each in quotes]
    if files := _files(ticket):
        shown.append(f"attached: {files}")
    return tuple(shown) or (MISSING,)


def _sentences(text: str) -> list[str]:
    return [" ".join(each.split()) for each in _SENTENCE_END.split(_WRAPPED.sub(" ", text)) if each.strip()]


def tried(ticket: Ticket, most_words: int = 12) -> str:
    """What we answered last, in its own beginning, and how many answers there were; "" where there was none."""
    replies = ticket.agent_replies
    if not replies:
        return ""
    gist = _cut(_GREETED.sub("", " ".join(essence(replies[-1].body_text).split())), most_words, ())
    return f"“{gist}”" if len(replies) == 1 else f"{len(replies)} replies, the last: “{gist}”"


def _without_subject(text: str, subject: str) -> str:
    """The reader sees the subject anyway."""
    return text.removeprefix(subject).strip() if subject else text


def _phrases(signals: Mapping[str, Signal]) -> list[tuple[str, ...]]:
    """The words that detectors found, each as words."""
    found: list[str] = []
    for name in _SENSES:
        signal = signals.get(name)
        if signal is None or not signal.value or signal.value in _NO_TROUBLE:
            continue
        quoted = _QUOTED.findall(signal.why)
        listed = signal.why.partition("words found:")[2].split(",") if not quoted else []
        found += [*quoted, *listed, *(signal.value if isinstance(signal.value, tuple) else ())]
    return [part for each in dict.fromkeys(found) for part in _telling(each)]


def _telling(quote: str) -> list[tuple[str, ...]]:
    """The words of a quote, one by one sentence; of several, a "Thank you" before what is the matter is left out."""
    parts = [words for each in _sentences(quote) if (words := _words(each))]
    return [words for words in parts if len(words) >= TELLING] or parts


def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(fold(text)))


def _best(sentences: Sequence[str], phrases: Sequence[tuple[str, ...]], most_words: int) -> list[str]:
    """The sentences with most to show, in their order, as long as they fit."""
    worth = [_worth(each, phrases) * (1 if len(each.split()) <= most_words else CUT_IS_WORTH) for each in sentences]
    ranked = sorted(range(len(sentences)), key=lambda place: (-worth[place], _is_bare(sentences[place]), place))
    chosen: dict[int, str] = {}
    left = most_words
    for place in ranked[:MAX_QUOTES]:
        if chosen and (not worth[place] or left < min(8, len(sentences[place].split()))):
            break
        chosen[place] = _cut(sentences[place], min(left, MAX_QUOTE), phrases)
        left -= len(chosen[place].split())
    return [chosen[place] for place in sorted(chosen)]


def _is_bare(sentence: str) -> bool:
    """A "Hello" or "Please help!" that says nothing of what is the matter."""
    return len(sentence.split()) < TELLING and len(sentence) < BARE_LETTERS and not UNSPACED.search(sentence)


def _worth(sentence: str, phrases: Sequence[tuple[str, ...]]) -> int:
    words = f" {' '.join(_words(sentence))} "
    return 2 * sum(f" {' '.join(each)} " in words for each in phrases) + min(3, len(_FIGURE.findall(sentence)))


def _cut(sentence: str, most: int, phrases: Sequence[tuple[str, ...]]) -> str:
    """At most so many words, around what was found; `…` stands where words are left out."""
    words = sentence.rstrip(" .;,:").split()
    if len(words) <= most:
        return " ".join(words)
    telling = [place for place, word in enumerate(words) if any(char.isdigit() for char in word)]
    folded = [" ".join(_words(word)) for word in words]
    telling += [place for each in phrases for place in range(len(words)) if folded[place : place + len(each)] == list(each)]
    starts = range(len(words) - most + 1)
    start = max(starts, key=lambda start: (sum(start <= place < start + most for place in telling), -start))
    shown = " ".join(words[start : start + most]).rstrip(",;:")
    return ("… " if start else "") + shown + (" …" if start + most < len(words) else "")


def _files(ticket: Ticket) -> str:
    names = [each.name or "unnamed file" for message in ticket.customer_messages for each in message.attachments]
    shown = [" ".join(name.split())[:40] for name in names[:MAX_FILES]]
    more = f" and {len(names) - MAX_FILES} more" if len(names) > MAX_FILES else ""
    return ", ".join(shown) + more
