"""A ticket's conversations, page by page, with a bound: the newest are kept."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from adapters.freshdesk.api import INCLUDED_CONVERSATIONS, PER_PAGE, FreshdeskApi, of_ticket
from adapters.raw import Raw


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """The newest conversations, oldest first, and how many there are."""

    parts: tuple[Raw, ...] = ()
    count: int = 0


def read_thread(ticket_id: int, raw: Raw, api: FreshdeskApi) -> Thread:
    included = tuple(raw["conversations"].strict().items())
    if len(included) < INCLUDED_CONVERSATIONS:
        return Thread(parts=included, count=len(included))
    return conversations(ticket_id, api, api.account.max_messages)


def conversations(ticket_id: int, api: FreshdeskApi, keep: int) -> Thread:
    """The newest `keep` conversations. The vendor lists the oldest first and tells no total, so a thread of more pages
    than hold `keep` is entered from behind: its last page is searched for, and only the newest pages are read.

    https://developers.freshdesk.com/api/#list_all_ticket_notes
    """
    path = f"/tickets/{ticket_id}/conversations"
    pages_wanted = -(-keep // PER_PAGE)
    parts: deque[Raw] = deque(maxlen=keep)
    page: int | None = 1
    read = 0
    while page is not None and read < pages_wanted:
        answer = api.get(path, per_page=PER_PAGE, page=page)
        parts.extend(of_ticket(answer).items())
        read += 1
        page = answer.next_page if answer.next_page and answer.next_page > page else None
    if page is None:
        return Thread(parts=tuple(parts), count=len(parts))
    return _from_behind(path, page, pages_wanted, parts, api)


def _from_behind(path: str, after: int, pages_wanted: int, parts: deque[Raw], api: FreshdeskApi) -> Thread:
    last = _last_page(path, after, api)
    count = (last - 1) * PER_PAGE
    for page in range(max(after, last - pages_wanted), last + 1):
        found = list(of_ticket(api.get(path, per_page=PER_PAGE, page=page)).items())
        parts.extend(found)
        count += len(found) if page == last else 0
    return Thread(parts=tuple(parts), count=count)


_LAST_PAGE = 4096


def _last_page(path: str, known_page: int, api: FreshdeskApi) -> int:
    """The number of the last page that has entries: doubling, then halving, some 2 log2(n) calls."""

    def has_entries(page: int) -> bool:
        return any(True for _ in of_ticket(api.get(path, per_page=PER_PAGE, page=page)).items())

    low, high = known_page, known_page * 2
    while high < _LAST_PAGE and has_entries(high):
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if has_entries(middle) else (low, middle)
    return low
