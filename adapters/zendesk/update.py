"""The fields of one ticket update, gathered write by write, each with what the answer must show. Pure but for the kept lists.

https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#update-ticket
"""

from __future__ import annotations

import html
from collections.abc import Iterable
from dataclasses import dataclass, field

from adapters.errors import Unsupported, WriteRejected
from adapters.helpdesk import FieldMapping
from adapters.ticket import Agent, Json, Team, Ticket, TicketType
from adapters.writes import (
    AddFollower,
    AddTags,
    Link,
    Note,
    RemoveFollower,
    RemoveTags,
    Reply,
    SetAssignee,
    SetField,
    SetPriority,
    SetStatus,
    SetTeam,
    SuppressSurvey,
    Write,
)
from adapters.zendesk.api import ZendeskApi
from adapters.zendesk.capabilities import SURVEY_OFF_TAG
from adapters.zendesk.poll import agents, teams
from adapters.zendesk.tables import PRIORITY_WORD, STATUS_WORD
from adapters.zendesk.values import to_wire


@dataclass
class Update:
    """What one PUT says (`fields`), what its answer must show (`expect`) and which writes it carries (plan positions)."""

    ticket: Ticket
    fields: dict[str, Json] = field(default_factory=dict)
    expect: list[Json] = field(default_factory=list)
    writes: list[int] = field(default_factory=list)
    carries: dict[str, list[int]] = field(default_factory=dict)  # field as it is sent -> plan positions, for a refusal of it
    marker: str = ""
    is_public: bool = False
    has_comment: bool = False
    custom: list[Json] = field(default_factory=list)
    tags: set[str] | None = None

    def carry(self, position: int, write: Write, api: ZendeskApi) -> None:
        """Take one write in. Raises WriteRejected or Unsupported and leaves the update as it was."""
        self._take(position, write, api)
        self.writes.append(position)

    def _take(self, position: int, write: Write, api: ZendeskApi) -> None:
        match write:
            case AddTags() | RemoveTags() | SuppressSurvey():
                self._change_tags(position, write, api)
            case SetPriority():
                self._set(position, "priority", PRIORITY_WORD[write.priority])
            case SetStatus():
                if write.status not in STATUS_WORD:
                    raise Unsupported(f"Zendesk has no status {write.status}")
                self._set(position, "status", STATUS_WORD[write.status])
            case SetAssignee():
                self._set(position, "assignee_id", _named("agent", write.agent, agents(api)) if write.agent else None)
            case SetTeam():
                self._set(position, "group_id", _named("team", write.team, teams(api)) if write.team else None)
            case SetField():
                self._set_custom(position, write, api)
            case AddFollower() | RemoveFollower():
                self._change_copy(position, write, api)
            case Link():
                self._link(position, write)
            case Note():
                self.comment(position, {"html_body": write.html, "public": False})
                self.marker = write.marker
            case Reply():
                author: dict[str, Json] = {"author_id": int(write.author)} if write.author.isdecimal() else {}
                self.comment(position, {"html_body": _paragraphs(write.text), "public": True, **author})
                self.is_public = True
            case _:
                raise Unsupported(f"an update cannot carry {write.kind}")

    def _set(self, position: int, name: str, value: Json) -> None:
        self.fields[name] = value
        self._carries(position, name)
        self.expect.append({"write": position, "field": name, "wanted": value})

    def _carries(self, position: int, name: str) -> None:
        self.carries.setdefault(name, []).append(position)

    def _change_tags(self, position: int, write: AddTags | RemoveTags | SuppressSurvey, api: ZendeskApi) -> None:
        """`tags` replaces the list, so the whole fresh list goes out; the stamp in the same request keeps it fresh."""
        named = write.tags if isinstance(write, AddTags | RemoveTags) else [_survey_tag(api)]
        changed = sorted(tag for tag in map(to_tag, named) if tag)
        tags = set(self.ticket.tags) if self.tags is None else self.tags
        self._carries(position, "tags")
        self.tags = tags - set(changed) if isinstance(write, RemoveTags) else tags | set(changed)
        self.expect.append({"write": position, "field": "tags", "lacks" if isinstance(write, RemoveTags) else "has": [*changed]})

    def _set_custom(self, position: int, write: SetField, api: ZendeskApi) -> None:
        mapping = next((each for each in api.account.fields if each.slug == write.slug), None)
        if mapping is None:
            raise WriteRejected(f"account {api.account.name} maps no custom field `{write.slug}`: add it under `fields`")
        row: dict[str, Json] = {"id": _field_id(mapping), "value": to_wire(write.value)}
        self.custom.append(row)
        self._carries(position, f"custom_fields.{row['id']}")
        self.expect.append({"write": position, "field": "custom_fields", "id": row["id"], "wanted": row["value"]})

    def _change_copy(self, position: int, write: AddFollower | RemoveFollower, api: ZendeskApi) -> None:
        """Followers are agents, CCs anybody: https://support.zendesk.com/hc/en-us/articles/4408846795674"""
        is_agent = any(agent.email == write.email.lower() for agent in agents(api))
        name = "followers" if is_agent else "email_ccs"
        self._carries(position, name)
        rows = self.fields.setdefault(name, [])
        action = "put" if isinstance(write, AddFollower) else "delete"
        if isinstance(rows, list):
            rows.append({"user_email": write.email, "action": action})

    def _link(self, position: int, write: Link) -> None:
        if not write.to.isdecimal():
            raise WriteRejected("a Zendesk ticket can only be linked to the number of a problem ticket")
        self._set(position, "problem_id", int(write.to))
        if self.ticket.type is not TicketType.INCIDENT:  # only an incident has a problem
            self.fields["type"] = "incident"

    def comment(self, position: int, body: Json) -> None:
        self.fields["comment"] = body
        self.has_comment = True
        self._carries(position, "comment")
        is_public = isinstance(body, dict) and body["public"] is True
        self.expect.append({"write": position, "field": "comment", "public": is_public})

    def body(self, run_id: str) -> dict[str, Json]:
        """The `ticket` object of the request. With the stamp, Zendesk answers 409 if the ticket changed since.

        https://developer.zendesk.com/documentation/ticketing/managing-tickets/creating-and-updating-tickets/#protecting-against-ticket-update-collisions
        """
        body = dict(self.fields)
        if self.tags is not None:
            body["tags"] = [*sorted(self.tags)]
        if self.custom:
            body["custom_fields"] = [*self.custom]
        if run_id:
            body["metadata"] = {"custom": {"deskhand": {"run": run_id}}}
        if self.ticket.version:
            body |= {"safe_update": True, "updated_stamp": self.ticket.version}
        return body


