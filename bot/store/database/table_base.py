"""What all tables are made with: one metadata, names of keys and indexes, and a ticket's key."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, MetaData, String

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite counts up only an INTEGER primary key; PostgreSQL wants room for more than two billion rows.
Sequence = BigInteger().with_variant(Integer(), "sqlite")


def ticket_key(*, primary: bool = False, nullable: bool = False) -> tuple[Column[str], Column[str], Column[str]]:
    names = ("account", "kind", "external_id")
    account, kind, external_id = (Column(name, String(64), primary_key=primary, nullable=nullable) for name in names)
    return account, kind, external_id
