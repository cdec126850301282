"""The one internal note of a run: what an agent sees. Pure; the layout is decided in docs/drafts.md.

Everything that comes from outside is escaped; only the tags of ALLOWED_TAGS are used; no images, no styles, no scripts.
The short id in the last line is the marker that proves later that this note landed.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from adapters.ticket import MacroPreview
from bot.drafts.types import NO_ARTICLE, NO_SOURCE, Draft, Source, SourceKind
from rules.model.decision import NoteKind, NoteWish, Notice
from rules.values.durations import show_duration
from rules.values.verdict_tags import ACCEPT, EDIT, REJECT, WRONG_INTENT

ALLOWED_TAGS = frozenset({"p", "br", "b", "i", "ol", "ul", "li", "a", "blockquote"})
MAX_PARAGRAPHS_CHARS = 20_000  # of all that rules want said: helpdesks refuse a note of 64 kB and more, whole
MAX_MACRO = 700
_REPLY = re.compile(r"(?s)<blockquote>.*?</blockquote>")
_TAG = re.compile(r"<[^>]*>")
_SCORE = re.compile(r" [01]\.\d\d$")

HOW_TO_ANSWER = f"Tag {ACCEPT} sends it, {EDIT} takes it over, {REJECT} drops it, {WRONG_INTENT}: wrong topic."


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteContent:
    """Everything the note may show; what is empty is left out.

    `marker`: the short id (8 base32 characters). `notes`, `notices`: what rules want said, and told to people outside the ticket.
    `unsent`: what stands in place of `notes` where a public reply of the same run was not sent. `now`: when it was decided, from
    which an escalation's time runs; shown in `timezone`. `csm`: the account's success manager. `evidence`: quotes of the
    customer's words; `tried`: what was answered last; both stand beside an escalation. `facts`: why, in facts.
    `priority_facts`: what raised the priority. `writes`: what was done, in words (`tag vip-outage`, `priority urgent`).
    `yielded`: fields left alone because a person changed them. `refused`: what the helpdesk or the account cannot do, and why.
    `trace_url`: where the console shows this run. `no_draft`: why there is no draft, although one was wanted.
    """

    marker: str
    pack_version: str = ""
    draft: Draft | None = None
    notes: tuple[NoteWish, ...] = ()
    notices: tuple[Notice, ...] = ()
    now: datetime | None = None
    timezone: str = "UTC"
    csm: str = ""
    evidence: tuple[str, ...] = ()
    tried: str = ""
    unsent: tuple[NoteWish, ...] = ()
    macros: tuple[MacroPreview, ...] = ()
    facts: tuple[str, ...] = ()
    priority_facts: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    yielded: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    trace_url: str = ""
    no_draft: str = ""
    shadow: bool = field(default=False)


def render_note(content: NoteContent) -> str:
    """The note as HTML, the same for every helpdesk."""
    draft = content.draft if content.draft and not content.draft.withheld else None
    reason = content.no_draft or (content.draft.reason if content.draft and content.draft.withheld else "")
    parts = [_first(content), *_paragraphs(content.notes)]
    if draft:
        parts += [_reply(draft), _check_before(draft), _sources(draft)]
    elif reason:
        said = reason.replace(NO_SOURCE, NO_ARTICLE) if content.macros else reason
        parts.append(f"<p><b>No draft</b>: {_breaks(said)}</p>")
    parts += [_macros(content.macros, draft), _why(content, draft), _foot(content, draft)]
    return "".join(part for part in parts if part)


def words_beside_the_reply(note: str) -> int:
    """How much there is to read in a note beside what may be sent: words of its HTML outside quoted blocks."""
    text = html.unescape(_TAG.sub(" ", _REPLY.sub(" ", note)))
    return sum(any(char.isalnum() for char in word) for word in text.split())


# Until the id went to the foot it stood in the first line: such notes are in helpdesks, and known for ever.
_HEAD = re.compile(r"^\W{0,20}(?:(Suggested\sreply,\snot\ssent)\W{1,9}language\s[\w-]{2,8}|Deskhand)\W{1,9}id\s([A-Z2-7]{8})\b")
_FOOT = re.compile(r"\bDeskhand\W{1,9}(suggestion\s{1,9})?id\s{1,9}([A-Z2-7]{8})\b")


def marker_in(text: str) -> str:
    """The short id of a note that `render_note` made, read from the note's plain text; "" where it is none. A helpdesk may have
    rewritten the HTML and joined the lines; what stands in the note before its foot may say anything, also such an id."""
    found = _marked(text)
    return found[2] if found else ""


def suggests_reply(text: str) -> bool:
    """True for the plain text of a note that holds a suggested reply."""
    found = _marked(text)
    return found is not None and bool(found[1])


def _marked(text: str) -> re.Match[str] | None:
    if head := _HEAD.match(text):
        return head
    feet = list(_FOOT.finditer(text))
    return feet[-1] if feet else None


def superseded(marker: str) -> str:
    """What an old note becomes, or the short note that says so, once the draft in it is out of date."""
    return f"<p><i>Suggested reply {escape(marker)} is superseded: a newer message or reply came in.</i></p>"


def escape(text: str) -> str:
    """Text as HTML: no tag, no entity, no control character of the text survives as such."""
    shown = "".join(char for char in text if char in "\n\t" or (ord(char) >= 32 and not 0x7F <= ord(char) < 0xA0))
    return html.escape(shown, quote=True)


# what to do first


def _first(content: NoteContent) -> str:
    """Who answers by when, and why; whom to tell; what the next person needs. One paragraph, however many rules escalate."""
    escalations = [wish for wish in content.notes if wish.kind is NoteKind.ESCALATION]
    lines = [f"<b>{escape(_deadline(escalations, content))}</b>"] if escalations else []
    lines += [escape(told)] if (told := _people(escalations, content)) else []
    if escalations:
        lines += [f"Evidence: {escape(', '.join(content.evidence))}"] if content.evidence else []
        lines += [f"Tried: {escape(content.tried)}"] if content.tried else []
        lines += [escape(line) for line in _proposed_priority(escalations, content)]
    return f"<p>{'<br>'.join(lines)}</p>" if lines else ""


def _deadline(escalations: Sequence[NoteWish], content: NoteContent) -> str:
    teams = _and(dict.fromkeys(wish.team for wish in escalations if wish.team))
    within = min((wish.within for wish in escalations if wish.within), default=None)
    reasons = "; ".join(dict.fromkeys(_clause(wish.text) for wish in escalations))
    by_when = f"answer {_by(within, content)}" if within else ""
    head = f"For {teams}{', ' if by_when else ''}{by_when}" if teams else by_when[:1].upper() + by_when[1:]
    return _ended(f"{head}: {reasons}" if head else reasons[:1].upper() + reasons[1:])


def _by(within: timedelta, content: NoteContent) -> str:
    """`by 14:10 UTC (30 min)`, with its day where that is another one."""
    duration = show_duration(within.total_seconds())
    if content.now is None:
        return f"within {duration}"
    zone = ZoneInfo(content.timezone)
    now, until = content.now.astimezone(zone), (content.now + within).astimezone(zone)
    day = "" if until.date() == now.date() else f"{until.day} {until:%b} "
    return f"by {day}{until:%H:%M %Z} ({duration})"


def _people(escalations: Sequence[NoteWish], content: NoteContent) -> str:
    """Whom the reader tells: nobody outside the ticket is told by us. What an escalation says is not said again."""
    told: dict[str, dict[str, None]] = {name: {} for wish in escalations for name in wish.tell}
    said = {_clause(wish.text).casefold() for wish in escalations}
    escalating = {wish.rule for wish in escalations}
    for notice in content.notices:
        if notice.rule in escalating and notice.to:  # its people are named by the escalation, one by one
            continue
        words = told.setdefault(notice.to or notice.channel, {})
        if notice.rule not in escalating and _clause(notice.text).casefold() not in said:
            words[_clause(notice.text)] = None
    groups: dict[str, list[str]] = {}
    for name, about in told.items():
        groups.setdefault("; ".join(about), []).append(_with_address(name, content.csm))
    return " ".join(_ended(f"Tell {_and(names)}{f': {about}' if about else ''}") for about, names in groups.items())


def _with_address(name: str, csm: str) -> str:
    return f"{name} ({csm})" if csm and "success manager" in name.casefold() else name


def _proposed_priority(escalations: Sequence[NoteWish], content: NoteContent) -> list[str]:
    """Only where nothing sets one: two priorities in a note contradict each other."""
    if any(each.startswith("priority ") for each in (*content.writes, *content.yielded)):
        return []
    proposed = [wish.priority for wish in escalations if wish.priority]
    return [f"Proposed: priority {max(proposed, key=lambda each: each.rank)}."] if proposed else []


def _paragraphs(notes: Sequence[NoteWish]) -> list[str]:
    """What rules want said besides. Nothing is cut within; what is beyond all bounds is named."""
    shown: list[str] = []
    left = MAX_PARAGRAPHS_CHARS
    said = dict.fromkeys((wish.title, wish.text) for wish in notes if wish.kind is not NoteKind.ESCALATION)
    wishes = _lists_as_one(list(said))
    for place, (title, text) in enumerate(wishes):
        left -= len(title) + len(text)
        if left < 0 and place:
            more = len(wishes) - place
            return [*shown, f"<p>{more} more from rules: too long for a note, see the run.</p>"]
        head = f"<b>{escape(title)}</b>{'<br>' if chr(10) in text else ': '}" if title else ""
        shown.append(f"<p>{head}{_breaks(text)}</p>")
    return shown


def _lists_as_one(wishes: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Lists with the same title, such as proposals to split a ticket, are one list: an item that several have stands last."""
    joined: dict[tuple[str, str], list[str]] = {}
    for title, text in wishes:
        joined.setdefault((title, "" if _is_list(title, text) else text), []).append(text)
    return [(title, _last_of_each(texts) if _is_list(title, texts[0]) else texts[0]) for (title, _), texts in joined.items()]


