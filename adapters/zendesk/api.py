"""One Zendesk account's client: paths, credentials, paging. Reads go through zenpy's authenticated session as plain JSON
(its objects drop side-loads, its cache serves old tickets); writes go through zenpy's objects.

zenpy itself never waits or repeats: our transport raises before zenpy sees a 429 or a server error.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from zenpy import Zenpy

from adapters.errors import AccessDenied, AdapterError, HelpdeskDown, OutcomeUnknown, TicketGone
from adapters.helpdesk import Account, CallLimit, ReferenceCache
from adapters.raw import Raw, read_json
from adapters.retry import retry_reads
from adapters.ticket import Json
from adapters.transport import Transport

Param = str | int | tuple[str, ...]

HOUR_S = 3600.0
PAGE_SIZE = 100  # the most that Zendesk gives: https://developer.zendesk.com/api-reference/introduction/pagination/
MAX_PAGES = 60  # over 5000 comments, the most a ticket may have; also the end of a paging loop

# zenpy wants a subdomain and a domain; the transport sends the call to the account's own address. `.invalid` never resolves,
# so a call that went past the transport would reach nobody.
_SUBDOMAIN, _DOMAIN = "account", "helpdesk.invalid"
_BASE = f"https://{_SUBDOMAIN}.{_DOMAIN}/api/v2"

TICKET = "/tickets/{}"
TICKET_SIDE_LOADS = "users,groups,organizations,metric_sets,comment_count"
COMMENTS = "/tickets/{}/comments"
AUDITS = "/tickets/{}/audits"
MACRO_ON_TICKET = "/tickets/{}/macros/{}/apply"
TICKET_FIELDS = "/ticket_fields"
MACROS = "/macros"
GROUPS = "/groups"
MEMBERSHIPS = "/group_memberships"
USERS = "/users"
USERS_BY_ID = "/users/show_many"
ORGANIZATION = "/organizations/{}"
ME = "/users/me"
CHANGED_TICKETS = "/incremental/tickets/cursor"

# Per account, whatever the plan; agents' own clicks count as updates, too (100 a minute, 300 with the High Volume add-on).
# https://developer.zendesk.com/api-reference/introduction/rate-limits/#endpoint-rate-limits
CALL_LIMITS = (
    CallLimit(
        name="ticket update",
        method="PUT",
        path=r".*/api/v2/tickets/[0-9]+(\.json)?",
        per_minute=100,
        header="zendesk-ratelimit-tickets-update",
    ),
    CallLimit(name="export", method="GET", path=r".*/api/v2/incremental/.*", per_minute=10, at_once=0.8),
)


def path_to(pattern: str, *ids: str) -> str:
    """The path of a thing by its ids. Raises TicketGone for what is no number of Zendesk's, and so could name another path."""
    if not all(each.isascii() and each.isdecimal() for each in ids):
        raise TicketGone("gone")
    return pattern.format(*ids)


class Chain:
    """What our own writes of one run made of a ticket's version: the second request of a plan is based on what the first one
    left, not on the snapshot. A request that was confirmed keeps its old stamp, so that sending it again is a conflict.
    """

    def __init__(self) -> None:
        self._after: dict[tuple[str, str], str] = {}
        self._confirmed: set[tuple[str, str, int]] = set()

    def stamp_for(self, ticket: str, stamp: str, number: int) -> str:
        """The stamp to send for request `number` of a plan that was made on `stamp`."""
        return stamp if (ticket, stamp, number) in self._confirmed else self._after.get((ticket, stamp), stamp)

    def confirm(self, ticket: str, stamp: str, number: int, version: str) -> None:
        """Request `number` made `version` of the ticket."""
        self._after[ticket, stamp] = version
        self._confirmed.add((ticket, stamp, number))


