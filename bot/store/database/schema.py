"""All tables in one place, but for those about rules (rule_tables.py). Migrations (bot/store/migrations) make the same; a test
compares the two.

Two ledgers carry the promises: `deliveries` (everything received) and `requests` (everything written, and whether it
landed). `tickets` holds what one run at a time needs: dirty counter, lease, last snapshot.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from bot.store.database.column_types import PackedBody, PackedEvents, PackedText, UtcTime
from bot.store.database.rule_tables import ALL_RULES as ALL_RULES
from bot.store.database.rule_tables import backtests as backtests
from bot.store.database.rule_tables import rule_firings as rule_firings
from bot.store.database.rule_tables import rule_looks as rule_looks
from bot.store.database.rule_tables import rule_sets as rule_sets
from bot.store.database.rule_tables import rule_state as rule_state
from bot.store.database.rule_tables import rule_stops as rule_stops
from bot.store.database.rule_tables import rule_versions as rule_versions
from bot.store.database.table_base import Sequence, ticket_key
from bot.store.database.table_base import metadata as metadata

deliveries = Table(
    "deliveries",
    metadata,
    Column("seq", Sequence, primary_key=True, autoincrement=True),
    Column("id", String(36), nullable=False, unique=True),
    Column("account", String(64), nullable=False),
    Column("delivery_key", String(200), nullable=False),
    Column("received_at", UtcTime, nullable=False),
    Column("body", PackedBody, nullable=False),
    Column("body_sha256", String(64), nullable=False),
    Column("kind", String(64)),
    Column("external_id", String(64)),
    Column("events", PackedEvents, nullable=False),  # JSON list of adapters.ticket.Event without `raw`
    Column("state", String(16), nullable=False),  # pending, done, ignored, superseded, parked
    Column("reason", String(200), nullable=False, server_default=""),
    Column("run_id", String(36)),
    Column("repeats", Integer, nullable=False, server_default="0"),
    UniqueConstraint("account", "delivery_key"),
    Index(None, "account", "kind", "external_id", "state"),
    Index(None, "state", "received_at"),
    sqlite_autoincrement=True,
)

delivery_conflicts = Table(
    "delivery_conflicts",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("account", String(64), nullable=False),
    Column("delivery_key", String(200), nullable=False),
    Column("received_at", UtcTime, nullable=False),
    Column("body", PackedBody, nullable=False),
    Column("body_sha256", String(64), nullable=False),
    Index(None, "account", "delivery_key"),  # to the delivery whose key it came under, and so to its ticket
)

_HAS_WORK = text("dirty_seq > done_seq")

tickets = Table(
    "tickets",
    metadata,
    *ticket_key(primary=True),
    Column("dirty_seq", BigInteger, nullable=False, server_default="0"),
    Column("done_seq", BigInteger, nullable=False, server_default="0"),
    Column("lease_owner", String(100), nullable=False, server_default=""),
    Column("lease_token", BigInteger, nullable=False, server_default="0"),
    # Lease times are microseconds of the clock in bot/store/database/lease_clock.py; `lease_boot` names the boot they count from.
    Column("lease_boot", String(64), nullable=False, server_default=""),
    Column("lease_until", BigInteger, nullable=False, server_default="0"),
    Column("wake_boot", String(64), nullable=False, server_default=""),
    Column("wake_at", BigInteger, nullable=False, server_default="0"),
    Column("reason", String(200), nullable=False, server_default=""),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("crashes", Integer, nullable=False, server_default="0"),
    Column("snapshot", PackedText),  # JSON of adapters.ticket.Ticket as we left it
    Column("memory", Text, nullable=False, server_default="{}"),  # JSON of bot.store.tickets.Memory
    Column("first_seen_at", UtcTime, nullable=False),
    Index(None, "wake_at"),
    # Who has work is asked all the time; nearly all tickets have none.
    Index("ix_tickets_dirty", "wake_at", sqlite_where=_HAS_WORK, postgresql_where=_HAS_WORK),
)

runs = Table(
    "runs",
    metadata,
    Column("id", String(36), primary_key=True),
    *ticket_key(),
    Column("token", BigInteger, nullable=False),
    Column("covers_seq", BigInteger, nullable=False),
    # started, planned (stored, being carried out), done, failed, abandoned, parked, waiting (for a person)
    Column("state", String(16), nullable=False),
    Column("reason", String(300), nullable=False, server_default=""),
    Column("mode", String(8), nullable=False),  # live, shadow
    Column("started_at", UtcTime, nullable=False),
    Column("finished_at", UtcTime),
    Column("events", Text, nullable=False, server_default="[]"),
    Column("facts", Text),  # both as earlier versions stored them; see bot/store/packed/run_facts.py
    Column("decision", Text),
    Column("plan", PackedText),
    Column("yielded", Text, nullable=False, server_default="[]"),
    Column("ticket", PackedText),  # the snapshot that the plan was made on, until it is carried out
    Column("rules_hash", String(64), nullable=False, server_default=""),
    Column("facts_hash", String(64), nullable=False, server_default=""),
    Column("decision_hash", String(64), nullable=False, server_default=""),
    Column("is_writing", Boolean, nullable=False, server_default="0"),
    Column(
        "cause", String(8), nullable=False, server_default=""
    ),  # of a plan that writes: message, other (bot/pipeline/loop_guard.py)
    Column("shadow", PackedText),  # JSON: what rules in shadow would have done
    Column("facts_packed", LargeBinary),
    Column("decision_packed", LargeBinary),
    Column("texts", Text, nullable=False, server_default=""),  # numbers of `ticket_texts` that the facts refer to: 1-66;1-3
    Index(None, "account", "kind", "external_id", "started_at"),
    Index(None, "state", "started_at"),
    Index(None, "started_at"),
    Index(None, "rules_hash"),
)

ticket_texts = Table(  # each message and each long text of a ticket once
    "ticket_texts",
    metadata,
    *ticket_key(primary=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("words", LargeBinary, nullable=False),  # compressed
)

dictionaries = Table(  # what runs of the same rules are packed with: words of the rules, none of a ticket
    "dictionaries",
    metadata,
    Column("rules_hash", String(64), primary_key=True),
    Column("words", LargeBinary, nullable=False),
    Column("made_at", UtcTime, nullable=False),
)

requests = Table(
    "requests",
    metadata,
    Column("run_id", String(36), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("operation", String(40), nullable=False),
    Column("request", PackedText, nullable=False),  # JSON of adapters.writes.Request
    # intended, sent, confirmed, failed, unknown, replaced (by a later number), yielded, waiting (for a person)
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("sent_at", UtcTime),
    Column(
        "sent_boot", String(64), nullable=False, server_default=""
    ),  # the same by the clock of leases (bot/store/database/lease_clock.py),
    Column("sent_us", BigInteger, nullable=False, server_default="0"),  # by which the settle time is measured
    Column("settled_at", UtcTime),
    Column("external_id", String(64), nullable=False, server_default=""),
    Column("reason", String(300), nullable=False, server_default=""),
    Column("not_applied", Text, nullable=False, server_default="[]"),
    Column("refused", Text, nullable=False, server_default="[]"),  # JSON of bot.store.runs.Refused
    Index(None, "state"),
)

drafts = Table(
    "drafts",
    metadata,
    Column("id", String(36), primary_key=True),
    *ticket_key(),
    Column("run_id", String(36), nullable=False),
    # asked, ready, live, accepted, sent, taken_over, rejected, superseded, retired, withheld
    Column("state", String(16), nullable=False),
    Column("message_id", String(64), nullable=False),  # the customer message that it answers
    Column("marker", String(40), nullable=False, server_default=""),
    Column("wish", PackedText, nullable=False, server_default="{}"),  # JSON of rules.decision.DraftWish
    Column("draft", PackedText),  # JSON of the draft
    Column("text", Text, nullable=False, server_default=""),
    Column("language", String(16), nullable=False, server_default=""),
    Column("created_at", UtcTime, nullable=False),
    Column("decided_at", UtcTime),
    Column("decided_by", String(40), nullable=False, server_default=""),  # tag, reply, message, solved, ...
    Column("reason", String(200), nullable=False, server_default=""),
    Column("similarity", Float),
    Column("band", String(20), nullable=False, server_default=""),
    Column("tries", Integer, nullable=False, server_default="1"),  # how often it was asked for, this time included
    # What reports group by: kept when the words are taken out.
    Column("rule", String(100), nullable=False, server_default=""),
    Column("issue", String(100), nullable=False, server_default=""),
    Column("team", String(200), nullable=False, server_default=""),
    Column(
        "shown_to", String(64), nullable=False, server_default=""
    ),  # digests of whom a reply would have gone to when it was shown
    # Who accepted it: the agent's id and name at the helpdesk ("" where it names nobody), when, and the run that sends it.
    Column("approved_by", String(64), nullable=False, server_default=""),
    Column("approved_name", String(120), nullable=False, server_default=""),
    Column("approved_at", UtcTime),
    Column("approved_run", String(36), nullable=False, server_default=""),
    Index(None, "account", "kind", "external_id", "state"),
    Index(None, "state", "created_at"),
    Index(None, "created_at"),
)

due = Table(
    "due",
    metadata,
    Column("id", String(36), primary_key=True),
    *ticket_key(),
    Column("at", UtcTime, nullable=False),
    Column("what", String(40), nullable=False),
    Column("payload", Text, nullable=False, server_default="{}"),
    Column("state", String(16), nullable=False, server_default="waiting"),  # waiting, done
    Index(None, "account", "kind", "external_id", "state", "at"),
    Index(None, "state", "at"),
)

possible_duplicates = Table(
    "possible_duplicates",
    metadata,
    *ticket_key(primary=True),
    Column("marker", String(40), primary_key=True),
    Column("second_id", String(64), primary_key=True),  # the note too many
    Column("first_id", String(64), nullable=False),
    Column("found_at", UtcTime, nullable=False),
    Index(None, "found_at"),
)

refused_writes = (
    Table(  # what an account's helpdesk would not take a while ago (bot/store/refused_writes.py); never customers' words
        "refused_writes",
        metadata,
        Column("account", String(64), primary_key=True),
        Column("field", String(120), primary_key=True),  # the kind of write, and which field: set_status, set_field region
        Column("value_hash", String(32), primary_key=True),  # "": whatever the value
        Column("words", String(200), nullable=False),  # for people: status solved, region
        Column("why", String(300), nullable=False),  # the vendor's code
        Column("kind", String(16), nullable=False),  # of the ticket that showed it
        Column("external_id", String(64), nullable=False),
        Column("refused_at", UtcTime, nullable=False),
        Index(None, "refused_at"),
    )
)

# The pace of a vendor's smaller limits. Times are microseconds of the clock in bot/store/database/lease_clock.py.
paces = Table(
    "paces",
    metadata,
    Column("account", String(64), primary_key=True),
    Column("name", String(40), primary_key=True),  # adapters.helpdesk.CallLimit
    Column("boot", String(64), nullable=False, server_default=""),
    Column("whole_at", BigInteger, nullable=False, server_default="0"),  # when all of the calls at once may be made again
    Column("promised", BigInteger, nullable=False, server_default="0"),  # the last moment that somebody was told to come again
)

counted_tickets = Table(  # what counts over history are made of (bot/store/ticket_counts.py): keys and numbers, never words
    "counted_tickets",
    metadata,
    *ticket_key(primary=True),
    Column("requester", String(64), nullable=False, server_default=""),  # the helpdesk's id of the person
    Column("company", String(64), nullable=False, server_default=""),  # a hash of its id or name
    Column("issue_type", String(40), nullable=False, server_default=""),  # "" where nobody knows
    Column("issue", String(120), nullable=False, server_default=""),  # the same to its finest level that is known
    Column("assignee", String(64), nullable=False, server_default=""),  # a hash of the agent's address or name
    Column("opened_at", UtcTime, nullable=False),
    Column("is_open", Boolean, nullable=False),
    Column("maker", String(16), nullable=False, server_default=""),  # of `meaning`: numbers of two makers are never compared
    Column("meaning", LargeBinary),  # of an open ticket, what it is about (bot/store/ticket_meanings.py)
    Index(None, "account", "requester", "opened_at"),
    Index(None, "account", "company", "opened_at"),
    Index(None, "account", "issue_type", "opened_at"),
    Index(None, "account", "is_open", "assignee"),
    Index(None, "account", "maker", "opened_at"),
)

reference = Table(
    "reference",
    metadata,
    Column("account", String(64), primary_key=True),
    Column("name", String(120), primary_key=True),
    Column("value", Text, nullable=False),
    Column("kept_at", UtcTime, nullable=False),
)

accounts = Table(
    "accounts",
    metadata,
    Column("account", String(64), primary_key=True),
    Column("blocked_boot", String(64), nullable=False, server_default=""),
    Column("blocked_until", BigInteger, nullable=False, server_default="0"),
    Column("held_reason", String(200), nullable=False, server_default=""),
    Column("window_boot", String(64), nullable=False, server_default=""),
    Column("window_start", BigInteger, nullable=False, server_default="0"),
    Column("window_used", Integer, nullable=False, server_default="0"),
    Column("failures", Integer, nullable=False, server_default="0"),  # of the helpdesk itself, in a row
    # As long as it is: it may hold the ids of all that changed within one second. SQLite counts no characters.
    Column("poll_cursor", String(500).with_variant(Text, "postgresql"), nullable=False, server_default=""),
    Column("polled_at", UtcTime),
    # The helpdesk that the account points to, whatever it is called: see adapters/helpdesk.py. "" until it is known.
    Column("identity", String(300), nullable=False, server_default=""),
    Column("former", Text, nullable=False, server_default="[]"),  # JSON: names and identities that it had before
    Column("clock_ahead_s", Float),  # by how much this machine's clock was ahead of the helpdesk's
    Column("clock_seen_at", UtcTime),
)

locks = Table(
    "locks",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("owner", String(100), nullable=False, server_default=""),
    Column("boot", String(64), nullable=False, server_default=""),
    Column("until", BigInteger, nullable=False, server_default="0"),
)

processes = Table(
    "processes",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("role", String(16), nullable=False),  # receiver, worker, ticker
    Column("version", String(40), nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
)

moments = Table(
    "moments",
    metadata,
    Column("name", String(40), primary_key=True),  # bot.store.system_times.Name
    Column("at", UtcTime, nullable=False),
)

opinions = Table(  # what a model said of a customer's message (bot/store/models/opinions.py): one row a message
    "opinions",
    metadata,
    *ticket_key(primary=True),
    Column("message_id", String(64), primary_key=True),
    Column("asked_hash", String(64), nullable=False),  # of the question: equal for equal words to the same model
    Column("state", String(16), nullable=False),  # asked, ready, cached (answered to equal words before), failed
    Column("model", String(100), nullable=False),
    Column("answer", PackedText),  # JSON of bot.opinions.answer.Opinion
    Column("dropped", Integer, nullable=False, server_default="0"),  # parts of the answer that were not kept
    Column("reason", String(200), nullable=False, server_default=""),
    Column("took_s", Float, nullable=False, server_default="0"),
    Column("is_late", Boolean, nullable=False, server_default="0"),  # it came after the run, as an event of its own
    Column("asked_at", UtcTime, nullable=False),
    Index(None, "asked_hash", "state"),
    Index(None, "state", "asked_at"),
    Index(None, "asked_at"),
)

model_use = Table(
    "model_use",
    metadata,
    Column("day", String(10), primary_key=True),  # 2026-11-21, UTC
    # Tokens, those set aside for calls that have not ended among them.
    Column("prompt_tokens", BigInteger, nullable=False, server_default="0"),
    Column("answer_tokens", BigInteger, nullable=False, server_default="0"),
    Column("calls", Integer, nullable=False, server_default="0"),
    Column("is_told", Boolean, nullable=False, server_default="0"),  # that the day's allowance is spent
)
