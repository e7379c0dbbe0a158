"""The list of reasons that ships, and one of an invented office: what may be claimed, with what, and on whose word."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.law_packs import default_pack, load_pack
from evidence.errors import UsageError
from evidence.findings import FindingKind
from evidence.law import LawPack
from evidence.reasons import GivenReason, Purpose, claimed, explaining

OTHER = load_pack(Path(__file__).parent / "packs" / "lakeside-fishery")
BEFORE, AFTER = datetime(2024, 6, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
PACKS = pytest.mark.parametrize("pack", [default_pack(), OTHER], ids=["shipped", "invented"])


@PACKS
@pytest.mark.parametrize("kind", FindingKind)
def test_every_kind_of_finding_can_be_explained(pack: LawPack, kind: FindingKind) -> None:
    """Nobody stands before a finding without a reason to choose, and the last to choose from fits them all."""
    fitting = explaining(pack.reasons.values(), kind)
    assert fitting
    assert fitting[-1].kinds == frozenset()
    assert fitting[-1].needs_note


@PACKS
def test_an_exemption_quotes_the_article_of_a_procedure_that_allows_it(pack: LawPack) -> None:
    """Its article is one of a procedure with an exemption, and its words stand in what that procedure quotes."""
    allowed = [rule for rule in pack.rules.values() if rule.exemption_allowed]
    for reason in pack.reasons.values():
        if reason.purpose is Purpose.EXEMPTION:
            assert any(reason.article in rule.article and reason.quote in rule.quote for rule in allowed), reason.code


def test_only_where_article_11_allows_it_is_there_anything_to_exempt() -> None:
    """Site check, survey and sampling have reasons for an exemption; every other procedure has none."""
    pack = default_pack()
    exempt = {code for code in pack.rules if pack.exemptions(code, AFTER)}
    assert exempt == {"SITE_CHECK", "SITE_SURVEY", "SAMPLING"}
    assert {one.article for code in exempt for one in pack.exemptions(code, AFTER)} == {"11"}


def test_a_reason_is_of_the_law_or_says_who_set_it() -> None:
    """What the regulation does not say is marked as the bureau's policy."""
    for reason in default_pack().reasons.values():
        assert reason.quote or (reason.set_by and reference_exists(reason.reference)), reason.code


def reference_exists(reference: str) -> bool:
    """Whether what a reason refers to is a page of ours."""
    return (Path(__file__).parents[2] / reference).is_file()


def test_the_invented_office_claims_by_its_own_list() -> None:
    """Its codes, words and needs count, and none of the shipped pack's."""
    muddy = OTHER.exemptions("DIVE", BEFORE)
    assert claimed(muddy, GivenReason("水质浑浊"), OTHER.rule_version, "1").code == "MUDDY_WATER"
    assert OTHER.exemptions("BOARDING", BEFORE) == ()
    with pytest.raises(UsageError, match="ENGINE_FAILED needs an attached file"):
        claimed(explaining(OTHER.reasons.values(), FindingKind.NO_AV), GivenReason("ENGINE_FAILED"), "x@1", "f")
    with pytest.raises(UsageError, match="no reason of the list"):
        claimed(explaining(OTHER.reasons.values(), FindingKind.NO_AV), GivenReason("CAMERA_FAULT"), "x@1", "f")


def test_an_amendment_changes_what_a_reason_asks_for() -> None:
    """From its day on weeds need a note; acts of before are answered by the list of before."""
    weeds = GivenReason("CAUGHT_IN_WEEDS")
    before, after = (OTHER.at(day) for day in (BEFORE, AFTER))
    made = claimed(explaining(before.reasons.values(), FindingKind.HOLE), weeds, before.rule_version, "f")
    assert (made.note, made.rule_version) == ("", before.rule_version)
    with pytest.raises(UsageError, match="CAUGHT_IN_WEEDS needs a note"):
        claimed(explaining(after.reasons.values(), FindingKind.HOLE), weeds, after.rule_version, "f")