def _is_list(title: str, text: str) -> bool:
    return bool(title) and text.startswith("- ")


def _last_of_each(texts: Sequence[str]) -> str:
    lines = "\n".join(texts).split("\n")
    return "\n".join(reversed(dict.fromkeys(reversed(lines))))


def _clause(text: str) -> str:
    """A reason as a part of a sentence."""
    return " ".join(text.split()).rstrip(". ")


def _ended(text: str) -> str:
    return text if text.endswith(("!", "?", "…")) else f"{text}."


def _and(names: Iterable[str]) -> str:
    *before, last = [*names] or [""]
    return f"{', '.join(before)} and {last}" if before else last


# the reply


def _reply(draft: Draft) -> str:
    return f"<p><b>Suggested reply, not sent</b> · language {escape(draft.language)}</p>{reply_block(draft.text)}"


def reply_block(text: str) -> str:
    """A draft's text as the note shows it: whole, for what is sent is what was shown (showable.py)."""
    return f"<blockquote>{_lines(text)}</blockquote>"


def _check_before(draft: Draft) -> str:
    lines = draft.check_before
    return f"<p><b>Check before sending</b></p>{_list(lines)}" if lines else ""


def _sources(draft: Draft) -> str:
    """What the reply rests on. No fragments of it: the reply's own block is what is read."""
    cited = [source for source in draft.sources if any(source.id in each.sources for each in draft.sentences)]
    lines = [f"{number}. {_source(source)}" for number, source in enumerate(cited, 1)]
    return f"<p><b>Sources</b> {'<br>'.join(lines)}</p>" if lines else ""


