"""A drafter that asks an OpenAI-compatible endpoint. It fills one text; it can name no action, recipient or tag.

Whatever the endpoint does (silence, errors, a megabyte, half a JSON) ends within the time limit in a draft or in a reason.
Where the model gives none the offline drafter's takes its place, and says so.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from bot.config import ModelSettings
from bot.drafts.article_search import ArticleIndex
from bot.drafts.checks import Blocked, Checked, Checker, is_refusal
from bot.drafts.llm.budget import Allowance, AllowanceSpent, Unlimited, most_of, paid
from bot.drafts.llm.chat_completion import Answered, ChatClient, CompletionFailed, Messages, get_ready
from bot.drafts.llm.completion import ModelRefused
from bot.drafts.llm.model_answer import AnswerInvalid, ModelAnswer, read_answer
from bot.drafts.llm.prompt import Prompt, build_prompt, sources_for
from bot.drafts.llm.reply_text import reply_sentences
from bot.drafts.source_fit import fitting, offered
from bot.drafts.text import language_of, terms
from bot.drafts.tone.manners import mannered
from bot.drafts.types import (
    UNGROUNDED,
    Band,
    Draft,
    DraftAsk,
    Drafter,
    Source,
    SourceKind,
    compose,
    intent_of,
    withheld,
)
from bot.log import get_logger

log = get_logger("drafts")
REPAIR = "That was not the JSON object that was asked for ({problem}). Answer with the JSON object alone."
Complete = Callable[[ModelSettings, Messages, float], Answered]


def _nonce() -> str:
    return secrets.token_hex(8)


class _Failed(Exception):
    """The model wrote nothing that may be shown; the message says why, in words for the agent. `is_blocked`: it wrote what must
    not be shown, or would not write."""

    def __init__(self, reason: str, *, is_blocked: bool = False) -> None:
        super().__init__(reason)
        self.is_blocked = is_blocked


@dataclass(frozen=True, slots=True)
class ModelDrafter:
    """`offline` writes where the model fails; without it there is a reason alone. `allowance` pays for calls. `complete`, in the
    client's place, makes one call, and `nonce` a random word: arguments, so that tests need neither."""

    settings: ModelSettings
    shelf: ArticleIndex
    link_hosts: tuple[str, ...] = ()
    complete: Complete | None = None
    nonce: Callable[[], str] = _nonce
    allowance: Allowance = field(default_factory=Unlimited)
    client: ChatClient = field(default_factory=ChatClient)
    offline: Drafter | None = None

    def draft(self, ask: DraftAsk) -> Draft:
        """Never raises, and waits for the model no longer than the settings' `timeout_s`; an offline draft takes moments more."""
        if self.complete is None:
            get_ready()  # a worker has it done at its start: no draft's time pays for it
        found: list[Draft | _Failed] = []
        ends_at = time.monotonic() + self.settings.timeout_s
        # The thread is the only way to be sure of the time: a server may send its headers one byte a second.
        writing = threading.Thread(target=lambda: found.append(self._safely(ask, ends_at)), name="model", daemon=True)
        writing.start()
        writing.join(self.settings.timeout_s + 0.25)
        written = found[0] if found else _Failed(f"the model gave no answer within {self.settings.timeout_s:g} s")
        return written if isinstance(written, Draft) else self._instead(ask, written)

    def _safely(self, ask: DraftAsk, ends_at: float) -> Draft | _Failed:
        try:
            return self._write(ask, ends_at)
        except _Failed as failed:
            return failed
        except ModelRefused as error:
            return _Failed(str(error), is_blocked=True)
        except (CompletionFailed, AllowanceSpent) as error:
            return _Failed(str(error))
        except AnswerInvalid as error:
            return _Failed(f"the model's answer could not be used: {error}")
        except Blocked as error:
            return _Failed(f"blocked: {error}", is_blocked=True)
        except Exception as error:  # a model's answer is hostile input to everything above; a draft is never worth a run
            log.warning("draft.failed", error=type(error).__name__)
            return _Failed(f"the drafter failed ({type(error).__name__})")

    def _instead(self, ask: DraftAsk, failed: _Failed) -> Draft:
        """The offline draft, or none and the reasons. After a leak or a refusal something is odd with the ticket, and only an
        offline draft with nothing in it to look at is shown."""
        reason = str(failed)
        offline = self._offline(ask)
        if offline is None or offline.withheld:
            return self._without(ask, f"{reason}; without it, {offline.reason}" if offline else reason)
        if failed.is_blocked and (offline.check_before or offline.band is not Band.HIGH):
            return self._without(ask, reason)
        log.info("draft.offline_instead", model=self.settings.name, was_blocked=failed.is_blocked, why=reason)
        return replace(offline, reason=reason)

    def _offline(self, ask: DraftAsk) -> Draft | None:
        try:
            return self.offline.draft(ask) if self.offline else None
        except Exception as error:  # as above; an article may hold what blocks a draft
            log.warning("draft.failed", error=type(error).__name__)
            return None

    def _write(self, ask: DraftAsk, ends_at: float) -> Draft:
        found = fitting(ask, self.shelf)
        if found.why:
            # Without anything to rest on the answer would be withheld anyway: save the call.
            return self._without(ask, found.why)
        searched = offered(ask, found)
        sources = sources_for(searched)
        prompt = build_prompt(searched, sources, self.nonce())
        answer = self._ask(prompt, ends_at)
        sentences = reply_sentences(answer.sentences, {source.id for source in sources})
        checker = Checker(searched, sources, self.link_hosts, canary=prompt.canary, secret=prompt.system)
        checker.refuse_placeholders(sentences)
        return self._judged(searched, sources, checker.check(mannered(sentences, searched, searched.wanted_language)))

    def _ask(self, prompt: Prompt, ends_at: float) -> ModelAnswer:
        """One call, and one repair attempt while there is time."""
        messages: Messages = [{"role": "system", "content": prompt.system}, {"role": "user", "content": prompt.user}]
        answered = self._complete(messages, ends_at)
        try:
            return read_answer(answered.text)
        except AnswerInvalid as error:
            has_room = answered.text.strip() or not answered.is_cut  # else it would only reason as long again
            if time.monotonic() >= ends_at or not has_room:
                raise self._explained(error, answered) from None
            again = _again(messages, answered.text, REPAIR.format(problem=error))
        answered = self._complete(again, ends_at)
        try:
            return read_answer(answered.text)
        except AnswerInvalid as error:
            raise self._explained(error, answered) from None

    def _explained(self, error: AnswerInvalid, answered: Answered) -> AnswerInvalid:
        if not answered.is_cut:
            return error
        reasoned = ", most of them for its reasoning" if answered.has_reasoned else ""
        return AnswerInvalid(f"{error}; max_tokens ({self.settings.max_tokens}) were used up{reasoned}")

    def _complete(self, messages: Messages, ends_at: float) -> Answered:
        complete = self.complete or self.client.complete
        most = most_of(messages, self.settings.max_tokens)
        return paid(self.allowance, most, lambda: complete(self.settings, messages, ends_at))

    def _judged(self, ask: DraftAsk, sources: tuple[Source, ...], checked: Checked) -> Draft:
        text = compose(checked.sentences)
        if not text.strip():
            raise _Failed("the model's answer was empty")
        if is_refusal(text) or is_refusal(checked.sentences[-1].text):
            raise _Failed("the model refused", is_blocked=True)
        language = language_of(text)
        if language and not _is_same(language, ask.wanted_language):
            raise _Failed(f"the model wrote in {language}, not in {ask.wanted_language}")
        band = _band(sources, checked)
        if band is Band.LOW:
            raise _Failed(UNGROUNDED)
        return Draft(
            text=text,
            language=ask.wanted_language,
            sentences=checked.sentences,
            sources=sources,
            check_before=checked.lines,
            intent=intent_of(ask),
            band=band,
            drafter="model",
            model=self.settings.name,
        )

    def _without(self, ask: DraftAsk, reason: str) -> Draft:
        log.info("draft.withheld", drafter="model", why=reason)
        return withheld(reason, ask, drafter="model", model=self.settings.name)


