"""What stands below the words: a closing with a name, a dashed signature, a device line, a block of name and address.

Only a short block of such lines is one. A sentence below a closing, a postscript, steps between two rows of dashes and a script
are the customer's words; a device line costs itself only.
"""

from __future__ import annotations

from itertools import pairwise

import re2

from bot.senses.reading.folding import folded
from bot.senses.reading.lines import Line, next_filled, paragraphs
from bot.senses.reading.parts import Context, Role
from bot.senses.reading.technical import looks_like_code
from bot.senses.reading.word_lists import anywhere, inside, longest_first, phrases

MAX_SIGNATURE = 10  # lines with words
MAX_NAME_WORDS = 8
MAX_DEVICE_LINE = 160
MAX_DEVICE_WORDS = 14
MAX_UNSPACED = 20  # characters of a name in a script without capitals
_DEVICES = ("devices", "inflected", "apps")
_DASHES = frozenset({"--", "—", "__", "–", "- -", "——", "––"})
_WORDS = re2.compile(r"[\pL\pN'][\pL\pN\pM'.-]*")
_CONTACT = re2.compile(
    r"(?i:https?://|www\.|[^\s<>@]+@[^\s<>@]+\.|\+\d[\d ()./-]{6,}|\b0\d[\d ()./-]{6,}"
    r"|^\s*(?:tel|fon|phone|mob|mobil|fax|cell|m|t|f|e|w)\s*[.:]\s*\S)"
    r"|\b\d{4,5} \p{Lu}\pL+|\S\s+[|•·]\s+\S"  # a place behind its postcode; columns
    r"|\b(?:GmbH|AG|KG|OHG|UG|Ltd|LLC|Inc|PLC|plc|SARL|SAS|SA|S\.A\.|S\.?R\.?L|S\.L|SRL|BV|B\.V|NV|A/S|ApS|Oy|AB|AS|Lda|Kft"
    r"|sp\. z o\.o|s\.r\.o)\b|株式会社|有限公司"
)
_SENTENCE_END = re2.compile(r"[.!?…。！？]['\")»”]*$")
_STEP = re2.compile(r"^\s*(?:\d{1,2}[.)]|[-*•])\s+\S")
_MODEL = re2.compile(r"^[^\pL]*(?:\pL*\d[\pL\d-]*|\pL?\p{Lu}[\pL\d-]*)[^\pL\d]*$")
_LINKS = re2.compile(r"<[^<>\s]*[:@.][^<>]*>|\[([^\[\]]*)\]\([^()]*\)|\(?https?://\S+|https?://\S+")


def mark_signature(lines: list[Line], start: int, end: int, context: Context) -> None:
    """Roles for what ends the words between `start` and `end`."""
    _mark_devices(lines, start, end)
    if _mark_dashed(lines, start, end) or _mark_closing(lines, start, end):
        return
    _mark_card(lines, start, end, context)


def _give(lines: list[Line], start: int, end: int) -> None:
    for line in lines[start:end]:
        if line.role is None:
            line.role = Role.SIGNATURE


def _has_words_above(lines: list[Line], place: int) -> bool:
    return any(line.plain and line.role not in (Role.SIGNATURE, Role.LEGAL, Role.HEADING, Role.QUOTE) for line in lines[:place])


# --- device lines ---------------------------------------------------------------------------------------------------


def _mark_devices(lines: list[Line], start: int, end: int) -> None:
    unquoted = (place for place in range(start, end) if lines[place].is_open and not lines[place].depth)
    found = [place for place in unquoted if is_device_line(lines[place].said)]
    for place in found:
        lines[place].role = Role.SIGNATURE
    for before, after in pairwise(found):
        between = [line for line in lines[before:after] if line.is_open]
        if all(len(line.plain.split()) <= MAX_NAME_WORDS - 3 for line in between):
            _give(lines, before, after)
    if not found:
        return
    below = [line for line in lines[found[-1] : end] if line.is_open]
    if below and len(below) <= 3 and all(is_name_line(line) for line in below):
        _give(lines, found[-1], end)


