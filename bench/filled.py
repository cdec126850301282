"""A database that has been worked with for a while: what `python -m bench queries` and the store's tests of plans look at.

Rows are spread as in life: nearly all tickets have no work, nearly all deliveries and runs are over, live drafts pile up.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table

from adapters.codec import dumps
from adapters.ticket import Ticket, TicketKey, TicketKind
from adapters.writes import AddTags, Plan, PlannedWrite, Request
from bot.store.database import schema
from bot.store.packed.compression import pack
from rules.model.decision import DraftWish
from rules.model.facts import RuleState

NEWEST = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
ACCOUNT = "acme"
RULES_HASH, WORDS = "0123456789abcdef", b'{"rules":[],"trace":"'
_OTHERS = ("beta", "gamma")
_STATE = dumps(RuleState(rule="rule", semantic_hash="0"))
_WISH = dumps(DraftWish(rule="rule"))
Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """How much there is. `words`: characters of each text in which a customer's words are kept."""

    tickets: int
    words: int = 0

    @property
    def runs(self) -> int:
        return self.tickets * 5 // 3

    @property
    def deliveries(self) -> int:
        return self.tickets * 10 // 3


def key(number: int) -> TicketKey:
    """The ticket of this number: most are of one account."""
    account = ACCOUNT if number % 10 else _OTHERS[number // 10 % 2]
    return TicketKey(account, TicketKind.TICKET, str(number))


def run_id(number: int) -> str:
    """As new_id makes them: they begin alike and grow."""
    chance = hashlib.sha256(b"%d" % number).hexdigest()
    digits = f"{0x019A9B000000 + number * 10_000:012x}7{chance[:19]}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def fill(connection: Connection, amount: Amount) -> None:
    """Rows for all tables that grow. The database is empty before."""
    for table, rows in _rows(amount):
        ordered = iter(rows)
        while some := list(islice(ordered, 2000)):
            connection.execute(table.insert(), some)


def _rows(amount: Amount) -> Iterator[tuple[Table, Iterable[Row]]]:
    words = "word " * (amount.words // 5)
    yield schema.accounts, ({"account": name} for name in (ACCOUNT, *_OTHERS))
    yield schema.tickets, (_ticket(number, words) for number in range(amount.tickets))
    yield schema.counted_tickets, (_counted(number) for number in range(amount.tickets))
    yield schema.rule_state, (_rule_state(number // 4, number % 4) for number in range(amount.tickets * 4))
    yield schema.runs, (_run(number, amount, words) for number in range(amount.runs))
    yield schema.ticket_texts, (_text(number // 3, number % 3 + 1, words) for number in range(amount.tickets * 3))
    yield schema.dictionaries, ({"rules_hash": RULES_HASH, "words": WORDS, "made_at": NEWEST} for _ in range(1))
    yield schema.requests, (_request(number) for number in range(amount.runs))
    yield schema.rule_firings, (_firing(number, amount) for number in range(amount.runs))
    yield schema.deliveries, (_delivery(number, amount, words) for number in range(amount.deliveries))
    yield schema.delivery_conflicts, (_conflict(number) for number in range(amount.tickets // 4))
    yield schema.drafts, (_draft(number, amount) for number in range(amount.tickets))
    yield schema.due, (_due(number, amount) for number in range(amount.tickets))
    yield schema.possible_duplicates, (_double(number) for number in range(amount.tickets // 4))
    yield schema.refused_writes, (_refused(number) for number in range(amount.tickets // 10))
    yield schema.opinions, (_opinion(number, amount) for number in range(amount.tickets))
    yield schema.reference, (_reference(number) for number in range(amount.tickets // 4))


def _refused(number: int) -> Row:
    when = {"refused_at": NEWEST - timedelta(minutes=10 * number)}
    return _of(number) | when | {"field": "set_assignee", "value_hash": f"{number:032x}", "words": "assignee x", "why": "422"}


def _opinion(number: int, amount: Amount) -> Row:
    state = "asked" if number % 500 == 0 else "failed" if number % 50 == 0 else "ready"
    asked = {"message_id": "1", "asked_hash": f"{number:064x}", "model": "m", "asked_at": _at(number, amount)}
    return _of(number) | asked | {"state": state, "answer": '{"issues":[]}' if state == "ready" else None, "took_s": 1.0}


def _of(number: int) -> Row:
    ticket = key(number)
    return {"account": ticket.account, "kind": ticket.kind.value, "external_id": ticket.external_id}


def _at(number: int, amount: Amount) -> datetime:
    """The last of all came just now, the first a year ago."""
    return NEWEST - timedelta(days=365) * (1 - (number + 1) / max(amount.deliveries, number + 1))


def _ticket(number: int, words: str) -> Row:
    is_dirty = number % 500 == 7
    ticket = Ticket(account=key(number).account, external_id=str(number), subject=words)
    return _of(number) | {
        "dirty_seq": 4 if is_dirty else 3,
        "done_seq": 3,
        "wake_boot": "an earlier one",
        "wake_at": number * 1000,
        "snapshot": dumps(ticket),
        "first_seen_at": NEWEST - timedelta(days=number % 365),
    }


def _counted(number: int) -> Row:
    issue = ("billing.invoice", "login", "")[number % 3]
    return _of(number) | {
        "requester": f"r{number % 400}",
        "company": f"c{number % 90}",
        "issue_type": issue.partition(".")[0],
        "issue": issue,
        "assignee": f"a{number % 20}",
        "opened_at": NEWEST - timedelta(hours=number % 9000),
        "is_open": number % 20 == 0,
        "maker": "en:maker" if number % 20 == 0 else "",
        "meaning": bytes(487) if number % 20 == 0 else None,
    }


def _rule_state(number: int, rule: int) -> Row:
    return _of(number) | {"rule": f"rule_{rule}", "mode": "live", "semantic_hash": "0", "state": _STATE}


def _run(number: int, amount: Amount, words: str) -> Row:
    ticket = number % amount.tickets
    plan = Plan(ticket=key(ticket), writes=(PlannedWrite(write=AddTags(tags=frozenset({"vip"})), rules=("r1",)),), run_id="")
    rare = {11: "planned", 12: "parked", 13: "waiting", 14: "started"}
    return _of(ticket) | {
        "id": run_id(number),
        "token": 1,
        "covers_seq": 1,
        "state": rare.get(number % 800, "failed" if number % 50 == 0 else "done"),
        "mode": "live",
        "started_at": _at(number * 2, amount),
        "facts_packed": pack('{"messages":"1-3","texts":[],"value":{"ticket":{}}}', WORDS),
        "decision_packed": pack('{"rules":[],"trace":"' + words * 3 + '"}', WORDS),
        "texts": "1-3",
        "rules_hash": RULES_HASH,
        "plan": dumps(plan),
        "ticket": dumps(Ticket(account=key(ticket).account, external_id=str(ticket))),
        "is_writing": number % 2 == 0,
    }


def _text(ticket: int, number: int, words: str) -> Row:
    text = f'{{"texts":[],"value":{{"body_text":"{number} {words}"}}}}'
    return _of(ticket) | {"number": number, "sha256": hashlib.sha256(text.encode()).digest(), "words": pack(text)}


def _request(number: int) -> Row:
    request = Request(ticket=key(number), number=1, operation="update_ticket", writes=(0,))
    state = {11: "intended", 12: "unknown", 13: "waiting"}.get(number % 800, "confirmed")
    return {"run_id": run_id(number), "number": 1, "operation": "update_ticket", "request": dumps(request), "state": state}


def _firing(number: int, amount: Amount) -> Row:
    ticket = str(key(number % amount.tickets))
    return {
        "run_id": run_id(number),
        "rule": f"rule_{number % 40}",
        "kind": "live",
        "ticket": ticket,
        "at": _at(number * 2, amount),
    }


def _delivery(number: int, amount: Amount, words: str) -> Row:
    ticket = number % amount.tickets
    state = {21: "pending", 22: "pending", 23: "parked"}.get(number % 1000, "ignored" if number % 40 == 0 else "done")
    is_over = state in ("done", "parked")
    return _of(ticket) | {
        "id": run_id(number),
        "delivery_key": f"evt-{number}",
        "received_at": _at(number, amount),
        "body": words.encode() or b"{}",
        "body_sha256": "0",
        "events": "[]",
        "state": state,
        "run_id": run_id(number % amount.runs) if is_over or number % 2 else None,
    }


def _conflict(number: int) -> Row:
    row = {"id": run_id(number), "account": key(number).account, "delivery_key": f"evt-{number}", "received_at": NEWEST}
    return row | {"body": b"{}", "body_sha256": "1"}


def _draft(number: int, amount: Amount) -> Row:
    rare = {31: "asked", 32: "ready", 33: "accepted"}
    return _of(number // 2) | {
        "id": run_id(number),
        "run_id": run_id(number),
        "state": rare.get(number % 400, ("live", "sent")[number % 2]),
        "message_id": "1",
        "wish": _WISH,
        "created_at": _at(number * 3, amount),
    }


def _due(number: int, amount: Amount) -> Row:
    when = NEWEST - timedelta(days=number % 300) if number % 8 else NEWEST + timedelta(hours=number % 400 + 1)
    state = "done" if number % 8 else "waiting"
    return _of(number) | {"id": run_id(number), "at": when, "what": "follow_up", "state": state}


def _double(number: int) -> Row:
    ids = {"marker": f"m{number}", "second_id": "2", "first_id": "1"}
    return _of(number) | ids | {"found_at": NEWEST - timedelta(minutes=number)}


def _reference(number: int) -> Row:
    return {"account": key(number).account, "name": f"user:{number}", "value": "{}", "kept_at": NEWEST}
