"""Models and migrations say the same, beside the tables of others."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from evidence.errors import RegisterError
from evidence.merkle import leaf_hash, root_of
from index import ledger
from index.dialects import append_only_statements
from index.engine import open_engine, register_url
from index.migrate import VERSION_TABLE, differences, head, migrate, version
from index.schema import Base
from tests.support import postgres


def test_migrations_make_what_the_models_say(tmp_path: Path) -> None:
    """An empty database, migrated, has every table, column and index of the models, and no other of ours."""
    engine = open_engine(tmp_path / "register.sqlite")
    assert version(engine) is None
    assert migrate(engine) == head() == version(engine)
    assert differences(engine) == []
    assert set(sa.inspect(engine).get_table_names()) == {*Base.metadata.tables, VERSION_TABLE}
    engine.dispose()


def test_migrations_say_the_same_on_a_server(server: postgres.Server) -> None:
    """PostgreSQL, migrated, has what the models say."""
    url = server.create()
    engine = open_engine(url)
    assert migrate(engine) == head() == version(engine)
    assert differences(engine) == []
    engine.dispose()
    server.drop(url)


def test_migrating_twice_changes_nothing(tmp_path: Path) -> None:
    """An up-to-date register is left as it is."""
    engine = open_engine(tmp_path / "register.sqlite")
    assert migrate(engine) == migrate(engine)
    engine.dispose()


def test_a_missing_column_is_a_difference(tmp_path: Path) -> None:
    """The comparison sees what it is for."""
    engine = open_engine(tmp_path / "register.sqlite")
    migrate(engine)
    with engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE officer DROP COLUMN unit"))
        connection.execute(sa.text("DROP INDEX ix_clip_sort_us_digest"))
    assert len(differences(engine)) == 2
    engine.dispose()


def test_tables_of_others_are_not_ours(tmp_path: Path) -> None:
    """The pipeline's engine keeps its tables in the same file; migrations neither see nor touch them."""
    engine = open_engine(tmp_path / "register.sqlite")
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE workflow_status (id TEXT)"))
    migrate(engine)
    assert differences(engine) == []
    assert sa.inspect(engine).has_table("workflow_status")
    engine.dispose()


def test_the_ledger_of_an_older_register_becomes_leaves(tmp_path: Path) -> None:
    """Entries of the digest chain keep their bytes and numbers, and the head is that of their leaves."""
    engine = open_engine(tmp_path / "register.sqlite")
    migrate(engine, "0001")
    bodies = [f'{{"at":"2026-01-01T00:00:00Z","number":{number},"v":1}}'.encode() for number in range(2500)]
    with engine.begin() as connection:
        old = [
            {"n": number, "p": "0" * 64, "d": leaf_hash(body).hex(), "c": body} for number, body in enumerate(bodies)
        ]
        insert = "INSERT INTO ledger_entry VALUES (:n, :p, :d, :c, 'access', 'x', 0)"
        connection.execute(sa.text(insert), old)
    migrate(engine)
    with sa.orm.Session(engine) as session:
        assert [one.canonical for one in ledger.entries(session)] == bodies
        assert ledger.heads(session) == ledger.Heads(2500, 0, "")
        assert ledger.tree_of(session).root() == root_of(map(leaf_hash, bodies))
    assert differences(engine) == []
    with pytest.raises(sa.exc.IntegrityError, match="append-only"), engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM ledger_entry"))
    engine.dispose()


def test_a_newer_register_is_refused(tmp_path: Path) -> None:
    """A version this program does not know is not guessed at."""
    engine = open_engine(tmp_path / "register.sqlite")
    migrate(engine)
    with engine.begin() as connection:
        connection.execute(sa.text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))  # noqa: S608 - our own name
    with pytest.raises(RegisterError, match="another version"):
        migrate(engine)
    engine.dispose()


def test_urls_are_paths_or_databases() -> None:
    """A bare path is a SQLite file; plain postgresql:// is psycopg 3; nonsense is refused."""
    assert register_url("/x/register.sqlite").render_as_string() == "sqlite:////x/register.sqlite"
    assert register_url("postgresql://db/evidock").drivername == "postgresql+psycopg"
    with pytest.raises(RegisterError, match="not a database URL"):
        register_url("://")


def test_postgresql_refuses_changes_to_the_ledger_too() -> None:
    """The statements for PostgreSQL cover update, delete and truncate."""
    function, trigger = append_only_statements("postgresql", "ledger_entry")
    assert "RAISE EXCEPTION" in function
    assert "BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entry" in trigger
