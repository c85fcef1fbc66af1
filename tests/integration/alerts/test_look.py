"""Whatever happens in whatever order, no delivery that is due lies where no one looks."""

import os
import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.alerts.adapters import health, redrives
from services.alerts.core.manner import Manner
from services.alerts.core.redrive import Request
from services.alerts.core.verdict import Answer, NoAnswer
from shared.database import Database
from tests.builders import tag
from tests.integration.alerts.desk import Desk, article, opened

OUTCOMES = [Answer(204), Answer(204), Answer(500), Answer(400), Answer(429, "90"), Answer(410), NoAnswer("timeout")]
FORGOTTEN = """
SELECT e.id, e.look_at, min(d.due_at) FROM alerts_deliveries d JOIN alerts_endpoints e ON e.id = d.endpoint_id
WHERE d.state = 'pending' AND d.due_at IS NOT NULL GROUP BY e.id HAVING e.look_at IS NULL OR e.look_at > min(d.due_at)
"""
STUCK = """
SELECT d.id FROM alerts_deliveries d JOIN alerts_endpoints e ON e.id = d.endpoint_id
WHERE e.state = 'active' AND d.state = 'parked' OR d.state = 'pending' AND d.due_at IS NULL AND d.waits_for IS NULL
"""


class Walk:
    """Random steps over three subscriptions."""

    def __init__(self, desk: Desk, seed: int) -> None:
        self.desk, self.chance = desk, random.Random(seed)
        manners = [Manner(), Manner(cool_down_seconds=300), Manner(kind="digest", window_seconds=120)]
        self.made = [desk.subscribe("http://127.0.0.1:9/", manner=manner) for manner in manners]
        self.rules, self.articles = desk.settings.health_rules(), 0

    def step(self) -> None:
        """One of the things that happen."""
        self.chance.choice([self.match, self.match, self.revise, self.attempts, self.attempts, self.attempts, self.crash,
                            self.pause, self.resume, self.redrive, self.gather, self.time_passes])()  # fmt: skip

    def match(self) -> None:
        for _ in range(self.chance.randint(1, 5)):
            self.articles += 1
            self.desk.match(article(f"a{self.articles}", at=self.desk.now))

    def revise(self) -> None:
        if self.articles:
            topics: Any = self.chance.choice([(tag(),), ()])
            name, revision = f"a{self.chance.randint(1, self.articles)}", self.chance.randint(2, 5)
            self.desk.match(article(name, kind="revised", revision=revision, topics=topics, at=self.desk.now))

    def attempts(self) -> None:
        rows = self.desk.take(self.chance.choice([1, 3, 50]))
        gone_is_rare = OUTCOMES if self.chance.random() < 0.2 else [o for o in OUTCOMES if o != Answer(410)]
        self.desk.decide(rows, [None if row.is_settled else self.chance.choice(gone_is_rare) for row in rows])
        if rows and self.chance.random() < 0.9:
            self.desk.done(rows)

    def crash(self) -> None:
        self.desk.take(2)

    def pause(self) -> None:
        made = self.chance.choice(self.made)
        self.desk.database.transact_now(lambda tx: health.pause(tx, made.id, self.rules, self.desk.now))

    def resume(self) -> None:
        for made in self.made:
            self.desk.database.transact_now(lambda tx, name=made.id: health.resume(tx, name, self.rules, self.desk.now))

    def redrive(self) -> None:
        asked = Request(since=self.desk.now - timedelta(hours=2))
        job = self.desk.database.transact_now(lambda tx: redrives.create(tx, asked, self.desk.now))
        self.desk.database.transact_now(lambda tx: redrives.advance(tx, job.id, self.desk.now))

    def gather(self) -> None:
        self.desk.gather()

    def time_passes(self) -> None:
        self.desk.now += timedelta(seconds=self.chance.choice([1, 30, 90, 400, 3600]))


@pytest.mark.parametrize("number", range(3))
async def test_no_delivery_is_forgotten_in_any_order_of_events(database: Database, tmp_path: Path, number: int) -> None:
    seed = int(os.environ.get("RASID_TEST_SEED", random.SystemRandom().randrange(10**6))) + number
    print(f"seed {seed}")
    settings: dict[str, Any] = {"delivery_schedule": (0.0, 5.0, 60.0), "delivery_backlog_max": 40}
    async with opened(database, tmp_path, **settings) as desk:
        walk = Walk(desk, seed)
        for _ in range(250):
            walk.step()
            with database.read() as connection:
                assert connection.exec_driver_sql(FORGOTTEN).all() == []
                assert connection.exec_driver_sql(STUCK).all() == []
        ended = 0
        while ended < 3:  # receivers are well again: everything ends
            walk.resume()
            desk.gather()
            rows = desk.take(1000)
            desk.decide(rows, [None if row.is_settled else Answer(204) for row in rows])
            if rows:
                desk.done(rows)
            desk.now += timedelta(hours=1)
            ended = 0 if rows else ended + 1
        assert {row.state for row in desk.deliveries()} <= {"ok", "dead", "superseded"}
