"""Which drafter the configuration asks for: a model's with the offline one behind it, or the offline one alone."""

from __future__ import annotations

from bot.config import Config
from bot.drafts.article_search import ArticleIndex
from bot.drafts.llm.budget import Allowance, Unlimited
from bot.drafts.llm.chat_completion import ChatClient
from bot.drafts.llm.endpoint_check import check_endpoint
from bot.drafts.llm.endpoint_refusals import Refusals, RefusalsOfProcess
from bot.drafts.llm.model_drafter import ModelDrafter
from bot.drafts.offline_drafter import OfflineDrafter
from bot.drafts.types import Drafter


def drafter_for(config: Config, allowance: Allowance | None = None, refusals: Refusals | None = None) -> Drafter:
    """`allowance`: what a model may cost; without one nothing is counted. `refusals`: what its endpoint is known to refuse;
    without them this process finds out for itself. Raises ConfigInvalid where the endpoint is on a private address and that is
    not allowed."""
    settings = config.settings.drafts
    shelf = ArticleIndex.load(config.resolve(settings.articles)) if settings.articles else ArticleIndex(())
    offline = OfflineDrafter(shelf, settings.link_hosts)
    if settings.model is None:
        return offline
    check_endpoint(settings.model.base_url, settings.model.allow_private, str(config.path))
    return ModelDrafter(
        settings.model,
        shelf,
        settings.link_hosts,
        allowance=allowance or Unlimited(),
        client=ChatClient(refusals or RefusalsOfProcess()),
        offline=offline,
    )