def _source(source: Source) -> str:
    title = escape(source.title)
    shown = f'<a href="{escape(source.url)}">{title}</a>' if _is_web(source.url) else title
    changed = f", changed {source.changed_at.date().isoformat()}" if source.changed_at else ""
    kind = "" if source.kind is SourceKind.ARTICLE else f" ({source.kind})"
    return f"{shown}{kind}{changed}"


def _is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)


def _macros(previews: tuple[MacroPreview, ...], draft: Draft | None) -> str:
    """Whole where a macro is the only answer; beside a draft its name: applying it is done in the helpdesk anyway."""
    if draft is None:
        return "".join(_macro(each) for each in previews)
    lines = [f"{_macro_title(each)}{' ' + escape(_unusable(each)) if each.missing else ''}" for each in previews]
    return f"<p>{'<br>'.join(lines)}</p>" if lines else ""


def _macro(preview: MacroPreview) -> str:
    if preview.missing:
        return f"<p>{_macro_title(preview)}<br>{escape(_unusable(preview))}</p>"
    text = preview.text if len(preview.text) <= MAX_MACRO else preview.text[:MAX_MACRO].rsplit(" ", 1)[0] + " …"
    return f"<p>{_macro_title(preview)}</p><blockquote>{_lines(text)}</blockquote>"


