"""Asking again for what the customer has given: the invoice number, date or amount of the message, the screenshot with it."""

from __future__ import annotations

from dataclasses import dataclass

import re2

from bot.drafts.checks.amounts import find_amounts

_ASK = (
    r"(?i)\b(?:send|tell|give|provide|share|state|include"
    r"|reply|answer|respond|need|needs|require|requires|let us know|find|look up"
    r"|which"
    r"|what (?:is|was)|when (?:is|was|did)|could you|can you|please|ask for|missing|without"
    r"|senden|schicken|nennen|teilen|geben|antworten|brauchen|benötigen|benötigt|suchen|wie lautet|welche[rs]?|wann|bitte"
    r"|envoye\w+|indiqu\w+|donne\w+|communiqu\w+|répond\w+|cherch\w+|quel\w*|précis\w+|besoin|merci de"
    r"|env[íi]\w+|indi\w+|responda|diga\w*|busque|cu[áa]l|necesit\w+|facilit\w+|por favor|invi\w+|rispond\w+|indichi|qual)\b"
)
_PROMISE = re2.compile(r"(?i)^\W*(?:thank|thanks|vielen dank|danke|merci|gracias|grazie|obrigad)")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Thing:
    name: str
    asked: re2._Regexp
    given: re2._Regexp | None = None


