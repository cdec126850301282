"""One call to an OpenAI-compatible endpoint, bounded in time and bytes; no redirects, no proxies, no retries of its own."""

from __future__ import annotations

import json
import time
from typing import Any

from bot.config import ModelSettings
from bot.drafts.answer import SCHEMA

MAX_BYTES = 262_144
CHUNK = 8_192
Messages = list[dict[str, str]]


class CompletionFailed(Exception):
    """There is no answer; the message says why in words for the agent, without secrets."""


def complete(settings: ModelSettings, messages: Messages, ends_at: float) -> str:
    """The answer's text. `ends_at`: by the monotonic clock, for everything together. Raises CompletionFailed.

    Servers that refuse a JSON schema (400) are asked once more without it.
    """
    try:
        return _call(settings, messages, ends_at, with_schema=True)
    except _SchemaRefused:
        return _call(settings, messages, ends_at, with_schema=False)


class _SchemaRefused(Exception):
    pass


def _call(settings: ModelSettings, messages: Messages, ends_at: float, *, with_schema: bool) -> str:
    # Imported here: half a second that neither the receiver nor a command without drafts should pay.
    import httpx2  # openai's own http library
    import openai

    left = ends_at - time.monotonic()
    if left <= 0:
        raise CompletionFailed(f"the model gave no answer within {settings.timeout_s:g} s")
    way_out = openai.DefaultHttpxClient(follow_redirects=False, trust_env=False, timeout=left)
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
            with client.chat.completions.with_streaming_response.create(
                **_arguments(settings, messages, with_schema)
            ) as response:
                return _text(_bounded(response.iter_bytes(CHUNK), ends_at))
        except openai.BadRequestError as error:
            if with_schema:
                raise _SchemaRefused from error
            raise CompletionFailed("the model refused the request (400)") from error
        except openai.APITimeoutError as error:
            raise CompletionFailed(f"the model gave no answer within {settings.timeout_s:g} s") from error
        except openai.APIStatusError as error:
            raise CompletionFailed(f"the model's endpoint answered {error.status_code}") from error
        except (openai.OpenAIError, httpx2.HTTPError) as error:
            raise CompletionFailed(f"the model cannot be reached ({type(error).__name__})") from error


def _arguments(settings: ModelSettings, messages: Messages, with_schema: bool) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "model": settings.name,
        "messages": messages,
        "temperature": 0,
        "max_tokens": settings.max_tokens,
    }
    if with_schema:
        arguments["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": "reply", "strict": True, "schema": SCHEMA},
        }
    return arguments


def _bounded(parts: Any, ends_at: float) -> bytes:
    """The body, cut where it grows too large or too late: an answer without its end is no answer."""
    body = b""
    for part in parts:
        body += part
        if len(body) > MAX_BYTES:
            raise CompletionFailed("the model's answer is too large")
        if time.monotonic() > ends_at:
            raise CompletionFailed("the model's answer came too slowly")
    return body


def _text(body: bytes) -> str:
    try:
        choice = json.loads(body)["choices"][0]
        text = choice["message"].get("content")
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise CompletionFailed("the model's endpoint answered with something else than a completion") from None
    if choice["message"].get("refusal"):
        raise CompletionFailed("the model refused")
    return text if isinstance(text, str) else ""
