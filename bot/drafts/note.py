"""The one internal note of a run: what an agent sees. Pure; the layout is decided in docs/drafts.md.

Everything that comes from outside is escaped; only the tags of ALLOWED_TAGS are used; no images, no styles, no scripts.
The short id in the header is the marker that proves later that this note landed.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from adapters.ticket import MacroPreview
from bot.drafts.types import Draft, Source
from rules.model.decision import NoteKind, NoteWish

ALLOWED_TAGS = frozenset({"p", "br", "b", "i", "ol", "ul", "li", "a", "blockquote"})
MAX_PARAGRAPHS = 6
MAX_TEXT = 1_200  # an escalation with all its points at their longest (rules/actions/_handover.py) must not lose the last ones
MAX_MACRO = 700
MAX_MACRO_BESIDE_A_DRAFT = 78  # a line
MAX_LINES = 12

_ITEM = re.compile(r"^\s*(?:\d{1,2}[.)]|[-*•])\s+")  # a list's own number would read like a source's

ACCEPT, EDIT, REJECT, WRONG_INTENT = "dh-accept", "dh-edit", "dh-reject", "dh-wrong-intent"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteContent:
    """Everything the note may show; what is empty is left out.

    `marker`: the short id (8 base32 characters). `rules`: names of rules that fired. `writes`: what was done, in words
    (`tag vip-outage`, `priority urgent`). `yielded`: fields left alone because a person changed them.
    `refused`: what the helpdesk or the account cannot do, and why.
    `trace_url`: where the console shows this run. `no_draft`: why there is no draft, although one was wanted.
    """

    marker: str
    pack_version: str = ""
    draft: Draft | None = None
    notes: tuple[NoteWish, ...] = ()
    macros: tuple[MacroPreview, ...] = ()
    rules: tuple[str, ...] = ()
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
    parts = [_header(content, draft)]
    if draft:
        parts += [_reply(draft), _check_before(draft), _sources(draft)]
    elif reason:
        parts.append(_paragraph("No draft", reason))
    parts += [_wish(wish) for wish in content.notes[:MAX_PARAGRAPHS]]
    parts += [_macros(content.macros[:3], draft), _why(content, draft), _footer(draft)]
    return "".join(part for part in parts if part)


_HEADER = re.compile(r"^\W{0,20}(Suggested reply, not sent|Deskhand)\b[^\n]{0,80}?\bid ([A-Z2-7]{8})\b")


def marker_in(text: str) -> str:
    """The short id in the header of a note that `render_note` made, read from the note's plain text; "" where it is none."""
    found = _HEADER.match(text)
    return found[2] if found else ""


def suggests_reply(text: str) -> bool:
    """True for the plain text of a note that holds a suggested reply."""
    found = _HEADER.match(text)
    return found is not None and found[1] != "Deskhand"


def superseded(marker: str) -> str:
    """What an old note becomes, or the short note that says so, once the draft in it is out of date."""
    return f"<p><i>Suggested reply {escape(marker)} is superseded: a newer message or reply came in.</i></p>"


def escape(text: str) -> str:
    """Text as HTML: no tag, no entity, no control character of the text survives as such."""
    shown = "".join(char for char in text if char in "\n\t" or (ord(char) >= 32 and not 0x7F <= ord(char) < 0xA0))
    return html.escape(shown, quote=True)


def _header(content: NoteContent, draft: Draft | None) -> str:
    title = "Suggested reply, not sent" if draft else "Deskhand"
    rest = [f"language {draft.language}" if draft else "", f"id {content.marker}"]
    rest += [
        f"rules {content.pack_version}" if content.pack_version else "",
        "shadow: nothing was written" if content.shadow else "",
    ]
    return f"<p><b>{title}</b> · {' · '.join(escape(each) for each in rest if each)}</p>"


def _reply(draft: Draft) -> str:
    return reply_block(draft.text)


def reply_block(text: str) -> str:
    """A draft's text as the note shows it: whole, for what is sent is what was shown (showable.py)."""
    return f"<blockquote>{_lines(text)}</blockquote>"


def _check_before(draft: Draft) -> str:
    lines = draft.check_before
    return f"<p><b>Check before sending</b></p>{_list(lines)}" if lines else ""


def _sources(draft: Draft) -> str:
    """Each cited source, and behind it how the sentences begin that rest on it: the reply's own block stays free of markers."""
    cited = [source for source in draft.sources if any(source.id in each.sources for each in draft.sentences)]
    lines = [f"{number}. {_source(source)}{_resting_on(source, draft)}" for number, source in enumerate(cited, 1)]
    return f"<p><b>Sources</b> {'<br>'.join(lines)}</p>" if lines else ""


