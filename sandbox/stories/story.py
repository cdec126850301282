"""The shape of a story file, checked on loading: who does what and when, and what should have come of it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from ruamel.yaml import YAML

FOLDER = Path(__file__).parent
MAIN = "main"

Does = Literal["create", "reply", "note", "update", "merge", "rate", "delete", "mark_spam"]
# at_once: without waiting. noted: once Deskhand's first note stands. settled: once Deskhand has left all tickets of the
# story alone for a moment.
When = Literal["at_once", "noted", "settled"]
Priority = Literal["none", "low", "normal", "high", "urgent"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Step(_Part):
    """`who`: an e-mail address; addresses at example.com are agents, all others customers. `ticket`: which of the story's
    tickets. `times`: so often in a row, with `{n}` in the body counting from 1. `opens_for`: an agent's create names its
    customer. `into`: where a merge goes."""

    who: str
    does: Does
    when: When = "at_once"
    ticket: str = MAIN
    subject: str = ""
    body: str = ""
    channel: Literal["email", "web", "chat", "api"] = "email"
    locale: str | None = None
    auto_generated: bool = False
    cc: tuple[str, ...] = ()
    opens_for: str | None = None
    times: Annotated[int, Field(ge=1, le=500)] = 1
    tags_add: tuple[str, ...] = ()
    tags_remove: tuple[str, ...] = ()
    priority: Priority | None = None
    status: Literal["open", "pending", "on_hold", "solved", "closed"] | None = None
    assignee: str | None = None
    team: str | None = None
    into: str | None = None
    score: Annotated[int, Field(ge=1, le=5)] | None = None

    @property
    def is_agent(self) -> bool:
        return self.who.endswith("@example.com")

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> Step:
        if self.does == "create" and not (self.subject and self.body):
            raise ValueError("a ticket is created with subject and body")
        if self.does in ("reply", "note") and not self.body:
            raise ValueError(f"a {self.does} has a body")
        if self.does in ("note", "update", "merge", "mark_spam", "delete") and not self.is_agent:
            raise ValueError(f"only an agent does {self.does}")
        return self


class TagsExpected(_Part):
    has: tuple[str, ...] = ()
    has_not: tuple[str, ...] = ()


class Expectation(_Part):
    """What stands in a ticket at the end; what is not named is not looked at. Unified words.

    `notes`: private notes by Deskhand. `draft`: a language for a suggested reply that stands in a note in it, "no" for
    none. `replies`: public replies that Deskhand sent, in whosever name. `escalated`: a note carries the five points. `macro`:
    proposed in a note. `written: false`: Deskhand changed nothing at all in this ticket.
    """

    priority: Priority | tuple[Priority, ...] | None = None
    status: str | None = None
    team: str | None = None
    assignee: str | None = None
    tags: TagsExpected = TagsExpected()
    notes: int | None = None
    draft: str | None = None
    replies: int = 0
    escalated: bool | None = None
    macro: str | None = None
    note_has: tuple[str, ...] = ()
    note_has_not: tuple[str, ...] = ()
    written: bool | None = None


class Story(_Part):
    """`id` is the file's name. `expect`: by the label of the ticket."""

    id: str
    title: str
    why: str
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]
    expect: dict[str, Expectation]

    @property
    def labels(self) -> tuple[str, ...]:
        """The story's tickets, in order of creation."""
        return tuple(step.ticket for step in self.steps if step.does == "create")

    @model_validator(mode="after")
    def _tickets_are_created_first(self) -> Story:
        seen: set[str] = set()
        for step in self.steps:
            if step.does == "create":
                seen.add(step.ticket)
            if step.ticket not in seen or (step.into and step.into not in seen):
                raise ValueError(f"ticket {step.ticket}: create it before it is used")
        if unknown := set(self.expect) - seen:
            raise ValueError(f"expect: no such ticket: {', '.join(sorted(unknown))}")
        return self


@cache
def load_stories(folder: Path = FOLDER) -> tuple[Story, ...]:
    """All stories of a folder by name. Raises pydantic's ValidationError with the path in the file."""
    yaml = YAML(typ="safe")
    return tuple(
        Story.model_validate({"id": path.stem, **yaml.load(path)})
        for path in sorted(folder.glob("*.yaml"))
        if not path.stem.startswith("_")
    )


def load_story(id: str) -> Story:
    """Raises KeyError."""
    return {story.id: story for story in load_stories()}[id]
