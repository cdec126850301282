"""The pages hold together: links lead somewhere, examples say what they say, nothing names somebody's machine."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, Example, anchors, examples, fences, is_json, is_shown, links, name_of, pages, run

EXAMPLES = [each for page in pages() for each in examples(page)]


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_links_inside_the_documentation_lead_somewhere(page: Path) -> None:
    broken = []
    for link in links(page):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)

    assert not broken


def test_every_page_can_be_reached_from_the_index() -> None:
    linked = {(ROOT / "docs" / link.partition("#")[0]).resolve() for link in links(ROOT / "docs" / "index.md")}
    linked |= {
        (ROOT / "docs/decisions" / link.partition("#")[0]).resolve() for link in links(ROOT / "docs" / "decisions" / "README.md")
    }

    missing = {name_of(page) for page in (ROOT / "docs").rglob("*.md") if page not in linked}

    assert missing == {"docs/index.md"}


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_no_page_names_a_machines_paths(page: Path) -> None:
    found = re.findall(r"(?<![\w/.])/(?:work|tmp|home|Users|root)/\S*", page.read_text(encoding="utf-8"))

    assert not found


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_every_page_begins_with_its_title(page: Path) -> None:
    assert re.match(r"# \S", page.read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_console_fences_hold_commands_that_are_run_here(page: Path) -> None:
    assert all(body.startswith("$ deskhand ") for body in fences(page, "console")), "write `sh` for what is not run"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: f"{each.page}: {each.command[:60]}")
def test_an_example_says_what_the_page_shows(example: Example, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("docs", "tests", "config.example.yaml"):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.chdir(tmp_path)  # nobody's config.yaml is read

    code, said = run(example.command, alone=is_json(example.shown))

    assert is_shown(example.shown, said), f"exit {code}; it says:\n{said[:4000]}"


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 8


def test_what_is_left_out_may_differ_and_nothing_else() -> None:
    said = '{"a": 1, "b": [1, 2, 3], "c": {"d": 4}}'

    assert is_shown('{"a": 1, "b": [2, "…"], "…": "…"}', said)
    assert is_shown('{"a": 1, "b": "…", "c": {"d": 4}}', said)
    assert not is_shown('{"a": 1}', said)
    assert not is_shown('{"a": 2, "…": "…"}', said)
    assert not is_shown('{"b": [3, 2, "…"], "…": "…"}', said)
    assert is_shown("one\n…\nthree", "one\ntwo\nthree")
    assert not is_shown("one", "one\ntwo")
