"""The one way out to helpdesks: under requests (zenpy, Freshdesk) as an adapter, under httpx (python-intercom) as a transport.

What every call gets here, whatever library makes it: a total deadline (a read timeout alone lets a drip of bytes go on
for ever), the account's rate budget, 429 raised as RateLimited with its time, one host only, no redirects, answers that do
not repeat our credentials, and a clear difference between "certainly not sent" and "nobody knows". It never repeats a call.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol
from urllib.parse import urlsplit, urlunsplit

import httpx
import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NameResolutionError, NewConnectionError

from adapters.addresses import AddressPrivate, resolve
from adapters.answers import is_json, retry_after_s, server_time, whole_body, without_credentials
from adapters.errors import AccessDenied, HelpdeskDown, OutcomeUnknown, RateLimited

_READS = frozenset({"GET", "HEAD", "OPTIONS"})


class Budget(Protocol):
    """The account's share of the vendor's rate limit, shared by all workers. Implemented in bot/shared/rate_limit.py."""

    def take(self, method: str, path: str) -> None:
        """Count one call to `path` (with its query). Raises RateLimited while the account is blocked, or its share or that of
        this endpoint is used up."""

    def learn(self, status: int, headers: Mapping[str, str]) -> None:
        """See the answer to the call that this thread took last: its limit headers, or that it was a 429. `status` 0: no whole
        answer came."""

    def block(self, retry_after_s: float) -> None:
        """A 429 blocks the account for all workers."""


class NoBudget:
    """For tests and commands that make a handful of calls."""

    def take(self, method: str, path: str) -> None:
        pass

    def learn(self, status: int, headers: Mapping[str, str]) -> None:
        pass

    def block(self, retry_after_s: float) -> None:
        pass


class _Call(threading.local):
    """The connection that this thread's call is using, so that the deadline can cut it."""

    connection: HTTPConnection | None = None
    is_connecting: bool = False  # not a byte of the request can have left
    sock: socket.socket | None = None  # the connection lets go of it where the body ends with the connection
    may_send: Callable[[], None] | None = None  # called when all is ready for the request's first byte; raises to stop it
    on_sent: Callable[[], None] | None = None  # called once, when the request's last byte left
    allow_private: bool = False


_call = _Call()


def _ask_leave() -> None:
    if _call.may_send is not None:
        _call.may_send()


def _tell_sent() -> None:
    if _call.on_sent is not None:
        tell, _call.on_sent = _call.on_sent, None
        tell()


class _CheckedConnection(HTTPConnection):
    """Connects to an address that was looked at, not to a name that may mean another one a moment later."""

    _dns_host: str

    def _new_conn(self) -> socket.socket:
        name = self._dns_host
        try:
            addresses = resolve(name, self.port or self.default_port, _call.allow_private)
        except socket.gaierror as error:
            raise NameResolutionError(self.host, self, error) from error
        except AddressPrivate as error:
            raise NewConnectionError(self, str(error)) from error
        try:
            return self._first_of(addresses)
        finally:
            self._dns_host = name

    def _first_of(self, addresses: list[str]) -> socket.socket:
        for left, self._dns_host in zip(range(len(addresses) - 1, -1, -1), addresses, strict=True):
            try:
                return super()._new_conn()
            except (NewConnectionError, ConnectTimeoutError):
                if not left:
                    raise
        raise AssertionError("there is always an address")


class _WatchedConnection(_CheckedConnection):
    def connect(self) -> None:
        _call.connection, _call.is_connecting = self, True
        super().connect()
        _call.is_connecting = False

    def request(self, *args: Any, **kwargs: Any) -> None:
        _call.connection = self
        if self.sock is None:
            self.connect()
        _ask_leave()
        super().request(*args, **kwargs)
        _call.sock = self.sock
        _tell_sent()


