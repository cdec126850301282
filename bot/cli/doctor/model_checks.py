"""What the doctor asks of the model: what it cost today, and what its endpoint can do."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.exc import SQLAlchemyError

from bot.cli.doctor.checks import Finding
from bot.config import Config, ModelSettings
from bot.drafts.llm.budget import AllowanceSpent
from bot.drafts.llm.endpoint_probe import Probe, Schema, probe
from bot.drafts.llm.endpoint_refusals import SYSTEM, TOKEN_LIMITS
from bot.process.clock import utc_now
from bot.shared import model_budget
from bot.store.database.engine import make_engine

ROOM_TO_REASON = 2_000
OFFLINE = "drafts are written offline meanwhile"
_WHAT_TO_DO = (
    ("cannot be reached", "does it run, and is drafts.model.base_url its address?"),
    ("no answer within", "take a faster model, or raise drafts.model.timeout_s and drafts.patience_s"),
    ("came too slowly", "take a faster model, or raise drafts.model.timeout_s and drafts.patience_s"),
    ("api_key", "look at drafts.model.api_key"),
    ("name, base_url", "look at drafts.model.name and base_url"),
    ("private network", "write drafts.model.allow_private: true if it is meant"),
    ("something else than", "base_url must lead to OpenAI's chat completions, and usually ends in /v1"),
)


def look_at_cost(config: Config) -> Iterator[Finding]:
    """What drafts cost today. That the day's allowance is spent needs a look: drafts are written offline until midnight."""
    model = config.settings.drafts.model
    if model is None:
        return
    try:
        has_room, words = model_budget.judge(model, model_budget.used_today(make_engine(config.database_url), utc_now()))
    except SQLAlchemyError:
        return  # the database's own line says so
    yield Finding("model", has_room, words)


def look_at_endpoint(config: Config) -> Iterator[Finding]:
    """One small question, counted like a draft's."""
    model = config.settings.drafts.model
    if model is None:
        return
    try:
        found = probe(model, model_budget.SharedAllowance(make_engine(config.database_url), model, utc_now))
    except SQLAlchemyError:
        return
    except AllowanceSpent:
        yield Finding("model endpoint", True, "not asked: the allowance is used up", is_warning=True)
        return
    if found.failed:
        what_to_do = next((words for part, words in _WHAT_TO_DO if part in found.failed), "look at its own log or status page")
        yield Finding("model endpoint", False, f"{found.failed}: {what_to_do}; {OFFLINE}")
        return
    worries = _worries(model, found)
    words = "; ".join([_answers(found), *_refuses(found), *worries])
    yield Finding("model endpoint", True, words, is_warning=bool(worries))


def _answers(found: Probe) -> str:
    how = "in a stream" if found.is_stream else "whole, not in a stream"
    schema = {
        Schema.KEPT: "keeps to a JSON schema",
        Schema.IGNORED: "takes a JSON schema and does not keep to it (the answer is looked for in its text)",
        Schema.REFUSED: "takes no JSON schema (the answer is looked for in its text)",
        Schema.UNKNOWN: "takes a JSON schema",
    }[found.schema]
    return f"answers within {found.seconds:.1f} s, {how}, {schema}"


def _refuses(found: Probe) -> list[str]:
    """What is left out without harm."""
    instead = {
        "max_tokens": "max_tokens (max_completion_tokens takes its place)",
        SYSTEM: "a system message (it goes with the user's)",
    }
    named = [instead.get(name, name) for name in sorted(found.refused - {"response_format", "max_completion_tokens"})]
    return [f"refuses {', '.join(named)}: nothing to do, drafts ask without"] if named else []


def _worries(model: ModelSettings, found: Probe) -> list[str]:
    worries = []
    if set(TOKEN_LIMITS) <= found.refused:
        worries.append("takes no limit of tokens: a long answer is cut by its length here, and may cost more than max_tokens")
    if found.has_reasoned and model.max_tokens < ROOM_TO_REASON:
        words = f"max_tokens ({model.max_tokens}) has to hold that too: {ROOM_TO_REASON} or more"
        worries.append(f"it reasons before it answers, and {words}")
    if found.seconds > model.timeout_s / 2:
        worries.append(f"that is much of timeout_s ({model.timeout_s:g}): a draft is longer")
    if not found.counts and (model.daily_tokens is not None or model.daily_cost is not None):
        worries.append("it does not say what a call costs, so each counts at its most")
    return worries
