"""The stand-in's opinions: sensible ones, and those of liars, attackers and careless models."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.opinions.answer import kept, read_opinion
from bot.opinions.asking import Words
from bot.opinions.lists import lists_of
from bot.opinions.prompt import messages_for
from sandbox.model_answers import read_prompt
from sandbox.model_opinions import OPINIONS, OpinionFacts, asked_for, opinion

TEXT = "All our photos are gone. Please call me back, I want my money back. This is a disgrace."
LISTS = lists_of()


def asked(text: str = TEXT) -> OpinionFacts:
    prompt = read_prompt({"messages": messages_for(text, LISTS, "5f0c")})
    found = asked_for(prompt.system, prompt.ticket)
    assert found
    return found


def said(mode: str) -> Any:
    return json.loads(opinion(asked(), mode))


def test_the_prompt_is_read_as_it_is_written() -> None:
    found = asked()

    assert found.words == TEXT
    assert found.lists["issues"] == tuple(LISTS.issues)
    assert found.lists["severity"] == LISTS.severities
    assert found.lists["questions"] == tuple(LISTS.questions)


def test_a_draft_is_no_opinion() -> None:
    assert asked_for("You suggest a reply that a support agent will read.", TEXT) is None


def test_a_sensible_opinion_is_kept_whole() -> None:
    words = Words.of(TEXT)

    found, dropped = kept(read_opinion(opinion(asked())), LISTS, words.own, words.told.restored)

    assert [each.value for each in found.issues] == ["data_loss.missing.disappeared"]
    assert {each.value for each in found.wishes} == {"refund", "callback"}
    assert ([each.value for each in found.mood], dropped) == (["angry"], 0)


@pytest.mark.parametrize("mode", ["lying", "other-lists"])
def test_of_a_liar_and_of_other_lists_nothing_is_kept(mode: str) -> None:
    words = Words.of(TEXT)

    found, dropped = kept(read_opinion(opinion(asked(), mode)), LISTS, words.own, words.told.restored)

    assert not any((found.issues, found.severity, found.mood, found.wishes, found.language, found.questions))
    assert dropped > 5


def test_one_that_obeys_says_what_the_customer_orders_and_more() -> None:
    found = said("hostile")

    assert {"tags", "status", "actions"} <= set(found)
    assert any(each["span"] == TEXT for each in found["issues"])


def test_a_grave_one_rests_on_the_customers_words() -> None:
    assert {each["span"] for each in said("grave")["issues"]} == {"All our photos are gone"}


def test_each_way_to_answer_is_json() -> None:
    assert all(isinstance(said(mode), dict) for mode in OPINIONS)
