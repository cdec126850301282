"""What an endpoint can do, found out with one small question of our own: no word of a customer is in it."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass
from enum import StrEnum

from bot.config import ModelSettings
from bot.drafts.llm.budget import Allowance, most_of
from bot.drafts.llm.chat_completion import Answered, ChatClient, CompletionFailed, Messages, Used, get_ready
from bot.drafts.llm.endpoint_refusals import RefusalsOfProcess

MAX_TOKENS = 64
MESSAGES: Messages = [
    {"role": "system", "content": 'Answer with one JSON object and nothing around it: {"word": "ready"}'},
    {"role": "user", "content": "Are you there?"},
]
FORMAT = {
    "type": "json_schema",
    "json_schema": {
        "name": "probe",
        "strict": True,
        "schema": {
            "type": "object",
            "additionalProperties": False,
            "required": ["word"],
            "properties": {"word": {"type": "string"}},
        },
    },
}


class Schema(StrEnum):
    KEPT = "kept"
    IGNORED = "ignored"  # taken, and answered with something else around or instead
    REFUSED = "refused"
    UNKNOWN = "unknown"  # the answer ended before it could be seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """`failed`: why there was no answer, in words; the rest says nothing then. `refused`: names of OPTIONS.
    `seconds`: for all tries together. `counts`: it says how many tokens a call cost."""

    failed: str = ""
    seconds: float = 0.0
    refused: frozenset[str] = frozenset()
    schema: Schema = Schema.UNKNOWN
    is_stream: bool = False
    has_reasoned: bool = False
    counts: bool = False


def probe(settings: ModelSettings, allowance: Allowance) -> Probe:
    """Ask, within the settings' `timeout_s`; some hundred tokens, which `allowance` pays. Raises AllowanceSpent."""
    get_ready()
    small = settings.model_copy(update={"max_tokens": min(MAX_TOKENS, settings.max_tokens)})
    taken = allowance.take(most_of(MESSAGES, small.max_tokens))
    found: list[tuple[Probe, Used | None]] = []
    asking = threading.Thread(target=lambda: found.append(_ask(small)), name="probe", daemon=True)  # headers may drip for ever
    asking.start()
    asking.join(settings.timeout_s + 0.25)
    seen, used = found[0] if found else (Probe(failed=f"the model gave no answer within {settings.timeout_s:g} s"), None)
    allowance.settle(taken, used or taken.tokens)
    return seen


def _ask(settings: ModelSettings) -> tuple[Probe, Used | None]:
    refusals, began = RefusalsOfProcess(), time.monotonic()
    try:
        answered = ChatClient(refusals, FORMAT).complete(settings, MESSAGES, began + settings.timeout_s)
    except CompletionFailed as error:
        return Probe(failed=str(error)), Used(prompt=0, answer=0) if error.is_free else None
    refused = refusals.known(settings)
    return (
        Probe(
            seconds=time.monotonic() - began,
            refused=refused,
            schema=Schema.REFUSED if "response_format" in refused else _schema(answered),
            is_stream=answered.is_stream,
            has_reasoned=_has_reasoned(answered),
            counts=answered.used is not None,
        ),
        answered.used,
    )


def _has_reasoned(answered: Answered) -> bool:
    """Said so, or written into the text, or all that there was room for."""
    is_aloud = "think" in answered.text[:40].casefold() or "</think>" in answered.text
    return answered.has_reasoned or is_aloud or (answered.is_cut and not answered.text.strip())


def _schema(answered: Answered) -> Schema:
    if answered.is_cut or not answered.text.strip():
        return Schema.UNKNOWN
    try:
        found = json.loads(answered.text)
    except ValueError:
        return Schema.IGNORED
    return Schema.KEPT if isinstance(found, dict) and list(found) == ["word"] else Schema.IGNORED
