"""Statements about a clip, kept apart by source and never overwritten; the judgement over them is recomputed.

Source: docs/glossary.md (claim, measurement, record, decision); docs/devices.md on what each source is worth.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from evidence.ids import DeviceId, OfficerId
from evidence.notes import Note


class ClaimSource(StrEnum):
    """Where a statement was read."""

    FILE_NAME = "file_name"
    FOLDER = "folder"
    SIDECAR = "sidecar"
    CONTAINER = "container"  # movie, track or media header, RIFF date, or a tag such as creation_time
    MAKER = "maker"  # maker's own tag with an explicit offset (Apple creation date)
    EXIF = "exif"
    GPS = "gps"  # one fix, which a receiver may have kept from earlier
    GPS_TRACK = "gps_track"  # at least three fixes that advance with the recording
    ONSCREEN = "onscreen"  # the clock burnt into the picture, read from several frames
    MTIME = "mtime"
    ARRIVAL = "arrival"
    REGISTER = "register"  # the bureau's assignment register


class ZoneBasis(StrEnum):
    """What the zone of a time rests on."""

    EXPLICIT = "explicit"  # the statement names its offset
    UTC_BY_FORMAT = "utc_by_format"  # the format says UTC, makers often write local time there all the same
    LOCAL = "local"  # no zone stated: the device's wall clock
    SYSTEM = "system"  # this machine's clock (arrival, mtime of a copied file)


class Anchor(StrEnum):
    """Which moment of the recording a time states."""

    START = "start"
    END = "end"
    EITHER = "either"  # makers differ: some stamp the start, some the end
    NOT_AFTER = "not_after"  # an upper bound for the end


class IdentityKind(StrEnum):
    """What an identity claim names."""

    DEVICE = "device"
    OFFICER_CODE = "officer_code"  # the short code the camera carries
    OFFICER = "officer"
    SEQUENCE = "sequence"  # the device's file counter
    IMPORTANT = "important"  # the wearer marked the file (IMP)


@dataclass(frozen=True)
class TimeClaim:
    """A statement of when a recording was made.

    Attributes:
        raw: the statement as written.
        at: the instant in UTC under the zone basis (LOCAL is read as Beijing time); None when the statement says
            "not set" or is not a time.
        precision_s: step of the statement in seconds (FAT mtime: 2).
        detail: box, tag or profile it was read from.
        tool: program and version that read it; empty for our own code.
    """

    source: ClaimSource
    raw: str
    at: datetime | None
    zone: ZoneBasis
    anchor: Anchor
    precision_s: float = 1.0
    detail: str = ""
    tool: str = ""


@dataclass(frozen=True)
class IdentityClaim:
    """A statement of which device or officer made a recording, or where it stands in the device's sequence.

    Attributes:
        value: as written; placeholder codes are kept and marked.
        placeholder: the value is one that devices carry when nobody set it (000000, 8888888 …).
        detail: name of the device profile whose pattern read it.
    """

    kind: IdentityKind
    source: ClaimSource
    value: str
    placeholder: bool = False
    detail: str = ""


@dataclass(frozen=True)
class Claims:
    """All statements about one clip."""

    times: tuple[TimeClaim, ...] = ()
    identities: tuple[IdentityClaim, ...] = ()

    def joined(self, other: "Claims") -> "Claims":
        """Return both together, each statement once, in a stable order."""
        return Claims(
            tuple(dict.fromkeys((*self.times, *other.times))),
            tuple(dict.fromkeys((*self.identities, *other.identities))),
        )


class OfficerSource(StrEnum):
    """What the officer of a clip rests on, strongest first; DECIDED is a named person's correction."""

    DECIDED = "decided"
    ASSIGNMENT = "assignment"
    PATH = "path"
    NAME = "name"
    SIDECAR = "sidecar"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Identity:
    """Which device and officer a clip is judged to be of.

    Attributes:
        officer_id: the officer; of several who carried the camera together the first, None when nobody is known.
        officers: all it is of, the first as in ``officer_id``; more than one where a camera was shared.
        sequence: the device's file counter, None when the name carries none.
        disagreements: sources that say otherwise, as catalogue notes (see `evidence.identity`).
    """

    device_id: DeviceId | None
    officer_id: OfficerId | None
    officer_source: OfficerSource
    sequence: int | None = None
    important: bool = False
    disagreements: tuple[Note, ...] = ()
    officers: tuple[OfficerId, ...] = ()
