"""What a directory file may say of a company or a person, and reading one value of a cell."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from rules.files.problems import suggest

TIERS = ("community", "standard", "professional", "enterprise")
_YES, _NO = {"yes", "true", "1", "y", "x"}, {"no", "false", "0", "n"}
Value = str | float | bool | datetime | frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One row. `keys` find it (`domain:northwind.example`, `id:42`, `name:northwind`, `email:…`); `values` are model fields."""

    keys: tuple[str, ...]
    values: Mapping[str, Value]
    file: str = ""
    line: int = 1


def text(cell: str) -> Value:
    return cell


def tier(cell: str) -> Value:
    if cell.lower() not in TIERS:
        raise ValueError(f"{cell}: no such tier{suggest(cell.lower(), TIERS)}; there are {', '.join(TIERS)}")
    return cell.lower()


def money(cell: str) -> Value:
    """A plain number: 120000 or 120000.50. Thousands separators are refused, for they read differently in each country."""
    return _number(cell, "write it as 120000 or 120000.50")


def score(cell: str) -> Value:
    return _number(cell, "write a number")


def moment(cell: str) -> Value:
    try:
        return datetime.combine(date.fromisoformat(cell[:10]), time(), UTC)
    except ValueError:
        raise ValueError(f"{cell}: not a date, write it as 2027-01-31") from None


def truth(cell: str) -> Value:
    if cell.lower() in _YES | _NO:
        return cell.lower() in _YES
    raise ValueError(f"{cell}: write yes or no")


def words(cell: str) -> Value:
    """Several words in one cell, parted by `;`."""
    return frozenset(word.strip().lower() for word in cell.split(";") if word.strip())


def _number(cell: str, hint: str) -> float:
    try:
        number = float(cell)
    except ValueError:
        raise ValueError(f"{cell}: not a number, {hint}") from None
    if not 0 <= abs(number) < 1e15:
        raise ValueError(f"{cell}: not a number, {hint}")
    return number


COMPANY_KEYS = ("id", "name", "domain")
COMPANY: Mapping[str, Callable[[str], Value]] = {
    "id": text, "name": text, "domain": words, "tier": tier, "plan": text, "arr": money, "mrr": money, "health": score,
    "renewal_at": moment, "csm": text, "account_manager": text, "nps": score, "is_premium": truth, "is_strategic": truth,
    "flags": words,
}  # fmt: skip
PERSON_KEYS = ("email",)
PERSON: Mapping[str, Callable[[str], Value]] = {
    "email": text, "name": text, "title": text, "is_vip": truth, "flags": words, "locale": text, "timezone": text,
}  # fmt: skip
AGENT_KEYS = ("email", "name")
AGENT: Mapping[str, Callable[[str], Value]] = {
    "email": text, "name": text, "teams": words, "skills": words, "away": truth, "away_until": moment,
}  # fmt: skip
KINDS = {"companies": (COMPANY, COMPANY_KEYS), "people": (PERSON, PERSON_KEYS), "agents": (AGENT, AGENT_KEYS)}


def kind_of(columns: Collection[str]) -> str:
    """What a CSV file with these columns holds."""
    if "skills" in columns or "teams" in columns:
        return "agents"
    return "people" if "email" in columns else "companies"


def record(cells: Mapping[str, str], kind: str, file: str, line: int) -> Record:
    """One row read. Raises ValueError in words for the person who wrote the file."""
    columns, keyed = KINDS[kind]
    values: dict[str, Value] = {}
    for name, cell in cells.items():
        if name not in columns:
            raise ValueError(f"{name}: no such column{suggest(name, columns)}")
        if cell.strip():
            try:
                values[name] = columns[name](cell.strip())
            except ValueError as error:
                raise ValueError(f"{name}: {error}") from None
    keys = tuple(key for name in keyed if name in values for key in _keys(name, values[name]))
    if not keys:
        raise ValueError(f"nothing to find it by: fill {' or '.join(keyed)}")
    if kind == "agents":
        keys = tuple(f"agent:{key}" for key in keys[:1])  # a name alone may stand twice, and an agent may be a customer too
    return Record(keys=keys, values=_with_revenue(values) if kind == "companies" else values, file=file, line=line)


def _keys(name: str, value: Value) -> list[str]:
    found = sorted(value) if isinstance(value, frozenset) else [str(value)]
    return [f"{name}:{word.strip().casefold()}" for word in found]


def _with_revenue(values: dict[str, Value]) -> dict[str, Value]:
    """ARR and MRR from each other within the row, so that a file's figure is never mixed with an old one of the helpdesk."""
    arr, mrr = values.get("arr"), values.get("mrr")
    if isinstance(arr, float) and mrr is None:
        return values | {"mrr": round(arr / 12, 2)}
    if isinstance(mrr, float) and arr is None:
        return values | {"arr": round(mrr * 12, 2)}
    return values