def _again(messages: Messages, answer: str, repair: str) -> Messages:
    """The same once more with what was wrong. Some refuse an empty message of their own, or two of the user in a row."""
    if answer.strip():
        return [*messages, {"role": "assistant", "content": answer[:2000]}, {"role": "user", "content": repair}]
    *before, last = messages
    return [*before, {**last, "content": f"{last['content']}\n\n{repair}"}]


# Neighbours that a detector of a few sentences cannot tell apart.
_ALIKE = ({"hr", "sr", "bs", "sh"}, {"id", "ms"}, {"nb", "nn", "da", "no"}, {"cs", "sk"})
_KNOWLEDGE = {SourceKind.ARTICLE, SourceKind.MACRO}


def _is_same(found: str, wanted: str) -> bool:
    return found == wanted or any({found, wanted} <= alike for alike in _ALIKE)


def _band(sources: tuple[Source, ...], checked: Checked) -> Band:
    """High: at least half of what is said rests on articles or macros, and nothing needs a look. Low: none does."""
    knowledge = {source.id for source in sources if source.kind in _KNOWLEDGE}
    cited = [each for each in checked.sentences if knowledge & set(each.sources) and not each.checks]
    content = [each for each in checked.sentences if len(terms(each.text)) > 2]
    if not cited:
        return Band.LOW
    return Band.HIGH if not checked.lines and len(cited) * 2 >= len(content) else Band.MEDIUM
