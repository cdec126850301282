"""The verbs of the stand-in Freshdesk, its people, its webhooks. Routes are in routes.py, stored tickets in tickets.py.

Beside Desk's settings: `automation` (how the webhook rules are set), `limits` (plan limits), `keys` (API key -> the agent it
belongs to). Not modelled: archiving after 120 days, time entries, watchers, skills, threads, attachments' content.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from flask import Response, jsonify, make_response

from sandbox.core_text import to_html
from sandbox.deliver import Attempt, freshdesk_retry
from sandbox.desk import Desk, MessageView, NoSuchTicket, TicketView
from sandbox.freshdesk import tickets
from sandbox.freshdesk.automations import Automation, Performer, event_of
from sandbox.freshdesk.limits import Limits
from sandbox.freshdesk.people import Directory, directory
from sandbox.freshdesk.words import (
    CHANNEL,
    CLOSED,
    OPEN,
    OUTBOUND,
    PRIORITY,
    PRIORITY_READ,
    RATING,
    RATING_READ,
    STATUS,
    STATUS_LABELS,
    STATUS_READ,
    moment_of,
    stamp,
)

Json = dict[str, Any]
SUPPORT_EMAIL = "support@desk.example.com"


class FreshdeskVerbs(Desk):
    name: ClassVar[str] = "freshdesk"
    title: ClassVar[str] = "Freshdesk"
    people: Directory

    def __init__(self, *args: Any, automation: Automation | None = None, limits: Limits | None = None, **options: Any) -> None:
        self.automation = automation or Automation()
        self.limits = limits or Limits()
        options["secret"] = options.get("secret") or "sandbox-freshdesk-secret-of-32-characters"
        super().__init__(*args, **options)

    def seed_world(self) -> None:
        self.people = directory(self.world)
        bot = self.world.bot.email
        self.keys = {"sandbox-freshdesk-key": bot}
        self.keys |= {f"sandbox-freshdesk-key-{agent.email}": agent.email for agent in self.world.agents}
        self.limits.reset()

    def sign(self, body: bytes) -> Mapping[str, str]:
        """Freshdesk signs nothing: the secret is a custom header of the rule."""
        return {self.automation.header: self.secret}

    def retry(self, attempt: Attempt) -> float | None:
        return freshdesk_retry(attempt)

    def refusal_of(self, fields: Sequence[str]) -> Response:
        wrong = [{"field": name, "message": "It should be one of these values: ''", "code": "invalid_value"} for name in fields]
        return make_response(jsonify(description="Validation failed", errors=wrong), 400)

    def error(self, status: int, retry_after: str | int | None = None) -> Response:
        if status == 404:
            return make_response("", 404)
        if status == 429:
            return make_response(jsonify(message="You have exceeded the limit of requests per minute"), 429)
        words = {500: "We're sorry, but something went wrong.", 502: "Bad Gateway", 503: "Service Unavailable"}
        return make_response(jsonify(code="internal_error", message=words.get(status, "Error")), status)

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
            contact = self.contact(requester)
            if locale:
                contact["language"] = locale
            fields: Json = {
                "subject": subject, "description": to_html(body), "source": OUTBOUND if agent else CHANNEL[channel],
                "requester_id": contact["id"], "company_id": contact["company_id"], "tags": list(tags), "cc_emails": list(cc),
            }  # fmt: skip
            if agent:
                fields["responder_id"] = self.people.agent_by_email(agent)["id"]
            record = self.add_ticket(fields)
            self.fire(record, "{ticket_action:created}", "agent" if agent else "requester", agent or requester)
            return str(record["ticket"]["id"])

    def customer_reply(self, ticket: str, body: str, author: str | None = None, *, auto_generated: bool = False) -> str:
        with self.acting():
            record = self.record(ticket)
            user = self.contact(author)["id"] if author else record["ticket"]["requester_id"]
            added = self.say(record, to_html(body), user, private=False, incoming=True, note=False, auto_response=auto_generated)
            # The automation that every account starts with: a customer's answer opens the ticket again.
            changes = tickets.update(record, {"status": OPEN}, self.clock()) if record["ticket"]["status"] != OPEN else {}
            event = event_of(changes) if changes else "{reply_sent:sent}"
            self.settle(record, event, "requester", self.people.name_of(user)[1])
            return str(added["id"])

    def agent_reply(self, ticket: str, body: str, agent: str) -> str:
        with self.acting():
            record, user = self.record(ticket), self.people.agent_by_email(agent)["id"]
            added = self.say(record, to_html(body), user, private=False, incoming=False, note=False)
            self.settle(record, "{reply_sent:sent}", "agent", agent)
            return str(added["id"])

    def agent_note(self, ticket: str, body: str, agent: str) -> str:
        with self.acting():
            record, user = self.record(ticket), self.people.agent_by_email(agent)["id"]
            added = self.say(record, to_html(body), user, private=True, incoming=False, note=True)
            self.settle(record, "{note_type:private}", "agent", agent)
            return str(added["id"])

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
        with self.acting():
            record = self.record(ticket)
            off = {tag.casefold() for tag in tags_remove}
            kept = [tag for tag in record["ticket"]["tags"] if tag.casefold() not in off]
            fields: Json = {"tags": [*kept, *tags_add]}
            if priority is not None:
                fields["priority"] = PRIORITY[priority]
            if status is not None:
                fields["status"] = STATUS[status]
            if assignee is not None:
                fields["responder_id"] = self.people.agent_by_email(assignee)["id"]
            if team is not None:
                fields["group_id"] = self.people.group_by_name(team)["id"]
            if changes := tickets.update(record, fields, self.clock()):
                self.settle(record, event_of(changes), "agent", agent)

    def machine_update(
        self, ticket: str, *, tags_add: Iterable[str] = (), tags_remove: Iterable[str] = (), app: str | None = None
    ) -> None:
        with self.acting():
            record = self.record(ticket)
            off = {tag.casefold() for tag in tags_remove}
            kept = [tag for tag in record["ticket"]["tags"] if tag.casefold() not in off]
            if changes := tickets.update(record, {"tags": [*kept, *tags_add]}, self.clock()):
                self.settle(record, event_of(changes), "agent" if app else "system", app or "")

    def merge(self, ticket: str, into: str, agent: str) -> None:
        with self.acting():
            self.merge_records(self.record(into), [self.record(ticket)], agent)

    def rate(self, ticket: str, score_1_5: int, comment: str = "") -> None:
        with self.acting():
            record, now = self.record(ticket), stamp(self.clock())
            held = record["ticket"]
            rating: Json = {
                "id": self.next_id(), "survey_id": 1, "user_id": held["requester_id"], "agent_id": held["responder_id"],
                "feedback": comment or None, "group_id": held["group_id"], "ticket_id": held["id"], "created_at": now,
                "updated_at": now, "ratings": {"default_question": RATING[score_1_5]},
            }  # fmt: skip
            record["ratings"].append(rating)
            held["updated_at"] = now
            self.settle(record, f"{{customer_feedback:{RATING[score_1_5]}}}", "requester", "")

    def delete(self, ticket: str) -> None:
        self._drop(ticket, "deleted", "{ticket_action:delete}")

    def mark_spam(self, ticket: str) -> None:
        self._drop(ticket, "spam", "{ticket_action:marked_spam}")

    def _drop(self, ticket: str, flag: str, event: str) -> None:
        with self.acting():
            record = self.record(ticket)
            record["ticket"].update({flag: True, "updated_at": stamp(self.clock())})
            self.settle(record, event, "agent", self.world.agents[0].email)

    def view(self, ticket: str) -> TicketView:
        with self.lock:
            record = self.record(ticket)
            held = record["ticket"]
            rating = record["ratings"][-1] if record["ratings"] else None
            into = record["merged_into"]
            return TicketView(
                id=str(held["id"]),
                subject=held["subject"],
                status=self._status(record),
                status_raw=STATUS_LABELS.get(held["status"], str(held["status"])),
                priority=PRIORITY_READ[held["priority"]],
                priority_raw=str(held["priority"]),
                tags=frozenset(held["tags"]),
                team=self.people.groups[held["group_id"]]["name"] if held["group_id"] else None,
                assignee=self.people.name_of(held["responder_id"])[1] or None,
                followers=tuple(held["cc_emails"]),
                requester=self.people.name_of(held["requester_id"])[1],
                company=self.people.companies[held["company_id"]]["name"] if held["company_id"] else None,
                messages=(self._first(record), *(self._message(record, each) for each in record["conversations"])),
                fields={name: value for name, value in held["custom_fields"].items() if value is not None},
                rating=RATING_READ[rating["ratings"]["default_question"]] if rating else None,
                rating_comment=(rating["feedback"] or "") if rating else "",
                is_spam=held["spam"],
                is_deleted=held["deleted"],
                merged_into=None if into is None else str(into),
                created_at=moment_of(held["created_at"]),
                updated_at=moment_of(held["updated_at"]),
            )

    def _status(self, record: Json) -> str:
        status = STATUS_READ.get(record["ticket"]["status"], "open")
        return "new" if status == "open" and record["stats"]["first_responded_at"] is None else status

    def _first(self, record: Json) -> MessageView:
        held = record["ticket"]
        outbound = held["source"] == OUTBOUND
        name, email = self.people.name_of(held["responder_id" if outbound else "requester_id"])
        return MessageView(
            id=f"description-{held['id']}", author=name, author_email=email, is_public=True, is_from_customer=not outbound,
            by_bot=False, html=held["description"], text=held["description_text"], at=moment_of(held["created_at"]),
        )  # fmt: skip

    def _message(self, record: Json, said: Json) -> MessageView:
        name, email = self.people.name_of(said["user_id"])
        return MessageView(
            id=str(said["id"]), author=name, author_email=email, is_public=not said["private"],
            is_from_customer=said["incoming"], by_bot=email == self.world.bot.email, html=said["body"],
            text=said["body_text"], at=moment_of(said["created_at"]), sent_by_bot=self.is_sent_by_bot(said["id"]),
        )  # fmt: skip

    # What verbs and routes share. Callers hold the lock.

    def next_id(self) -> int:
        """Ids of conversations and ratings."""
        return 83_000_000_000 + next(self.counter)

    def record(self, ticket: str) -> Json:
        """Raises NoSuchTicket."""
        if (found := self.records.get(ticket)) is None:
            raise NoSuchTicket(ticket)
        return found

    def contact(self, email: str) -> Json:
        """The contact with this address, made where there is none, as on the first e-mail."""
        known = self.people.contact_by_email(email)
        return known or self.people.add_contact(self.world.person(email), stamp(self.clock()))

    def add_ticket(self, fields: Json) -> Json:
        custom = {field["name"]: None for field in self.people.fields if not field["default"]}
        at = self.clock()
        number = len(self.records.keys()) + 1
        return self.records.add(str(number), tickets.new_record(number, fields, custom, at), at)

    def say(
        self, record: Json, html: str, user: int, *, private: bool, incoming: bool, note: bool, auto_response: bool = False
    ) -> Json:
        """A reply or note at the end of the thread; `settle` afterwards."""
        requester = self.people.name_of(record["ticket"]["requester_id"])[1]
        to = [] if note or incoming else [requester]
        return tickets.add_conversation(
            record, number=self.next_id(), body=html, user=user, at=self.clock(), private=private, incoming=incoming,
            note=note, support_email=None if note else SUPPORT_EMAIL, auto_response=auto_response, to_emails=to,
        )  # fmt: skip

    def settle(self, record: Json, event: str, performer: Performer, email: str) -> None:
        """Store a version of the record and let the update rule fire."""
        self.records.save(str(record["ticket"]["id"]), self.clock())
        self.fire(record, event, performer, email)

    def fire(self, record: Json, event: str, performer: Performer, email: str) -> None:
        # The rule for new tickets has no "performed by".
        if event == "{ticket_action:created}" or self.automation.fires(performer, email):
            body = self.automation.body(record, self.people, event, self.address or "https://desk.freshdesk.com")
            self.emit(ticket=str(record["ticket"]["id"]), topic=event, body=body)

    def merge_records(
        self, primary: Json, secondaries: list[Json], agent: str, notes: tuple[Json, Json] = ({}, {}), cc: bool = False
    ) -> None:
        """Secondaries are closed and get a note that names the primary; the primary gets one that quotes each of them."""
        at, user = self.clock(), self.people.agent_by_email(agent)["id"]
        number = primary["ticket"]["id"]
        for each in secondaries:
            ticket = each["ticket"]
            quoted = f"<p>Merged from ticket {ticket['id']}</p><p>{ticket['subject']}</p>{ticket['description']}"
            self._merge_note(primary, notes[0], quoted, user)
            self._merge_note(each, notes[1], f"<p>This ticket is closed and merged into ticket {number}</p>", user)
            changes = tickets.update(each, {"status": CLOSED}, at)
            each["merged_into"] = number
            ticket["association_type"] = None
            if cc:
                address = self.people.name_of(ticket["requester_id"])[1]
                tickets.update(primary, {"cc_emails": tickets.unique([*primary["ticket"]["cc_emails"], address])}, at)
            self.changed(str(ticket["id"]), "merge", {**changes, "merged_into": [None, number]})
            self.settle(each, event_of(changes), "agent", agent)
        primary["merge_primary"] = True
        self.settle(primary, "{note_type:private}", "agent", agent)

    def _merge_note(self, record: Json, order: Json, default: str, user: int) -> None:
        self.say(record, order.get("body") or default, user, private=order.get("private", True), incoming=False, note=True)
