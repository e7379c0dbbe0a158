"""Access tokens in the register: granted and revoked by named persons, each act a decision with a whole entry."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.custody import Actor
from evidence.errors import NotFoundError, UsageError
from evidence.ids import SYSTEM_ACTOR
from evidence.ports import Scope, Transaction
from evidence.tokens import Token, TokenScope, secret_digest
from evidence.zones import exact_iso
from index import schema
from index.decisions import Act, Decided, record
from index.holds import short_id
from index.journal import Told, time_of
from index.tx import session_of

GRANT, REVOKE = "grant_token", "revoke_token"
LONGEST_NAME = 80


@dataclass(frozen=True)
class Grant:
    """Who is to be let in: under which name, by which secret, for what, until when."""

    name: str
    secret: str
    scopes: Collection[TokenScope]
    expires_at: datetime


def grant(tx: Transaction, wanted: Grant, *, actor: Actor, reason: str, at: datetime) -> Decided:
    """Let in whoever knows a secret, under a name.

    Raises:
        UsageError: no reason, no scope, a name that cannot be, or a token of that name stands already.
    """
    session = session_of(tx)
    act = Act(GRANT, actor, reason, at)
    _require_name(session, wanted.name, at)
    if not wanted.scopes:
        cure = "name the records it may hand in, each with --for"
        raise UsageError("a token needs a scope", subject=wanted.name, cure=cure)
    row = schema.TokenRow(
        token_id=short_id("token", wanted.name, secret_digest(wanted.secret)),
        name=wanted.name,
        secret_sha256=secret_digest(wanted.secret),
        scopes=[scope.value for scope in sorted(set(wanted.scopes))],
        granted_by=actor.name,
        granted_at=at,
        expires_at=wanted.expires_at,
    )
    session.add(row)
    return _recorded(session, act, row)


def revoke(tx: Transaction, name: str, *, actor: Actor, reason: str, at: datetime) -> Decided:
    """Let the holder of a token in no more.

    Raises:
        UsageError: no reason. NotFoundError: no token of that name stands.
    """
    session = session_of(tx)
    act = Act(REVOKE, actor, reason, at)
    row = _standing(session, name, at)
    if row is None:
        cure = "`evidock token list` shows which there are"
        raise NotFoundError("no token of that name stands", subject=name, cure=cure)
    row.revoked_by, row.revoked_at = actor.name, at
    return _recorded(session, act, row)


def tokens(session: Session) -> list[Token]:
    """Return all tokens, newest first."""
    row = schema.TokenRow
    return [_token(one) for one in session.scalars(sa.select(row).order_by(row.granted_at.desc(), row.token_id))]


def holder(session: Session, secret: str, at: datetime) -> Token | None:
    """Return the token that a secret belongs to, if it stands at this time."""
    row = schema.TokenRow
    found = session.scalars(sa.select(row).where(row.secret_sha256 == secret_digest(secret)))
    known = [one for one in map(_token, found) if one.is_secret(secret) and one.stands_at(at)]
    return known[0] if known else None


def project_token(told: Told) -> dict[str, Any]:
    """Return the columns of the `schema.TokenRow` that a decision on a token tells of; the newest is the row."""
    said = told.detail["token"]
    if not isinstance(said, Mapping):
        raise TypeError(f"a token must be a map, not {type(said).__name__}")
    times = {name: time_of(said.get(name)) for name in ("granted_at", "expires_at", "revoked_at")}
    return {"revoked_by": None, **said, **times}


def _require_name(session: Session, name: str, at: datetime) -> None:
    if not name.strip() or name != name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        cure = f"give it a name of up to {LONGEST_NAME} printable characters"
        raise UsageError("a token cannot be called so", subject=name, cure=cure)
    if name.casefold() == SYSTEM_ACTOR:
        raise UsageError("is the program itself", subject=name, cure="name the program that will hold the token")
    if _standing(session, name, at) is not None:
        cure = f"revoke it first (`evidock token revoke {name}`), or give another name"
        raise UsageError("a token of that name stands already", subject=name, cure=cure)


def _standing(session: Session, name: str, at: datetime) -> schema.TokenRow | None:
    row = schema.TokenRow
    wanted = sa.select(row).where(row.name == name, row.revoked_at.is_(None), row.expires_at > at)
    return session.scalars(wanted).first()


def _recorded(session: Session, act: Act, row: schema.TokenRow) -> Decided:
    session.flush()
    return record(session, act, row.name, Scope(), {"token": _said(row)})


def _said(row: schema.TokenRow) -> dict[str, object]:
    """Return every column that says something, JSON-ready."""
    said = {
        "token_id": row.token_id,
        "name": row.name,
        "secret_sha256": row.secret_sha256,
        "scopes": row.scopes,
        "granted_by": row.granted_by,
        "granted_at": exact_iso(row.granted_at),
        "expires_at": exact_iso(row.expires_at),
        "revoked_by": row.revoked_by,
        "revoked_at": exact_iso(row.revoked_at) if row.revoked_at else None,
    }
    return {name: value for name, value in said.items() if value is not None}


def _token(row: schema.TokenRow) -> Token:
    return Token(
        token_id=row.token_id,
        name=row.name,
        secret_sha256=row.secret_sha256,
        scopes=tuple(TokenScope(scope) for scope in row.scopes),
        granted_by=row.granted_by,
        granted_at=row.granted_at,
        expires_at=row.expires_at,
        revoked_by=row.revoked_by,
        revoked_at=row.revoked_at,
    )
