"""The functions about opinions of a model, about likenesses and about figures, beside all others (tests/store/looks.py)."""

from __future__ import annotations

from bench.filled import ACCOUNT, NEWEST
from bot.maintenance import statistics
from bot.store import ticket_meanings
from bot.store.models import opinions
from tests.store import looks
from tests.store.looks import COUNTED, KEY, LONG_AGO, Look, look
from tests.store.plans import SORTS

LOOKS: dict[str, Look] = {
    **looks.LOOKS,
    "opinions.find": look(lambda c: opinions.find(c, KEY, "1"), "opinions by pk"),
    "opinions.alike": look(lambda c: opinions.alike(c, "0" * 64), "opinions by asked_hash_state"),
    "opinions.add": look(lambda c: opinions.add(c, KEY, "new", "0" * 64, "m", NEWEST)),
    "opinions.answered": look(lambda c: opinions.answered(c, KEY, "1", "{}", dropped=0, took_s=1.0), "opinions by pk"),
    "opinions.failed": look(lambda c: opinions.failed(c, KEY, "1", "late", 1.0), "opinions by pk"),
    "opinions.mark_late": look(lambda c: opinions.mark_late(c, KEY, "1"), "opinions by pk"),
    "opinions.ends": look(lambda c: opinions.ends(c, 5), "all opinions by asked_at"),  # the end of it
    "opinions.give_up": look(lambda c: opinions.give_up(c, LONG_AGO), "opinions by state_asked_at"),
    "opinions.forget": look(lambda c: opinions.forget(c, KEY), "opinions by pk"),
    "opinions.figures": look(opinions.figures, "all opinions by state_asked_at", "all opinions", SORTS),
    # what open tickets are about
    "ticket_meanings.keep": look(lambda c: ticket_meanings.keep(c, KEY, "en:maker", b"0"), "counted_tickets by pk"),
    "ticket_meanings.kept": look(lambda c: ticket_meanings.kept(c, KEY), "counted_tickets by pk"),
    "ticket_meanings.of_customer": look(
        lambda c: ticket_meanings.of_customer(c, COUNTED, "en:maker", LONG_AGO, 50),
        "counted_tickets by account_requester_opened_at",
        "counted_tickets by account_company_opened_at",
        SORTS,
    ),
    "ticket_meanings.others": look(
        lambda c: ticket_meanings.others(c, KEY, "en:maker", LONG_AGO, 2000),
        "counted_tickets by account_maker_opened_at",
        SORTS,
    ),
    # metrics
    "statistics.figures": look(
        lambda c: statistics.figures(c, (ACCOUNT,), NEWEST, 300.0),
        "all tickets by dirty",
        "deliveries by state_received_at",
        "runs by state_started_at",
        "requests by state",
        "drafts by state_created_at",
        "due by state_at",
        SORTS,  # of processes
    ),
    "statistics.history": look(
        statistics.history,
        "all deliveries by state_received_at",
        "all runs by state_started_at",
        "all requests by state",
        "all drafts by state_created_at",
        *("all opinions", "all opinions by state_asked_at", SORTS),
        *("all delivery_conflicts by pk", "all possible_duplicates by found_at", "all possible_duplicates by pk"),
    ),
}