class ZendeskApi:
    """Bound to one account for the length of one run; not for two threads at once (zenpy keeps the object it writes)."""

    def __init__(self, account: Account, client: Zenpy, session: requests.Session, cache: ReferenceCache) -> None:
        self.account = account
        self.client = client
        self.cache = cache
        self.chain = Chain()
        self._session = session
        self._answers: list[requests.Response] = []
        session.hooks["response"].append(self._remember)

    def _remember(self, answer: requests.Response, *_args: Any, **_kwargs: Any) -> None:
        self._answers.append(answer)

    def get(self, path: str, **params: Param) -> Raw:
        """What lies under `path`. Raises TicketGone (404, 410; 403 for a ticket), AccessDenied, HelpdeskDown, RateLimited."""
        return self.get_dated(path, **params)[0]

    def get_dated(self, path: str, **params: Param) -> tuple[Raw, datetime | None]:
        """`get`, and the moment of the answer by Zendesk's own clock, in whole seconds; None where it does not say."""
        answer = _read(self._session, _BASE + path, params)
        self._answers.clear()
        if answer.status_code in (404, 410):
            raise TicketGone("gone")
        if answer.status_code == 403:
            if path.startswith("/tickets/"):
                raise TicketGone("forbidden")
            raise AccessDenied(f"our user may not read {path} (403): it needs an agent's role, for exports an admin's")
        if answer.status_code >= 400:
            raise HelpdeskDown(f"reading {path} was refused with {answer.status_code}")
        return read_json(answer.content).object(), _date_of(answer)

    def pages(self, path: str, **params: Param) -> Iterator[Raw]:
        """Page after page, at most 60, until the last, an empty cursor or one that was already followed."""
        asked: dict[str, Param] = {"page[size]": PAGE_SIZE, **params}
        seen: set[str] = set()
        for _ in range(MAX_PAGES):
            page = self.get(path, **asked)
            yield page
            onward = self._onward(page)
            if not onward or str(sorted(onward.items())) in seen:
                return
            seen.add(str(sorted(onward.items())))
            asked |= onward

    def _onward(self, page: Raw) -> Mapping[str, str]:
        """The parameters of the next page: from the cursor, else from the query of a next link on our own host."""
        if page["meta"].is_there:
            cursor = page["meta"]["after_cursor"].text(default="")
            return {"page[after]": cursor} if cursor and page["meta"]["has_more"].flag(default=False) else {}
        link = urlsplit(page["next_page"].text(default=""))
        if link.netloc and link.netloc != urlsplit(self.account.address).netloc:
            raise HelpdeskDown("the helpdesk names a next page on another host: not followed")
        return dict(parse_qsl(link.query))

    def cached(self, name: str, fetch: Callable[[], Json], max_age_s: float = HOUR_S) -> Json:
        """The value kept under `name`, fetched anew once it is an hour old."""
        return self.cache.once(name, max_age_s, fetch)

    def write(self, call: Callable[[], object]) -> requests.Response:
        """The answer to one write that `call` makes with zenpy's objects, whatever its status.

        zenpy's own exceptions are dropped: they quote the answer, and the answer may quote the customer.
        """
        self._answers.clear()
        try:
            call()
        except AdapterError:
            raise
        except Exception as error:  # zenpy raises of every kind over an answer it did not expect; the answer is what counts
            if not self._answers:
                raise OutcomeUnknown(f"zenpy broke off with {type(error).__name__} before an answer") from None
        if not self._answers:
            raise OutcomeUnknown("zenpy returned without an answer")
        return self._answers[-1]


def _date_of(answer: requests.Response) -> datetime | None:
    try:
        moment = parsedate_to_datetime(answer.headers.get("Date", ""))
    except ValueError:
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC)


@retry_reads
def _read(session: requests.Session, url: str, params: Mapping[str, Param]) -> requests.Response:
    return session.get(url, params=params)


def connect_api(account: Account, transport: Transport, cache: ReferenceCache) -> ZendeskApi:
    """The client for one run. Raises AccessDenied if the account has no credentials.

    An API token with its user's e-mail address, or an OAuth token: https://developer.zendesk.com/api-reference/introduction/security-and-auth/
    """
    email, token = account.credentials.get("email", ""), account.credentials.get("token", "")
    oauth_token = account.credentials.get("oauth_token", "")
    if not oauth_token and not (email and token):  # zenpy's own complaint would print its arguments
        raise AccessDenied(f"account {account.name}: credentials need email and token, or oauth_token")
    logging.getLogger("zenpy").setLevel(logging.INFO)  # its debug lines hold whole payloads
    transport.admit(f"{_SUBDOMAIN}.{_DOMAIN}")
    session = requests.Session()
    session.trust_env = False  # no .netrc, no proxies of the environment
    session.headers["User-Agent"] = "deskhand"
    session.mount("https://", transport)
    session.mount("http://", transport)
    user = {"oauth_token": oauth_token} if oauth_token else {"email": email, "token": token}
    client = Zenpy(domain=_DOMAIN, subdomain=_SUBDOMAIN, session=session, disable_cache=True, **user)
    return ZendeskApi(account, client, session, cache)
