"""Access tokens: how a program proves that a named person let it in. Of the secret only its digest is ever kept."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from evidence.zones import exact_iso


class TokenScope(StrEnum):
    """What a token lets its holder do: hand in record files of one noun, or take requests for copies on.

    Who takes a request in never decides on it, so two scopes: one token for both would let nobody decide. Reading needs
    none, until sign-in exists.
    """

    IMPORT_OFFICERS = "import:officers"
    IMPORT_DEVICES = "import:devices"
    IMPORT_ASSIGNMENTS = "import:assignments"
    IMPORT_CASES = "import:cases"
    IMPORT_STEPS = "import:steps"
    IMPORT_DOCUMENTS = "import:documents"
    HANDLE_COPIES = "copies:handle"
    DECIDE_COPIES = "copies:decide"

    @property
    def word(self) -> str:
        """As people name it: a kind of record by itself."""
        return self.value.removeprefix("import:")


@dataclass(frozen=True)
class Token:
    """A token without its secret.

    Attributes:
        name: under which its holder acts. secret_sha256: digest of the secret, which has 256 random bits.
    """

    token_id: str
    name: str
    secret_sha256: str
    scopes: tuple[TokenScope, ...]
    granted_by: str
    granted_at: datetime
    expires_at: datetime
    revoked_by: str | None = None
    revoked_at: datetime | None = None

    def stands_at(self, moment: datetime) -> bool:
        """Whether it lets anybody in at this time."""
        return self.revoked_at is None and moment < self.expires_at

    def may_import(self, noun: str) -> bool:
        """Whether its holder may hand in records of a noun."""
        return f"import:{noun}" in self.scopes

    def may(self, scope: TokenScope) -> bool:
        """Whether its holder may do what a scope lets them."""
        return scope in self.scopes

    def is_secret(self, secret: str) -> bool:
        """Whether this is its secret; takes as long for a wrong one as for the right one."""
        return hmac.compare_digest(self.secret_sha256, secret_digest(secret))


def token_json(token: Token, at: datetime) -> dict[str, object]:
    """Return the documented JSON of a token; ``stands`` at this time. Its secret is not in it."""
    return {
        "token_id": token.token_id,
        "name": token.name,
        "scopes": [scope.value for scope in token.scopes],
        "granted_by": token.granted_by,
        "granted_at": exact_iso(token.granted_at),
        "expires_at": exact_iso(token.expires_at),
        "revoked_by": token.revoked_by,
        "revoked_at": exact_iso(token.revoked_at) if token.revoked_at else None,
        "stands": token.stands_at(at),
    }


def secret_digest(secret: str) -> str:
    """Return what is kept of a secret.

    One hash is enough: a secret of 256 random bits cannot be guessed, as a password can.
    """
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
