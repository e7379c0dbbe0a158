"""The register's engine under the pipeline's transactional steps: rows and checkpoint commit together or not at all."""

import subprocess
import sys
from pathlib import Path

import pytest

from index import ledger
from index.engine import Register, open_engine
from index.migrate import differences, migrate

PIPELINE = """
import os, sys, threading
from datetime import UTC, datetime
from dbos import DBOS, DBOSConfig, SetWorkflowID, SQLAlchemyDatasource
from evidence.custody import Actor, Authenticated, Entry, EventType
from index import ledger
from index.engine import open_engine

path, crash = sys.argv[1], sys.argv[2] == "crash"
url = f"sqlite:///{path}"
actor = Actor("system", Authenticated.MACHINE)
DBOS(config=DBOSConfig(name="evidock", system_database_url=url, executor_id="one", application_version="1",
                       log_level="ERROR"))
source = SQLAlchemyDatasource.create(url, engine=open_engine(path))

def append(number, dies):
    entry = Entry(EventType.CHECKED, actor, datetime(2026, 1, 1, tzinfo=UTC), detail={"n": number})
    placed = ledger.append(source.sql_session(), entry)
    if dies:
        os._exit(9)
    return placed

@DBOS.workflow(name="append")
def workflow(number):
    return source.run_tx_step({"name": "append"}, append, number, crash and number == 999)

DBOS.launch()
if crash:
    writers = [threading.Thread(target=lambda n=n: [workflow(n * 10 + i) for i in range(5)]) for n in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    with SetWorkflowID("dies"):
        workflow(999)
else:
    print(DBOS.retrieve_workflow("dies").get_result())
    DBOS.destroy()
"""


@pytest.mark.slow
def test_a_crash_inside_a_transactional_step_leaves_nothing_and_is_done_once(tmp_path: Path) -> None:
    """Eight workflows append at once; then the process dies with an entry written but not committed.

    After it the ledger is whole without that entry; the next start runs the step again, and it is there once.
    """
    path = tmp_path / "register.sqlite"
    register = Register(open_engine(path))
    migrate(register.engine)
    assert run(path, "crash").returncode == 9
    assert counted(register) == 40
    again = run(path, "recover")
    assert (again.returncode, again.stdout.strip()) == (0, "40"), again.stderr
    assert counted(register) == 41
    assert differences(register.engine) == []
    register.close()


def run(path: Path, mode: str) -> subprocess.CompletedProcess[str]:
    """Run the small pipeline in a process of its own."""
    command = [sys.executable, "-c", PIPELINE, str(path), mode]
    root = Path(__file__).parents[2]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=root, timeout=120)


def counted(register: Register) -> int:
    """Check the chain and return its length."""
    with register.reading() as session:
        return ledger.tree_of(session).size
