"""What an endpoint refuses of a request: read from its errors, left out when it is asked again, and remembered for a while.

Endpoints that call themselves OpenAI-compatible differ in what they take: newer models of OpenAI refuse `max_tokens` and any
temperature, others know no JSON schema, no count of tokens in a stream, no stream, or no system message.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import re2

from bot.config import ModelSettings

REMEMBERED_S = 3600.0
MAX_ERROR = 8_192
REFUSING = frozenset({400, 422, 500, 501})  # the answers to a request with something in it that the endpoint does not take
TOKEN_LIMITS = ("max_tokens", "max_completion_tokens")  # the one name or the other, the usual one first
SYSTEM = "system message"
OPTIONS = (*TOKEN_LIMITS, "temperature", "response_format", "stream_options", "stream", SYSTEM)

# Left out together where an error names nothing: first what few endpoints lack and many refuse, then all that can be left out.
_FIRST = frozenset({"response_format", "stream_options"})
_SECOND = frozenset({*TOKEN_LIMITS, "temperature", "stream"})

# In an error's own words. `stream` does not match in `stream_options`, as an underscore is part of a word.
_WORDS = {
    "max_tokens": re2.compile(r"(?i)\bmax_tokens\b"),
    "max_completion_tokens": re2.compile(r"(?i)\bmax_completion_tokens\b"),
    "temperature": re2.compile(r"(?i)\btemperature\b"),
    "response_format": re2.compile(
        r"(?i)\bresponse_format\b|\bjson_schema\b|structured.output|guided.(?:json|decoding)|\bgrammar\b"
    ),
    "stream_options": re2.compile(r"(?i)\bstream_options\b|\binclude_usage\b"),
    "stream": re2.compile(r"(?i)\bstream\b|\bstreaming\b"),
    SYSTEM: re2.compile(r"(?i)\bsystem.{0,3} (?:role|message|prompt|instruction)|\brole.{0,20}\bsystem\b|developer instruction"),
}
_TOO_LONG = re2.compile(
    r"(?i)context.(?:length|window|size)|too (?:large|long|many|high)|\bexceed|maximum.{0,40}\btokens|\bat most\b"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What an error says. `options`: what to leave out, empty where that would not help. `is_named`: the error itself says which.
    `is_too_long`: prompt and answer are more than the model takes."""

    options: frozenset[str] = frozenset()
    is_named: bool = False
    is_too_long: bool = False


class Refusals(Protocol):
    """What is known of an endpoint and model."""

    def known(self, settings: ModelSettings) -> frozenset[str]: ...

    def learn(self, settings: ModelSettings, refused: frozenset[str]) -> None: ...


@dataclass(slots=True)
class RefusalsOfProcess:
    """Kept in memory, for REMEMBERED_S: an endpoint may learn."""

    clock: Callable[[], float] = time.monotonic
    _kept: dict[tuple[str, str], tuple[float, frozenset[str]]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def known(self, settings: ModelSettings) -> frozenset[str]:
        with self._lock:
            kept_at, refused = self._kept.get(key_of(settings), (0.0, frozenset()))
        return refused if self.clock() - kept_at < REMEMBERED_S else frozenset()

    def learn(self, settings: ModelSettings, refused: frozenset[str]) -> None:
        with self._lock:
            self._kept[key_of(settings)] = (self.clock(), refused)


def key_of(settings: ModelSettings) -> tuple[str, str]:
    """What refusals belong to: another model at the same address may take what this one refuses."""
    return settings.base_url.rstrip("/"), settings.name


def read_refusal(status: int, body: bytes, sent: Collection[str]) -> Refusal:
    """What to leave out of a request that sent these OPTIONS and was answered with this error. Never raises."""
    if status not in REFUSING and status not in {200, 413}:
        return Refusal()
    said = _Said.of(body)
    places = {option for option in sent if option in said.places}
    if said.places & set(TOKEN_LIMITS):  # `max_tokens is required` means the other one
        places |= {option for option in sent if option in TOKEN_LIMITS}
    if _TOO_LONG.search(said.text) and not said.is_unknown_parameter and not places - set(TOKEN_LIMITS):
        return Refusal(is_too_long=True)
    named = places or _in_words(said.text, sent)
    if named:
        return Refusal(options=frozenset(named), is_named=True)
    if said.places or status not in REFUSING:  # about something that is no option
        return Refusal()
    if left := _FIRST & set(sent):
        return Refusal(options=left)
    return Refusal(options=_SECOND & set(sent) if status < 500 else frozenset())


def _in_words(text: str, sent: Collection[str]) -> set[str]:
    found = {option for option in sent if _WORDS[option].search(text)}
    if not found and any(_WORDS[limit].search(text) for limit in TOKEN_LIMITS):
        found = {option for option in sent if option in TOKEN_LIMITS}
    return found - {"stream"} if "stream_options" in found else found  # `stream_options is only allowed with stream`


@dataclass(frozen=True, slots=True)
class _Said:
    """An error's text, and the places in the request that it names (`param`, `loc`)."""

    text: str
    places: frozenset[str]
    is_unknown_parameter: bool

    @classmethod
    def of(cls, body: bytes) -> _Said:
        text = body[:MAX_ERROR].decode("utf-8", "replace")
        try:
            tree = json.loads(body[:MAX_ERROR])
        except (ValueError, RecursionError):
            return cls(text, frozenset(), False)
        pairs = list(_pairs(tree, ""))
        named = [value for name, value in pairs if name in {"param", "loc"}]
        places = {step for each in named for step in re2.split(r"[^A-Za-z_]+", each)} - {"", "body"}
        codes = {value for name, value in pairs if name in {"code", "type"}}
        is_unknown = bool(codes & {"unsupported_parameter", "unknown_parameter", "extra_forbidden"})
        return cls(" ".join(value for name, value in pairs if name != "loc"), frozenset(places), is_unknown)


def _pairs(tree: Any, name: str, depth: int = 0) -> Iterator[tuple[str, str]]:
    """The texts of a JSON value, each with the name it stands under. Not what was sent, which some repeat as `input`."""
    if depth > 8 or name == "input":
        return
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from _pairs(value, key, depth + 1)
    elif isinstance(tree, list):
        for value in tree:
            yield from _pairs(value, name, depth + 1)
    elif isinstance(tree, str):
        yield name, tree
