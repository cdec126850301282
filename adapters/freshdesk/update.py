"""The one PUT that carries a ticket's fields and tags, and the check of its answer.

Freshdesk has no conditional write, and its `tags` replace the whole list. So the request says what to add and to take off; the
list is put together from a read right before the PUT (`options.fresh_s` lets an older one count). For one round trip a tag that
an agent adds in the same moment can still be lost: the vendor offers nothing against it. Where no tags are written, a read of
this run counts for two seconds.
https://developers.freshdesk.com/api/#update_ticket
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from adapters.errors import TicketGone
from adapters.freshdesk.api import Answer, FreshdeskApi, number, of_ticket
from adapters.raw import Raw
from adapters.writes import Outcome, Refusal, Request, Result

FRESH_S = 2.0  # of a read before a PUT without tags
MAX_MERGES = 3


def update(request: Request, api: FreshdeskApi) -> Outcome:
    """Put what is still to be changed, and say what the answer shows as not changed. Sends nothing where all of it stands.

    CONFLICT where the snapshot was too old and somebody has set one of the fields since: theirs stays.
    """
    wanted = Raw(dict(request.arguments))
    ticket_id = number(request.ticket.external_id, "ticket")
    path = f"/tickets/{ticket_id}"
    tags = [tag.text() for tag in wanted["tags"].items()]
    fields: dict[str, Any] = dict(wanted["fields"].value or {})
    if (now := _newer_read(wanted, ticket_id, api)) is not None:
        tags = [tag.text() for tag in now["tags"].items()]
        if changed := _changed_by_others(fields, wanted["was"], now):
            return Outcome(result=Result.CONFLICT, reason=f"changed since it was read: {', '.join(changed)}")
        fields = {name: value for name, value in fields.items() if value_at(now, name) != value}
    merged = merged_tags(tags, wanted)
    body = _body(fields) | ({"tags": merged} if merged != tags else {})
    if not body:
        return Outcome(result=Result.CONFIRMED)
    answer = api.put(path, body)
    if not answer.is_ok:
        api.keep_for_less(ticket_id, now)
        return refused(answer, wanted["carries"])
    if not answer.body["id"].is_there:
        return Outcome(result=Result.UNKNOWN, reason="the answer is no ticket")
    lost = [name for name, value in fields.items() if not _is_set(answer.body, name, value)]
    if "tags" in body and not _settled(answer, merged, wanted, path, api):
        lost.append("tags")
    return Outcome(result=Result.CONFIRMED, not_applied=_positions(lost, wanted))


def _newer_read(wanted: Raw, ticket_id: int, api: FreshdeskApi) -> Raw | None:
    """The ticket as it is now; None where what the plan was made on is young enough to count as the read before the write.
    A run that goes on with an older plan has just read the ticket again: that read counts as well as a new one."""
    replaces_tags = any(True for name in ("add_tags", "remove_tags") for _ in wanted[name].items())
    window_s = float(api.account.options.get("fresh_s", 0.0 if replaces_tags else FRESH_S))
    if _is_within(wanted["read_at"].time(default=None), window_s, api):
        return None
    last = api.last_read
    if last is not None and last.ticket_id == ticket_id and _is_within(last.read_at, window_s, api):
        return last.ticket
    return api.refused_at(ticket_id) or of_ticket(api.get(f"/tickets/{ticket_id}"))


def _is_within(read_at: datetime | None, window_s: float, api: FreshdeskApi) -> bool:
    return read_at is not None and 0 <= (api.clock() - read_at).total_seconds() < window_s


def _changed_by_others(fields: Mapping[str, Any], was: Raw, now: Raw) -> list[str]:
    """The fields that are neither as we read them nor as we want them: somebody else's word, which wins."""
    return [
        name for name, value in fields.items() if value_at(now, name) not in (was[name].value if name in was else None, value)
    ]


