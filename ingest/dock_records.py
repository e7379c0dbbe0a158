"""Reads a dock's record: what a docking station wrote beside the footage about a connection of a camera.

A record is read whole or not at all: one wrong value in it leaves nothing of it believed, and every mistake is told at
once to whoever writes such files. The bytes are sealed either way.

Source: docs/dock-sidecar.md (the format we define); RFC 8259 (JSON).
"""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from evidence.docking import DOCK_STEP_S, DockedFile, DockRecord
from evidence.errors import MediaError
from evidence.ids import DeviceId
from evidence.notes import Note, note
from ingest.dock_fields import CAMERA_YEARS, DOCK_YEARS, Complaints, Fields, shown

SUFFIX = ".evidock.json"
FORMAT = "evidock-dock/1"
MEDIA_TYPE = "application/vnd.evidock.dock+json"
"""What a record that could be read is called; one that could not stays what its bytes look like."""

READ_LIMIT_BYTES = 4 * 1024 * 1024
MAX_FILES = 10_000
"""More than the card of a camera holds; keeps the ledger's entry about a record within bounds."""

MAX_SEQUENCE = 10**9
MAX_STEP_S = 3600.0
MAX_PATH_CHARACTERS = 1024
MAX_DIGESTS = 8
MAX_HEX_CHARACTERS = 256

DIGEST_CHARACTERS = {"crc32": 8, "md5": 32, "sha1": 40, "sha256": 64, "sha384": 96, "sha512": 128, "sm3": 64}
"""Length in hexadecimal digits of the algorithms docks are known to use; others are taken as they come."""

_ALGORITHM = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_HYPHENED = re.compile(r"^(sha|md|sm|crc)-(?=\d)")
_HEX = re.compile(r"(?:[0-9a-f]{2}){1,128}")
_DRIVE = re.compile(r"[A-Za-z]:")
_MARK = b"\xef\xbb\xbf"
_STATES_FORMAT = re.compile(rb'"format"\s*:\s*"evidock-dock/')

Reading = tuple[DockRecord | None, tuple[Note, ...]]
"""A record without notes, or notes without a record."""


class RecordRefusedError(ValueError):
    """The file as a whole is no record; carries the one note that says why."""

    def __init__(self, why: Note) -> None:
        super().__init__(why.code)
        self.why = why


def is_dock_record(path: Path, source_path: str) -> bool:
    """Whether a file claims to be a dock's record, by the name it came under or by what it says of itself.

    Args:
        path: where the bytes lie.
        source_path: the name it came under; the vault's own names say nothing.
    """
    return source_path.casefold().endswith(SUFFIX) or _states_format(path)


def read_dock_record(path: Path) -> Reading:
    """Return what the record says, or what is wrong with it; never raises for what the bytes are.

    Raises:
        MediaError: the file cannot be read from the disk.
    """
    return record_of(_head(path, READ_LIMIT_BYTES + 1))


def record_of(data: bytes) -> Reading:
    """Return what a record's bytes say, or what is wrong with them; never raises."""
    complaints = Complaints()
    try:
        record = _record(Fields(_json(data), "", complaints))
    except RecordRefusedError as refused:
        return None, (refused.why,)
    return (None, complaints.notes) if complaints.notes or record is None else (record, ())


# --- from bytes to JSON -----------------------------------------------------------------------------------------------


def _states_format(path: Path) -> bool:
    data = _head(path, READ_LIMIT_BYTES)
    return data.removeprefix(_MARK).lstrip()[:1] == b"{" and _STATES_FORMAT.search(data) is not None


