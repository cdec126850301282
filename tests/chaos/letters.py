"""What the fuzzer sends: deliveries whose answer is known beforehand, and things that nobody should ever send.

Everything comes from the seed and a number, so that `--only NUMBER` sends one thing again. Signing stands here once more,
written from the vendors' pages: the fuzzer must not share a mistake with what it tests.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from sandbox.stories.config import SECRETS

FIXTURES = Path(__file__).parents[1] / "fixtures"
PROVIDERS = ("zendesk", "intercom", "freshdesk")
SIGNATURE = {"zendesk": "X-Zendesk-Webhook-Signature", "intercom": "X-Hub-Signature", "freshdesk": "X-Deskhand-Secret"}
STAMP = "X-Zendesk-Webhook-Signature-Timestamp"
WINDOW_S = {"zendesk": 300, "intercom": 300 + 7200}


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One request. `headers` may hold a name twice; Content-Length is added by whoever sends it."""

    provider: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    method: str = "POST"
    path: str = ""

    @property
    def address(self) -> str:
        return self.path or f"/webhooks/{self.provider}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A delivery of the corpus: what is sent, in this order, and the answers that are right."""

    number: int
    kind: str
    letters: tuple[Letter, ...]
    answers: tuple[frozenset[int], ...]


STORED, REPEATED, REFUSED = frozenset({202}), frozenset({200}), frozenset({400, 401})


def chance(seed: int, number: int) -> random.Random:
    return random.Random(f"{seed}:{number}")


# the corpus


def case(seed: int, number: int) -> Case:
    """The case of this number: an exact repeat, or a forged, stale or changed delivery, or another body under a known id."""
    rng = chance(seed, number)
    provider = PROVIDERS[number % 3]
    kinds = ["repeated", "repeated", "forged", "forged", *(("changed", "stale") if provider in WINDOW_S else ())]
    kind = rng.choice([*kinds, "another_body"] if provider != "freshdesk" else kinds)
    tree = _fresh(provider, f"{seed}-{number}", rng)
    made = {"repeated": _repeated, "forged": _forged, "changed": _changed, "stale": _stale, "another_body": _another_body}
    letters, answers = made[kind](provider, tree, rng)
    return Case(number=number, kind=kind, letters=letters, answers=answers)


_Sent = tuple[tuple[Letter, ...], tuple[frozenset[int], ...]]


def _repeated(provider: str, tree: dict[str, Any], rng: random.Random) -> _Sent:
    again = rng.randint(1, 3)
    letter = signed(provider, _bytes(tree, rng))
    return (letter,) * (again + 1), (STORED, *(REPEATED,) * again)


def _another_body(provider: str, tree: dict[str, Any], rng: random.Random) -> _Sent:
    first = signed(provider, json.dumps(tree).encode())
    second = signed(provider, json.dumps(tree | {"added": rng.random()}).encode())
    return (first, second, first), (STORED, STORED, REPEATED)  # stored apart, and not mixed up with the first


def _changed(provider: str, tree: dict[str, Any], rng: random.Random) -> _Sent:
    """Signed, and then one byte is another one, or missing, or too much."""
    letter = signed(provider, _bytes(tree, rng))
    body = bytearray(letter.body)
    at = rng.randrange(len(body))
    how = rng.randrange(3)
    if how == 0:
        body[at] ^= 1 << rng.randrange(8)
    elif how == 1:
        del body[at]
    else:
        body.insert(at, rng.randrange(256))
    return (replace(letter, body=bytes(body)),), (REFUSED,)


def _stale(provider: str, tree: dict[str, Any], rng: random.Random) -> _Sent:
    """Well signed, and too long ago or not yet."""
    past = rng.choice([WINDOW_S[provider] + 60, 86_400, 10**8])
    at = time.time() + rng.choice([-past, -past, 300 + 60, 86_400])
    if provider == "zendesk":
        return (signed(provider, _bytes(tree, rng), at=at),), (REFUSED,)
    return (signed(provider, _bytes(tree | {"first_sent_at": int(at), "created_at": int(at)}, rng)),), (REFUSED,)


def _forged(provider: str, tree: dict[str, Any], rng: random.Random) -> _Sent:
    letter = signed(provider, _bytes(tree, rng))
    return (replace(letter, headers=rng.choice(_FORGERIES)(letter, rng)),), (REFUSED,)


_Headers = tuple[tuple[str, str], ...]


def _with(letter: Letter, value: str) -> _Headers:
    return tuple((name, value if name == SIGNATURE[letter.provider] else old) for name, old in letter.headers)


def _proof(letter: Letter) -> str:
    return dict(letter.headers)[SIGNATURE[letter.provider]]


