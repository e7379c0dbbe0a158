"""Bringing the register's tables to the present version, in a command of its own and never by two at once."""

from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy.exc import DBAPIError

from evidence.errors import RegisterError
from index.schema import Base

VERSION_TABLE = "register_version"


def is_ours(name: str | None, kind: str, parents: dict[str, str | None]) -> bool:
    """Whether a name belongs to the register; the pipeline's engine keeps its own tables in the same database."""
    table = name if kind == "table" else parents.get("table_name")
    return kind == "schema" or table in Base.metadata.tables


def render(kind: str, item: object, _context: object) -> str | Literal[False]:
    """Write a column type of ours into a new version as the plain type it is stored as: versions import no models."""
    if kind == "type" and isinstance(item, sa.types.TypeDecorator):
        return f"sa.{item.impl!r}"
    return False


COMPARE: dict[str, Any] = {
    "target_metadata": Base.metadata,
    "include_name": is_ours,
    "version_table": VERSION_TABLE,
    "render_item": render,
    "compare_type": True,
}


def alembic_config() -> Config:
    """Return the configuration: where the versions lie."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


def migrate(engine: sa.Engine, revision: str = "head") -> str:
    """Bring the register up to a version, the newest, and return it; an up-to-date one is left as it is.

    Raises:
        RegisterError: the register is newer than this program.
    """
    config = alembic_config()
    try:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
    except CommandError as error:
        cure = "install the newer Evidock, or rebuild the register from the vault"
        raise RegisterError(f"its tables are of another version ({error})", subject="register", cure=cure) from error
    except DBAPIError as error:
        cure = "see that the disk has room; if it is damaged: evidock rebuild"
        raise RegisterError(f"it cannot be opened ({error.orig})", subject="register", cure=cure) from error
    return head(config)


def head(config: Config | None = None) -> str:
    """Return the newest version this program knows."""
    return str(ScriptDirectory.from_config(config or alembic_config()).get_current_head())


def version(engine: sa.Engine) -> str | None:
    """Return the version of the register, None when it has no tables yet."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE}).get_current_revision()


def differences(engine: sa.Engine) -> list[Any]:
    """Return what the models say and the migrated tables do not, or the other way round."""
    with engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection, opts=COMPARE), Base.metadata))