def _head(path: Path, limit_bytes: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(limit_bytes)
    except OSError as error:
        cure = "check the disk, then retry"
        raise MediaError(f"cannot be read: {error.strerror}", subject=path.name, cure=cure) from error


def _json(data: bytes) -> dict[str, object]:
    if len(data) > READ_LIMIT_BYTES:
        raise RecordRefusedError(note("intake.dock_record.too_large", limit_mb=READ_LIMIT_BYTES >> 20))
    if not data.removeprefix(_MARK).strip(b"\0 \t\r\n"):
        raise RecordRefusedError(note("intake.dock_record.empty"))
    try:
        content = json.loads(_decoded(data), object_pairs_hook=_unique, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise RecordRefusedError(note("intake.dock_record.json", line=error.lineno, reason=shown(error.msg))) from error
    except RecursionError as error:
        raise RecordRefusedError(note("intake.dock_record.nested")) from error
    except ValueError as error:
        if isinstance(error, RecordRefusedError):
            raise
        raise RecordRefusedError(note("intake.dock_record.digits")) from error  # more than `int` will read
    if not isinstance(content, dict):
        raise RecordRefusedError(note("intake.dock_record.shape"))
    return content


def _decoded(data: bytes) -> str:
    """Decode UTF-8, or GB18030 where no mark says UTF-8: docks are Windows programs in the PC's code page."""
    for encoding in ("utf-8-sig",) if data.startswith(_MARK) else ("utf-8", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise RecordRefusedError(note("intake.dock_record.encoding"))


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise RecordRefusedError(note("intake.dock_record.key_twice", key=shown(twice)))
    return found


def _no_constant(text: str) -> object:
    raise RecordRefusedError(note("intake.dock_record.not_finite", value=text))


# --- from JSON to nouns -----------------------------------------------------------------------------------------------


def _record(fields: Fields) -> DockRecord | None:
    stated = fields.text("format", needed=True)
    if stated != FORMAT:
        if stated:
            fields.complaints.add("intake.dock_record.format", "format", value=shown(stated), format=FORMAT)
        return None
    device_id, officer_code = fields.code("device_id", needed=True), fields.code("officer_code")
    connection = fields.inner("connection", needed=True)
    dock_time = connection.moment("dock_time", DOCK_YEARS, needed=True)
    device_time = connection.moment("device_time", CAMERA_YEARS)
    step_s = connection.above_zero("device_time_step_s", MAX_STEP_S, DOCK_STEP_S)
    clock_set = connection.truth("clock_set")
    files, tool = _files(fields), fields.text("tool")
    if dock_time is None:
        return None
    return DockRecord(DeviceId(device_id), dock_time, device_time, clock_set, step_s, officer_code, files, tool)


def _files(fields: Fields) -> tuple[DockedFile, ...]:
    files = []
    known: set[str] = set()
    for item in fields.items("files", MAX_FILES):
        file = _file(item)
        alike = unicodedata.normalize("NFC", file.name)
        if alike and alike in known:
            item.complaints.add("intake.dock_record.file_twice", item.key("name"), value=shown(file.name))
        known.add(alike)
        files.append(file)
    return tuple(files)


def _file(item: Fields) -> DockedFile:
    return DockedFile(
        name=_name(item),
        sequence=item.whole("sequence", MAX_SEQUENCE),
        officer_code=item.code("officer_code"),
        recorded_at=item.moment("recorded_at", CAMERA_YEARS),
        digests=tuple(sorted(_digests(item.inner("digests")))),
    )


def _name(item: Fields) -> str:
    """Return a path below the record's folder: a record may speak of no other."""
    name = item.text("name", limit=MAX_PATH_CHARACTERS, needed=True)
    parts = name.split("/")
    if name.startswith("/") or ".." in parts or _DRIVE.match(name):
        item.complaints.add("intake.dock_record.path_outside", item.key("name"), value=shown(name))
    elif name and ("\\" in name or "" in parts or "." in parts):
        item.complaints.add("intake.dock_record.path_form", item.key("name"), value=shown(name))
    return name


def _digests(fields: Fields) -> Iterator[tuple[str, str]]:
    stated = _spelled(fields.names()[: MAX_DIGESTS + 1])
    if len(stated) > MAX_DIGESTS:
        fields.complaints.add(
            "intake.dock_record.too_many", fields.key("*"), count=len(fields.names()), limit=MAX_DIGESTS
        )
        return
    twice = {algorithm for algorithm, count in Counter(algorithm for _, algorithm in stated).items() if count > 1}
    for name, algorithm in stated:
        if not _ALGORITHM.fullmatch(algorithm) or algorithm in twice:
            fields.complaints.add("intake.dock_record.algorithm", fields.key(shown(name)))
            continue
        value = fields.text(name, limit=MAX_HEX_CHARACTERS).lower()
        if not _HEX.fullmatch(value) or len(value) != DIGEST_CHARACTERS.get(algorithm, len(value)):
            fields.complaints.add("intake.dock_record.digest", fields.key(name), value=shown(value))
        else:
            yield algorithm, value


def _spelled(names: Sequence[str]) -> list[tuple[str, str]]:
    """Return each key beside the algorithm it names: ``SHA-256`` is ``sha256``."""
    return [(name, _HYPHENED.sub(r"\1", name.strip().lower())) for name in names]
