"""R12 in small: one hour, by day each role at one helpdesk; `make chaos-loop` takes eight."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.loop import MOST_PER_HOUR, ROLES, TAGGERS, Role, own_events, quarrel
from tests.harness.deskhand import PROVIDERS
from tests.harness.nightly import IS_NIGHTLY

each_helpdesk = pytest.mark.parametrize("provider", PROVIDERS)
PAIRS = [(provider, role) for provider in PROVIDERS for role in ROLES]
TAGGING = [(provider, role) for provider in PROVIDERS for role in TAGGERS]


@pytest.mark.parametrize(("provider", "role"), PAIRS if IS_NIGHTLY else [*zip(PROVIDERS, ROLES, strict=True)])
def test_two_deskhands_and_an_echo_stop_each_other(tmp_path: Path, provider: str, role: Role) -> None:
    found = quarrel(tmp_path, provider, 2, 1, role)

    assert 3 <= found.an_hour <= MOST_PER_HOUR[role]  # fewer would mean that they never quarrelled
    assert found.echoes >= 3
    if role != "app":  # what a person seems to write is put off, and never left to somebody's attention
        assert found.set_aside == 0


@pytest.mark.parametrize(("provider", "role"), TAGGING if IS_NIGHTLY else [*zip(PROVIDERS, TAGGERS, strict=False)])
def test_answers_to_tags_start_nothing(tmp_path: Path, provider: str, role: Role) -> None:
    found = quarrel(tmp_path, provider, 2, 1, role)

    assert found.an_hour <= MOST_PER_HOUR[role]
    assert found.echoes >= 1


@each_helpdesk
def test_an_event_of_our_own_costs_nothing_or_one_read_where_no_actor_is_named(tmp_path: Path, provider: str) -> None:
    named, unnamed = own_events(tmp_path, provider, 2, 1)

    assert named == 0
    assert unnamed <= 1
