"""What the doctor asks of the model whose opinion is asked: whether it says of an invented message what the message says."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from bot.cli.doctor.checks import Finding
from bot.config import Config, SenseSettings
from bot.drafts.llm.chat_completion import get_ready
from bot.opinions.asking import Asker, Outcome, Words
from bot.opinions.lists import lists_of
from bot.process.clock import utc_now
from bot.shared.model_budget import SharedAllowance
from bot.store.database.engine import make_engine, reading
from bot.store.models import opinions

MESSAGE = "Since this morning all our project files are gone. Please call me back, we have a deadline today."
WHAT = "opinion"
MEANWHILE = "tickets are read by the detectors alone meanwhile"
_WHAT_TO_DO = (
    ("cannot be reached", "does it run, and is senses.model.base_url its address?"),
    ("no answer within", "take a faster model, or raise senses.model.timeout_s"),
    ("came too slowly", "take a faster model, or raise senses.model.timeout_s"),
    ("api_key", "look at senses.model.api_key"),
    ("name, base_url", "look at senses.model.name and base_url"),
    ("could not be used", "it does not answer in JSON: take another model, or raise senses.model.max_tokens"),
)


def look_at_opinions(config: Config) -> Iterator[Finding]:
    """One question about an invented message, counted like any other; and how those of tickets ended."""
    settings = config.settings.senses
    if settings.model is None:
        return
    engine = make_engine(config.database_url)
    try:
        found = _asked(settings, engine)
        with reading(engine, at_leisure=True) as connection:
            figures = opinions.figures(connection)
    except SQLAlchemyError:
        return  # the database's own line says so
    if "used up" in found.reason:
        yield Finding(WHAT, True, f"not asked: {found.reason}; {MEANWHILE}", is_warning=True)
    elif found.opinion is None:
        what_to_do = next((words for part, words in _WHAT_TO_DO if part in found.reason), "look at its own log or status page")
        yield Finding(WHAT, False, f"{found.reason}: {what_to_do}; {MEANWHILE}")
    else:
        worries = _worries(settings, found)
        yield Finding(WHAT, True, "; ".join([_answers(found), *worries, _kept(figures)]), is_warning=bool(worries))


def _asked(settings: SenseSettings, engine: Engine) -> Outcome:
    """Within the settings' `timeout_s`, whatever the endpoint drips."""
    model = settings.model
    assert model is not None
    get_ready()
    asker = Asker(model, allowance=SharedAllowance(engine, model, utc_now))
    found: list[Outcome] = []
    asking = threading.Thread(target=lambda: found.append(asker.ask(Words.of(MESSAGE), lists_of())), name="opinion", daemon=True)
    asking.start()
    asking.join(model.timeout_s + 0.25)
    return found[0] if found else Outcome(reason=f"the model gave no answer within {model.timeout_s:g} s")


def _answers(found: Outcome) -> str:
    opinion = found.opinion
    assert opinion is not None
    issues = ", ".join(each.value for each in opinion.issues) or "nothing"
    return f"answers within {found.took_s:.1f} s, sees {issues} in an invented loss of data"


def _worries(settings: SenseSettings, found: Outcome) -> list[str]:
    worries = []
    if found.opinion is None or not any(each.value.startswith("data_loss") for each in found.opinion.issues):
        worries.append("that is not what the message says: take another model")
    if found.dropped:
        worries.append(f"{found.dropped} parts of its answer were no words of the lists, or rest on words that nobody wrote")
    if found.took_s > settings.patience_s:
        worries.append(f"a run waits for {settings.patience_s:g} s (senses.patience_s), so most answers come late")
    return worries


def _kept(figures: opinions.OpinionFigures) -> str:
    asked = sum(figures.states.values()) - figures.states.get("cached", 0)
    failed = figures.states.get("failed", 0)
    return f"of {asked} messages that were asked about {failed} had no answer, {figures.late} a late one"
