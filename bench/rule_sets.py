"""Rules and tickets to match: keywords, patterns of the kind that support teams write, sets of any size, tickets of about 1 kB.

All of it is drawn from a seed. Every ticket is another one: what a matcher has seen before would be found too fast.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import product
from random import Random
from typing import Any

from rules.engine.ruleset import RuleSet
from rules.files.sources import Source
from rules.loading.load import load_rules


def _words(text: str) -> list[str]:
    return text.split()


THINGS = _words("""
    invoice password webhook calendar printer router licence voucher parcel gateway backup cluster domain mailbox widget
    dashboard report token invitation template export import sidebar scanner terminal headset booking seat workspace tablet
""")
TROUBLES = _words("""
    broken missing frozen expired rejected duplicated corrupted unreachable unavailable delayed lost stuck outdated misprinted
    overbooked unreadable incomplete disconnected overheated blocked mismatched garbled empty truncated unsigned unassigned
    revoked damaged throttled suspended untranslated misrouted oversized undersized unlicensed
""")
FILLER = _words("""
    hello we have been using your service for some time now and most of it works well but since this morning something seems
    to be wrong with our account my colleague tried it twice on another computer and got the same result could you please look
    into it as soon as you can because a customer of ours is waiting for an answer thank you very much in advance for your
    help best regards from the whole team here in the office on the second floor near the station where it rains a lot these
    days which nobody really likes
