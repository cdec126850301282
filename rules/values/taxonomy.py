"""What tickets are about, in three levels: issue type, area, issue. Written as one path: `billing.invoice.wrong_amount`.

The first level is the word of `issue_type`. A condition on `issue` names any level and holds for all that is below it. The words
that a ticket is known by stand in bot/senses/lists/issue.yaml; `support_tier` is where an issue is answered as a rule.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

GENERAL, TECHNICAL, SPECIALIST = 1, 2, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One issue. `support_tier`: 1 accounts, basics, questions on product and bills; 2 technical; 3 security and recovery."""

    path: str
    meaning: str
    support_tier: int

    @property
    def issue_type(self) -> str:
        return self.path.partition(".")[0]


def _rows(support_tier: int, **of_type: Mapping[str, str]) -> tuple[Issue, ...]:
    return tuple(
        Issue(path=f"{issue_type}.{path}", meaning=meaning, support_tier=support_tier)
        for issue_type, rows in of_type.items()
        for path, meaning in rows.items()
    )


ISSUES = (
    *_rows(
        SPECIALIST,
        security={
            "report.vulnerability": "somebody reports a weakness",
            "account.taken_over": "somebody else is in the customer's account",
            "data.leaked": "data is seen by people who must not see it",
            "message.phishing": "a message that pretends to come from us",
            "malware.infection": "a virus, ransomware",
            "question.compliance": "a question on certificates, contracts and where data is kept",
        },
        data_loss={
            "deleted.by_mistake": "the customer deleted something and wants it back",
            "missing.disappeared": "data is gone, and nobody deleted it",
            "damaged.corrupt": "data is there, and broken or overwritten",
            "restore.from_backup": "a wish for an older state",
        },
    ),
    *_rows(
        TECHNICAL,
        outage={
            "service.all_down": "nothing can be reached",
            "service.part_down": "one part is down for everybody",
            "service.degraded": "answers come late or not at all",
            "planned.maintenance": "a question on announced maintenance",
        },
        bug={
            "crash.closes": "the program ends by itself",
            "crash.freezes": "it hangs",
            "error.message": "it shows an error",
            "error.blank_page": "it shows nothing",
            "data.wrong_result": "it shows or computes something wrong",
            "data.not_saved": "what was entered is not kept",
            "files.export_fails": "files do not come out",
            "files.upload_fails": "files do not go in",
            "message.not_sent": "mails and notifications do not arrive",
            "speed.slow": "it works, and takes long",
            "display.layout": "it looks wrong",
        },
        integration={
            "api.fails": "calls of the API are answered with errors",
            "api.credentials": "keys and tokens of the API",
            "api.rate_limit": "too many calls",
            "webhook.not_received": "webhooks do not arrive",
            "sync.stopped": "two systems are no longer in step",
            "sso.setup": "single sign-on and user provisioning",
            "connector.third_party": "a connection to a product of somebody else",
        },
    ),
    *_rows(
        GENERAL,
        cancellation={
            "subscription.end": "the customer ends the subscription or contract",
            "account.close": "the customer wants the account closed or deleted",
            "renewal.stop": "the contract is not to renew",
            "plan.downgrade": "the customer wants less",
        },
        account_access={
            "password.reset": "the password is forgotten or does not change",
            "login.fails": "signing in does not work",
            "login.locked": "the account is locked",
            "second_factor.code": "one-time codes and devices",
            "permission.missing": "a right is missing",
            "users.manage": "people are added, removed, invited",
            "profile.change": "name, address, e-mail of the account",
            "identity.verification": "the customer has to prove who they are",
        },
        privacy={
            "erasure.request": "somebody wants their personal data deleted (GDPR, CCPA, LGPD): a legal clock runs",
            "access.request": "somebody wants to know which data is held about them, or a copy: a legal clock runs",
            "correction.request": "personal data is to be corrected, or not used any more; a consent is taken back",
            "contact.marketing": "somebody wants no more advertising, or asks where we have the address from",
        },
        billing={
            "invoice.wrong_amount": "the amount is not what was agreed",
            "invoice.missing": "an invoice or receipt is wanted",
            "invoice.details": "address, tax number, order number on it",
            "charge.double": "charged more than once",
            "charge.unexpected": "a charge or fee that the customer does not know",
            "refund.request": "money back",
            "refund.waiting": "money back that was promised and has not come",
            "payment.failed": "a payment does not go through",
            "payment.method": "another card or account to pay from",
            "plan.change": "a larger plan, more seats",
            "plan.price": "what it costs, discounts, quotes",
        },
        feature_request={
            "new.function": "something that is not there yet",
            "new.connection": "a connection to another product that is not there yet",
            "change.improvement": "something that should work better",
            "roadmap.when": "when something comes",
        },
        how_to={
            "use.function": "how something is done",
            "files.export_import": "how data gets out and in",
            "setup.start": "first steps, installing, setting up",
            "team.users": "how colleagues work with it",
            "reports.figures": "how figures and reports are made",
        },
        other={
            "feedback.praise": "thanks and praise",
            "feedback.complaint": "a complaint about us, not about a fault",
            "order.delivery": "where an order is",
            "order.returned": "returns, exchanges, warranty",
            "sales.inquiry": "somebody wants to buy, or to see it",
            "contact.callback": "somebody wants to be called",
        },
    ),
)
TYPES = (
    *("bug", "outage", "feature_request", "billing", "how_to", "account_access", "integration", "security", "data_loss"),
    *("cancellation", "privacy", "spam", "other"),
)


_PATH = re.compile(r"[a-z][a-z0-9_]{0,39}(\.[a-z][a-z0-9_]{0,39}){1,2}")


def is_path(word: str) -> bool:
    """Is this a shipped path, or one that a team may add (rules/loading/own_issues.py)?"""
    return word in PATHS or _PATH.fullmatch(word) is not None


def levels(path: str) -> tuple[str, ...]:
    """`billing.invoice.missing` as itself and all that it belongs to, the coarsest first."""
    parts = path.split(".")
    return tuple(".".join(parts[: count + 1]) for count in range(len(parts)))


PATHS = tuple(dict.fromkeys((*TYPES, *(level for each in ISSUES for level in levels(each.path)))))
_TIERS = {each.path: each.support_tier for each in ISSUES}


def support_tier(path: str) -> int | None:
    """Where it is answered, from any level: the highest of what is below. None for what is no issue."""
    below = [tier for each, tier in _TIERS.items() if each == path or each.startswith(f"{path}.")]
    return max(below, default=None)
