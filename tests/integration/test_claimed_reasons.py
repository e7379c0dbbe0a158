"""Reasons claimed with note and files over a real house: sealed, kept, counted, exported, made again by a rebuild."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.claiming import claim
from dashboard.commands.export import rooms_of
from dashboard.packs import export_case
from dashboard.rebuilding import register_disagreements
from dashboard.retention import Keeper
from dashboard.retention_desk import RetentionDesk
from evidence.custody import EventType
from evidence.errors import NotFoundError, UsageError
from evidence.findings import FindingKind, FindingState
from evidence.holds import HoldScope
from evidence.ids import CaseNo, Digest, StepNo
from evidence.ports import Scope
from evidence.reasons import GivenReason
from evidence.secrecy import Effect, Marked, stops
from evidence.views import ClipFilter, FindingFilter, FindingView
from index.holds import covered_by
from index.retention import promises
from tests.support.casefile import CASE, PDF, FileOffice, file_office, write
from tests.support.packs import by_house, by_verify, run_verify

SITE = (CaseNo(CASE), StepNo("2"))


@pytest.fixture(name="office")
def _office(tmp_path: Path) -> Iterator[FileOffice]:
    with file_office(tmp_path) as office:
        yield office


def gap(office: FileOffice) -> FindingView:
    """Return the finding about the site check nobody recorded."""
    [found] = office.house.library.findings(FindingFilter(kind=FindingKind.NO_AV))
    return found


def explain(office: FileOffice, code: str = "CAMERA_FAULT", note: str = "摔坏", *files: Path) -> GivenReason:
    """Claim an explanation of the gap in Li's name."""
    return claim(office.house, gap(office).finding.finding_id, code, note, files, office.seal, "李")


def test_a_file_that_shows_why_is_sealed_and_no_footage(office: FileOffice) -> None:
    """It lies in the vault with its sidecar, is in no list of clips, raises nothing, and is kept for its case."""
    [slip] = explain(office, "CAMERA_FAULT", "摔坏", write(office.folder / "维修单.pdf")).files
    claimed = gap(office).claim
    assert claimed is not None
    assert (claimed.code, claimed.note, claimed.files) == ("CAMERA_FAULT", "摔坏", (slip,))
    assert Path(office.house.vault.locate(slip)).read_bytes() == PDF
    library = office.house.library
    assert (list(library.clips(ClipFilter())), library.count_clips(ClipFilter())) == ([], 0)
    assert (library.stations(), library.totals().clips) == ([], 0)
    assert FindingKind.UNLINKED_FOOTAGE not in office.all_kinds()
    Keeper(office.house).tick()
    with office.house.register.reading() as session:
        assert set(promises(session, [slip])[slip].cases) == {CASE}


def test_confidentiality_and_holds_of_a_case_reach_what_its_claims_show(office: FileOffice) -> None:
    """A file of a claim is protected as its case is, marks the case as footage would, and a hold covers it."""
    [slip] = explain(office, "CAMERA_FAULT", "摔坏", write(office.folder / "维修单.pdf")).files
    library, human = office.house.library, office.house.human
    human.classify(Marked.CASE, CASE, "TRADE_SECRET", "李", "配方")
    mine = library.secrecy_of_clip(slip)
    assert mine is not None
    assert stops(mine, Effect.COPIES)
    human.classify(Marked.CASE, CASE, "", "王", "查明无密")
    assert library.secrecy_of_clip(slip) is None
    human.classify(Marked.CLIP, slip, "TRADE_SECRET", "李", "配方")
    assert library.case(CASE).secrecy is not None
    hold = RetentionDesk(office.house).place(HoldScope.CASE, CASE, "李", "诉讼")
    with office.house.register.reading() as session:
        assert slip in covered_by(session, hold)


def test_a_photo_that_a_dock_brought_may_show_why(office: FileOffice) -> None:
    """What was sealed already is named by its digest again: the same original, one more claim."""
    paper = write(office.folder / "说明.pdf")
    first = explain(office, "CAMERA_FAULT", "摔坏", paper)
    office.house.human.decide(gap(office).finding.finding_id, "王", "看不清", granted=False)
    second = explain(office, "CAMERA_FAULT", "摔坏，附清晰件", paper, write(office.folder / "b.pdf", b"%PDF-1.7 %%EOF"))
    assert second.files[0] == first.files[0]
    shown = office.house.case_files.claimed(CASE)
    assert [(one.digest, one.claim.note) for one in shown] == [
        (first.files[0], "摔坏"),
        *((digest, "摔坏，附清晰件") for digest in sorted(second.files)),
    ]


