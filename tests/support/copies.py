"""A case of which a party wants copies: two recordings, a text record, and a house that hands them out."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI

from dashboard.copy_pages import HouseCopies
from dashboard.page_services import page_services
from dashboard.plant import Plant
from dashboard.web.app import create_app
from dashboard.wiring import House
from evidence.copies import CopyRequest
from evidence.ids import CaseNo, Digest, StationId, StepNo
from index.copies import CopyFilter
from ingest.pickups import pickup_of
from tests.support.casefile import APPROVAL, CASE, FileOffice, file_office, write

STATION = StationId("D1")
ASKED = {
    "case_no": CASE,
    "applicant": "某某公司",
    "ground": "委托代理人（附授权委托书）",
    "purpose": "申请行政复议",
    "identified": "居民身份证，尾号 1234",
    "checked_by": "张",
}
HANDED = {"receiver": "阿不都·某某", "shown": "居民身份证，尾号 1234", "receipt": "回2026-07"}


@dataclass
class CopyOffice:
    """The house, and what lies in its case. ``clips``: linked to step 2; ``record``: attached to step 1."""

    office: FileOffice
    clips: tuple[Digest, ...]
    record: Digest
    copies: HouseCopies
    app: FastAPI

    @property
    def house(self) -> House:
        """The house."""
        return self.office.house

    def request(self, request_id: str) -> CopyRequest:
        """Return a request as it stands."""
        return self.copies.one(request_id)

    def newest(self) -> str:
        """Return the id of the newest request."""
        return self.copies.some(CopyFilter())[0].request_id


def footage(path: Path, pattern: str) -> Path:
    """Make two seconds of moving picture with sound that every browser plays."""
    words = f"-f lavfi -i {pattern}=size=160x120:rate=10:duration=2 -f lavfi -i sine=duration=2 -pix_fmt yuv420p"
    subprocess.run(["ffmpeg", "-v", "error", *words.split(), str(path)], check=True)
    return path


def still(path: Path, pattern: str) -> Path:
    """Write a file that holds no film."""
    path.write_bytes(pattern.encode() * 1000)
    return path


def sealed(office: FileOffice, path: Path) -> Digest:
    """Take a file in as a dock's, and hang it on the site check."""
    digest = office.seal(pickup_of(STATION, path.parent, path))
    office.house.human.link(digest, CaseNo(CASE), StepNo("2"), "李", "现场检查")
    return digest


@contextmanager
def copy_office(folder: Path, *, moving: bool = False) -> Iterator[CopyOffice]:
    """Open the house; closed on leaving. ``moving``: its clips are films; else files nobody can play."""
    make = footage if moving else still
    with file_office(folder) as office:
        clips = [sealed(office, make(folder / f"{name}.mp4", name)) for name in ("testsrc", "testsrc2")]
        record = office.attach("1", APPROVAL, write(folder / "立案审批表.pdf")).digest
        services = page_services(office.house, Plant(office.house))
        assert isinstance(services.copies, HouseCopies)
        yield CopyOffice(office, tuple(clips), record, services.copies, create_app(services))
