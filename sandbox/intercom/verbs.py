"""The verbs of the stand-in Intercom, its people, its webhooks. Acts are in acts.py, shapes in render.py, routes in routes.py.

Beside Desk's settings: `version` (the app's API version, for calls without a header and for payloads), `shape` (modern, or
legacy for apps on 1.x), `kind` (what `create_ticket` makes: conversation or ticket), `topics` (subscribed ones; None: all),
`merge_fires` (whether a merge sends the closing of the secondary: the vendor's list has no topic for a merge),
`ticket_tags` (whether GET /tickets shows tags, which the vendor's description leaves out), `limits`.
Not modelled: Fin, SLAs, Operator's messages, articles, side conversations, snooze running out, attachments.
"""

from __future__ import annotations

import hashlib
import hmac
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Literal

import requests
from flask import Response, jsonify, make_response

from sandbox.core_text import to_html, to_text
from sandbox.deliver import Attempt, intercom_count, intercom_retry
from sandbox.desk import Desk, MessageView, NoSuchTicket, TicketView
from sandbox.intercom import threads
from sandbox.intercom.acts import Acts
from sandbox.intercom.limits import Limits
from sandbox.intercom.people import OPERATOR, Directory, directory
from sandbox.intercom.words import (
    CATEGORY,
    CATEGORY_READ,
    PENDING_TAG,
    PRIORITY,
    PRIORITY_READ,
    SOURCE_TYPE,
    STATE,
    STATE_READ,
    moment_of,
    unix,
)

Json = dict[str, Any]
_FIRST = 215_472_620_000_000
_SNOOZE_S = 24 * 3600
# Parts whose words the customer sees, and those only teammates see.
_PUBLIC = {"comment", "close", "open", "quick_reply"}
_PRIVATE = {"note", "assignment"}


