"""A PostgreSQL server from the system's programs, while tests or a bench need it: a socket in a short folder, no port.

Source: PostgreSQL manual, initdb, pg_ctl, and "Server Configuration".
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from glob import glob
from itertools import count
from pathlib import Path

import sqlalchemy as sa

from index.engine import open_engine
from index.migrate import migrate

PLACES = "/usr/lib/postgresql/*/bin"
"""Where Debian and Ubuntu keep the server's programs, by version."""

USER = "evidock"
NOBODY = 65534
"""Who runs the server where we are root, whom it refuses."""

QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""What tests do without: the machine does not crash under them."""

TEMPLATE = "migrated"
_numbers = count(1)


class NoServer(Exception):  # noqa: N818 - it says what there is not
    """There is no PostgreSQL on this machine."""


@cache
def program(name: str) -> str:
    """Return where a program of the server lies.

    Raises:
        NoServer: nowhere.
    """
    found = shutil.which(name) or next((f"{one}/{name}" for one in sorted(glob(PLACES), reverse=True)), None)  # noqa: PTH207 - a pattern from the root
    if found is None or not Path(found).exists():
        raise NoServer("install the package postgresql, or put initdb and pg_ctl on PATH")
    return found


class Server:
    """A running server."""

    def __init__(self, folder: Path) -> None:
        """Take the folder of its socket."""
        self.folder = folder

    def url(self, name: str = "postgres") -> str:
        """Return the address of a database."""
        return f"postgresql+psycopg://{USER}@/{name}?host={self.folder}"

    def create(self, template: str = "template1") -> str:
        """Make an empty database, or a copy of another that nobody is connected to; return its address."""
        name = f"register_{next(_numbers)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def create_migrated(self) -> str:
        """Make a database with the register's tables; return its address."""
        self._make_template()
        return self.create(TEMPLATE)

    def drop(self, url: str) -> None:
        """Remove a database, whoever is connected."""
        self._run(f"DROP DATABASE {sa.make_url(url).database} WITH (FORCE)")

    def _make_template(self) -> None:
        with self._engine().connect() as connection:
            known = sa.text("SELECT 1 FROM pg_database WHERE datname = :name")
            if connection.execute(known, {"name": TEMPLATE}).first():
                return
        self._run(f"CREATE DATABASE {TEMPLATE}")
        engine = open_engine(self.url(TEMPLATE))
        migrate(engine)
        engine.dispose()

    def _run(self, statement: str) -> None:
        with self._engine().connect() as connection:
            connection.execute(sa.text(statement))

    def _engine(self) -> sa.Engine:
        return sa.create_engine(self.url(), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)


@contextmanager
def running(settings: dict[str, str] | None = None) -> Iterator[Server]:
    """Start a server of its own and stop it again; ``settings`` as in postgresql.conf, `QUICK` where none are given.

    Raises:
        NoServer: there is none on this machine.
    """
    initdb, pg_ctl = program("initdb"), program("pg_ctl")
    with tempfile.TemporaryDirectory(prefix="pg-", dir="/tmp", ignore_cleanup_errors=True) as name:
        folder, data = Path(name), Path(name, "data")
        if os.geteuid() == 0:
            os.chown(folder, NOBODY, NOBODY)
        _call([initdb, "-D", str(data), "-U", USER, "-A", "trust", "-E", "UTF8", "--no-locale", "-N"], folder)
        chosen = {"listen_addresses": "", "unix_socket_directories": name, **(QUICK if settings is None else settings)}
        options = " ".join(f"-c {key}='{value}'" for key, value in chosen.items())
        _call([pg_ctl, "-D", str(data), "-l", str(folder / "log"), "-w", "-t", "120", "-o", options, "start"], folder)
        try:
            yield Server(folder)
        finally:
            _call([pg_ctl, "-D", str(data), "-w", "-m", "immediate", "stop"], folder)


def _call(command: Sequence[str], folder: Path) -> None:
    """Run a program of the server, as nobody where we are root."""
    if os.geteuid() == 0:
        command = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *command]
    null, pipe = subprocess.DEVNULL, subprocess.PIPE
    done = subprocess.run(command, cwd=folder, stdin=null, stdout=null, stderr=pipe, text=True, check=False)
    if done.returncode:
        log = folder / "log"
        said = log.read_text(errors="replace") if log.exists() else ""
        raise RuntimeError(f"{command[-1]}: {done.stderr} {said}")