def _resting_on(source: Source, draft: Draft) -> str:
    beginnings = [_short(_ITEM.sub("", each.text), 24) for each in draft.sentences if source.id in each.sources]
    return f": <i>{escape(' / '.join(beginnings[:MAX_LINES]))}</i>"


def _short(text: str, most: int) -> str:
    joined = " ".join(text.split())
    return joined if len(joined) <= most else joined[: most - 1].rstrip() + "…"


def _source(source: Source) -> str:
    title = escape(source.title)
    shown = f'<a href="{escape(source.url)}">{title}</a>' if _is_web(source.url) else title
    changed = f", changed {_day(source.changed_at)}" if source.changed_at else ""
    return f"{shown} ({source.kind}{changed})"


def _day(moment: datetime) -> str:
    return moment.date().isoformat()


def _is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)


def _wish(wish: NoteWish) -> str:
    """A paragraph that a rule wants. A single line, and an escalation's first, its reason, stands beside the title."""
    if not wish.title or (wish.kind is not NoteKind.ESCALATION and "\n" in wish.text):
        return _paragraph(wish.title, wish.text)
    return f"<p><b>{escape(wish.title)}</b>: {_breaks(wish.text[:MAX_TEXT])}</p>"


def _macros(previews: tuple[MacroPreview, ...], draft: Draft | None) -> str:
    """Whole where a macro is the only answer; beside a draft its beginning: applying it is done in the helpdesk anyway."""
    if draft is None:
        return "".join(_macro(each) for each in previews)
    lines = [
        f"{_macro_title(each)}<br>{escape(_unusable(each) or _short(each.text, MAX_MACRO_BESIDE_A_DRAFT))}" for each in previews
    ]
    return f"<p>{'<br>'.join(lines)}</p>" if lines else ""


def _macro(preview: MacroPreview) -> str:
    if preview.missing:
        return f"<p>{_macro_title(preview)}<br>{escape(_unusable(preview))}</p>"
    return f"<p>{_macro_title(preview)}</p><blockquote>{_lines(preview.text[:MAX_MACRO])}</blockquote>"


def _unusable(preview: MacroPreview) -> str:
    return f"cannot be used yet, empty: {', '.join(preview.missing)}" if preview.missing else ""


def _macro_title(preview: MacroPreview) -> str:
    return f"<b>Macro proposed: {escape(preview.macro.name)}</b>"


def _why(content: NoteContent, draft: Draft | None) -> str:
    intent = f"{draft.intent or 'no intent'}, {draft.band} confidence" if draft else ""
    lines = [
        f"Intent: {intent}" if intent else "",
        f"Written without the model: {draft.reason}" if draft and draft.reason else "",
        f"Rules: {'; '.join(content.rules[:MAX_LINES])}" if content.rules else "",
        f"Done: {', '.join(content.writes[:MAX_LINES])}" if content.writes else "",
        f"Left alone, a person changed it: {', '.join(content.yielded[:MAX_LINES])}" if content.yielded else "",
        f"Not possible here: {'; '.join(content.refused[:MAX_LINES])}" if content.refused else "",
    ]
    shown = [escape(line) for line in lines if line]
    if _is_web(content.trace_url):
        shown.append(f'<a href="{escape(content.trace_url)}">Trace of this run</a>')
    return f"<p><b>Why</b> {'<br>'.join(shown)}</p>" if shown else ""


def _footer(draft: Draft | None) -> str:
    if draft is None:
        return ""
    return (
        f"<p><i>Tag {ACCEPT} sends it, {EDIT} takes the text over, {REJECT} drops it, {WRONG_INTENT} says it missed the point."
        "</i></p>"
    )


def _paragraph(title: str, text: str) -> str:
    head = f"<b>{escape(title)}</b><br>" if title else ""
    return f"<p>{head}{_breaks(text[:MAX_TEXT])}</p>"


def _list(lines: tuple[str, ...]) -> str:
    return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>"


def _lines(text: str) -> str:
    """Paragraphs at blank lines, breaks at line ends: copied back out it is the same text."""
    paragraphs = [part.strip("\n") for part in text.replace("\r\n", "\n").split("\n\n")]
    return "".join(f"<p>{_breaks(part)}</p>" for part in paragraphs if part.strip())


def _breaks(text: str) -> str:
    return "<br>".join(escape(line) for line in text.split("\n"))
