"""What tests of several folders share: the databases a register can lie in."""

import os
from collections.abc import Iterator

import pytest

from tests.support import postgres

DATABASES = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def server() -> Iterator[postgres.Server]:
    """Return a PostgreSQL server of this run's own; without one skip the test, or fail it where CI=true."""
    try:
        postgres.program("initdb")
        postgres.program("pg_ctl")
    except postgres.NoServer as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(str(error))
    with postgres.running() as found:
        yield found


@pytest.fixture(params=DATABASES, scope="session")
def database(request: pytest.FixtureRequest) -> str:
    """Return the kind of database that a test runs on, one after the other."""
    return str(request.param)


@pytest.fixture(scope="module")
def shared_url(request: pytest.FixtureRequest, database: str) -> Iterator[str]:
    """Return the address of a migrated database of a module's own; empty for SQLite, which needs a file alone."""
    yield from _url(request, database)


@pytest.fixture
def register_url(request: pytest.FixtureRequest, database: str) -> Iterator[str]:
    """Return the address of a migrated database of a test's own; empty for SQLite, which needs a file alone."""
    yield from _url(request, database)


def _url(request: pytest.FixtureRequest, database: str) -> Iterator[str]:
    if database == "sqlite":
        yield ""
        return
    server: postgres.Server = request.getfixturevalue("server")
    url = server.create_migrated()
    yield url
    server.drop(url)
