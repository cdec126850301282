"""The tone of a draft, whoever wrote it: the greeting's name, capitals, and no sentence that only sounds polite.

A reflex ("thank you for writing"), an apology where nothing went wrong and what nobody has announced ("a colleague looks at your
message") are left out. What names its matter stays: "I am sorry that the export fails" is no reflex.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import re2

from bot.drafts.tone.greeting import is_greeting, mended, person_name
from bot.drafts.types import DraftAsk, Sentence, is_step
from rules.files.yaml_file import plain, read_yaml

_WENT_WRONG = frozenset({"outage", "bug", "data_loss", "security", "integration", "account_access"})
_UPSET = frozenset({"angry", "frustrated"})
_SMALL_WORDS = frozenset({"das", "der", "die", "den", "dem", "ein", "eine", "nach", "wenn", "es", "so", "dieser", "wir", "ich"})
_ORDINARY_WORD = re2.compile(r"^\p{Ll}+(?:['’-]\p{Ll}+)*[,:;.!?]?$")


@dataclass(frozen=True, slots=True)
class _Patterns:
    """`reflex`: a whole sentence of thanks or announcement. `begins_with_thanks`: thanks before the matter. `apology`: for
    trouble that it does not name."""

    reflex: re2._Regexp
    begins_with_thanks: re2._Regexp
    apology: re2._Regexp


@lru_cache(maxsize=1)
def _patterns() -> _Patterns:
    found = plain(read_yaml(Path(__file__).parent / "manners.yaml"))
    thanks, sorry, announced = (
        "|".join(each.replace(" |", "|") for each in found[name].values()) for name in ("thanks", "sorry", "announced")
    )
    return _Patterns(
        reflex=re2.compile(rf"(?i)^\s*(?:{thanks})(?:[,;]?\s*(?:{sorry}))?\s*[.!]*\s*$|^\s*(?:{announced})\s*[.!]*\s*$"),
        begins_with_thanks=re2.compile(rf"(?i)^\s*(?:{thanks})[,;]\s*(?:and |und |et |y )?"),
        apology=re2.compile(rf"(?i)^\s*(?:{sorry})\s*[.!]*\s*$"),
    )


def mannered(sentences: tuple[Sentence, ...], ask: DraftAsk, language: str) -> tuple[Sentence, ...]:
    """The sentences as they should read. Their sources stay; none is added."""
    name = person_name(ask.ticket.requester.name if ask.ticket.requester else "")
    said = f"{ask.ticket.subject} {ask.asked}"
    patterns = _patterns()
    kept: list[Sentence] = []
    for place, sentence in enumerate(sentences):
        text = sentence.text.strip()
        text = mended(text, language, name, said) if place == 0 else text
        if not sentence.sources and (
            patterns.reflex.match(text) or (patterns.apology.match(text) and not _something_failed(ask))
        ):
            continue
        if not sentence.sources:
            text = str(patterns.begins_with_thanks.sub("", text)) or text
        after_greeting = bool(kept) and len(kept) == 1 and is_greeting(kept[0].text)
        kept.append(replace(sentence, text=_small(text) if language == "de" and after_greeting else with_capital(text)))
    return tuple(kept)


def with_capital(text: str) -> str:
    """The first letter large; names that begin small (iPhone, config.yaml) and what is no word are left as they are."""
    head, space, rest = text.partition(" ") if is_step(text) else ("", "", text)
    word = rest.split(" ", 1)[0]
    is_word = word[:1].islower() and _ORDINARY_WORD.match(word)
    return f"{head}{space}{rest[:1].upper()}{rest[1:]}" if is_word else text


def _small(text: str) -> str:
    """German goes on in small letters after the greeting's comma, but for nouns and for "Sie"."""
    word = text.split(" ", 1)[0]
    return text[:1].lower() + text[1:] if word.casefold() in _SMALL_WORDS else text


def _something_failed(ask: DraftAsk) -> bool:
    issue, mood = ask.signals.get("issue_type"), ask.signals.get("sentiment")
    return bool((issue and issue.value in _WENT_WRONG) or (mood and mood.value in _UPSET))
