"""The register's side of the `Transaction` port: it is an SQLAlchemy session, and nothing else will do."""

from sqlalchemy.orm import Session

from evidence.ports import Transaction

OpenTransaction = Session
"""What `index.engine.Register.transaction` opens, for those who hand it on."""


def session_of(tx: Transaction) -> Session:
    """Return the session behind a transaction.

    Raises:
        TypeError: the caller handed in something the register did not open.
    """
    if not isinstance(tx, Session):
        raise TypeError(f"a register transaction is an SQLAlchemy Session, not {type(tx).__name__}")
    return tx