def is_device_line(text: str) -> bool:
    """`Sent from my iPhone`, and nothing of a sentence about a parcel."""
    shown = _LINKS.sub(r" \1 ", text).strip(" \t()[]<>«»*_-–—.!")
    plain = folded(shown)
    if not plain or len(plain) > MAX_DEVICE_LINE or not any(inside(f"devices.{each}").search(plain) for each in _DEVICES):
        return False
    excuse = inside("devices.excuse").search(plain)
    if excuse:
        shown, plain = shown[: excuse.start()], plain[: excuse.start()]
    rest = _without_sent(plain)
    if rest is None:
        return False
    words = rest.replace(",", " ").replace(".", " ").split()
    every = shown.replace(",", " ").replace(".", " ").split()
    kept = every[len(every) - len(words) :] if len(every) >= len(words) else words
    is_device = [_is_device(word, as_shown) for word, as_shown in zip(words, kept, strict=True)]
    if len(words) > MAX_DEVICE_WORDS or not (any(is_device) or (not plain.isascii() and inside("devices.devices").search(rest))):
        return False
    known = phrases("devices.joining") | phrases("devices.apps")
    return all(found or word in known or _MODEL.match(each) for found, word, each in zip(is_device, words, kept, strict=True))


def _is_device(word: str, as_shown: str) -> bool:
    """Also with an ending: `iPhonesta`, `iPhone'umdan`. An app whose name is a word as well counts where it has a capital."""
    for part in (word, *word.replace("'", "-").split("-")):
        if part in phrases("devices.devices") or part.startswith(tuple(phrases("devices.inflected"))):
            return True
    return word in phrases("devices.apps") and as_shown.lstrip("([<")[:1].isupper()


def _without_sent(plain: str) -> str | None:
    """The line without the words for "sent from" before, behind or around the device; None where there are none."""
    for phrase in longest_first("devices.sent"):
        rest = plain.removeprefix(phrase)
        if rest != plain and not (phrase[-1].isascii() and phrase[-1].isalpha() and rest[:1].isalpha()):
            return next((rest.removesuffix(each) for each in longest_first("devices.ends") if rest.endswith(each)), rest).strip()
    for phrase in longest_first("devices.ends"):
        if plain.endswith(phrase):
            return plain.removesuffix(phrase).strip()
    return None


# --- dashes, closings, cards ----------------------------------------------------------------------------------------


