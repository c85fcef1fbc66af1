"""Which database the settings mean, and which they cannot mean."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy.engine import make_url

from rasid.cli import rasid
from rasid.home import database_url
from rasid.settings import Refused
from shared.settings import Common


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_postgresql_may_be_written_in_any_of_its_ways(scheme: str) -> None:
    found = make_url(database_url(Common(database_url=f"{scheme}://me:p%40ss@db.example:5433/rasid", kafka="kafka:9092")))
    assert (found.drivername, found.password, found.port, found.database) == ("postgresql+psycopg", "p@ss", 5433, "rasid")


def test_without_a_url_it_is_the_file_in_the_data_folder() -> None:
    assert database_url(Common(data=Path("/somewhere"))) == "sqlite:////somewhere/rasid.db"


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("postgresql://me:hunter2@db/rasid", "needs Kafka beside it: set RASID_KAFKA"),
        ("postgresql+asyncpg://me:hunter2@db/rasid", r"postgresql\+asyncpg is not supported"),
        ("mysql://me:hunter2@db/rasid", "mysql is not supported"),
        ("me:hunter2@db", "no URL of a database"),
    ],
)
def test_what_cannot_be_used_is_refused_in_a_sentence_that_tells_no_password(url: str, why: str) -> None:
    with pytest.raises(Refused, match=why) as refused:
        database_url(Common(database_url=url))
    assert refused.value.exit_code == 2
    assert "hunter2" not in refused.value.message


@pytest.mark.parametrize("url", ["postgresql://me:hunter2@db/rasid", "postgres:hunter2"])
def test_the_settings_are_shown_without_the_databases_password(url: str) -> None:
    result = CliRunner().invoke(rasid, ["settings", "--json"], env={"RASID_DATABASE_URL": url})
    shown = {line["name"]: line["value"] for line in map(json.loads, result.stdout.splitlines())}
    assert "hunter2" not in result.output
    assert shown["RASID_DATABASE_URL"] in ("postgresql://me:***@db/rasid", "(set, but no URL)")
