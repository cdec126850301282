"""A helpdesk that gives one kind of answer to everything, on loopback, and keeps the heads of what it was asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from werkzeug.wrappers import Request, Response

from adapters.helpdesk import Account, DictCache, Helpdesk
from adapters.registry import ADAPTERS
from adapters.ticket import Provider
from adapters.transport import Transport
from sandbox.serve import serving

CREDENTIALS: Mapping[str, Mapping[str, str]] = {
    "zendesk": {"email": "deskhand.bot@example.com", "token": "canary-token"},
    "intercom": {"token": "canary-token"},
    "freshdesk": {"api_key": "canary-token"},
}


@dataclass
class Stub:
    """`answer(request)` gives status, JSON and headers."""

    answer: Callable[[Request], tuple[int, Any, Mapping[str, str]]]
    asked: list[Request] = field(default_factory=list)
    address: str = ""

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        request.get_data()
        self.asked.append(request)
        status, body, headers = self.answer(request)
        response = Response(json.dumps(body), status, {"Content-Type": "application/json", **headers})
        return response(environ, start_response)


@contextmanager
def stub(answer: Callable[[Request], tuple[int, Any, Mapping[str, str]]]) -> Iterator[Stub]:
    made = Stub(answer)
    with serving(made) as address:
        made.address = address
        yield made


def helpdesk_at(address: str, provider: str) -> Helpdesk:
    """The provider's adapter, bound to whatever answers there."""
    adapter = ADAPTERS[Provider(provider)]
    account = Account(name=provider, provider=adapter.provider, address=address, credentials=CREDENTIALS[provider])
    transport = Transport(address, allow_private=True, deadline_s=5.0)
    return Helpdesk(adapter, account, adapter.connect_api(account, transport, DictCache()))
