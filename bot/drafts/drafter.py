"""Which drafter the configuration asks for: a model's, or the offline one."""

from __future__ import annotations

from bot.config import Config
from bot.drafts.article_search import ArticleIndex
from bot.drafts.llm.budget import Allowance, Unlimited
from bot.drafts.llm.endpoint_check import check_endpoint
from bot.drafts.llm.model_drafter import ModelDrafter
from bot.drafts.offline_drafter import OfflineDrafter
from bot.drafts.types import Drafter


def drafter_for(config: Config, allowance: Allowance | None = None) -> Drafter:
    """`allowance`: what a model may cost; without one nothing is counted. Raises ConfigInvalid where the endpoint is on a
    private address and that is not allowed."""
    settings = config.settings.drafts
    shelf = ArticleIndex.load(config.resolve(settings.articles)) if settings.articles else ArticleIndex(())
    if settings.model is None:
        return OfflineDrafter(shelf, settings.link_hosts)
    check_endpoint(settings.model.base_url, settings.model.allow_private, str(config.path))
    return ModelDrafter(settings.model, shelf, settings.link_hosts, allowance=allowance or Unlimited())
