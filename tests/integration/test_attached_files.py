"""Files attached to text records over a real house: sealed, decided, counted in at once, made again by a rebuild."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.rebuilding import register_disagreements
from dashboard.retention import Keeper
from evidence.errors import NotFoundError, UsageError
from evidence.file_views import SlotState
from evidence.findings import FindingKind, FindingState
from evidence.ids import CaseNo, StationId, StepNo
from evidence.views import ClipFilter
from index.retention import promises
from ingest.pickups import pickup_of
from tests.support.casefile import APPROVAL, CASE, RECORDS, SITE_RECORD, FileOffice, file_office, write, write_docx

MISSING, UNSIGNED = FindingKind.DOCUMENT_MISSING, FindingKind.SIGNATURE_MISSING


@pytest.fixture(name="office")
def _office(tmp_path: Path) -> Iterator[FileOffice]:
    with file_office(tmp_path) as office:
        yield office


def slot_states(office: FileOffice) -> dict[str, SlotState]:
    """Return how the places of the case stand."""
    return {slot.slot.slot: slot.state for step in office.view.steps for slot in step.slots}


def test_attaching_resolves_what_is_missing_at_once(office: FileOffice) -> None:
    """The missing record's finding is resolved by the file, the signature's by the flags, without a review called."""
    assert office.open_kinds() == [MISSING, MISSING]
    assert slot_states(office) == {APPROVAL: SlotState.MISSING, SITE_RECORD: SlotState.MISSING}
    office.attach("1", APPROVAL, write_docx(office.folder / "审批.docx"), signed_by=("head",))
    office.attach("2", SITE_RECORD, write(office.folder / "p1.pdf"))
    assert office.open_kinds() == [UNSIGNED]
    assert slot_states(office) == {APPROVAL: SlotState.PRESENT, SITE_RECORD: SlotState.UNSIGNED}
    office.attach(
        "2", SITE_RECORD, write(office.folder / "p2.pdf", b"%PDF-1.7 2 %%EOF"), signed_by=("officers", "party")
    )
    assert office.open_kinds() == []
    assert office.states(MISSING) == [FindingState.RESOLVED, FindingState.RESOLVED]
    assert office.states(UNSIGNED) == [FindingState.RESOLVED]
    [document] = office.view.steps[1].slots[0].documents
    assert [file.name for file in document.files] == ["p1.pdf", "p2.pdf"]


def test_what_is_taken_off_counts_no_more(office: FileOffice) -> None:
    """Detaching brings the finding back; the file, both decisions and the row stay."""
    made = office.attach("1", APPROVAL, write(office.folder / "a.pdf"), signed_by=("head",))
    held = office.detach("1", APPROVAL, made.digest[:8])
    assert held.digest == made.digest
    assert office.open_kinds() == [MISSING, MISSING]
    [file] = office.house.case_files.attachments(CASE)
    assert (file.attachment.active, file.attachment.signed_by) == (False, ("head",))
    assert office.house.vault.has(made.digest)
    told = [entry.body for entry in office.house.library.ledger(subject=made.digest)]
    decided = [body["detail"] for body in told if body["event"] == "decision"]
    said = [(one["decision"], one["slot"]) for one in decided if isinstance(one, dict)]
    assert said == [("attach", APPROVAL), ("detach", APPROVAL)]
    with pytest.raises(NotFoundError, match="no such file"):
        office.detach("1", APPROVAL, made.digest)


def test_an_import_takes_nothing_back(office: FileOffice) -> None:
    """A record imported later, under another name of the place and without signatures, keeps file and flags."""
    office.attach("2", SITE_RECORD, write(office.folder / "a.pdf"), signed_by=("officers", "party"), title="笔录")
    office.import_text("documents", f"case_no,step_no,document,title\n{CASE},2,现场检查笔录,台账标题\n")
    assert [kind for kind in office.open_kinds() if kind is UNSIGNED] == []
    [document] = office.view.steps[1].slots[0].documents
    assert (document.recorded, document.document.title, document.document.signed_by) == (
        True,
        "笔录",
        ("officers", "party"),
    )


def test_a_record_that_was_imported_is_completed(office: FileOffice) -> None:
    """A file attached without a number goes to the one record that is there, and adds its signatures to it."""
    office.import_text(
        "documents", f"case_no,step_no,document,document_no,signed_by\n{CASE},2,现场检查笔录,007,officers\n"
    )
    assert UNSIGNED in office.open_kinds()
    made = office.attach("2", SITE_RECORD, write(office.folder / "a.pdf"), signed_by=("party_refused",))
    assert (made.slot, made.document_no) == ("现场检查笔录", "007")
    assert office.open_kinds() == [MISSING]


@pytest.mark.parametrize(
    ("step", "slot", "kind", "cure"),
    [
        ("1", "没有这种文书", UsageError, APPROVAL),
        ("2", APPROVAL, UsageError, SITE_RECORD),
        ("9", APPROVAL, NotFoundError, "1, 2"),
    ],
)
def test_a_wrong_place_is_refused_before_anything_is_sealed(
    office: FileOffice, step: str, slot: str, kind: type[Exception], cure: str
) -> None:
    """A slot the procedure does not know is refused with those it has, a step with those there are; none is sealed."""
    before = len(office.house.library.ledger())
    with pytest.raises(kind, match=cure.replace("(", r"\(").replace(")", r"\)")):
        office.attach(step, slot, write(office.folder / "a.pdf"))
    assert len(office.house.library.ledger()) == before


def test_a_file_that_is_not_what_its_name_says_is_kept_and_shown(office: FileOffice) -> None:
    """A .pdf that is text is sealed and attached all the same, with the problem beside it and no finding of damage."""
    office.attach("1", APPROVAL, write(office.folder / "假.pdf", b"just words\n"), signed_by=("head",))
    [file] = office.house.case_files.attachments(CASE)
    assert [problem.code for problem in file.clip.problems] == ["document.not_what_it_says"]
    assert office.all_kinds() & {FindingKind.FILE_DAMAGED, FindingKind.UNLINKED_FOOTAGE} == set()


def test_a_text_record_is_no_footage(office: FileOffice, tmp_path: Path) -> None:
    """An attached photo is in no list of clips, no dock's figures and no finding; nobody can link it as footage."""
    photo = write(tmp_path / "E1_000101_20260902100500_0001.jpg", PHOTO)
    made = office.attach("2", SITE_RECORD, photo, signed_by=("officers", "party"))
    library = office.house.library
    assert (list(library.clips(ClipFilter())), library.count_clips(ClipFilter())) == ([], 0)
    assert (library.stations(), library.totals().clips) == ([], 0)
    assert office.all_kinds() & {FindingKind.OFFICER_UNKNOWN, FindingKind.UNLINKED_FOOTAGE} == set()
    with pytest.raises(UsageError, match="no footage"):
        office.house.human.link(made.digest, CaseNo(CASE), StepNo("2"), "李", "照片")


