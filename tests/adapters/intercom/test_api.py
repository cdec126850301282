"""The Intercom client of one account: what its answers and refusals mean."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.errors import AccessDenied, HelpdeskDown, OutcomeUnknown, RateLimited
from adapters.intercom.api import IntercomApi, Refused, explained, gone
from adapters.intercom.hydrate import hydrate
from tests.adapters.intercom.conftest import KEY, answer
from tests.adapters.intercom.loopback import Workspace, breaking

CONVERSATION = f"GET /conversations/{KEY.external_id}"


def test_every_call_says_who_and_in_which_version(connect: Callable[..., IntercomApi], workspace: Workspace) -> None:
    hydrate(KEY, connect(version="2.15"))

    assert {call.headers["intercom-version"] for call in workspace.calls} == {"2.15"}
    assert {call.headers["authorization"] for call in workspace.calls} == {"Bearer sandbox-intercom-token"}


@pytest.mark.parametrize(
    ("status", "code"), [(401, "token_unauthorized"), (403, "api_plan_restricted"), (400, "intercom_version_invalid")]
)
def test_a_refused_account_is_told_as_such(api: IntercomApi, workspace: Workspace, status: int, code: str) -> None:
    workspace.answers[CONVERSATION] = (status, {"errors": [{"code": code, "message": "Mara wrote this"}]})

    with pytest.raises(AccessDenied) as caught:
        hydrate(KEY, api)

    assert "Mara" not in str(caught.value)


def test_a_missing_scope_says_so_without_the_vendors_words(api: IntercomApi, workspace: Workspace) -> None:
    workspace.answers["GET /teams"] = (403, {"errors": [{"code": "forbidden", "message": "Mara wrote this"}]})

    with pytest.raises(HelpdeskDown, match=r"403 forbidden.*scopes") as caught:
        hydrate(KEY, api)

    assert "Mara" not in str(caught.value)


def test_429_waits_until_the_reset(api: IntercomApi, workspace: Workspace) -> None:
    workspace.answers[CONVERSATION] = (429, {"errors": [{"code": "rate_limit_exceeded"}]})
    workspace.headers["X-RateLimit-Reset"] = str(int(datetime.now(UTC).timestamp()) + 30)

    with pytest.raises(RateLimited) as caught:
        hydrate(KEY, api)

    assert 25 <= caught.value.retry_after_s <= 31
    assert workspace.lines == [CONVERSATION]


def test_a_read_is_tried_again_shortly(api: IntercomApi, workspace: Workspace) -> None:
    answers = iter([(500, {}), (200, answer("conversation"))])
    workspace.answers[CONVERSATION] = lambda _: next(answers)

    assert hydrate(KEY, api).external_id == KEY.external_id


def test_half_a_surrogate_pair_is_no_letter_of_a_ticket(api: IntercomApi, workspace: Workspace) -> None:
    conversation = answer("conversation")
    conversation["source"]["body"] = "<p>half \ud800 a letter</p>"
    workspace.answers[CONVERSATION] = conversation

    assert "half \ufffd a letter" in hydrate(KEY, api).messages[0].body_text


@pytest.mark.parametrize("odd", [(200, b"<html>Maintenance</html>"), (200, b""), breaking], ids=["a page", "nothing", "reset"])
def test_an_answer_that_is_none_is_down(api: IntercomApi, workspace: Workspace, odd: Any) -> None:
    workspace.answers[CONVERSATION] = odd

    with pytest.raises(HelpdeskDown):
        hydrate(KEY, api)


@pytest.mark.parametrize(
    ("refused", "for_all"),
    [(Refused(401, "x"), True), (Refused(403, "api_plan_restricted"), True), (Refused(403, "action_forbidden"), False)],
)
def test_a_refusal_is_about_the_account_or_about_one_ticket(refused: Refused, for_all: bool) -> None:
    assert refused.is_for_all is for_all


@pytest.mark.parametrize(("status", "reason"), [(404, "gone"), (410, "gone"), (403, "forbidden")])
def test_a_ticket_that_is_refused_is_gone(status: int, reason: str) -> None:
    found = gone(Refused(status, "x"))

    assert found is not None
    assert found.reason == reason


def test_another_refusal_says_nothing_of_the_ticket() -> None:
    assert gone(Refused(422, "x")) is None


def test_a_refusal_that_nobody_understood_is_down_with_the_way_out() -> None:
    with pytest.raises(HelpdeskDown, match=r"422 odd_code.*scopes"), explained():
        raise Refused(422, "odd_code")


def test_a_write_that_is_answered_with_nothing_is_of_unknown_outcome(api: IntercomApi, workspace: Workspace) -> None:
    workspace.answers["GET /me"] = (200, b"")

    with pytest.raises(OutcomeUnknown):
        api.write(lambda client: client.admins.identify())


def test_slow_data_is_loaded_once(api: IntercomApi) -> None:
    values = iter(["first", "second"])

    kept = [api.reference("x", lambda: next(values)) for _ in range(2)]

    assert kept == ["first", "first"]
