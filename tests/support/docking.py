"""Parts for tests of docks' records."""

from collections.abc import Sequence

from evidence.clips import Kind, Measurement
from evidence.docking import DockRecord
from evidence.notes import Note
from ingest.dock_records import MEDIA_TYPE


def measured_with(record: DockRecord | None, problems: Sequence[Note] = ()) -> Measurement:
    """Return what is measured of a file that is a dock's record, or claims to be one."""
    return Measurement(Kind.OTHER, MEDIA_TYPE if record else "text/plain", problems=tuple(problems), docking=record)
