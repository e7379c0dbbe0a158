"""Writes a dock's record, as dock software would: an example for whoever makes such software, and the demo's docks.

Source: docs/dock-sidecar.md.
"""

import json
import posixpath
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from dashboard.demo.people import Camera
from dashboard.demo.story import Drop
from evidence.docking import DockedFile, DockRecord
from evidence.zones import beijing
from ingest.dock_records import FORMAT, SUFFIX

TOOL = "Evidock demo dock 1.0"
CONNECTED_AFTER = timedelta(minutes=2, milliseconds=250)
"""How long after its last recording of a day a camera is put into the dock."""

Held = tuple[Camera, Drop, DockedFile]
"""What a dock found on a camera, and the file it made of it."""


def record_drops(held: Iterable[Held]) -> Iterator[Drop]:
    """Yield one record a camera and docking day, in the lowest folder that holds all its files, laid after them."""
    connections: dict[tuple[str, str], list[Held]] = defaultdict(list)
    for camera, drop, file in held:
        connections[camera.device_id, f"{beijing(drop.docked_at):%Y%m%d}"].append((camera, drop, file))
    for files in connections.values():
        yield _record_drop(sorted(files, key=lambda one: one[1].docked_at))


def _record_drop(files: Sequence[Held]) -> Drop:
    camera, last, _ = files[-1]
    folder = posixpath.commonpath([posixpath.dirname(file.name) for _, _, file in files])
    connected_at = last.docked_at + CONNECTED_AFTER
    name = f"{camera.device_id}_{beijing(connected_at):%Y%m%d%H%M%S}{SUFFIX}"
    listed = [replace(file, name=posixpath.relpath(file.name, folder or ".")) for _, _, file in files]
    codes = {file.officer_code for file in listed} - {""}
    record = DockRecord(
        camera.device_id,
        connected_at,
        _clock_of(camera, last, connected_at),
        clock_set=True,
        officer_code=codes.pop() if len(codes) == 1 else "",
        files=tuple(listed),
        tool=TOOL,
    )
    path = posixpath.join(folder, name)
    return Drop(camera.station, path, dock_record_json(record), connected_at, connected_at)


def _clock_of(camera: Camera, last: Drop, connected_at: datetime) -> datetime | None:
    """Return what the camera tells in whole seconds; a clock that fell back after a flat battery gives no answer."""
    if last.mtime != last.docked_at:
        return None
    return (connected_at + timedelta(seconds=camera.gains_s)).replace(microsecond=0)


def dock_record_json(record: DockRecord) -> bytes:
    """Return the record as UTF-8; what the dock does not know is left out."""
    content: dict[str, object] = {
        "format": FORMAT,
        "device_id": record.device_id,
        "officer_code": record.officer_code or None,
        "connection": _stated(
            {
                "dock_time": _time(record.dock_time),
                "device_time": _time(record.device_time),
                "device_time_step_s": record.precision_s,
                "clock_set": record.clock_set,
            }
        ),
        "files": [_file(file) for file in record.files],
        "tool": record.tool or None,
    }
    return f"{json.dumps(_stated(content), ensure_ascii=False, indent=2, allow_nan=False)}\n".encode()


def _file(file: DockedFile) -> dict[str, object]:
    return _stated(
        {
            "name": file.name,
            "sequence": file.sequence,
            "officer_code": file.officer_code or None,
            "recorded_at": _time(file.recorded_at),
            "digests": dict(file.digests) if file.digests else None,
        }
    )


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else beijing(moment).isoformat()


def _stated(content: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in content.items() if value is not None}
