"""Do the tests beside the shipped rules notice when a rule is wrong? Each operator, threshold, value and action of every pack is
changed, one at a time, and the rule's own tests are run against it (our first F2).

    python -m scripts.mutate_rules                 # all packs
    python -m scripts.mutate_rules --only vip      # one of them
    python -m scripts.mutate_rules my_rules.yaml   # a file of one's own

Prints a line for each survivor, then `F2 <killed of tried> <goal> ok|missed`. A changed rule that cannot be loaded is no mutant.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rules.engine.ruleset import RuleSet
from rules.files.sources import PACKS, RulesInvalid, Source, pack_names
from rules.files.yaml_file import parse_yaml, plain
from rules.loading.load import load_rules
from rules.tools.run_tests import failures

GOAL_PERCENT = 90.0
OPPOSITES = {
    "at_least": "under",
    "under": "at_least",
    "at_most": "over",
    "over": "at_most",
    "before": "after",
    "after": "before",
    "older_than": "newer_than",
    "newer_than": "older_than",
    "has_any": "has_none",
    "has_none": "has_any",
    "changed_to": "changed_from",
    "changed_from": "changed_to",
}
NOBODY = "nobody-has-this"
Tree = Any


@dataclass(frozen=True, slots=True)
class Mutant:
    """`what`: the change in words. `rule`: the changed rule as plain YAML."""

    rule: Mapping[str, Tree]
    what: str


Choice = Callable[[list[Mutant]], list[Mutant]]


def mutants(rule: Mapping[str, Tree]) -> Iterator[Mutant]:
    """Every small change of a rule's condition and actions."""
    for when, what in _conditions(rule.get("when"), "when"):
        yield Mutant({**rule, "when": when}, what)
    actions = list(rule.get("then", []))
    for place, action in enumerate(actions):
        name = action if isinstance(action, str) else next(iter(action))
        rest = actions[:place] + actions[place + 1 :]
        if rest:
            yield Mutant({**rule, "then": rest}, f"then[{place}]: {name} left out")
        other = {"add_tags": [NOBODY]} if name != "add_tags" else {"remove_tags": [NOBODY]}
        yield Mutant(
            {**rule, "then": [*actions[:place], other, *actions[place + 1 :]]}, f"then[{place}]: {name} is another action"
        )


def _conditions(tree: Tree, at: str) -> Iterator[tuple[Tree, str]]:
    if not isinstance(tree, dict):
        return
    for name, inside in tree.items():
        rest = {key: each for key, each in tree.items() if key != name}
        if rest:
            yield rest, f"{at}.{name} left out"
        if name in ("all", "any"):
            other = "any" if name == "all" else "all"
            if len(inside) > 1:
                yield {**rest, other: inside}, f"{at}.{name} is {other}"
            for place, part in enumerate(inside):
                if len(inside) > 1:
                    yield {**tree, name: inside[:place] + inside[place + 1 :]}, f"{at}.{name}[{place}] left out"
                for changed, what in _conditions(part, f"{at}.{name}[{place}]"):
                    yield {**tree, name: [*inside[:place], changed, *inside[place + 1 :]]}, what
        elif name == "not":
            yield {**rest, **inside}, f"{at}.not is gone"
            for changed, what in _conditions(inside, f"{at}.not"):
                yield {**tree, name: changed}, what
        elif name != "changed":
            for changed, what in _tests(inside, f"{at}.{name}"):
                yield {**tree, name: changed}, what


def _tests(tree: Tree, at: str) -> Iterator[tuple[Tree, str]]:
    """Changes of what one field is compared with."""
    if not isinstance(tree, dict):
        yield from _values(tree, at)
        return
    for word, value in tree.items():
        rest = {key: each for key, each in tree.items() if key != word}
        if word in OPPOSITES:
            yield {**rest, OPPOSITES[word]: value}, f"{at}: {word} is {OPPOSITES[word]}"
        for changed, what in _values(value, f"{at}.{word}"):
            yield {**tree, word: changed}, what


def _values(value: Tree, at: str) -> Iterator[tuple[Tree, str]]:
    if isinstance(value, bool):
        yield not value, f"{at} is {not value}"
    elif isinstance(value, int | float):
        yield from ((changed, f"{at} is {changed}") for changed in _numbers(value))
    elif isinstance(value, str):
        yield NOBODY, f"{at} is another word"
    elif isinstance(value, list) and len(value) > 1:
        yield from ((value[:place] + value[place + 1 :], f"{at}: without {one}") for place, one in enumerate(value))
    elif isinstance(value, list):
        yield [NOBODY], f"{at} is another word"


def _numbers(value: float) -> list[float]:
    """A threshold that is clearly another one, on both sides."""
    if 0 < value < 1:
        return [round(value / 2, 4), round((1 + value) / 2, 4)]
    return [value * 2 + 1, value // 2 - 1]


def judged(source: Source, values: Mapping[str, Any] | None = None, chosen: Choice = list) -> tuple[int, list[str]]:
    """(mutants tried, those that the rules' own tests did not notice) of one file. `chosen`: which of them are tried."""
    tree = plain(parse_yaml(source.text, source.name))
    tried, survivors = 0, []
    for mutant in chosen([each for rule in tree["rules"] for each in mutants(rule)]):
        made = _loaded({**tree, "rules": [mutant.rule]}, source.name, values)
        if made is None:
            continue
        tried += 1
        if not failures(made):
            survivors.append(f"{source.name}: {mutant.rule['id']}: {mutant.what}")
    return tried, survivors


def _loaded(tree: Tree, name: str, values: Mapping[str, Any] | None) -> RuleSet | None:
    try:
        return load_rules([Source(name, json.dumps(tree, default=str))], values)
    except RulesInvalid:
        return None


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path, help="rule files of one's own instead of the packs")
    parser.add_argument("--only", help="this pack")
    chosen = parser.parse_args(arguments)
    names = [chosen.only] if chosen.only else pack_names()
    sources = [Source(str(path), path.read_text(encoding="utf-8")) for path in chosen.files] or [
        Source(f"pack:{name}", (PACKS / f"{name}.yaml").read_text(encoding="utf-8")) for name in names
    ]
    tried, survivors = 0, list[str]()
    for source in sources:
        count, lived = judged(source)
        tried, survivors = tried + count, survivors + lived
        print(f"# {source.name}: {count - len(lived)} of {count}", file=sys.stderr)
    for each in survivors:
        print(f"survived: {each}")
    percent = 100.0 * (tried - len(survivors)) / tried if tried else 0.0
    is_met = percent >= GOAL_PERCENT
    print(f"F2 {percent:.1f}%_of_{tried} >={GOAL_PERCENT:g}% {'ok' if is_met else 'missed'}")
    return 0 if is_met else 1


if __name__ == "__main__":
    sys.exit(main())
