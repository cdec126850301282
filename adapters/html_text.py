"""HTML bodies as plain text, and plain text as a body: one reader for every helpdesk.

Style sheets and scripts are no words, and line breaks stay: what stands on a line of its own decides where a quote begins.
"""

from __future__ import annotations

import html
import re

from inscriptis import get_text

_LAID_OUT_CHARS = 60_000  # a longer body gets a plain strip: layout costs half a second per megabyte
_MOST_CHARS = 1_000_000
_TAG = re.compile(r"<[^<>]*>")  # not `<[^>]*>`: that takes a square of the length on a row of "<"
_BREAK = re.compile(r"<(?:br|/p|/div|/li|/tr|/h[1-6])\b[^<>]*>", re.IGNORECASE)
# What opens a stretch without words, and what ends it.
_WORDLESS = tuple(
    (re.compile(opens, re.IGNORECASE), re.compile(ends, re.IGNORECASE))
    for opens, ends in ((r"<!--", r"-->"), (r"<style\b", r"</style\b"), (r"<script\b", r"</script\b"), (r"<head\b", r"</head\b"))
)
_LINES = re.compile(r"\n{3,}")


def to_text(body: str) -> str:
    """What a reader sees of an HTML body. Never raises, whatever the HTML."""
    body = body.replace("\x00", "")[:_MOST_CHARS]
    if "<" not in body:
        return html.unescape(body).strip()
    plain = _stripped(body)
    if len(body) > _LAID_OUT_CHARS:
        return plain
    laid_out = "\n".join(line.rstrip() for line in get_text(body).splitlines())
    laid_out = _LINES.sub("\n\n", laid_out).strip()
    # The layout engine stops at a nesting of some hundred elements and drops what is inside.
    return laid_out if len(laid_out) * 2 >= len(plain) else plain


def to_html(text: str) -> str:
    """Plain text as a body: paragraphs and line breaks, everything else escaped."""
    paragraphs = [part.strip("\n") for part in re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip())]
    return "".join(f"<p>{html.escape(part, quote=False).replace(chr(10), '<br>')}</p>" for part in paragraphs)


def _stripped(body: str) -> str:
    for opens, ends in _WORDLESS:
        body = _without(body, opens, ends)
    text = html.unescape(_TAG.sub("", _BREAK.sub("\n", body)))
    return _LINES.sub("\n\n", "\n".join(line.strip() for line in text.splitlines())).strip()


def _without(body: str, opens: re.Pattern[str], ends: re.Pattern[str]) -> str:
    """One pass from left to right: a pattern over the whole stretch would start anew at each opening without an end."""
    kept, at = [], 0
    while start := opens.search(body, at):
        kept.append(body[at : start.start()])
        end = ends.search(body, start.end())
        if end is None:
            return "".join(kept)
        at = end.start() if body[end.start()] == "<" else end.end()
    return "".join([*kept, body[at:]])
