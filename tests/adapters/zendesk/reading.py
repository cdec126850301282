"""What the tests of reading share: ticket 42 with its thread, and its payloads with something changed."""

from __future__ import annotations

import copy
from typing import Any

import responses

from tests.adapters.zendesk.account import answers, fixture


def follow_up(desk: responses.RequestsMock) -> None:
    answers(desk, "/tickets/42", "follow_up")
    answers(desk, "/tickets/42/comments", "comments")
    answers(desk, "/users/me", "me")


def changed(name: str, **ticket: Any) -> Any:
    answer = copy.deepcopy(fixture(name))
    answer["ticket"].update(ticket)
    return answer
