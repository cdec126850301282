"""Every provider through the contract, and every planted mistake caught by its check."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.adapters.broken import BROKEN, Broken
from tests.adapters.contract import CHECKS
from tests.adapters.ground import Bench, Ground, ground_of


def zendesk() -> Bench:
    from adapters.zendesk.adapter import ADAPTER
    from sandbox.zendesk import ZendeskDesk

    unknown = {
        "type": "zen:event-type:ticket.serenaded",
        "id": "01UNKNOWN",
        "time": "2026-11-20T09:00:00Z",
        "detail": {"id": "7"},
    }
    return Bench(
        adapter=ADAPTER,
        desk=ZendeskDesk,
        credentials={"email": "deskhand.bot@example.com", "token": "sandbox-zendesk-token"},
        signs_body=True,
        window_s=(300, 300),
        sees_conflicts=True,
        unknown_event=unknown,
        wrong_payload={**unknown, "type": "zen:event-type:ticket.created", "detail": {"id": ["7"]}},
        wrong_path="$.detail.id",
    )


def intercom() -> Bench:
    from adapters.intercom.adapter import ADAPTER
    from sandbox.intercom import IntercomDesk

    unknown = {
        "type": "notification_event",
        "id": "notif_unknown",
        "topic": "conversation.serenaded",
        "data": {"item": {"id": "7"}},
    }
    return Bench(
        adapter=ADAPTER,
        desk=IntercomDesk,
        credentials={"token": "sandbox-intercom-token"},
        signs_body=True,
        window_s=(7500, 300),
        sees_conflicts=False,
        unknown_event=unknown,
        wrong_payload={**unknown, "topic": "conversation.user.created", "data": {"item": {"type": "conversation", "id": ["7"]}}},
        wrong_path="$.data.item.id",
    )


def freshdesk() -> Bench:
    from adapters.freshdesk.adapter import ADAPTER
    from sandbox.freshdesk import FreshdeskDesk

    return Bench(
        adapter=ADAPTER,
        desk=FreshdeskDesk,
        credentials={"api_key": "sandbox-freshdesk-key"},
        signs_body=False,
        window_s=None,
        sees_conflicts=True,
        unknown_event={"freshdesk_webhook": {"ticket_id": 7, "triggered_event": "{serenade:sung}"}},
        wrong_payload={"freshdesk_webhook": {"ticket_id": ["7"], "triggered_event": "{ticket_action:created}"}},
        wrong_path="$.freshdesk_webhook.ticket_id",
    )


BENCHES: dict[str, Callable[[], Bench]] = {"zendesk": zendesk, "intercom": intercom, "freshdesk": freshdesk}
PLANTED = [
    pytest.param(provider, each, id=f"{provider}-{each.name}-{each.caught_by.__name__}")
    for each in BROKEN
    for provider in each.providers
]


@pytest.mark.parametrize("provider", BENCHES)
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_contract_holds(provider: str, check: Callable[[Ground], None]) -> None:
    with ground_of(BENCHES[provider]()) as ground:
        check(ground)


@pytest.mark.parametrize(("provider", "mistake"), PLANTED)
def test_a_planted_mistake_is_caught(provider: str, mistake: Broken) -> None:
    bench = BENCHES[provider]()

    with ground_of(bench, mistake.breaks(bench.adapter)) as ground, pytest.raises(AssertionError):
        mistake.caught_by(ground)


def test_every_check_catches_at_least_one_mistake() -> None:
    assert {each.caught_by for each in BROKEN} == set(CHECKS)
