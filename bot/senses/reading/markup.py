"""An HTML body as lines that know what their markup says: quoted, hidden, a signature, code.

Only where the markup says something that the plain text does not; else the text is read as it stands. One pass over the tags,
without a tree, so nesting costs nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import re2
from lxml import etree

from bot.senses.reading.folding import folded
from bot.senses.reading.lines import Line, bounded, shortened
from bot.senses.reading.parts import Role
from bot.senses.reading.styles import PLAIN, Look, hidden_classes, look_of
from bot.senses.reading.word_lists import phrases

MAX_HTML = 1_000_000
MIN_SHARE = 0.5  # of the plain text's letters that the HTML must hold to be taken for the same message
MAX_DEPTH = 20  # of quotes in each other
MAX_HEADERS = 12  # lines below a mark that an older mail's headers follow
_WORDLESS = frozenset({"head", "style", "script", "title", "template", "noscript", "object", "svg"})
_VOID = frozenset({"br", "img", "hr", "meta", "input", "link", "col", "area", "base", "embed", "source", "wbr"})
_PARAGRAPHS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "blockquote", "pre"})
_BLOCKS = _PARAGRAPHS | {
    *("address", "article", "aside", "body", "center", "dd", "div", "dl", "dt", "fieldset", "figure", "footer", "form"),
    *("header", "hr", "li", "main", "nav", "section", "tbody", "td", "tfoot", "th", "thead", "tr"),
}
_TELLING = frozenset({"blockquote", "pre", "code"})
_SPACE = re2.compile(r"[ \t\n\r\f\x{a0}]+")
_TELLS = re2.compile(
    r"(?i)blockquote|<pre|<code|\bhidden\b|color|display\s*:\s*none|visibility\s*:|font-size\s*:\s*[01]|opacity\s*:\s*0|mso-hide"
    r"|max-height\s*:\s*0|:\s*-\d{3,}|quote|signature|divrplyfwdmsg|appendonsend|stopspelling|messageheader|border-top|cite|qmbox"
    r"|reply-container|moz-|airmail"
)
_BEFORE_NAMES = ("x_", "3d")  # what other programs put before a class


@dataclass(frozen=True, slots=True)
class _State:
    """What holds inside an element. `is_pale`: hidden by its colour alone."""

    tag: str = ""
    depth: int = 0
    is_strong: bool = False
    is_hidden: bool = False
    is_pale: bool = False
    role: Role | None = None
    look: Look = PLAIN
    is_pre: bool = False

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
    layout = _Layout(hidden_classes(html))
    parser = etree.HTMLParser(target=layout, huge_tree=True, recover=True)
    parser.feed(html.replace("\x00", ""))
    parser.close()
    if not layout.tells or layout.letters < MIN_SHARE * _letters(text):
        return None
    return shortened(layout.lines())


def _letters(text: str) -> int:
    return sum(map(str.isalnum, text))


class _Layout:
    """Takes the parser's events and lays out lines. `tells`: the markup says something of whose words these are."""

    def __init__(self, hidden: frozenset[str]) -> None:
        self.tells = bool(hidden)
        self._hidden = hidden
        self._stack = [_State()]
        self._words: list[tuple[_State, str]] = []
        self._shown: list[_Shown] = []
        self._is_gap = False
        self._headers_to_come = 0

    @property
    def letters(self) -> int:
        return sum(_letters(each.text) for each in self._shown)

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        tag, given = tag.lower(), {name.lower(): value or "" for name, value in attributes.items()}
        if tag in _BLOCKS or tag == "br":
            self._end_line(is_gap=tag in _PARAGRAPHS or (tag == "br" and not self._words))
        self._notice_history(given)
        if tag not in _VOID:
            self._stack.append(self._inside(tag, given))

    def end(self, tag: str) -> None:
        tag = tag.lower()
        if tag in _BLOCKS:
            self._end_line(is_gap=tag in _PARAGRAPHS)
        if tag not in _VOID and len(self._stack) > 1:
            self._stack.pop()

    def data(self, text: str) -> None:
        state = self._stack[-1]
        if state.tag in _WORDLESS:
            return
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
        made: list[Line] = []
        for each in self._shown:
            if each.state.is_hidden or (each.state.is_pale and has_others):
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
        if not given and tag not in _TELLING:
            return _State(tag, outer.depth, outer.is_strong, outer.is_hidden, outer.is_pale, outer.role, outer.look, outer.is_pre)
        look = look_of(tag, given, outer.look)
        classes, ids = _names(given.get("class", "").split()), _names([given.get("id", "")])
        is_hidden = outer.is_hidden or look.is_hidden or bool((classes | ids) & self._hidden) or "hidden" in given
        is_strong = _is_quote(tag, given, classes, ids)
        is_quote = is_strong or tag == "blockquote"
        role = outer.role or _role(tag, given, classes, ids)
        self.tells |= is_hidden or look.is_pale or is_quote or role is not None
        return _State(
            tag=tag,
            depth=min(MAX_DEPTH, outer.depth + is_quote),
            is_strong=outer.is_strong or is_strong,
            is_hidden=is_hidden,
            is_pale=look.is_pale,
            role=role,
            look=look,
            is_pre=outer.is_pre or tag == "pre",
        )

    def _notice_history(self, given: Mapping[str, str]) -> None:
        """Marks that Outlook and Hotmail set above an older mail's headers."""
        classes, ids = _names(given.get("class", "").split()), _names([given.get("id", "")])
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


def _names(names: list[str]) -> frozenset[str]:
    """Classes or ids as they were before another program put something before them."""
    found = set()
    for name in names:
        bare = name.lower()
        for before in _BEFORE_NAMES:
            bare = bare.removeprefix(before)
        found.add(bare[3:].lstrip("0123456789") if bare.startswith("yiv") else bare)
    return frozenset(found) - {""}


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
