"""What the demo's paper lacks: people, hours and dates that the law asks for, in new cases and in older ones."""

from datetime import timedelta

from dashboard.demo.people import BRIGADE, CAM_PATH, ERKIN, GULI, LIU, MA, NORTH, ZHANG
from dashboard.demo.story import Story
from evidence.findings import FindingKind

BOTH = ("officers", "party")


def tell(story: Story) -> None:
    """Tell of one case of the first day that went too fast, and of three that have waited too long."""
    too_fast(story)
    order_forgotten(story)
    seizure_runs_out(story)
    not_filed(story)


def too_fast(story: Story) -> None:
    """An urgent start reported after 26 hours, a lone officer, a page unsigned, a hearing too early, work at night."""
    case_no = story.case(10, "夜间偷排案(演示)", "处罚", NORTH)
    eight = story.first_day + timedelta(hours=8)
    start = story.step(case_no, "CASE_OPEN_URGENT", eight, 5, (LIU, ZHANG), "局机关", urgent_reason="正在偷排")
    story.paper(start, "立案审批表(补报)", "head", dated_at=eight + timedelta(hours=26))
    story.plant(FindingKind.CASE_LATE_REPORT, start, "reported_late")
    alone = story.step(case_no, "RIGHTS", eight + timedelta(minutes=30), 5, (LIU,), "执法大队询问室")
    story.plant(FindingKind.OFFICER_LT2, alone, "lone_officer")
    inquiry = story.step(case_no, "INQUIRY", eight + timedelta(minutes=40), 20, (LIU, ZHANG), "执法大队询问室")
    story.paper(inquiry, "询问笔录", "officers")
    story.plant(FindingKind.SIGNATURE_MISSING, inquiry, "page_unsigned")
    hearing = story.step(case_no, "HEARING", eight + timedelta(hours=30), 60, (GULI, LIU), "局机关")
    story.paper(hearing, "听证通知书", dated_at=eight + timedelta(hours=1))
    story.plant(FindingKind.ACTED_TOO_EARLY, hearing, "hearing_too_early")
    night = story.first_day + timedelta(hours=22, minutes=10)
    restoration = story.step(case_no, "ENF_RESTORE", night, 2, (MA, ERKIN), "暗管出口")
    story.film(CAM_PATH, MA, restoration, -15, 135)
    story.plant(FindingKind.NIGHT_OR_HOLIDAY, restoration, "at_night")


def order_forgotten(story: Story) -> None:
    """An order to correct whose day has passed unchecked, and a service whose receipt is not in the file."""
    case_no = story.case(11, "固废堆存责令改正案(演示)", "处罚", BRIGADE, days_ago=30)
    ten = story.first_day - timedelta(days=20) + timedelta(hours=10)
    decision = story.step(
        case_no, "DECISION", ten, 30, (GULI, ZHANG), "局机关", due_at=story.first_day - timedelta(days=5)
    )
    story.paper(decision, "决定书")
    story.plant(FindingKind.RECTIFY_OVERDUE, decision, "correction_unchecked")
    service = story.step(case_no, "SVC_DIRECT", ten + timedelta(hours=5), 10, (ZHANG, LIU), "当事人住所")
    story.plant(FindingKind.DOCUMENT_MISSING, service, "receipt_missing")


def seizure_runs_out(story: Story) -> None:
    """A seizure whose thirty days are nearly over, never recorded, and preserved evidence that nobody decided on."""
    case_no = story.case(12, "废机油贮存案(演示)", "强制", NORTH, days_ago=28)
    nine = story.first_day - timedelta(days=26) + timedelta(hours=9)
    seizure = story.step(case_no, "SEIZE", nine, 20, (ERKIN, MA), "修理厂")
    for slot in ("查封(扣押)决定书", "清单", "现场笔录"):
        story.paper(seizure, slot, *BOTH)
    story.plant(FindingKind.SEIZURE_EXPIRING, seizure, "seizure_runs_out")
    story.plant(FindingKind.NO_AV, seizure, "nothing_recorded")
    keeping = story.step(case_no, "EVID_PRESERVE", nine + timedelta(days=1), 10, (ERKIN, MA), "修理厂")
    story.paper(keeping, "先行登记保存证据通知书", *BOTH)
    story.plant(FindingKind.DEADLINE_MISSED, keeping, "preserved_undecided")


def not_filed(story: Story) -> None:
    """A case that was concluded seven weeks ago and is not in the archive."""
    concluded_at = story.first_day - timedelta(days=50) + timedelta(hours=17)
    case_no = story.case(13, "锅炉烟气检查案(演示)", "检查", BRIGADE, days_ago=80, concluded_at=concluded_at)
    story.plant(FindingKind.FILING_OVERDUE, case_no, "not_filed")
