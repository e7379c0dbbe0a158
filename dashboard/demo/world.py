"""The demo's world as one value: records to import, files to dock, and the findings that must come out.

Invented throughout. It lies in the two days before ``now`` (Beijing), so that every recording is over and has not
docked yet; the same day gives the same world.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from dashboard.demo import first_day, on_paper, second_day, strays, tables
from dashboard.demo.dock_records import record_drops
from dashboard.demo.people import CAMERAS, OFFICERS, STATIONS, assignments
from dashboard.demo.story import Drop, Planted, Story, step_subject
from evidence.cases import Case, Step
from evidence.documents import Document
from evidence.findings import Finding, FindingKind
from evidence.ids import Digest, StationId
from evidence.people import Assignment
from evidence.zones import beijing

__all__ = ["Drop", "Planted", "World", "build_world", "subject_of"]


@dataclass(frozen=True)
class World:
    """All that the demo imports, docks and expects.

    Attributes:
        drops: files in the order they dock, each camera's followed by its dock's record of that day.
        planted: every finding that must come out, consequences included, and no other.
    """

    stations: tuple[StationId, ...]
    assignments: tuple[Assignment, ...]
    cases: tuple[Case, ...]
    steps: tuple[Step, ...]
    documents: tuple[Document, ...]
    drops: tuple[Drop, ...]
    planted: frozenset[Planted]

    @property
    def csv_files(self) -> dict[str, str]:
        """What a bureau would export: the import's noun → CSV text, in the order to import."""
        return {
            "officers": tables.officers_csv(OFFICERS),
            "devices": tables.devices_csv(camera.device for camera in CAMERAS),
            "assignments": tables.assignments_csv(self.assignments),
            "cases": tables.cases_csv(self.cases),
            "steps": tables.steps_csv(self.steps),
            "documents": tables.documents_csv(self.documents),
        }


def build_world(now: datetime) -> World:
    """Return the world that lies before ``now``."""
    story = Story(now)
    going_on, again = first_day.tell(story)
    on_paper.tell(story)
    second_day.tell(story, going_on)
    strays.tell(story, again)
    return World(
        STATIONS,
        assignments(story.first_day),
        tuple(story.cases),
        tuple(story.steps),
        tuple(story.documents),
        tuple(sorted((*story.drops, *record_drops(story.held)), key=_docking_order)),
        frozenset(story.planted),
    )


def _docking_order(drop: Drop) -> tuple[str, StationId, datetime, str]:
    """Each evening one dock after the other takes its cameras; a camera gives its oldest file first."""
    day = f"{beijing(drop.docked_at):%Y%m%d}"
    return day, drop.station, drop.docked_at, drop.source_path


def subject_of(finding: Finding, clip_subjects: Mapping[Digest, str]) -> str:
    """Return how `Planted` names what a finding is about.

    Args:
        finding: as the audit states it.
        clip_subjects: digest → ``station/path`` of the clip's first sighting.
    """
    if finding.case_no is not None and finding.step_no is not None:
        return step_subject(finding.case_no, finding.step_no)
    if finding.case_no is not None:
        return finding.case_no
    if finding.kind is FindingKind.SEQ_JUMP and finding.device_id is not None:
        return finding.device_id
    return clip_subjects[finding.clips[0]]
