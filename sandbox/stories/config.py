"""A Deskhand configuration for the stand-ins: three live accounts, SQLite in its folder, the stand-in model endpoint.

Written by the demo and by end-to-end tests; `deskhand check` accepts it as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

SECRETS = {
    "zendesk": "sandbox-zendesk-secret",
    "intercom": "sandbox-intercom-secret",
    "freshdesk": "sandbox-freshdesk-secret-of-32-characters",
}
CREDENTIALS: Mapping[str, Mapping[str, str]] = {
    "zendesk": {"email": "deskhand.bot@example.com", "token": "sandbox-zendesk-token"},
    "intercom": {"token": "sandbox-intercom-token"},
    "freshdesk": {"api_key": "sandbox-freshdesk-key"},
}
ARTICLES = Path(__file__).parents[1] / "articles"

# Days from now, so that stories come out the same next year: what a renewal means depends on the day.
_RENEWS_IN_DAYS = {"northwind.example": 200, "globex.example": 45, "initech.example": 300}


def write_config(
    folder: Path, addresses: Mapping[str, str], port: int, now: datetime, *, model: str | None = None, **more: Any
) -> Path:
    """`config.yaml` and `companies.csv` in `folder`; the path of the first. `addresses`: base URLs by helpdesk, each an
    account of the same name. `model`: the endpoint's base URL with /v1. `more`: further settings, e.g. flow={...}."""
    folder.mkdir(parents=True, exist_ok=True)
    settings: dict[str, Any] = {
        "database": "sqlite:///deskhand.sqlite3",
        "marker_key": "a-key-for-the-sandbox-and-nothing-else",
        "accounts": [_account(name, address) for name, address in addresses.items()],
        "directory": {"files": ["companies.csv"]},
        "drafts": _drafts(model),
        "server": {"host": "127.0.0.1", "port": port},
        **more,
    }
    (folder / "companies.csv").write_text(_companies(now), encoding="utf-8")
    path = folder / "config.yaml"
    YAML(typ="safe", pure=True).dump(settings, path)
    return path


def _account(name: str, address: str) -> dict[str, Any]:
    return {
        "name": name,
        "provider": name,
        "address": address,
        "allow_private": True,
        "credentials": dict(CREDENTIALS[name]),
        "webhook": {"secrets": [SECRETS[name]]},
        "mode": "live",
        "calls_per_minute": 100_000,  # the stand-ins have time for everybody
        "company_fields": {field: field for field in ("tier", "arr", "mrr", "renewal_at", "csm")},
    }


def _drafts(model: str | None) -> dict[str, Any]:
    endpoint = {"base_url": model, "name": "scripted", "allow_private": True} if model else None
    articles = str(ARTICLES) if any(ARTICLES.glob("*.md")) else None
    return {name: value for name, value in (("model", endpoint), ("articles", articles)) if value}


def _companies(now: datetime) -> str:
    """The directory file: when each company's contract is renewed."""
    rows = [f"{domain},{(now + timedelta(days=days)).date().isoformat()}" for domain, days in _RENEWS_IN_DAYS.items()]
    return "\n".join(["domain,renewal_at", *rows]) + "\n"
