"""What the case page needs of a house to show the file of a case and to take files in."""

import errno
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from dashboard.attaching import Seal, attach_file, detach_file, sealed_digest
from dashboard.handed_in import Wanted
from dashboard.plant import Plant
from dashboard.wiring import House
from evidence.attachments import Attachment
from evidence.errors import StorageFullError, UsageError
from evidence.file_views import CaseFileView
from evidence.ids import Digest
from evidence.ports import Pickup

UPLOADS = "uploads"
POLL_S = 0.1
WAIT_POLLS = 1200
"""How often the page looks whether a file is sealed: for two minutes."""

LONGEST_NAME_BYTES = 200


class HouseDocuments:
    """Implements `dashboard.web.document_services.DocumentServices`."""

    def __init__(self, house: House, seal: Seal) -> None:
        """Work in ``house``; ``seal`` seals a file that lies in its work folder."""
        self._house = house
        self._seal = seal

    def of(self, case_no: str) -> CaseFileView:
        return self._house.case_files.of(case_no)

    def places_of(self, digest: Digest) -> Sequence[Attachment]:
        return self._house.case_files.places_of(digest)

    def attach(self, wanted: Wanted, name: str, content: BinaryIO, actor: str, reason: str) -> None:
        with spooled(self._house.home.work, name, content) as file:
            attach_file(self._house, wanted, file, self._seal, actor, reason)

    def detach(self, wanted: Wanted, digest: str, actor: str, reason: str) -> None:
        detach_file(self._house, wanted, digest, actor, reason)


def sealed_by(house: House, plant: Plant) -> Seal:
    """Return what seals a file by the pipeline that runs beside the pages."""

    def seal(pickup: Pickup) -> Digest:
        plant.submit([pickup])
        for _ in range(WAIT_POLLS):
            digest = sealed_digest(house, pickup)
            if digest is not None:
                return digest
            house.pause(POLL_S)
        cure = "see on the first page what is under way, and hand it in again"
        raise UsageError("was not sealed in two minutes", subject=pickup.source_path, cure=cure)

    return seal


@contextmanager
def spooled(work: Path, name: str, content: BinaryIO) -> Iterator[Path]:
    """Lay an upload under its own name into the work folder, and take it away again.

    Raises:
        StorageFullError: no room.
    """
    folder = work / UPLOADS / secrets.token_hex(8)
    folder.mkdir(parents=True)
    try:
        file = folder / file_name(name)
        with file.open("wb") as copy:
            shutil.copyfileobj(content, copy)
        yield file
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise StorageFullError(
                "no room for the upload", subject=str(work), cure="make room and try again"
            ) from error
        raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def file_name(stated: str) -> str:
    """Return the last part of a name that a browser states, as it may lie on a disk; its suffix stays."""
    last = stated.replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(sign for sign in last if sign.isprintable()).strip()
    stem, dot, suffix = plain.rpartition(".")
    kept = suffix.encode()[: LONGEST_NAME_BYTES // 4].decode(errors="ignore")
    room = LONGEST_NAME_BYTES - len(kept.encode()) - 1
    if not (dot and suffix and stem.strip(".")):
        return plain.encode()[:LONGEST_NAME_BYTES].decode(errors="ignore").strip(".") or "file"
    return f"{stem.encode()[:room].decode(errors='ignore')}.{kept}"
