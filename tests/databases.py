"""Databases of a test session: a file, or a database of the session's one PostgreSQL, each a copy of a migrated template."""

import itertools
import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

import psycopg
import pytest

from infra.postgres.server import Missing, Server, server
from rasid import schema

TEMPLATE = "rasid_template"

_running = ExitStack()


class Databases:
    """The databases of one server. While a test has its own, the next is made: to copy a template takes a while."""

    def __init__(self, node: Server) -> None:
        self.node = node
        self._admin = psycopg.connect(node.url(), autocommit=True)
        self._work = ThreadPoolExecutor(1, "databases")
        self._numbers = itertools.count(1)
        self._execute(f"CREATE DATABASE {TEMPLATE}")
        schema.migrate(node.url(TEMPLATE))
        self._next = self._work.submit(self._made, TEMPLATE)

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """The URL of a database with every table, gone afterwards."""
        name = self._next.result()
        self._next = self._work.submit(self._made, TEMPLATE)
        with self._until_done(name) as url:
            yield url

    @contextmanager
    def empty(self, **options: str) -> Iterator[str]:
        """The same with no table; `options` of CREATE DATABASE."""
        with self._until_done(self._work.submit(self._made, "template0", **options).result()) as url:
            yield url

    @contextmanager
    def _until_done(self, name: str) -> Iterator[str]:
        try:
            yield self.node.url(name)
        finally:
            self._work.submit(self._execute, f"DROP DATABASE {name} WITH (FORCE)")

    def _made(self, template: str, **options: str) -> str:
        name = f"rasid_{next(self._numbers)}"
        wanted = " ".join(f"{option} {value}" for option, value in options.items())
        self._execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy {wanted}")
        return name

    def _execute(self, statement: str) -> None:
        self._admin.execute(statement)  # type: ignore[call-overload]  # psycopg wants literals alone


@cache
def _databases() -> Databases | Missing:
    """On a server that is started once, by whichever test asks first."""
    try:
        return Databases(_running.enter_context(server()))
    except Missing as error:
        return error


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Databases]:
    """A real PostgreSQL. Skips where the machine cannot run one, and fails where CI=true."""
    found = _databases()
    if isinstance(found, Missing):
        if os.environ.get("CI") == "true":
            pytest.fail(f"no PostgreSQL: {found}")
        pytest.skip(f"no PostgreSQL: {found}")
    yield found
    _running.close()


@pytest.fixture
def postgresql_url(postgresql: Databases) -> Iterator[str]:
    """The URL of an empty PostgreSQL database of this test's own, with every table."""
    with postgresql.fresh() as url:
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, to be copied."""
    file = tmp_path_factory.mktemp("template") / "rasid.db"
    schema.migrate(f"sqlite:///{file}")
    return file


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The URL of an empty SQLite file of this test's own, with every table."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'rasid.db')}"