def _flipped(letter: Letter, rng: random.Random) -> _Headers:
    proof = _proof(letter)
    at = rng.randrange(len(proof) - 2)
    return _with(letter, proof[:at] + ("A" if proof[at] != "A" else "B") + proof[at + 1 :])


def _with_wrong_secret(letter: Letter, rng: random.Random) -> _Headers:
    return signed(letter.provider, letter.body, secret=f"guessed-{rng.random()}").headers


def _with_public_test_secret(letter: Letter, rng: random.Random) -> _Headers:
    return signed(letter.provider, letter.body, secret="dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==").headers


_FORGERIES: tuple[Callable[[Letter, random.Random], _Headers], ...] = (
    _flipped,
    _with_wrong_secret,
    _with_public_test_secret,
    lambda letter, rng: tuple(each for each in letter.headers if each[0] != SIGNATURE[letter.provider]),
    lambda letter, rng: _with(letter, ""),
    lambda letter, rng: _with(letter, _proof(letter)[: rng.randrange(1, len(_proof(letter)))]),
    lambda letter, rng: _with(letter, _proof(letter) + rng.choice("A=\t x0") + "x"),
    lambda letter, rng: _with(letter, "sha256=" + "0" * 64),
    lambda letter, rng: _with(letter, "\xe4" * 40),
    lambda letter, rng: _with(letter, "x" * rng.randrange(200, 5000)),
    lambda letter, rng: (*_with(letter, "guessed"), (SIGNATURE[letter.provider], "guessed as well")),
)


def signed(provider: str, body: bytes, *, secret: str = "", at: float | None = None) -> Letter:
    """A letter as the vendor would send it."""
    key = (secret or SECRETS[provider]).encode()
    kind = ("Content-Type", "application/json")
    if provider == "zendesk":
        stamp = datetime.fromtimestamp(time.time() if at is None else at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        digest = base64.b64encode(hmac.new(key, stamp.encode() + body, hashlib.sha256).digest()).decode()
        return Letter(provider=provider, headers=(kind, (SIGNATURE[provider], digest), (STAMP, stamp)), body=body)
    if provider == "intercom":
        digest = "sha1=" + hmac.new(key, body, hashlib.sha1).hexdigest()
        return Letter(provider=provider, headers=(kind, (SIGNATURE[provider], digest)), body=body)
    return Letter(provider=provider, headers=(kind, (SIGNATURE[provider], key.decode())), body=body)


@cache
def _shapes(provider: str) -> tuple[dict[str, Any], ...]:
    """The vendor's shapes that name a ticket."""
    trees = [json.loads(path.read_bytes()) for path in sorted((FIXTURES / provider).glob("*.webhook.json"))]
    return tuple(tree for tree in trees if _ticket_of(provider, tree))


def _ticket_of(provider: str, tree: dict[str, Any]) -> object:
    if provider == "zendesk" and "type" in tree:
        return tree["type"].startswith("zen:event-type:ticket.") and isinstance(tree["detail"].get("id"), str)
    if provider == "intercom":
        item = tree["data"]["item"]
        is_ours = tree.get("topic", "").startswith(("conversation.", "ticket.")) and "id" in tree
        return is_ours and item.get("type") in ("conversation", "ticket") and "id" in item
    return tree.get("ticket_id")


def _fresh(provider: str, id: str, rng: random.Random) -> dict[str, Any]:
    """One of the vendor's shapes with an id of its own."""
    tree: dict[str, Any] = json.loads(json.dumps(rng.choice(_shapes(provider))))
    now = int(time.time())
    if provider == "intercom":
        return tree | {"id": f"notif_{id}", "created_at": now, "first_sent_at": now}
    if provider == "zendesk" and "type" in tree:
        return tree | {"id": f"ev-{id}"}
    return tree | {"note_of_the_fuzzer": id}  # no id in these: the body is the id


def _bytes(tree: Mapping[str, Any], rng: random.Random) -> bytes:
    """As JSON, with or without spaces, letters escaped or not."""
    return json.dumps(
        tree,
        ensure_ascii=rng.random() < 0.5,
        separators=rng.choice([(",", ":"), (", ", ": ")]),
        indent=rng.choice([None, None, 1]),
    ).encode()


# what nobody should send


def wild_letter(seed: int, number: int) -> Letter:
    """A request whose body, headers, method or address is wrong in some way; its proof is right as often as not."""
    rng = chance(seed, number)
    provider = rng.choice(PROVIDERS)
    body = wild_body(provider, f"{seed}-{number}", rng)
    letter = signed(provider, body)
    if rng.random() < 0.3:
        letter = replace(letter, headers=(*letter.headers, *_wild_headers(rng)))
    if rng.random() < 0.1:
        letter = replace(letter, headers=tuple(_wild_headers(rng)))
    if rng.random() < 0.1:
        letter = replace(letter, method=rng.choice(["GET", "PUT", "HEAD", "OPTIONS", "PATCH", "DELETE", "TRACE", "post", "FOO"]))
    if rng.random() < 0.1:
        letter = replace(letter, path=rng.choice(_PATHS) if rng.random() < 0.7 else "/" + _words(rng, 300, "ab%/.?#;:@&=+$,~-_ü"))
    return replace(letter, path=letter.path.encode("ascii", "replace").decode().replace(" ", "+"))


def wild_body(provider: str, id: str, rng: random.Random) -> bytes:
    how = rng.randrange(10)
    if how == 0:
        return rng.randbytes(rng.choice([0, 1, 7, 100, 4000]))
    if how == 1:
        return rng.choice(_BODIES)
    if how == 2:
        return b" " * rng.choice([1_048_575, 1_048_577, 2_000_000])
    tree: Any = _fresh(provider, id, rng)
    for _ in range(rng.randint(1, 4)):
        tree = _mutated(tree, rng)
    try:
        body = json.dumps(tree, ensure_ascii=rng.random() < 0.5).encode("utf-8", "surrogatepass")
    except RecursionError:
        body = b"[" * 100_000
    return _torn(body, rng) if rng.random() < 0.3 else body


_ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1e308, 10**400, 2**63, float("nan"), float("inf"), "", " ", "0", "42", "-1", "1e3", "null", "\x00",
    "\ud800", "‮", "\u200b", "x" * 100_000, "../../etc/passwd", "'; drop table deliveries;--", "{{7*7}}", "%s%n", "\r\nX: 1",
    [], {}, [[]], [None], {"": ""}, {"id": {"id": 1}}, ["42"], "2026-13-45T99:99:99Z", "9999-12-31T23:59:59Z", "0000-00-00",
    "zen:event-type:ticket.", "conversation.", "\U0001f4a9" * 50,
)  # fmt: skip


