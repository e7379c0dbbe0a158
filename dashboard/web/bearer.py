"""Programs at the door: the token that comes with a request."""

from collections.abc import Callable

from fastapi import Request

from evidence.errors import ScopeRefusedError, TokenRefusedError
from evidence.notes import note
from evidence.tokens import Token, TokenScope

SCHEME = "bearer "


def bearer_of(request: Request, holder: Callable[[str], Token | None]) -> Token:
    """Return the token that came with a request.

    Raises:
        TokenRefusedError: none did, or none that stands.
    """
    said = request.headers.get("authorization", "")
    secret = said[len(SCHEME) :].strip() if said.lower().startswith(SCHEME) else ""
    token = holder(secret) if secret else None
    if token is None:
        cure = "send `Authorization: Bearer …` with a secret that `evidock token create` gave and nobody revoked"
        words, told = "no token that stands came with the request", note("api.no_token")
        raise TokenRefusedError(words, cure=cure, reason=told)
    return token


def require_scope(token: Token, scope: TokenScope) -> None:
    """Let in who holds a token for this.

    Raises:
        ScopeRefusedError: it is for other things.
    """
    if not token.may(scope):
        cure, told = (
            f"ask for one with `evidock token create NAME --for {scope.word}`",
            note("api.scope", scope=scope.word),
        )
        raise ScopeRefusedError(f"its token is not for {scope.word}", subject=token.name, cure=cure, reason=told)
