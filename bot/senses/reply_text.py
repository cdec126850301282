"""The customer's own newest words: quoted history and signatures off.

mail-parser-reply knows the headers of 13 languages but has quadratic regexes: it only ever sees 16 kB in lines of at
most 1,000 characters, after our own linear pass has cut what it could. Nothing here raises; the worst answer is the text.
"""

from __future__ import annotations

import re2
from mailparser_reply import EmailReplyParser
from mailparser_reply.parser import EmailMessage

from adapters.ticket import Channel, Message, Ticket
from bot.log import get_logger
from bot.senses.quote_stripping import cut_quotes, cut_signature, without_quotes

MAX_CHARS = 16_000
MAX_LINE = 1_000
LANGUAGES = ["en", "de", "fr", "es", "it", "nl", "pl", "sv", "da", "cs", "ja", "ko", "zh"]
_BLANK_RUN = re2.compile(r"\n(?:[ \t]*\n){2,}")
# A chat or a form brings no quotes; an e-mail and an unknown channel may.
_UNQUOTED = frozenset({Channel.CHAT, Channel.IN_APP, Channel.SMS, Channel.WHATSAPP, Channel.PHONE})

log = get_logger("senses")
_parser = EmailReplyParser(languages=LANGUAGES)


def strip_reply(text: str) -> str:
    """The visible reply in an e-mail's text. Looks at the first 16 kB; "" where all of it is quoted."""
    bounded = _bounded(text)
    try:
        visible = cut_signature(_by_library(cut_quotes(bounded)))
    # A library over hostile text: the unstripped text is always a usable answer.
    except Exception as error:
        log.warning("reply_text.failed", error=type(error).__name__)
        visible = bounded
    return visible.strip()


def own_words(text: str) -> str:
    """The visible reply without the quoted lines that it answers one by one; the text where nothing else is left."""
    visible = strip_reply(text)
    return "\n".join(without_quotes(visible.split("\n"))).strip() or visible or text[:MAX_CHARS].strip()


def visible_text(ticket: Ticket) -> str:
    """The newest customer message, stripped; with the subject before it where it is the first one."""
    messages = ticket.customer_messages
    newest = messages[-1] if messages else None
    body = _stripped(ticket, newest) if newest else ticket.description[:MAX_CHARS]
    return f"{ticket.subject}\n\n{body}".strip() if len(messages) <= 1 else body


def _stripped(ticket: Ticket, message: Message) -> str:
    return message.body_text[:MAX_CHARS].strip() if ticket.channel in _UNQUOTED else own_words(message.body_text)


def _bounded(text: str) -> str:
    clean = text[:MAX_CHARS].replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").replace("\u00a0", " ")
    short = "\n".join(piece for line in clean.split("\n") for piece in _pieces(line))
    return str(_BLANK_RUN.sub("\n\n\n", short))


def _pieces(line: str) -> list[str]:
    """A line in pieces of at most MAX_LINE characters, broken at a space where there is one."""
    pieces = []
    while len(line) > MAX_LINE:
        at = line.rfind(" ", 1, MAX_LINE)
        at = at if at > 0 else MAX_LINE
        pieces.append(line[:at])
        line = line[at:]
    return [*pieces, line]


def _by_library(text: str) -> str:
    message = EmailMessage(text=text, languages=list(_parser.languages), keep_hyphen_lists=True).read()
    first = message.replies[0].content if message.replies else ""
    return first if first.strip() else text
