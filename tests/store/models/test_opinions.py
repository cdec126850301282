"""What a model said of messages: asked once each, kept while somebody waits for it, counted."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Engine

from bot.store.database.engine import reading
from bot.store.models import opinions
from bot.store.models.opinions import LOST, StoredOpinion
from tests.store.conftest import engine as engine
from tests.store.conftest import sqlite_template as sqlite_template
from tests.store.makers import KEY, NOW, OTHER_KEY

HASH, ANSWER = "a" * 64, '{"issues":[]}'


def test_a_message_is_asked_about_once(engine: Engine) -> None:
    with engine.begin() as connection:
        first = opinions.add(connection, KEY, "m1", HASH, "m", NOW)
        again = opinions.add(connection, KEY, "m1", HASH, "m", NOW)
        other = opinions.add(connection, OTHER_KEY, "m1", HASH, "m", NOW)

    assert (first, again, other) == (True, False, True)


def test_an_answer_is_kept_where_somebody_waits_for_it(engine: Engine) -> None:
    with engine.begin() as connection:
        opinions.add(connection, KEY, "m1", HASH, "m", NOW)
        is_kept = opinions.answered(connection, KEY, "m1", ANSWER, dropped=2, took_s=0.5)
        is_kept_again = opinions.answered(connection, KEY, "m1", "{}", dropped=0, took_s=0.5)
        is_kept_for_nobody = opinions.answered(connection, OTHER_KEY, "m1", ANSWER, dropped=0, took_s=0.5)

    with reading(engine) as connection:
        assert opinions.find(connection, KEY, "m1") == StoredOpinion(state="ready", answer=ANSWER)
        assert opinions.find(connection, KEY, "m2") is None
    assert (is_kept, is_kept_again, is_kept_for_nobody) == (True, False, False)


def test_equal_words_have_their_answer_already(engine: Engine) -> None:
    with engine.begin() as connection:
        assert opinions.alike(connection, HASH) is None
        opinions.add(connection, KEY, "m1", HASH, "m", NOW)
        assert opinions.alike(connection, HASH) is None
        opinions.answered(connection, KEY, "m1", ANSWER, dropped=0, took_s=0.5)

        assert opinions.alike(connection, HASH) == ANSWER
        assert opinions.alike(connection, "b" * 64) is None
        opinions.add(connection, OTHER_KEY, "m1", HASH, "m", NOW, ANSWER)
        assert opinions.find(connection, OTHER_KEY, "m1") == StoredOpinion(state="cached", answer=ANSWER)


def test_what_nobody_will_answer_is_given_up(engine: Engine) -> None:
    with engine.begin() as connection:
        opinions.add(connection, KEY, "m1", HASH, "m", NOW)
        opinions.add(connection, KEY, "m2", HASH, "m", NOW + timedelta(minutes=2))

        assert opinions.give_up(connection, NOW + timedelta(minutes=1)) == 1
        assert opinions.find(connection, KEY, "m1") == StoredOpinion(state="failed", answer=None)
        assert not opinions.answered(connection, KEY, "m1", ANSWER, dropped=0, took_s=90.0)
    assert LOST


def test_ends_come_the_newest_first(engine: Engine) -> None:
    with engine.begin() as connection:
        for number in range(4):
            opinions.add(connection, KEY, f"m{number}", HASH, "m", NOW + timedelta(seconds=number))
        opinions.failed(connection, KEY, "m0", "the model cannot be reached", 0.1)
        opinions.answered(connection, KEY, "m1", ANSWER, dropped=0, took_s=4.5)
        opinions.failed(connection, KEY, "m2", "x" * 500, 0.2)

        found = opinions.ends(connection, 2)

    assert [(each.state, each.took_s) for each in found] == [("failed", 0.2), ("ready", 4.5)]


def test_figures_count_states_late_answers_and_dropped_parts(engine: Engine) -> None:
    with engine.begin() as connection:
        opinions.add(connection, KEY, "m1", HASH, "m", NOW)
        opinions.answered(connection, KEY, "m1", ANSWER, dropped=3, took_s=4.0)
        opinions.mark_late(connection, KEY, "m1")
        opinions.add(connection, KEY, "m2", HASH, "m", NOW, ANSWER)

        found = opinions.figures(connection)

    assert (found.states, found.late, found.dropped) == ({"ready": 1, "cached": 1}, 1, 3)


def test_a_tickets_opinions_are_forgotten_together(engine: Engine) -> None:
    with engine.begin() as connection:
        opinions.add(connection, KEY, "m1", HASH, "m", NOW, ANSWER)
        opinions.add(connection, OTHER_KEY, "m1", HASH, "m", NOW, ANSWER)

        assert opinions.forget(connection, KEY) == 1
        assert opinions.find(connection, OTHER_KEY, "m1")
