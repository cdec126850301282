"""A macro as it would read on one ticket. Intercom has no call for it, so we fill the placeholders ourselves.

Two dialects: `{{user.first_name | fallback: "there"}}` in the text, `<attribute key="user.first_name" default="there"/>`
in the HTML. What has neither a value nor a fallback is named as missing, and such a macro is never proposed.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping

from adapters.html_text import to_text
from adapters.intercom.api import IntercomApi
from adapters.ticket import Macro, MacroPreview, Ticket

_TEXT = re.compile(r"\{\{\s*([\w.]+)\s*(?:\|\s*fallback:?\s*(?:\"([^\"{}]*)\"|'([^'{}]*)'))?\s*\}\}")
_ANY_LEFT = re.compile(r"\{\{\s*([^{}]{0,80}?)\s*\}\}")
_HTML = re.compile(r"<attribute\s([^<>]*?)/?>(?:\s*</attribute>)?", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"(\w+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")

# The names that macros use, and what they mean here.
VALUES: Mapping[str, Callable[[Ticket], str]] = {
    "name": lambda ticket: ticket.requester.name if ticket.requester else "",
    "first_name": lambda ticket: _first(ticket.requester.name if ticket.requester else ""),
    "last_name": lambda ticket: _rest(ticket.requester.name if ticket.requester else ""),
    "email": lambda ticket: ticket.requester.email if ticket.requester else "",
    "phone": lambda ticket: next(iter(ticket.requester.phones), "") if ticket.requester else "",
    "company.name": lambda ticket: ticket.company.name if ticket.company else "",
    "company.plan": lambda ticket: (ticket.company.plan or "") if ticket.company else "",
    "conversation.id": lambda ticket: ticket.number or ticket.external_id,
    "conversation.title": lambda ticket: ticket.subject,
    "ticket.id": lambda ticket: ticket.number or ticket.external_id,
    "ticket.title": lambda ticket: ticket.subject,
    "admin.name": lambda ticket: ticket.assignee.name if ticket.assignee else "",
    "admin.first_name": lambda ticket: _first(ticket.assignee.name if ticket.assignee else ""),
    "admin.email": lambda ticket: ticket.assignee.email if ticket.assignee else "",
}
_SAME_AS = {
    "user": "",
    "contact": "",
    "customer": "",
    "visitor": "",
    "lead": "",
    "teammate": "admin.",
    "author": "admin.",
    "agent": "admin.",
    "assignee": "admin.",
    "organization": "company.",
}


def preview(macro: Macro, ticket: Ticket, api: IntercomApi) -> MacroPreview:
    """The text with values filled in, fallbacks where there is none, and the names of those that have neither."""
    missing: list[str] = []

    def fill(key: str, fallback: str) -> str:
        value = _value(key, ticket) or fallback
        if not value:
            missing.append(key)
        return value

    def in_text(found: re.Match[str]) -> str:
        return fill(found[1], found[2] or found[3] or "")

    def in_html(found: re.Match[str]) -> str:
        given = {name.lower(): html.unescape(double or single) for name, double, single in _ATTRIBUTE.findall(found[1])}
        return html.escape(fill(given.get("key", ""), given.get("default", "")))

    if macro.text and not _HTML.search(macro.text):
        text = _TEXT.sub(in_text, macro.text)
    else:
        text = _TEXT.sub(in_text, to_text(_HTML.sub(in_html, macro.html or macro.text)))
    missing += [left for left in _ANY_LEFT.findall(text) if left]  # a placeholder that we cannot read
    return MacroPreview(macro=macro, text=text, missing=tuple(dict.fromkeys(missing)))


def _value(key: str, ticket: Ticket) -> str:
    head, _, rest = key.partition(".")
    name = _SAME_AS[head] + rest if head in _SAME_AS else key
    if name in VALUES:
        return VALUES[name](ticket)
    person, company = ticket.requester, ticket.company
    holder = company.custom if name.startswith("company.") and company else person.custom if person else {}
    found = {**ticket.custom, **holder}.get(name.rpartition(".")[2])
    return "" if found is None or isinstance(found, bool | tuple) else str(found)


def _first(name: str) -> str:
    return name.split()[0] if name.split() else ""


def _rest(name: str) -> str:
    return " ".join(name.split()[1:])
