"""What a message is made of: parts with a role, and which roles are whose words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    GREETING = "greeting"
    OWN = "own_words"
    ANSWER = "answer"  # own words between or below quotes
    FORWARDED = "forwarded"  # a mail that the customer hands on: their matter
    FORM = "form"  # fields of a form
    TABLE = "table"
    LOG = "log"
    CODE = "code"
    ATTACHMENT = "attachment"  # the name of a file
    ANSWERED_QUOTE = "answered_quote"  # quoted lines without a heading, answered one by one
    HEADING = "heading"  # what a mail program writes above an older mail
    QUOTE = "quote"
    SIGNATURE = "signature"
    LEGAL = "legal"  # notices, imprints, banners
    STAFF = "staff"  # a bot's or an agent's lines of a transcript
    HIDDEN = "hidden"  # in the HTML, and no reader sees it


# What the customer put into the message, as somebody who reads it sees it.
VISIBLE = frozenset(
    {
        Role.GREETING,
        Role.OWN,
        Role.ANSWER,
        Role.FORWARDED,
        Role.FORM,
        Role.TABLE,
        Role.LOG,
        Role.CODE,
        Role.ATTACHMENT,
        Role.ANSWERED_QUOTE,
    }
)
OWN = VISIBLE - {Role.ANSWERED_QUOTE, Role.ATTACHMENT}
SPOKEN = OWN - {Role.LOG, Role.CODE}  # a program's words tell nothing of what a person wants
QUOTED = frozenset({Role.QUOTE, Role.ANSWERED_QUOTE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What is known of a message beside its text.

    `is_first`: nobody has written before; None where that is not known. `author`: the customer's name. `earlier`: what agents
    wrote before it. `is_chat`: from a channel that brings neither quotes nor signatures.
    """

    is_first: bool | None = None
    subject: str = ""
    author: str = ""
    earlier: tuple[str, ...] = ()
    is_chat: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """Lines beside each other that have one role."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A message in parts, in their order. `whole`: its text, bounded. `is_first`: as the context said."""

    parts: tuple[Part, ...]
    whole: str = ""
    is_first: bool | None = None

    @property
    def visible(self) -> str:
        """The reply as somebody reads it, without history and signature; the whole text where there is nothing else."""
        found = self.text(VISIBLE)
        return found or ("" if self._has(Role.HEADING, Role.STAFF, Role.HIDDEN) else self.whole)

    @property
    def own(self) -> str:
        """The customer's own words. Where there are none: what is quoted in a first message, and nothing in a later one."""
        return self._own(OWN)

    @property
    def spoken(self) -> str:
        """Own words without logs and code: what detectors read."""
        return self._own(SPOKEN) or self.own

    @property
    def quoted(self) -> str:
        """What others wrote before, without the marks of quotes."""
        return self.text(QUOTED)

    def text(self, roles: frozenset[Role]) -> str:
        return "\n".join(part.text for part in self.parts if part.role in roles).strip()

    def _own(self, roles: frozenset[Role]) -> str:
        found = self.text(roles)
        if found or self.is_first is False:
            return found
        return self.quoted or ("" if self._has(Role.STAFF, Role.HIDDEN, Role.ATTACHMENT) else self.whole)

    def _has(self, *roles: Role) -> bool:
        return any(part.role in roles for part in self.parts)
