"""Text and HTML as helpdesks treat them: escaping plain text, sanitising HTML, filling placeholders."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

import nh3

_TAGS = {
    "a", "b", "blockquote", "br", "code", "div", "em", "h1", "h2", "h3", "h4", "hr", "i", "li", "ol", "p", "pre", "span",
    "strong", "table", "tbody", "td", "th", "thead", "tr", "u", "ul",
}  # fmt: skip
_ATTRIBUTES = {"a": {"href", "title"}, "div": {"class", "dir"}, "p": {"dir"}, "span": {"class"}, "td": {"colspan"}}
_BLOCKS = re.compile(r"</(?:p|h[1-4]|pre|blockquote|ul|ol)>", re.IGNORECASE)
_BREAKS = re.compile(r"<br\s*/?>|</(?:div|li|tr)>", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"\{\{\s*([\w.]+)\s*\}\}")


def sanitised(markup: str) -> str:
    """HTML with allow-listed tags only; scripts, styles, handlers, images and comments are gone, as vendors do it."""
    return nh3.clean(markup, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes={"http", "https", "mailto"})


def to_html(text: str) -> str:
    """Plain text as paragraphs."""
    paragraphs = re.split(r"\n{2,}", text.strip("\n"))
    return "".join("<p>" + html.escape(part, quote=False).replace("\n", "<br>") + "</p>" for part in paragraphs)


def to_text(markup: str) -> str:
    """HTML as plain text: a line per block, a blank one after a paragraph, entities resolved, blank runs joined."""
    lines = nh3.clean(_BREAKS.sub("\n", _BLOCKS.sub("\n\n", markup)), tags=set())
    return re.sub(r"\n{3,}", "\n\n", html.unescape(lines)).strip()


def filled(text: str, values: Mapping[str, str]) -> str:
    """`text` with its {{placeholders}} replaced; an unknown one becomes empty, as vendors do it."""
    return _PLACEHOLDER.sub(lambda match: values.get(match.group(1), ""), text)


def renamed(text: str, words: Mapping[str, str]) -> str:
    """`text` with its placeholders' names replaced by the vendor's: {{requester.name}} -> {{ticket.requester.name}}."""
    return _PLACEHOLDER.sub(lambda match: "{{" + words.get(match.group(1), match.group(1)) + "}}", text)
