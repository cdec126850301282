"""The invented world that every stand-in helpdesk starts with: teams, agents, companies, people, macros.

It is plain seed data in unified words (world.yaml); each stand-in turns it into its vendor's own records and ids.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSeed:
    name: str
    email: str
    teams: tuple[str, ...] = ()  # names of World.teams
    is_bot: bool = False  # Deskhand's own user


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanySeed:
    name: str
    domains: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    fields: Mapping[str, str | int] = field(default_factory=dict)  # tier, arr, mrr, renewal_at, csm; absent = empty


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonSeed:
    name: str
    email: str
    title: str = ""
    locale: str = "en"
    timezone: str = "Etc/UTC"

    @property
    def domain(self) -> str:
        return self.email.rpartition("@")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class MacroSeed:
    """`text` holds unified placeholders; `priority`, `status`, `team`, `tags` are what applying it would set."""

    name: str
    text: str
    team: str | None = None
    priority: str | None = None
    status: str | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    teams: tuple[str, ...]
    agents: tuple[AgentSeed, ...]  # people only; `bot` is apart
    bot: AgentSeed
    companies: tuple[CompanySeed, ...]
    people: tuple[PersonSeed, ...]
    macros: tuple[MacroSeed, ...]

    @property
    def staff(self) -> tuple[AgentSeed, ...]:
        """All agents, Deskhand's own user last."""
        return (*self.agents, self.bot)

    def company_of(self, email: str) -> CompanySeed | None:
        """The company whose domain the address is at."""
        domain = email.rpartition("@")[2].lower()
        return next((company for company in self.companies if domain in company.domains), None)

    def person(self, email: str) -> PersonSeed:
        """The person with this address; somebody unknown gets a name made from it, as helpdesks do."""
        known = next((person for person in self.people if person.email == email.lower()), None)
        return known or PersonSeed(name=name_from(email), email=email.lower())


def name_from(email: str) -> str:
    """`jo.doe@x.example` -> `Jo Doe`."""
    return email.partition("@")[0].replace(".", " ").replace("_", " ").title()


@functools.cache
def load() -> World:
    """The world of world.yaml; read once, immutable."""
    tree: dict[str, Any] = YAML(typ="safe").load(Path(__file__).with_name("world.yaml"))
    return World(
        teams=tuple(tree["teams"]),
        agents=tuple(AgentSeed(**_tuples(row)) for row in tree["agents"]),
        bot=AgentSeed(**tree["bot"], is_bot=True),
        companies=tuple(CompanySeed(**_tuples(row)) for row in tree["companies"]),
        people=tuple(PersonSeed(**row) for row in tree["people"]),
        macros=tuple(MacroSeed(**_tuples(row)) for row in tree["macros"]),
    )


def _tuples(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
