"""An account is the helpdesk that it points to. Under another name, or at another address, it would be taken for a helpdesk
that nobody has seen: each ticket would get its notes a second time, and other tickets of the same number would be taken for
known ones.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Engine

from adapters.errors import AccessDenied
from adapters.helpdesk import Helpdesk, identity_of
from adapters.ticket import Provider
from bot.config import Settings
from bot.store.helpdesks import account_identity
from bot.store.helpdesks.account_identity import Conflict


class AccountElsewhere(AccessDenied):
    """The account is not the helpdesk that this database knows by its name. Its calls are held until a person has said what
    it is."""


class AccountsDiffer(ValueError):
    """The configuration's accounts are not those that the database knows; the message says what to do."""


def claimed(helpdesk: Helpdesk, engine: Engine, known: set[str]) -> Helpdesk:
    """The helpdesk, if it is the one that this database knows by its account's name. `known`: what this process has asked
    already. Raises AccountElsewhere."""
    name, identity = helpdesk.account.name, helpdesk.identity
    if (asked := f"{name} {identity}") in known:
        return helpdesk
    with engine.begin() as connection:
        conflict = account_identity.claim(connection, name, identity)
    if conflict is not None:
        raise AccountElsewhere(in_words(name, identity, conflict))
    known.add(asked)
    return helpdesk


def require_known(engine: Engine, settings: Settings) -> None:
    """Raises AccountsDiffer."""
    if wrong := list(conflicts(engine, settings)):
        raise AccountsDiffer("\n".join(wrong))


def conflicts(engine: Engine, settings: Settings) -> Iterator[str]:
    """What is wrong with the configured accounts, as far as their addresses tell: at Intercom all workspaces have the same
    one."""
    for account in settings.accounts:
        if account.provider is Provider.INTERCOM:
            continue
        identity = identity_of(account.provider, account.address)
        with engine.begin() as connection:
            conflict = account_identity.claim(connection, account.name, identity)
        if conflict is not None:
            yield in_words(account.name, identity, conflict)


def in_words(name: str, identity: str, conflict: Conflict) -> str:
    """What is wrong and what to do, for who wrote the configuration."""
    if other := conflict.known_as:
        return (
            f"account {name}: {identity} is known here as `{other}`, and every ticket would get its notes again."
            f" Call it `{other}`, or end all processes and run `deskhand accounts rename {other} {name}`"
        )
    return (
        f"account {name}: pointed to {conflict.pointed_to} so far, and now to {identity}."
        f" For another helpdesk take another name; if it is the same at a new address run `deskhand accounts moved {name}`"
    )
