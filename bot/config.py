"""The one module that reads the environment and `config.yaml`. Every setting is in `config.example.yaml`, commented.

Secrets are named in the file and live in the environment or in files: `${ZENDESK_TOKEN}` or `file:/run/secrets/x`.
`load` and `deskhand check` are the same function: all problems at once, each as `file:line:column: path: what to do`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails

from adapters.addresses import is_private
from adapters.helpdesk import Account, FieldMapping, WebhookSecurity
from adapters.ticket import Provider
from rules.files.problems import Problem, suggest
from rules.files.yaml_file import FileInvalid, Location, path_of, place_of, plain, read_yaml
from rules.values.working_hours import DAYS, WorkingHours


class ConfigInvalid(Exception):
    """The configuration or a rule file is wrong. `problems` lists all of them; nothing was started."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WebhookSettings(_Section):
    secrets: Annotated[tuple[SecretStr, ...], Field(min_length=1, max_length=2)]
    replay_window_s: Annotated[int, Field(ge=60, le=900)] = 300
    header: str = "x-deskhand-secret"
    retries_s: Annotated[int, Field(ge=0, le=86_400)] = 7200


class FieldSettings(_Section):
    slug: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    vendor: str
    type: Literal["text", "number", "bool", "date", "enum", "multi"] = "text"


_CREDENTIALS: Mapping[Provider | None, tuple[str, ...]] = {
    Provider.ZENDESK: ("email", "token"),
    Provider.INTERCOM: ("token",),
    Provider.FRESHDESK: ("api_key",),
}


class AccountSettings(_Section):
    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
    provider: Provider
    address: Annotated[str, Field(pattern=r"^https?://[^/]+")]
    allow_private: bool = False
    credentials: dict[str, SecretStr]
    webhook: WebhookSettings
    mode: Literal["shadow", "live"] = "shadow"
    fields: tuple[FieldSettings, ...] = ()
    company_fields: dict[str, str] = Field(default_factory=dict)
    options: dict[str, Any] = Field(default_factory=dict)
    max_messages: Annotated[int, Field(ge=10, le=5000)] = 500
    calls_per_minute: Annotated[int, Field(ge=1)] = 400
    budget_share: Annotated[float, Field(gt=0, le=1)] = 0.5

    @field_validator("credentials")
    @classmethod
    def _are_the_providers(cls, credentials: dict[str, SecretStr], info: ValidationInfo) -> dict[str, SecretStr]:
        wanted = _CREDENTIALS.get(info.data.get("provider"), ())
        if wanted and (wrong := sorted({*wanted} ^ {*credentials})):
            raise ValueError(f"{info.data['provider'].value} wants {' and '.join(wanted)}: look at {', '.join(wrong)}")
        return credentials

    @model_validator(mode="after")
    def _is_public(self) -> AccountSettings:
        if not self.allow_private and is_private(self.address):
            raise ValueError("the address is private or local: write allow_private: true if it is meant (a stand-in)")
        return self

    @model_validator(mode="after")
    def _secrets_are_long_enough(self) -> AccountSettings:
        if self.provider is Provider.FRESHDESK and any(len(each.get_secret_value()) < 32 for each in self.webhook.secrets):
            raise ValueError(
                "webhook.secrets: Freshdesk signs nothing, this secret alone proves a call: take 32 random characters or more"
            )
        return self

    def to_account(self) -> Account:
        """The account as its adapter needs it, secrets revealed."""
        return Account(
            name=self.name,
            provider=self.provider,
            address=self.address,
            credentials={name: secret.get_secret_value() for name, secret in self.credentials.items()},
            webhook=WebhookSecurity(
                secrets=tuple(secret.get_secret_value() for secret in self.webhook.secrets),
                replay_window_s=self.webhook.replay_window_s,
                header=self.webhook.header,
                retries_s=self.webhook.retries_s,
            ),
            fields=tuple(FieldMapping(slug=each.slug, vendor=each.vendor, type=each.type) for each in self.fields),
            company_fields=self.company_fields,
            options=self.options,
            max_messages=self.max_messages,
        )


class ModelSettings(_Section):
    """An OpenAI-compatible endpoint. Without it the offline drafter writes from macros and articles."""

    base_url: Annotated[str, Field(pattern=r"^https?://[^/]+")]
    api_key: SecretStr = SecretStr("none")
    name: str
    timeout_s: Annotated[float, Field(gt=0, le=120)] = 6.0
    max_tokens: Annotated[int, Field(ge=50, le=8000)] = 700
    daily_tokens: Annotated[int, Field(ge=1)] | None = None
    daily_cost: Annotated[float, Field(gt=0)] | None = None
    prompt_price: Annotated[float, Field(ge=0)] | None = None
    answer_price: Annotated[float, Field(ge=0)] | None = None
    allow_private: bool = False

    @model_validator(mode="after")
    def _cost_has_prices(self) -> ModelSettings:
        if self.daily_cost is not None and (self.prompt_price is None or self.answer_price is None):
            raise ValueError("daily_cost wants prompt_price and answer_price beside it, for a million tokens each")
        return self


