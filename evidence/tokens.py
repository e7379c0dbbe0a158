"""Access tokens: how a program proves that a named person let it in. Of the secret only its digest is ever kept."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class TokenScope(StrEnum):
    """What a token lets its holder do."""

    IMPORT = "import"  # hand record files in
    READ = "read"  # ask under /api/; on loopback everybody may, until sign-in exists


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

    def is_secret(self, secret: str) -> bool:
        """Whether this is its secret; takes as long for a wrong one as for the right one."""
        return hmac.compare_digest(self.secret_sha256, secret_digest(secret))


def secret_digest(secret: str) -> str:
    """Return what is kept of a secret.

    One hash is enough: a secret of 256 random bits cannot be guessed, as a password can.
    """
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