def merged_tags(tags: list[str], wanted: Raw) -> list[str]:
    """The whole list to put: an agent's tags as they are written, ours added, only ours taken off."""
    remove = {same_tag(tag.text()) for tag in wanted["remove_tags"].items()}
    kept = [tag for tag in tags if same_tag(tag) not in remove]
    there = {same_tag(tag) for tag in kept}
    add = {same_tag(tag.text()): tag.text() for tag in wanted["add_tags"].items()}
    return kept + [tag for key, tag in add.items() if key not in there]


def _body(fields: Mapping[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = {}
    for name, value in fields.items():
        outer, _, inner = name.partition(".")
        if inner:
            body.setdefault(outer, {})[inner] = value
        else:
            body[name] = value
    return body


def _is_set(answer: Raw, name: str, value: Any) -> bool:
    return bool(value_at(answer, name) == value or (value in ("", [], None) and value_at(answer, name) in ("", [], None)))


def _settled(answer: Answer, merged: list[str], wanted: Raw, path: str, api: FreshdeskApi) -> bool:
    """Whether the tags stand as wanted. Where the answer shows others, somebody wrote in between (or Freshdesk rewrote
    one): read, merge and put again, three times at most."""
    for _ in range(MAX_MERGES):
        if _as_set(answer) == {same_tag(tag) for tag in merged}:
            return True
        tags = [tag.text() for tag in of_ticket(api.get(path))["tags"].items()]
        merged = merged_tags(tags, wanted)
        if merged == tags:
            return True
        answer = api.put(path, {"tags": merged})
        if not answer.is_ok:
            return False
    return _as_set(answer) == {same_tag(tag) for tag in merged}


def _as_set(answer: Answer) -> set[str]:
    return {same_tag(tag.text()) for tag in answer.body["tags"].items()}


def _positions(names: Iterable[str], wanted: Raw) -> tuple[int, ...]:
    return tuple(sorted({position.whole() for name in names for position in wanted["carries"][name].items()}))


def same_tag(tag: str) -> str:
    """Tags that Freshdesk takes for one, and its way with spaces."""
    return " ".join(tag.split()).casefold()


def value_at(raw: Raw, name: str) -> Any:
    outer, _, inner = name.partition(".")
    place = raw[outer][inner] if inner else raw[outer]
    return place.value if place.is_there else None


_NOTHING = Raw({})
_WORD = re.compile(r"[\w.]{1,64}", re.ASCII)


def refused(answer: Answer, carries: Raw = _NOTHING) -> Outcome:
    """The vendor's no: which field and which code, never its sentence, which may quote a customer. `carries`: field -> the plan
    positions that it carries."""
    if answer.status in (404, 405, 410):  # a deleted ticket can be read, but takes no method that writes
        raise TicketGone
    if answer.status == 403:
        raise TicketGone("forbidden")
    named = [_word(error["field"]) + ":" + _word(error["code"]) for error in answer.body["errors"].items()]
    said = ", ".join(named) or _word(answer.body["code"])
    reason = f"Freshdesk answered {answer.status}" + (f" ({said})" if said else "")
    is_about_values = answer.status in (400, 422)
    named_writes = _refused_writes(answer, carries) if is_about_values else ()
    return Outcome(result=Result.REJECTED, reason=reason, refused=named_writes, is_about_values=is_about_values)


def _refused_writes(answer: Answer, carries: Raw) -> tuple[Refusal, ...]:
    """The writes that the answer names. A field that was not sent is one that a closed ticket must have: then it is the status
    that was refused."""
    found: dict[int, bool] = {}
    for error in answer.body["errors"].items():
        name, code = _word(error["field"]), _word(error["code"])
        sent = [
            field for field, _ in carries.fields() if name and name in (field, field.partition(".")[0], field.partition(".")[2])
        ]
        if not sent and name and "status" in carries:
            sent, code = ["status"], ""
        for place in (position.whole() for field in sent for position in carries[field].items()):
            found[place] = found.get(place, False) or code == "invalid_field"
    return tuple(Refusal(place=place, is_for_any_value=found[place]) for place in sorted(found))


def _word(raw: Raw) -> str:
    return raw.value if isinstance(raw.value, str) and _WORD.fullmatch(raw.value) else ""
