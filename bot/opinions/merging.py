"""An opinion beside the detectors' signals: `opinion.issues`, `opinion.severity`, … Pure.

It adds and raises. What a detector said stays, whatever the model says: no issue, wish or question is taken away, no severity
lowered, no worse mood made a better one, and the signals themselves are not touched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from bot.opinions.answer import Opinion, Said
from bot.opinions.lists import Lists
from bot.senses.quoting import quoted
from rules.language.opinion_fields import FAMILY, MOODS, SEVERITIES
from rules.model.facts import Signal

OF_MODEL = 0.5  # nothing says how sure a model is: no rule that asks for confidence goes by its word alone
SURE_LANGUAGE = 0.75  # from here the detectors' language stands
_BAD_FIRST = {mood: place for place, mood in enumerate(MOODS)}


def opinion_signals(
    signals: Mapping[str, Signal], opinion: Opinion, lists: Lists, model: str, restored: Callable[[str], str]
) -> dict[str, Signal]:
    """The signals `opinion.*`. `signals`: what the detectors found. `model`: its name, the `source` of what it adds."""
    source = f"model {model}"

    def why(parts: Iterable[Said]) -> str:
        return ", ".join(f"{each.value} {quoted(restored(each.span))}" for each in parts)

    def joined(name: str, parts: tuple[Said, ...], words: Callable[[Said], tuple[str, ...]]) -> Signal:
        """The detectors' list and what the model adds to it."""
        known = signals.get(name) or Signal(value=(), score=OF_MODEL)
        have = known.value if isinstance(known.value, tuple) else ()
        new = [each for each in parts if words(each)[0] not in have]
        added = tuple(dict.fromkeys(word for each in new for word in words(each) if word not in have))
        return _with(known, (*have, *added), source if added else "", why(new))

    found = {
        "issues": joined("issues", opinion.issues, lambda each: _paths(each.value, lists)),
        "wishes": joined("wishes", opinion.wishes, lambda each: (each.value,)),
        "questions_to_ask": joined("questions_to_ask", opinion.questions, lambda each: (lists.questions[each.value],)),
        "severity": _severity(signals.get("severity") or Signal(score=0.0), opinion.severity, source, why),
        "sentiment": _mood(signals.get("sentiment") or Signal(score=0.0), opinion.mood, source, why),
        "language": _language(signals.get("language") or Signal(score=0.0), opinion.language, source, why),
    }
    return {f"{FAMILY}{name}": each for name, each in found.items()}


def _with(known: Signal, value: str | tuple[str, ...], source: str, why: str) -> Signal:
    """The detectors' own where the model adds nothing."""
    if not source:
        return known
    return Signal(value=value, score=OF_MODEL, why=f"{source}: {why}", source=source)


def _paths(path: str, lists: Lists) -> tuple[str, ...]:
    """As bot/senses/detectors/issue.py lists them: of a team's own issue also the type that it counts as."""
    counts_as = lists.counts_as.get(path, "")
    return (path, counts_as) if counts_as and not path.startswith(f"{counts_as}.") else (path,)


def _severity(known: Signal, parts: tuple[Said, ...], source: str, why: Callable[[Iterable[Said]], str]) -> Signal:
    """One step graver at most. Where no detector knows it, the step is from p4 on."""
    if not parts:
        return known
    place = SEVERITIES.index(known.value) if known.value in SEVERITIES else len(SEVERITIES) - 1
    raised = SEVERITIES[max(place - 1, min(place, SEVERITIES.index(parts[0].value)))]
    return _with(known, raised, source if raised != known.value else "", why(parts))


def _mood(known: Signal, parts: tuple[Said, ...], source: str, why: Callable[[Iterable[Said]], str]) -> Signal:
    """The worse of the two."""
    if not parts:
        return known
    said = parts[0].value
    is_worse = known.value not in MOODS or _BAD_FIRST[said] < _BAD_FIRST[str(known.value)]
    return _with(known, said, source if is_worse else "", why(parts))


def _language(known: Signal, parts: tuple[Said, ...], source: str, why: Callable[[Iterable[Said]], str]) -> Signal:
    """The model's only where the detectors are unsure."""
    is_sure = known.value not in (None, "und") and known.score >= SURE_LANGUAGE
    if not parts or is_sure or parts[0].value == known.value:
        return known
    return _with(known, parts[0].value, source, why(parts))
