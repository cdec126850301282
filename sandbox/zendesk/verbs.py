"""The verbs of the stand-in Zendesk over its records, its signature, and its webhooks.

Settings beyond the core's: `mode` ("events": event subscription; "triggers": conditional ticket events), `limits`
(limits.py; `reset` switches them off), `inherit_tags` (organization's tags go onto new tickets), `token` of every agent,
`may_write_as` (API users may write comments in other agents' names), `audits_name_author` (then the comment's author is the actor
of the whole update: which of the two the vendor does is not known).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from random import Random
from typing import Any, ClassVar, Literal

from flask import Response

from sandbox import core_text
from sandbox.deliver import Attempt, zendesk_retry
from sandbox.desk import Desk, MessageView, NoSuchTicket, TicketView
from sandbox.zendesk import errors, events, seed, tickets
from sandbox.zendesk.limits import Limits
from sandbox.zendesk.seed import Row, Tables
from sandbox.zendesk.tickets import By

_TO_STATUS = {"on_hold": "hold"}
_FROM_STATUS = {"hold": "on_hold"}
_CHANNELS = {"chat": "chat", "web": "web", "api": "api", "email": "email"}
_SCORES = {1: "bad", 2: "bad", 3: "good", 4: "good", 5: "good"}
WEBHOOK_ID = "01SANDBOXZENDESKWEBHOOK00A"


class ZendeskVerbs(Desk):
    name = "zendesk"
    title = "Zendesk stand-in"
    webhook_timeout_s: ClassVar[float] = 10.0
    mode: Literal["events", "triggers"] = "events"
    inherit_tags = False
    may_write_as = True
    audits_name_author = False
    token = "sandbox-zendesk-token"  # noqa: S105 -- invented, for loopback only

    def seed_world(self) -> None:
        self.tables: Tables = seed.tables(self.world)
        self.jobs: dict[str, Row] = {}
        self.limits = Limits()
        self._random = Random(self.name)

    def clean_path(self, path: str) -> str:
        return path.removesuffix(".json")

    def sign(self, body: bytes) -> Mapping[str, str]:
        at = tickets.stamp(self.clock())
        digest = hmac.new(self.secret.encode(), at.encode() + body, hashlib.sha256).digest()
        return {
            "X-Zendesk-Webhook-Signature": base64.b64encode(digest).decode(),
            "X-Zendesk-Webhook-Signature-Timestamp": at,
        }

    def retry(self, attempt: Attempt) -> float | None:
        return zendesk_retry(attempt)

    def error(self, status: int, retry_after: str | int | None = None) -> Response:
        return errors.answer(status)

    def refusal_of(self, fields: Sequence[str]) -> Response:
        return errors.invalid_fields(fields)

    # Records and who acts.

    def number(self) -> int:
        """A new 13-digit id."""
        return 9876543210000 + next(self.counter)

    def record(self, ticket: str) -> Row:
        """Raises NoSuchTicket."""
        found = self.records.get(str(ticket))
        if found is None:
            raise NoSuchTicket(ticket)
        return found

    def user(self, email: str) -> Row:
        """The user with this address; an unknown one becomes an end user, as for any mail."""
        found = self.tables.user_by_email(email)
        if found is None:
            found = seed.add_person(self.tables, self.number(), self.world.person(email), self.world)
        return found

    def by(self, email: str, channel: str = "web", *, auto_generated: bool = False) -> By:
        return By(self.user(email), self.clock(), self.number, self.tables, channel, auto_generated=auto_generated)

    @contextmanager
    def submit(self, ticket: str) -> Iterator[Row]:
        """Around a change of one record: the lock, and a version of it kept."""
        with self.acting():
            record = self.record(ticket)
            yield record
            self.records.save(str(ticket), self.clock())

    def apply(self, record: Row, wish: Mapping[str, Any], by: By, source: Row | None = None) -> Row:
        """One submit: the audit; the webhooks go out. Inside `submit`. Raises Refused."""
        audit = tickets.update(record, wish, by, source=source)
        self.announce(record, audit)
        return audit

    def announce(self, record: Row, audit: Row, *, topic: str = "", event: Row | None = None) -> None:
        """The webhooks of one audit, or of `topic` first."""
        if not audit["events"] and not topic:
            return
        key = str(record["ticket"]["id"])
        if self.mode == "triggers":
            body = events.trigger_body(record, audit["author_id"], topic or "updated")
            self.emit(ticket=key, topic="conditional_ticket_events", body=body, headers=self._webhook_headers())
            return
        for name, envelope in events.envelopes(
            record, audit, self.tables, self.clock(), self._random, topic=topic, event=event
        ):  # fmt: skip
            body = json.dumps(envelope).encode()
            self.emit(ticket=key, topic=name, body=body, id=envelope["id"], headers=self._webhook_headers())

    def _webhook_headers(self) -> dict[str, str]:
        return {
            "User-Agent": "Zendesk Webhook",
            "X-Zendesk-Account-Id": str(seed.ACCOUNT_ID),
            "X-Zendesk-Webhook-Id": WEBHOOK_ID,
            "X-Zendesk-Webhook-Invocation-Id": f"01INV{self._random.getrandbits(100):025X}",
        }

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
            person = self.user(requester)
            if locale:
                person["locale"] = locale
            wish: Row = {"subject": subject, "comment": {"body": body}, "tags": list(tags)}
            wish["email_ccs"] = [{"user_id": self.user(email)["id"], "action": "put"} for email in cc]
            by = self.by(agent or requester, channel, auto_generated=auto_generated)
            return self.open(wish, by, person, _source(channel, person))

    def open(self, wish: Row, by: By, requester: Row, source: Row) -> str:
        key = str(1001 + len(self.records.keys()))
        record = tickets.created(int(key), wish, by, requester, source, inherit_tags=self.inherit_tags)
        self.records.add(key, record, self.clock())
        self.announce(record, record["audits"][0], topic="created")
        return key

    def customer_reply(self, ticket: str, body: str, author: str | None = None, *, auto_generated: bool = False) -> str:
        with self.acting():
            record = self.record(ticket)
            email = author or self.tables.users[record["ticket"]["requester_id"]]["email"]
            if record["ticket"]["status"] == "closed":
                return self._follow_up(record, body, email)
            source = _source("email", self.user(email))
            by = self.by(email, "email", auto_generated=auto_generated)
            with self.submit(ticket):
                return _comment_id(self.apply(record, {"comment": {"body": body}}, by, source))

    def _follow_up(self, record: Row, body: str, email: str) -> str:
        """A closed ticket takes no reply: the mail makes a new ticket that names it."""
        closed, person = record["ticket"], self.user(email)
        origin = {"ticket_id": closed["id"], "subject": closed["subject"], "channel": "email"}
        wish = {"subject": f"Re: {closed['subject']}", "comment": {"body": body}, "tags": closed["tags"]}
        key = self.open(wish, self.by(email, "email"), person, tickets.via("email", from_=origin, rel="follow_up"))
        closed["followup_ids"].append(int(key))
        return str(self.record(key)["comments"][0]["id"])

    def agent_reply(self, ticket: str, body: str, agent: str) -> str:
        with self.submit(ticket) as record:
            return _comment_id(self.apply(record, {"comment": {"body": body, "public": True}}, self.by(agent)))

    def agent_note(self, ticket: str, body: str, agent: str) -> str:
        with self.submit(ticket) as record:
            return _comment_id(self.apply(record, {"comment": {"body": body, "public": False}}, self.by(agent)))

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
        with self.submit(ticket) as record:
            wish: Row = {}
            if add := {*tags_add} | {*tags_remove}:
                wish["tags"] = sorted((set(record["ticket"]["tags"]) | add) - set(tags_remove))
            if priority:
                wish["priority"] = None if priority == "none" else priority
            if status:
                wish["status"] = _TO_STATUS.get(status, status)
            if assignee:
                wish["assignee_id"] = self.user(assignee)["id"]
            if team:
                wish["group_id"] = _must(self.tables.group_by_name(team), team)["id"]
            self.apply(record, wish, self.by(agent))

    def machine_update(
        self, ticket: str, *, tags_add: Iterable[str] = (), tags_remove: Iterable[str] = (), app: str | None = None
    ) -> None:
        """What a trigger does is part of the audit of whoever set it off, here the agent who updated last; the change says so."""
        with self.submit(ticket) as record:
            tags = sorted((set(record["ticket"]["tags"]) | {*tags_add}) - set(tags_remove))
            staff = {row["id"]: row["email"] for row in self.tables.users.values() if row["role"] != "end-user"}
            last = next((staff[each["author_id"]] for each in reversed(record["audits"]) if each["author_id"] in staff), None)
            by = self.by(app or last or self.world.agents[0].email, "api" if app else "web")
            audit = tickets.update(record, {"tags": tags}, by)
            if not app:
                for change in audit["events"]:
                    change["via"] = tickets.via("rule", from_={"id": 360000000001, "title": "Tag it"}, rel="trigger")
            self.announce(record, audit)

    def merge(self, ticket: str, into: str, agent: str) -> None:
        with self.acting():
            self.merge_into(into, [ticket], self.by(agent))

    def merge_into(self, target: str, sources: Sequence[str], by: By, comments: Mapping[str, Any] | None = None) -> None:
        """Sources get a closing comment, the tag closed_by_merge and status closed; the target a comment that names them."""
        said = {"target_comment_is_public": False, "source_comment_is_public": False, **(comments or {})}
        self.record(target)  # before anything is closed
        subjects = [self.record(key)["ticket"]["subject"] for key in sources]
        for key in sources:
            with self.submit(key) as record:
                text = said.get("source_comment") or f"This request was closed and merged into request #{target}."
                wish = {
                    "comment": {"body": text, "public": said["source_comment_is_public"]},
                    "tags": [*record["ticket"]["tags"], "closed_by_merge"],
                    "status": "closed",
                }
                audit = tickets.update(record, wish, by, source=tickets.via("merge", rel="merge", to={"ticket_id": int(target)}))
                record["merged_into"] = str(target)
                self.announce(record, audit, topic="merged", event={"target_ticket_id": str(target)})
        with self.submit(target) as record:
            names = ", ".join(f'#{key} "{subject}"' for key, subject in zip(sources, subjects, strict=True))
            comment = {"body": said.get("target_comment") or f"Request {names} was closed and merged into this request."}
            source = tickets.via("merge", rel="merge", from_={"ticket_ids": [int(key) for key in sources]})
            self.apply(record, {"comment": {**comment, "public": said["target_comment_is_public"]}}, by, source)

    def rate(self, ticket: str, score_1_5: int, comment: str = "") -> None:
        """Good or bad is all there is. No event type for ratings is published, so only the triggers mode tells."""
        with self.submit(ticket) as record:
            at, before = self.clock(), record["ticket"]["satisfaction_rating"]["score"]
            rating = {"id": self.number(), "score": _SCORES[score_1_5], "comment": comment, "reason": None}
            record["ticket"].update(satisfaction_rating=rating, generated_timestamp=int(at.timestamp()))
            record["ticket"]["updated_at"] = tickets.stamp(at)
            change = {"id": self.number(), "type": "Change", "field_name": "satisfaction_score"}
            rater = self.tables.users[record["ticket"]["requester_id"]]
            audit = self._audit(record, rater, [{**change, "value": rating["score"], "previous_value": before}])
            if self.mode == "triggers":
                self.announce(record, audit)

    def delete(self, ticket: str) -> None:
        self._take_out(ticket, "soft_deleted", "deleted")

    def mark_spam(self, ticket: str) -> None:
        self._take_out(ticket, "marked_as_spam", "spam")

    def _take_out(self, ticket: str, topic: str, mark: str) -> None:
        """Both end as deleted: 404 from then on, `status: deleted` in the export."""
        with self.submit(ticket) as record:
            record[mark] = True
            at = self.clock()
            record["ticket"].update(
                status="deleted", updated_at=tickets.stamp(at), generated_timestamp=int(at.timestamp())
            )  # fmt: skip
            self.announce(record, self._audit(record, self.user(self.world.agents[0].email), []), topic=topic)

    def _audit(self, record: Row, user: Row, changes: list[Row]) -> Row:
        """An audit for what is no submit."""
        audit = {
            "id": self.number(), "ticket_id": record["ticket"]["id"], "created_at": tickets.stamp(self.clock()),
            "author_id": user["id"], "metadata": {"system": {}, "custom": {}}, "events": changes, "via": tickets.via("web"),
        }  # fmt: skip
        record["audits"].append(audit)
        return audit

    def view(self, ticket: str) -> TicketView:
        with self.lock:
            record = self.record(ticket)
            shown, users = record["ticket"], self.tables.users
            group = self.tables.groups.get(shown["group_id"] or 0)
            home = self.tables.organizations.get(shown["organization_id"] or 0)
            rating = shown["satisfaction_rating"]
            return TicketView(
                id=str(ticket),
                subject=shown["subject"],
                status=_FROM_STATUS.get(shown["status"], shown["status"]),
                priority=shown["priority"] or "none",
                tags=frozenset(shown["tags"]),
                team=group["name"] if group else None,
                assignee=users[shown["assignee_id"]]["email"] if shown["assignee_id"] else None,
                followers=tuple(users[each]["email"] for each in shown["collaborator_ids"]),
                requester=users[shown["requester_id"]]["email"],
                company=home["name"] if home else None,
                messages=tuple(self._message(comment) for comment in record["comments"]),
                status_raw=shown["status"],
                priority_raw=shown["priority"] or "",
                fields={str(row["id"]): row["value"] for row in shown["custom_fields"] if row["value"] is not None},
                rating={"good": 5, "bad": 1}.get(rating["score"]),
                rating_comment=rating.get("comment") or "",
                is_spam=record.get("spam", False),
                is_deleted=shown["status"] == "deleted",
                merged_into=record.get("merged_into"),
                created_at=datetime.fromisoformat(shown["created_at"]),
                updated_at=datetime.fromisoformat(shown["updated_at"]),
            )

    def _message(self, comment: Row) -> MessageView:
        author = self.tables.users[comment["author_id"]]
        return MessageView(
            id=str(comment["id"]),
            author=author["name"],
            author_email=author["email"],
            is_public=comment["public"],
            is_from_customer=author["role"] == "end-user",
            by_bot=author["email"] == self.world.bot.email,
            html=core_text.sanitised(comment["html_body"]),
            text=comment["plain_body"],
            at=datetime.fromisoformat(comment["created_at"]),
            sent_by_bot=self.is_sent_by_bot(comment["id"]),
        )


def _source(channel: str, person: Row) -> Row:
    sender = {"address": person["email"], "name": person["name"]}
    if channel == "email":
        return tickets.via("email", from_=sender, to={"name": "Support", "address": "support@example.com"})
    return tickets.via(_CHANNELS.get(channel, channel))


def _comment_id(audit: Row) -> str:
    return next(str(event["id"]) for event in audit["events"] if event["type"] == "Comment")


def _must(row: Row | None, name: str) -> Row:
    if row is None:
        raise ValueError(f"{name}: there is no such team here")
    return row