def test_what_a_dock_brings_too_is_footage(office: FileOffice, tmp_path: Path) -> None:
    """A photo that was attached and then comes from a dock is footage from then on, and stays attached."""
    photo = write(tmp_path / "a.jpg", PHOTO)
    made = office.attach("2", SITE_RECORD, photo, signed_by=("officers", "party"))
    assert office.seal(pickup_of(StationId("east"), tmp_path, photo)) == made.digest
    assert [clip.digest for clip in office.house.library.clips(ClipFilter())] == [made.digest]
    assert FindingKind.UNLINKED_FOOTAGE not in office.all_kinds()
    assert FindingKind.OFFICER_UNKNOWN in office.all_kinds()


def test_one_file_may_be_several_records(office: FileOffice) -> None:
    """The same bytes are sealed once and attached twice, in different steps and to the case as a whole."""
    file = write(office.folder / "a.pdf")
    first = office.attach("1", APPROVAL, file, signed_by=("head",))
    second = office.attach("2", SITE_RECORD, file, signed_by=("officers", "party"))
    third = office.attach("-", "案卷", file)
    assert first.digest == second.digest == third.digest
    assert [one.document.slot for one in office.view.documents] == ["案卷(文字+音像)"]
    assert len(office.view.files) == 3


def test_a_record_the_procedure_asks_for_no_more_is_shown_and_can_be_taken_off(office: FileOffice) -> None:
    """When a corrected step has another procedure, its file stands among the others and goes as it came."""
    made = office.attach("1", APPROVAL, write(office.folder / "a.pdf"))
    office.import_text("steps", RECORDS["steps"].replace(",1,CASE_OPEN,", ",1,COMPLAINT,"))
    assert [one.document.slot for one in office.view.steps[0].others] == [APPROVAL]
    office.detach("1", APPROVAL, made.digest[:6])
    assert office.view.files == []


def test_it_is_kept_as_long_as_its_case(office: FileOffice) -> None:
    """The promise of an attached file follows the case, also after it was taken off."""
    made = office.attach("1", APPROVAL, write(office.folder / "a.pdf"))
    for _ in range(2):
        Keeper(office.house).tick()
        with office.house.register.reading() as session:
            promise = promises(session, [made.digest])[made.digest]
        assert (sorted(promise.cases), sorted(promise.steps)) == ([CASE], [f"{CASE}/1"])
        assert promise.endless is not None
        if office.view.files:
            office.detach("1", APPROVAL, made.digest)


def test_unknown_roles_and_missing_reasons_are_refused(office: FileOffice) -> None:
    """A role nobody signs in is refused with those there are, and so is a decision without a reason."""
    file = write(office.folder / "a.pdf")
    with pytest.raises(UsageError, match="party_refused"):
        office.attach("1", APPROVAL, file, signed_by=("boss",))
    with pytest.raises(UsageError, match="reason"):
        office.attach("1", APPROVAL, file, reason=" ")


def test_a_rebuild_makes_all_of_it_again(office: FileOffice) -> None:
    """The register made again from the vault has every attachment, flag and finding, to the last cell."""
    made = office.attach("1", APPROVAL, write(office.folder / "a.pdf"), signed_by=("head",), title="审批")
    office.attach("2", SITE_RECORD, write(office.folder / "b.jpg", PHOTO))
    office.detach("1", APPROVAL, made.digest)
    office.import_text("documents", f"case_no,step_no,document,signed_by\n{CASE},2,{SITE_RECORD},party\n")
    office.house.sealer.seal()
    assert list(register_disagreements(office.house)) == []


PHOTO = bytes.fromhex(
    "ffd8ffe000104a46494600010100000100010000ffdb004300"
    + "08" * 64
    + "ffc0000b080001000101011100ffc40014000100000000000000000000000000000009"
    + "ffc40014100100000000000000000000000000000000"
    + "ffda0008010100003f0054dfffd9"
)
"""A JPEG of one grey pixel."""
