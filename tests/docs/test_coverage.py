"""Everything that somebody could look for has its place in the documentation, and what the pages name exists."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import click
import pytest
from pydantic import BaseModel

from adapters.registry import ADAPTERS
from adapters.ticket import Provider
from adapters.writes import Support
from bot.cli import main as deskhand
from bot.config import DraftSettings, FlowSettings, ServerSettings
from bot.config.accounts import WebhookSettings
from bot.senses import DETECTORS
from rules.actions import action_words
from rules.files.sources import pack_names
from rules.language.fields import FIELDS
from rules.language.operators import OPERATORS
from rules.values.verdict_tags import TAGS
from sandbox.core_control import VERBS
from sandbox.faults import KINDS
from tests.docs.generated import PARTS, made_anew, parts_of
from tests.docs.pages import ROOT, fences, name_of, pages, text_of, without_code

ALL = text_of(*(name_of(page) for page in pages()))
CODE = [path for folder in ("adapters", "bot", "rules", "sandbox") for path in (ROOT / folder).rglob("*.py")]
CODE += [ROOT / "webhooks.py", ROOT / "worker.py"]


def in_code(pattern: str, *folders: str) -> set[str]:
    chosen = [path for path in CODE if not folders or path.relative_to(ROOT).parts[0] in folders]
    return {found for path in chosen for found in re.findall(pattern, path.read_text(encoding="utf-8"))}


def not_named(names: set[str], text: str) -> set[str]:
    return {name for name in names if f"`{name}`" not in text}


def test_generated_parts_say_what_the_code_says() -> None:
    outdated = [
        name_of(page) for page in pages() if made_anew(page.read_text(encoding="utf-8")) != page.read_text(encoding="utf-8")
    ]

    assert not outdated, "python -m tests.docs.generated"


def test_every_generated_part_stands_somewhere() -> None:
    assert parts_of(ALL) == set(PARTS)


def test_every_field_operator_and_action_is_explained() -> None:
    page = text_of("docs/rules.md")

    assert not not_named({each.name for each in FIELDS}, page)
    assert not not_named(set(OPERATORS), page)
    assert [word for word in action_words() if f"### {word}\n" not in page] == []
    assert [pack for pack in pack_names() if pack not in page] == []


def test_every_signal_is_explained() -> None:
    names = {getattr(each, "__name__", str(each)).rpartition(".")[2] for each in DETECTORS}

    assert len(names) >= 10
    assert not not_named(names, text_of("docs/senses.md"))


@pytest.mark.parametrize("provider", Provider, ids=str)
def test_every_provider_has_its_page(provider: Provider) -> None:
    page = (ROOT / "docs" / "providers" / f"{provider.value}.md").read_text(encoding="utf-8")

    headings = re.findall(r"(?m)^## (.+)$", page)
    assert headings[1:] == ["The webhook", "Reading", "Writing", "Limits", "Options", "Not supported"]
    assert "### Windows" in page
    assert "### What is lost on the way" in page
    assert f"/webhooks/{provider.value}" in page


@pytest.mark.parametrize("provider", Provider, ids=str)
def test_every_write_kind_and_fallback_stands_on_the_providers_page(provider: Provider) -> None:
    page = (ROOT / "docs" / "providers" / f"{provider.value}.md").read_text(encoding="utf-8")

    for kind, capability in ADAPTERS[provider].capabilities.items():
        assert f"| `{kind}` |" in page
        assert capability.support is Support.YES or capability.support is Support.NO or capability.fallback[1:] in page


@pytest.mark.parametrize("provider", Provider, ids=str)
def test_every_option_of_a_provider_is_explained_and_read(provider: Provider) -> None:
    page = (ROOT / "docs" / "providers" / f"{provider.value}.md").read_text(encoding="utf-8")
    options = page.partition("\n## Options\n")[2].partition("\n## ")[0]
    sources = "\n".join(each.read_text(encoding="utf-8") for each in (ROOT / "adapters" / provider.value).glob("*.py"))

    read = set(re.findall(r'options\.get\(\s*"(\w+)"', sources)) | set(re.findall(r'self\._word\("(\w+)"', sources))

    assert set(re.findall(r"(?m)^\| `(\w+)` \|", options)) == read


def test_every_command_stands_in_the_readme_and_on_its_page() -> None:
    names = set(deskhand.list_commands(click.Context(deskhand)))
    table = text_of("README.md").partition("## Commands")[2].partition("\n## ")[0]

    assert set(re.findall(r"`deskhand ([\w-]+)`", table)) == names
    assert [name for name in names if f"### {name}\n" not in text_of("docs/commands.md")] == []


def test_pages_name_no_command_that_is_not_there() -> None:
    names = set(deskhand.list_commands(click.Context(deskhand))) | {"COMMAND"}

    assert set(re.findall(r"[`/ ]deskhand ([a-z][\w-]+)", _code_in(ALL))) <= names


def _code_in(text: str) -> str:
    """What stands as code: `…` and fences."""
    return "\n".join(f"`{each}`" for each in re.findall(r"`([^`\n]+)`", text)) + "\n".join(
        f" {body}" for body in re.findall(r"(?ms)^```(?:sh|console)\n(.*?)^```", text)
    )


def test_the_four_tags_are_explained() -> None:
    assert not not_named(set(TAGS), text_of("docs/drafts.md"))
    assert not not_named(set(TAGS), text_of("docs/agents.md"))


def test_every_environment_variable_of_ours_is_explained() -> None:
    assert {name for name in in_code(r"\bDESKHAND_[A-Z_]+\b") if name not in ALL} == set()


def test_every_fault_and_verb_of_the_sandbox_is_explained() -> None:
    page = text_of("docs/sandbox.md")

    assert not not_named(set(KINDS) | set(VERBS), page)


def test_log_events_that_are_worth_an_alarm_exist() -> None:
    line = next(part for part in text_of("docs/operating.md").split("\n\n") if part.startswith("Worth an alarm"))
    events = in_code(r'(?:log|often)\.\w+\(\s*"([a-z_.]+)"')

    named = set(re.findall(r"`([a-z_]+\.[a-z_]+)`", line))
    assert len(named) >= 5
    assert named <= events


def test_settings_that_pages_name_exist() -> None:
    sections: dict[str, type[BaseModel]] = {
        "flow": FlowSettings,
        "server": ServerSettings,
        "drafts": DraftSettings,
        "webhook": WebhookSettings,
    }
    wrong = [
        f"{section}.{name}"
        for section, model in sections.items()
        for name in re.findall(rf"`{section}\.(?!py\b)([a-z_]+)", ALL)
        if name not in model.model_fields
    ]

    assert not wrong


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_files_and_modules_that_a_page_names_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = re.findall(r"`((?:adapters|bot|rules|sandbox|tests|docs|scripts)/[\w./-]+)(?::[^`]*)?`", text)
    modules = re.findall(r"python -m ((?:rules|bot|tests|sandbox)[\w.]*)", text)

    assert [path for path in named if not (ROOT / path).exists() and "<" not in path] == []
    assert [each for each in modules if importlib.util.find_spec(each) is None] == []


def test_make_targets_that_pages_name_exist() -> None:
    targets = set(re.findall(r"(?m)^([a-z0-9-]+):", (ROOT / "Makefile").read_text(encoding="utf-8")))

    named = set(re.findall(r"`make ([a-z0-9-]+)", ALL)) | {
        found for page in pages() for body in fences(page, "sh") for found in re.findall(r"(?m)^make ([a-z0-9-]+)", body)
    }
    assert {"demo", "test", "setup"} <= named <= targets


def test_the_sandbox_of_the_readme_is_the_one_that_runs() -> None:
    from ruamel.yaml import YAML

    from sandbox.serve import PORTS
    from sandbox.stories.config import CREDENTIALS, SECRETS

    tree = YAML(typ="safe", pure=True).load(text_of("docs/sandbox.yaml"))

    for account in tree["accounts"]:
        assert account["address"] == f"http://127.0.0.1:{PORTS[account['provider']]}"
        assert account["webhook"]["secrets"] == [SECRETS[account["provider"]]]
        assert account["credentials"] == CREDENTIALS[account["provider"]]
        assert f"<{account['address']}/>" in text_of("README.md")
    assert tree["drafts"]["model"]["base_url"] == f"http://127.0.0.1:{PORTS['model']}/v1"


def test_prose_says_nothing_it_could_not_keep() -> None:
    words = ("seamless", "powerful", "blazing", "robust", "cutting-edge", "leverage", "best-in-class", "effortless")
    prose = without_code(ALL).lower()

    assert [word for word in words if word in prose] == []


@pytest.mark.parametrize(
    ("page", "says", "sign_of_it", "where"),
    [
        ("README.md", "No clocks of its own", r"\bclocks=", ("bot",)),
        ("README.md", "No `/dh …` commands in notes", r"startswith\(.{0,3}/dh", ("bot",)),
    ],
)
def test_what_a_page_calls_missing_is_missing(page: str, says: str, sign_of_it: str, where: tuple[str, ...]) -> None:
    assert (says in text_of(page)) is not bool(in_code(sign_of_it, *where)), f"{page}: {says!r} is no longer so"


@pytest.mark.parametrize("path", sorted([*(ROOT / "rules" / "packs").glob("*.yaml"), *ROOT.glob("docs/*/french_invoices.yaml")]))
def test_each_shipped_rule_file_names_the_schema_that_editors_complete_by(path: Path) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[0]

    named = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
    assert named
    assert (path.parent / named[1]).resolve() == ROOT / "docs" / "rules.schema.json"
