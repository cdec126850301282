"""An HTML body as lines that know what their markup says: quoted, hidden, a signature, code.

Only where the markup says something that the plain text does not; else the text is read as it stands. One pass over the tags,
without a tree, so nesting costs nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import re2

from bot.senses.reading.folding import folded, spread
from bot.senses.reading.lines import Line, bounded, shortened
from bot.senses.reading.parts import Role
from bot.senses.reading.styles.looks import PLAIN, Look
from bot.senses.reading.styles.mail import MailStyles, names, parsed, styles_of
from bot.senses.reading.word_lists import phrases

MAX_HTML = 1_000_000
MIN_SHARE = 0.5  # of the plain text's letters that the HTML must hold to be taken for the same message
MAX_DEPTH = 20  # of quotes in each other
MOST_SPREAD = 2  # letters that a sign stands for; where there are more they are written out, so that they count as what they are
MAX_HEADERS = 12  # lines below a mark that an older mail's headers follow
_WORDLESS = frozenset({"head", "style", "script", "title", "template"})
_VOID = frozenset({"br", "img", "hr", "meta", "input", "link", "col", "area", "base", "embed", "source", "wbr"})
_PARAGRAPHS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "blockquote", "pre"})
_BLOCKS = _PARAGRAPHS | {
    *("address", "article", "aside", "body", "center", "dd", "div", "dl", "dt", "fieldset", "figure", "footer", "form"),
    *("header", "hr", "li", "main", "nav", "section", "tbody", "td", "tfoot", "th", "thead", "tr"),
}
_TELLING = frozenset({"blockquote", "pre", "code"})
_SPACE = re2.compile(r"[ \t\n\r\f\x{a0}]+")
_TELLS = re2.compile(
    r"(?i)blockquote|<pre|<code|\bhidden\b|\bstyle\b|color|quote|signature|divrplyfwdmsg|appendonsend|stopspelling|messageheader"
    r"|cite|qmbox|reply-container|moz-|airmail"
)


@dataclass(frozen=True, slots=True)
class _State:
    """What holds inside an element."""

    tag: str = ""
    depth: int = 0
    is_strong: bool = False
    role: Role | None = None
    look: Look = PLAIN
    is_pre: bool = False

    @property
    def is_hidden(self) -> bool:
        return self.look.is_hidden

    @property
    def is_pale(self) -> bool:
        """Hidden by its colour alone."""
        return self.look.is_pale

    def is_like(self, other: _State) -> bool:
        """May words of both stand in one line? A word in code amid a sentence is no block of code."""
        is_same = (self.depth, self.is_hidden, self.is_pale) == (other.depth, other.is_hidden, other.is_pale)
        return is_same and (self.role is other.role or {self.role, other.role} <= {None, Role.CODE})


@dataclass(slots=True)
class _Shown:
    """A line as it was laid out."""

    state: _State
    text: str
    is_after_gap: bool
    is_hinted: bool


def html_lines(html: str, text: str) -> list[Line] | None:
    """The lines of an HTML body; None where its markup says nothing, or where it is not the same message as `text`."""
    if len(html) > MAX_HTML or "<" not in html or not _TELLS.search(html):
        return None
    layout = _Layout(styles_of(html))
    parsed(html, layout)
    if not layout.tells or layout.letters < MIN_SHARE * _letters(text):
        return None
    return shortened(layout.lines())


def _letters(text: str) -> int:
    return sum(map(str.isalnum, text))


class _Layout:
    """Takes the parser's events and lays out lines. `tells`: the markup says something of whose words these are."""

    def __init__(self, styles: MailStyles) -> None:
        self.tells = False
        self._styles = styles
        self._stack = [_State()]
        self._words: list[tuple[_State, str]] = []
        self._shown: list[_Shown] = []
        self._is_gap = False
        self._headers_to_come = 0
        self._is_layered = False
        self._is_below_first = False

    @property
    def letters(self) -> int:
        return sum(_letters(each.text) for each in self._shown)

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        tag, given = tag.lower(), {name.lower(): value or "" for name, value in attributes.items()}
        if tag in _BLOCKS or tag == "br":
            self._end_line(is_gap=tag in _PARAGRAPHS or (tag == "br" and not self._words))
            self._is_below_first = tag == "br"
        self._notice_history(given)
        if tag not in _VOID:
            self._stack.append(self._inside(tag, given))
        elif tag == "col" and given:
            self._is_layered = True

    def end(self, tag: str) -> None:
        tag = tag.lower()
        if tag in _BLOCKS:
            self._end_line(is_gap=tag in _PARAGRAPHS)
            self._is_below_first = True
        if tag not in _VOID and len(self._stack) > 1:
            self._stack.pop()

    def data(self, text: str) -> None:
        state = self._stack[-1]
        if state.tag in _WORDLESS:
            return
        if state.look.is_off_line and not self._is_below_first:
            state = replace(state, look=replace(state.look, is_off=True))
        first, *others = text.split("\n") if state.is_pre else [text]
        self._words.append((state, first))
        for each in others:
            self._end_line()
            self._words.append((state, each))

    def comment(self, text: str) -> None:
        """Nobody reads it."""

    def close(self) -> None:
        self._end_line()

    def lines(self) -> list[Line]:
        """What a reader sees. Pale words come back where nothing else is there: in a dark theme all are white."""
        has_others = any(each.text for each in self._shown if not (each.state.is_hidden or each.state.is_pale))
        is_pale_unseen = has_others and not self._is_layered
        for each in self._shown:
            is_unseen = each.state.is_hidden or (is_pale_unseen and each.state.is_pale)
            each.text = "" if is_unseen else spread(each.text, MOST_SPREAD * len(each.text))
        made: list[Line] = []
        for each in shortened(self._shown):
            if not each.text:
                made.append(Line("", "", "", role=Role.HIDDEN))
                continue
            if each.is_after_gap and made and made[-1].plain:
                made.append(_line("", each))
            made += [_line(piece, each) for piece in bounded(each.text).split("\n")]
        return made

    def _inside(self, tag: str, given: Mapping[str, str]) -> _State:
        outer = self._stack[-1]
        if outer.tag in _WORDLESS:
            return outer
        look = self._styles.look(tag, given, outer.look)
        if not given and tag not in _TELLING:
            self.tells |= look.is_hidden or look.is_pale or look.is_off_line
            return _State(tag, outer.depth, outer.is_strong, outer.role, look, outer.is_pre)
        classes, ids = names(given.get("class", "").split()), names([given.get("id", "")])
        is_strong = _is_quote(tag, given, classes, ids)
        is_quote = is_strong or tag == "blockquote"
        role = outer.role or _role(tag, given, classes, ids)
        self._is_layered |= look.is_layered and not look.is_hidden
        self.tells |= look.is_hidden or look.is_pale or look.is_off_line or is_quote or role is not None
        return _State(
            tag=tag,
            depth=min(MAX_DEPTH, outer.depth + is_quote),
            is_strong=outer.is_strong or is_strong,
            role=role,
            look=look,
            is_pre=outer.is_pre or tag == "pre",
        )

    def _notice_history(self, given: Mapping[str, str]) -> None:
        """Marks that Outlook and Hotmail set above an older mail's headers."""
        classes, ids = names(given.get("class", "").split()), names([given.get("id", "")])
        style = given.get("style", "").replace(" ", "").lower()
        is_ruled = "border-top:solid" in style and "border:none" in style
        if classes & phrases("markup.history.classes") or ids & phrases("markup.history.ids") or is_ruled:
            self._headers_to_come = MAX_HEADERS
            self.tells = True

    def _end_line(self, is_gap: bool = False) -> None:
        """Lays out the words so far; words that hold something else are a line of their own. `is_gap`: a blank line follows."""
        words, self._words = self._words, []
        for state, text in _joined(words):
            shown = text if state.is_pre else _SPACE.sub(" ", text).strip()
            if not shown.strip():
                is_gap = is_gap or state.is_pre or "\u00a0" in text
                continue
            self._shown.append(_Shown(state, shown, self._is_gap, self._headers_to_come > 0))
            self._headers_to_come = max(0, self._headers_to_come - 1)
            self._is_gap = False
        self._is_gap = self._is_gap or is_gap


