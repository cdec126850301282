"""Sentences that claim to have acted or promise to, sentences that refuse, and closings; in four languages, linear."""

from __future__ import annotations

import re2

_DONE_EN = (
    "closed|refunded|credited|cancelled|canceled|deleted|removed|added|updated|changed|reset|sent|forwarded"
    "|escalated|issued|processed"
    "|activated|deactivated|upgraded|downgraded|extended|merged|transferred|approved|tagged|assigned|notified"
    "|restored|fixed|resolved|waived"
)
_DO_EN = (
    "close|refund|credit|cancel|delete|remove|add|update|change|reset|send|forward|escalate|issue|process"
    "|activate|upgrade|extend"
    "|merge|transfer|approve|waive|compensate|restore|pay|tag"
)
_ACTION = re2.compile(
    r"(?i)\b(?:"
    rf"(?:i|we)(?:'ve|’ve| have| just| already)+(?: now| already| just| also)* (?:{_DONE_EN})"
    rf"|(?:i|we) (?:{_DONE_EN})\b"
    rf"|(?:has|have) (?:now |already |just )?been (?:{_DONE_EN})|(?:is|are) now (?:{_DONE_EN})|was (?:{_DONE_EN})"
    rf"|(?:i|we)(?:'ll|’ll| will| shall| are going to| am going to)(?: now| also)* (?:{_DO_EN})"
    r"|(?:we|i)(?: hereby| gladly| now| also)* (?:refund|credit|reimburse|compensate|waive|cancel|delete|restore|extend"
    r"|upgrade) (?:you|your|the|this|it|all)\b"
    r"|(?:you|you'll|you will|you shall)(?: now)? (?:receive|get) (?:a|an|your|the)"
    r" (?:full |partial )?(?:refund|credit|discount|voucher)"
    r"|wir (?:erstatten|ersetzen|stornieren|löschen|kündigen|schenken|erlassen) (?:ihnen|ihre?n?|den|die|das)"
    r"|wir schreiben ihnen\b.{0,60}\bgut\b|sie (?:erhalten|bekommen)\b.{0,60}\b(?:zurück|erstattet|gutgeschrieben)"
    r"|nous vous (?:rembours|crédit|offr)\w+|(?:le|les|te) (?:reembolsamos|devolvemos|abonamos|regalamos)|(?:la|vi) rimbors\w+"
    r"|will be (?:refunded|credited|closed|cancelled|canceled|deleted|compensated|waived)|we guarantee"
    r"|i guarantee|we promise|i promise"
    r"|(?:habe|haben)\b.{0,80}\b(?:erstattet|storniert|geschlossen|gelöscht|geändert|zurückgesetzt|gesendet"
    r"|weitergeleitet|eskaliert"
    r"|gekündigt|gutgeschrieben|hinzugefügt|aktiviert|freigeschaltet|veranlasst|behoben)"
    r"|(?:wurde|wurden)\b.{0,80}\b(?:erstattet|storniert|geschlossen|gelöscht|geändert|zurückgesetzt"
    r"|gutgeschrieben|behoben|gekündigt)"
    r"|(?:werde|werden)\b.{0,80}\b(?:erstatten|stornieren|schließen|löschen|gutschreiben|zurückzahlen"
    r"|zurücküberweisen)|wir garantieren"
    r"|\b(?:erstattet|storniert|geschlossen|gelöscht|gutgeschrieben|behoben|gekündigt)e?n?"
    r" (?:wurde|wurden|worden|haben|habe|wird|werden)"
    r"|(?:j'ai|j’ai|nous avons|avons)\b.{0,40}\b(?:remboursé|annulé|fermé|supprimé|modifié|réinitialisé|envoyé"
    r"|transmis|résilié|crédité|ajouté)"
    r"|(?:a|ont) été (?:remboursé|annulé|fermé|supprimé|modifié|résilié|crédité)\w*|(?:nous allons|je vais"
    r"|nous vous) (?:rembours|annul|crédit)\w*"
    r"|(?:he|hemos|ha sido|han sido)\b.{0,40}\b(?:reembolsad|cancelad|cerrad|eliminad|cambiad|restablecid"
    r"|enviad|abonad|añadid)[oa]s?"
    r"|(?:le|les) (?:reembolsaremos|devolveremos|abonaremos)|vamos a (?:reembolsar|cancelar|cerrar|eliminar|abonar)"
    r")"
)
_REFUSAL = re2.compile(
    r"(?i)^\s*(?:i(?:'m| am|’m) (?:sorry,? but i|unable|not able)|i (?:cannot|can't|can’t) (?:help|assist"
    r"|comply|provide|fulfil)|as an ai"
    r"|as a language model|i must decline|ich kann (?:dabei|ihnen dabei|diese anfrage) nicht|als ki"
    r"|je ne peux pas (?:vous aider|répondre)"
    r"|en tant qu'ia|no puedo (?:ayudar|cumplir)|como ia|lo siento, pero no puedo)"
)
_CLOSING = re2.compile(
    r"(?i)^\s*(?:(?:best|kind|kindest|warm) (?:regards|wishes)|regards|best|cheers|sincerely|yours (?:sincerely"
    r"|faithfully|truly)|all the best"
    r"|mit freundlichen grüßen|freundliche grüße|viele grüße|beste grüße|herzliche grüße|liebe grüße"
    r"|cordialement|bien cordialement"
    r"|bien à vous|meilleures salutations|saludos|saludos cordiales|un saludo|atentamente|your .{0,30} team"
    r"|ihr .{0,30}[ -]team"
    r"|the .{1,30} team)\s*(?:[,.!\n]\s*[^?]{0,60})?$"
)


def claims_action(text: str) -> bool:
    """ "We have refunded you", "ich werde stornieren": a draft can do nothing, and promises are a person's to make."""
    return bool(_ACTION.search(text))


def is_refusal(text: str) -> bool:
    return bool(_REFUSAL.match(text))


def is_closing(text: str) -> bool:
    """`Best regards,` alone, or with a short name after it."""
    return bool(_CLOSING.match(text)) and len(text) <= 120
