"""Nothing is hard-wired: an invented fishery office with rules, roles, nights and holidays of its own, case by case."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.law_packs import default_pack, load_pack
from evidence.audit_case import DEADLINES
from evidence.findings import FindingKind
from evidence.law import LawPack
from tests.support.case_rows import texts
from tests.support.case_tables import FileCase, read_files, run_file
from tests.support.clip_tables import Row, found_in, read_clips

FOLDER = Path(__file__).parent / "packs" / "lakeside-fishery"
ROOT = Path(__file__).parents[2]
ROOMS = ("evidence", "ingest", "transcode", "index", "storage", "config", "dashboard")
DEMO = ROOT / "dashboard" / "demo"
HEADINGS = ROOT / "ingest" / "records" / "columns.py"
"""The words people write over columns; one is also the name of a document."""

OTHER = load_pack(FOLDER)
FILES = tuple(read_files(FOLDER / "files"))
CLIPS = tuple(read_clips(FOLDER / "clips.toml"))
OF_FILES = {
    FindingKind.OFFICER_LT2,
    FindingKind.OFFICER_NOT_IN_STEP,
    FindingKind.WITNESS_MISSING,
    FindingKind.NIGHT_OR_HOLIDAY,
    FindingKind.EXEMPTION_NOT_ALLOWED,
    FindingKind.DOCUMENT_MISSING,
    FindingKind.SIGNATURE_MISSING,
    *DEADLINES,
}


@pytest.mark.parametrize("case", FILES, ids=[case.says for case in FILES])
def test_the_file(case: FileCase) -> None:
    """Under the invented rules the facts of a row give the states and findings it states, and no others."""
    outcome = run_file(case, OTHER)
    assert outcome.states == case.facts["states"]
    assert outcome.written == sorted(texts(case.facts, "findings", []))


@pytest.mark.parametrize("row", CLIPS, ids=[str(row["says"]) for row in CLIPS])
def test_the_clip(row: Row) -> None:
    """Under the invented rules a clip gives the findings of its row, and no others."""
    assert found_in(row, OTHER) == row["findings"]


def test_every_kind_about_files_is_found_under_other_rules() -> None:
    """Each kind of finding about the file of a case comes out under rules the program has never seen."""
    found = {finding.kind for case in FILES for finding in run_file(case, OTHER).findings}
    assert found >= OF_FILES


def test_a_finding_quotes_the_rules_it_was_found_under() -> None:
    """Article, words and version of every finding are those of the invented rules on the day of the act."""
    known = {words for version in (OTHER, *OTHER.later) for words in words_of(version)}
    versions = {version.rule_version for version in (OTHER, *OTHER.later)}
    for case in FILES:
        for finding in run_file(case, OTHER).findings:
            assert (finding.article, finding.quote) in known
            assert finding.rule_version in versions


def words_of(pack: LawPack) -> set[tuple[str, str]]:
    """Return every article of a pack with its words."""
    rules = {(rule.article, rule.quote) for rule in pack.rules.values()}
    kinds = {(citation.article, citation.quote) for citation in pack.citations.values()}
    slots = {(slot.article, slot.quote) for slot in pack.documents.values()}
    signing = {(slot.signing.article, slot.signing.quote) for slot in pack.documents.values() if slot.signing}
    return rules | kinds | slots | signing | {(limit.article, limit.quote) for limit in pack.deadlines.values()}


def test_the_two_packs_share_nothing() -> None:
    """No procedure, document or time limit of the invented pack is one of the shipped pack."""
    shipped = default_pack()
    assert not OTHER.rules.keys() & shipped.rules.keys()
    assert not OTHER.documents.keys() & shipped.documents.keys()
    assert not OTHER.deadlines.keys() & shipped.deadlines.keys()
    assert not OTHER.reasons.keys() & shipped.reasons.keys()
    assert OTHER.calendar.calendar_id != shipped.calendar.calendar_id


def test_no_code_names_what_a_pack_lists() -> None:
    """Outside the demo no text in the code is a procedure, document, deadline or reason of the shipped pack."""
    shipped = default_pack()
    of_the_law = {*shipped.rules, *shipped.documents, *shipped.deadlines, *shipped.reasons}
    of_the_law |= {article for article, _ in words_of(shipped) if not article.isdigit()}
    assert [place for place, text in texts_in_code() if text in of_the_law] == []


def texts_in_code() -> Iterator[tuple[str, str]]:
    """Yield every text in the code of all rooms but the demo, with its place."""
    for room in ROOMS:
        for file in sorted((ROOT / room).rglob("*.py")):
            if DEMO in file.parents or file == HEADINGS:
                continue
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
                    yield f"{file.relative_to(ROOT)}:{node.lineno}", node.value