@pytest.mark.parametrize(
    ("code", "note", "files", "says"),
    [
        ("摔坏了", "摔坏", True, "CAMERA_FAULT, BATTERY_EMPTY"),
        ("UPLOAD", "", True, "no reason of the list"),
        ("DOCK_OUT_OF_REACH", "路远", True, "no reason of the list"),
        ("UNSUITABLE_DANGER", "危险", True, "no reason of the list"),
        ("CAMERA_FAULT", " ", True, "needs a note"),
        ("CAMERA_FAULT", "摔坏", False, "needs an attached file"),
    ],
)
def test_what_cannot_be_claimed_is_not_sealed(
    office: FileOffice, code: str, note: str, says: str, *, files: bool
) -> None:
    """Free words, reasons for something else, a missing note or file: refused with the cure, and nothing is sealed."""
    before = len(office.house.library.ledger())
    with pytest.raises(UsageError, match=says):
        explain(office, code, note, *([write(office.folder / "a.pdf")] if files else []))
    assert len(office.house.library.ledger()) == before
    assert gap(office).state is FindingState.OPEN


def test_a_claim_rests_on_sealed_files_alone(office: FileOffice) -> None:
    """A digest nobody sealed is refused, and the finding stays as it was."""
    given = GivenReason("CAMERA_FAULT", "摔坏", (Digest("a" * 64),))
    with pytest.raises(NotFoundError, match="no such file was sealed"):
        office.house.human.explain(gap(office).finding.finding_id, "李", given)
    assert gap(office).state is FindingState.OPEN


def test_an_exemption_closes_and_an_explanation_counts(office: FileOffice) -> None:
    """The unsuitable reason takes the step out once another person granted it; nobody decides on the own claim."""
    claim(office.house, SITE, "UNSUITABLE_EXPLOSIVE_PLACE", "罐区", (), office.seal, "李")
    with pytest.raises(UsageError, match="another named person"):
        office.house.human.decide(SITE, "李", "同意", granted=True)
    office.house.human.decide(SITE, "王", "同意", granted=True)
    found = gap(office)
    assert (found.state, found.claimed_by, found.decided_by) == (FindingState.EXEMPT, "李", "王")
    assert found.claim is not None
    assert (found.claim.code, found.claim.article) == ("UNSUITABLE_EXPLOSIVE_PLACE", "11")
    with pytest.raises(UsageError, match="approved already"):
        claim(office.house, SITE, "UNSUITABLE_DANGER", "再报", (write(office.folder / "a.pdf"),), office.seal, "李")


def test_life_and_ledger_tell_reason_note_and_files(office: FileOffice) -> None:
    """Claimed, refused, claimed better, granted: each line has its own reason, and the sealed decision holds it all."""
    name = gap(office).finding.finding_id
    explain(office, "BATTERY_EMPTY", "忘了充电")
    office.house.human.decide(name, "王", "不属实", granted=False)
    explain(office, "CAMERA_FAULT", "摔坏", write(office.folder / "维修单.pdf"))
    office.house.human.decide(name, "王", "属实", granted=True)
    told = [
        (one.state.value, one.claim.code if one.claim else "") for one in office.house.library.finding_history(name)
    ]
    assert told == [
        ("open", ""),
        ("explain_claimed", "BATTERY_EMPTY"),
        ("refused", ""),
        ("explain_claimed", "CAMERA_FAULT"),
        ("explained", ""),
    ]
    records = [json.loads(body) for _, body in office.house.vault.records("decisions")]
    said = [(one["decision"], one["reason"], one["claim"]["code"]) for one in records if "claim" in one]
    assert said == [
        ("explain", "执法记录仪电量耗尽 – 忘了充电", "BATTERY_EMPTY"),
        ("refuse", "不属实", "BATTERY_EMPTY"),
        ("explain", "执法记录仪故障 – 摔坏", "CAMERA_FAULT"),
        ("approve", "属实", "CAMERA_FAULT"),
    ]


