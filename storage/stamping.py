"""RFC 3161 time stamps over checkpoints: an authority outside the house says that the ledger was this far by that time.

One stamp over the newest checkpoint covers every entry before it. So a bureau that is offline loses nothing: when the
authority can be reached again, one stamp over the checkpoint of that moment catches up with all that waited.

Source: RFC 3161, section 2.4; docs/ledger-format.md.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from http import HTTPStatus

from cryptography.x509 import Certificate, ObjectIdentifier, load_pem_x509_certificates
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from evidence.errors import ConfigError, IntegrityError, NotFoundError, StorageError
from evidence.ports import LogStore, WallClock
from evidence.tlog import checkpoint_of, signed_note
from evidence.zones import to_utc_iso
from storage.http_client import HttpClient, phrase
from storage.stamp_order import with_sorted_certificates

FOLDER = "stamped"
SHA256 = ObjectIdentifier("2.16.840.1.101.3.4.2.1")
LARGEST_RESPONSE_BYTES = 256 * 1024
MEDIA_TYPE = "application/timestamp-query"

TOLERANCE = timedelta(minutes=5)
"""A stamp whose time is farther from this machine's clock says that one of the two clocks is wrong."""

RETRY = timedelta(minutes=10)
GRANTED = 0


@dataclass(frozen=True)
class Stamp:
    """A stamp that is kept. ``at``: the authority's time, UTC; ``path``: of the response, below the log."""

    size: int
    at: datetime
    path: str


def stamp(note: bytes, tsa_url: str, roots_pem: bytes, now: WallClock) -> bytes:
    """Have an authority stamp a checkpoint's note; return its response, verified.

    Raises:
        StorageError: the authority cannot be reached or refuses: the next stamp covers this one's entries too.
        IntegrityError: what it answered does not hold. ConfigError: the roots cannot be used.
    """
    _roots_of(roots_pem)
    request = TimestampRequestBuilder().data(note).hash_algorithm(HashAlgorithm.SHA256).build()
    answer = HttpClient(tsa_url).post("", request.as_bytes(), MEDIA_TYPE, LARGEST_RESPONSE_BYTES)
    if answer.status != HTTPStatus.OK:
        cure = "see ledger.tsa_url, and ask the authority"
        raise StorageError(f"answered {phrase(answer.status)}: {answer.words[:200]}", subject=tsa_url, cure=cure)
    at = verify_stamp(note, answer.body, roots_pem, nonce=request.nonce)
    if abs(at - now()) > TOLERANCE:
        raise IntegrityError(
            f"the authority's time is {to_utc_iso(at)} and this machine's is {to_utc_iso(now())}",
            subject=tsa_url,
            cure="set this machine's clock right, or ask the authority; nothing was kept",
        )
    return answer.body


def verify_stamp(note: bytes, response: bytes, roots_pem: bytes, *, nonce: int | None = None) -> datetime:
    """Return when a note was stamped, after checking all of it: imprint, signature, chain at that time, purpose.

    ``nonce`` is what the request carried, None when the request is long gone.

    Raises:
        IntegrityError: it does not hold, or is no such response. ConfigError: the roots cannot be used.
    """
    verifier = VerifierBuilder(roots=_roots_of(roots_pem), nonce=nonce).build()
    try:
        read = _decoded(response)
        _refuse_failure(read)
        if read.tst_info.message_imprint.hash_algorithm != SHA256:
            raise _refused("its imprint is not a SHA-256")
        verifier.verify(read, hashlib.sha256(note).digest())
        return read.tst_info.gen_time.astimezone(UTC)
    except (VerificationError, ValueError, TypeError) as error:
        raise _refused(_plainly(str(error))) from error


def keep(log: LogStore, note: bytes, response: bytes, at: datetime) -> Stamp:
    """Keep a verified stamp and the note it is over, side by side, for ever."""
    size = checkpoint_of(signed_note(note)).size
    stem = f"{FOLDER}/{size:012}.{hashlib.sha256(response).hexdigest()[:16]}"
    log.create(f"{stem}.note", note)
    log.create(f"{stem}.tsr", response)
    return Stamp(size, at, f"{stem}.tsr")