class DraftSettings(_Section):
    model: ModelSettings | None = None
    articles: str | None = None  # a folder of Markdown files
    patience_s: Annotated[float, Field(gt=0, le=60)] = 8.0
    urgent_patience_s: Annotated[float, Field(ge=0, le=60)] = 2.0
    link_hosts: tuple[str, ...] = ()  # hosts that a draft may link to besides those in its sources

    @field_validator("model")
    @classmethod
    def _is_public(cls, model: ModelSettings | None) -> ModelSettings | None:
        if model and not model.allow_private and is_private(model.base_url):
            raise ValueError("base_url is private or local: write allow_private: true if the model runs in your own network")
        return model


class FlowSettings(_Section):
    lease_s: Annotated[float, Field(gt=0)] = 15.0
    rest_s: Annotated[float, Field(ge=0)] = 2.0
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


class ServerSettings(_Section):
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    workers: Annotated[int, Field(ge=1, le=32)] = 1  # receiver processes
    threads: Annotated[int, Field(ge=1, le=64)] = 8
    max_body_bytes: Annotated[int, Field(ge=1024)] = 1_048_576
    max_backlog: Annotated[int, Field(ge=0)] = 100_000
    min_free_bytes: Annotated[int, Field(ge=0)] | None = None
    metrics_token: Annotated[SecretStr, Field(min_length=16)] | None = None


class DirectorySettings(_Section):
    """Company and people records that the helpdesk does not hold: CSV or YAML files, re-read when they change."""

    files: tuple[str, ...] = ()


class WorkingHoursSettings(_Section):
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


class RetentionSettings(_Section):
    """Days that things are kept after their work is done. None keeps them for ever."""

    bodies_days: Annotated[int, Field(ge=1)] | None = 30
    runs_days: Annotated[int, Field(ge=2)] | None = 90  # the loop cap counts the runs of a day
    snapshots_days: Annotated[int, Field(ge=2)] | None = 400
    ledger_days: Annotated[int, Field(ge=30)] | None = 400  # a delivery that is sent again within 30 days is always recognised


class BackupSettings(_Section):
    """What the doctor expects of backups."""

    max_age_h: Annotated[float, Field(gt=0)] | None = None


def _listed(value: Any) -> Any:
    """One value may be written without the list around it."""
    return (value,) if isinstance(value, str | SecretStr) else value


class Settings(_Section):
    """The whole of `config.yaml`. Paths are relative to the file."""

    # Both may hold a password: they are not part of the repr.
    database: Annotated[str, Field(repr=False)] = "sqlite:///var/deskhand.sqlite3"
    queue: Annotated[str, Field(repr=False, pattern=r"^(embedded|rediss?://.+|unix://.+)$")] = "embedded"
    workers: Annotated[int, Field(ge=1, le=64)] = 2
    run_folder: str | None = None
    marker_key: Annotated[tuple[SecretStr, ...], BeforeValidator(_listed), Field(min_length=1, max_length=2)]
    accounts: Annotated[tuple[AccountSettings, ...], Field(min_length=1)]
    rules: tuple[str, ...] = ("pack:priority", "pack:vip", "pack:churn", "pack:escalation", "pack:routing", "pack:respond")
    rule_values: dict[str, Any] = Field(default_factory=dict)
    directory: DirectorySettings = DirectorySettings()
    working_hours: WorkingHoursSettings | None = None
    drafts: DraftSettings = DraftSettings()
    flow: FlowSettings = FlowSettings()
    server: ServerSettings = ServerSettings()
    retention: RetentionSettings = RetentionSettings()
    backup: BackupSettings = BackupSettings()
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["logfmt", "json"] = "logfmt"

    @field_validator("accounts")
    @classmethod
    def _names_differ(cls, accounts: tuple[AccountSettings, ...]) -> tuple[AccountSettings, ...]:
        names = [account.name for account in accounts]
        if repeated := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"two accounts are called {', '.join(repeated)}: give each a name of its own")
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Settings with the place they came from, which relative paths start at."""

    settings: Settings
    path: Path
    kill_at: str = ""  # tests only: DESKHAND_KILL_AT=checkpoint:flagfile

    def resolve(self, name: str) -> Path:
        return (self.path.parent / name).resolve()

    @property
    def database_url(self) -> str:
        """The database URL with a relative SQLite path made absolute."""
        prefix = "sqlite:///"
        url = self.settings.database
        if url.startswith(prefix) and not url.startswith(prefix + "/"):
            return prefix + str(self.resolve(url.removeprefix(prefix)))
        return url

    @property
    def data_dir(self) -> Path:
        """Where sockets and other small runtime files go: `run_folder`, else beside the SQLite file, else `var/` beside the
        config."""
        url = self.database_url
        if self.settings.run_folder is not None:
            return self.resolve(self.settings.run_folder)
        return Path(url.removeprefix("sqlite:///")).parent if url.startswith("sqlite:///") else self.resolve("var")


def load(path: Path, environ: Mapping[str, str] | None = None) -> Config:
    """The configuration in `path`. Raises ConfigInvalid with every problem found in it (rule files are read by
    bot/rulesets/active.py, which raises the same)."""
    environ = os.environ if environ is None else environ
    try:
        tree = read_yaml(path)
    except FileInvalid as error:
        hint = error.problem.hint or ("" if path.exists() else _HOW_TO_START)
        raise ConfigInvalid([replace(error.problem, hint=hint)]) from error
    if not isinstance(tree, dict):
        raise ConfigInvalid([Problem(file=str(path), message="wanted settings as `name: value` lines", hint=_HOW_TO_START)])
    problems: list[Problem] = []
    filled = _fill_secrets(tree, (), _Source(path, tree, environ, problems))
    try:
        settings = Settings.model_validate(filled)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)
        problems += [_problem(path, tree, each) for each in found if not _follows(each, found)]
    if problems:
        raise ConfigInvalid(sorted(problems, key=lambda problem: (problem.line, problem.column)))
    return Config(settings=settings, path=path.resolve(), kill_at=environ.get("DESKHAND_KILL_AT", ""))


def config_path(environ: Mapping[str, str] | None = None) -> Path:
    """The configuration's path for a process that got none on its command line (an RQ worker)."""
    return Path((os.environ if environ is None else environ).get("DESKHAND_CONFIG", "config.yaml"))


