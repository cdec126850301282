"""Where an e-mail's own words end: attribution lines, forwarded headers, quoted lines, signatures. One pass, linear.

Patterns are RE2, so a hostile mail costs its length. Attributions differ by mail client and language; they are recognised
by what they share (a date or an address, and a verb of writing before a colon), not by one pattern per client.
"""

from __future__ import annotations

import re2

MAX_JOINED = 3  # an attribution may be wrapped over three lines
MAX_SIGNATURE_LINES = 6
MAX_SIGNATURE_WORDS = 10

# RE2's \\b knows ASCII letters only, so the boundary before the verb is spelled out.
_WROTE = (
    r"[\s\"'>)](?:wrote|writes|said|schrieb|geschrieben|a écrit|escribió|ha scritto|schreef|geschreven|escreveu"
    r"|napisał|napisała|skrev"
    r"|kirjoitti|napsal|napsal\(a\)|написал|написала|пише|пишет|написав|yazdı|írta|a scris|έγραψε"
    r"|のメール|写道|寫道|님이 작성|כתב|كتب)"
)
_WHEN = r"(?:\d{1,2}[:.h]\d{2}|\b(?:19|20)\d{2}\b|\d{1,2}[./-]\d{1,2}[./-]\d{2,4})"
_ADDRESS = r"[^\s<>@]+@[^\s<>@]+"
_DATED = re2.compile(_WHEN)
_ATTRIBUTION = (
    re2.compile(rf"(?i)^[>|\s]*(?:.{{0,300}}(?:{_WHEN}|{_ADDRESS}).{{0,300}}{_WROTE}.{{0,200}}[:：]?\s*-*\s*)$"),
    re2.compile(rf"(?i)^[>|\s]*(?:.{{0,200}}{_WROTE}\s.{{0,200}}(?:{_WHEN}|{_ADDRESS}).{{0,200}}[:：]\s*)$"),
    re2.compile(rf"(?i)^[>|\s]*(?:.{{0,200}}(?:{_WHEN}).{{0,100}}<?{_ADDRESS}>?.{{0,80}}[:：]?\s*)$"),
    re2.compile(r"(?i)^[>|\s]*(?:\d{4}[-/]\d{1,2}[-/]\d{1,2}(?:\s+\d{1,2}:\d{2})?\s+(?:GMT\S*\s+)?\S+.{0,100})$"),
    re2.compile(
        rf"(?i)^[>|\s]*(?:(?:on|at|am|le|el|op|il|den|em|dne|w dniu)\s.{{0,200}}(?:{_WHEN}).{{0,200}}{_WROTE}.{{0,200}}[:：])\s*$"
    ),
    re2.compile(rf"(?i)^[>|\s]*(?:.{{1,80}}<{_ADDRESS}>{_WROTE}\s*[:：])\s*$"),
    re2.compile(rf"(?i)^[>|\s]*(?:(?:on|am|le|el|op|il|den|em|dne)\s.{{5,150}},.{{1,150}}{_WROTE}\s*[:：])\s*$"),
)
_STAMP = re2.compile(r"^[>|\s]*\d{4}-\d{2}-\d{2} \d{1,2}:\d{2} GMT[+-]\d{1,2}:\d{2}\s")
_DIVIDER = re2.compile(
    r"(?i)^[>|\s]*(?:[-_*=]{2,}\s*(?:original message|forwarded message|forwarded by.{0,80}|ursprüngliche nachricht"
    r"|originalnachricht"
    r"|weitergeleitete nachricht|message d'origine|message original|message transféré|mensaje original|mensaje reenviado"
    r"|messaggio originale|messaggio inoltrato|oorspronkelijk bericht|doorgestuurd bericht|mensagem original"
    r"|mensagem encaminhada"
    r"|originalmeddelande|oprindelig meddelelse|opprinnelig melding|alkuperäinen viesti|původní zpráva|wiadomość oryginalna"
    r"|исходное сообщение|пересылаемое сообщение|原始邮件|原始郵件|元のメッセージ)\s*[-_*=]*|begin forwarded message:?"
    r"|anfang der weitergeleiteten nachricht:?|début du message réexpédié ?:?"
    r"|##- please type your reply above this line -##)\s*$"
)
_HEADER = re2.compile(
    r"(?i)^[>|\s*]*(?:from|sent|to|subject|date|cc|reply-to|von|gesendet|an|betreff|datum|de|envoyé|à|objet|enviado"
    r"|enviado el|para"
    r"|asunto|fecha|da|inviato|a|oggetto|data|van|verzonden|aan|onderwerp|från|skickat|till|ämne|fra|sendt|til|emne|assunto|od"
    r"|wysłano|do|temat|от|кому|тема|дата|отправлено)\s?\*?\s?[:：]\*?\s?.{0,500}$"
)
_RULE = re2.compile(r"^\s*[_-]{20,}\s*$")
_QUOTED = re2.compile(r"^\s*[>|]")
_SENT_FROM = re2.compile(
    r"(?i)^\s*\[?(?:sent (?:from|via|with) (?:my|outlook|mail|the|yahoo|proton|samsung|gmail|a).{0,80}|get outlook for .{0,80}"
    r"|(?:von meinem|gesendet (?:von|mit|aus)) .{0,80}|envoyé (?:de|depuis|à partir) .{0,80}|enviado (?:desde|de"
    r"|a partir) .{0,80}"
    r"|inviato da .{0,80}|verzonden (?:vanaf|met|vanuit) .{0,80}|verstuurd vanaf .{0,80}|skickat från .{0,80}|sendt fra .{0,80}"
    r"|lähetetty .{0,80}|wysłane z .{0,80}|odesláno z .{0,80}|отправлено с .{0,80}"
    r"|iphone.?から送信.{0,20}|从我的.{0,20}发送)\]?\s*$"
)
_DASHES = re2.compile(r"^\s*(?:--|—|__|-- )\s*$")
_CLOSING = re2.compile(
    r"(?i)^\s*(?:(?:best|kind|kindest|warm|warmest|many thanks and best|with best|with kind)\s+(?:regards|wishes)"
    r"|regards|cheers|sincerely"
    r"|yours (?:sincerely|faithfully|truly)|best|thanks|thank you|many thanks|thx|all the best"
    r"|mit freundlichen grüßen|mit freundlichem gruß"
    r"|freundliche grüße|viele grüße|beste grüße|liebe grüße|herzliche grüße|mfg|vg|lg|gruß|grüße|cordialement"
    r"|bien cordialement"
    r"|bien à vous|salutations|meilleures salutations|sincères salutations|saludos|saludos cordiales|un saludo"
    r"|atentamente|cordialmente"
    r"|un cordial saludo|gracias|cordiali saluti|distinti saluti|saluti|met vriendelijke groet(?:en)?|groeten|mvh"
    r"|med vänlig(?:a)? hälsning(?:ar)?"
    r"|med venlig hilsen|atenciosamente|pozdrawiam|s pozdravem|с уважением)\s*[,.!]*\s*$"
)


