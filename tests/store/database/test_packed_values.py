"""Values compressed with words that are known beforehand."""

from __future__ import annotations

import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.store.database.known_words import BODIES, OWN
from bot.store.database.packed_values import FAST, LISTS, SHORT, SMALL, is_packed, pack, unpack, words_of_body
from bot.store.database.webhook_words import FRESHDESK, INTERCOM, ZENDESK
from sandbox.desk import Desk
from sandbox.freshdesk.desk import FreshdeskDesk
from sandbox.intercom.desk import IntercomDesk
from sandbox.zendesk.desk import ZendeskDesk

SNAPSHOT = json.dumps(
    {"account": "acme", "followers": [], "is_deleted": False, "requester": {"emails": ["nina@example.com"]}}
).encode()


@given(st.binary(max_size=2000), st.sampled_from(LISTS), st.sampled_from((FAST, SMALL)))
def test_what_was_packed_comes_back(value: bytes, words: bytes, level: int) -> None:
    assert unpack(pack(value, words, level)) == value
    assert len(pack(value, words, level)) <= len(value) or is_packed(value)


@pytest.mark.parametrize("size", [SHORT - 1, SHORT, 300_000])
def test_a_long_value_comes_back_too(size: int) -> None:
    value = b" ".join(b"%d" % number for number in range(size))[:size]

    assert len(pack(value, BODIES, FAST)) < size / 2
    assert unpack(pack(value, BODIES, FAST)) == value


def test_a_short_value_is_packed_with_the_words_and_read_by_whichever_it_names() -> None:
    packed = pack(SNAPSHOT, OWN)

    assert len(packed) < 0.7 * len(zlib.compress(SNAPSHOT))
    assert b"nina" not in packed[:6]
    assert is_packed(packed)
    assert unpack(packed) == SNAPSHOT
    assert unpack(pack(SNAPSHOT, BODIES)) == SNAPSHOT


@pytest.mark.parametrize(
    "plain", [b"", b"{}", b'{"id": 1}', b"x=1&y=2", b"\x78\xbb\x00\x00\x00\x00 no list of ours", bytes(range(256))]
)
def test_what_no_version_packed_is_left_as_it_is(plain: bytes) -> None:
    assert not is_packed(plain)
    assert unpack(plain) == plain


def test_what_looks_as_if_it_were_packed_is_packed_and_comes_back() -> None:
    """Whatever somebody sends, it is not unpacked by mistake."""
    sent = pack(SNAPSHOT, BODIES)

    assert pack(sent, BODIES) != sent
    assert unpack(pack(sent, BODIES)) == sent


def test_damaged_bytes_are_left_as_they_are() -> None:
    packed = pack(SNAPSHOT, OWN)

    for damaged in (packed[:-5], packed[:40], packed[:30] + b"\0" + packed[31:]):
        assert unpack(damaged) == damaged


def test_a_list_that_was_released_stays_as_it_is() -> None:
    """Without it nobody reads what it packed: another list is added, none is changed."""
    assert [zlib.adler32(words) for words in LISTS] == [318021166, 3334062570, 2048210017, 900591395, 1293671858, 169250029]


def sent_by(desk: Desk) -> list[bytes]:
    """The webhooks of a ticket that is opened, answered and solved."""
    ticket = desk.create_ticket(requester="nina.network@northwind.example", subject="All down", body="Nothing works here.")
    desk.agent_reply(ticket, "Which browser is it?", agent="anna.agent@example.com")
    desk.customer_reply(ticket, "It is Firefox.")
    desk.agent_update(ticket, agent="anna.agent@example.com", status="solved")
    return [each.body for each in desk.webhooks.sent]


@pytest.mark.parametrize(("desk", "words"), [(FreshdeskDesk, FRESHDESK), (IntercomDesk, INTERCOM), (ZendeskDesk, ZENDESK)])
@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")])
def test_a_helpdesks_list_saves_a_third_of_its_bodies(desk: type[Desk], words: bytes, separators: tuple[str, str]) -> None:
    """However it spaces its JSON: helpdesks do not, the sandbox and templates do."""
    bodies = [json.dumps(json.loads(body), separators=separators, ensure_ascii=False).encode() for body in sent_by(desk())]

    assert len(bodies) >= 4
    assert {words_of_body(body) for body in bodies} == {words}
    packed = [pack(body, words_of_body(body), FAST) for body in bodies]
    assert [unpack(each) for each in packed] == bodies
    assert sum(map(len, packed)) <= 0.65 * sum(len(zlib.compress(body, 9)) for body in bodies)


@pytest.mark.parametrize("desk", [FreshdeskDesk, IntercomDesk, ZendeskDesk])
def test_bodies_that_earlier_versions_kept_are_read_as_before(desk: type[Desk]) -> None:
    """Plain, and packed with the one list for all helpdesks."""
    for body in sent_by(desk()):
        assert unpack(body) == body
        made = zlib.compressobj(1, zlib.DEFLATED, 14, 6, zlib.Z_DEFAULT_STRATEGY, BODIES)
        assert unpack(made.compress(body) + made.flush()) == body


def test_a_body_of_a_list_that_this_version_does_not_know_stays_the_stream_that_it_is() -> None:
    made = zlib.compressobj(FAST, zdict=b"words of a later version " * 9)
    foreign = made.compress(SNAPSHOT) + made.flush()

    assert not is_packed(foreign)
    assert unpack(foreign) == foreign


def test_no_list_holds_an_address_or_a_name() -> None:
    """They are what vendors and Deskhand say. Nobody's words."""
    for words in LISTS:
        assert b"@" not in words
        assert b".example" not in words
        assert not any(name in words for name in (b"Northwind", b"Nina", b"Anna", b"Globex"))
