"""The whole of `config.yaml`. Every setting is in `config.example.yaml`, commented, in this order."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, SecretStr, field_validator, model_validator

from bot.config.accounts import AccountSettings
from bot.config.drafts import DraftSettings
from bot.config.section import Section
from bot.config.senses import SenseSettings
from rules.values.working_hours import DAYS, WorkingHours

FEWEST_KEY_LETTERS = 16  # of the key that marks notes


class FlowSettings(Section):
    lease_s: Annotated[float, Field(gt=0)] = 15.0
    rest_s: Annotated[float, Field(ge=0)] = 2.0
    rest_most_s: Annotated[float, Field(ge=0)] = 30.0
    first_sight_s: Annotated[float, Field(ge=0, le=10)] = 1.0
    settle_s: Annotated[float, Field(ge=0)] = 10.0
    sweep_every_s: Annotated[float, Field(gt=0)] = 5.0
    reconcile_every_s: Annotated[float, Field(gt=0)] = 600.0
    stale_after_s: Annotated[float, Field(gt=0)] = 900.0
    call_deadline_s: Annotated[float, Field(gt=0)] = 20.0
    snapshot_fresh_s: Annotated[float, Field(ge=0)] = 2.0
    runs_per_hour: Annotated[int, Field(ge=1)] = 5
    message_runs_per_hour: Annotated[int, Field(ge=1)] = 30
    runs_per_day: Annotated[int, Field(ge=1)] = 60
    late_run_every_s: Annotated[float, Field(ge=0)] = 900.0
    max_failures: Annotated[int, Field(ge=1)] = 8
    max_crashes: Annotated[int, Field(ge=1)] = 3
    backoff_first_s: Annotated[float, Field(gt=0)] = 5.0
    backoff_most_s: Annotated[float, Field(gt=0)] = 900.0
    reference_age_s: Annotated[float, Field(gt=0)] = 3600.0
    rule_firings_per_hour: Annotated[int, Field(ge=1)] | None = 2000
    rule_rest_s: Annotated[float, Field(ge=60)] = 3600.0
    backtest_days: Annotated[int, Field(ge=1)] | None = 7


class ServerSettings(Section):
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    workers: Annotated[int, Field(ge=1, le=32)] = 1  # receiver processes
    threads: Annotated[int, Field(ge=1, le=64)] = 8
    max_body_bytes: Annotated[int, Field(ge=1024)] = 1_048_576
    max_backlog: Annotated[int, Field(ge=0)] = 100_000
    min_free_bytes: Annotated[int, Field(ge=0)] | None = None
    metrics_token: Annotated[SecretStr, Field(min_length=16)] | None = None


class DirectorySettings(Section):
    """Company and people records that the helpdesk does not hold: CSV or YAML files, re-read when they change."""

    files: tuple[str, ...] = ()


class WorkingHoursSettings(Section):
    """When the team works: `09:00-12:30` each, in one time zone."""

    timezone: str = "UTC"
    monday: tuple[str, ...] = ()
    tuesday: tuple[str, ...] = ()
    wednesday: tuple[str, ...] = ()
    thursday: tuple[str, ...] = ()
    friday: tuple[str, ...] = ()
    saturday: tuple[str, ...] = ()
    sunday: tuple[str, ...] = ()
    holidays: tuple[date, ...] = ()

    @model_validator(mode="after")
    def _are_hours(self) -> Self:
        _ = self.hours
        return self

    @property
    def hours(self) -> WorkingHours:
        """Raises ValueError."""
        days = {name: getattr(self, name) for name in DAYS}
        return WorkingHours(timezone=self.timezone, holidays=frozenset(day.isoformat() for day in self.holidays), **days)


class RetentionSettings(Section):
    """Days that things are kept after their work is done. None keeps them for ever."""

    bodies_days: Annotated[int, Field(ge=1)] | None = 30
    runs_days: Annotated[int, Field(ge=2)] | None = 90  # the loop cap counts the runs of a day
    snapshots_days: Annotated[int, Field(ge=2)] | None = 400
    ledger_days: Annotated[int, Field(ge=30)] | None = 400  # a delivery that is sent again within 30 days is always recognised


class BackupSettings(Section):
    """What the doctor expects of backups."""

    max_age_h: Annotated[float, Field(gt=0)] | None = None


def _listed(value: Any) -> Any:
    """One value may be written without the list around it."""
    return (value,) if isinstance(value, str | SecretStr) else value


class Settings(Section):
    """The whole of `config.yaml`. Paths are relative to the file."""

    # Both may hold a password: they are not part of the repr.
    database: Annotated[str, Field(repr=False)] = "sqlite:///var/deskhand.sqlite3"
    queue: Annotated[str, Field(repr=False, pattern=r"^(embedded|rediss?://.+|unix://.+)$")] = "embedded"
    workers: Annotated[int, Field(ge=1, le=64)] = 2
    run_folder: str | None = None
    marker_key: Annotated[tuple[SecretStr, ...], BeforeValidator(_listed), Field(min_length=1, max_length=2)]
    accounts: Annotated[tuple[AccountSettings, ...], Field(min_length=1)]
    rules: tuple[str, ...] = (
        *("pack:triage", "pack:priority", "pack:vip", "pack:churn"),
        *("pack:escalation", "pack:routing", "pack:respond"),
    )
    rule_values: dict[str, Any] = Field(default_factory=dict)
    directory: DirectorySettings = DirectorySettings()
    working_hours: WorkingHoursSettings | None = None
    senses: SenseSettings = SenseSettings()
    drafts: DraftSettings = DraftSettings()
    flow: FlowSettings = FlowSettings()
    server: ServerSettings = ServerSettings()
    retention: RetentionSettings = RetentionSettings()
    backup: BackupSettings = BackupSettings()
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["logfmt", "json"] = "logfmt"

    @field_validator("marker_key")
    @classmethod
    def _is_long_enough(cls, keys: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        if len(keys[0].get_secret_value()) < FEWEST_KEY_LETTERS:  # the older one is what notes were marked with
            raise ValueError(
                "so short a key can be guessed, and with it a note that looks like ours: take 32 random characters, such as"
                " `openssl rand -hex 16` prints"
            )
        return keys

    @field_validator("accounts")
    @classmethod
    def _names_differ(cls, accounts: tuple[AccountSettings, ...]) -> tuple[AccountSettings, ...]:
        names = [account.name for account in accounts]
        if repeated := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"two accounts are called {', '.join(repeated)}: give each a name of its own")
        for place, account in enumerate(accounts):
            if same := next((each for each in accounts[:place] if each.is_same_helpdesk(account)), None):
                raise ValueError(
                    f"{same.name} and {account.name} are the same helpdesk, {account.address}: each ticket would get its notes"
                    " twice; take one of them out"
                )
        return accounts

    @property
    def marker_keys(self) -> tuple[str, ...]:
        """The key that marks new notes, and after it the one that older notes were marked with."""
        return tuple(key.get_secret_value() for key in self.marker_key)

    @property
    def hours(self) -> WorkingHours | None:
        """When the team works; None where it did not say."""
        return self.working_hours.hours if self.working_hours else None

    def account(self, name: str) -> AccountSettings:
        """Raises KeyError."""
        return {account.name: account for account in self.accounts}[name]
