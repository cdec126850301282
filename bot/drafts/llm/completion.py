"""Reading a completion off the wire: a stream of events or one object, its text whole or in parts, cut where it does not end."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

MAX_BYTES = 262_144
BYTES_PER_TOKEN = 512  # an event of a stream may hold one token of reasoning, and its frame of some 250 bytes
# What a token may hold at most, so that an endpoint that disregards max_tokens is cut: few are longer than eight characters,
# and some endpoints send a piece for every character.
CHARS_PER_TOKEN = 8
PIECES_PER_TOKEN = 8
_MOST = 10**9
_SOMETHING_ELSE = "the model's endpoint answered with something else than a completion"


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """Tokens that one call cost."""

    prompt: int
    answer: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """`used`: None where the endpoint does not say. `is_cut`: it ended at max_tokens. `has_reasoned`: some tokens went into
    reasoning that is no part of the text."""

    text: str
    used: Used | None = None
    is_cut: bool = False
    is_stream: bool = False
    has_reasoned: bool = False


class CompletionFailed(Exception):
    """There is no answer; the message says why in words for the agent, without secrets. `is_free`: nothing was generated."""

    def __init__(self, reason: str, *, is_free: bool = False) -> None:
        super().__init__(reason)
        self.is_free = is_free


class ModelRefused(CompletionFailed):
    """The model would not write."""


class ErrorInstead(Exception):
    """The endpoint answers with an error. `status` 200 where it says so only in the body, before any word of an answer."""

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(str(status))
        self.status = status
        self.body = body


def read_completion(content_type: str, parts: Iterable[bytes], max_tokens: int, ends_at: float) -> Answered:
    """Both kinds of answer. Leaving early cuts the connection. `ends_at`: by the monotonic clock. Raises CompletionFailed and
    ErrorInstead."""
    bounded = _bounded(parts, ends_at, MAX_BYTES + max_tokens * BYTES_PER_TOKEN)
    if content_type.startswith("text/event-stream"):
        return _from_events(bounded, max_tokens)
    body = b"".join(bounded)
    if body.lstrip().startswith(b"data:"):  # a stream that does not call itself one
        return _from_events([body], max_tokens)
    return _from_object(body)


def _bounded(parts: Iterable[bytes], ends_at: float, most: int) -> Iterator[bytes]:
    """The body, cut where it grows too large or too late: an answer without its end is no answer."""
    size = 0
    for part in parts:
        size += len(part)
        if size > most:
            raise CompletionFailed("the model's answer is too large")
        if time.monotonic() > ends_at:
            raise CompletionFailed("the model's answer came too slowly")
        yield part


def _from_events(parts: Iterable[bytes], max_tokens: int) -> Answered:
    pieces: list[str] = []
    size, used, is_cut, has_reasoned = 0, None, False, False
    for event in _events(parts):
        _raise_errors(event, is_begun=bool(pieces))
        used = _used(event) or used
        if not event.get("choices"):  # the last event counts the tokens
            continue
        choice, message = _choice(event, "delta")
        is_cut = is_cut or choice.get("finish_reason") == "length"
        has_reasoned = has_reasoned or _reasoning(event, message)
        if piece := text_of(message.get("content")):
            pieces.append(piece)
            size += len(piece)
        if size > max_tokens * CHARS_PER_TOKEN or len(pieces) > max_tokens * PIECES_PER_TOKEN:
            raise CompletionFailed("the model's answer does not end")
    return Answered(text="".join(pieces), used=used, is_cut=is_cut, is_stream=True, has_reasoned=has_reasoned)


def _events(parts: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """The objects of a stream of `data: {...}` lines, up to `data: [DONE]` or its end."""
    left = b""
    for part in _and_end(parts):
        *lines, left = (left + part).split(b"\n")
        for line in lines:
            data = line.strip().removeprefix(b"data:").strip()
            if not line.startswith(b"data:") or not data:
                continue
            if data == b"[DONE]":
                return
            yield _object(data)


def _and_end(parts: Iterable[bytes]) -> Iterator[bytes]:
    """The last line may lack its end."""
    yield from parts
    yield b"\n"


def _from_object(body: bytes) -> Answered:
    completion = _object(body)
    _raise_errors(completion, is_begun=False)
    choice, message = _choice(completion, "message")
    return Answered(
        text=text_of(message.get("content")),
        used=_used(completion),
        is_cut=choice.get("finish_reason") == "length",
        has_reasoned=_reasoning(completion, message),
    )


def _raise_errors(found: dict[str, Any], *, is_begun: bool) -> None:
    if not found.get("error"):
        return
    if is_begun:
        raise CompletionFailed("the model's endpoint broke off with an error")
    raise ErrorInstead(200, json.dumps(found["error"]).encode())


def _choice(completion: dict[str, Any], name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The first choice and its message: some put whole messages into a stream."""
    try:
        choice = completion["choices"][0]
        message = choice.get(name) or choice.get("message") or {}
        refusal = message.get("refusal")
    except (LookupError, TypeError, AttributeError):
        raise CompletionFailed(_SOMETHING_ELSE) from None
    if refusal:
        raise ModelRefused("the model refused")
    return choice, message


def text_of(content: object) -> str:
    """A message's text: as it is, or in parts such as {"type": "text", "text": "..."}. Parts of another type, such as reasoning
    or images, are none of it."""
    if isinstance(content, str):
        return content
    if isinstance(content, dict):
        text = content.get("text")
        return text if isinstance(text, str) and content.get("type", "text") in {"text", "output_text"} else ""
    return "".join(map(text_of, content)) if isinstance(content, list) else ""


def _reasoning(completion: dict[str, Any], message: dict[str, Any]) -> bool:
    usage = completion.get("usage")
    details = usage.get("completion_tokens_details") if isinstance(usage, dict) else None
    counted = details.get("reasoning_tokens") if isinstance(details, dict) else None
    return bool(message.get("reasoning_content") or message.get("reasoning") or counted)


def _object(data: bytes) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise CompletionFailed(_SOMETHING_ELSE)
    return found


def _used(completion: dict[str, Any]) -> Used | None:
    usage = completion.get("usage")
    if not isinstance(usage, dict):
        return None
    prompt, answer = usage.get("prompt_tokens"), usage.get("completion_tokens")
    if not isinstance(prompt, int) or not isinstance(answer, int) or not (0 <= prompt < _MOST and 0 <= answer < _MOST):
        return None
    return Used(prompt=prompt, answer=answer)
