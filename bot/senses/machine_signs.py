"""Signs that a message was sent by a machine (out of office, bounce, receipt) or by a person, and what they weigh together.

A phrase alone never makes a machine of a person: customers of mail, HR and parcel products write the same words. It takes
the form of a machine (what a mail program puts before a subject), or several signs at once, and none of a person: a
question, a fault, a wish, sentences that no machine writes. The lists are in lists/auto_reply.yaml.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import re2

from adapters.ticket import Channel, Message, Ticket
from bot.senses.lexicon import Hit, Lexicon, lexicon, tree
from bot.senses.lexicon import normal as words_of
from rules.values.folding import fold
from rules.values.text import needs_no_space, normal

ENOUGH = 1.0
LONGEST = 1_500  # letters; a long mail that begins "I am out of the office" usually has a question further down
FEW_WORDS = 3
FEW_LETTERS = 8  # of a script without spaces
MOST_OTHERS = 3
MOST_LEFT = 8  # words of a clause beside those of a machine
MOST_UNSPACED = 60  # letters of a clause without spaces
_HERE_IS_NO_MAIL = frozenset({Channel.WEB, Channel.CHAT, Channel.IN_APP, Channel.SMS, Channel.WHATSAPP, Channel.PHONE})
_WEIGHTS = {"away": 0.6, "left": 0.5, "announces": 0.8, "receipt": 0.5, "bounce": 0.5, "support": 0.25}
_SAYS = {
    "away": "says that somebody is away",
    "left": "says that somebody has left",
    "announces": "calls itself automatic",
    "receipt": "confirms that something came",
    "bounce": "tells of mail that was not delivered",
    "support": "says who answers meanwhile",
}
_MOST = {"support": 0.5, "receipt": 0.8}  # of several such sentences together
_MACHINES, _BESIDE, _PERSONS = "machine.", "beside.", "person."  # labels of the lists
_SENTENCE = re2.compile(r"[^.!?;。！？；\n]*(?:[.!?;。！？；\n]+|$)")
_COMMA = re2.compile(r"[,、，]")
_FIGURE = re2.compile(r"\d")
_IN_NUMBER = re2.compile(r"(\d)\.")
_SMTP = re2.compile(
    r"(?im)\b[45]\.\d{1,2}\.\d{1,3}\b|\b(?:550|551|552|553|554|421|450)[ -]|final-recipient|diagnostic-code|reporting-mta|smtp;"
)
_ADDRESS = re2.compile(r"\S@\S|https?://|www\.|\d{3}[\d\s/().-]{4,}")
_QUESTION = re2.compile(r"[?？؟]")
_TICKET_NUMBER = re2.compile(r"(?i)\[[^\]]{0,20}#\s?[\w-]{3,}[^\]]{0,20}\]|\[ticket[^\]]{1,30}\]")
_ABOVE_THIS_LINE = re2.compile(r"^\s*##-[^\n]{1,120}-##")


@dataclass(frozen=True, slots=True)
class Sign:
    """`weight`: from -1, surely a person, to 1, surely a machine. `is_written`: in the subject, which anybody can write."""

    weight: float
    why: str
    is_written: bool = False


def verdict(signs: Iterable[Sign], reads_like_machine: float | None = None) -> tuple[float, str]:
    """What all signs weigh together, from ENOUGH on a machine's, and the reasons in the order of their weight. A learned guess
    (0 to 1) may tip what stands on the edge, never more than that, and never against a sign of a person."""
    found = [*signs]
    if reads_like_machine is not None and not (reads_like_machine > 0.5 and any(sign.weight < 0 for sign in found)):
        found.append(Sign(0.6 * (reads_like_machine - 0.5), "reads like a machine's"))
    total = sum(sign.weight for sign in found)
    said = sorted((sign for sign in found if sign.weight * total > 0), key=lambda sign: -abs(sign.weight))
    return round(total, 3), ", ".join(dict.fromkeys(sign.why for sign in said))


def signs_of(ticket: Ticket, text: str) -> list[Sign]:
    """`text`: the newest message's own words, the subject before them where it is the first."""
    newest = ticket.last_customer_message
    if newest and newest.is_auto_generated:
        return [Sign(1.0, "its headers say that a machine sent it")]
    is_first = len(ticket.customer_messages) <= 1
    if is_first and ticket.channel in _HERE_IS_NO_MAIL:
        return [Sign(-1.0, f"came in by {ticket.channel.value}, not by mail")]
    body = body_of(ticket, text)
    form = [*_sender(ticket, newest), *(_subject(ticket.subject) if is_first else ())]
    if newest and _ABOVE_THIS_LINE.search(newest.body_text):
        form.append(Sign(0.6, "a helpdesk's line above the text"))
    if not form and not _lexicon().find(_flat(body), _MACHINES):
        return []
    said = _read(body)
    return [*form, *_text(said), *_context(ticket), *_person(said, form)]


