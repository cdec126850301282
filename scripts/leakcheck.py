"""R14: secrets and customers' words are planted everywhere, a whole story is played, and nothing of them may come out.

python scripts/leakcheck.py [--provider zendesk]

Planted: every token and webhook secret, the marker key, a model's key, a database password, customers' addresses and words.
Played: the story of tests/harness/planted_story.py at log level debug (lost answers, refusals, forgeries, a failing drafter),
every command on what it left, well used and badly, a worker whose command line others may look at, and broken configurations
with secrets in the wrong places. Looked through: all output, logs and tracebacks, the whole database file, the
list of processes. Customers' words may stand in the database and in the output of WORDS, secrets nowhere.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import click
from click.testing import CliRunner
from ruamel.yaml import YAML
from sqlalchemy import select

from bot.cli.group import main as commands
from bot.config import ConfigInvalid, load
from bot.maintenance import erasure_queries
from bot.store.database.engine import make_engine, reading
from bot.store.database.schema import metadata
from sandbox.stories.config import CREDENTIALS, SECRETS

ROOT = Path(__file__).parents[1]
PROVIDERS = ("zendesk", "intercom", "freshdesk")
CUSTOMERS = ("Zanzibar", "nina.network@northwind.example")
MODEL_KEY, PASSWORD, MARKER_KEY = "sk-canary-0123456789abcdef", "canary-of-the-database", "a-key-for-the-sandbox-and-nothing-else"
# These are asked for a ticket's words and print them.
WORDS = frozenset({"decide", "draft", "sense", "normalize", "strip-reply"})
TICKET = '{"subject": "Zanzibar is down", "description": "Call nina.network@northwind.example", "external_id": "1"}'


@dataclass(slots=True)
class Looked:
    """`leaks`: what came out and where. `places`: how many outputs, files and lists were looked through."""

    leaks: list[str] = field(default_factory=list)
    places: int = 0

    def at(self, where: str, text: str, canaries: tuple[str, ...]) -> None:
        self.places += 1
        folded = text.casefold()
        self.leaks += [f"{where}: {_named(each)}" for each in canaries if each.casefold() in folded]


def _named(canary: str) -> str:
    """The report must not be a leak itself."""
    return f"{canary[:4]}… ({len(canary)} characters)"


def secrets_of(provider: str) -> tuple[str, ...]:
    tokens = [value for name, value in CREDENTIALS[provider].items() if name != "email"]
    return (SECRETS[provider], *tokens, MODEL_KEY, PASSWORD, MARKER_KEY)


def look(provider: str, folder: Path) -> Looked:
    looked, secrets = Looked(), secrets_of(provider)
    told = _run([sys.executable, "-m", "tests.harness.planted_story", provider, str(folder)])
    looked.at("the story's log", told, (*secrets, *CUSTOMERS, "Traceback"))
    if "told" not in told:
        looked.leaks.append(f"the story did not come to its end: {told[-500:]}")
    config = folder / "config.yaml"
    _plant_more(config)
    for name, arguments, text in _calls(config):
        output = _command([*name.split(), *arguments], text)
        looked.at(f"deskhand {name} {' '.join(arguments[:1])}", output, secrets if name in WORDS else (*secrets, *CUSTOMERS))
        looked.at(f"deskhand {name}", output, ("Traceback (most recent",))
    _look_at_processes(looked, config, secrets)
    _look_at_broken(looked, config, secrets)
    for path in sorted(folder.rglob("*.sqlite3*")):
        looked.at(f"the file {path.name}", path.read_bytes().decode("latin-1"), secrets)
    looked.at("what is compressed in the database", _unpacked(config), secrets)
    for path in sorted(folder.rglob("*.log")):
        looked.at(f"the log {path.name}", path.read_text("utf-8", "replace"), (*secrets, *CUSTOMERS))
    return looked


def _unpacked(config: Path) -> str:
    """The texts of all compressed columns: nobody finds a word in the file's bytes there."""
    engine, found = make_engine(load(config, {}).database_url), []
    for table in metadata.sorted_tables:
        with reading(engine) as connection:
            rows = connection.execute(select(table)).mappings().all()
        found += [str(tuple(row.values())) for row in erasure_queries.unpacked(engine, table, rows)]
    engine.dispose()
    return "\n".join(found)


