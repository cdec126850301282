"""F08: the same delivery id from two accounts."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path

import requests
from ruamel.yaml import YAML

from bot.config import load
from bot.store import deliveries
from bot.store.database.engine import make_engine, reading
from bot.store.database.migrate import migrate
from sandbox.stories.config import SECRETS, write_config
from tests.faults.receiver_setup import each_helpdesk
from tests.harness.deskhand import DESKS, NINA
from tests.harness.receiving import receiving
from webhooks import create_app


@each_helpdesk
def test_F08_makes_two_deliveries(tmp_path: Path, provider: str) -> None:
    path = write_config(tmp_path, {provider: "https://acme.example"}, 0, datetime.now(UTC), rules=[])
    yaml = YAML(typ="safe", pure=True)
    settings = yaml.load(path)
    settings["accounts"].append(deepcopy(settings["accounts"][0]) | {"name": "globex", "address": "https://globex.example"})
    yaml.dump(settings, path)
    config = load(path, {})
    engine = make_engine(config.database_url)
    migrate(engine)
    desk = DESKS[provider](secret=SECRETS[provider])
    desk.create_ticket(requester=NINA, subject="Down", body="Nothing works.")
    body = desk.webhooks.sent[-1].body

    with receiving(create_app(config, engine)) as address:
        headers = {"Content-Type": "application/json", **desk.sign(body)}
        answers = [
            requests.post(f"{address}/webhooks/{name}", data=body, headers=headers, timeout=10) for name in (provider, "globex")
        ]
    with reading(engine) as connection:
        rows = deliveries.counts(connection)
    engine.dispose()

    assert [each.status_code for each in answers] == [202, 202]
    assert rows == {"pending": 2}
