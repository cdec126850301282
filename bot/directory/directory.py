"""The directory: finds the row of a ticket's company and requester, and lays it over what the helpdesk says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from adapters.ticket import Company, Person, Ticket
from bot.config import ConfigInvalid
from bot.directory.files import read_file
from bot.directory.free_mail import FREE_MAIL
from bot.directory.records import Record
from bot.log import get_logger
from rules.files.problems import Problem
from rules.model.facts import Candidate

log = get_logger("directory")
Index = Mapping[str, Record]
Stamp = tuple[tuple[int, int], ...]


class Directory:
    """`load` reads the files and raises ConfigInvalid with all problems; later changes are taken up at the next ticket.
    A file that has become wrong meanwhile is logged and the last good rows stay."""

    def __init__(self, paths: Iterable[Path] = ()) -> None:
        self._paths = tuple(paths)
        self._stamp: Stamp = ()
        self._rows: Index = {}

    @staticmethod
    def load(paths: Iterable[Path]) -> Directory:
        directory = Directory(paths)
        directory._stamp = directory._stamp_now()
        directory._rows, problems = _index(directory._paths)
        if problems:
            raise ConfigInvalid(problems)
        return directory

    def enrich(self, ticket: Ticket) -> tuple[Company, Person]:
        """The company and the requester: the helpdesk's fields, with the file's values over them where it has any."""
        self._refresh()
        person = _person(ticket.requester or Person(), self._rows)
        company = ticket.company or Company()
        row = _company_row(company, person, self._rows)
        return _with_revenue(_laid_over(company, row) if row else company), person

    def agents(self, now: datetime) -> tuple[Candidate, ...]:
        """The team as the files know it, by name; whose day of return has not come yet is away. Their tickets are not counted."""
        self._refresh()
        found = [_candidate(row, now) for key, row in self._rows.items() if key.startswith("agent:")]
        return tuple(sorted(found, key=lambda each: (each.name.casefold(), each.agent)))

    def staff(self) -> frozenset[str]:
        """Addresses of the team's own, in small letters: agents, success managers and account managers."""
        self._refresh()
        agents = (row.values.get("email") for key, row in self._rows.items() if key.startswith("agent:"))
        managers = (row.values.get(name) for row in self._rows.values() for name in ("csm", "account_manager"))
        return frozenset(str(each).casefold() for each in (*agents, *managers) if each)

    def _refresh(self) -> None:
        stamp = self._stamp_now()
        if stamp == self._stamp:
            return
        self._stamp = stamp
        rows, problems = _index(self._paths)
        if problems:
            log.warning("directory.refused", problems=len(problems), first=str(problems[0]))
        else:
            self._rows = rows

    def _stamp_now(self) -> Stamp:
        """Size and time of each file. Looked at once per ticket: a few microseconds each."""
        return tuple(_stat(path) for path in self._paths)


def _candidate(row: Record, now: datetime) -> Candidate:
    email, name = (str(row.values.get(column, "")) for column in ("email", "name"))
    teams, skills = (row.values.get(column, frozenset()) for column in ("teams", "skills"))
    back_at = row.values.get("away_until")
    assert isinstance(teams, frozenset)
    assert isinstance(skills, frozenset)
    is_away = row.values.get("away") is True or (isinstance(back_at, datetime) and now < back_at)
    return Candidate(agent=email or name, name=name or email, teams=teams, skills=skills, is_away=is_away)


def _stat(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return (0, 0)
    return found.st_mtime_ns, found.st_size


def _index(paths: Iterable[Path]) -> tuple[Index, list[Problem]]:
    rows: dict[str, Record] = {}
    problems: list[Problem] = []
    for path in paths:
        found, wrong = read_file(path)
        problems += wrong
        for row in found:
            for key in row.keys:
                if key in rows and rows[key] is not row:
                    where = f"{rows[key].file}:{rows[key].line}"
                    problems.append(
                        Problem(
                            file=row.file, line=row.line, message=f"{key.replace(':', ' ', 1)} stands twice, first at {where}"
                        )
                    )
                rows.setdefault(key, row)
    return rows, problems


def _company_row(company: Company, person: Person, rows: Index) -> Record | None:
    """By the helpdesk's id, then by name, then by the company's own domains, then by the requester's address. Free-mail
    domains never match, nor does an address outside the domains that the helpdesk names for the company."""
    keys = [f"id:{company.external_id.casefold()}" if company.external_id else "", f"name:{company.name.strip().casefold()}"]
    keys += [f"domain:{domain}" for each in company.domains for domain in _domains(each)]
    if not company.domains:
        keys += [f"domain:{domain}" for email in person.emails for domain in _domains(email.rpartition("@")[2])]
    return next((rows[key] for key in keys if key in rows), None)


def _domains(domain: str) -> list[str]:
    """`mail.eu.acme.example` as itself and each domain above it, down to two labels; nothing for free mail."""
    labels = domain.strip().casefold().split(".")
    above = [".".join(labels[start:]) for start in range(len(labels) - 1)]
    return [] if any(each in FREE_MAIL for each in above) else above


def _laid_over(company: Company, row: Record) -> Company:
    values: dict[str, Any] = {name: value for name, value in row.values.items() if name not in {"id", "domain", "flags"}}
    flags, domains = row.values.get("flags", frozenset()), row.values.get("domain", frozenset())
    assert isinstance(flags, frozenset)
    assert isinstance(domains, frozenset)
    values["flags"] = company.flags | flags
    values["domains"] = tuple(dict.fromkeys((*company.domains, *sorted(domains))))
    values["external_id"] = company.external_id or str(row.values.get("id", ""))
    values["name"] = company.name or str(row.values.get("name", ""))
    return replace(company, **values)


def _with_revenue(company: Company) -> Company:
    if company.arr is None and company.mrr is not None:
        return replace(company, arr=round(company.mrr * 12, 2))
    if company.mrr is None and company.arr is not None:
        return replace(company, mrr=round(company.arr / 12, 2))
    return company


def _person(person: Person, rows: Index) -> Person:
    row = next((rows[key] for email in person.emails if (key := f"email:{email.strip().casefold()}") in rows), None)
    if row is None:
        return person
    values: dict[str, Any] = {name: value for name, value in row.values.items() if name not in {"email", "flags"}}
    flags = row.values.get("flags", frozenset())
    assert isinstance(flags, frozenset)
    return replace(person, tags=person.tags | flags, **values)
