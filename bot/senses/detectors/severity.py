"""severity: p1 to p4, from what the ticket is about and how its words tell of it; unknown where nothing tells. Domain D2.

p1: down for many, data lost, a security incident, revenue or a deadline blocked. p2: a core thing broken, no way around. p3:
degraded, with a way around. p4: cosmetic, how-to, a wish. Tier, revenue and mood are for the rules, not for this signal.

How grave an issue is as a rule and what the words say are multiplied. What costs most when it is missed needs less to be
said.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from adapters.ticket import Ticket
from bot.senses.conversation import issues_of, language_of
from bot.senses.detectors.issue import KNOWN, is_advertisement
from bot.senses.issues import FoundIssue
from bot.senses.learned.answers import SEVERITIES
from bot.senses.learned.classifier import usual_severities
from bot.senses.quoting import quoted
from bot.senses.ticket_reading import TicketReading, reading
from rules.model.facts import Signal

# Chosen on the development half of tests/senses/first_day (docs/senses.md).
P1 = 0.35  # likelihood from which it is p1, whatever is likelier
P1_OF_GRAVE = 0.1  # the same where the issue is one that harms
SURE_OF_GRAVE = 0.4  # from here it is
OF_USUAL = 0.7  # how much what is usual counts beside what is said
OF_NONE = 0.2  # how much of a sentence without an issue counts for what is usual
NOT_GRAVE = ("harmless", "recovered", "cosmetic")
P1_OF_SENTENCE = 0.6  # the same by the one sentence that tells of it
FAULTS = frozenset({"bug", "outage", "integration", "account_access"})
WIDE, STOPPED = 0.4, 0.6  # likelihoods from which a fault hits many, and stops their work or their revenue
CLEAR = 0.75  # likelihood of a circumstance from which it counts
MIN = 1e-3


def detect(ticket: Ticket, text: str) -> Signal:
    """The step with its likelihood, the issue and the circumstances that moved it."""
    if is_advertisement(ticket, text):
        return Signal(value="p4", score=0.8, why="reads like advertisement or fraud")
    telling, issues, _ = issues_of(ticket, text)
    if not issues or issues[0].score < KNOWN:
        return Signal(value=None, score=0.0, why="nothing tells how grave it is")
    found = reading(telling, language_of(ticket, text))
    likely = likelihoods(found)
    said = {name: found.somewhere("circumstance", name) for name in found.whole["circumstance"]}
    step = _step(likely, _of_its_sentence(found, issues[0]), issues[0], said)
    clear = (name.replace("_", " ") for name, value in said.items() if value >= CLEAR)
    why = ", ".join([issues[0].path, *clear, quoted(issues[0].quote)])
    return Signal(value=step, score=round(max(likely[step], 0.4), 2), why=why)


def _of_its_sentence(found: TicketReading, issue: FoundIssue) -> float:
    """How likely it is p1 by the sentence that tells the issue alone: the rest may be about something lighter."""
    if issue.quote not in found.sentences or issue.path not in found.whole["issue"]:
        return 0.0
    said = found.each[found.sentences.index(issue.quote)]["severity"]
    return _times(said, usual_severities(issue.path))["p1"]


def likelihoods(found: TicketReading) -> dict[str, float]:
    """Of the four steps, adding up to 1."""
    return _times(found.whole["severity"], _usual(found))


def _times(said: Mapping[str, float], usual: Mapping[str, float]) -> dict[str, float]:
    logs = [math.log(max(MIN, said[each])) + OF_USUAL * math.log(max(MIN, usual[each])) for each in SEVERITIES]
    most = max(logs)
    raised = [math.exp(each - most) for each in logs]
    return {each: value / sum(raised) for each, value in zip(SEVERITIES, raised, strict=True)}


def _usual(found: TicketReading) -> dict[str, float]:
    """What is usual for all that it may be about, by how likely each is."""
    shares = dict.fromkeys(SEVERITIES, 0.0)
    total = 0.0
    for issue, value in found.whole["issue"].items():
        weight = 0.5 * value + 0.5 * max(each["issue"][issue] for each in found.each)
        weight *= OF_NONE if issue == "none" else 1.0
        total += weight
        for step, share in usual_severities(issue).items():
            shares[step] += weight * share
    return {step: share / (total or 1.0) for step, share in shares.items()}


def _step(likely: Mapping[str, float], of_sentence: float, issue: FoundIssue, said: Mapping[str, float]) -> str:
    is_over = any(said[name] >= CLEAR for name in NOT_GRAVE)
    is_grave = issue.is_harmful and issue.score >= SURE_OF_GRAVE and not is_over
    if likely["p1"] >= (P1_OF_GRAVE if is_grave else P1) or (is_grave and of_sentence >= P1_OF_SENTENCE):
        return "p1"
    stops_all = said["widespread"] >= WIDE and said["work_stopped"] >= STOPPED
    if issue.issue_type in FAULTS and not is_over and (said["revenue_loss"] >= STOPPED or stops_all):
        return "p1"
    step = max(SEVERITIES, key=lambda each: likely[each])
    return "p2" if issue.issue_type in FAULTS and step > "p2" and said["work_stopped"] >= CLEAR and not is_over else step
