"""A ticket's conversations, page by page, with a bound: the newest are kept. No page is read twice."""

from __future__ import annotations

from dataclasses import dataclass

from adapters.freshdesk.api import INCLUDED_CONVERSATIONS, PER_PAGE, FreshdeskApi, of_ticket
from adapters.raw import Raw


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """The newest conversations, oldest first, and how many there are."""

    parts: tuple[Raw, ...] = ()
    count: int = 0


def read_thread(ticket_id: int, raw: Raw, api: FreshdeskApi) -> Thread:
    included = tuple(raw["conversations"].items())
    if len(included) < INCLUDED_CONVERSATIONS:
        return Thread(parts=included, count=len(included))
    return conversations(ticket_id, api, api.account.max_messages)


def conversations(ticket_id: int, api: FreshdeskApi, keep: int) -> Thread:
    """The newest `keep` conversations. The vendor lists the oldest first and tells no total, only whether there is a next page.

    Twice as many pages as hold `keep` are simply read one after the other; of a longer thread the last page is searched for, in
    steps that double and then halve, and only the newest pages are read.
    https://developers.freshdesk.com/api/#list_all_ticket_notes
    """
    wanted = -(-keep // PER_PAGE)
    pages = _Pages(f"/tickets/{ticket_id}/conversations", api)
    last = 1
    while pages.has_next(last) and last < 2 * wanted + 2:
        last += 1
    if pages.has_next(last):
        last = _last_page(pages, last)
    newest = [part for page in range(max(1, last - wanted), last + 1) for part in pages.entries(page)]
    return Thread(parts=tuple(newest[-keep:]), count=(last - 1) * PER_PAGE + len(pages.entries(last)))


class _Pages:
    """The pages of one reading, each read at most once."""

    def __init__(self, path: str, api: FreshdeskApi) -> None:
        self._path = path
        self._api = api
        self._read: dict[int, tuple[list[Raw], bool]] = {}

    def entries(self, page: int) -> list[Raw]:
        return self._page(page)[0]

    def has_next(self, page: int) -> bool:
        """A page that names itself, or an earlier one, as the next ends the thread."""
        return self._page(page)[1]

    def _page(self, page: int) -> tuple[list[Raw], bool]:
        if page not in self._read:
            answer = self._api.get(self._path, per_page=PER_PAGE, page=page)
            self._read[page] = list(of_ticket(answer).items()), answer.next_page is not None and answer.next_page > page
        return self._read[page]


_LAST_PAGE = 4096


def _last_page(pages: _Pages, known: int) -> int:
    """The last page that has entries, from `known` on, which has a next one. Pages behind the end are empty."""
    low, step = known + 1, 1
    while pages.has_next(low) and low + step < _LAST_PAGE:
        if not pages.entries(low + step):
            break
        low, step = low + step, step * 2
    if not pages.has_next(low):
        return low
    high = low + step
    while high - low > 1:
        middle = (low + high) // 2
        if not pages.entries(middle):
            high = middle
        elif not pages.has_next(middle):
            return middle
        else:
            low = middle
    return low
