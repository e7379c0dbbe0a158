"""The sidecar: what is sealed beside an original about one sighting of it, so that the register can be made again.

Canonical JSON (sorted keys, no white space, UTF-8), one record per sighting in the vault's folder `FOLDER`. A source
path that is not UTF-8 (a camera that writes GB18030) stands readably in ``source_path`` and exactly, as hex, in
``source_path_bytes``.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from evidence.clips import Sighting
from evidence.errors import IntegrityError
from evidence.ids import Digest, StationId
from evidence.zones import from_iso

FOLDER = "sidecars"
VERSION = 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Sidecar:
    """A sighting as it is sealed.

    Attributes:
        pickup_key: idempotency key of the pickup it came from.
        mtime_ns: the source's modification time to the nanosecond, which a ``datetime`` cannot hold.
        tool: program and version that took it in.
    """

    sighting: Sighting
    pickup_key: str
    mtime_ns: int
    tool: str

    @property
    def name(self) -> str:
        """Name of the record: the same file picked up again gets the same one."""
        return sidecar_name(self.sighting.digest, self.pickup_key)

    def same_sighting(self, other: "Sidecar") -> bool:
        """Whether both tell of the same bytes at the same place and time; when each was received does not matter."""
        return _identity(self) == _identity(other)


def sidecar_name(digest: Digest, pickup_key: str) -> str:
    """Return ``<sha256>.<first 16 of the pickup key>.json``."""
    return f"{digest}.{pickup_key[:16]}.json"


def moment_of(time_ns: int) -> datetime:
    """Return nanoseconds since 1970 as UTC, cut to microseconds; what lies beyond years 1–9999 becomes the nearest."""
    try:
        return _EPOCH + timedelta(microseconds=time_ns // 1000)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC) if time_ns > 0 else datetime.min.replace(tzinfo=UTC)


def to_bytes(sidecar: Sidecar) -> bytes:
    """Return the record's bytes."""
    seen = sidecar.sighting
    exact = seen.source_path.encode("utf-8", "surrogateescape")
    readable = exact.decode("utf-8", "replace")
    body: dict[str, object] = {
        "v": VERSION,
        "sha256": seen.digest,
        "size_bytes": seen.size_bytes,
        "station": seen.station,
        "source_path": readable,
        "mtime_ns": sidecar.mtime_ns,
        "received_at": seen.received_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "pickup_key": sidecar.pickup_key,
        "tool": sidecar.tool,
    }
    if readable != seen.source_path:
        body["source_path_bytes"] = exact.hex()
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def from_bytes(name: str, body: bytes) -> Sidecar:
    """Return the sidecar a record holds.

    Raises:
        IntegrityError: the record is not a sidecar of that name.
    """
    try:
        sidecar = _parsed(json.loads(body))
    except (ValueError, KeyError, TypeError) as error:
        raise IntegrityError("this record is no sidecar", subject=name, cure="restore it from backup") from error
    if sidecar.name != name:
        raise IntegrityError("this sidecar tells of another file", subject=name, cure="restore it from backup")
    return sidecar


def _parsed(body: dict[str, object]) -> Sidecar:
    if body["v"] != VERSION:
        raise ValueError(f"unknown sidecar version {body['v']!r}")
    exact = body.get("source_path_bytes")
    path = bytes.fromhex(str(exact)).decode("utf-8", "surrogateescape") if exact else str(body["source_path"])
    mtime_ns = _whole(body["mtime_ns"])
    sighting = Sighting(
        digest=Digest(str(body["sha256"])),
        size_bytes=_whole(body["size_bytes"]),
        station=StationId(str(body["station"])),
        source_path=path,
        mtime=moment_of(mtime_ns),
        received_at=from_iso(str(body["received_at"])),
    )
    return Sidecar(sighting, str(body["pickup_key"]), mtime_ns, str(body["tool"]))


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"a whole number was expected, not {value!r}")
    return value


def _identity(sidecar: Sidecar) -> tuple[str, int, str, str, int]:
    seen = sidecar.sighting
    return (seen.digest, seen.size_bytes, seen.station, seen.source_path, sidecar.mtime_ns)