def body_of(ticket: Ticket, text: str) -> str:
    """`text` without the subject that stands before a first message."""
    return text.removeprefix(ticket.subject).strip() if len(ticket.customer_messages) <= 1 else text


def words_of_a_person(body: str) -> str:
    """The sentences that no machine explains; all of what is longer than a machine's. Beside a mail server's code only faults."""
    if len(body) > LONGEST:
        return body
    said = _read(body)
    of_server = _has_code(said)
    return " ".join(each.text for each in said.sentences if each.fault or (each.others and not of_server))


def asks_or_wants(text: str) -> bool:
    """Whether somebody asks or wants something, as only people do; or writes more than machines do."""
    sentences = _read(text).sentences
    return len(text) > LONGEST or any((_QUESTION.search(each.text) and not each.offers_help) or each.wish for each in sentences)


def _sender(ticket: Ticket, newest: Message | None) -> Iterator[Sign]:
    is_requester = newest is None or not ticket.requester or newest.author_id in ("", ticket.requester.external_id)
    addresses = ticket.requester.emails if ticket.requester and is_requester else ()
    names = [address.split("@")[0].split("+")[0].split("=")[0] for address in addresses]
    known = tree("auto_reply")["sender"]
    if found := next((name for name in names if normal(name) in known["systems"]), ""):
        yield Sign(1.0, f"sent by {normal(found)}")
    elif newest and normal(newest.author_name) in known["names"]:
        yield Sign(1.0, f"sent by {normal(newest.author_name)}")
    elif found := next((name for name in names if normal(name) in known["maybe"]), ""):
        yield Sign(0.3, f"sent by {normal(found)}")


def _subject(subject: str) -> Iterator[Sign]:
    rest, is_forwarded = _without_prefixes(subject)
    if is_forwarded:
        yield Sign(-0.6, "forwarded by a person")
        return
    before, colon, _ = rest.replace("：", ":").partition(":")
    phrase, of_machines = fold(normal(before)), _phrases("prefix")
    if colon and phrase in of_machines:
        yield Sign(1.0, f"subject: {phrase}:", is_written=True)
    elif colon and phrase in _phrases("prefix_in_short"):
        yield Sign(0.95, f"subject: {phrase}:", is_written=True)
    elif found := _begins(fold(normal(rest)), _phrases("subject_of_systems")):
        yield Sign(0.7, f"subject: {found}", is_written=True)
    elif phrase in of_machines or phrase in _phrases("prefix_also_of_people"):
        yield Sign(0.7 if colon else 0.3, f"subject: {phrase}", is_written=True)
    if _TICKET_NUMBER.search(subject):
        yield Sign(0.2, "a ticket number of others", is_written=True)


@dataclass(frozen=True, slots=True)
class _Sentence:
    """`labels`: what of a machine's is in it; `others`: how many of its clauses only a person would write."""

    text: str
    labels: frozenset[str]
    others: int
    fault: str
    wish: str
    is_own: bool

    @property
    def offers_help(self) -> bool:
        """ "Is it urgent?", before a number to call."""
        return "support" in self.labels and not (self.fault or self.wish or self.others)


@dataclass(frozen=True, slots=True)
class _Said:
    """A message's own words, read once."""

    body: str
    found: Mapping[str, int]  # label of a machine's phrases -> how many
    sentences: tuple[_Sentence, ...]

    @property
    def labels(self) -> frozenset[str]:
        return frozenset(self.found)


def _flat(body: str) -> str:
    """Its beginning. In "3. Juli" and "01.08." no sentence ends."""
    return str(_IN_NUMBER.sub(r"\1", body[:LONGEST]))


def _read(body: str) -> _Said:
    flat = _flat(body)
    found = Counter(_name(hit) for hit in _of_machines(flat))
    return _Said(body, found, tuple(_sentence(piece) for piece in _SENTENCE.findall(flat) if piece.strip()))


def _of_machines(text: str) -> list[Hit]:
    return [*_lexicon().find(text, _MACHINES), *_lexicon().find(text, _BESIDE)]


def _name(hit: Hit) -> str:
    return hit.label.partition(".")[2]


def _sentence(text: str) -> _Sentence:
    persons = {_name(hit): hit.words for hit in _lexicon().find(text, _PERSONS)}
    clauses = [] if _is_short(text, FEW_WORDS, FEW_LETTERS) or _ADDRESS.search(text) else _clauses(text)
    return _Sentence(
        text=text,
        labels=frozenset(map(_name, _of_machines(text))),
        others=sum(not _is_explained(clause, is_whole=len(clauses) == 1) for clause in clauses),
        fault=persons.get("fault", ""),
        wish=persons.get("request", ""),
        is_own="own" in persons,
    )


