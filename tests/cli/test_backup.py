"""`backup`, `restore`, `erase`: what they print, and how they exit."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli.backup import erase
from bot.cli.doctor.checks import look_at_restore
from bot.config import load
from bot.store import deliveries, processes
from bot.store.database.engine import make_engine, reading
from bot.store.database.migrate import migrate, newest
from sandbox.stories.config import write_config
from tests.cli.conftest import Run, printed
from tests.cli.test_check import in_order
from tests.store.makers import incoming


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration whose database has its tables and one delivery."""
    path = in_order(tmp_path)
    engine = make_engine(load(path, {}).database_url)
    migrate(engine)
    with engine.begin() as connection:
        deliveries.store(connection, incoming())
    engine.dispose()
    return path


def test_a_backup_into_a_folder_says_where_it_is(deskhand_command: Run, config: Path, tmp_path: Path) -> None:
    (tmp_path / "copies").mkdir()

    result = deskhand_command("backup", "copies")

    made = printed(result)
    assert (result.exit_code, made["revision"]) == (0, newest())
    assert (tmp_path / made["file"]).stat().st_size == made["bytes"] > 0
    assert "is whole" in result.stderr


def test_a_backup_overwrites_nothing_and_names_what_cannot_be_written(
    deskhand_command: Run, config: Path, tmp_path: Path
) -> None:
    (tmp_path / "copy").write_text("precious", encoding="utf-8")

    there, nowhere = deskhand_command("backup", "copy"), deskhand_command("backup", "no/such/folder/copy")

    assert (there.exit_code, nowhere.exit_code) == (1, 1)
    assert "copy is there already" in there.stderr
    assert "cannot be written: No such file or directory" in nowhere.stderr
    assert (tmp_path / "copy").read_text(encoding="utf-8") == "precious"


def test_a_copy_is_put_back_only_where_it_is_meant(deskhand_command: Run, config: Path) -> None:
    deskhand_command("backup", "copy")

    refused = deskhand_command("restore", "copy")
    done = deskhand_command("restore", "copy", "--replace")

    assert refused.exit_code == 1
    assert "nothing was changed: the database holds 2 deliveries and tickets: --replace" in refused.stderr
    assert done.exit_code == 0
    assert "is the database now; what was there before is kept as" in done.stderr
    with reading(make_engine(load(config, {}).database_url)) as connection:  # `deskhand doctor` tells it from then on
        assert [each.words.partition(",")[2][:10] for each in look_at_restore(connection)] == [" a copy of"]


def test_a_copy_is_not_put_back_under_a_working_process(deskhand_command: Run, config: Path) -> None:
    deskhand_command("backup", "copy")
    engine = make_engine(load(config, {}).database_url)
    with engine.begin() as connection:
        processes.seen(connection, "elsewhere:4711:abc", "worker", "1", datetime.now(UTC))

    result = deskhand_command("restore", "copy", "--replace")

    assert result.exit_code == 1
    assert "Deskhand works on this database: end worker elsewhere:4711:abc first" in result.stderr
    with reading(engine) as connection:
        assert deliveries.backlog(connection) == 1


def test_a_file_that_is_no_copy_is_told(deskhand_command: Run, config: Path) -> None:
    result = deskhand_command("restore", "config.yaml", "--replace")

    assert result.exit_code == 1
    assert "config.yaml: is no whole SQLite database of Deskhand" in result.stderr


def test_erasing_counts_and_then_does_it(deskhand_command: Run, config: Path) -> None:
    body = b'{"requester": {"email": "Nina.Network@northwind.example"}}'
    with make_engine(load(config, {}).database_url).begin() as connection:
        deliveries.store(connection, incoming("mentions", body, key=None, ignored="unknown_event x"))
        connection.exec_driver_sql("update deliveries set account = 'zendesk'")

    would = printed(deskhand_command("erase", "--requester", "nina.network@northwind.example", "--dry-run"))
    done = deskhand_command("erase", "--requester", "nina.network@northwind.example")

    assert (would["dry_run"], would["deliveries"], printed(done)["deliveries"]) == (True, 1, 1)
    assert (would["rewritten"], printed(done)["rewritten"]) == (None, True)
    assert done.exit_code == 0
    assert "Backups" in done.stderr
    assert "nina" not in done.stderr


def test_erasing_somebody_who_is_nowhere_is_no_success(deskhand_command: Run, config: Path) -> None:
    result = deskhand_command("erase", "--requester", "typo@northwind.example")

    assert (result.exit_code, result.stdout) == (1, "")
    assert "nothing that is kept mentions this person" in result.stderr


def test_one_of_the_team_by_the_directory_is_not_erased(deskhand_command: Run, config: Path) -> None:
    (config.parent / "agents.csv").write_text("email,teams\nlena@example.com,Senior\n")
    text = config.read_text()
    assert "[companies.csv]" in text
    config.write_text(text.replace("[companies.csv]", "[companies.csv, agents.csv]"))

    result = deskhand_command("erase", "--requester", "Lena@example.com")

    assert result.exit_code == 1
    assert "one of your own team" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--requester", "42", "--account", "none"], "there is no such account, only zendesk"),
        (["--requester", " "], "wanted an e-mail"),
    ],
)
def test_erasing_nobody_in_particular_is_refused(deskhand_command: Run, config: Path, arguments: list[str], says: str) -> None:
    result = deskhand_command("erase", *arguments)

    assert result.exit_code == 2
    assert says in result.stderr


def test_an_id_is_one_accounts_own(tmp_path: Path) -> None:
    desks = {"zendesk": "https://acme.example", "freshdesk": "https://acme.example.com"}
    path = write_config(tmp_path, desks, 0, datetime(2026, 11, 21, tzinfo=UTC))

    result = CliRunner().invoke(erase, ["--requester", "42", "--config", str(path)])

    assert result.exit_code == 2
    assert "an id is one account's own: name it with --account" in result.stderr
