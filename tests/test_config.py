"""`config.yaml`: every problem at once with its place, secrets from elsewhere and in no message."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.ticket import Provider
from bot.config import Config, ConfigInvalid, config_path, load
from rules.values.working_hours import WorkingHours

SMALLEST = """
marker_key: a-key-of-twenty-characters
accounts:
  - name: acme
    provider: zendesk
    address: https://acme.example
    credentials: {email: bot@example.com, token: tok-4711}
    webhook: {secrets: [sec-4711]}
"""


def read(folder: Path, text: str = SMALLEST, **environ: str) -> Config:
    path = folder / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return load(path, environ)


def problems(folder: Path, text: str, **environ: str) -> list[str]:
    with pytest.raises(ConfigInvalid) as refused:
        read(folder, text, **environ)
    return [str(each).removeprefix(f"{folder}/") for each in refused.value.problems]


def test_the_smallest_configuration_starts_in_shadow(tmp_path: Path) -> None:
    config = read(tmp_path)

    account = config.settings.account("acme")
    assert (account.mode, account.provider, config.settings.queue) == ("shadow", Provider.ZENDESK, "embedded")
    assert config.database_url == f"sqlite:///{tmp_path}/var/deskhand.sqlite3"


def test_secrets_come_from_the_environment_and_from_files(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("from-a-file\n", encoding="utf-8")
    text = SMALLEST.replace("tok-4711", "'${TOKEN}'").replace("[sec-4711]", "['file:secret.txt', '${SECOND}']")

    account = read(tmp_path, text, TOKEN="from-the-environment", SECOND="two").settings.account("acme").to_account()

    assert account.credentials["token"] == "from-the-environment"
    assert account.webhook.secrets == ("from-a-file", "two")


def test_missing_secrets_are_named_with_their_places(tmp_path: Path) -> None:
    text = SMALLEST.replace("tok-4711", "'${TOKEN}'").replace("[sec-4711]", "['file:nowhere.txt']")

    assert problems(tmp_path, text) == [
        "config.yaml:7:43: accounts[0].credentials.token: the environment has no TOKEN (set it, or write `file:PATH` here)",
        "config.yaml:8:25: accounts[0].webhook.secrets[0]: the secret's file cannot be read: No such file or directory "
        "(create it, readable by this user only)",
    ]


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
    ],
)
def test_a_wrong_setting_is_told_with_its_place(tmp_path: Path, old: str, new: str, expected: str) -> None:
    found = problems(tmp_path, SMALLEST.replace(old, new))

    assert any(expected in each for each in found), found


def test_all_problems_come_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = SMALLEST.replace("provider: zendesk", "provider: jira").replace("tok-4711", "'${TOKEN}'") + "server: {port: 99999}\n"

    found = problems(tmp_path, text)

    assert [each.split(":")[1] for each in found] == ["5", "7", "9"]


def test_two_accounts_of_one_name_are_refused(tmp_path: Path) -> None:
    account = SMALLEST[SMALLEST.index("  - name") :]

    [problem] = problems(tmp_path, SMALLEST + account)

    assert "two accounts are called acme: give each a name of its own" in problem


@pytest.mark.parametrize("text", ["", "- a list\n", "just words\n"])
def test_a_file_that_holds_no_settings_says_how_to_start(tmp_path: Path, text: str) -> None:
    [problem] = problems(tmp_path, text)

    assert "copy config.example.yaml to config.yaml" in problem


def test_a_missing_file_says_how_to_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match=r"copy config\.example\.yaml to config\.yaml"):
        load(tmp_path / "nowhere.yaml", {})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("token: tok-4711", "token: [tok-4711]"),
        ("[sec-4711]", "{a: sec-4711}"),
        ("credentials: {", "credentials: {5: tok-4711, "),
    ],
)
def test_no_message_repeats_a_secret(tmp_path: Path, old: str, new: str) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(SMALLEST.replace(old, new), encoding="utf-8")
    said = ""

    try:
        said = repr(load(path, {}))
    except ConfigInvalid as error:
        said = str(error)

    assert "4711" not in said


def test_an_accounts_repr_shows_no_secret(tmp_path: Path) -> None:
    config = read(tmp_path)

    assert "4711" not in repr(config)
    assert "4711" not in repr(config.settings.account("acme").to_account())


def test_relative_paths_start_at_the_file(tmp_path: Path) -> None:
    config = read(tmp_path)

    assert config.resolve("rules/vip.yaml") == tmp_path / "rules" / "vip.yaml"
    assert config.data_dir == tmp_path / "var"


def test_another_database_is_left_as_it_is_written(tmp_path: Path) -> None:
    config = read(tmp_path, SMALLEST + "database: postgresql://deskhand@db.example/deskhand\n")

    assert config.database_url == "postgresql://deskhand@db.example/deskhand"
    assert config.data_dir == tmp_path / "var"


def test_a_process_without_arguments_reads_where_its_environment_points() -> None:
    assert config_path({"DESKHAND_CONFIG": "/etc/deskhand.yaml"}) == Path("/etc/deskhand.yaml")
    assert config_path({}) == Path("config.yaml")


def test_working_hours_are_none_or_as_they_are_written(tmp_path: Path) -> None:
    text = "working_hours: {timezone: Europe/Berlin, monday: ['09:00-17:00'], holidays: [2026-12-25]}"

    hours = read(tmp_path, SMALLEST + text).settings.hours

    assert read(tmp_path).settings.hours is None
    assert hours == WorkingHours(timezone="Europe/Berlin", monday=("09:00-17:00",), holidays=frozenset({"2026-12-25"}))