def test_the_register_is_made_again_with_every_claim(office: FileOffice) -> None:
    """Claims of findings and steps, decided or not, with their files: a rebuild gives the same register."""
    explain(office, "CAMERA_FAULT", "摔坏", write(office.folder / "维修单.pdf"))
    claim(
        office.house,
        SITE,
        "UNSUITABLE_OTHER",
        "特殊",
        (write(office.folder / "b.pdf", b"%PDF %%EOF"),),
        office.seal,
        "李",
    )
    office.house.human.decide(SITE, "王", "不属于", granted=False)
    office.house.sealer.seal()
    assert list(register_disagreements(office.house)) == []


def test_the_pack_carries_what_shows_the_reason(office: FileOffice, tmp_path: Path) -> None:
    """Each file lies there once under a readable name, says which claim it shows, and both verifiers find it whole."""
    [slip] = explain(office, "CAMERA_FAULT", "摔坏", write(office.folder / "维修单.pdf")).files
    office.house.human.decide(gap(office).finding.finding_id, "王", "属实", granted=True)
    rooms = rooms_of(office.house)
    pack = export_case(rooms, CASE, tmp_path / "out", office.house.actor, "移送", lambda _share: None).path
    [item] = json.loads((pack / "data/pack.json").read_bytes())["items"]
    assert (item["sha256"], (pack / item["path"]).read_bytes()) == (slip, PDF)
    assert item["path"].startswith("data/documents/2_CAMERA-FAULT_")
    [shown] = item["claims"]
    told = [shown[name] for name in ("reason", "note", "claimed_by", "step_no")]
    assert told == ["CAMERA_FAULT", "摔坏", "李", "2"]
    entries = [json.loads(path.read_bytes()) for path in (pack / "data/ledger/entries").iterdir()]
    decided = {one["detail"]["decision"] for one in entries if one["event"] == EventType.DECIDED}
    assert decided >= {"explain", "approve"}
    assert run_verify(pack).returncode == 0, run_verify(pack).stdout
    assert by_verify(pack) == by_house(pack) == set()


def test_what_the_record_states_is_a_claim_in_its_own_words(office: FileOffice) -> None:
    """A record's own reason is of no list: it is shown as written, and a named person may still claim it properly."""
    head = "case_no,step_no,procedure,started_at,ended_at,place,officers,party,unsuitable_reason\n"
    row = f"{CASE},2,SITE_CHECK,2026-09-02 10:00,2026-09-02 10:30,厂区,E1;E2,某某公司,现场不便录像\n"
    office.import_text("steps", head + row)
    found = gap(office)
    assert (found.state, found.claim, found.reason) == (FindingState.EXEMPT_CLAIMED, None, "现场不便录像")
    claim(office.house, SITE, "UNSUITABLE_TRADE_SECRET", "配方车间", (), office.seal, "李")
    claimed = gap(office).claim
    assert claimed is not None
    assert (claimed.code, gap(office).claimed_by) == ("UNSUITABLE_TRADE_SECRET", "李")


def test_a_claim_put_better_is_the_one_that_is_seen(office: FileOffice) -> None:
    """While nobody has decided an exemption can be claimed again: the finding shows the new claim, and both stay."""
    for code, note in (("UNSUITABLE_PRIVACY", "宿舍"), ("UNSUITABLE_TRADE_SECRET", "配方车间")):
        claim(office.house, SITE, code, note, (), office.seal, "李")
    claimed = gap(office).claim
    assert claimed is not None
    assert (claimed.code, claimed.note) == ("UNSUITABLE_TRADE_SECRET", "配方车间")
    life = office.house.library.finding_history(gap(office).finding.finding_id)
    assert [one.claim.note for one in life if one.claim] == ["宿舍", "配方车间"]


def test_reviewing_again_changes_no_claim(office: FileOffice) -> None:
    """Reviewed again the claim stays as it was given, and no line is added to its life."""
    explain(office, "BATTERY_EMPTY", "忘了充电")
    before, life = gap(office), office.house.library.finding_history(gap(office).finding.finding_id)
    with office.house.register.transaction() as tx:
        office.house.reviewer.review(tx, Scope(everything=True), office.house.actor, office.house.clock())
    assert gap(office) == before
    assert office.house.library.finding_history(before.finding.finding_id) == life