class IntercomVerbs(Desk):
    name: ClassVar[str] = "intercom"
    title: ClassVar[str] = "Intercom"
    webhook_timeout_s: ClassVar[float] = 5.0
    people: Directory

    def __init__(
        self,
        *args: Any,
        version: str = "2.16",
        shape: Literal["modern", "legacy"] = "modern",
        kind: Literal["conversation", "ticket"] = "conversation",
        topics: frozenset[str] | None = None,
        merge_fires: bool = True,
        ticket_tags: bool = True,
        limits: Limits | None = None,
        **options: Any,
    ) -> None:
        self.version = version
        self.shape = shape
        self.kind = kind
        self.topics = topics
        self.merge_fires = merge_fires
        self.ticket_tags = ticket_tags
        self.limits = limits or Limits()
        self.acts = Acts(self)
        super().__init__(*args, **options)

    def seed_world(self) -> None:
        self.people = directory(self.world)
        self.tokens = {"sandbox-intercom-token": self.world.bot.email}
        self.limits.reset()

    def sign(self, body: bytes) -> Mapping[str, str]:
        return {"X-Hub-Signature": "sha1=" + hmac.new(self.secret.encode(), body, hashlib.sha1).hexdigest()}

    def retry(self, attempt: Attempt) -> float | None:
        return intercom_retry(attempt)

    def nth_try(self, body: bytes, number: int) -> bytes:
        return intercom_count(body, number)

    def error(self, status: int, retry_after: str | int | None = None) -> Response:
        codes = {404: "not_found", 429: "rate_limit_exceeded", 500: "server_error", 503: "service_unavailable"}
        words = {404: "Resource Not Found", 429: f"Exceeded rate limit of {self.limits.per_window} in 10_seconds"}
        return self.refusal(status, codes.get(status, "server_error"), words.get(status, "Server Error"))

    def refusal_of(self, fields: Sequence[str]) -> Response:
        message = " ".join(f"'{name}' is not valid." for name in fields) or "Parameters are invalid"
        return self.refusal(400, "parameter_invalid", message)

    def refusal(self, status: int, code: str, message: str) -> Response:
        """The vendor's error list."""
        body = {"type": "error.list", "request_id": str(uuid.uuid4()), "errors": [{"code": code, "message": message}]}
        return make_response(jsonify(body), status)

    def subscribe(self, address: str) -> int:
        """Save `address` for webhooks, as in the Developer Hub: the vendor asks it with HEAD, then sends a ping.
        The status that HEAD got, 0 if nobody answered."""
        try:
            status = requests.head(address, timeout=self.webhook_timeout_s, allow_redirects=False).status_code
        except requests.RequestException:
            status = 0
        self.webhooks.target = address
        with self.acting():
            self.acts.ping()
        return status

    # The verbs.

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
        with self.acting():
            contacts = [self.contact(email)["id"] for email in (requester, *cc)]
            if locale:
                self.people.contacts[contacts[0]]["language_override"] = locale
            author = self.admin(agent) if agent else self.people.author("user", contacts[0])
            record = self.new_thread(author, contacts, subject, to_html(body), SOURCE_TYPE[channel])
            for name in tags:
                threads.tagged(record, self.people.tag_named(name), author, unix(self.clock()))
            self.records.save(record["id"], self.clock())
            self.announce(record, author)
            return str(record["id"])

    def customer_reply(self, ticket: str, body: str, author: str | None = None, *, auto_generated: bool = False) -> str:
        with self.acting():
            record = self.record(ticket)
            number = self.contact(author)["id"] if author else record["contacts"][0]
            return str(self.acts.contact_comment(record, self.people.author("user", number), to_html(body))["id"])

    def agent_reply(self, ticket: str, body: str, agent: str) -> str:
        with self.acting():
            return str(self.acts.comment(self.record(ticket), self.admin(agent), to_html(body))["id"])

    def agent_note(self, ticket: str, body: str, agent: str) -> str:
        with self.acting():
            return str(self.acts.note(self.record(ticket), self.admin(agent), to_html(body))["id"])

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
        """Intercom has no one submit: each change is an act and a notification of its own."""
        with self.acting():
            record, author = self.record(ticket), self.admin(agent)
            for name in tags_add:
                self.acts.tag(record, author, self.people.tag_named(name))
            for name in tags_remove:
                self.acts.untag(record, self.people.tag_named(name)["id"])
            if priority is not None and PRIORITY[priority] != record["priority"]:
                self.acts.set_priority(record, author, PRIORITY[priority])
            if team is not None:
                self.acts.assign(record, author, "team", self.people.team_by_name(team)["id"])
            if assignee is not None:
                self.acts.assign(record, author, "admin", self.admin(assignee)["id"])
            if status is not None:
                self._set_status(record, author, status)

    def machine_update(
        self, ticket: str, *, tags_add: Iterable[str] = (), tags_remove: Iterable[str] = (), app: str | None = None
    ) -> None:
        """A workflow acts as Operator; another app as the teammate that it names."""
        with self.acting():
            record, author = self.record(ticket), self.admin(app) if app else OPERATOR
            for name in tags_add:
                self.acts.tag(record, author, self.people.tag_named(name))
            for name in tags_remove:
                self.acts.untag(record, self.people.tag_named(name)["id"])

    def _set_status(self, record: Json, author: Json, status: str) -> None:
        if record["kind"] == "ticket" and status != "on_hold":
            state = self.people.state_of(CATEGORY[status])
            if state["id"] != record["ticket_state"]:
                self.acts.set_state(record, author, state)
            return
        tag = self.people.tag_named(PENDING_TAG)
        if status == "pending":
            self.acts.tag(record, author, tag)
        else:
            self.acts.untag(record, tag["id"])
        wanted = STATE[status]
        if wanted == record["state"]:
            return
        if wanted == "closed":
            self.acts.close(record, author)
        elif wanted == "snoozed":
            self.acts.snooze(record, author, unix(self.clock()) + _SNOOZE_S)
        else:
            self.acts.reopen(record, author)

    def merge(self, ticket: str, into: str, agent: str) -> None:
        with self.acting():
            self.acts.merge(self.record(ticket), self.record(into), self.admin(agent))

    def rate(self, ticket: str, score_1_5: int, comment: str = "") -> None:
        with self.acting():
            self.acts.rate(self.record(ticket), score_1_5, comment)

    def delete(self, ticket: str) -> None:
        with self.acting():
            self.acts.delete(self.record(ticket))

    def mark_spam(self, ticket: str) -> None:
        """Teammates do this in the inbox: the contact is marked and the conversation closed."""
        with self.acting():
            record = self.record(ticket)
            self.people.contacts[record["contacts"][0]]["marked_email_as_spam"] = True
            record["is_spam"] = True
            self.acts.close(record, self.admin(self.world.agents[0].email))

    def view(self, ticket: str) -> TicketView:
        with self.lock:
            record = self.record(ticket)
            emails = [self.people.contacts[number]["email"] for number in record["contacts"]]
            rating = record["rating"] or {}
            admin, team = self.people.admins.get(str(record["admin"])), self.people.teams.get(str(record["team"]))
            return TicketView(
                id=record["id"],
                subject=self._subject(record),
                status=self._status(record),
                status_raw=self._state(record),
                priority=PRIORITY_READ[record["priority"]],
                priority_raw=record["priority"],
                tags=frozenset(tag["name"] for tag in record["tags"]),
                team=team["name"] if team else None,
                assignee=admin["email"] if admin else None,
                followers=tuple(emails[1:]),
                requester=emails[0],
                company=self._company(record),
                messages=tuple(self._messages(record)),
                fields={name: value for name, value in record["attributes"].items() if not name.startswith("_default_")},
                rating=rating.get("rating"),
                rating_comment=rating.get("remark") or "",
                is_spam=record["is_spam"],
                is_deleted=record["is_deleted"],
                merged_into=record["merged_into"],
                created_at=moment_of(record["created_at"]),
                updated_at=moment_of(record["updated_at"]),
            )

    def _subject(self, record: Json) -> str:
        if record["kind"] == "ticket":
            return str(record["attributes"]["_default_title_"])
        return record["title"] or to_text(record["source"]["subject"])

    def _state(self, record: Json) -> str:
        if record["kind"] == "ticket":
            return str(self.people.states[record["ticket_state"]]["internal_label"])
        return str(record["state"])

    def _status(self, record: Json) -> str:
        if record["kind"] == "ticket" and record["state"] == "open":
            status = CATEGORY_READ[self.people.states[record["ticket_state"]]["category"]]
        else:
            status = STATE_READ[record["state"]]
        if status == "open" and any(tag["name"] == PENDING_TAG for tag in record["tags"]):
            return "pending"
        return "new" if status == "open" and record["statistics"]["first_admin_reply_at"] is None else status

    def _company(self, record: Json) -> str | None:
        linked = self.people.contacts[record["contacts"][0]]["companies"]["data"]
        number = record["company_id"] or (linked[0]["id"] if linked else None)
        return self.people.companies[number]["name"] if number else None

    def _messages(self, record: Json) -> Iterable[MessageView]:
        if record["kind"] == "ticket":
            text = record["attributes"]["_default_description_"] or ""
            author = self.people.author("user", record["contacts"][0])
            yield self._message(f"description-{record['id']}", author, to_html(text), record["created_at"], True)
        else:
            source = record["source"]
            yield self._message(f"source-{record['id']}", source["author"], source["body"], record["created_at"], True)
        for part in record["parts"]:
            if part["body"] and part["part_type"] in _PUBLIC | _PRIVATE:
                public = part["part_type"] in _PUBLIC
                yield self._message(part["id"], part["author"], part["body"], part["created_at"], public)

    def _message(self, number: str, author: Json, html: str, at: int, public: bool) -> MessageView:
        return MessageView(
            id=number, author=author["name"] or "", author_email=author["email"], is_public=public,
            is_from_customer=author["type"] != "admin", by_bot=author["email"] == self.world.bot.email, html=html,
            text=to_text(html), at=moment_of(at), sent_by_bot=self.is_sent_by_bot(number),
        )  # fmt: skip

    # What verbs and routes share. Callers hold the lock.

    def next_part(self) -> int:
        return 37_358_000_000 + next(self.counter)

    def record(self, ticket: str) -> Json:
        """Raises NoSuchTicket."""
        if (found := self.records.get(ticket)) is None:
            raise NoSuchTicket(ticket)
        return found

    def contact(self, email: str) -> Json:
        """The contact with this address, made where there is none, as on the first message."""
        known = self.people.contact_by_email(email)
        return known or self.people.add_contact(self.world.person(email), unix(self.clock()))

    def admin(self, email: str) -> Json:
        """A teammate as the author of parts."""
        return self.people.author("admin", self.people.admin_by_email(email)["id"])

    def new_thread(self, author: Json, contacts: list[str], subject: str, body: str, source_type: str) -> Json:
        at, number = self.clock(), _FIRST + len(self.records.keys()) + 1
        if self.kind == "ticket":
            state = self.people.state_of("submitted")["id"]
            text = to_text(body)
            record = threads.new_ticket(
                number, contacts=contacts, subject=subject, description=text, state=state, at=unix(at)
            )  # fmt: skip
        else:
            record = threads.new_record(
                number, author=author, contacts=contacts, subject=subject, body=body, source_type=source_type, at=unix(at)
            )  # fmt: skip
        return self.records.add(str(number), record, at)

    def announce(self, record: Json, author: Json) -> None:
        """Tell of a new thread; a new conversation has no parts yet."""
        topic = "conversation.admin.single.created" if author["type"] == "admin" else "conversation.user.created"
        self.acts.notify("ticket.created" if record["kind"] == "ticket" else topic, record)