def _clauses(sentence: str) -> list[str]:
    """Its parts between commas and before "but"."""
    words = " ".join(", " if word in _phrases("contrast") else word for word in sentence.replace("،", ",").split())
    return [clause for clause in _COMMA.split(words) if clause.strip()]


def _is_explained(clause: str, *, is_whole: bool) -> bool:
    """What machines say and hardly more, a day, a name: nothing that only a person would write."""
    if hits := _of_machines(clause):
        known = {word for hit in hits for word in hit.words.split()}
        left = [word for word in words_of(clause).replace("|", " ").split() if word not in known and not _FIGURE.search(word)]
        return len(left) <= MOST_LEFT and (len(clause) <= MOST_UNSPACED or not any(map(needs_no_space, clause)))
    return not is_whole and (bool(_FIGURE.search(clause)) or _is_short(clause, FEW_WORDS - 1, FEW_LETTERS // 2))


def _is_short(text: str, most_words: int, most_letters: int) -> bool:
    words = words_of(text).replace("|", " ").split()
    return len(words) <= most_words and sum(map(len, words)) <= (most_letters if any(map(needs_no_space, text)) else 60)


def _text(said: _Said) -> Iterator[Sign]:
    """What a machine says. A long message is a person's."""
    if len(said.body) > LONGEST:
        return
    for label, count in said.found.items():
        if weight := _WEIGHTS.get(label, 0.0):
            yield Sign(min(weight * count, _MOST.get(label, weight)), _SAYS[label])
    if _has_code(said):
        yield Sign(0.4, "a mail server's code")


def _has_code(said: _Said) -> bool:
    return "bounce" in said.labels and bool(_SMTP.search(said.body))


def _context(ticket: Ticket) -> Iterator[Sign]:
    if ticket.agent_replies or _is_answer(ticket.subject):
        yield Sign(0.15, "answers our mail")


def _person(said: _Said, form: Sequence[Sign]) -> Iterator[Sign]:
    """A person's signs; and the absence of all of them, which is a sign of a machine. `form`: what sender and subject say."""
    wrongs: list[Sign] = []
    if any(_QUESTION.search(each.text) and not each.offers_help for each in said.sentences):
        wrongs.append(Sign(-0.5, "asks"))
    if fault := next((each.fault for each in said.sentences if each.fault and "bounce" not in each.labels), ""):
        wrongs.append(Sign(-0.5, f"tells of a fault: “{fault}”"))
    if wish := next((each.wish for each in said.sentences if each.wish), ""):
        wrongs.append(Sign(-0.4, f"wants something: “{wish}”"))
    if "bounce" in said.labels and any(each.is_own for each in said.sentences):
        wrongs.append(Sign(-0.5, "speaks of its own mail"))
    if "announces" not in said.labels and any(phrase in fold(said.body) for phrase in _phrases("prefix") if len(phrase) > 4):
        wrongs.append(Sign(-0.4, "speaks about such messages"))
    others = sum(each.others for each in said.sentences)
    if any(sign.weight >= ENOUGH for sign in form):
        yield from wrongs
        return
    if len(said.body) > LONGEST:
        wrongs.append(Sign(-0.5, "is long"))
    if others:
        wrongs.append(Sign(-0.2 * min(others, MOST_OTHERS), "says other things"))
    yield from wrongs or [Sign(0.3, "says nothing else")]


def _without_prefixes(subject: str) -> tuple[str, bool]:
    """The subject without "Re:", "[External]" and their like, and whether a person forwarded it."""
    rest, is_forwarded = subject.strip(), False
    while True:
        inner, bracket, after = rest[1:].partition("]") if rest.startswith("[") else ("", "", "")
        if bracket and (normal(inner) in _phrases("answered") or _TICKET_NUMBER.search(rest[: len(inner) + 2])):
            rest = after.strip()
            continue
        before, colon, after = rest.replace("：", ":").partition(":")
        mark = normal(before).split("[")[0].strip()
        if not colon or (mark not in _phrases("answered") and mark not in _phrases("forwarded")):
            return rest, is_forwarded
        is_forwarded = is_forwarded or mark in _phrases("forwarded")
        rest = after.strip()


def _is_answer(subject: str) -> bool:
    before, colon, _ = subject.replace("：", ":").partition(":")
    return bool(colon) and normal(before).split("[")[0].strip() in _phrases("answered")


def _begins(text: str, phrases: Iterable[str]) -> str:
    return next((phrase for phrase in phrases if text.startswith(phrase)), "")


@lru_cache(maxsize=1)
def _lexicon() -> Lexicon:
    return lexicon("auto_reply")


@lru_cache(maxsize=8)
def _phrases(part: str) -> tuple[str, ...]:
    return tuple(fold(normal(phrase)) for group in tree("auto_reply")[part].values() for phrase in group)
