"""Each problem of `config.yaml` is told with its place and a way out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.config.problems import ConfigInvalid, follows, problem_of
from rules.files.problems import Problem
from tests.config.smallest_config import SMALLEST, problems


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("provider: zendesk", "provider: jira", "config.yaml:5:5: accounts[0].provider: "),
        ("address: https://acme.example", "address: acme.example", "config.yaml:6:5: accounts[0].address: "),
        ("    address: https://acme.example\n", "", "config.yaml:4:5: accounts[0].address: this setting is missing"),
        ("marker_key", "marker_kye", "config.yaml:2:1: marker_kye: no such setting, did you mean marker_key?"),
        ("webhook:", "webhok:", "accounts[0].webhok: no such setting, did you mean webhook?"),
        ("[sec-4711]", "[]", "accounts[0].webhook.secrets: "),
        ("name: acme", "name: Acme Inc", "config.yaml:4:5: accounts[0].name: "),
        ("marker_key:", "flow: {runs_per_hour: 0}\nmarker_key:", "config.yaml:2:8: flow.runs_per_hour: "),
        ("marker_key:", "queue: kafka\nmarker_key:", "config.yaml:2:1: queue: "),
        ("marker_key:", "drafts: {model: {nam: x}}\nmarker_key:", "drafts.model.nam: no such setting, did you mean name?"),
        ("marker_key:", "working_hours: {monday: [9-17]}\nmarker_key:", "working_hours: 9-17: wanted hours such as 09:00-17:30"),
        ("marker_key:", "working_hours: {timezone: Berlin}\nmarker_key:", "working_hours: Berlin: no such time zone"),
        ("marker_key:", "working_hours: {munday: []}\nmarker_key:", "munday: no such setting, did you mean monday?"),
        ("marker_key:", "marker_key: [\nx:", "config.yaml:"),
        ("a-key-of-twenty-characters", "short", "config.yaml:2:1: marker_key: so short a key can be guessed"),
    ],
)
def test_a_wrong_setting_is_told_with_its_place(tmp_path: Path, old: str, new: str, expected: str) -> None:
    found = problems(tmp_path, SMALLEST.replace(old, new))

    assert any(expected in each for each in found), found


def test_all_problems_come_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = SMALLEST.replace("provider: zendesk", "provider: jira").replace("tok-4711", "'${TOKEN}'") + "server: {port: 99999}\n"

    found = problems(tmp_path, text)

    assert [each.split(":")[1] for each in found] == ["5", "7", "9"]


def test_a_list_that_is_short_because_of_what_is_in_it_is_no_problem_of_its_own() -> None:
    short: Any = {"type": "too_short", "loc": ("accounts",), "msg": "too short"}
    inside: Any = {"type": "missing", "loc": ("accounts", 0, "name"), "msg": "Field required"}

    assert follows(short, [short, inside])
    assert not follows(short, [short])
    short["type"] = "list_type"
    assert not follows(short, [short, inside])


def test_a_problem_has_the_place_and_the_words_of_an_admin(tmp_path: Path) -> None:
    error: Any = {"type": "missing", "loc": ("accounts", 0, "name"), "msg": "Field required"}

    found = problem_of(tmp_path / "config.yaml", {}, error)

    assert found.message == "accounts[0].name: this setting is missing"
    assert found.hint == "config.example.yaml explains each setting"


def test_all_problems_are_one_message() -> None:
    first, second = Problem(file="a", message="one"), Problem(file="b", message="two")

    error = ConfigInvalid([first, second])

    assert str(error).splitlines() == [str(first), str(second)]
    assert error.problems == [first, second]
