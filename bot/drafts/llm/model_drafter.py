"""A drafter that asks an OpenAI-compatible endpoint. It fills one text; it can name no action, recipient or tag.

Whatever the endpoint does (silence, errors, a megabyte, half a JSON) ends within the time limit in a draft or in a reason.
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
from bot.drafts.llm.budget import Allowance, AllowanceSpent, Unlimited, most_of
from bot.drafts.llm.chat_completion import Answered, CompletionFailed, Messages, Used, complete
from bot.drafts.llm.model_answer import AnswerInvalid, ModelAnswer, read_answer
from bot.drafts.llm.prompt import Prompt, build_prompt, sources_for
from bot.drafts.offline_drafter import question
from bot.drafts.text import language_of, terms
from bot.drafts.types import Band, Draft, DraftAsk, Sentence, Source, SourceKind, compose, intent_of, withheld
from bot.log import get_logger

log = get_logger("drafts")
REPAIR = "That was not the JSON object that was asked for ({problem}). Answer with the JSON object alone."
Complete = Callable[[ModelSettings, Messages, float], Answered]
NOTHING = Used(prompt=0, answer=0)


def _nonce() -> str:
    return secrets.token_hex(8)


@dataclass(frozen=True, slots=True)
class ModelDrafter:
    """`complete` makes one call and `nonce` a random word: arguments, so that tests need neither. `allowance` pays for it."""

    settings: ModelSettings
    shelf: ArticleIndex
    link_hosts: tuple[str, ...] = ()
    complete: Complete = complete
    nonce: Callable[[], str] = _nonce
    allowance: Allowance = field(default_factory=Unlimited)

    def draft(self, ask: DraftAsk) -> Draft:
        """Never raises and never takes longer than the settings' `timeout_s`."""
        found: list[Draft] = []
        ends_at = time.monotonic() + self.settings.timeout_s
        # The thread is the only way to be sure of the time: a server may send its headers one byte a second.
        writing = threading.Thread(target=lambda: found.append(self._safely(ask, ends_at)), name="model", daemon=True)
        writing.start()
        writing.join(self.settings.timeout_s + 0.25)
        return found[0] if found else self._without(ask, f"the model gave no answer within {self.settings.timeout_s:g} s")

    def _safely(self, ask: DraftAsk, ends_at: float) -> Draft:
        try:
            return self._write(ask, ends_at)
        except (CompletionFailed, AllowanceSpent) as error:
            return self._without(ask, str(error))
        except AnswerInvalid as error:
            return self._without(ask, f"the model's answer could not be used: {error}")
        except Blocked as error:
            return self._without(ask, f"blocked: {error}")
        except Exception as error:  # a model's answer is hostile input to everything above; a draft is never worth a run
            log.warning("draft.failed", error=type(error).__name__)
            return self._without(ask, f"the drafter failed ({type(error).__name__})")

    def _write(self, ask: DraftAsk, ends_at: float) -> Draft:
        searched = (
            ask
            if ask.articles is not None
            else replace(ask, articles=tuple(self.shelf.search(question(ask), ask.wanted_language)))
        )
        sources = sources_for(searched)
        if not any(source.kind in _KNOWLEDGE for source in sources):
            # Without anything to rest on the answer would be withheld anyway: save the call.
            return self._without(ask, "no article or macro answers this")
        prompt = build_prompt(searched, sources, self.nonce())
        answer = self._ask(prompt, ends_at)
        sentences = tuple(Sentence(text=each.text, sources=tuple(each.sources)) for each in answer.sentences)
        checker = Checker(searched, sources, self.link_hosts, canary=prompt.canary, secret=prompt.system)
        return self._judged(searched, sources, checker.check(sentences))

    def _ask(self, prompt: Prompt, ends_at: float) -> ModelAnswer:
        """One call, and one repair attempt while there is time."""
        messages: Messages = [{"role": "system", "content": prompt.system}, {"role": "user", "content": prompt.user}]
        text = self._complete(messages, ends_at)
        try:
            return read_answer(text)
        except AnswerInvalid as error:
            if time.monotonic() >= ends_at:
                raise
            again: Messages = [
                *messages,
                {"role": "assistant", "content": text[:2000]},
                {"role": "user", "content": REPAIR.format(problem=error)},
            ]
        return read_answer(self._complete(again, ends_at))

    def _complete(self, messages: Messages, ends_at: float) -> str:
        """One call, paid for. A call whose end nobody saw has cost all that it could."""
        taken = self.allowance.take(most_of(messages, self.settings.max_tokens))
        used = taken.tokens
        try:
            answered = self.complete(self.settings, messages, ends_at)
            used = answered.used or taken.tokens
        except CompletionFailed as error:
            used = NOTHING if error.is_free else taken.tokens
            raise
        finally:
            self.allowance.settle(taken, used)
        return answered.text

    def _judged(self, ask: DraftAsk, sources: tuple[Source, ...], checked: Checked) -> Draft:
        text = compose(checked.sentences)
        if not text.strip():
            return self._without(ask, "the model's answer was empty")
        if is_refusal(text) or is_refusal(checked.sentences[-1].text):
            return self._without(ask, "the model refused")
        language = language_of(text)
        if language and not _is_same(language, ask.wanted_language):
            return self._without(ask, f"the model wrote in {language}, not in {ask.wanted_language}")
        band = _band(sources, checked)
        if band is Band.LOW:
            return self._without(ask, "the model's answer does not rest on the sources")
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
        log.info("draft.withheld", drafter="model")
        return withheld(reason, ask, drafter="model", model=self.settings.name)


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
