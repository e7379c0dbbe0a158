"""Where people let programs in: tokens are granted and revoked in their names, each act a sealed decision."""

import secrets
from collections.abc import Collection, Sequence
from datetime import timedelta

from dashboard.human import actor_named
from dashboard.wiring import House
from evidence.errors import NotFoundError, UsageError
from evidence.tokens import Token, TokenScope
from index import tokens
from index.tokens import Grant

PREFIX = "evidock_"
"""What a secret begins with, so that one that got into a file of settings or a log is found by a search."""
SECRET_BYTES = 32
LONGEST = timedelta(days=3650)


class TokenDesk:
    """Takes decisions on tokens."""

    def __init__(self, house: House) -> None:
        """Work in this house."""
        self._house = house

    def create(self, name: str, nouns: Collection[str], lasts: timedelta, actor: str, reason: str) -> tuple[Token, str]:
        """Let whoever holds the secret hand in records of these nouns; return the token and the secret.

        Raises:
            UsageError: no reason, no noun or an unknown one, a length that cannot be, or a name that is taken.
        """
        if not timedelta(0) < lasts <= LONGEST:
            raise UsageError("a token cannot last so long", cure=f"give --days from 1 to {LONGEST.days}")
        who, secret = actor_named(actor), PREFIX + secrets.token_urlsafe(SECRET_BYTES)
        wanted = Grant(name, secret, scopes_of(nouns), self._house.clock() + lasts)
        self._house.human._act(  # noqa: SLF001 – there is one way to a sealed decision
            who, lambda tx, at: tokens.grant(tx, wanted, actor=who, reason=reason, at=at)
        )
        return self._newest(name), secret

    def revoke(self, name: str, actor: str, reason: str) -> Token:
        """Let the holder of a token in no more. Raises UsageError without reason, NotFoundError without token."""
        who = actor_named(actor)
        self._house.human._act(  # noqa: SLF001 – there is one way to a sealed decision
            who, lambda tx, at: tokens.revoke(tx, name, actor=who, reason=reason, at=at)
        )
        return self._newest(name)

    def tokens(self, *, everything: bool = False) -> Sequence[Token]:
        """Return the tokens that stand, newest first; ``everything``: also those that stand no more."""
        now = self._house.clock()
        with self._house.register.reading() as session:
            return [one for one in tokens.tokens(session) if everything or one.stands_at(now)]

    def _newest(self, name: str) -> Token:
        found = next((one for one in self.tokens(everything=True) if one.name == name), None)
        if found is None:
            raise NotFoundError("no token of that name", subject=name)
        return found


def scopes_of(nouns: Collection[str]) -> tuple[TokenScope, ...]:
    """Return the scopes that allow to hand in records of these nouns, or to take requests for copies on.

    Raises:
        UsageError: there is no such noun.
    """
    known = {scope.word: scope for scope in TokenScope}
    unknown = [noun for noun in nouns if noun not in known]
    if unknown:
        raise UsageError(f"'{unknown[0]}' is not a kind of record", cure=f"name one of {', '.join(known)}")
    return tuple(known[noun] for noun in nouns)