def to_tag(tag: str) -> str:
    """As Zendesk keeps it: small letters, no spaces (it would make two tags of one)."""
    return "_".join(tag.casefold().split())


def carrier_tags(write: Write, api: ZendeskApi) -> frozenset[str]:
    """The tag by which a survey is kept from going out."""
    return frozenset({to_tag(_survey_tag(api))}) if isinstance(write, SuppressSurvey) else frozenset()


def _survey_tag(api: ZendeskApi) -> str:
    return str(api.account.options.get("survey_off_tag", SURVEY_OFF_TAG))


def _field_id(mapping: FieldMapping) -> int:
    if not mapping.vendor.isdecimal():
        raise WriteRejected(f"the custom field `{mapping.slug}` is mapped to something other than a Zendesk field's number")
    return int(mapping.vendor)


def _paragraphs(text: str) -> str:
    """Plain text as HTML that says the same; an empty line begins a paragraph."""
    blocks = html.escape(text.strip(), quote=False).replace("\r\n", "\n").split("\n\n")
    return "".join(f"<p>{block.strip().replace(chr(10), '<br>')}</p>" for block in blocks if block.strip())


def _named(kind: str, wanted: str, known: Iterable[Agent | Team]) -> int:
    """The id of the one agent or team that `wanted` names: its id, its e-mail address or its name, whatever the case."""
    rows = [each for each in known if isinstance(each, Team) or each.is_active]
    by_id = [each for each in rows if each.external_id == wanted]
    names = {each.external_id: {each.name.casefold(), each.email if isinstance(each, Agent) else ""} for each in rows}
    found = by_id or [each for each in rows if wanted.strip().casefold() in names[each.external_id]]
    if len(found) != 1:
        raise WriteRejected(f"Zendesk has {'several' if found else 'no'} {kind}s named `{wanted}`: use an id or mend the name")
    return int(found[0].external_id)
