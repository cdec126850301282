"""Column types that read the same on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import BigInteger, ColumnElement, Connection, DateTime, Dialect, LargeBinary, Text, func
from sqlalchemy.types import TypeDecorator, TypeEngine

from bot.store.database.known_words import EVENTS, OWN
from bot.store.database.packed_values import FAST, SMALL, pack, unpack, words_of_body

T = TypeVar("T")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class UtcTime(TypeDecorator[datetime]):
    """Aware UTC times: integer microseconds on SQLite (which has no time type), timestamptz on PostgreSQL."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(BigInteger())
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None or dialect.name != "sqlite":
            return value
        return (value - _EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if dialect.name == "sqlite":
            return _EPOCH + timedelta(microseconds=int(value))
        moment: datetime = value
        return moment.astimezone(UTC)


class PackedText(TypeDecorator[str]):
    """JSON of ours: compressed on SQLite; plain text on PostgreSQL, whose server compresses long values itself.

    Rows of earlier versions are plain, and read as they are. What cannot be unpacked comes as the bytes that it is, which is no
    JSON: whoever reads it says that this row is unreadable, and no other row suffers.
    """

    impl = Text
    cache_ok = True
    words, level = OWN, SMALL

    def process_bind_param(self, value: str | None, dialect: Dialect) -> Any:
        if not value or dialect.name != "sqlite":
            return value
        plain = value.encode()
        packed = pack(plain, self.words, self.level)
        return value if packed is plain else packed

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        if not isinstance(value, bytes):
            return value
        plain = unpack(value)
        return value if plain is value else plain.decode()


class PackedEvents(PackedText):
    """What a delivery tells of, as JSON. Made at the door, where each microsecond counts: an ordinary one takes 8."""

    cache_ok = True
    words, level = EVENTS, FAST


class PackedBody(TypeDecorator[bytes]):
    """What a helpdesk sent, compressed. Rows of earlier versions hold the bytes themselves, and are read as they are."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        return packed_body(value) if value else value

    def process_result_value(self, value: Any, dialect: Dialect) -> bytes | None:
        return None if value is None else unpack(bytes(value))


def packed_body(body: bytes) -> bytes:
    """A body as `PackedBody` keeps it, for the few statements that bypass SQLAlchemy's compiler. An ordinary one takes 10
    to 30 us, a megabyte 9 ms."""
    return pack(body, words_of_body(body), FAST)


_UTC_TIME = UtcTime()
_EVENTS = PackedEvents()


def as_stored(moment: datetime, connection: Connection) -> Any:
    """A time as the driver wants it, for the few statements that bypass SQLAlchemy's compiler."""
    return _UTC_TIME.process_bind_param(moment, connection.dialect)


def packed_events(events: str, connection: Connection) -> Any:
    """The same for `PackedEvents`."""
    return _EVENTS.process_bind_param(events, connection.dialect)


def unindexed(column: ColumnElement[T]) -> ColumnElement[T]:
    """The column as it is, by which no index is read. SQLite, which may know nothing of what is in a table, would take an index
    over all rows of an account, or of all that is done, for better than the one that is meant."""
    return func.coalesce(column, column)


def with_places(statement: str, connection: Connection) -> str:
    """A statement's `?` as the driver writes its places. None may stand in a text of the statement itself."""
    return statement if connection.dialect.name == "sqlite" else statement.replace("?", "%s")
