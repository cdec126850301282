"""HTML tags out of a text that only a person is to read. Angle brackets around anything else are the text's own."""

from __future__ import annotations

import re2

# Markup that a reply or an article is written with, and everything that loads or runs: always taken out.
_MARKUP = (
    "a abbr acronym applet audio b base basefont bgsound big blink blockquote body br canvas center dd div dl dt em"
    " embed figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6 head header hr html i iframe image img"
    " isindex keygen li listing marquee math noembed noframes noscript ol p picture plaintext portal pre s script small"
    " span strike strong style sub sup svg table tbody td template tfoot th thead tr tt u ul video wbr xml xmp"
)
# Elements whose names are words that people put between angle brackets, too: `Enter <address>`, `List<Object>`. Alone, without
# attributes, they are the text's own.
_WORDS = (
    "address animate area article aside bdi bdo button caption cite code col colgroup command content data datalist del"
    " desc details dfn dialog dir element fieldset filter foreignobject g hgroup input ins kbd label legend line link"
    " main map mark menu menuitem meta metadata meter nav nextid nobr object optgroup option output param path progress q"
    " rect rp rt ruby samp search section select set shadow slot source spacer summary text textarea time title track use"
    " var"
)
_ALWAYS, _SOMETIMES = frozenset(_MARKUP.split()), frozenset(_WORDS.split())
_TAG = re2.compile(r"(?s)<(/?)([a-zA-Z!?][^\s/<>]*)([^<>]*)>")
_ACTIVE = re2.compile(r"(?is)[\s/\"'](?:on\w+|style|href|src|srcdoc|action|formaction|data|xlink:\w+)\s*=|(?:java|vb)script:|&#")
# `<https://…>` of Markdown and `<jo@example.com>` of mail.
_ADDRESS = re2.compile(r"<(https?://[^\s<>]+)>")


def without_tags(text: str) -> str:
    """One round: what is put together by taking a tag out of another is a tag again (bot.drafts.text.plain_text goes on)."""
    text = _ADDRESS.sub(r"\1", text)
    closed = frozenset(match[2].casefold() for match in _TAG.finditer(text) if match[1])
    return str(_TAG.sub(lambda match: "" if _is_markup(match, text, closed) else match[0], text))


def _is_markup(match: re2._Match, text: str, closed: frozenset[str]) -> bool:
    slash, name, rest = match[1], match[2].casefold(), match[3]
    if name[0] in "!?":
        return bool(name[0] == "!")
    is_bare = not rest.strip(" \n\t\r/")
    if name in _ALWAYS and len(name) == 1 and "=" not in rest:  # neither `a<b and c>d` nor `List<B>`
        is_generic = match[2].isupper() and name not in closed and text[max(match.start() - 1, 0) : match.start()].isalnum()
        return is_bare and not is_generic
    if name in _ALWAYS:
        return True
    if name in _SOMETIMES:
        return bool(slash) or "=" in rest or name in closed or rest.strip() == "/"
    return _ACTIVE.search(f" {rest}") is not None
