"""What action modules share: the shape of options, scopes, and what an effect is told about its rule."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal, Protocol

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, PlainSerializer, StringConstraints, ValidationInfo
from pydantic import WithJsonSchema as JsonSchema

from adapters.ticket import Json
from rules.language.fields import FIELDS
from rules.language.registry import Registry
from rules.language.templates import check, literal, render
from rules.model.effects import Wish
from rules.model.facts import Facts
from rules.model.view import View
from rules.values.durations import parse_duration
from rules.values.text import normal
from rules.values.verdict_tags import TAGS as VERDICT_TAGS
from rules.values.verdict_tags import meant


class Scope(StrEnum):
    STATE = "state"  # sets something: fires when the condition turns true
    MESSAGE = "message"  # tells somebody something: at most once per ticket, or per customer message (option `per`)


class ActionOptions(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False, str_strip_whitespace=True)

    def meaning(self) -> dict[str, Json]:
        """What the rule's hash covers. An option that a version adds must not change the hash of rules that do not use it:
        they would count as new, and look at every ticket silently once more."""
        return self.model_dump(mode="json")

    def is_outdated(self, view: View, registry: Registry) -> bool:
        """Whether it has to be done again while its condition goes on holding, since what it says has changed."""
        return False


Per = Literal["ticket", "message"]


class MessageOptions(ActionOptions):
    """`per: ticket` fires once on a ticket; `per: message` again for each new customer message while the condition holds."""

    per: Per = "ticket"


@dataclass(frozen=True, slots=True)
class RuleRef:
    """The rule that acts. `view` is what its file's rules see, with `decided.*` of earlier files."""

    id: str
    name: str
    view: View
    registry: Registry = FIELDS

    def fill(self, text: str) -> str:
        """The text with its placeholders filled. Raises Blocked where one is empty."""
        return render(text, self.view, self.registry)


class Effect(Protocol):
    # Each module's function takes its own Options; the loader pairs them.
    def __call__(self, options: Any, facts: Facts, rule: RuleRef) -> Wish | Iterable[Wish]: ...


def _template(text: str, info: ValidationInfo) -> str:
    registry = (info.context or {}).get("registry", FIELDS)
    return check(text, registry)


def template_if_text(value: Any, info: ValidationInfo) -> Any:
    """For an option that may also be a number or true and false."""
    return _template(value, info) if isinstance(value, str) else value


def _tag(text: str) -> str:
    """Tags are compared case-folded, and Zendesk cuts them at spaces."""
    tag = normal(text)
    words = _NOT_IN_TAGS.sub(" ", tag).split()
    if words != [tag]:
        raise ValueError(f"a tag is one word without spaces, commas or quotes: write {'-'.join(words) or 'one'}")
    return tag


def _no_verdict(tag: str) -> str:
    """Raises ValueError for a tag by which people judge a suggested reply, and for one that would be taken for such a tag."""
    if tag in VERDICT_TAGS:
        raise ValueError(f"`{tag}` is an agent's word about a suggested reply: no rule may set it")
    if near := meant(tag):
        raise ValueError(f"`{tag}` would be taken for a mistyped `{near}` and come off again: choose another name")
    return tag


_NOT_IN_TAGS = re.compile(r"[\s,\"']")


def _duration(value: object) -> object:
    if isinstance(value, timedelta):
        return value
    if not isinstance(value, str):
        raise ValueError("wanted a duration such as `30 min`, `4 h` or `60 days`")
    found = parse_duration(value)
    if found <= timedelta():
        raise ValueError("wanted a duration longer than nothing")
    return found


def listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


Text = Annotated[str, StringConstraints(min_length=1, max_length=4000, strict=True)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, strict=True)]
Template = Annotated[Text, AfterValidator(_template)]
NameTemplate = Annotated[Name, AfterValidator(_template)]
LiteralName = Annotated[Name, AfterValidator(literal)]
Tag = Annotated[LiteralName, AfterValidator(_tag)]
Tags = Annotated[tuple[Tag, ...], BeforeValidator(listed)]
TagToSet = Annotated[Tag, AfterValidator(_no_verdict)]
TagsToSet = Annotated[tuple[TagToSet, ...], BeforeValidator(listed)]
Duration = Annotated[
    timedelta,
    BeforeValidator(_duration),
    PlainSerializer(lambda value: value.total_seconds(), return_type=float),
    JsonSchema({"type": "string", "examples": ["30 min", "4 h", "60 days"]}),
]