def _mutated(tree: Any, rng: random.Random) -> Any:
    """A copy with one place changed: another type, missing, doubled, nested, renamed."""
    if not isinstance(tree, dict | list) or not tree or rng.random() < 0.1:
        return rng.choice([*_ODD, _deep(rng, tree)])
    if isinstance(tree, list):
        at = rng.randrange(len(tree))
        return [*tree[:at], _mutated(tree[at], rng), *tree[at + 1 :]] if rng.random() < 0.7 else tree * rng.choice([0, 2, 50])
    name = rng.choice(list(tree))
    how = rng.randrange(6)
    if how == 0:
        return {each: value for each, value in tree.items() if each != name}
    if how == 1:
        return {(each.upper() if each == name else each): value for each, value in tree.items()}
    if how == 2:
        return tree | {rng.choice(["id", "type", "topic", "ticket_id", "event", "detail", "data", "item", ""]): rng.choice(_ODD)}
    return tree | {name: _mutated(tree[name], rng)}


def _deep(rng: random.Random, inside: Any) -> Any:
    for _ in range(rng.choice([2, 20, 70, 300])):
        inside = [inside] if rng.random() < 0.5 else {"a": inside}
    return inside


def _torn(body: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(body) + 1)
    return rng.choice(
        [
            body[:at],
            body[:at] + rng.randbytes(4) + body[at:],
            body[:at] + b"\x00" + body[at:],
            b"\xef\xbb\xbf" + body,
            body.decode("utf-8", "replace").encode("utf-16"),
            body + body,
            body.replace(b":", b":" + b"[" * 500, 1),
            body.replace(b"}", b',"id":1,"id":2}', 1),
            body.replace(b'"', b"'"),
        ]
    )


_BODIES = (
    b"", b"{", b"[]", b"null", b"0", b'""', b"NaN",
    b"[" * 100_000, b'{"a":' * 50_000, b"{" + b'"a":1,' * 20_000 + b'"a":1}', b"\xff\xfe",
    b'{"id": 1' + b"0" * 100_000 + b"}", b"<xml/>",
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "b"><!ENTITY c "&b;&b;">]><a>&c;</a>',
    b"ticket_id=42&event=x", b"%" * 1000, b"--x\r\nContent-Disposition: form-data\r\n\r\n--x--", b"\x1f\x8b\x08" + bytes(50),
    b'{"ticket_id": "\\ud800"}', b'{"detail": {"id": 1e999}}',
)  # fmt: skip
_PATHS = (
    "/", "/webhooks", "/webhooks/", "/webhooks//zendesk", "/webhooks/nobody", "/webhooks/zendesk/",
    "/webhooks/zendesk/../intercom",
    "/webhooks/%00", "/webhooks/zendesk%2f", "/webhooks/zendesk?a=" + "b" * 3000, "/health", "/ready", "/metrics",
    "/static/../config.yaml",
    "/webhooks/" + "a" * 3000, "*", "http://169.254.169.254/", "//evil.example.net/", "/webhooks/%c0%ae%c0%ae",
    "/webhooks/zendesk;x=1",
)  # fmt: skip


