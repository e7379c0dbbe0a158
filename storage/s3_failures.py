"""What an S3 server says when it refuses, or when there is none, in words and types a caller can act on.

Source: the list of error codes in the Amazon S3 API reference; what other servers say instead.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from botocore.exceptions import (  # type: ignore[import-untyped]
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    NoRegionError,
    ParamValidationError,
    PartialCredentialsError,
    SSLError,
)

from evidence.errors import ConfigError, EvidockError, NotFoundError, StorageError, StorageFullError

Verdict = tuple[type[EvidockError], str, str]
"""The error, what is wrong, and what to do."""

AGAIN = "see that it runs and can be reached; it is tried again"
_DENIED = "give the account the rights that docs/operations.md lists for the vault on S3"
_KEYS = "set the access key and the secret in the environment of the service, see docs/operations.md"
_BUCKET = "make it with Object Lock, or mend vault.bucket"

_NO_KEYS: Verdict = (ConfigError, "the S3 server does not know these credentials", _KEYS)
_NO_RIGHTS: Verdict = (ConfigError, "the S3 server does not allow this", _DENIED)
_NO_OBJECT: Verdict = (NotFoundError, "no such object is in the bucket", "")
_NO_BUCKET: Verdict = (ConfigError, "there is no such bucket", _BUCKET)
_NO_LOCK: Verdict = (ConfigError, "this bucket has no Object Lock", "make a new bucket with it, see docs/operations.md")
_FULL: Verdict = (StorageFullError, "no space is left for the bucket", "extend it or its quota; it is tried again")
_BUSY: Verdict = (StorageError, "the S3 server is too busy", "it is tried again")
_CHANGED: Verdict = (StorageError, "bytes changed on their way to the S3 server", "it is tried again")
_CLOCK: Verdict = (ConfigError, "this machine's clock differs from the S3 server's", "set the clock of this machine")

_VERDICTS: Mapping[str, Verdict] = {
    "401": _NO_KEYS,
    "InvalidAccessKeyId": _NO_KEYS,
    "SignatureDoesNotMatch": _NO_KEYS,
    "ExpiredToken": _NO_KEYS,
    "InvalidToken": _NO_KEYS,
    "403": _NO_RIGHTS,
    "AccessDenied": _NO_RIGHTS,
    "AllAccessDisabled": _NO_RIGHTS,
    "404": _NO_OBJECT,
    "NotFound": _NO_OBJECT,
    "NoSuchKey": _NO_OBJECT,
    "NoSuchVersion": _NO_OBJECT,
    "NoSuchBucket": _NO_BUCKET,
    "InvalidBucketName": _NO_BUCKET,
    "ObjectLockConfigurationNotFoundError": _NO_LOCK,
    "NoSuchObjectLockConfiguration": _NO_LOCK,
    "507": _FULL,
    "InsufficientStorage": _FULL,
    "QuotaExceeded": _FULL,
    "StorageFull": _FULL,
    "XMinioStorageFull": _FULL,
    "429": _BUSY,
    "503": _BUSY,
    "SlowDown": _BUSY,
    "ServiceUnavailable": _BUSY,
    "Throttling": _BUSY,
    "BadDigest": _CHANGED,
    "XAmzContentSHA256Mismatch": _CHANGED,
    "XAmzContentChecksumMismatch": _CHANGED,
    "RequestTimeTooSkewed": _CLOCK,
}

TAKEN = frozenset({"412", "PreconditionFailed"})
"""Something of that name is there already."""

RACING = frozenset({"409", "ConditionalRequestConflict", "OperationAborted"})
"""Somebody else is creating an object of that name right now."""

UNKNOWN_CONDITION = frozenset({"501", "NotImplemented"})
"""The server does not know how to create exclusively."""

DENIED = frozenset({"403", "AccessDenied", "ObjectLocked", "InvalidRequest"})
"""What servers say to whoever deletes what is locked."""

UNLOCKED = frozenset({"ObjectLockConfigurationNotFoundError", "NoSuchObjectLockConfiguration", "NoSuchObjectLegalHold"})
"""There is no lock to tell of."""


@contextmanager
def s3_errors(subject: str) -> Iterator[None]:
    """Translate everything botocore raises inside.

    Raises:
        NotFoundError: no such object. ConfigError: credentials, rights, bucket or address do not do.
        StorageFullError: no room. StorageError: every other refusal, and a server that does not answer.
    """
    try:
        yield
    except ClientError as error:
        raise _refused(error, subject) from error
    except BotoCoreError as error:
        raise _unanswered(error, subject) from error


def code_of(error: BaseException) -> str:
    """Return the S3 error code behind a translated error, empty when the server did not answer at all."""
    cause = error.__cause__
    return str(cause.response.get("Error", {}).get("Code", "")) if isinstance(cause, ClientError) else ""


def _refused(error: ClientError, subject: str) -> EvidockError:
    said = error.response.get("Error", {})
    code, words = str(said.get("Code", "")), str(said.get("Message", ""))
    if code in _VERDICTS:
        kind, message, cure = _VERDICTS[code]
        return kind(message, subject=subject, cure=cure)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", "")
    if str(status) in {"503", "507"}:
        kind, message, cure = _VERDICTS[str(status)]
        return kind(message, subject=subject, cure=cure)
    return StorageError(f"the S3 server refused ({code or status}: {words})", subject=subject)


def _unanswered(error: BotoCoreError, subject: str) -> EvidockError:
    words = " ".join(str(error).split())
    if isinstance(error, NoCredentialsError | PartialCredentialsError):
        return ConfigError("there are no credentials for the S3 server", subject=subject, cure=_KEYS)
    if isinstance(error, SSLError):
        cure = "put its certificate's authority into the file that AWS_CA_BUNDLE names"
        return ConfigError(f"the S3 server cannot be trusted ({words})", subject=subject, cure=cure)
    if isinstance(error, NoRegionError | ParamValidationError):
        return ConfigError(f"the S3 server cannot be asked ({words})", subject=subject, cure=_BUCKET)
    return StorageError(f"the S3 server does not answer ({words})", subject=subject, cure=AGAIN)
