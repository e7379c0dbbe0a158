"""A case whose file is to be completed: a real house, its records, and the files that people hand in."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dashboard.attaching import attach_file, detach_file
from dashboard.handed_in import Wanted
from dashboard.plant import Plant
from dashboard.records import import_file
from dashboard.wiring import House, open_house
from evidence.attachments import Attachment
from evidence.file_views import CaseFileView
from evidence.findings import FindingKind, FindingState
from evidence.ids import Digest
from evidence.ports import Pickup
from evidence.views import FindingFilter
from ingest.pipeline_stages import Rooms, Stages, label_of

CASE = "高环罚〔2026〕7号"
RECORDS = {
    "officers": (
        "officer_id,name,unit,valid_from,valid_to,short_codes\nE1,艾力,执法大队,,,000101\nE2,古丽,执法大队,,,000102\n"
    ),
    "cases": (
        "case_no,title,matter_type,unit,opened_at,concluded_at,confidentiality\n"
        f"{CASE},某某公司超标排放案,行政处罚,执法大队,2026-09-01 09:00,,\n"
    ),
    "steps": (
        "case_no,step_no,procedure,started_at,ended_at,place,officers,party,unsuitable_reason\n"
        f"{CASE},1,CASE_OPEN,2026-09-01 09:00,2026-09-01 09:30,局机关,E1;E2,某某公司,\n"
        f"{CASE},2,SITE_CHECK,2026-09-02 10:00,2026-09-02 10:30,厂区,E1;E2,某某公司,\n"
    ),
}
SITE_RECORD, APPROVAL = "现场检查(勘验)笔录", "立案审批表"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def write_docx(path: Path) -> Path:
    """Write the smallest packed Office document."""
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("[Content_Types].xml", "<Types/>")
        packed.writestr("word/document.xml", "<document/>")
    return path


def write(path: Path, body: bytes = PDF) -> Path:
    """Write a file and return its path."""
    path.write_bytes(body)
    return path


class FileOffice:
    """The house, and what is done with it."""

    def __init__(self, house: House, folder: Path) -> None:
        """Work with an opened house; ``folder`` is where files come from."""
        self.house = house
        self.folder = folder
        self._plant = Plant(house)

    def seal(self, pickup: Pickup) -> Digest:
        """Seal and review a file without the pipeline's engine."""
        return seal_now(self.house, self._plant.rooms(), pickup)

    def import_text(self, noun: str, text: str) -> None:
        """Import records as the command does."""
        import_file(self.house, noun, write(self.folder / f"{noun}.csv", text.encode()))

    def attach(self, step: str, slot: str, file: Path, reason: str = "归档", **said: object) -> Attachment:
        """Attach a file in Li's name."""
        wanted = Wanted(CASE, step, slot, **said)  # type: ignore[arg-type] # the caller's own words
        return attach_file(self.house, wanted, file, self.seal, "李", reason)

    def detach(self, step: str, slot: str, digest: str) -> Attachment:
        """Take a file off in Li's name."""
        return detach_file(self.house, Wanted(CASE, step, slot), digest, "李", "传错了")

    @property
    def view(self) -> CaseFileView:
        """The file of the case."""
        return self.house.case_files.of(CASE)

    def open_kinds(self) -> list[FindingKind]:
        """Return the kinds of the open findings of the case about text records."""
        wanted = (FindingKind.DOCUMENT_MISSING, FindingKind.SIGNATURE_MISSING)
        found = self.house.library.findings(FindingFilter(open_only=True))
        return sorted(one.finding.kind for one in found if one.finding.kind in wanted)

    def states(self, kind: FindingKind) -> list[FindingState]:
        """Return how the findings of a kind stand."""
        return sorted(one.state for one in self.house.library.findings(FindingFilter(kind=kind)))

    def all_kinds(self) -> set[FindingKind]:
        """Return the kinds of every finding there ever was."""
        return {one.finding.kind for one in self.house.library.findings(FindingFilter())}


def seal_now(house: House, rooms: Rooms, pickup: Pickup) -> Digest:
    """Take a file through the stages of the pipeline, one after another, without its engine."""
    stages = Stages(rooms)
    sighting = stages.seal(pickup, lambda: False)
    label = label_of(sighting.station, sighting.source_path)
    with house.register.transaction() as tx:
        is_new = stages.record_sealed(tx, pickup, sighting)
    if is_new:
        measured = stages.measure(sighting.digest, label)
        with house.register.transaction() as tx:
            stages.record_measured(tx, sighting.digest, measured, label)
        made = stages.derive(sighting.digest, measured, label, lambda: False)
        with house.register.transaction() as tx:
            stages.record_derived(tx, sighting.digest, made, label)
    return sighting.digest


@contextmanager
def file_office(folder: Path) -> Iterator[FileOffice]:
    """Open a house with the case's records, and close it."""
    with open_house(folder / "home", lang="en", actor="张") as house:
        office = FileOffice(house, folder)
        for noun, text in RECORDS.items():
            office.import_text(noun, text)
        yield office
