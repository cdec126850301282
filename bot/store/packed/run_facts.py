"""What a run decided from and by: taken apart where it is stored, put together where it is read.

Facts hold the whole conversation. Here each message and each long text is a number of `ticket_texts`, and what is left is
compressed with the words of the rules (compression.py). What comes back is what went in, to the last sign, so that hashes are
the same. Runs of earlier versions have both as plain text in columns of their own, and are read from there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection

from adapters.codec import Unreadable
from adapters.ticket import Json, TicketKey, TicketKind
from bot.store.packed import ticket_texts
from bot.store.packed.compression import pack, unpack, words_of
from bot.store.packed.ticket_texts import LONG_TEXTS, as_ranges, as_text, from_ranges, numbers_in

LONG = 256  # characters: a text of that length is kept by itself
Place = list[str | int]
_encode = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode


def columns(connection: Connection, key: TicketKey, facts: Json, decision: str, words: bytes) -> dict[str, object]:
    """The columns of `runs` that hold them, its new texts added to the ticket's. `facts`: a tree as `facts_to_json` makes it;
    `decision`: as JSON text."""
    thin = _Thin()
    whole = dict(facts) if isinstance(facts, dict) else {}
    ticket = whole.get("ticket")
    messages = ticket.get("messages") if isinstance(ticket, dict) else None
    if isinstance(ticket, dict) and isinstance(messages, list):
        whole["ticket"] = {name: value for name, value in ticket.items() if name != "messages"}
        thread = [_Thin() for _ in messages]
        made = [each.of(message) for each, message in zip(thread, messages, strict=True)]
    else:
        thread, made = [], []
    tree = thin.of(whole)
    long = [text for each in (*thread, thin) for text in each.texts]
    numbers = iter(ticket_texts.keep(connection, key, long, LONG_TEXTS))
    inside = [each.numbered(numbers) for each in thread]
    own = thin.numbered(numbers)
    said = [_encode({"value": value, "texts": places}) for value, places in zip(made, inside, strict=True)]
    order = ticket_texts.keep(connection, key, said)
    document = {"value": tree, "texts": own, "messages": as_ranges(order) if made or messages == [] else None}
    used = {number for places in (*inside, own) for _, number in places} | set(order)
    return {
        "facts_packed": pack(_encode(document), words),
        "decision_packed": pack(decision, words),
        "texts": as_text(used),
    }


class _Thin:
    """A tree without its long texts. `texts`: those that were taken out, `places`: where they were."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.places: list[Place] = []

    def of(self, tree: Json, place: tuple[str | int, ...] = ()) -> Json:
        if isinstance(tree, str) and len(tree) >= LONG:
            self.texts.append(tree)
            self.places.append([*place])
            return ""
        if isinstance(tree, dict):
            return {name: self.of(inside, (*place, name)) for name, inside in tree.items()}
        if isinstance(tree, list):
            return [self.of(inside, (*place, number)) for number, inside in enumerate(tree)]
        return tree

    def numbered(self, numbers: Iterator[int]) -> list[tuple[Place, int]]:
        return [(place, next(numbers)) for place in self.places]


class Together:
    """Puts runs together that were taken apart. Keeps the words of rules, and the texts of the ticket that it looked at last: one
    run after the other asks for the same."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._words: dict[str, bytes] = {}
        self._key: TicketKey | None = None
        self._texts: dict[int, str] = {}

    def whole(self, row: Mapping[Any, Any]) -> dict[str, Any]:
        """A row of `runs` with `facts` and `decision` as JSON text, whichever version stored it. Raises Unreadable."""
        return {**row, "facts": self.facts(row), "decision": self.decision(row)}

    def decision(self, row: Mapping[Any, Any]) -> str | None:
        """As JSON text, or None where it is not kept. Raises Unreadable."""
        packed = row["decision_packed"]
        return row["decision"] if packed is None else unpack(bytes(packed), self._words_of(row["rules_hash"]))

    def facts(self, row: Mapping[Any, Any]) -> str | None:
        """As canonical JSON text, or None where they are not kept. Raises Unreadable."""
        packed = row["facts_packed"]
        if packed is None:
            text: str | None = row["facts"]
            return text
        document = json.loads(unpack(bytes(packed), self._words_of(row["rules_hash"])))
        self._look_up(TicketKey(row["account"], TicketKind(row["kind"]), row["external_id"]), numbers_in(row["texts"]))
        tree = self._filled(document)
        if document["messages"] is not None:
            numbers = from_ranges(document["messages"])
            tree["ticket"]["messages"] = [self._filled(json.loads(self._text(number))) for number in numbers]
        return json.dumps(tree, sort_keys=True, separators=(",", ":"), ensure_ascii=True)

    def _filled(self, document: dict[str, Any]) -> Any:
        tree = document["value"]
        for place, number in document["texts"]:
            if not place:
                return self._text(number)
            inside = tree
            for step in place[:-1]:
                inside = inside[step]
            inside[place[-1]] = self._text(number)
        return tree

    def _text(self, number: int) -> str:
        if number not in self._texts:
            raise Unreadable(f"text {number} of the ticket is not kept any more")
        return self._texts[number]

    def _look_up(self, key: TicketKey, numbers: list[int]) -> None:
        if key != self._key:
            self._key, self._texts = key, {}
        self._texts |= ticket_texts.read(self._connection, key, set(numbers) - self._texts.keys())

    def _words_of(self, rules_hash: str) -> bytes:
        if rules_hash not in self._words:
            self._words[rules_hash] = words_of(self._connection, rules_hash) or b""
        return self._words[rules_hash]