_HOW_TO_START = "copy config.example.yaml to config.yaml, or name another file with --config"
_FROM_ENV = re.compile(r"^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$")


@dataclass(frozen=True, slots=True)
class _Source:
    path: Path
    tree: Any
    environ: Mapping[str, str]
    problems: list[Problem]

    def report(self, at: Location, message: str, hint: str) -> str:
        line, column = place_of(self.tree, at)
        self.problems.append(
            Problem(
                file=str(self.path), line=line, column=column, path=path_of(at), message=f"{path_of(at)}: {message}", hint=hint
            )
        )
        return "missing"


def _fill_secrets(value: Any, at: tuple[str | int, ...], source: _Source) -> Any:
    """The tree as plain values, with `${NAME}` and `file:PATH` replaced; what is missing is reported."""
    if isinstance(value, Mapping):
        return {str(name): _fill_secrets(inside, (*at, name), source) for name, inside in value.items()}
    if isinstance(value, list):
        return [_fill_secrets(inside, (*at, place), source) for place, inside in enumerate(value)]
    if isinstance(value, str) and (match := _FROM_ENV.match(value)):
        found = source.environ.get(match[1], "")
        return found or source.report(at, f"the environment has no {match[1]}", "set it, or write `file:PATH` here")
    if isinstance(value, str) and value.startswith("file:"):
        try:
            return (source.path.parent / value.removeprefix("file:")).read_text(encoding="utf-8").strip()
        except OSError as error:
            return source.report(
                at, f"the secret's file cannot be read: {error.strerror}", "create it, readable by this user only"
            )
    return plain(value)


def _problem(path: Path, tree: Any, error: ErrorDetails) -> Problem:
    """One pydantic error at its line, in words for an admin."""
    at = tuple(step for step in error["loc"] if not (isinstance(step, str) and step.startswith("function-")))
    line, column = place_of(tree, at)
    message, name = error["msg"].removeprefix("Value error, "), path_of(at)
    if error["type"] == "extra_forbidden":
        message = "no such setting" + suggest(str(at[-1]), _settings_at(at[:-1]))
    elif error["type"] == "missing":
        message = "this setting is missing"
    return Problem(
        file=str(path),
        line=line,
        column=column,
        path=name,
        message=f"{name}: {message}",
        hint="config.example.yaml explains each setting",
    )


def _follows(error: ErrorDetails, others: Sequence[ErrorDetails]) -> bool:
    """A list that only seems too short, because what is in it is wrong and told by itself."""
    inside = (each["loc"] for each in others if len(each["loc"]) > len(error["loc"]))
    return error["type"] == "too_short" and any(loc[: len(error["loc"])] == error["loc"] for loc in inside)


def _settings_at(at: Location) -> list[str]:
    """The names that are allowed at a place of the settings."""
    model: type[BaseModel] = Settings
    for step in at:
        if isinstance(step, str) and step in model.model_fields:
            inner = _section_in(model.model_fields[step].annotation)
            if inner is None:
                return []
            model = inner
    return list(model.model_fields)


def _section_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _section_in(part))), None)
