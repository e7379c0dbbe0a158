"""Files that belong to no step: unknown bearers, a reset clock, copies, an empty file and a camera's own log."""

from dataclasses import replace
from datetime import timedelta

from dashboard.demo.paths import dashcam_name
from dashboard.demo.people import CAM_PATH, CAM_TIME, CAM_TREE, COUNTY_HALL, LIU, NORTH_POST, ZHANG
from dashboard.demo.second_day import RESET_CLOCK
from dashboard.demo.story import Drop, Story
from evidence.docking import DockedFile
from evidence.findings import FindingKind
from evidence.zones import beijing
from transcode.synthetic import ClipSpec, Container


def tell(story: Story, again: Drop) -> None:
    """Tell what else lay in the docks; ``again`` is docked a second time."""
    unknown_bearers(story)
    reset_clock(story)
    copies(story, again)
    no_recordings(story)


def unknown_bearers(story: Story) -> None:
    """A camera nobody set up, and a recorder whose folder was flattened: neither names an officer.

    No dock says when they were put in, so they came when their files did: more than a day later.
    """
    evening = story.first_day + timedelta(hours=19)
    _nobody(
        story,
        Drop(
            COUNTY_HALL,
            f"8888888_000000_{beijing(evening):%Y%m%d%H%M%S}_0001.mp4",
            ClipSpec(Container.MP4_H264, evening, 20, seed=91, device="8888888", officer="000000"),
            evening + timedelta(seconds=20),
            evening + timedelta(seconds=20),
        ),
        "placeholder_codes",
    )
    later = evening + timedelta(minutes=10)
    _nobody(
        story,
        Drop(
            NORTH_POST,
            f"DCIM/100MEDIA/{dashcam_name(later, 1, 'MP4')}",
            ClipSpec(Container.MP4_H264, later, 20, seed=92),
            later + timedelta(seconds=20),
            later + timedelta(seconds=20),
        ),
        "no_codes",
    )


def _nobody(story: Story, drop: Drop, because: str) -> None:
    story.receive(drop)
    story.plant(FindingKind.OFFICER_UNKNOWN, drop, because)
    story.plant(FindingKind.UNLINKED_FOOTAGE, drop, because)
    story.plant(FindingKind.UPLOAD_LATE, drop, "docked_late")


def reset_clock(story: Story) -> None:
    """A clip from a camera whose clock fell back to 2000 when its battery ran flat."""
    start = story.second_day + timedelta(hours=19, minutes=20)
    clip = story.film_at(CAM_TREE, ZHANG, start, 30, shown_start=RESET_CLOCK)
    story.plant(FindingKind.CLOCK_UNTRUSTED, clip, "clock_reset")
    story.plant(FindingKind.UNLINKED_FOOTAGE, clip, "clock_reset")


def copies(story: Story, again: Drop) -> None:
    """The same bytes at another dock, and under another folder of the same one: seen again, no finding."""
    next_day = again.docked_at + timedelta(days=1)
    story.receive(replace(again, station=NORTH_POST, docked_at=next_day))
    story.receive(replace(again, source_path=f"copy/{again.source_path}", docked_at=next_day))


def no_recordings(story: Story) -> None:
    """A file the camera had no time to write, and the log it keeps beside its footage."""
    evening = story.second_day + timedelta(hours=19, minutes=40)
    name = beijing(evening)
    empty = Drop(COUNTY_HALL, f"{CAM_TIME.device_id}/{name:%Y%m%d}/{name:%Y%m%d%H%M%S}.MOV", b"", evening, evening)
    story.give(CAM_TIME, empty, DockedFile(empty.source_path))
    story.plant(FindingKind.FILE_DAMAGED, empty, "empty_file")
    log = "\n".join(
        f"{name:%Y-%m-%d} {name.hour - hours:02}:00:00 power on, {CAM_PATH.device_id}" for hours in (3, 2, 1)
    )
    kept = Drop(NORTH_POST, f"DCIM/LOGS/{name:%Y%m%d}.log", f"{log}\n".encode(), evening, evening)
    story.give(CAM_PATH, kept, DockedFile(kept.source_path))
    note_to_self = evening + timedelta(minutes=10)
    spoken = story.film_at(CAM_TIME, LIU, note_to_self, 20, container=(Container.WAV, "wav"))
    story.plant(FindingKind.UNLINKED_FOOTAGE, spoken, "unlinked")