def _plant_more(config: Path) -> None:
    """A model's key, and a level that says everything."""
    settings = YAML(typ="safe", pure=True).load(config)
    settings["log_level"] = "debug"
    model = {"base_url": "http://127.0.0.1:9/v1", "name": "m", "api_key": MODEL_KEY, "allow_private": True, "timeout_s": 1.0}
    settings["drafts"] = settings.get("drafts", {}) | {"model": model}
    settings["senses"] = {"model": {**model}}
    YAML(typ="safe", pure=True).dump(settings, config)


def names(group: click.Group, before: tuple[str, ...] = ()) -> Iterator[str]:
    """Every command, those of groups with a space."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from names(command, (*before, name))
        else:
            yield " ".join((*before, name))


def _calls(config: Path) -> Iterator[tuple[str, list[str], str]]:
    """Every command with what it wants, with a configuration that is not there, and with an option that it has not."""
    folder = config.parent
    (folder / "ticket.json").write_text(TICKET, encoding="utf-8")
    (folder / "headers.json").write_text('{"authorization": "Zanzibar"}', encoding="utf-8")
    given = ["--config", str(config)]
    ticket = ["--ticket", str(folder / "ticket.json"), *given]
    well: dict[str, list[list[str]]] = {
        "backup": [[str(folder / "copy.sqlite3"), *given]],
        "restore": [[str(folder / "nothing.sqlite3"), *given]],
        "erase": [["--requester", "nobody@example.com", "--dry-run", *given]],
        "check": [given, ["--json", *given]],
        "doctor": [given, ["--strict", "--json", *given]],
        "test": [given],
        "normalize": [["--provider", "zendesk", "--headers", str(folder / "headers.json")]],
        "decide": [ticket],
        "draft": [ticket],
        "runs": [given, ["--limit", "50", *given]],
        "replay": [["no-such-run", *given]],
        "dead drop": [["zendesk/ticket/1", *given]],
        "dead retry": [["zendesk/ticket/1", *given]],
        "dead list": [given],
        "migrate": [given],
        "sense": [[]],
        "strip-reply": [[]],
        # these run on until they are stopped: here they only fail to start
        "up": [],
        "serve": [],
        "work": [],
        "sandbox": [],
    }
    for name in names(commands):
        for arguments in well.get(name, [given]):
            yield name, arguments, f'{{"id": {TICKET}}}' if name == "normalize" else TICKET
        if name not in ("sense", "strip-reply", "sandbox", "up", "work"):
            yield name, ["--config", str(folder / "no-such.yaml")], ""
            yield name, ["--no-such-option", "x"], ""


def _look_at_processes(looked: Looked, config: Path, secrets: tuple[str, ...]) -> None:
    """What `ps` shows of a running worker: command line and title."""
    command = [sys.executable, "-m", "worker", "--config", str(config)]
    with (config.parent / "worker.log").open("wb") as log:
        child = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
    try:
        time.sleep(3)
        for name in ("cmdline", "comm", "status"):
            path = Path(f"/proc/{child.pid}/{name}")
            if path.exists():
                looked.at(f"the process list ({name})", path.read_bytes().decode("latin-1"), (*secrets, *CUSTOMERS))
    finally:
        child.terminate()
        child.wait(30)


def _look_at_broken(looked: Looked, config: Path, secrets: tuple[str, ...]) -> None:
    """Configurations with a mistake beside, or in the place of, a secret; and what a loaded one shows of itself."""
    looked.at("repr(config)", repr(load(config, {})) + str(load(config, {})), secrets)
    text = config.read_text(encoding="utf-8")
    mistakes = {
        "a key of the wrong type": text.replace(f"marker_key: {MARKER_KEY}", f"marker_key: [{MARKER_KEY}]"),
        "a key under another name": text.replace("marker_key:", "marker_keey:"),
        "a secret in the place of a number": text + f"workers: {PASSWORD}\n",
        "a secret in the place of a choice": text.replace("log_level: debug", f"log_level: {PASSWORD}"),
        "a database that is none": text.replace("database: sqlite:///", f"database: nonsense://me:{PASSWORD}@127.0.0.1/"),
        "a database that is away": text.replace(
            "database: sqlite:///deskhand.sqlite3", f"database: postgresql+psycopg://me:{PASSWORD}@127.0.0.1:1/x"
        ),
        "a queue that is away": text + f"queue: redis://:{PASSWORD}@127.0.0.1:1/0\n",
        "a queue that is none": text + f"queue: nonsense://:{PASSWORD}@127.0.0.1:1/0\n",
        "YAML that breaks at a secret": text + f"password: '{PASSWORD}\n",
    }
    broken = config.parent / "broken.yaml"
    for what, content in mistakes.items():
        broken.write_text(content, encoding="utf-8")
        try:
            shown = repr(load(broken, {}))
        except ConfigInvalid as error:
            shown = f"{error} {error!r} {[each.to_json() for each in error.problems]}"
        looked.at(f"{what}: load", shown, secrets)
        for name in ("check", "doctor", "migrate", "runs", "backup"):
            to = [str(config.parent / "copy2.sqlite3")] if name == "backup" else []
            looked.at(f"{what}: deskhand {name}", _command([name, *to, "--config", str(broken)], ""), secrets)
    broken.write_text(mistakes["a secret in the place of a choice"], encoding="utf-8")
    for name in _PROCESSES:
        output = _run([sys.executable, "-m", "bot.cli", name, "--config", str(broken)], most_s=60)
        looked.at(f"a broken configuration: deskhand {name}", output, secrets)


_PROCESSES = ("up", "serve", "work")  # become other programs: not in this process


def _command(arguments: list[str], text: str) -> str:
    """A command in this process: all that it says, with the traceback that its caller would have seen."""
    if arguments[0] in _PROCESSES:
        return _run([sys.executable, "-m", "bot.cli", *arguments], text, most_s=60)
    result = CliRunner().invoke(commands, arguments, input=text)
    trace = result.exc_info if result.exception and not isinstance(result.exception, SystemExit) else None
    return result.output + ("".join(traceback.format_exception(*trace)) if trace else "")


def _run(command: list[str], text: str = "", most_s: float = 200) -> str:
    """All that a process says until it ends, or is ended."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DESKHAND_")}
    with tempfile.TemporaryFile() as said:
        child = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=said, stderr=said, start_new_session=True
        )
        try:
            child.communicate(text.encode(), timeout=most_s)
        except subprocess.TimeoutExpired:
            child.terminate()
            try:
                child.wait(20)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        said.seek(0)
        return said.read().decode("utf-8", "replace")


def main() -> int:
    """0 where nothing came out. The last line is the figure."""
    parser = argparse.ArgumentParser(description="R14: look for secrets and customers' words in everything that comes out.")
    parser.add_argument("--provider", action="append", choices=PROVIDERS, help="only this one; again for two")
    found, places = [], 0
    for provider in parser.parse_args().provider or PROVIDERS:
        folder = Path(tempfile.mkdtemp(prefix="deskhand-leakcheck-"))
        try:
            looked = look(provider, folder)
        finally:
            shutil.rmtree(folder)
        print(f"{provider}: {looked.places} outputs, files and lists looked through", flush=True)
        found += [f"{provider}: {each}" for each in looked.leaks]
        places += looked.places
    for each in found:
        print(each)
    print(f"R14 {len(found)}_leaks_in_{places}_places 0 {'missed' if found else 'ok'}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
