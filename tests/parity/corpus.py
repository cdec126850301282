"""The corpus' stories: theme files beside this one, each several stories by name, in the words of sandbox/stories/story.py.

Shorter in three ways: a person of the sandbox world goes by the first name, what has a subject is a `create`, and each step
waits until Deskhand has come to rest. `after_h` lets hours pass first. `fires` names rules that count in at least one of the
story's decisions on every helpdesk, `spares` rules that count in none.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, model_validator
from ruamel.yaml import YAML

from sandbox.stories.story import Expectation, Step, Story, When
from sandbox.world import load

FOLDER = Path(__file__).parent
THEMES = tuple(sorted(path.stem for path in FOLDER.glob("[!_]*.yaml")))


class CorpusStep(Step):
    when: When = "settled"
    after_h: Annotated[float, Field(ge=0)] = 0.0

    @model_validator(mode="before")
    @classmethod
    def _spelled_out(cls, given: Any) -> Any:
        spelled = dict(given)
        for name in ("who", "assignee", "opens_for"):
            if name in spelled:
                spelled[name] = address(spelled[name])
        if "cc" in spelled:
            spelled["cc"] = tuple(address(each) for each in spelled["cc"])
        if "subject" in spelled:
            spelled = {"does": "create", "when": "at_once", **spelled}
        return spelled


class CorpusStory(Story):
    why: str = ""  # the title says it
    steps: Annotated[tuple[CorpusStep, ...], Field(min_length=1)]
    expect: dict[str, Expectation] = Field(default_factory=dict)
    fires: frozenset[str] = frozenset()
    spares: frozenset[str] = frozenset()


@cache
def load_theme(theme: str) -> tuple[CorpusStory, ...]:
    """The stories of one file, in its order. Raises pydantic's ValidationError with the path in the story."""
    tree = YAML(typ="safe").load(FOLDER / f"{theme}.yaml")
    return tuple(CorpusStory.model_validate({"id": name, **story}) for name, story in tree.items())


def load_corpus() -> tuple[CorpusStory, ...]:
    return tuple(story for theme in THEMES for story in load_theme(theme))


def address(name: str) -> str:
    """`nina` -> her address; what is one already stays."""
    return name if "@" in name else _by_first_name()[name]


@cache
def _by_first_name() -> Mapping[str, str]:
    world = load()
    people = {each.email.partition("@")[0].partition(".")[0]: each.email for each in world.people}
    return people | {each.name.split()[-1 if each.email.startswith("lead.") else 0].lower(): each.email for each in world.agents}