def cut_quotes(text: str) -> str:
    """The text up to the quoted history; where the answer stands below or between the quotes, what stands there.

    Quoted lines that are answered one by one (own words follow) stay: they are part of what was said.
    """
    lines = text.split("\n")
    at, taken = _history(lines)
    above = _without_trailing_quotes(lines[:at])
    if any(line.strip() and not _QUOTED.match(line) for line in above):
        return "\n".join(above)
    if at == len(lines):
        return text
    below = _after_headers(lines[at + taken :])
    return "\n".join(without_quotes(below))


def without_quotes(lines: list[str]) -> list[str]:
    return [line for line in lines if not _QUOTED.match(line)]


def cut_signature(text: str) -> str:
    """The text without a dashed signature, a "sent from" line, or a closing with a name under it."""
    lines = text.rstrip().split("\n")
    for place, line in enumerate(lines):
        if _DASHES.match(line) and any(each.strip() for each in lines[:place]):
            lines = lines[:place]
            break
    lines = _without_device(lines)
    at = _closing(lines)
    return "\n".join(lines[:at]).rstrip()


def _history(lines: list[str]) -> tuple[int, int]:
    """The first line of the history and how many lines its heading takes; the length of the text where there is none."""
    for place, line in enumerate(lines):
        if not line.strip():
            continue
        if _DIVIDER.match(line):
            return place, 1
        if (headers := _header_lines(lines, place)) >= 2:
            return (place - 1, headers + 1) if place and _RULE.match(lines[place - 1]) else (place, headers)
        if taken := _attribution_lines(lines, place):
            return place, taken
    return len(lines), 0


def _header_lines(lines: list[str], place: int) -> int:
    count = 0
    while place + count < len(lines) and count < 12 and _HEADER.match(lines[place + count]):
        count += 1
    return count


def _attribution_lines(lines: list[str], place: int) -> int:
    """How many lines an attribution takes that starts at `place`; 0 where none does, or a later line starts it."""
    taken = _matching_lines(lines, place)
    starts_later = taken > 1 and not _DATED.search(lines[place]) and 0 < _matching_lines(lines, place + 1) < taken
    return 0 if starts_later else taken


def _matching_lines(lines: list[str], place: int) -> int:
    joined = ""
    for count in range(1, MAX_JOINED + 1):
        if place + count > len(lines) or not lines[place + count - 1].strip():
            return 0
        joined = f"{joined} {lines[place + count - 1].strip()}".strip()
        if len(joined) > 600:
            return 0
        if any(pattern.match(joined) for pattern in _ATTRIBUTION) and _ends_so(joined, lines[place + count : place + count + 3]):
            return count
    return 0


def _ends_so(heading: str, after: list[str]) -> bool:
    """A heading ends with a colon or dashes, or quoted lines follow: a sentence that names a date does not."""
    following = next((line for line in after if line.strip()), "")
    return heading.rstrip().endswith((":", "：", "-")) or bool(_QUOTED.match(following)) or bool(_STAMP.match(heading))


def _without_trailing_quotes(lines: list[str]) -> list[str]:
    end = len(lines)
    while end and (not lines[end - 1].strip() or _QUOTED.match(lines[end - 1])):
        end -= 1
    return lines[:end]


def _after_headers(lines: list[str]) -> list[str]:
    """What follows a header block: all up to its blank line goes, for headers wrap."""
    first = next((place for place, line in enumerate(lines) if line.strip()), len(lines))
    if first < len(lines) and _HEADER.match(lines[first]):
        return lines[next((place for place in range(first, len(lines)) if not lines[place].strip()), len(lines)) :]
    return lines


def _without_device(lines: list[str]) -> list[str]:
    for place, line in enumerate(lines):
        if _SENT_FROM.match(line) and any(each.strip() for each in lines[:place]):
            return lines[:place]
    return lines


def _closing(lines: list[str]) -> int:
    """Where a closing starts that has a name and little else under it; the length of the text where none does."""
    first = max(1, len(lines) - MAX_SIGNATURE_LINES - 4)
    for place in range(first, len(lines)):
        below = [line for line in lines[place + 1 :] if line.strip()]
        is_name = 0 < len(below) <= MAX_SIGNATURE_LINES and all(len(line.split()) <= MAX_SIGNATURE_WORDS for line in below)
        if _CLOSING.match(lines[place]) and is_name and any(line.strip() for line in lines[:place]):
            return place
    return len(lines)
