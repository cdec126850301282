"""severity: p1 to p4, from what the ticket is about and how its words tell of it; unknown where nothing tells. Domain D2.

p1: down for many, data lost, a security incident, people in danger, revenue or a deadline blocked. p2: a core thing broken, no
way around. p3: degraded, with a way around. p4: cosmetic, how-to, a wish. Tier, revenue and mood are for the rules, not for
this signal.

What the words say, what is usual for the issue and the circumstances are weighed together (bot/senses/weighing.py). What costs
most when it is missed needs less to be said.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from adapters.ticket import Ticket
from bot.senses.conversation import issues_of, language_of
from bot.senses.detectors.issue import KNOWN, is_advertisement
from bot.senses.issues import FoundIssue, types_with_grave_sentences
from bot.senses.learned.answers import CIRCUMSTANCES, NONE, SEVERITIES
from bot.senses.learned.classifier import usual_severities
from bot.senses.quoting import quoted
from bot.senses.ticket_reading import TicketReading, reading
from bot.senses.weighing import likelihoods, weight
from rules.model.facts import Signal

P1 = 0.19  # likelihood from which it is p1, whatever is likelier (chosen as docs/senses.md says)
P1_OF_LIGHT = 0.3  # the same for an issue that hardly ever stops anybody's work: rage about it is no outage
LIGHT = frozenset({"other", "how_to", "feature_request", "cancellation", "privacy", "billing"})
CLEAR = 0.65  # likelihood of a circumstance from which the reason names it
OF_NONE = 0.2  # how much of a sentence without an issue counts for what is usual
OF_USUAL = 0.6  # how much what is usual counts beside what is said
OF_SAID = 0.4  # how much that product counts beside all signs weighed
FAULTS = frozenset({"bug", "outage", "integration", "account_access"})
WIDE, STOPPED = 0.4, 0.55  # likelihoods from which a fault hits many, and stops their work
MIN = 1e-3
FAMILIES = (
    *("security", "data_loss", "outage", "bug", "account_access", "billing", "how_to", "feature_request", "integration"),
    "privacy",
)
GRAVE = ("security", "data_loss", "outage")
LOUD = "urgent_words"  # how the matter is told, not how grave it is
MOST_SENTENCES = math.exp(3)


@dataclass(frozen=True, slots=True)
class Told:
    """What severity is weighed from."""

    found: TicketReading
    issue: FoundIssue


def detect(ticket: Ticket, text: str) -> Signal:
    """The step with its likelihood, the issue and the circumstances that moved it."""
    if is_advertisement(ticket, text):
        return Signal(value="p4", score=0.8, why="reads like advertisement or fraud")
    told = told_of(ticket, text)
    if told is None:
        return Signal(value=None, score=0.0, why="nothing tells how grave it is")
    likely = likelihoods_of(told, likelihoods("severity", signs_of(told)))
    step = step_of(told, likely)
    clear = (name.replace("_", " ") for name in CIRCUMSTANCES if told.found.somewhere("circumstance", name) >= CLEAR)
    return Signal(value=step, score=round(likely[step], 2), why=", ".join([told.issue.path, *clear, quoted(told.issue.quote)]))


def likelihoods_of(told: Told, weighed: Mapping[str, float]) -> dict[str, float]:
    """Of the four steps: all signs `weighed`, and what the words say times what is usual, which few words need no tickets for."""
    said = _times(told.found.whole["severity"], _usual(told.found))
    return {each: (1 - OF_SAID) * weighed[each] + OF_SAID * said[each] for each in SEVERITIES}


def step_of(told: Told, likely: Mapping[str, float]) -> str:
    """The likeliest, but p1 from P1 on, and where a fault that is not over stops everybody's work."""
    if likely["p1"] >= (P1_OF_LIGHT if told.issue.issue_type in LIGHT else P1) or _stops_all(told):
        return "p1"
    return max(SEVERITIES, key=lambda each: likely[each])


def _stops_all(told: Told) -> bool:
    said = {each: told.found.somewhere("circumstance", each) for each in CIRCUMSTANCES}
    is_over = any(said[each] >= CLEAR for each in ("harmless", "recovered", "cosmetic"))
    return told.issue.issue_type in FAULTS and not is_over and said["widespread"] >= WIDE and said["work_stopped"] >= STOPPED


def told_of(ticket: Ticket, text: str) -> Told | None:
    """None where nothing tells of any issue."""
    telling, issues, _ = issues_of(ticket, text)
    if not issues or issues[0].score < KNOWN:
        return None
    return Told(reading(telling, language_of(ticket, text)), issues[0])


def signs_of(told: Told) -> dict[str, float]:
    """By name, in a fixed order."""
    found, issue = told.found, told.issue
    usual, types = _usual(found), types_with_grave_sentences(found)
    return {
        **{f"said_{each}": weight(found.whole["severity"][each]) for each in SEVERITIES},
        **{f"usual_{each}": weight(usual[each]) for each in SEVERITIES},
        **{f"strongest_{each}": weight(found.strongest("severity", each)[0]) for each in ("p1", "p2")},
        "issue_sentence_p1": weight(_of_its_sentence(found, issue)),
        **{each: found.somewhere("circumstance", each) for each in CIRCUMSTANCES if each != LOUD},
        **{f"type_{each}": weight(types.get(each, 0.0)) for each in FAMILIES},
        **{f"first_{each}": float(issue.issue_type == each) for each in GRAVE},
        "length": math.log(min(MOST_SENTENCES, len(found.sentences))),
    }


def _of_its_sentence(found: TicketReading, issue: FoundIssue) -> float:
    """How likely it is p1 by the sentence that tells the issue alone: the rest may be about something lighter."""
    if issue.quote not in found.sentences or issue.path not in found.whole["issue"]:
        return 0.0
    said, usual = found.each[found.sentences.index(issue.quote)]["severity"], usual_severities(issue.path)
    return _times(said, usual)["p1"]


def _times(said: Mapping[str, float], usual: Mapping[str, float]) -> dict[str, float]:
    both = {each: math.exp(math.log(max(MIN, said[each])) + OF_USUAL * math.log(max(MIN, usual[each]))) for each in SEVERITIES}
    total = sum(both.values())
    return {each: value / total for each, value in both.items()}


@lru_cache(maxsize=16)
def _usual(found: TicketReading) -> Mapping[str, float]:
    """What is usual for all that it may be about, by how likely each is."""
    shares = dict.fromkeys(SEVERITIES, 0.0)
    total = 0.0
    for issue, value in found.whole["issue"].items():
        share_of = 0.5 * value + 0.5 * max(each["issue"][issue] for each in found.each)
        share_of *= OF_NONE if issue == NONE else 1.0
        total += share_of
        for step, share in usual_severities(issue).items():
            shares[step] += share_of * share
    return {step: share / (total or 1.0) for step, share in shares.items()}