def _mark_dashed(lines: list[Line], start: int, end: int) -> bool:
    """A short block below a line of two dashes that no second such line ends."""
    dashes = [place for place in range(start, end) if lines[place].is_open and _is_dashes(lines[place])]
    for number, place in enumerate(dashes):
        is_last = number == len(dashes) - 1
        below = [line for line in lines[place + 1 : end] if line.is_open and not _is_dashes(line)]
        are_names = sum(is_name_line(line) for line in below) * 2 >= len(below)
        is_block = 0 < len(below) <= MAX_SIGNATURE and are_names and not any(_is_matter(line) for line in below)
        if is_block and _has_words_above(lines, place) and (is_last or len(below) <= MAX_SIGNATURE // 2):
            _give(lines, place, end)
            return True
    if dashes and not any(line.is_open for line in lines[dashes[-1] + 1 : end]):
        lines[dashes[-1]].role = Role.SIGNATURE
    return False


def _is_dashes(line: Line) -> bool:
    return line.plain.strip("* ") in _DASHES


def _is_matter(line: Line) -> bool:
    """Does a line below two dashes belong to the mail all the same?"""
    plain, words = line.plain, _WORDS.findall(line.said)
    if (
        is_postscript(plain)
        or _STEP.match(line.said)
        or (looks_like_code(line.said) and not _CONTACT.search(line.said))
        or _is_about(plain)
    ):
        return True
    if _CONTACT.search(line.said) or plain.endswith(":"):
        return False
    if not _is_spaced(plain):
        return len(plain) > MAX_UNSPACED * 2 or bool(_SENTENCE_END.search(plain) and len(plain) > MAX_UNSPACED)
    if "?" in plain or len(words) >= 12:
        return True
    return len(words) >= 5 and (bool(_SENTENCE_END.search(plain)) or not _is_capitalised(words, 0.5))


def _mark_closing(lines: list[Line], start: int, end: int) -> bool:
    """The last closing with a name below it, and the lines of name and address that follow; sentences below them stay."""
    for place in range(end - 1, start - 1, -1):
        line = lines[place]
        if not line.is_open or line.depth or not _has_words_above(lines, place):
            continue
        is_whole = is_closing(line.plain)
        if not is_whole and not _closes_with_name(line):
            continue
        stop = _end_of_card(lines, place + 1, end)
        if stop > place + 1 or (not is_whole and next_filled(lines, place + 1, end) == end):
            _give(lines, place, stop)
            return True
    return False


def _end_of_card(lines: list[Line], start: int, end: int) -> int:
    """Where the lines of name and address end that begin here; `start` where there are none."""
    stop, count = start, 0
    for place in range(start, end):
        line = lines[place]
        if line.is_blank or line.role in (Role.LEGAL, Role.SIGNATURE):
            continue
        if (
            line.role is not None
            or line.depth
            or count >= MAX_SIGNATURE
            or not (is_name_line(line) or _is_dashes(line) or is_closing(line.plain))
        ):
            break
        stop, count = place + 1, count + 1
    return stop


def is_closing(plain: str) -> bool:
    """`Best regards,` as a line of its own, in one language or in two."""
    bare = plain.strip(" *_,.!;-–—。、！،؛")
    if bare in phrases("closings.closings"):
        return True
    parts = [each.strip(" ,.!") for each in bare.replace("|", "/").split("/")]
    return len(parts) == 2 and all(each in phrases("closings.closings") for each in parts)


def _closes_with_name(line: Line) -> bool:
    """`Best regards, Jo Field`."""
    head, comma, name = line.said.partition(",")
    words = name.split()
    return bool(comma) and is_closing(folded(head)) and 0 < len(words) <= 3 and all(word[:1].isupper() for word in words)


def _mark_card(lines: list[Line], start: int, end: int, context: Context) -> None:
    """A last paragraph of a name with a title, a company or a telephone number; or the author's name alone."""
    last = list(paragraphs(lines, start, end))[-1:]
    if not last or not _has_words_above(lines, last[0][0]):
        return
    begun, stop = last[0]
    block = lines[begun:stop]
    above = next((line for line in reversed(lines[:begun]) if line.plain), None)
    if any(line.depth for line in block) or (above is not None and above.plain.endswith(":")):
        return
    author = _WORDS.findall(folded(context.author))
    if author and _WORDS.findall(block[0].plain) == author and all(is_name_line(line) for line in block):
        _give(lines, begun, stop)
        return
    is_name = 2 <= len(_WORDS.findall(block[0].said)) <= 4 and _is_capitalised(_WORDS.findall(block[0].said), 1.0)
    is_told = any(anywhere("closings.titles").search(line.plain) or _CONTACT.search(line.said) for line in block[1:])
    is_another = bool(author) and not set(author) & set(_WORDS.findall(block[0].plain))
    if is_name and is_told and not is_another and 2 <= len(block) <= MAX_SIGNATURE and all(is_name_line(line) for line in block):
        _give(lines, begun, stop)


def is_postscript(plain: str) -> bool:
    head = plain.lstrip("* ").split(" ")[0].split(":")[0].rstrip(".:,")
    return head in phrases("closings.postscript") and len(plain) > len(head) + 1


def is_name_line(line: Line) -> bool:
    """A line of a name, a title, a company or an address: capitals and figures, and nothing of a sentence."""
    plain = line.plain
    if is_postscript(plain) or _STEP.match(line.said) or "?" in plain or _is_about(plain):
        return False
    words = _WORDS.findall(line.said)
    if _CONTACT.search(line.said):
        return len(words) <= MAX_NAME_WORDS * 2 or not _SENTENCE_END.search(plain)
    if not line.said.strip()[:1].isalnum() and line.said.strip()[:1] not in "*_(+-–—~'\"„“":
        return False
    if not _is_spaced(plain):
        return len(plain) <= MAX_UNSPACED and not _SENTENCE_END.search(plain)
    if words and all(any(char.isdigit() for char in word) for word in words):
        return True  # a number in groups
    if len(words) > MAX_NAME_WORDS or plain.endswith("!") or (len(words) >= 4 and _SENTENCE_END.search(plain)):
        return False
    if len(words) <= 4 and anywhere("closings.titles").search(plain):
        return True
    is_shouted = len(words) >= 4 and line.said.isupper()
    return len(words) == 1 or (not is_shouted and _is_capitalised(words, 1.0 if len(words) == 2 else 0.6))


def _is_about(plain: str) -> bool:
    """An invoice, an order, an error by its number."""
    return any(char.isdigit() for char in plain) and bool(anywhere("closings.matters").search(plain))


def _is_capitalised(words: list[str], share: float) -> bool:
    counted = [word for word in words if word[:1].isalpha() and word.casefold() not in phrases("closings.particles")]
    return sum(word[:1].isupper() for word in counted) >= share * len(counted) if counted else True


def _is_spaced(plain: str) -> bool:
    """Is most of it written in a script with spaces and capitals?"""
    letters = [char for char in plain if char.isalpha()]
    return sum(ord(char) < 0x590 for char in letters) * 2 >= len(letters)
