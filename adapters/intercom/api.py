"""The Intercom client of one account: python-intercom over our transport, and what its answers mean. No decisions.

Answers are taken as the raw JSON that came over the wire: the library's models drop and rename fields, and its newest
types describe an older version of the API than the one that is asked for.
https://developers.intercom.com/docs/references/rest-api/api.intercom.io (seen November 2026, version 2.16 and Preview)
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx
from intercom import Intercom
from intercom.core.api_error import ApiError

from adapters.errors import AccessDenied, HelpdeskDown, OutcomeUnknown, TicketGone
from adapters.helpdesk import Account, ReferenceCache
from adapters.intercom.dialect import DEFAULT_VERSION
from adapters.raw import Raw, lenient_json
from adapters.retry import retry_reads
from adapters.ticket import Json
from adapters.transport import Transport

REFERENCE_AGE_S = 3600.0

# Codes that speak of the token, the plan or the version: they hold for every ticket of the account.
# https://developers.intercom.com/docs/references/rest-api/errors/error-codes
_ACCOUNT_CODES = frozenset(
    {
        "unauthorized",
        "token_unauthorized",
        "token_not_found",
        "token_revoked",
        "token_blocked",
        "token_expired",
        "token_suspended",
        "api_plan_restricted",
        "intercom_version_invalid",
    }
)


class Refused(Exception):
    """Intercom said no (4xx). Stays inside this package: callers turn it into what happens next.

    `words`: the vendor's own sentences, to look for names in; they may quote a customer and never leave this package.
    """

    def __init__(self, status: int, code: str, link: str = "", words: str = "") -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code
        self.words = words
        self.link = link  # where a merged contact went, from the Link header

    @property
    def is_for_all(self) -> bool:
        """True where the refusal is about the account, not about one ticket."""
        return self.status == 401 or self.code in _ACCOUNT_CODES


@dataclass(frozen=True, slots=True)
class IntercomApi:
    """One account's client. `client` is python-intercom with its own retries off (max_retries unset)."""

    account: Account
    client: Intercom = field(repr=False)
    cache: ReferenceCache = field(repr=False)
    answers: _Answers = field(repr=False)

    def read(self, call: Callable[[Intercom], Any]) -> Raw:
        """A read's answer, tried again shortly. Raises Refused, HelpdeskDown, RateLimited, AccessDenied."""

        def once() -> Raw:
            try:
                return self._call(call)
            except OutcomeUnknown as error:  # a search is a POST, but repeating it does no harm
                raise HelpdeskDown(str(error)) from error

        return retry_reads(once)()

    def write(self, call: Callable[[Intercom], Any]) -> Raw:
        """A write's answer. Raises Refused, OutcomeUnknown, HelpdeskDown (certainly not sent), RateLimited, AccessDenied."""
        return self._call(call)

    def reference(self, name: str, load: Callable[[], Json]) -> Json:
        """Slowly changing data: from the cache if younger than an hour, else loaded and kept."""
        return self.cache.once(name, REFERENCE_AGE_S, load)

    def _call(self, call: Callable[[Intercom], Any]) -> Raw:
        self.answers.forget()
        try:
            call(self.client)
        except ApiError as error:
            status = error.status_code or 0
            if status >= 400:
                refused = Refused(status, _code(error.body), (error.headers or {}).get("link", ""), _words(error.body))
                if refused.is_for_all:
                    raise AccessDenied(_mend(refused)) from None
                raise refused from None
        except (TypeError, ValueError, AttributeError):
            # The library could not make its models of an answer that did arrive: we read the answer itself.
            if not self.answers.is_there:
                raise
        return Raw(self.answers.last())


def connect_api(account: Account, transport: Transport, cache: ReferenceCache) -> IntercomApi:
    """The bound client. Every call leaves through `transport`, whose address decides where to."""
    answers = _Answers(transport.for_httpx())
    place = urlsplit(account.address)
    client = Intercom(
        base_url=f"{place.scheme}://{place.netloc}",
        token=account.credentials["token"],
        headers={"Intercom-Version": str(account.options.get("version", DEFAULT_VERSION))},
        httpx_client=httpx.Client(transport=answers, follow_redirects=False, trust_env=False),
    )
    return IntercomApi(account, client, cache, answers)


class _Answers(httpx.BaseTransport):
    """Hands calls on and keeps each thread's last answer, as JSON."""

    def __init__(self, onward: httpx.BaseTransport) -> None:
        self._onward = onward
        self._kept = threading.local()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._onward.handle_request(request)
        self._kept.content = response.read()
        return response

    def forget(self) -> None:
        self._kept.content = b""

    @property
    def is_there(self) -> bool:
        return bool(self._kept.content)

    def last(self) -> Json:
        """Raises OutcomeUnknown where a successful answer had no body to prove anything."""
        try:
            answer: Json = lenient_json(self._kept.content)
        except ValueError:
            raise OutcomeUnknown("the helpdesk answered with nothing that can be read") from None
        return answer

    def close(self) -> None:
        self._onward.close()


def _code(body: Any) -> str:
    """The vendor's error code, kept to letters: never its message, which may quote what a customer wrote."""
    errors = body.get("errors") if isinstance(body, dict) else getattr(body, "errors", None)
    first = errors[0] if isinstance(errors, list) and errors else None
    code = first.get("code") if isinstance(first, dict) else getattr(first, "code", None)
    text = code if isinstance(code, str) else ""
    return "".join(char for char in text[:60] if char.isascii() and (char.isalnum() or char in "_-.")) or "no_code"


def _words(body: Any) -> str:
    """What the vendor says of fields, with whatever it quotes."""
    errors = body.get("errors") if isinstance(body, dict) else getattr(body, "errors", None)
    rows = errors if isinstance(errors, list) else []
    said = (
        each.get(name) if isinstance(each, dict) else getattr(each, name, None) for each in rows for name in ("field", "message")
    )
    return " ".join(each for each in said if isinstance(each, str))


def _mend(refused: Refused) -> str:
    if refused.code == "intercom_version_invalid":
        return "Intercom refuses the API version: check options.version of the account"
    return f"Intercom refuses our token ({refused.status} {refused.code}): check the account's token, its scopes and its region"


def gone(refused: Refused) -> TicketGone | None:
    """What a refused read or write of one ticket means for the ticket, if it means anything for it."""
    if refused.status in (404, 410):
        return TicketGone("gone")
    return TicketGone("forbidden") if refused.status == 403 else None


@contextmanager
def explained() -> Iterator[None]:
    """Around a public read: a refusal that nobody inside made sense of becomes HelpdeskDown, with the way out."""
    try:
        yield
    except Refused as refused:
        why = f"Intercom refused a read ({refused.status} {refused.code}): check the scopes of the account's token"
        raise HelpdeskDown(why) from None
