"""P14: intake beside a full inbox."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from bench.goals import Goal, Outcome, Size, at_least
from bench.intake import measured
from bench.letters import deliveries
from bench.measure import in_turn, ratio, spread
from bench.servers import Served, deskhand
from bot.store.database.engine import make_engine

# Three of four are done, so that what waits is a backlog too; each ticket has four.
_FILL = """
with recursive n(i) as (select 0 union all select i + 1 from n where i + 1 < :count)
insert into deliveries (id, account, delivery_key, received_at, body, body_sha256, kind, external_id, events, state)
select printf('%036d', i), 'zendesk', printf('old-%d', i), :at + i, randomblob(300), printf('%064d', i), 'ticket',
       printf('old-%d', i / 4), '[]', case when i % 100 = 0 then 'pending' else 'done' end
from n
"""
FEW = 1000


def full_inbox(size: Size) -> Outcome:
    """P14. The lists of the console come with the console."""
    many, count = size.of(1_000_000, 200_000), size.of(3000, 1500)
    with deskhand() as few, deskhand(server={"max_backlog": 10_000_000}) as full:
        _fill(few, FEW)
        _fill(full, many)
        for each in (few, full):
            each.run(list(deliveries(300)))
        found = in_turn(size.pairs, lambda: measured(few, count)[1], lambda: measured(full, count)[1])
    shown = ", ".join(f"{one:.0f}/{other:.0f}" for one, other in found)
    return at_least(ratio(found), 0.9, [f"{FEW} rows against {many}: {spread(found)}; requests a second: {shown}"])


def _fill(served: Served, count: int) -> None:
    engine = make_engine(served.config.database_url)
    at = int((datetime.now(UTC) - timedelta(minutes=5)).timestamp() * 1_000_000)
    with engine.begin() as connection:
        connection.execute(text(_FILL), {"count": count, "at": at - count})
    engine.dispose()


GOALS = (Goal(name="P14", title="intake rate beside a full inbox, against a nearly empty one", measure=full_inbox),)
