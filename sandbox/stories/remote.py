"""A stand-in helpdesk in another process, driven through its control API with the verbs that it has in process."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import requests

from sandbox.desk import MessageView, TicketView
from sandbox.effects import Effect


class RemoteDesk:
    """`address`: the base URL that `deskhand sandbox` prints. Raises requests' errors where it cannot be reached."""

    def __init__(self, name: str, address: str) -> None:
        self.name = name
        self.address = address
        self._session = requests.Session()
        self._session.trust_env = False

    def create_ticket(
        self,
        *,
        requester: str,
        subject: str,
        body: str,
        channel: str = "email",
        tags: Sequence[str] = (),
        locale: str | None = None,
        auto_generated: bool = False,
        cc: Sequence[str] = (),
        agent: str | None = None,
    ) -> str:
        made: str = self._verb(
            "create_ticket",
            requester=requester, subject=subject, body=body, channel=channel, tags=list(tags), locale=locale,
            auto_generated=auto_generated, cc=list(cc), agent=agent,
        )  # fmt: skip
        return made

    def customer_reply(self, ticket: str, body: str, author: str | None = None, *, auto_generated: bool = False) -> str:
        made: str = self._verb("customer_reply", ticket=ticket, body=body, author=author, auto_generated=auto_generated)
        return made

    def agent_reply(self, ticket: str, body: str, agent: str) -> str:
        made: str = self._verb("agent_reply", ticket=ticket, body=body, agent=agent)
        return made

    def agent_note(self, ticket: str, body: str, agent: str) -> str:
        made: str = self._verb("agent_note", ticket=ticket, body=body, agent=agent)
        return made

    def agent_update(
        self,
        ticket: str,
        *,
        agent: str,
        tags_add: Iterable[str] = (),
        tags_remove: Iterable[str] = (),
        priority: str | None = None,
        status: str | None = None,
        assignee: str | None = None,
        team: str | None = None,
    ) -> None:
        self._verb(
            "agent_update",
            ticket=ticket, agent=agent, tags_add=list(tags_add), tags_remove=list(tags_remove), priority=priority,
            status=status, assignee=assignee, team=team,
        )  # fmt: skip

    def merge(self, ticket: str, into: str, agent: str) -> None:
        self._verb("merge", ticket=ticket, into=into, agent=agent)

    def rate(self, ticket: str, score_1_5: int, comment: str = "") -> None:
        self._verb("rate", ticket=ticket, score_1_5=score_1_5, comment=comment)

    def delete(self, ticket: str) -> None:
        self._verb("delete", ticket=ticket)

    def mark_spam(self, ticket: str) -> None:
        self._verb("mark_spam", ticket=ticket)

    def view(self, ticket: str) -> TicketView:
        row = dict(self._get(f"/_sandbox/tickets/{ticket}"))
        row["messages"] = tuple(MessageView(**_times(message, "at")) for message in row["messages"])
        row["tags"] = frozenset(row["tags"])
        row["followers"] = tuple(row["followers"])
        return TicketView(**_times(row, "created_at", "updated_at"))

    def written(self, ticket: str) -> list[Effect]:
        """What was written through the API in a ticket."""
        rows: list[dict[str, Any]] = self._get("/_sandbox/effects", ticket=ticket)
        return [Effect(**_times(row, "at")) for row in rows]

    def calls_per_ticket(self) -> dict[str, int]:
        """API calls by ticket; calls that name none stand under ""."""
        # The counts come with any answer; a ticket that is not there keeps the calls themselves out of it.
        counted: dict[str, int] = self._get("/_sandbox/calls", ticket="none")["per_ticket"]
        return counted

    def send_webhooks_to(self, target: str) -> None:
        """Where this helpdesk's webhooks go from now on."""
        self._post("/_sandbox/webhooks", {"target": target})

    def _verb(self, name: str, **arguments: Any) -> Any:
        return self._post(f"/_sandbox/verbs/{name}", arguments)["result"]

    def _post(self, path: str, body: Any) -> Any:
        answer = self._session.post(self.address + path, json=body, timeout=30)
        if not answer.ok:
            raise RuntimeError(f"{self.name}: {path}: {answer.text[:300]}")
        return answer.json()

    def _get(self, path: str, **query: str) -> Any:
        answer = self._session.get(self.address + path, params=query, timeout=30)
        answer.raise_for_status()
        return answer.json()


def _times(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: datetime.fromisoformat(value) if name in names and value else value for name, value in row.items()}