def newest(log: LogStore) -> Stamp | None:
    """Return the newest stamp that is kept, by the time it states; None when there is none.

    Raises:
        IntegrityError: a response that is kept is none.
    """
    paths = sorted(path for path in log.paths(FOLDER) if path.endswith(".tsr"))
    if not paths:
        return None
    size = paths[-1].removeprefix(f"{FOLDER}/").partition(".")[0]
    return max((_stated(log, path) for path in paths if f"/{size}." in path), key=lambda one: one.at)


def due(now: datetime, last: datetime | None, every_h: float) -> bool:
    """Whether it is time for a stamp."""
    return last is None or now - last >= timedelta(hours=every_h)


class Stamping:
    """Has the newest checkpoint stamped from time to time; what cannot be stamped waits for the next time.

    Args:
        log: where the ledger is sealed, and the stamps are kept.
        tsa_url: address of the authority. roots_pem: the root certificates it is trusted by.
        every_h: a stamp is due so many hours after the last.
        clock: this machine's.
        retry: an authority that gave no stamp is left in peace so long.
    """

    def __init__(
        self,
        log: LogStore,
        tsa_url: str,
        roots_pem: bytes,
        every_h: float,
        clock: WallClock,
        retry: timedelta = RETRY,
    ) -> None:
        self._log = log
        self._tsa_url = tsa_url
        self._roots_pem = roots_pem
        self._every_h = every_h
        self._clock = clock
        self._retry = retry
        self._not_before: datetime | None = None

    @cached_property
    def last(self) -> Stamp | None:
        """The newest stamp; None when there is none yet. Raises as `newest` does."""
        return newest(self._log)

    def tick(self) -> Stamp | None:
        """Have the newest checkpoint stamped when that is due and something is new; return the stamp made now.

        Raises:
            StorageError: the authority cannot be reached; it is asked again after ``retry``, for the newest checkpoint
                then. IntegrityError, ConfigError: as `stamp` raises them; it is asked again after the same time.
        """
        now = self._clock()
        if not due(now, self.last.at if self.last else None, self._every_h) or self._is_resting(now):
            return None
        note = self._newest_note()
        if note is None or (self.last and checkpoint_of(signed_note(note)).size == self.last.size):
            return None
        self._not_before = now + self._retry
        response = stamp(note, self._tsa_url, self._roots_pem, self._clock)
        self.last = keep(self._log, note, response, verify_stamp(note, response, self._roots_pem))
        self._not_before = None
        return self.last

    def _is_resting(self, now: datetime) -> bool:
        return self._not_before is not None and now < self._not_before

    def _newest_note(self) -> bytes | None:
        try:
            return self._log.read("checkpoint")
        except NotFoundError:
            return None  # nothing is sealed yet


def _stated(log: LogStore, path: str) -> Stamp:
    try:
        at = _decoded(log.read(path)).tst_info.gen_time.astimezone(UTC)
    except ValueError as error:
        raise _refused(str(error), path) from error
    return Stamp(int(path.removeprefix(f"{FOLDER}/").partition(".")[0]), at, path)


def _decoded(response: bytes) -> TimeStampResponse:
    return decode_timestamp_response(with_sorted_certificates(response))


def _roots_of(roots_pem: bytes) -> list[Certificate]:
    try:
        return load_pem_x509_certificates(roots_pem)
    except ValueError as error:
        cure = "put the authority's root certificates there, in PEM form"
        raise ConfigError(f"holds no certificate ({error})", subject="ledger.tsa_roots", cure=cure) from error


def _refuse_failure(read: TimeStampResponse) -> None:
    if read.status != GRANTED:
        words = "; ".join(read.status_string) or "no reason given"
        raise _refused(f"the authority did not grant it (status {read.status}: {words})")


def _plainly(words: str) -> str:
    """Return what a library's words come down to: for a chain that does not hold, the reason alone."""
    found = re.search(r'Verify error: ([^"]+)', words)
    return f"its certificates do not hold: {found[1]}" if found else words


def _refused(why: str, subject: str = "time stamp") -> IntegrityError:
    return IntegrityError(why, subject=subject, cure="do not rely on it; see ledger.tsa_roots, and ask the authority")