def _joined(words: list[tuple[_State, str]]) -> list[tuple[_State, str]]:
    """Words beside each other that may stand in one line, together."""
    groups: list[tuple[_State, list[str]]] = []
    is_blank = True
    for state, text in words:
        is_space = not text.strip()
        if groups and (is_space or groups[-1][0].is_like(state)):
            groups[-1][1].append(text)
        elif groups and is_blank:
            groups[-1] = (state, [*groups[-1][1], text])
        else:
            groups.append((state, [text]))
            is_blank = True
        is_blank = is_blank and is_space
    return [(state, "".join(texts)) for state, texts in groups]


def _is_quote(tag: str, given: Mapping[str, str], classes: frozenset[str], ids: frozenset[str]) -> bool:
    if tag == "blockquote" and (given.get("type", "").lower() == "cite" or "cite" in given or "gmail_quote" in classes):
        return True
    is_named = tag == "div" and given.get("name", "").lower() in phrases("markup.quotes.names")
    return is_named or bool(classes & phrases("markup.quotes.classes") or ids & phrases("markup.quotes.ids"))


def _role(tag: str, given: Mapping[str, str], classes: frozenset[str], ids: frozenset[str]) -> Role | None:
    is_signature = classes & phrases("markup.signatures.classes") or ids & phrases("markup.signatures.ids")
    if is_signature or given.get("data-smartmail") == "gmail_signature":
        return Role.SIGNATURE
    return Role.CODE if tag in ("pre", "code") else None


def _line(text: str, shown: _Shown) -> Line:
    state, plain = shown.state, folded(text).strip()
    quoted = "> " * state.depth + text
    return Line(quoted, text, plain, state.depth, state.role if plain else None, state.is_strong, shown.is_hinted)
