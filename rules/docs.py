"""Writes docs/rules.md and docs/rules.schema.json from the registry, the operators and the action modules.

    python -m rules.docs

A test fails when the committed files are not what this makes of the code.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent, indent

from rules.actions import ActionWord, action_words
from rules.actions._base import Scope
from rules.fields import CLOCKS, COMPANY, COUNTS, DECIDED, DERIVED, REQUESTER, SIGNALS, TICKET, WITH_HISTORY
from rules.operators import OPERATORS
from rules.registry import CUSTOM_PREFIXES, Field, FieldType
from rules.schema import rule_file_schema
from rules.sources import pack_names

ROOT = Path(__file__).parents[1]

INTRODUCTION = """# Rules

This page is made by `python -m rules.docs` from the code; a test fails when it is out of date.

A rule file is YAML: `values` (optional) and a list of `rules`. The configuration's `rules:` names the files in their order,
paths or `pack:<name>`. `deskhand check` shows every problem with file, line and column; `deskhand test` also runs the tests.

```yaml
values:
  big_account: 50000        # override it under rule_values in config.yaml
rules:
  - id: vip-outage
    name: An outage at a VIP goes to the senior queue
    on: [ticket.created, customer.replied]   # the default
    when:
      all:
        - company.tier: [enterprise, professional]   # a list: any of
        - issue_type: {is: outage, confidence: 0.7}  # a signal, and how sure it must be
        - any:
            - subject: {has_any: ["down", "outage"]}
            - company.arr: {at_least: "${big_account}"}
        - not: {tags: {has: known-incident}}
    then:
      - raise_priority: urgent
      - toggle_tag: vip-outage
      - assign_team: Senior
      - draft_reply: {tone: executive}
    limits: {per_ticket: 1}    # and per_hour; both count this ticket only
    stop: false                # true: where this rule matches, the rest of the file is left out
    tests:
      - matches:
          ticket: {subject: "Everything is down"}
          company: {tier: enterprise}
          signals: {issue_type: {value: outage, score: 0.9}}
        writes: [raise_priority, toggle_tag, assign_team, draft_reply]
      - ignores: {ticket: {subject: "How do I export?"}, company: {tier: standard}}
```

## Order, state and limits

- Files run in the order of the configuration. All rules of one file see the same facts; a later file also sees what earlier
  ones decided, as `decided.*`.
- A rule is asked under its events (`on`). Its condition is a state: what it *sets* happens when the condition turns true, and
  not again while it stays true. What it *tells people* (the actions marked below) happens once on a ticket, or with
  `per: message` once for each new customer message while the condition holds.
- A rule that a ticket has not met before (a new one, or one whose meaning changed) takes its first look silently, unless the
  ticket itself is new to Deskhand. Meaning is `on`, `when`, `then`, `limits` and `stop`; name, tests and comments may change.
- On one field the later rule wins, and the trace names the loser. `raise_priority` only raises; one-step raises add up to
  their cap.
- `toggle_tag` takes off again only what Deskhand itself put on, once no rule that toggles the tag holds any more.
- `stop` counts as soon as its rule matches under one of its events, whether it fires or not.

## Conditions

One shape: `field: value`, `field: [any, of, these]` or `field: {operator: value}`, several operators meaning all of them;
nested in `all`, `any` and `not`. `changed: priority` is short for `priority: {changed: true}`; a list of fields means any of
them.

A fact that nobody knows never holds a condition, except `known: false`. Unknown is a third value: `not` of it is unknown as
well, so `not: {company.tier: enterprise}` does not act on a customer without a tier; where it should, write
`any: [{company.tier: {known: false}}, {not: {company.tier: enterprise}}]`. What the ticket itself tells is known even when
empty: an unassigned ticket's `assignee` is an empty text. A condition that becomes unknown neither fires a rule nor takes its
tag off.

Words are compared as whole words, whatever case or width (`has: café` finds CAFÉ). Regular expressions are RE2: linear in
time, no look-around and no back-references. Durations are written with their unit: `30 min`, `4 h`, `60 days`.
"""

TESTS = """## Tests beside a rule

`matches` means: the rule matches and fires, with exactly the actions in `writes` where that is given. `ignores` means: it does
not match. The facts are a ticket, or `ticket` with `company`, `requester`, `signals`, `clocks`, `counts`, `changes`, `events`,
`toggled`, `state`, `decided`, `in_working_time`, `is_first_sight` and `now` beside it; everything has a default. A signal is a
value or `{value, score}`. Without `events` a test happens under one of the rule's own; without `now` it is Monday 2026-01-05,
12:00 UTC.

