"""The vault's paths, the same below a local folder and in a bucket.

::

    originals/ab/cd/abcd…      the bytes as they came; the name is their SHA-256
    records/<folder>/<name>    sidecars, imported records, decisions
    ledger/…                   see docs/ledger-format.md
"""

import re

from evidence.errors import NotFoundError, StorageError
from evidence.ids import Digest
from storage.scratch import SUFFIX

ORIGINALS, RECORDS, LEDGER, LOCKS = "originals", "records", "ledger", "locks"
CHECKPOINT = "checkpoint"
PARTIAL = ".p/"
"""What every path of a partial tile or bundle contains, and no other."""

_DIGEST = re.compile(r"[0-9a-f]{64}")
_RECORD_PART = re.compile(r"[^./\x00][^/\x00]*")
_LOG_PATH = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")


def is_digest(text: str) -> bool:
    """Whether a text is a SHA-256 in lower-case hex."""
    return _DIGEST.fullmatch(text) is not None


def original_path(digest: Digest) -> str:
    """Return where an original lies.

    Raises:
        NotFoundError: this is no digest, so no original can have it.
    """
    return f"{ORIGINALS}/{spread(digest)}"


def spread(digest: Digest) -> str:
    """Return ``ab/cd/abcd…``. Raises as `original_path`."""
    if not is_digest(digest):
        raise NotFoundError("this is not a SHA-256 in lower-case hex", subject=digest)
    return f"{digest[:2]}/{digest[2:4]}/{digest}"


def record_path(*parts: str) -> str:
    """Return where a record, or a folder of them, lies.

    Raises:
        StorageError: a part is a path of its own, or hides.
    """
    for part in parts:
        if not _RECORD_PART.fullmatch(part) or part.endswith(SUFFIX):
            raise StorageError("a record cannot have this name", subject=part, cure="no slash, no leading dot")
    return "/".join((RECORDS, *parts))


def log_path(path: str) -> str:
    """Return where an object of the sealed ledger, or a folder of them, lies; ``""`` is the whole.

    Raises:
        StorageError: the path leaves the ledger, or hides.
    """
    if not path:
        return LEDGER
    if not _LOG_PATH.fullmatch(path):
        raise StorageError("an object of the ledger cannot have this name", subject=path, cure="see the ledger format")
    return f"{LEDGER}/{path}"


def require_partial(path: str) -> None:
    """Refuse to remove anything but a partial tile or bundle.

    Raises:
        StorageError: it is another object of the ledger, and those stay.
    """
    if PARTIAL not in path:
        raise StorageError("only partial tiles and bundles can be removed", subject=path, cure="leave it where it is")