def _wild_headers(rng: random.Random) -> list[tuple[str, str]]:
    return [rng.choice(_HEADERS) if rng.random() < 0.8 else (_name(rng), _words(rng, 200)) for _ in range(rng.randint(1, 5))]


_HEADERS: tuple[tuple[str, str], ...] = (
    ("Content-Type", "text/plain"), ("Content-Type", "application/json; charset=utf-16"), ("Content-Type",
    "multipart/form-data; boundary=x"),
    ("Content-Type", "\xff"), ("Content-Type", ";;;=="), ("Content-Type", "application/x-www-form-urlencoded"),
    ("Content-Encoding", "gzip"), ("Content-Encoding", "deflate, br"), ("Accept", "x" * 5000), ("Host", "evil.example.net"),
    ("Cookie", "session=" + "a" * 3000), ("X-Forwarded-For", "127.0.0.1"), ("X-Forwarded-Proto", "https"), ("Connection",
    "close"),
    ("Expect", "something-else"), ("Range", "bytes=0-"), ("If-Match", "*"), ("Upgrade", "h2c"), ("Authorization", "Basic ="),
    ("Authorization", "Basic " + "A" * 2001), ("Authorization", "Bearer \xe4"), (STAMP, "2026-01-02T03:04:05Z"),
    (STAMP, "9" * 300),
    (STAMP, "-1"), (SIGNATURE["zendesk"], "="), (SIGNATURE["intercom"], "sha1="), (SIGNATURE["freshdesk"], "\xe4\xf6"),
    ("X-Body-Signature", "0" * 64), ("Date", "yesterday"), ("Content-Length", "7"), ("X-HTTP-Method-Override", "DELETE"),
)  # fmt: skip


def _name(rng: random.Random) -> str:
    return _words(rng, 30, "abcXYZ-_0") or "X"


def _words(rng: random.Random, most: int, letters: str = "abc XYZ-_0\xe4\xff,;=\"'%") -> str:
    return "".join(rng.choice(letters) for _ in range(rng.randint(1, most))).strip() or "x"


def wild_bytes(seed: int, number: int) -> bytes:
    """Bytes on the wire that are no HTTP, nearly HTTP, or HTTP that lies about its length."""
    rng = chance(seed, number)
    body = wild_body("zendesk", f"{seed}-{number}", rng)[:5000]
    head = b"POST /webhooks/zendesk HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    size = len(body)
    whole = head + b"Content-Length: %d\r\n\r\n" % size + body
    at = rng.randrange(len(whole))
    return rng.choice(
        [
            rng.randbytes(rng.choice([1, 10, 1000])),
            whole[:at],
            whole[:at] + rng.randbytes(3) + whole[at:],
            whole.replace(b"\r\n", b"\n"),
            whole.replace(b"HTTP/1.1", rng.choice([b"HTTP/0.9", b"HTTP/1.0", b"HTTP/2.0", b"HTTP/9", b"", b"HTTP/1.1 "])),
            head + b"Content-Length: %d\r\n\r\n" % (size + 100) + body,
            head + b"Content-Length: %d\r\nContent-Length: %d\r\n\r\n" % (size, size + 1) + body,
            head + b"Content-Length: -1\r\n\r\n" + body,
            head + b"Content-Length: " + b"9" * rng.choice([5, 30, 5000]) + b"\r\n\r\n" + body,
            head + b"Content-Length: 0x10\r\n\r\n" + body,
            head + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n",
            head + b"Transfer-Encoding: " + rng.choice([b"gzip", b"chunked, gzip", b"\x0bchunked", b"x",
            b""]) + b"\r\n\r\n" + body,
            head + b"Transfer-Encoding: chunked\r\n\r\n" + rng.choice([b"zz\r\n", b"-5\r\nabc\r\n", b"ffffffffffff\r\n",
            b"5;x\r\nab", b"\r\n"]),
            head + b"Transfer-Encoding: chunked\r\n\r\n" + b"%x\r\n" % size + body + b"\r\n0\r\n\r\n",
            head + b"X-Long: " + b"a" * rng.choice([9_000, 70_000]) + b"\r\n\r\n",
            head + b"".join(b"X-%d: a\r\n" % place for place in range(rng.choice([90, 300]))) + b"\r\n",
            head + b"X Bad: 1\r\n: 2\r\nNoColon\r\n\r\n",
            head + b" folded: 1\r\n\tmore\r\n\r\n",
            head + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % size + body,
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + rng.randbytes(100),  # TLS at a plain port
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            b"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n" + whole,
            whole * 3,
        ]
    )  # fmt: skip
