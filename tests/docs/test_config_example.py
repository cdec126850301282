"""config.example.yaml holds every setting, nothing else, with the defaults, and loads."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from pydantic_core import PydanticUndefined
from ruamel.yaml import YAML

from bot.cli import main
from bot.config import load
from tests.docs.settings import EXAMPLE, fields, paths_in, plain, with_all_switched_on

TEXT = EXAMPLE.read_text(encoding="utf-8")
ALL = with_all_switched_on(TEXT)
# Shown with a value of somebody's own, because the default is "none".
MODELS = ("senses.model.", "drafts.model.")
FREE = {"accounts[].options", "accounts[].mode", "accounts[].fields[].type"}


def tree(text: str) -> dict[str, object]:
    parsed: dict[str, object] = YAML(typ="safe", pure=True).load(text)
    return parsed


def environ(text: str) -> dict[str, str]:
    return dict.fromkeys(re.findall(r"\$\{([A-Z_]{5,})\}", text), "a-secret-of-at-least-thirty-two-characters")


def written(folder: Path, text: str) -> Path:
    path = folder / "config.yaml"
    path.write_text(text, encoding="utf-8")
    (folder / "articles").mkdir(exist_ok=True)
    return path


@pytest.mark.parametrize("text", [TEXT, ALL], ids=["as it is", "with everything switched on"])
def test_the_example_passes_the_check(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environ(text).items():
        monkeypatch.setenv(name, value)

    result = CliRunner().invoke(main, ["check", "--config", str(written(tmp_path, text))])

    assert (result.exit_code, result.stderr.strip()) == (0, "everything is in order")


def test_the_example_names_every_setting_and_no_other() -> None:
    named = {path for path, _ in paths_in(tree(ALL))}

    assert named == {path for path, _ in fields()}


def test_settings_stand_in_the_order_of_the_model() -> None:
    named = list(dict.fromkeys(path for path, _ in paths_in(tree(ALL))))

    assert named == [path for path, _ in fields()]


def test_values_are_the_defaults() -> None:
    defaults = {path: info.get_default(call_default_factory=True) for path, info in fields()}
    shown = {path: value for path, value in paths_in(tree(TEXT)) if defaults[path] is not PydanticUndefined}

    assert shown == {path: plain(defaults[path]) for path in shown}
    assert {path for path in defaults if defaults[path] not in (PydanticUndefined, None)} - set(shown) <= {
        path for path, _ in fields() if path.startswith((*MODELS, "accounts[].fields[].", "working_hours."))
    }


def test_defaults_of_switched_off_sections_are_shown_too() -> None:
    defaults = {path: info.get_default(call_default_factory=True) for path, info in fields()}
    shown = {path: value for path, value in paths_in(tree(ALL)) if path.startswith(MODELS)}

    wrong = {
        path: value
        for path, value in shown.items()
        if not path.endswith(".model.api_key") and defaults[path] not in (PydanticUndefined, value)
    }
    assert not wrong


def test_every_account_starts_in_shadow(tmp_path: Path) -> None:
    config = load(written(tmp_path, ALL), environ(ALL))

    assert [(each.provider.value, each.mode) for each in config.settings.accounts] == [
        ("zendesk", "shadow"),
        ("intercom", "shadow"),
        ("freshdesk", "shadow"),
    ]


def test_each_setting_has_words_above_or_beside_it() -> None:
    lines = TEXT.splitlines()
    bare = []
    for number, line in enumerate(lines):
        if not re.match(r"^\s*(?:- )?[a-z_]+:", line) or "#" in line or line.rstrip().endswith(("flow:", "server:")):
            continue
        block = lines[max(0, number - 4) : number]
        if not any("#" in each for each in block):
            bare.append(line.strip())

    assert not bare
