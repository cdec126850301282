"""What the newest words of a ticket tell, sentence by sentence: read once, asked by all detectors."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from bot.senses.learned.answers import ISSUES, NONE
from bot.senses.learned.choosing import chosen
from bot.senses.learned.classifier import Likelihoods, read
from bot.senses.learned.sentences import sentences
from bot.senses.lexicon import lexicon

MAX_WHOLE = 1_200  # letters of the whole text that are read at once
OF_WHOLE = 0.4  # how much the whole text counts beside its sentences, for what it is about
SECURITY = "security"
FAINT = 0.3  # likelihood of a sentence below which it hardly counts for security: many faint hints of a leak are no leak
MOST_OF_ONE = 0.98  # no sentence alone is certain
_TYPES = tuple((path, path.partition(".")[0]) for path in ISSUES if path != NONE)
OF_PHRASES = 0.25  # how much listed phrases count: they help where a few words are all that is said


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TicketReading:
    """`sentences` with the likelihoods of each, `types` with those of their issue types, and those of the `whole` text. One is
    equal to itself alone, so that what is found in it can be remembered."""

    text: str
    sentences: tuple[str, ...]
    each: tuple[Likelihoods, ...]
    types: tuple[Mapping[str, float], ...]
    whole: Likelihoods

    @property
    def is_empty(self) -> bool:
        return not self.sentences

    def strongest(self, head: str, answer: str) -> tuple[float, str]:
        """The greatest likelihood of an answer among the sentences, and the sentence."""
        if self.is_empty:
            return 0.0, ""
        likely, place = max((found[head][answer], -place) for place, found in enumerate(self.each))
        return likely, self.sentences[-place]

    def somewhere(self, head: str, answer: str) -> float:
        """Half what the likeliest sentence says, half what the whole does."""
        return 0.5 * self.strongest(head, answer)[0] + 0.5 * self.whole[head][answer]


@lru_cache(maxsize=16)
def reading(text: str, language: str = "") -> TicketReading:
    """The reading of a text; of no text an empty one, in which nothing is likely."""
    found = tuple(chosen(sentences(text)))
    likely = read([*found, text[:MAX_WHOLE]], language)
    *each, whole = likely
    types = tuple(types_of(said) for said in each)
    return TicketReading(text=text, sentences=found, each=tuple(each), types=types, whole=whole)


def issue_likelihoods(found: TicketReading) -> dict[str, float]:
    """Each issue type's likelihood: that one sentence at least tells of it, and that the whole does."""
    by_type: dict[str, float] = defaultdict(lambda: 1.0)
    for types in found.types:
        for issue_type, value in types.items():
            told = value * value / FAINT if issue_type == SECURITY and value < FAINT else value
            by_type[issue_type] *= 1 - min(MOST_OF_ONE, told)
    whole = types_of(found.whole)
    learned = {each: (1 - OF_WHOLE) * (1 - by_type[each]) + OF_WHOLE * value for each, value in whole.items()}
    listed = _listed(found.text)
    return {each: 1 - (1 - value) * (1 - OF_PHRASES * listed.get(each, 0.0)) for each, value in learned.items()}


def path_likelihoods(found: TicketReading, issue_type: str) -> dict[str, float]:
    """The same for the paths of one type, to be compared with each other."""
    paths = [path for path in found.whole["issue"] if path.startswith(f"{issue_type}.")]
    return {
        path: OF_WHOLE * found.whole["issue"][path]
        + (1 - OF_WHOLE) * (1 - math.prod(1 - min(MOST_OF_ONE, likely["issue"][path]) for likely in found.each))
        for path in paths
    }


def _listed(text: str) -> dict[str, float]:
    """How surely the phrases of lists/issue_type.yaml that are said, and not negated, name each type."""
    weights: dict[str, float] = defaultdict(float)
    for hit in lexicon("issue_type").said(text):
        weights[hit.label] += hit.weight
    return {issue_type: max(0.0, 1 - 0.5 / weight) for issue_type, weight in weights.items() if weight}


def types_of(likely: Likelihoods) -> dict[str, float]:
    """Each issue type's likelihood in one sentence, that of its paths together; without what is about nothing."""
    found: dict[str, float] = defaultdict(float)
    paths = likely["issue"]
    for path, issue_type in _TYPES:
        found[issue_type] += paths[path]
    return dict(found)
