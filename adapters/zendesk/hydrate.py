"""A ticket read afresh, in our words: one GET for a new ticket, two once somebody has answered.

The first GET side-loads people, company, team and the number of comments; a single comment is the ticket's description, so
the thread is only asked for where there is more of it.
https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#show-ticket
https://developer.zendesk.com/documentation/ticketing/using-the-zendesk-api/side_loading/
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from adapters.custom_values import read_fields
from adapters.errors import TicketGone
from adapters.helpdesk import Account
from adapters.raw import Raw
from adapters.ticket import Agent, Company, CustomValue, Message, Priority, Provider, Status, Team, Ticket, TicketKey, TicketType
from adapters.zendesk import api as paths
from adapters.zendesk.api import ZendeskApi, path_to
from adapters.zendesk.people import to_agent, to_company, to_person
from adapters.zendesk.poll import me, teams
from adapters.zendesk.tables import PRIORITY, RATING, STATUS, TYPE, word
from adapters.zendesk.thread import first_message, merged_into, read_comments, to_messages, waiting_since
from adapters.zendesk.values import to_channel

MAX_READS = 3  # of a ticket that changes in each second of a read


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What the reads brought: everything `to_ticket` needs. `comments` is None where the description is the whole thread."""

    ticket: Raw
    comments: tuple[Raw, ...] | None = None
    users: Mapping[str, Raw] = field(default_factory=dict)
    organization: Raw | None = None
    group: Raw | None = None
    metrics: Raw = field(default_factory=lambda: Raw(None))
    comment_count: int = 0

    def tolerant(self) -> Found:
        """The same, where one field of another type costs that field."""
        return replace(
            self,
            ticket=self.ticket.tolerant(),
            comments=None if self.comments is None else tuple(each.tolerant() for each in self.comments),
            users={each: user.tolerant() for each, user in self.users.items()},
            organization=self.organization and self.organization.tolerant(),
            group=self.group and self.group.tolerant(),
            metrics=self.metrics.tolerant(),
        )


def hydrate(key: TicketKey, api: ZendeskApi) -> Ticket:
    """Raises TicketGone, HelpdeskDown, RateLimited, AccessDenied, PayloadUnexpected."""
    answer = _read_settled(path_to(paths.TICKET, key.external_id), api).tolerant()
    ticket = answer["ticket"].object()
    count = _comment_count(answer)
    comments, authors = read_comments(key.external_id, api) if count is None or count > 1 else (None, {})
    users = authors | _by_id(answer["users"])
    users |= _missing_people(_people_in(ticket, comments or ()) - users.keys(), api)
    found = Found(
        ticket=ticket,
        comments=comments,
        users=users,
        organization=_organization(answer, api),
        group=_group(answer, api),
        metrics=_metrics(answer),
        comment_count=count or len(comments or ()),
    )
    return to_ticket(found, api.account, _our_id(found, api), datetime.now(UTC))


def _read_settled(path: str, api: ZendeskApi) -> Raw:
    """The ticket, read in a later second than that of its newest change: the version stamp counts whole seconds, so a change
    after an earlier read could hide behind the same stamp. Zendesk's own clock decides (the answer's Date), ours only where it
    does not say.
    """
    for _ in range(MAX_READS):
        asked_at = datetime.now(UTC)
        answer, date = api.get_dated(path, include=paths.TICKET_SIDE_LOADS)
        second = date or asked_at.replace(microsecond=0)
        changed_at = answer["ticket"]["updated_at"].tolerant().time(default=None)
        if changed_at is None or second > changed_at:
            break
        since_s = (datetime.now(UTC) - second).total_seconds()  # where the two clocks agree: how much of it has passed
        time.sleep(max(0.0, 1.02 - since_s) if 0 <= since_s < 3 else 1.02)
    return answer


def _comment_count(answer: Raw) -> int | None:
    """None where the account does not side-load it."""
    for place in (answer["ticket"]["comment_count"], answer["comment_count"]):
        if place.is_there:
            count = place.whole(default=-1)
            return count if count >= 0 else None
    return None


def _metrics(answer: Raw) -> Raw:
    """Times and counts of the ticket: inside it, or beside it as a list of one; absent on some accounts."""
    return next(answer["metric_sets"].items(), answer["ticket"]["metric_set"])


def _by_id(rows: Raw) -> dict[str, Raw]:
    return {row["id"].text(default=""): row for row in rows.items()}


def _people_in(ticket: Raw, comments: tuple[Raw, ...]) -> set[str]:
    places = [ticket[name] for name in ("requester_id", "submitter_id", "assignee_id")]
    places += [each for name in ("email_cc_ids", "follower_ids") for each in ticket[name].items()]
    places += [comment["author_id"] for comment in comments]
    ids = (place.identifier(default=None) for place in places)
    return {each for each in ids if each is not None and each.isdecimal()}  # the system writes as -1


def _missing_people(ids: set[str], api: ZendeskApi) -> dict[str, Raw]:
    """People who were not side-loaded: kept for an hour, the others asked for in one call (at most 100)."""
    kept = {each: api.cache.get(f"user:{each}", paths.HOUR_S) for each in sorted(ids)}
    found = {each: Raw(value, f"$.users.{each}") for each, value in kept.items() if value is not None}
    absent = [each for each in kept if each not in found][: paths.PAGE_SIZE]
    if absent:
        for row in api.get(paths.USERS_BY_ID, ids=",".join(absent))["users"].items():
            found[row["id"].text()] = row
            api.cache.put(f"user:{row['id'].text()}", row.value)
    return found


