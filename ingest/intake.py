"""Intake: one pass over a dock file that copies it into the vault and digests it, then seals what is known of it."""

import hashlib
from contextlib import suppress
from dataclasses import replace

from evidence.clips import Sighting
from evidence.errors import MediaCancelledError, NotFoundError
from evidence.ports import Cancelled, Pickup, Report, SealedObject, Staging, Vault, WallClock
from evidence.sidecars import FOLDER, Sidecar, from_bytes, moment_of, sidecar_name, to_bytes
from ingest.faults import reached
from ingest.source import Source, readable_path


class Intake:
    """Takes dock files into the vault; safe to use from several threads.

    Args:
        tool: program and version, kept in every sidecar.
    """

    def __init__(self, vault: Vault, clock: WallClock, *, tool: str = "evidock") -> None:
        self._vault = vault
        self._clock = clock
        self._tool = tool

    def take(self, pickup: Pickup, report: Report, cancelled: Cancelled) -> Sighting:
        """Seal a source and its sidecar; the source is only read.

        Done again after a crash or for a file docked twice, it leaves one original; the same pickup again gives the
        sighting of the first time.

        Raises:
            SourceChangedError: the source is not as announced, or changed while it was read: nothing was sealed.
            SourceUnreadableError: it cannot be read, and why.
            MediaCancelledError: ``cancelled`` said so: nothing was sealed.
            StorageFullError: the vault's disk is full: nothing was sealed. StorageError: it refused.
            IntegrityError: the vault holds damaged bytes under this digest.
        """
        with Source(pickup) as source, self._vault.stage(pickup.size_bytes) as staging:
            source.require_unchanged()
            _copy(source, staging, pickup, report, cancelled)
            source.require_unchanged()
            sealed = staging.seal()
        reached("sealed-no-sidecar")
        sighting = self._with_sidecar(pickup, sealed)
        report(1.0)
        return sighting

    def _with_sidecar(self, pickup: Pickup, sealed: SealedObject) -> Sighting:
        fresh = self._sidecar(pickup, sealed)
        with suppress(NotFoundError):
            name = sidecar_name(sealed.digest, pickup.key)
            body = self._vault.record(FOLDER, name)
            earlier = from_bytes(name, body)
            if earlier.same_sighting(fresh):
                return replace(earlier.sighting, sidecar=hashlib.sha256(body).hexdigest())
        return replace(fresh.sighting, sidecar=self._vault.put_record(FOLDER, fresh.name, to_bytes(fresh)))

    def _sidecar(self, pickup: Pickup, sealed: SealedObject) -> Sidecar:
        sighting = Sighting(
            digest=sealed.digest,
            size_bytes=sealed.size_bytes,
            station=pickup.station,
            source_path=pickup.source_path,
            mtime=moment_of(pickup.mtime_ns),
            received_at=self._clock(),
        )
        return Sidecar(sighting, pickup.key, pickup.mtime_ns, self._tool)


def _copy(source: Source, staging: Staging, pickup: Pickup, report: Report, cancelled: Cancelled) -> None:
    done_bytes = 0
    for chunk in source.chunks():
        if cancelled():
            raise MediaCancelledError("it was stopped", subject=readable_path(pickup.source_path))
        staging.write(chunk)
        reached("mid-copy")
        done_bytes += len(chunk)
        report(done_bytes / pickup.size_bytes)
