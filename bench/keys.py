"""P20: what the receiver keeps after ten thousand words that strangers made up: no figure more, and no memory."""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator
from itertools import islice

from bench.goals import Goal, Outcome, Size
from bench.measure import descendants, rss_bytes
from bench.servers import Served, deskhand

MOST_GROWTH_MB = 4.0  # what the garbage collector has not looked at yet; a series for each name was 98 MB
LONG = "a" * 3000
METHODS = ("HEAD", "POST", "GET", "PUT", "DELETE", "OPTIONS", "MADEUP")


def keys(size: Size) -> Outcome:
    """P20."""
    count = size.of(10_000, 3_000)
    with deskhand(server={"workers": 1}) as served:
        strangers = _made_up()
        _send(served, strangers, count // 5)  # caches with a bound are full, and each answer has had its first time
        series, memory = _series(served), _rss(served)
        _send(served, strangers, count)
        more, grown_mb = _series(served) - series, (_rss(served) - memory) / 2**20
    return Outcome(
        figure=f"{more},{grown_mb:.1f}MB",
        goal=f"0,<={MOST_GROWTH_MB:g}MB",
        is_met=more == 0 and grown_mb <= MOST_GROWTH_MB,
        notes=(f"{series} series and {memory / 2**20:.0f} MB after {count // 5} made-up words, then {count} others",),
    )


def _made_up() -> Iterator[tuple[str, str, dict[str, str]]]:
    """Method, account and headers, each time with words that never came before: names by each method, then types and headers."""
    number = 0
    while True:
        number += 1
        word = f"x{number}{LONG}"
        for method in METHODS:
            yield method, word, {}
        yield "POST", "zendesk", {"Content-Type": f"application/{word}"}
        yield "POST", "zendesk", {"Content-Type": f"application/json; charset={word}"}
        yield "POST", "zendesk", {"Content-Encoding": word}
        yield "POST", "zendesk", {"Content-Type": "application/json", word: word}
        yield "POST", "zendesk", {"Content-Type": "application/json", "X-Zendesk-Webhook-Signature": word}


def _send(served: Served, strangers: Iterator[tuple[str, str, dict[str, str]]], count: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=30)
    for method, account, headers in islice(strangers, count):
        connection.request(method, f"/webhooks/{account}", body=b"{}" if method == "POST" else None, headers=headers)
        answer = connection.getresponse()
        answer.read()
        if not 400 <= answer.status < 500:
            raise ValueError(f"wanted refusals alone, got {answer.status} to {method}")
    connection.close()


def _series(served: Served) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=30)
    connection.request("GET", "/metrics")
    found = re.findall(rb"(?m)^deskhand_webhook\w+", connection.getresponse().read())
    connection.close()
    return len(found)


def _rss(served: Served) -> int:
    return max(rss_bytes(pid) for pid in descendants(served.pid))


GOALS = (Goal(name="P20", title="series and memory after made-up names, headers and types, one each", measure=keys),)
