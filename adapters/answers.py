"""What an answer says whatever the helpdesk: its whole body, whether that is JSON, what time it is there, how long a 429
wants us to wait; and our credentials taken out of it."""

from __future__ import annotations

import base64
import binascii
import email.utils
import json
import math
import random
import re
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from urllib.parse import quote_from_bytes

import requests

MAX_RETRY_AFTER_S = 900.0
UNTOLD_S = (6.0, 14.0)  # after a 429 that says nothing
MAX_ANSWER_BYTES = 32 * 1024 * 1024


def whole_body(response: requests.Response, ends_at: float) -> bytes:
    """Read to the end, within MAX_ANSWER_BYTES and until `ends_at` of the monotonic clock. Raises requests.ConnectionError
    (too large) and requests.Timeout."""
    parts: list[bytes] = []
    size = 0
    for part in response.iter_content(65536):
        parts.append(part)
        size += len(part)
        if size > MAX_ANSWER_BYTES:
            raise requests.ConnectionError("the answer is too large")
        if time.monotonic() > ends_at:
            raise requests.Timeout("deadline")
    if time.monotonic() > ends_at:  # a body without a length that was cut looks whole
        raise requests.Timeout("deadline")
    return b"".join(parts)


def is_json(content: bytes) -> bool:
    """An empty body is whole, too: a write may be answered with nothing."""
    if not content.strip():
        return True
    try:
        json.loads(content)
    except (ValueError, RecursionError):
        return False
    return True


def retry_after_s(headers: Mapping[str, str], now: datetime) -> float:
    """Seconds to wait after a 429, clamped to 1 s .. 15 min. Reads Retry-After (seconds or an HTTP date), else the vendors'
    reset headers; drawn where none can be read, so that not everybody comes back at one moment."""
    lower = {name.lower(): value.strip() for name, value in headers.items()}
    wait = _seconds(lower.get("retry-after", ""), now)
    wait = _until_reset(lower, now) if wait is None else wait
    return min(max(random.uniform(*UNTOLD_S) if wait is None else wait, 1.0), MAX_RETRY_AFTER_S)


def server_time(headers: Mapping[str, str]) -> datetime | None:
    """What time the helpdesk has, to the second, by the Date header of its answer; None where it says none that can be read.
    A cache between us and it (Age) would tell an old one."""
    lower = {name.lower(): value.strip() for name, value in headers.items()}
    if "age" in lower:
        return None
    try:
        moment = email.utils.parsedate_to_datetime(lower.get("date", ""))
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None


def _seconds(text: str, now: datetime) -> float | None:
    try:
        seconds = float(text)
        return None if math.isnan(seconds) else seconds
    except ValueError:
        pass
    try:
        moment = email.utils.parsedate_to_datetime(text)
        return (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None


def _until_reset(lower: Mapping[str, str], now: datetime) -> float | None:
    """Intercom gives the moment, Zendesk the seconds left, in two spellings and once more for each used-up endpoint limit."""
    if (moment := lower.get("x-ratelimit-reset", "")).isdecimal() and len(moment) < 13:
        return int(moment) - now.timestamp()
    left = [lower.get(name, "") for name in ("ratelimit-reset", "rate-limit-reset")]
    for name, value in lower.items():
        if name.startswith("zendesk-rate") and (used_up := re.search(r"remaining=0;.*resets=([0-9]{1,6})", value)):
            left.append(used_up[1])
    return max((float(each) for each in left if each.isdecimal() and len(each) < 7), default=None)


def without_credentials(content: bytes, authorization: str | bytes) -> bytes:
    """The answer without our credentials, should it repeat them: what a helpdesk says is stored and shown."""
    given = authorization.encode("latin-1", "replace") if isinstance(authorization, str) else authorization
    scheme, _, proof = given.partition(b" ")
    secrets = {proof}
    if scheme.lower() == b"basic":
        with suppress(binascii.Error):
            login = base64.b64decode(proof)
            secrets |= {login, *login.split(b":", 1)}
    for secret in sorted(secrets, key=len, reverse=True):
        # A Freshdesk key comes with the password `X`, a Zendesk token with an address: neither is a secret.
        if len(secret) >= _SHORTEST_SECRET and not _is_login_name(secret):
            for spelled in (secret, secret.replace(b"/", b"\\/"), quote_from_bytes(secret, safe=b"").encode()):
                content = content.replace(spelled, b"[redacted]")
    return content


_SHORTEST_SECRET = 8


def _is_login_name(text: bytes) -> bool:
    return b"@" in text and b":" not in text
