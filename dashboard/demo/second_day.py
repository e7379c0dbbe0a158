"""The second day of the demo: missing footage, a camera that has not docked, and files with something wrong."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from dashboard.demo.first_day import URGENT
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
    GULI,
    LIU,
    MA,
    NORTH,
    ZHANG,
    ZHAO,
)
from dashboard.demo.story import Story, hears
from evidence.findings import FindingKind
from evidence.ids import CaseNo
from transcode.synthetic import ClipSpec, Container, CreationTag, Sound

WITNESS = "社区工作人员(演示)"
THREE_GP = (Container.THREE_GP, "3gp")
RESET_CLOCK = datetime(1999, 12, 31, 16, 3, 12, tzinfo=UTC)
"""2000-01-01 00:03:12 in Beijing: where a clock stands shortly after its battery ran flat."""


def tell(story: Story, going_on: CaseNo) -> None:
    """Tell the second day; ``going_on`` is the first day's case that is decided and served."""
    paper_lies_apart(story)
    serve(story, going_on)
    notice_and_rectification(story)
    nothing_recorded(story)
    not_docked(story)
    blocked_and_silent(story)
    damaged_and_frozen(story)
    jump_and_dispute(story)
    paper_in_xinjiang_time(story)


def paper_lies_apart(story: Story) -> None:
    """A site check whose written times lie some minutes before its footage, at both ends."""
    case_no = story.case(9, "洗煤厂粉尘案(演示)", "检查")
    eight = story.second_day + timedelta(hours=8, minutes=20)
    check = story.step(case_no, "SITE_CHECK", eight, 6, (LIU, ZHANG), "洗煤厂")
    story.film(CAM_TIME, LIU, check, 230, 590)
    story.plant(FindingKind.DOC_TIME_MISMATCH, check, "paper_apart")
    story.plant(FindingKind.LATE_START, check, "paper_apart")


def paper_in_xinjiang_time(story: Story) -> None:
    """A site check that was written down in Xinjiang time, two hours behind the footage."""
    case_no = story.cases[-1].case_no
    written = story.second_day + timedelta(hours=16, minutes=50)
    check = story.step(case_no, "SITE_CHECK", written, 2, (ERKIN, MA), "北部采石场")
    drop = story.film(CAM_DASH, ERKIN, check, 7200 - 15, 7200 + 135)
    story.plant(FindingKind.CLOCK_SHIFT_SUSPECTED, check, "paper_in_xinjiang_time")
    story.plant(FindingKind.UNLINKED_FOOTAGE, drop, "paper_in_xinjiang_time")


def serve(story: Story, case_no: CaseNo) -> None:
    """Two steps without a recording duty, then a service by leaving that is recorded whole."""
    morning = story.second_day + timedelta(hours=9, minutes=30)
    story.step(case_no, "LEGAL_REVIEW", morning, 30, (GULI,), "法制室")
    story.step(case_no, "DECISION", morning + timedelta(minutes=30), 30, (GULI, ZHANG), "局机关")
    service = story.step(
        case_no, "SVC_LIEN", morning + timedelta(minutes=90), 2, (MA, AYNUR), "当事人住所", witness=WITNESS
    )
    story.film(CAM_PATH, MA, service, -15, 135)


def notice_and_rectification(story: Story) -> None:
    """A rectification check by video and still, and a public notice shown by one photo."""
    case_no = story.case(5, "噪声超标责令改正案(演示)", "检查", NORTH)
    half_eleven = story.second_day + timedelta(hours=11, minutes=30)
    check = story.step(case_no, "RECTIFY_CHECK", half_eleven, 1, (MA, ERKIN), "加工厂东门")
    story.film(CAM_PATH, MA, check, -15, 75, container=THREE_GP)
    story.photo(CAM_PATH, MA, check, 30)
    notice = story.step(case_no, "SVC_NOTICE", half_eleven + timedelta(minutes=40), 2, (ERKIN,), "社区公告栏")
    story.photo(CAM_DASH, ERKIN, notice, 60, "JPG")
    story.step(case_no, "RIGHTS", half_eleven + timedelta(minutes=60), 5, (ERKIN, MA), "北部中队")