_MONTHS = (
    "jan|feb|mar|mär|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez|janv|févr|avr|juin|juil|août|enero|febrero|marzo|abril|mayo|junio|julio"
    "|agosto|septiembre|octubre|noviembre|diciembre|gennaio|febbraio|aprile|maggio|giugno|luglio|settembre|ottobre|dicembre"
)
_REFERENCE = re2.compile(
    r"\b[A-Z]{1,6}[-_/#]?\d[\d/-]{2,}\b|#\s?\d{3,}\b|(?i)\b(?:invoice|rechnung|facture|factura|fattura|order|bestellung)\D{0,12}\d{3,}"
)
_NUMBER = r"(?:\d+|two|three|four|five|ten|twenty|zwei|drei|vier|fünf|zehn|deux|trois|dos|tres)"
_SINCE_WHEN = (
    r"(?i)\b(?:since when|when (?:did )?(?:it|this|the (?:problem|trouble|fault)) (?:start|began|begin|first)\w*"
    r"|seit wann|wann (?:es|das problem|der fehler) (?:anfing|begann|begonnen|angefangen)"
    r"|depuis quand|desde cu[áa]ndo|da quando|desde quando|sinds wanneer)(?: (?:it|this) happens)?\b"
)
_SINCE = (
    r"(?i)\b(?:since|for (?:the (?:last|past) )?(?:an?|\d+|two|three|several) (?:minute|hour|day|week|month)s?"
    r"|this morning|yesterday|last (?:night|week|month)|today|at (?:about |around )?\d{1,2}"
    r"|an hour ago|\d+ (?:minute|hour|day|week)s? ago|seit|heute|gestern|um \d{1,2}"
    r"|depuis|ce matin|hier (?:matin|soir|midi)|aujourd'hui|vers \d{1,2}|desde|esta mañana|ayer|hoy"
    r"|da (?:ieri|oggi|stamattina)|stamattina|ontem|hoje|sinds|vanochtend|gisteren)\b|\b\d{1,2}[:h]\d{2}\b"
)
_HOW_MANY = (
    r"(?i)\b(?:how many (?:people|users|colleagues|customers|of you|are affected|cannot)"
    r"(?: (?:cannot work|are affected))?|who (?:else )?is affected"
    r"|wie viele (?:personen|leute|nutzer|benutzer|kollegen|mitarbeiter)|wer (?:alles )?betroffen ist"
    r"|combien de (?:personnes|coll[èe]gues|utilisateurs)|cu[áa]nt[ao]s (?:personas|usuarios|compañeros)"
    r"|quante persone|quantas pessoas|hoeveel (?:mensen|gebruikers|collega's))\b"
)
_SO_MANY = (
    rf"(?i)\b{_NUMBER} (?:\w+ )?(?:people|users|colleagues|of us|agents|employees|customers|sites|offices|stores"
    r"|personen|leute|nutzer\w*|benutzer\w*|kolleg\w+|mitarbeiter\w*|personnes|coll[èe]gues|utilisateurs"
    r"|personas|usuarios|compañeros|persone|pessoas|mensen|gebruikers)\b"
    r"|\b(?:all of us|every ?one|every ?body|nobody|no one|none of us|the (?:whole|entire) \w+|only me|just me"
    r"|alle|niemand|keiner|nur ich|nur bei mir|tout le monde|personne ne|nous tous|todos|nadie|s[óo]lo yo"
    r"|tutti|nessuno|ninguém|iedereen)\b"
)
_THINGS = (
    _Thing(name="since when", asked=re2.compile(_SINCE_WHEN), given=re2.compile(_SINCE)),
    _Thing(name="how many are affected", asked=re2.compile(_HOW_MANY), given=re2.compile(_SO_MANY)),
    _Thing(
        name="the invoice or order number",
        asked=re2.compile(
            r"(?i)\b(?:(?:invoice|order|receipt|reference)(?:'s)? (?:number|no\b|id)|number of (?:the|your) (?:invoice|order)"
            r"|rechnungsnummern?"
            r"|bestellnummern?|auftragsnummern?|num[ée]ro de (?:la |votre )?(?:facture|commande)"
            r"|n[úu]mero de (?:la |su )?(?:factura|pedido)"
            r"|numero (?:della|di) fattura|factuurnummer|bestelnummer)\b"
        ),
        given=_REFERENCE,
    ),
    _Thing(
        name="the date",
        asked=re2.compile(
            r"(?i)\b(?:dates?|when (?:it|the|you)|datum|zeitpunkt|wann|date|fecha|data (?:di|del|do|da)|on what day|which day)\b"
        ),
        given=re2.compile(
            rf"(?i)\b\d{{4}}-\d{{2}}-\d{{2}}\b|\b\d{{1,2}}[./]\d{{1,2}}[./]?(?:\d{{2,4}})?\b|\b\d{{1,2}}(?:st|nd|rd|th|\.|er)?\s(?:de\s|of\s)?(?:{_MONTHS})"
            rf"|\b(?:{_MONTHS})[a-z]*\s\d{{1,2}}\b"
        ),
    ),
    _Thing(
        name="the amount",
        asked=re2.compile(r"(?i)\b(?:amounts?|betrag|summe|montant|importe|importo|bedrag|how much)\b"),
    ),
    _Thing(
        name="an e-mail address",
        asked=re2.compile(
            r"(?i)\b(?:your e-?mail(?: address)?|ihre e-?mail-?adresse|votre adresse (?:e-?mail|électronique)"
            r"|su (?:correo|direcci[óo]n de correo))\b"
        ),
        given=re2.compile(r"[^\s@<>()]+@[^\s@<>()]+\.\w+"),
    ),
    _Thing(
        name="a screenshot",
        asked=re2.compile(
            r"(?i)\b(?:screenshots?|screen shots?|bildschirmfotos?|captures? d'écran|capturas? de pantalla|schermata)\b"
        ),
    ),
    _Thing(
        name="the error message",
        asked=re2.compile(
            r"(?i)\b(?:error (?:message|code|text)|exact words|fehlermeldung|fehlercode|message d'erreur|mensaje de error)\b"
        ),
        given=re2.compile(r"(?i)\b(?:error|fehler|erreur|code)\b.{0,20}\b[A-Z]{0,4}\d{2,}\b|[“\"„«][^”\"“»]{8,}[”\"“»]"),
    ),
)
_ASKS = re2.compile(_ASK)


@dataclass(frozen=True, slots=True)
class Given:
    """What the customer's words hold. `has_files`: whether files came with them."""

    words: str
    has_files: bool = False

    def asked_again(self, text: str) -> tuple[tuple[str, ...], bool]:
        """The things that a sentence asks for and the customer has given, and whether these are all that it asks for."""
        if not _ASKS.search(text) or _PROMISE.match(text):
            return (), False
        asked = []
        for thing in _THINGS:
            if thing.asked.search(text):
                asked.append(thing)
                text = thing.asked.sub(" ", text)  # "since when" asks for no date besides
        again = tuple(thing.name for thing in asked if self._has(thing))
        return again, len(again) == len(asked)

    def _has(self, thing: _Thing) -> bool:
        if thing.name == "the amount":
            return any(each.unit != "%" for each in find_amounts(self.words))
        if thing.given is None:
            return self.has_files
        return thing.given.search(self.words) is not None
