"""One call to a model, and what is kept of its answer. Whatever the endpoint does ends in an opinion or in a reason."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.config import ModelSettings
from bot.drafts.llm.budget import Allowance, AllowanceSpent, Unlimited, most_of, paid
from bot.drafts.llm.chat_completion import Answered, ChatClient, CompletionFailed, Messages
from bot.drafts.llm.endpoint_refusals import Refusals, RefusalsOfProcess
from bot.drafts.llm.json_answer import AnswerInvalid
from bot.log import get_logger
from bot.opinions.answer import Opinion, kept, read_opinion
from bot.opinions.lists import Lists
from bot.opinions.prompt import MAX_WORDS, messages_for, response_format
from bot.opinions.redaction import Redacted, redacted

log = get_logger("opinions")
Complete = Callable[[ModelSettings, Messages, float], Answered]


def _nonce() -> str:
    return secrets.token_hex(8)


@dataclass(frozen=True, slots=True)
class Words:
    """The customer's own words that an opinion is about, and what a model reads of them."""

    own: str
    told: Redacted

    @classmethod
    def of(cls, text: str) -> Words:
        own = text[:MAX_WORDS]
        return cls(own, redacted(own))


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """`opinion`: None where there is none, and `reason` says why. `dropped`: parts of the answer that were not kept."""

    opinion: Opinion | None = None
    dropped: int = 0
    reason: str = ""
    took_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Asker:
    """`allowance` pays for calls. `complete`, in the client's place, makes one call, and `nonce` a random word: arguments, so
    that tests need neither."""

    settings: ModelSettings
    allowance: Allowance = field(default_factory=Unlimited)
    refusals: Refusals = field(default_factory=RefusalsOfProcess)
    complete: Complete | None = None
    nonce: Callable[[], str] = _nonce

    def ask(self, words: Words, lists: Lists) -> Outcome:
        """Never raises. Ends within the settings' `timeout_s`, but for an endpoint that drips its headers: who waits does so with
        a limit of their own."""
        began = time.monotonic()
        try:
            opinion, dropped = self._ask(words, lists, began + self.settings.timeout_s)
            return Outcome(opinion=opinion, dropped=dropped, took_s=time.monotonic() - began)
        except (CompletionFailed, AllowanceSpent) as error:
            reason = str(error)
        except AnswerInvalid as error:
            reason = f"the model's answer could not be used: {error}"
        except Exception as error:  # an answer is hostile input to everything above; an opinion is never worth a run
            log.warning("opinion.failed", error=type(error).__name__)
            reason = f"asking failed ({type(error).__name__})"
        return Outcome(reason=reason, took_s=time.monotonic() - began)

    def _ask(self, words: Words, lists: Lists, ends_at: float) -> tuple[Opinion, int]:
        messages = messages_for(words.told.text, lists, self.nonce())
        complete = self.complete or ChatClient(self.refusals, response_format(lists)).complete
        most = most_of(messages, self.settings.max_tokens)
        answered = paid(self.allowance, most, lambda: complete(self.settings, messages, ends_at))
        return kept(read_opinion(answered.text), lists, words.own, words.told.restored)
