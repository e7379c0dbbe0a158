"""Makes the durable engine's tables before anybody hands work in, so that no process ever meets a home without them."""

import sqlalchemy as sa

from evidence.errors import RegisterError


def prepare_engine(url: str, engine: sa.Engine) -> None:
    """Make the engine's own tables in the register, once; costs one look where they are there already.

    Raises:
        RegisterError: they cannot be made.
    """
    if sa.inspect(engine).has_table("workflow_status"):
        return
    from dbos import DBOS  # noqa: PLC0415 – slow to import, and needed once in a home's life

    try:
        DBOS.migrate(url)
    except sa.exc.SQLAlchemyError as error:
        cure = "see that the disk has room and the home may be written, then try again"
        raise RegisterError("the pipeline's tables cannot be made", subject=url, cure=cure) from error
