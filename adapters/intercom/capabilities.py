"""What Intercom can carry of each write, and what happens instead where it cannot. Named again in docs/providers."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.writes import Capability, Support

_YES = Capability(support=Support.YES)


def _fallback(how: str, *, is_read_back: bool = True) -> Capability:
    return Capability(support=Support.FALLBACK, fallback=how, is_read_back=is_read_back)


CAPABILITIES: Mapping[str, Capability] = {
    "add_tags": _YES,
    "remove_tags": _YES,
    "set_priority": _fallback(
        "only the Preview version writes it; before, a tag (priority-low, -normal, -high, -urgent) or the attribute in "
        "options.priority_attribute carries it and is read back, unless a native priority was set later; Intercom "
        "tickets have no priority, so a tag or an attribute always carries theirs"
    ),
    "set_status": _fallback(
        "on conversations pending is the tag pending-customer (with a snooze where a date is given), new and open are "
        "both open, solved and closed are both closed; on_hold without a date snoozes for options.snooze_hours"
    ),
    "set_assignee": _YES,
    "set_team": _YES,
    "set_field": _YES,
    "add_follower": _fallback(
        "a line in the note; or a participant, whom the customer sees, with options.followers: participant",
        is_read_back=False,
    ),
    "remove_follower": _fallback("a line in the note", is_read_back=False),
    "suppress_survey": _fallback("the tag survey-off, which a Workflow of the workspace has to heed"),
    "note": _YES,
    "reply": _YES,
    "propose_macro": Capability(
        support=Support.YES, fallback="rendered by us inside the note; Intercom has no call that applies one"
    ),
    "link": _fallback("a line in the note", is_read_back=False),
    "merge": _fallback("a line in the note, for a person to merge in the inbox"),
}
