"""The closed lists that a model chooses from: nothing else than what stands here is ever taken from an answer."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from bot.senses.language_guess import COMMON, RARE
from bot.senses.lexicon import tree
from rules.language.fields import WISHES
from rules.language.opinion_fields import MOODS, SEVERITIES
from rules.values.own_issues import NO_OWN_ISSUES, OwnIssues
from rules.values.taxonomy import ISSUES


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    """`issues`: path -> what it means, the shipped ones and the team's own. `counts_as`: a team's path -> its shipped type.
    `questions`: a short name -> the words that an agent would ask."""

    issues: Mapping[str, str]
    questions: Mapping[str, str]
    counts_as: Mapping[str, str]
    severities: tuple[str, ...] = SEVERITIES
    moods: tuple[str, ...] = MOODS
    wishes: tuple[str, ...] = WISHES
    languages: tuple[str, ...] = tuple(sorted(COMMON | RARE))

    @property
    def digest(self) -> str:
        """Another one where there is anything else to choose from."""
        chosen = [*self.issues.items(), *self.questions.items(), self.severities, self.moods, self.wishes, self.languages]
        return hashlib.sha256(repr(chosen).encode()).hexdigest()


@lru_cache(maxsize=4)
def lists_of(own: OwnIssues = NO_OWN_ISSUES) -> Lists:
    """The lists with the issues that the team's rule files add."""
    shipped = {each.path: each.meaning for each in ISSUES}
    mine = {each.path: "; ".join((*each.examples[:2], *each.phrases[:2])) for each in own.issues}
    questions = {
        f"{issue_type}.{number}": str(row["ask"])
        for issue_type, rows in tree("questions").items()
        for number, row in enumerate(rows, 1)
    }
    return Lists(issues={**shipped, **mine}, questions=questions, counts_as={each.path: each.issue_type for each in own.issues})