""")

# Numbers, names and phrases as they stand in the rules of a support desk.
SHAPES = (
    r"\border\s*(?:no\.?|number|#)?\s*[:#]?\s*\d{5,8}\b",
    r"\bINV-\d{4}-\d{4,6}\b",
    r"\b(?:RMA|RET)[- ]?\d{6}\b",
    r"\bDE ?\d{9}\b",
    r"\bATU\d{8}\b",
    r"\bFR ?[0-9A-Z]{2} ?\d{9}\b",
    r"\bGB ?\d{3} ?\d{4} ?\d{2}\b",
    r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}\b",
    r"\b(?:BIC|SWIFT)\s*:?\s*[A-Z]{6}[A-Z0-9]{2,5}\b",
    r"\berr(?:or)?[-_ ]?(?:code)?\s*[:=]?\s*\d{3,5}\b",
    r"\bHTTP\s*(?:status\s*)?5\d\d\b",
    r"\b0x[0-9a-f]{8}\b",
    r"\bE\d{2}-[A-Z]{3}\b",
    r"\b(?:v|version|release)\s*\d+\.\d+(?:\.\d+)?(?:-(?:rc|beta)\d*)?\b",
    r"\b1Z[0-9A-Z]{16}\b",
    r"\b\d{3}-\d{7}-\d{7}\b",
    r"\bserial\s*(?:no\.?|number)?\s*:?\s*[A-Z0-9]{8,12}\b",
    r"\b(?:\d{1,3}\.){3}\d{1,3}\b",
    r"\b[\w.+-]+@[\w-]+\.(?:com|net|org|example)\b",
    r"https?://status\.[a-z]+\.example/\S+",
    r"can(?:not|'t| not).{0,20}(?:log|sign)\s?in",
    r"(?:forgot|reset|change).{0,20}pass(?:word|phrase)",
    r"charged?\s+(?:me\s+)?(?:twice|two times|again)",
    r"(?:refund|money).{0,30}back",
    r"cancel.{0,25}(?:subscription|account|plan)",
    r"not\s+(?:yet\s+)?(?:been\s+)?(?:delivered|received|shipped)",
    r"where\s+is\s+my\s+(?:order|parcel|package)",
    r"(?:speak|talk)\s+(?:to|with)\s+(?:a\s+|your\s+)?(?:manager|supervisor|human)",
    r"(?:lawyer|attorney|legal action|small claims)",
    r"(?:whole|entire)\s+(?:team|company|office).{0,40}(?:down|offline|waiting)",
    r"since\s+(?:yesterday|this morning|\d+\s+(?:hours?|days?))",
    r"(?:second|third|fourth)\s+time\s+(?:i|we)\b",
    r"two[- ]?factor|\b2fa\b|one[- ]time (?:code|password)",
    r"(?:gdpr|data protection).{0,40}(?:request|deletion|export)",
    r"\bSLA\b.{0,30}(?:breach|missed|violat)",
    r"rate.?limit(?:ed|ing)?\b.{0,30}\b429\b",
    r"(?:ssl|tls|certificate)\s+(?:error|expired|invalid)",
    r"out\s+of\s+(?:office|memory|stock)",
    r"(?:no|without)\s+(?:answer|reply|response)\s+(?:for|since)",
    r"time(?:d)?[- ]?out\s+(?:after|of)\s+\d+\s*(?:s|sec|seconds|min)",
)


def patterns(count: int) -> list[str]:
    """The shapes, then what is said about things."""
    said = (
        r"\b{}s?\b.{{0,30}}\b(?:broken|fails?|failing|stuck)\b",
        r"(?:can'?t|unable to)\s+\w+\s+(?:the|my|our)\s+{}",
        r"\b{}-\d{{3,6}}\b",
    )
    about = [shape.format(thing) for shape, thing in product(said, THINGS)]
    return [*SHAPES, *about][:count]


def keywords(count: int) -> list[str]:
    """Phrases of one and two words."""
    pairs = [f"{thing} {trouble}" for trouble, thing in product(TROUBLES, THINGS)]
    return [*THINGS, *TROUBLES, *pairs][:count]


def tickets(count: int, seed: int, length: int = 1024) -> list[str]:
    """Texts of about `length` characters, each with a few keywords and numbers."""
    draw, known = Random(seed), keywords(1_000)
    return [_ticket(draw, known, length) for _ in range(count)]


def _ticket(draw: Random, known: Sequence[str], length: int) -> str:
    words: list[str] = []
    while sum(map(len, words)) + len(words) < length:
        words.append(draw.choice(FILLER))
    for said in (*draw.sample(known, 3), *_numbers(draw)):
        words.insert(draw.randrange(len(words)), said)
    return " ".join(words)[:length].capitalize() + "."


def _numbers(draw: Random) -> list[str]:
    every = (
        f"order no. {draw.randrange(10_000, 99_999_999)}",
        f"INV-2026-{draw.randrange(1_000, 99_999)}",
        f"error code {draw.randrange(100, 99_999)}",
        f"version {draw.randrange(9)}.{draw.randrange(30)}.{draw.randrange(9)}",
        f"DE{draw.randrange(10**8, 10**9)}",
        f"mail{draw.randrange(999)}@mail.example",
        "cannot sign in",
        f"since {draw.randrange(2, 9)} days",
    )
    return draw.sample(every, 2)


def keyword_rules(count: int) -> RuleSet:
    """Each looks for one keyword in all that a ticket says."""
    return _load([{"when": {"text": {"has": word}}} for word in keywords(count)])


def mixed_rules(count: int) -> RuleSet:
    """As a set grows in a company: most look for words, some for patterns, products, customers, tags; one in fifty for nothing
    that could be looked up."""
    words, shapes = keywords(1_000), patterns(100)
    return _load([{"when": _mixed(place, words, shapes)} for place in range(count)])


def _mixed(place: int, words: Sequence[str], shapes: Sequence[str]) -> dict[str, Any]:
    word, other = words[place % len(words)], words[(place * 7 + 3) % len(words)]
    if place % 50 == 49:
        return {"agent_replies": {"at_least": 20 + place}}
    kinds: tuple[dict[str, Any], ...] = (
        {"text": {"has": word}},
        {"text": {"has_any": [word, other]}},
        {"all": [{"text": {"has": word}}, {"not": {"tags": "known-issue"}}]},
        {"any": [{"subject": {"has": word}}, {"description": {"has": other}}]},
        {"all": [{"company.tier": ["enterprise", "professional"]}, {"text": {"has": word}}]},
        {"all": [{"text": {"matches": shapes[place % len(shapes)]}}, {"custom.product": f"product {place}"}]},
        {"text": {"matches": rf"\b{word}\b.{{0,30}}\b{place}\b"}},
        {"custom.product": f"product {place}"},
        {"all": [{"company.name": f"company {place}"}, {"company.arr": {"at_least": 1000}}]},
        {"tags": {"has_any": [f"topic-{place}", "urgent-now"]}},
    )
    return kinds[place % len(kinds)]


def _load(rules: Sequence[dict[str, Any]]) -> RuleSet:
    made = [{"id": f"r{place}", **rule, "then": [{"add_tags": [f"t{place % 9}"]}]} for place, rule in enumerate(rules)]
    return load_rules([Source("bench.yaml", json.dumps({"rules": made}))])