def _organization(answer: Raw, api: ZendeskApi) -> Raw | None:
    wanted = answer["ticket"]["organization_id"].identifier(default=None)
    if wanted is None:
        return None
    if row := _by_id(answer["organizations"]).get(wanted):
        return row
    try:
        path = path_to(paths.ORGANIZATION, wanted)
        return Raw(api.cached(f"organization:{wanted}", lambda: api.get(path)["organization"].value), "$.organization")
    except TicketGone:  # the organisation was deleted; its number stays in the ticket
        return None


def _group(answer: Raw, api: ZendeskApi) -> Raw | None:
    wanted = answer["ticket"]["group_id"].identifier(default=None)
    if wanted is None:
        return None
    if row := _by_id(answer["groups"]).get(wanted):
        return row
    known = {team.external_id: team.name for team in teams(api)}
    return Raw({"id": wanted, "name": known.get(wanted, "")}, "$.group")


def _our_id(found: Found, api: ZendeskApi) -> str:
    """Our own user's id; "" where nobody of the team has written, so that a new ticket costs one call even at first."""
    roles = {each: user["role"].text(default="end-user") for each, user in found.users.items()}
    authors = [comment["author_id"].text(default="") for comment in found.comments or ()]
    authors.append(found.ticket["submitter_id"].text(default=""))
    return me(api).external_id if any(roles.get(each, "end-user") != "end-user" for each in authors) else ""


def to_ticket(found: Found, account: Account, our_id: str, read_at: datetime) -> Ticket:
    """The unified ticket. Pure. `our_id`: our own user's id, "" where it does not matter."""
    found = found.tolerant()
    raw, metrics = found.ticket, found.metrics
    status_raw = word(raw["status"].text(default=""))
    ticket_id = _required_id(raw["id"])
    messages = _messages(found, our_id, account.max_messages)
    requester = found.users.get(raw["requester_id"].text(default=""))
    is_deleted = status_raw == "deleted"
    return Ticket(
        provider=Provider.ZENDESK,
        account=account.name,
        external_id=ticket_id,
        number=ticket_id,
        url=f"{account.address.rstrip('/')}/agent/tickets/{ticket_id}",
        subject=raw["subject"].text(default=""),
        description=raw["description"].text(default=""),
        status=STATUS.get(status_raw, Status.OTHER),
        status_raw=status_raw,
        priority=PRIORITY.get(word(raw["priority"].text(default="")), Priority.NONE),
        priority_raw=raw["priority"].text(default=""),
        type=_type(raw["type"]),
        type_raw=raw["type"].text(default=""),
        channel=to_channel(raw["via"]["channel"]),
        channel_raw=raw["via"]["channel"].text(default=""),
        tags=frozenset(tag.casefold() for tag in raw["tags"].texts()),
        custom=_custom(raw, account),
        requester=to_person(requester) if requester else None,
        submitter_id=raw["submitter_id"].identifier(default=None),
        followers=_followers(found),
        company=_company(found, account),
        assignee=_assignee(found),
        team=Team(external_id=found.group["id"].text(), name=found.group["name"].text(default="")) if found.group else None,
        brand=raw["brand_id"].identifier(default=None),
        form=raw["ticket_form_id"].identifier(default=None),
        problem_id=raw["problem_id"].identifier(default=None),
        merged_into=merged_into(raw, found.comments or ()),
        messages=messages,
        message_count=max(found.comment_count, len(messages)),
        created_at=raw["created_at"].time(default=None),
        updated_at=raw["updated_at"].time(default=None),
        first_replied_at=next((each.created_at for each in messages if each.is_agent_reply), None),
        solved_at=metrics["solved_at"].time(default=None),
        closed_at=raw["updated_at"].time(default=None) if status_raw == "closed" else None,
        waiting_since=waiting_since(messages),
        due_at=raw["due_at"].time(default=None),
        reopen_count=metrics["reopens"].whole(default=0),
        rating=RATING.get(raw["satisfaction_rating"]["score"].text(default="")),
        rating_raw=raw["satisfaction_rating"]["score"].text(default=""),
        rating_comment=raw["satisfaction_rating"]["comment"].text(default=""),
        is_deleted=is_deleted,
        is_writable=not (is_deleted or status_raw == "closed"),
        version=raw["updated_at"].text(default=""),
        read_at=read_at,
        raw=raw.value,
    )


def _required_id(place: Raw) -> str:
    found = place.identifier()
    if found is None or not found.isdecimal():
        raise place.unexpected("a ticket's id")
    return found


def _type(place: Raw) -> TicketType | None:
    return TYPE.get(word(place.text(default="other")), TicketType.OTHER) if place.is_there else None


def _custom(raw: Raw, account: Account) -> dict[str, CustomValue]:
    values = {each["id"].text(default=""): each["value"] for each in raw["custom_fields"].items()}
    return read_fields(lambda vendor: values.get(vendor, Raw(None)), account)


def _followers(found: Found) -> frozenset[str]:
    raw = found.ticket
    ids = [each for name in ("email_cc_ids", "follower_ids") for each in raw[name].texts()]
    emails = (found.users[each]["email"].text(default="") for each in ids if each in found.users)
    return frozenset(email.lower() for email in emails if email)


def _company(found: Found, account: Account) -> Company | None:
    return to_company(found.organization, account) if found.organization else None


def _assignee(found: Found) -> Agent | None:
    wanted = found.ticket["assignee_id"].identifier(default=None)
    return to_agent(found.users.get(wanted), wanted) if wanted else None


def _messages(found: Found, our_id: str, most: int) -> tuple[Message, ...]:
    first = first_message(found.ticket, found.users, our_id)
    if found.comments is None:
        return (first,)
    return to_messages(found.comments, first, found.users, our_id, found.ticket, most)