def _unusable(preview: MacroPreview) -> str:
    return f"cannot be used yet, empty: {', '.join(preview.missing)}" if preview.missing else ""


def _macro_title(preview: MacroPreview) -> str:
    return f"<b>Macro proposed: {escape(preview.macro.name)}</b>"


# why, and the end


def _why(content: NoteContent, draft: Draft | None) -> str:
    """Facts, never rules' titles; the certainty of the issue and of the draft each by its name. What stands above stands once."""
    said = _first(content).casefold()
    facts = [fact for fact in content.facts if _SCORE.sub("", escape(fact)).casefold() not in said]
    facts += [f"draft {draft.band}, {_drafter(draft)}"] if draft else []
    lines = {
        "Why": " · ".join(facts),
        "Written without the model:": draft.reason if draft else "",
        "Done": ", ".join(_done(each, content.priority_facts) for each in content.writes),
        "Left alone, a person changed it:": ", ".join(content.yielded),
        "Not possible here:": "; ".join(content.refused),
    }
    shown = [f"<b>{name}</b> {escape(each)}" for name, each in lines.items() if each]
    return f"<p>{'<br>'.join(shown)}</p>" if shown else ""


def _drafter(draft: Draft) -> str:
    return f"by the model {draft.model}".strip() if draft.drafter == "model" else "offline"


def _done(words: str, priority_facts: Sequence[str]) -> str:
    """The one priority that was set, with its reason."""
    return f"{words} ({', '.join(priority_facts)})" if priority_facts and words.startswith("priority ") else words


def _foot(content: NoteContent, draft: Draft | None) -> str:
    """How to answer, and last and small what nobody reads: id, rules, trace."""
    parts = [f"Deskhand · {'suggestion ' if draft else ''}id {content.marker}"]
    parts += [f"rules {content.pack_version}"] if content.pack_version else []
    parts += ["shadow: nothing was written"] if content.shadow else []
    shown = [escape(part) for part in parts]
    if _is_web(content.trace_url):
        shown.append(f'<a href="{escape(content.trace_url)}">trace</a>')
    return f"<p><i>{f'{HOW_TO_ANSWER}<br>' if draft else ''}{' · '.join(shown)}</i></p>"


def _list(lines: tuple[str, ...]) -> str:
    return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>"


def _lines(text: str) -> str:
    """Paragraphs at blank lines, breaks at line ends: copied back out it is the same text."""
    paragraphs = [part.strip("\n") for part in text.replace("\r\n", "\n").split("\n\n")]
    return "".join(f"<p>{_breaks(part)}</p>" for part in paragraphs if part.strip())


def _breaks(text: str) -> str:
    return "<br>".join(escape(line) for line in text.split("\n"))
