"""Calls to an OpenAI-compatible endpoint, bounded in time, bytes and tokens; no redirects, no proxies.

The answer is asked for as a stream, so that a model that does not stop is cut off instead of being waited for. A call is repeated
only without what the endpoint refused of it (endpoint_refusals.py), within the same time.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from adapters.addresses import AddressPrivate
from bot.config import ModelSettings
from bot.drafts.llm.completion import Answered, CompletionFailed, ErrorInstead, Used, read_completion
from bot.drafts.llm.endpoint_refusals import OPTIONS, SYSTEM, TOKEN_LIMITS, Refusals, RefusalsOfProcess, read_refusal
from bot.drafts.llm.model_answer import SCHEMA

if TYPE_CHECKING:
    from openai import OpenAI

Messages = list[dict[str, str]]
FORMAT: dict[str, Any] = {"type": "json_schema", "json_schema": {"name": "reply", "strict": True, "schema": SCHEMA}}


@dataclass(frozen=True, slots=True)
class ChatClient:
    """`refusals`: what endpoints are known to refuse. `format`: the `response_format` that is asked for."""

    refusals: Refusals = field(default_factory=RefusalsOfProcess)
    format: dict[str, Any] = field(default_factory=lambda: FORMAT)

    def complete(self, settings: ModelSettings, messages: Messages, ends_at: float) -> Answered:
        """The answer. `ends_at`: by the monotonic clock, for everything together. Raises CompletionFailed.

        What an endpoint refuses costs nothing: it has generated nothing then.
        """
        if ends_at <= time.monotonic():
            raise CompletionFailed(_too_late(settings), is_free=True)
        with _client(settings) as client:
            return self._complete(client, settings, messages, ends_at)

    def _complete(self, client: OpenAI, settings: ModelSettings, messages: Messages, ends_at: float) -> Answered:
        known = refused = self.refusals.known(settings)
        while True:
            arguments, sent = self._arguments(settings, messages, refused)
            try:
                answered = _call(client, settings, arguments, ends_at)
            except ErrorInstead as error:
                found = read_refusal(error.status, error.body, sent)
                if not found.options:
                    raise _failure(settings, error, is_too_long=found.is_too_long) from error
                refused |= found.options
                if found.is_named:
                    known = self._learn(settings, refused)
                continue
            if refused != known:
                self._learn(settings, refused)
            return answered

    def _learn(self, settings: ModelSettings, refused: frozenset[str]) -> frozenset[str]:
        self.refusals.learn(settings, refused)
        return refused

    def _arguments(
        self, settings: ModelSettings, messages: Messages, refused: Collection[str]
    ) -> tuple[dict[str, Any], set[str]]:
        """The request without what is refused, and which of OPTIONS are in it."""
        limit = next((name for name in TOKEN_LIMITS if name not in refused), "")
        values: dict[str, Any] = {
            limit: settings.max_tokens,
            "temperature": 0,
            "response_format": self.format,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        if "stream" in refused:
            del values["stream_options"]
        options = {name: value for name, value in values.items() if name and name not in refused}
        said = _without_system(messages) if SYSTEM in refused else messages
        sent = {*options, *({SYSTEM} if any(each["role"] == "system" for each in said) else ())}
        return {"model": settings.name, "messages": said, **options}, sent & set(OPTIONS)


def _without_system(messages: Messages) -> Messages:
    """The system message's words at the head of the first message of the user."""
    system = "\n\n".join(each["content"] for each in messages if each["role"] == "system")
    first, *rest = [each for each in messages if each["role"] != "system"]
    return [{**first, "content": f"{system}\n\n{first['content']}"}, *rest]


@cache
def get_ready() -> None:
    """Load what a call needs: a second, several on a busy machine, which no draft's time is to pay for. Not for the receiver."""
    import openai

    from bot.drafts.llm.pinned_transport import WayOut

    with openai.DefaultHttpxClient(transport=WayOut(allow_private=False)) as way_out:
        _ = openai.OpenAI(base_url="https://model.invalid/v1", api_key="none", http_client=way_out).chat.completions.create


@contextmanager
def _client(settings: ModelSettings) -> Iterator[OpenAI]:
    """openai's client with our way out, for the calls of one completion."""
    # Imported here: neither the receiver nor a command without drafts should pay for them.
    import openai

    from bot.drafts.llm.pinned_transport import WayOut

    way_out = openai.DefaultHttpxClient(follow_redirects=False, trust_env=False, transport=WayOut(settings.allow_private))
    key = settings.api_key.get_secret_value()
    with way_out, openai.OpenAI(base_url=settings.base_url, api_key=key, max_retries=0, http_client=way_out) as client:
        yield client


def _call(client: OpenAI, settings: ModelSettings, arguments: dict[str, Any], ends_at: float) -> Answered:
    """One call. Raises CompletionFailed, and ErrorInstead where the endpoint answers with an error."""
    import httpx2  # openai's own http library
    import openai

    left = ends_at - time.monotonic()
    if left <= 0:
        raise CompletionFailed(_too_late(settings), is_free=True)
    try:
        with client.chat.completions.with_streaming_response.create(**arguments, timeout=left) as response:
            kind = response.headers.get("content-type", "")
            return read_completion(kind, response.iter_bytes(), settings.max_tokens, ends_at)
    except openai.APITimeoutError as error:
        raise CompletionFailed(_too_late(settings)) from error
    except openai.APIStatusError as error:
        raise ErrorInstead(error.status_code, error.response.content) from error
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


_MEANINGS = {
    400: "the model refused the request (400)",
    401: "the model's endpoint answered 401: it does not take the api_key",
    402: "the model's endpoint answered 402: it wants to be paid",
    403: "the model's endpoint answered 403: the api_key may not use this model",
    404: "the model's endpoint answered 404: it knows no such model or path (name, base_url)",
    422: "the model refused the request (422)",
    429: "the model's endpoint answered 429: too many requests, or no credit left",
}


def _failure(settings: ModelSettings, error: ErrorInstead, *, is_too_long: bool) -> CompletionFailed:
    """The reason in words for the agent; never the error's own, which may quote the prompt."""
    if error.status == 200:
        return CompletionFailed("the model's endpoint broke off with an error", is_free=False)
    if is_too_long:
        return CompletionFailed(f"prompt and max_tokens ({settings.max_tokens}) are more than the model takes", is_free=True)
    return CompletionFailed(_MEANINGS.get(error.status, f"the model's endpoint answered {error.status}"), is_free=True)


__all__ = ["Answered", "ChatClient", "CompletionFailed", "Messages", "Used", "get_ready"]
