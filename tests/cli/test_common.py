"""What several commands need: the configuration, the database and input are there, or the command ends with what to do."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy.exc import OperationalError

from bot.cli import common
from bot.config import load
from bot.store.database.engine import make_engine
from bot.store.database.migrate import migrate
from sandbox.stories.config import write_config
from tests.cli.conftest import Run
from tests.cli.test_check import in_order


@pytest.mark.parametrize("command", [["runs"], ["dead"], ["dead", "list"], ["replay", "x"]])
def test_commands_that_need_the_database_say_what_to_run(deskhand_command: Run, tmp_path: Path, command: list[str]) -> None:
    in_order(tmp_path)

    result = deskhand_command(*command)

    assert result.exit_code == 2
    assert "run `deskhand migrate`" in result.stderr


@pytest.mark.parametrize("command", [["runs"], ["migrate"], ["up"]])
def test_a_database_that_is_none_is_told_with_its_place(deskhand_command: Run, tmp_path: Path, command: list[str]) -> None:
    in_order(tmp_path)
    (tmp_path / "deskhand.sqlite3").write_bytes(b"this is no database" * 100)

    result = deskhand_command(*command)

    assert result.exit_code == 2
    assert "deskhand.sqlite3 cannot be used (DatabaseError)" in result.stderr


def ended(capsys: pytest.CaptureFixture[str], code: int, call: object, *arguments: object) -> str:
    """What was said on standard error by a call that ended the command."""
    with pytest.raises(SystemExit) as error:
        call(*arguments)  # type: ignore[operator]
    assert error.value.code == code
    said = capsys.readouterr()
    assert said.out == ""
    return said.err


def test_a_configuration_is_optional_only_where_there_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "config.yaml").write_text("marker_kye: x\n", encoding="utf-8")

    assert common.config_if_there(tmp_path / "nowhere.yaml") is None
    said = ended(capsys, 2, common.config_if_there, tmp_path / "config.yaml")

    assert "did you mean marker_key?" in said


def test_a_database_of_this_schema_is_opened_and_another_says_what_to_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = load(in_order(tmp_path), {})

    said = ended(capsys, 2, common.store_or_exit, config)
    migrate(make_engine(config.database_url))

    assert "run `deskhand migrate`" in said
    assert common.store_or_exit(config).url == make_engine(config.database_url).url


def test_a_database_that_cannot_be_used_is_named_without_its_password(tmp_path: Path) -> None:
    path = write_config(
        tmp_path, {"zendesk": "https://acme.example"}, 0, datetime(2026, 11, 21, tzinfo=UTC), database="postgresql://d:pw@h/x"
    )

    said = common.unopened(load(path, {}), OperationalError("select", {}, ConnectionError("pw")))

    assert ":***@h/x cannot be used (OperationalError)" in said
    assert "pw" not in said


def test_input_is_a_file_or_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "t.json").write_bytes(b'{"a": 1}')
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(b"words")))

    assert common.read_json_input(str(tmp_path / "t.json")) == {"a": 1}
    assert common.read_input("-") == b"words"


@pytest.mark.parametrize(
    ("body", "words"),
    [(b'{\n "a": }', "t.json:2:7: not JSON"), (b'"\xff"', "t.json:1:2: not UTF-8: the byte 0xFF (save the file as UTF-8)")],
)
def test_input_that_is_no_json_is_told_with_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], body: bytes, words: str
) -> None:
    (tmp_path / "t.json").write_bytes(body)

    assert words in ended(capsys, 1, common.read_json_input, str(tmp_path / "t.json"))


def test_json_is_one_line_that_people_can_read(capsys: pytest.CaptureFixture[str]) -> None:
    common.print_json({"subject": "größer\nals"})

    assert capsys.readouterr().out == '{"subject": "größer\\nals"}\n'
