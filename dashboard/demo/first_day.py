"""The first day of the demo: steps as they should be, and edges, holes and stills where video is due."""

from datetime import timedelta

from dashboard.demo.people import (
    AYNUR,
    CAM_DASH,
    CAM_G711,
    CAM_HEVC,
    CAM_PATH,
    CAM_TIME,
    CAM_TREE,
    CHEN,
    ERKIN,
    LIU,
    MA,
    NORTH,
    ZHANG,
)
from dashboard.demo.story import Drop, Story, hears
from evidence.findings import FindingKind
from evidence.ids import CaseNo
from transcode.synthetic import Container

AVI = (Container.AVI_MJPEG, "avi")
SOUND_ONLY = (Container.WAV, "wav")
URGENT = "正在污染水体,情况紧急"
"""What a record says where enforcement could not wait for a working day: the demo may be played on any."""


def tell(story: Story) -> tuple[CaseNo, Drop]:
    """Tell the first day; return the case that goes on, and a file that docks a second time."""
    case_no, again = discharge(story)
    dust_yard(story)
    seepage_pit(story)
    return case_no, again


def discharge(story: Story) -> tuple[CaseNo, Drop]:
    """A site check by two cameras, a sampling in two files, questioning with sound alone: nothing is wrong."""
    case_no = story.case(1, "某化工厂废水直排案(演示)", "处罚")
    ten = story.first_day + timedelta(hours=10)
    check = story.step(case_no, "SITE_CHECK", ten, 2, (ZHANG, AYNUR), "厂区总排口")
    story.film(CAM_TREE, ZHANG, check, -15, 135, alter=hears(1))
    again = story.film(CAM_HEVC, AYNUR, check, 20, 90, alter=hears(1, 35))
    story.photo(CAM_TREE, ZHANG, check, 60)
    sampling = story.step(case_no, "SAMPLING", ten + timedelta(minutes=30), 2, (ZHANG, AYNUR), "厂区总排口")
    story.film(CAM_TREE, ZHANG, sampling, -15, 60)
    story.film(CAM_TREE, ZHANG, sampling, 60, 135)
    story.photo(CAM_HEVC, AYNUR, sampling, 30)
    inquiry = story.step(case_no, "INQUIRY", ten + timedelta(minutes=70), 3, (ZHANG, LIU), "执法大队询问室")
    story.film(CAM_TIME, LIU, inquiry, 10, 100, container=SOUND_ONLY)
    return case_no, again


def dust_yard(story: Story) -> None:
    """A seizure recorded too late, a restoration recorded not to its end, and a drive that belongs to no step."""
    case_no = story.case(2, "堆场扬尘污染案(演示)", "强制", NORTH)
    noon = story.first_day + timedelta(hours=12)
    seizure = story.step(case_no, "SEIZE", noon, 2, (ERKIN, MA), "北部堆场")
    story.film(CAM_DASH, ERKIN, seizure, 60, 135)
    story.plant(FindingKind.LATE_START, seizure, "late_start")
    story.step(case_no, "DEMAND", noon + timedelta(minutes=30), 10, (MA,), "北部中队")
    begun = noon + timedelta(hours=1)
    restoration = story.step(case_no, "ENF_RESTORE", begun, 2, (MA, ERKIN), "北部堆场", urgent_reason=URGENT)
    story.film(CAM_PATH, MA, restoration, -15, 60, container=AVI)
    story.plant(FindingKind.EARLY_STOP, restoration, "early_stop")
    drive = story.film_at(CAM_DASH, ERKIN, noon + timedelta(hours=2), 30)
    story.plant(FindingKind.UNLINKED_FOOTAGE, drive, "unlinked")


def seepage_pit(story: Story) -> None:
    """A survey with a hole, a sampling in stills alone, a preservation and a summary procedure in good order."""
    case_no = story.case(3, "渗坑排污案(演示)", "处罚")
    three = story.first_day + timedelta(hours=15)
    survey = story.step(case_no, "SITE_SURVEY", three, 3, (LIU, ZHANG), "渗坑北侧")
    story.film(CAM_TIME, LIU, survey, -15, 60)
    story.film(CAM_TIME, LIU, survey, 120, 195)
    story.plant(FindingKind.HOLE, survey, "hole")
    sampling = story.step(case_no, "SAMPLING", three + timedelta(minutes=40), 1, (LIU, ZHANG), "渗坑北侧")
    story.photo(CAM_TIME, LIU, sampling, 15)
    story.photo(CAM_TIME, LIU, sampling, 40)
    story.plant(FindingKind.NOT_CONTINUOUS_VIDEO, sampling, "stills_alone")
    keeping = story.step(case_no, "EVID_PRESERVE", three + timedelta(minutes=80), 2, (CHEN, MA), "北部堆场")
    story.photo(CAM_G711, CHEN, keeping, 30)
    spot_fine = story.case(4, "餐饮油烟案(演示)", "处罚")
    fine = story.step(spot_fine, "SUMMARY_PROC", three + timedelta(minutes=120), 1, (AYNUR, ZHANG), "城南街道")
    story.film(CAM_HEVC, AYNUR, fine, -10, 50)
    story.photo(CAM_HEVC, AYNUR, fine, 30)
