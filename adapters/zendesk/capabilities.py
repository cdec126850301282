"""How Zendesk carries each write kind. docs/providers/zendesk.md has the same table."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.writes import Capability, Support

# A survey goes out by an automation of the account, so it is kept from going out by a tag that the automation leaves out.
# https://support.zendesk.com/hc/en-us/articles/4408822876698
SURVEY_OFF_TAG = "no-survey"

_YES = Capability(support=Support.YES)


def _instead(fallback: str) -> Capability:
    return Capability(support=Support.FALLBACK, fallback=fallback)


CAPABILITIES: Mapping[str, Capability] = {
    "add_tags": _YES,
    "remove_tags": _YES,
    "set_priority": _YES,
    "set_status": _instead("As it is, but `on_hold` has no end (`until` is left out) and `other` is refused."),
    "set_assignee": _YES,
    "set_team": _YES,
    "set_field": _YES,
    "add_follower": _instead("An agent becomes a follower, anybody else is put in copy (CC)."),
    "remove_follower": _instead("An agent is taken from the followers, anybody else from the CCs."),
    "suppress_survey": _instead(f"The tag `{SURVEY_OFF_TAG}`; the account's survey automation must leave out tickets with it."),
    "note": _YES,
    "reply": _YES,
    "propose_macro": _instead("Shown in the plan's note."),
    "link": _instead("As the problem of this ticket, which becomes an incident; Zendesk knows no other link."),
    "merge": _YES,
}