Whether the tests would notice a mistake is found by making mistakes: `make mutate-rules FILES=my_rules.yaml` changes each
operator, threshold, value and action once and lists what no test noticed. Of the shipped packs the tests notice 99 %.

`deskhand check` and `deskhand test` also warn of a rule without tests, of one that matches everything, of conditions on one field
that exclude each other or leave nothing out, of rules that undo each other in a circle, and of two rules of a file that set one
field to different values. Circles and pairs are found by playing all rules on the tickets of their tests.

## Hashes

A rule set's hash covers the meaning of its rules and their order. A decision's `hash` covers for each rule whether it matched
and fired, the steps of those that matched (path and result), and the unified writes; not texts of notes, found values or ids,
which differ from helpdesk to helpdesk. `facts_hash` covers all facts except the vendors' raw payloads.
"""


def rules_page() -> str:
    return "\n".join([INTRODUCTION, *_operators(), *_fields(), *_actions(), TESTS, *_packs()])


def schema_text() -> str:
    return json.dumps(rule_file_schema(), indent=1, sort_keys=True) + "\n"


def _operators() -> Iterator[str]:
    yield "### Operators\n\n| operator | for | holds when |\n|---|---|---|"
    for name, each in OPERATORS.items():
        types = ", ".join(sorted(map(str, each.types)))
        if each.types == frozenset(FieldType):
            types = "fields with a history" if name.startswith("changed") else "every type"
        yield f"| `{name}` | {types} | {each.meaning} |"
    names = ", ".join(f"`{name}`" for name in sorted(WITH_HISTORY))
    yield f"\nFields with a history: {names}, `custom.<slug>`."
    yield "`assignee` and `team` know their new value only: no `changed_from`.\n"


_GROUPS = (
    ("Ticket", TICKET),
    ("Derived from the ticket and its events", DERIVED),
    ("Signals: what the detectors found; all take `confidence`, from 0 to 1", SIGNALS),
    ("Requester", REQUESTER),
    ("Company", COMPANY),
    ("Clocks", CLOCKS),
    ("Counts over history", COUNTS),
    ("What earlier files decided", DECIDED),
)


def _fields() -> Iterator[str]:
    yield "## Fields\n"
    for title, rows in _GROUPS:
        yield f"### {title}\n\n| field | type | meaning | example |\n|---|---|---|---|"
        yield from map(_field, rows)
        yield ""
    prefixes = ", ".join(f"`{prefix}<slug>`" for prefix in CUSTOM_PREFIXES)
    yield f"Custom fields: {prefixes}, with every operator; a value of another kind than the operator needs counts as unknown.\n"


def _field(field: Field) -> str:
    example = json.dumps(field.example, ensure_ascii=False)
    choices = f": {', '.join(field.choices)}" if field.choices else ""
    return f"| `{field.name}` | {field.type}{choices} | {field.meaning} | `{example}` |"


def _actions() -> Iterator[str]:
    yield "## Actions\n\nTexts may hold placeholders: `{requester.name}`, or any other field."
    yield "An empty one keeps its action away, and the trace says so.\n"
    for word in action_words().values():
        yield from _action(word)


def _action(word: ActionWord) -> Iterator[str]:
    summary, _, rest = word.doc.strip().partition("\n")
    text, _, example = rest.partition("then:\n")
    yield f"### {word.name}\n\n{_sentence(summary.removeprefix(word.name + ': '))}\n"
    if text.strip():
        yield text.strip() + "\n"
    if word.scope is Scope.MESSAGE:
        yield "Tells people: once per ticket, or per customer message (`per`).\n"
    yield f"```yaml\nthen:\n{indent(dedent(example).strip(), '  ')}\n```\n"
    options = [f"`{name}`{_default(word, name)}" for name in word.options.model_fields]
    short = f" A bare value is `{word.shorthand}`." if word.shorthand else ""
    yield f"Options: {', '.join(options) or 'none'}.{short}\n"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _default(word: ActionWord, name: str) -> str:
    field = word.options.model_fields[name]
    return "" if field.is_required() or field.default is None else f" (default `{field.default}`)"


def _packs() -> Iterator[str]:
    names = ", ".join(f"`pack:{name}`" for name in pack_names())
    yield f"## Packs\n\nIn `rules/packs`, each with its own comments, values and tests: {names}.\n"


def files() -> dict[Path, str]:
    """What belongs where."""
    return {ROOT / "docs" / "rules.md": rules_page(), ROOT / "docs" / "rules.schema.json": schema_text()}


def main() -> None:
    for path, text in files().items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
