"""Freshdesk's REST API v2, bound to one account: paths, login, paging. It decides nothing.

Reads are retried for a moment, writes are sent once. Every call goes out through the account's Transport, which raises
RateLimited, AccessDenied, HelpdeskDown and OutcomeUnknown; other statuses come back to the caller in an `Answer`.
https://developers.freshdesk.com/api/
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import requests

from adapters.errors import AccessDenied, HelpdeskDown, PayloadUnexpected, TicketGone
from adapters.helpdesk import Account, CallLimit, ReferenceCache
from adapters.raw import Raw, lenient_json
from adapters.retry import retry_reads
from adapters.transport import Transport

PER_PAGE = 100
MAX_PAGES = 300  # the vendor lists no further than this
# Within the plan's calls, 80 of 200, 160 of 400, 280 of 700 a minute.
# https://developers.freshdesk.com/api/#ratelimit
CALL_LIMITS = (CallLimit(name="ticket update", method="PUT", path=r".*/api/v2/tickets/[0-9]+", of_plan=0.4),)
# What a ticket is read with. Each of these costs credits of its own, one or two by source; the answers tell, and are believed.
# https://developers.freshdesk.com/api/#embedding
INCLUDED = "conversations,requester,company,stats"
CREDITS_INCLUDED = 2
# A run that writes tags: the whole ticket, the tags right before they are replaced, fields and tags, the note.
RUN_CALLS = (
    ("GET", f"/api/v2/tickets/0?{urlencode({'include': INCLUDED})}"),
    ("GET", "/api/v2/tickets/0"),
    ("PUT", "/api/v2/tickets/0"),
    ("POST", "/api/v2/tickets/0/notes"),
)
REFUSED_S = 1.0  # so long may the read before a refused write serve for the next one: as long as that write took, and no more
INCLUDED_CONVERSATIONS = 10  # how many `include=conversations` gives at most, the oldest


def credits_of(method: str, target: str) -> int:
    """How many credits of the account's minute a call to `target` (path and query) is expected to take."""
    included = parse_qs(urlsplit(target).query).get("include", [""])[0] if method == "GET" else ""
    return 1 + CREDITS_INCLUDED * sum(1 for each in included.split(",") if each)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status, the JSON (null where the body is empty), and the next page's number."""

    status: int
    body: Raw
    next_page: int | None = None

    @property
    def is_ok(self) -> bool:
        return 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class LastRead:
    """A ticket as this client read it last, whole."""

    ticket_id: int
    read_at: datetime
    ticket: Raw


def utc_now() -> datetime:
    return datetime.now(UTC)


class FreshdeskApi:
    """One account's client. `clock` gives aware UTC now."""

    def __init__(
        self, account: Account, transport: Transport, cache: ReferenceCache, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self._account = account
        self.cache = cache
        self.clock = clock
        self.last_read: LastRead | None = None
        address = urlsplit(account.address)
        self._host = address.netloc
        self._root = f"{address.scheme}://{address.netloc}/api/v2"  # the transport adds a path of the address
        self._session = _session(account, transport)
        self._refused: tuple[int, float, Raw] | None = None  # ticket, moment, the ticket as it was read before that write

    @property
    def account(self) -> Account:
        return self._account

    def get(self, path: str, **parameters: str | int) -> Answer:
        return retry_reads(self._call)("GET", path, parameters=parameters)

    def post(self, path: str, body: Mapping[str, Any]) -> Answer:
        return self._call("POST", path, body=body)

    def put(self, path: str, body: Mapping[str, Any]) -> Answer:
        return self._call("PUT", path, body=body)

    def keep_for_less(self, ticket: int, read: Raw | None) -> None:
        """A write was refused, which changed nothing: the read that came before it serves for the next one, with less in it."""
        self._refused = (ticket, time.monotonic(), read) if read is not None else None

    def refused_at(self, ticket: int) -> Raw | None:
        """What was read of the ticket right before a write that was refused a moment ago. Once."""
        kept, self._refused = self._refused, None
        return kept[2] if kept and kept[0] == ticket and time.monotonic() - kept[1] < REFUSED_S else None

    def items(self, path: str, **parameters: str | int) -> Iterator[Raw]:
        """Every entry of a list, page after page. Raises AccessDenied where our agent may not see the list."""
        page: int | None = 1
        seen: set[int] = set()
        while page is not None and page not in seen and len(seen) < MAX_PAGES:
            seen.add(page)
            answer = self.get(path, per_page=PER_PAGE, page=page, **parameters)
            yield from listed(answer, path).items()
            page = answer.next_page

    def _call(
        self, method: str, path: str, *, parameters: Mapping[str, str | int] | None = None, body: Mapping[str, Any] | None = None
    ) -> Answer:
        response = self._session.request(method, self._root + path, params=parameters, json=body)
        return Answer(response.status_code, _json_of(response), self._next_page(response))

    def _next_page(self, response: requests.Response) -> int | None:
        """The page that the Link header names. Only its number is used: the path stays the one that was asked for."""
        following = response.links.get("next", {}).get("url", "")
        if not following:
            return None
        link = urlsplit(following)
        if link.netloc and link.netloc != self._host:
            raise HelpdeskDown("a page link to another host was refused")
        number = parse_qs(link.query).get("page", [""])[0]
        return int(number) if number.isdecimal() and len(number) < 10 else None


def _session(account: Account, transport: Transport) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.mount("https://", transport)
    session.mount("http://", transport)
    login = base64.b64encode(f"{account.credentials.get('api_key', '')}:X".encode()).decode("ascii")
    session.headers["Authorization"] = f"Basic {login}"
    session.headers["Accept"] = "application/json"
    return session


def _json_of(response: requests.Response) -> Raw:
    """A 404 has an empty body; an error page may be anything, and only its status matters then."""
    try:
        return Raw(lenient_json(response.content)) if response.content.strip() else Raw(None)
    except ValueError:
        return Raw(None)


def listed(answer: Answer, path: str) -> Raw:
    """The list in an answer, or the error that its status means for the whole account."""
    if answer.is_ok:
        return answer.body
    if answer.status == 403:
        raise AccessDenied(f"our Freshdesk agent may not read {path} (403): check the agent's role and scope")
    raise HelpdeskDown(f"the helpdesk answered {answer.status} to {path}")


def of_ticket(answer: Answer) -> Raw:
    """What an answer says about a ticket. Raises TicketGone where it is deleted or not for our agent."""
    if answer.is_ok:
        return answer.body
    if answer.status in (404, 410):
        raise TicketGone
    if answer.status == 403:
        raise TicketGone("forbidden")
    raise HelpdeskDown(f"the helpdesk answered {answer.status} to a ticket's read")


def number(text: str, what: str) -> int:
    """A Freshdesk id as the whole number that it is, so that nothing else ever stands in a path or a body."""
    if text.isascii() and text.isdecimal() and len(text) <= 19:
        return int(text)
    raise PayloadUnexpected(what, "wanted an id of digits")
