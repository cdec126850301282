"""Whether a model endpoint's address may be called: private addresses only where the configuration says so."""

from __future__ import annotations

from adapters.addresses import is_private
from bot.config import ConfigInvalid
from rules.files.problems import Problem


def check_endpoint(base_url: str, allow_private: bool, file: str, setting: str = "drafts.model") -> None:
    """Raises ConfigInvalid. Looks at the address as written, in all its spellings; names are not resolved."""
    if not allow_private and is_private(base_url):
        raise ConfigInvalid(
            [
                Problem(
                    file=file,
                    path=f"{setting}.base_url",
                    message=f"{setting}.base_url: the address is private or local",
                    hint=f"set {setting}.allow_private: true if the model runs on your own machine or network",
                )
            ]
        )


__all__ = ["check_endpoint", "is_private"]
