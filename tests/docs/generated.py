"""The parts of the documentation that are made from the code, between `<!-- made: NAME -->` and `<!-- end -->`.

    python -m tests.docs.generated

writes them anew; a test fails when a page is out of date.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

import click

from adapters.registry import ADAPTERS
from adapters.ticket import Provider
from adapters.writes import Support
from bot.cli import main as deskhand
from bot.process import failpoints

ROOT = Path(__file__).parents[2]
_PART = re.compile(r"(?s)(<!-- made: ([\w -]+) -->\n)(.*?)(<!-- end -->)")
_HOW = {Support.YES: "as it is", Support.FALLBACK: "otherwise", Support.NO: "not at all"}
PASSED_ON = {"serve": "webhooks.py", "work": "worker.py", "sandbox": "sandbox/__main__.py"}  # argparse, in their own modules


def writes(provider: Provider) -> str:
    """How an adapter carries each write kind."""
    rows = ["| write | carried | how |", "|---|---|---|"]
    for kind, capability in ADAPTERS[provider].capabilities.items():
        fallback = re.sub(r"\s+", " ", capability.fallback).strip()
        rows.append(f"| `{kind}` | {_HOW[capability.support]} | {fallback[:1].upper() + fallback[1:]} |")
    return "\n".join(rows) + "\n"


def commands() -> str:
    context = click.Context(deskhand)
    return "\n".join(line for name in deskhand.list_commands(context) for line in _command(name, context)) + "\n"


def _command(name: str, context: click.Context) -> Iterator[str]:
    command = deskhand.get_command(context, name)
    assert command is not None
    yield f"### {name}\n\n{_words(command)}\n"
    if name in PASSED_ON:
        yield from _parsed_elsewhere(ROOT / PASSED_ON[name])
    else:
        yield from _parameters(command, context)
    if isinstance(command, click.Group):
        for inner in command.list_commands(context):
            found = command.get_command(context, inner)
            assert found is not None
            takes = " ".join(each.make_metavar(context) for each in found.params if isinstance(each, click.Argument))
            yield f"- `deskhand {name} {inner}{' ' + takes if takes else ''}`: {_words(found)}"
        yield ""


def _words(command: click.Command) -> str:
    return " ".join((command.help or "").split())


def _parameters(command: click.Command, context: click.Context) -> Iterator[str]:
    rows = []
    for each in command.params:
        if isinstance(each, click.Argument):
            rows.append(f"| `{each.make_metavar(context)}` | |")
        elif isinstance(each, click.Option):
            rows.append(f"| `{_flags(each)}` | {_about(each)} |")
    if rows:
        yield "\n".join(["| | |", "|---|---|", *rows, ""])


def _flags(option: click.Option) -> str:
    choices = f" {'/'.join(option.type.choices)}" if isinstance(option.type, click.Choice) else ""
    return ", ".join(option.opts) + ("" if option.is_flag else choices or f" {option.type.name.upper().split()[0]}")


def _about(option: click.Option) -> str:
    default = f" Default: `{option.default}`." if option.show_default and option.default is not None else ""
    return f"{' '.join((option.help or '').split())}{default}{' Required.' if option.required else ''}".strip()


def _parsed_elsewhere(module: Path) -> Iterator[str]:
    """The options of a command that is a module of its own."""
    found = re.findall(r'add_argument\("(--[\w-]+)"(.*?)\)\n', module.read_text(encoding="utf-8"))
    rows = [f"| `{flag}` | {_help_of(rest)} |" for flag, rest in found]
    yield "\n".join(["| | |", "|---|---|", *rows, ""])


def _help_of(rest: str) -> str:
    said = re.search(r'help="([^"]*)"', rest)
    return said[1].replace(" (default: %(default)s)", "") if said else "The settings."


def checkpoint_names() -> str:
    return "\n".join(f"- `{name}`" for name in failpoints.NAMES) + "\n"


PARTS: Mapping[str, Callable[[], str]] = {
    **{f"writes {each.value}": partial(writes, each) for each in Provider},
    "commands": commands,
    "checkpoints": checkpoint_names,
}


def made_anew(text: str) -> str:
    """The page with its made parts as the code says now. Raises KeyError for an unknown part."""
    return _PART.sub(lambda found: found[1] + PARTS[found[2]]() + found[4], text)


def parts_of(text: str) -> set[str]:
    return {name for _, name, _, _ in _PART.findall(text)}


def main() -> None:
    for page in sorted((ROOT / "docs").rglob("*.md")):
        text = page.read_text(encoding="utf-8")
        if (new := made_anew(text)) != text:
            page.write_text(new, encoding="utf-8")


if __name__ == "__main__":
    main()