def nothing_recorded(story: Story) -> None:
    """Three strict steps without footage: one claims article 11, one may not claim anything, one is silent on it."""
    case_no = story.case(6, "危废贮存检查案(演示)", "检查")
    one = story.second_day + timedelta(hours=13)
    reason = "涉爆车间,不适宜携带电子设备进入"
    exempt = story.step(case_no, "SITE_CHECK", one, 2, (ZHANG, AYNUR), "防爆车间", unsuitable_reason=reason)
    story.plant(FindingKind.NO_AV, exempt, "exemption_claimed")
    service = story.step(case_no, "SVC_LIEN", one + timedelta(minutes=40), 1, (AYNUR, ZHANG), "当事人住所")
    story.plant(FindingKind.NO_AV, service, "nothing_recorded")
    story.plant(FindingKind.WITNESS_MISSING, service, "no_witness")
    seizure = story.step(
        case_no, "SEIZE", one + timedelta(minutes=80), 2, (ZHANG, CHEN), "危废库", unsuitable_reason="现场人员情绪激动"
    )
    story.plant(FindingKind.NO_AV, seizure, "exemption_not_allowed")
    story.plant(FindingKind.EXEMPTION_NOT_ALLOWED, seizure, "exemption_not_allowed")


def not_docked(story: Story) -> None:
    """A site check whose camera is still handed out: waiting, and no finding."""
    case_no = story.case(7, "加油站油气回收检查(演示)", "检查")
    three = story.second_day + timedelta(hours=15)
    story.step(case_no, "SITE_CHECK", three, 2, (ZHAO, GULI), "城西加油站")
    story.step(case_no, "APPROVAL", three + timedelta(minutes=30), 10, (GULI,), "局机关")


def blocked_and_silent(story: Story) -> None:
    """A lens covered while a second camera sees all, and a sampling without a sound track."""
    case_no = story.case(8, "印染厂偷排案(演示)", "处罚")
    four = story.second_day + timedelta(hours=16)
    check = story.step(case_no, "SITE_CHECK", four, 2, (ZHANG, AYNUR), "印染车间")
    covered = story.film(CAM_TREE, ZHANG, check, -15, 135, alter=lambda spec: hears(2)(replace(spec, black=(40, 90))))
    story.film(CAM_HEVC, AYNUR, check, -15, 60, alter=hears(2))
    story.plant(FindingKind.PICTURE_BLOCKED, covered, "lens_covered")
    sampling = story.step(case_no, "SAMPLING", four + timedelta(minutes=30), 1, (CHEN, MA), "污水站")
    mute = story.film(CAM_G711, CHEN, sampling, -15, 75, alter=_without_sound)
    story.plant(FindingKind.AUDIO_MISSING, mute, "no_sound_track")


def damaged_and_frozen(story: Story) -> None:
    """A file cut by a power failure, and a picture that stands still; each time another camera has the step."""
    case_no = story.cases[-1].case_no
    five = story.second_day + timedelta(hours=17)
    seizure = story.step(case_no, "SEIZE", five, 1, (AYNUR, ZHANG), "污水站")
    story.film(CAM_TREE, ZHANG, seizure, -15, 75)
    cut = story.film(CAM_HEVC, AYNUR, seizure, 0, 60, alter=lambda spec: replace(spec, keep_share=0.55))
    story.plant(FindingKind.FILE_DAMAGED, cut, "cut_off")
    begun = five + timedelta(minutes=30)
    restoration = story.step(case_no, "ENF_RESTORE", begun, 1, (MA, ERKIN), "暗管出口", urgent_reason=URGENT)
    still = story.film(CAM_PATH, MA, restoration, -15, 75, alter=lambda spec: replace(spec, frozen_tail_s=45))
    story.film(CAM_DASH, ERKIN, restoration, -15, 75)
    story.plant(FindingKind.PICTURE_BLOCKED, still, "picture_frozen")


def jump_and_dispute(story: Story) -> None:
    """A counter that passes two files, on a camera with its former bearer's code; and two clocks in one file."""
    case_no = story.cases[-1].case_no
    six = story.second_day + timedelta(hours=18)
    service = story.step(case_no, "SVC_LIEN", six, 1, (CHEN, LIU), "厂区门卫室", witness=WITNESS)
    story.lose(CAM_G711, 2)
    story.film(CAM_G711, GULI, service, -15, 75)
    story.plant(FindingKind.SEQ_JUMP, CAM_G711, "counter_jumps")
    check = story.step(case_no, "SITE_CHECK", six + timedelta(minutes=30), 1, (LIU, ZHANG), "厂区门卫室")
    disputed = story.film(CAM_TIME, LIU, check, -15, 75, alter=_tagged_in_xinjiang_time)
    story.plant(FindingKind.CLOCK_UNTRUSTED, disputed, "two_clocks")
    story.plant(FindingKind.UNLINKED_FOOTAGE, disputed, "time_not_believed")
    story.plant(FindingKind.NO_AV, check, "only_disputed_footage")


def _without_sound(spec: ClipSpec) -> ClipSpec:
    return replace(spec, sound=Sound.NONE)


def _tagged_in_xinjiang_time(spec: ClipSpec) -> ClipSpec:
    return replace(spec, creation_tag=CreationTag.XINJIANG_AS_UTC)