class _WatchedTLSConnection(_CheckedConnection, HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        """The handshake takes the socket over, so a second handle of it is kept meanwhile: a handshake may drip, too."""
        sock = super()._new_conn()
        _call.sock = sock.dup()
        return sock

    def connect(self) -> None:
        _call.is_connecting = True
        try:
            super().connect()
        finally:
            if _call.sock is not None:
                _call.sock.close()
                _call.sock = None
        _call.is_connecting = False

    def request(self, *args: Any, **kwargs: Any) -> None:
        _call.connection = self
        _ask_leave()
        super().request(*args, **kwargs)
        _call.sock = self.sock
        _tell_sent()


class _WatchedPool(HTTPConnectionPool):
    ConnectionCls = _WatchedConnection


class _WatchedTLSPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedTLSConnection


class Transport(HTTPAdapter):
    """Mount it on a requests session for `https://` and `http://`, or hand `for_httpx()` to an httpx client.

    `address`: the account's base URL. Every call goes to its host, whatever host the client library had in mind, so a
    stand-in on loopback serves as well as the vendor. `vendor_hosts` are the hosts a library may name; others are refused.
    `may_write` is called right before a write's first byte leaves; what it raises is raised, and nothing was sent.
    `on_write_sent` is called when a write's last byte left and its answer is not read yet.
    `on_server_time` is told what time the helpdesk has, by the Date of each of its answers.
    `deadline_s`: for the whole call, body included. `clock` gives aware UTC now (for Retry-After dates).
    `allow_private`: else a name that resolves to private or local addresses alone is not connected to.
    """

    def __init__(
        self,
        address: str,
        *,
        vendor_hosts: frozenset[str] = frozenset(),
        allow_private: bool = False,
        budget: Budget | None = None,
        deadline_s: float = 20.0,
        connect_s: float = 5.0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        may_write: Callable[[], None] | None = None,
        on_write_sent: Callable[[], None] | None = None,
        on_server_time: Callable[[datetime], None] | None = None,
    ) -> None:
        self._base = urlsplit(address.rstrip("/"))
        self._hosts = vendor_hosts | {self._base.netloc}
        self._allow_private = allow_private
        self._budget = budget or NoBudget()
        self._deadline_s = deadline_s
        self._connect_s = connect_s
        self._clock = clock
        self._may_write = may_write
        self._on_write_sent = on_write_sent
        self._on_server_time = on_server_time
        super().__init__(max_retries=0)

    def admit(self, host: str) -> None:
        """Let a client library name this host too; the call goes to the account's address all the same."""
        self._hosts = self._hosts | {host}

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: Any) -> None:
        self.poolmanager = PoolManager(num_pools=connections, maxsize=maxsize, block=block, **pool_kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _WatchedPool, "https": _WatchedTLSPool}

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Send a copy, restore `response.request` (zenpy relies on it).

        Raises RateLimited, AccessDenied (401), HelpdeskDown (a read failed, or a write was certainly not sent),
        OutcomeUnknown (a write failed in a way that may have landed). Other statuses come back as they are.
        """
        is_read = request.method in _READS
        ours = request.copy()
        ours.url = self._here(request.url or "")
        ours.headers["Host"] = self._base.netloc
        self._budget.take(ours.method or "", _target(ours.url or ""))
        try:
            response = self._within_deadline(ours, is_read)
        except (HelpdeskDown, OutcomeUnknown):
            self._budget.learn(0, {})
            raise
        self._budget.learn(response.status_code, response.headers)
        if self._on_server_time and (theirs := server_time(response.headers)):
            self._on_server_time(theirs)
        self._judge(response, is_read)
        response.request = request
        return response

    def _here(self, url: str) -> str:
        asked = urlsplit(url)
        if asked.netloc not in self._hosts:
            raise HelpdeskDown(f"a call to another host was refused: {asked.hostname}")
        is_whole = asked.netloc == self._base.netloc and asked.path.startswith(self._base.path)  # made from our own address
        path = asked.path if is_whole else self._base.path + asked.path
        return urlunsplit((self._base.scheme, self._base.netloc, path, asked.query, ""))

    def _within_deadline(self, request: requests.PreparedRequest, is_read: bool) -> requests.Response:
        ends_at = time.monotonic() + self._deadline_s
        _call.connection = _call.sock = None
        _call.is_connecting = False
        _call.allow_private = self._allow_private
        _call.may_send = None if is_read else self._may_write
        _call.on_sent = None if is_read else self._on_write_sent
        holder = _call.__dict__
        cut = threading.Timer(self._deadline_s, _cut, args=(holder,))
        cut.daemon = True
        cut.start()
        try:
            response = super().send(request, stream=True, timeout=(self._connect_s, self._deadline_s), verify=True)
            response._content = without_credentials(whole_body(response, ends_at), request.headers.get("Authorization", ""))
            return response
        except requests.ConnectTimeout as error:
            raise HelpdeskDown(f"no connection to {self._base.hostname}") from error
        except requests.ConnectionError as error:
            if _call.is_connecting or _never_connected(error):
                raise HelpdeskDown(_forbidden(error) or f"no connection to {self._base.hostname}") from error
            raise _failed(is_read, "the connection broke before the answer was whole") from error
        except (requests.RequestException, TimeoutError, OSError) as error:
            raise _failed(is_read, f"no whole answer within {self._deadline_s:.0f} s") from error
        finally:
            cut.cancel()

    def _judge(self, response: requests.Response, is_read: bool) -> None:
        status = response.status_code
        if status == 429:
            wait = retry_after_s(response.headers, self._clock())
            self._budget.block(wait)
            raise RateLimited(wait)
        if status == 401:
            raise AccessDenied("the helpdesk refuses our credentials (401): check the account's token in the configuration")
        if status >= 500 or 300 <= status < 400:
            raise _failed(is_read, f"the helpdesk answered {status}")
        if status < 300 and not is_json(response.content):
            raise _failed(is_read, f"the helpdesk answered {status} with something other than JSON")

    def for_httpx(self) -> httpx.BaseTransport:
        """The same way out for an httpx client."""
        return _ForHttpx(self)


class _ForHttpx(httpx.BaseTransport):
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        prepared = requests.Request(
            request.method, str(request.url), headers=dict(request.headers), data=request.read()
        ).prepare()
        answer = self._transport.send(prepared)
        dropped = {"content-encoding", "content-length", "transfer-encoding"}  # the body below is decoded and whole
        headers = [(name, value) for name, value in answer.headers.items() if name.lower() not in dropped]
        return httpx.Response(answer.status_code, headers=headers, content=answer.content, request=request)

    def close(self) -> None:
        self._transport.close()


def _target(url: str) -> str:
    """Path and query of an address."""
    asked = urlsplit(url)
    return f"{asked.path}?{asked.query}" if asked.query else asked.path


def _cut(holder: Mapping[str, Any]) -> None:
    """Break the call whose deadline has passed, wherever it stands: headers or body."""
    sock = holder.get("sock") or getattr(holder.get("connection"), "sock", None)
    if isinstance(sock, socket.socket):
        try:
            socket.socket.shutdown(sock, socket.SHUT_RDWR)  # below TLS, whose own shutdown would confuse the reading thread
        except OSError:
            return


def _never_connected(error: requests.ConnectionError) -> bool:
    return isinstance(_reason(error), NewConnectionError | NameResolutionError)


def _forbidden(error: requests.ConnectionError) -> str:
    """Why the address may not be connected to, or "" where that is not the reason."""
    found = _reason(error)
    cause = found.__cause__ if isinstance(found, BaseException) else None
    return str(cause) if isinstance(cause, AddressPrivate) else ""


def _reason(error: requests.ConnectionError) -> object:
    cause = error.args[0] if error.args else None
    return cause.reason if isinstance(cause, MaxRetryError) else cause


def _failed(is_read: bool, why: str) -> HelpdeskDown | OutcomeUnknown:
    return HelpdeskDown(why) if is_read else OutcomeUnknown(why)
