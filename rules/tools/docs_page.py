"""Writes docs/rules.md and docs/rules.schema.json from the registry, the operators and the action modules.

    python -m rules.tools.docs_page

A test fails when the committed files are not what this makes of the code.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent, indent

from rules.actions import ActionWord, action_words
from rules.actions._base import Scope
from rules.files.sources import pack_names
from rules.language.fields import CLOCKS, COMPANY, COUNTS, DECIDED, DERIVED, REQUESTER, SIGNALS, TICKET, WISHES, WITH_HISTORY
from rules.language.history_counts import EXAMPLES, MEANINGS, OPTIONS, CountKind
from rules.language.operators import OPERATORS
from rules.language.opinion_fields import opinion_fields
from rules.language.registry import CUSTOM_PREFIXES, Field, FieldType
from rules.tools.json_schema import schema_text
from rules.values.taxonomy import ISSUES

ROOT = Path(__file__).parents[2]

INTRODUCTION = """# Rules

This page is made by `python -m rules.tools.docs_page` from the code; a test fails when it is out of date.

A rule file is YAML: `values` (optional) and a list of `rules`; beside them or alone may stand `issues` and `areas` of your own,
which count for all files ([a team's own issues](senses.md#a-teams-own-issues)). The configuration's `rules:` names the files in
their order, paths or `pack:<name>`. `deskhand check` shows every problem with file, line and column; `deskhand test` also runs
the tests. Anchors, tags, merge keys (`<<`) and lists as keys are refused: each value is written where it counts.

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
    stage: live                # the default; draft: only its tests run; shadow: shows what it would write, and writes nothing
    limits: {per_ticket: 1}    # and per_hour, for this ticket; total_per_hour, for all: see "When a rule runs away"
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
- `tag_value` acts again while its condition goes on holding, when the value that its tag says has changed.
- `stop` counts as soon as its rule matches under one of its events, whether it fires or not.

### When a rule runs away

- On one ticket a rule goes round with Deskhand's own writes at most 4 times within an hour, or as often as its own `per_hour`
  says; then it is held back there, and the trace says so. Only turns count: it sets what Deskhand itself had set otherwise or
  taken off since. What changes nothing, and what a customer or an agent undid, is no turn.
- A rule that was held back on tickets of 3 customers within an hour rests for all tickets. So does one that wrote more often in
  an hour than `total_per_hour`, or, where it names none, than the configuration's `flow.rule_firings_per_hour`; there only
  writes count that no person's message was the cause of, so an outage with thousands of mails stops no rule. Customers are
  counted, not tickets: one person, or the people of one company, are one, and never more than a tenth of a limit.
- A rule at rest counts again by itself after `flow.rule_rest_s` (an hour); what came meanwhile it sees at the tickets' next
  events. `deskhand rules`, `deskhand doctor` and the log (`rule.switched_off`) say so; `deskhand rules enable` ends the rest at
  once.
- How often one ticket is written to, and every other brake: [operating](operating.md#brakes-and-stops).

## From a draft to a live rule

- `stage: draft`: only its tests run. `stage: shadow`: each run also decides with it, and keeps what it would have written
  (`deskhand runs RUN`, under `shadow`); nothing is written. `stage: live`, the default: it counts. A shadow rule remembers by
  itself what it would have done; once live it takes its first look at known tickets silently.
- Running processes follow the files: a changed file is taken up within seconds, as a new version, by all processes and from
  their next run on. `deskhand rules apply --reason TEXT` does the same at once and gives the version its reason.
- A version in which a rule becomes live, or a live rule means something else, needs passing tests for that rule and, where an
  account is live, a `deskhand backtest` of these very rules that is not older than `flow.backtest_days`. The first version that a
  database sees needs neither. What is refused changes nothing: the last good version stays, and `deskhand rules` and
  `deskhand doctor` say why.
- `deskhand rules versions` lists what ran when, by whom and why; `deskhand rules diff` shows the change;
  `deskhand rules rollback --reason TEXT` goes back. Files that hold a version that was taken back are not taken up again until
  they are changed, or `rules apply` says so.

## Conditions

One shape: `field: value`, `field: [any, of, these]` or `field: {operator: value}`, several operators meaning all of them;
nested in `all`, `any` and `not`. `changed: priority` is short for `priority: {changed: true}`; a list of fields means any of
them.

A fact that nobody knows never holds a condition, except `known: false`. Unknown is a third value: `not` of it is unknown as
well, so `not: {company.tier: enterprise}` does not act on a customer without a tier; where it should, write
`any: [{company.tier: {known: false}}, {not: {company.tier: enterprise}}]`. What the ticket itself tells is known even when
empty: an unassigned ticket's `assignee` is an empty text. A condition that becomes unknown neither fires a rule nor takes its
tag off.

`has`, `has_any`, `starts` and `ends` compare words in whatever letters people write them: case, width, accents (`has: résilier`
finds RESILIER), umlauts in both ways (`kündigung`, `kundigung` and `kuendigung` find one another; `du` does not find "due"),
invisible characters, kinds of hyphen. `has` finds whole words; Japanese, Chinese, Thai and Korean need no space beside them
(`환불` is found in 환불해주세요). In addresses (`requester.email`, `company.domain`, `url`) every letter counts, as it does in
`is`, in tags and in other sets, but for case and width. Regular expressions are RE2: linear in time, no look-around and no
back-references; they see the text as it was written. Durations are written with their unit: `30 min`, `4 h`, `60 days`.

`last_message` and `text` hold the customer's own words: no quoted history, signature or legal lines, and no lines of a bot or an
agent in a transcript ([whose words they are](senses.md#whose-words-they-are)). `last_message_raw` is the message as it came,
`quoted_text` what it quotes. In a rule's tests nobody reads a message: there its body counts as own words, unless
`own_words: {first: …, newest: …, quoted: …}` stands beside the ticket.
"""

TESTS = """## Tests beside a rule

`matches` means: the rule matches and fires, with exactly the actions in `writes` where that is given. `ignores` means: it does
not match. The facts are a ticket, or `ticket` with `company`, `requester`, `signals`, `own_words`, `clocks`, `counts`, `agents`,
`changes`, `events`, `toggled`, `state`, `decided`, `working_hours`, `in_working_time`, `is_first_sight` and `now` beside it;
everything has a default. A signal is a value or `{value, score}`. Without `events` a test happens under one of the rule's own;
without `now` it is Monday 2026-01-05, 12:00 UTC.

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
    ("What a model adds: a rule that asks it only adds tags, raises the priority, writes into the note", opinion_fields(WISHES)),
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
        if rows is COUNTS:
            yield from _counts()
    prefixes = ", ".join(f"`{prefix}<slug>`" for prefix in CUSTOM_PREFIXES)
    yield f"Custom fields: {prefixes}, with every operator; a value of another kind than the operator needs counts as unknown.\n"


COUNTING = """### Counting freely

A condition may say itself what to count. Beside the options stands any operator of a number.

```yaml
when:
  all:
    - tickets_by_requester: {last: 30 days, same_issue: true, at_least: 3}
    - companies_with_same_issue: {last: 24 h, at_least: 3}
    - not: {tickets_by_company: {last: 7 days, open: true, at_least: 10}}
```
"""

COUNTED = """
Counted are the tickets that Deskhand has looked at, of the same helpdesk account, without deleted ones and spam; one that was
merged into another counts as closed. The ticket at hand counts as it is now. People and companies are told apart by the
helpdesk's own ids (a company without one by its name). Where this ticket has no person or no company, a count of theirs is
unknown. "The same issue" is the same `issue` as far as both tickets tell it: `billing` goes with `billing.invoice.missing`, which
does not go with `billing.invoice.details`. `other` and `spam` say nothing, so there the count is unknown. A ticket keeps the
issue that it was about while a newer message tells none.

Nothing is asked while rules run: the rules say at load what they will ask, it is counted before they decide, and the answers
stand in the facts, so that a run is replayed with the same. There, in the facts of a test, and in texts, a count has its options
in its name: `{counts.tickets_by_requester.30d.same_issue}`, `counts: {companies_with_same_issue.24h: 3}`. A count that no rule
of the set asks for is unknown, and so is each of them for `deskhand decide` unless the file says it.
"""


def _counts() -> Iterator[str]:
    yield COUNTING
    yield "| condition | counts | example |\n|---|---|---|"
    for kind in CountKind:
        yield f"| `{kind}` | {MEANINGS[kind]} | `{json.dumps(EXAMPLES[kind])}` |"
    yield "\n| option | |\n|---|---|"
    yield from (f"| `{name}` | {meaning} |" for name, meaning in OPTIONS.items())
    yield COUNTED


def _field(field: Field) -> str:
    example = json.dumps(field.example, ensure_ascii=False)
    choices = f": {', '.join(field.choices)}" if field.choices and field.type is not FieldType.PATH else ""
    return f"| `{field.name}` | {field.type}{choices} | {field.meaning} | `{example}` |"


def _actions() -> Iterator[str]:
    yield "## Actions\n\nTexts may hold placeholders: `{requester.name}`, or any other field."
    yield "An empty one keeps its action away, and the trace says so."
    yield "Tags, macros, channels and policies are names: none is filled there, and one is refused."
    yield "`{{` and `}}` are the braces themselves.\n"
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


ISSUES_HEAD = """# Issues

This page is made by `python -m rules.tools.docs_page` from `rules/values/taxonomy.py`; a test fails when it is out of date.

What a ticket is about has three levels: type, area, issue. The signal `issue` tells them as one path, as fine as the customer's
words are clear: `billing.invoice.wrong_amount`, or `billing.invoice`, or `billing`. Its first level is the `issue_type`.
A condition names any level and holds for all below it:

```yaml
when:
  all:
    - issue: [billing.refund, billing.charge.double]
    - not: {issue: billing.refund.waiting}
```

`support_tier` is where such an issue is answered as a rule: 1 for accounts, basics, questions on product and bills; 2 for what is
technical; 3 for security and recovery. Of a coarser level it is the highest of what is below. How the words are found, and how
well, stands in [senses](senses.md). `spam` has no levels below it.

A team adds issues of its own in YAML, by examples: [A team's own issues](senses.md#a-teams-own-issues). Such a path,
`checkout.coupon`, counts as one of these types: `issue: billing` and `support_tier` hold for it as for others of its type.
"""


def issues_page() -> str:
    types = dict.fromkeys(each.issue_type for each in ISSUES)
    lines = [ISSUES_HEAD, f"{len(ISSUES)} issues of {len(types)} types:\n"]
    for issue_type in types:
        lines += [f"## {issue_type}\n", "| issue | what it is | tier |", "|---|---|---|"]
        found = (each for each in ISSUES if each.issue_type == issue_type)
        lines += [f"| `{each.path}` | {each.meaning} | {each.support_tier} |" for each in found]
        lines.append("")
    return "\n".join(lines)


def files() -> dict[Path, str]:
    """What belongs where."""
    pages = {"rules.md": rules_page(), "issues.md": issues_page(), "rules.schema.json": schema_text()}
    return {ROOT / "docs" / name: text for name, text in pages.items()}


def main() -> None:
    for path, text in files().items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
