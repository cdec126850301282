"""One call to an OpenAI-compatible endpoint, bounded in time, bytes and tokens; no redirects, no proxies, no retries of its own.

The answer is asked for as a stream, so that a model that does not stop is cut off instead of being waited for.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from adapters.addresses import AddressPrivate
from bot.config import ModelSettings
from bot.drafts.llm.model_answer import SCHEMA

MAX_BYTES = 262_144
# What a token may hold at most, so that an endpoint that disregards max_tokens is cut: few are longer than eight characters,
# and some endpoints send a piece for every character.
CHARS_PER_TOKEN = 8
PIECES_PER_TOKEN = 8
Messages = list[dict[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """Tokens that one call cost."""

    prompt: int
    answer: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """`used`: None where the endpoint does not say."""

    text: str
    used: Used | None = None


class CompletionFailed(Exception):
    """There is no answer; the message says why in words for the agent, without secrets. `is_free`: nothing was generated."""

    def __init__(self, reason: str, *, is_free: bool = False) -> None:
        super().__init__(reason)
        self.is_free = is_free


def complete(settings: ModelSettings, messages: Messages, ends_at: float) -> Answered:
    """The answer's text. `ends_at`: by the monotonic clock, for everything together. Raises CompletionFailed.

    Servers that refuse a JSON schema or a count of tokens in the stream (400) are asked once more without.
    """
    try:
        return _call(settings, messages, ends_at, is_plain=False)
    except _OptionsRefused:
        return _call(settings, messages, ends_at, is_plain=True)


class _OptionsRefused(Exception):
    pass


def _call(settings: ModelSettings, messages: Messages, ends_at: float, *, is_plain: bool) -> Answered:
    # Imported here: half a second that neither the receiver nor a command without drafts should pay.
    import httpx2  # openai's own http library
    import openai

    from bot.drafts.llm.pinned_transport import WayOut

    left = ends_at - time.monotonic()
    if left <= 0:
        raise CompletionFailed(_too_late(settings), is_free=True)
    way_out = openai.DefaultHttpxClient(
        follow_redirects=False, trust_env=False, timeout=left, transport=WayOut(settings.allow_private)
    )
    with (
        way_out,
        openai.OpenAI(
            base_url=settings.base_url,
            api_key=settings.api_key.get_secret_value(),
            timeout=left,
            max_retries=0,
            http_client=way_out,
        ) as client,
    ):
        try:
            with client.chat.completions.with_streaming_response.create(**_arguments(settings, messages, is_plain)) as response:
                return _read(response.headers.get("content-type", ""), response.iter_bytes(), settings, ends_at)
        except openai.BadRequestError as error:
            if not is_plain:
                raise _OptionsRefused from error
            raise CompletionFailed("the model refused the request (400)", is_free=True) from error
        except openai.APITimeoutError as error:
            raise CompletionFailed(_too_late(settings)) from error
        except openai.APIStatusError as error:
            raise CompletionFailed(f"the model's endpoint answered {error.status_code}", is_free=True) from error
        except httpx2.TimeoutException as error:  # while the body was read
            raise CompletionFailed(_too_late(settings)) from error
        except (openai.OpenAIError, httpx2.HTTPError) as error:
            cause = error.__cause__ if isinstance(error, openai.OpenAIError) else error
            is_free = isinstance(cause, httpx2.ConnectError)  # nothing was sent
            raise CompletionFailed(_why_unreachable(error, cause), is_free=is_free) from error


def _too_late(settings: ModelSettings) -> str:
    return f"the model gave no answer within {settings.timeout_s:g} s"


def _why_unreachable(error: Exception, cause: BaseException | None) -> str:
    if cause is not None and isinstance(cause.__cause__, AddressPrivate):
        return "the model's address leads into a private network, which is not allowed"
    return f"the model cannot be reached ({type(error).__name__})"


def _arguments(settings: ModelSettings, messages: Messages, is_plain: bool) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "model": settings.name,
        "messages": messages,
        "temperature": 0,
        "max_tokens": settings.max_tokens,
        "stream": True,
    }
    if not is_plain:
        arguments["stream_options"] = {"include_usage": True}
        arguments["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": "reply", "strict": True, "schema": SCHEMA},
        }
    return arguments


def _read(content_type: str, parts: Iterable[bytes], settings: ModelSettings, ends_at: float) -> Answered:
    """Both kinds of answer: events, or one object of an endpoint that does not stream. Leaving early cuts the connection."""
    bounded = _bounded(parts, ends_at)
    if content_type.startswith("text/event-stream"):
        return _from_events(bounded, settings.max_tokens)
    return _from_object(b"".join(bounded))


def _bounded(parts: Iterable[bytes], ends_at: float) -> Iterator[bytes]:
    """The body, cut where it grows too large or too late: an answer without its end is no answer."""
    size = 0
    for part in parts:
        size += len(part)
        if size > MAX_BYTES:
            raise CompletionFailed("the model's answer is too large")
        if time.monotonic() > ends_at:
            raise CompletionFailed("the model's answer came too slowly")
        yield part


def _from_events(parts: Iterable[bytes], max_tokens: int) -> Answered:
    pieces: list[str] = []
    size, used = 0, None
    for event in _events(parts):
        used = _used(event) or used
        piece = _piece(event)
        if piece:
            pieces.append(piece)
            size += len(piece)
        if size > max_tokens * CHARS_PER_TOKEN or len(pieces) > max_tokens * PIECES_PER_TOKEN:
            raise CompletionFailed("the model's answer does not end")
    return Answered(text="".join(pieces), used=used)


def _events(parts: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """The objects of a stream of `data: {...}` lines, up to `data: [DONE]` or its end."""
    left = b""
    for part in parts:
        *lines, left = (left + part).split(b"\n")
        for line in lines:
            data = line.strip().removeprefix(b"data:").strip()
            if not line.startswith(b"data:") or not data:
                continue
            if data == b"[DONE]":
                return
            yield _object(data)


def _piece(event: dict[str, Any]) -> str:
    if "error" in event:
        raise CompletionFailed("the model's endpoint broke off with an error")
    choices = event.get("choices")
    if not choices:  # the last event counts the tokens
        return ""
    try:
        delta = choices[0].get("delta") or {}
        text, refusal = delta.get("content"), delta.get("refusal")
    except (LookupError, TypeError, AttributeError):
        raise CompletionFailed(_SOMETHING_ELSE) from None
    if refusal:
        raise CompletionFailed("the model refused")
    return text if isinstance(text, str) else ""


_SOMETHING_ELSE = "the model's endpoint answered with something else than a completion"


def _from_object(body: bytes) -> Answered:
    completion = _object(body)
    try:
        message = completion["choices"][0]["message"]
        text, refusal = message.get("content"), message.get("refusal")
    except (LookupError, TypeError, AttributeError):
        raise CompletionFailed(_SOMETHING_ELSE) from None
    if refusal:
        raise CompletionFailed("the model refused")
    return Answered(text=text if isinstance(text, str) else "", used=_used(completion))


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


_MOST = 10**9
