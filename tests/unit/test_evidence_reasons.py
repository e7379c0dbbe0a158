"""The closed list: which reasons fit, what must be given with them, and what is kept of a claim."""

import json

import pytest

from evidence.errors import UsageError
from evidence.findings import FindingKind, FindingState
from evidence.ids import Digest
from evidence.reason_counts import counted_reasons, reason_count_json
from evidence.reasons import (
    Claim,
    GivenReason,
    Purpose,
    Reason,
    chosen,
    claim_from_plain,
    claimed,
    exempting,
    explaining,
    sentence,
)

BROKEN = Reason(
    "BROKEN",
    {"zh-CN": "设备故障", "en": "camera broken"},
    Purpose.EXPLANATION,
    frozenset({FindingKind.NO_AV}),
    needs_note=True,
    needs_file=True,
)
WEATHER = Reason("WEATHER", {"zh-CN": "天气", "en": "weather"}, Purpose.EXPLANATION)
SECRET = Reason("SECRET", {"zh-CN": "涉密", "en": "secret"}, Purpose.EXEMPTION, article="11", quote="不适宜")
LIST = (BROKEN, SECRET, WEATHER)
SLIP = Digest("a" * 64)


def test_a_reason_fits_the_kinds_it_names_and_one_without_kinds_fits_all() -> None:
    """Explanations are told apart by kind; an exemption explains no finding."""
    assert explaining(LIST, FindingKind.NO_AV) == (BROKEN, WEATHER)
    assert explaining(LIST, FindingKind.UPLOAD_LATE) == (WEATHER,)
    assert exempting(LIST) == (SECRET,)


@pytest.mark.parametrize("said", ["BROKEN", " broken ", "设备故障", "Camera Broken"])
def test_a_reason_is_meant_by_its_code_or_its_words(said: str) -> None:
    """People write the code in any case, or the words as the list shows them."""
    assert chosen(LIST, said, "摔坏", with_files=True, subject="f") is BROKEN


@pytest.mark.parametrize(
    ("said", "note", "with_files", "message"),
    [
        ("", "摔坏", True, "a reason of the list is needed"),
        ("摄像头摔坏了", "摔坏", True, "is no reason of the list"),
        ("SECRET", "摔坏", True, "is no reason of the list"),
        ("BROKEN", "  ", True, "BROKEN needs a note"),
        ("BROKEN", "摔坏", False, "BROKEN needs an attached file"),
    ],
)
def test_what_does_not_do_is_refused_with_its_cure(said: str, note: str, message: str, *, with_files: bool) -> None:
    """Free words, a reason for something else, a missing note or file: each is named, with what to do."""
    with pytest.raises(UsageError, match=message) as caught:
        chosen((BROKEN, WEATHER), said, note, with_files=with_files, subject="f")
    assert caught.value.cure
    if "list" in message:
        assert "BROKEN, WEATHER" in caught.value.cure


def test_where_nothing_fits_the_cure_names_no_code() -> None:
    """A pack without a reason for it says so, and lists nothing."""
    with pytest.raises(UsageError, match="no reason of the list") as caught:
        chosen((), "BROKEN", "", with_files=False, subject="f")
    assert "the law pack has no reason for this" in caught.value.cure


def test_a_claim_keeps_what_the_list_said_and_reads_back() -> None:
    """Words, note, files, article and version stay with the claim, through JSON and back; a file counts once."""
    made = claimed(LIST, GivenReason("secret", " 保密车间 ", (SLIP, SLIP)), "pack@1", "f")
    assert made == Claim("SECRET", SECRET.names, "保密车间", (SLIP,), "11", "pack@1")
    assert claim_from_plain(json.loads(json.dumps(made.as_plain()))) == made


def test_the_sentence_of_a_claim_is_in_the_packs_own_language() -> None:
    """The ledger's reason is the words of the list with the note; without a note the words alone."""
    assert sentence(claimed(LIST, GivenReason("BROKEN", "摔坏", (SLIP,)), "p@1", "f")) == "设备故障 – 摔坏"
    assert sentence(claimed(LIST, GivenReason("WEATHER"), "p@1", "f")) == "天气"


def test_reasons_are_counted_by_how_far_their_findings_are() -> None:
    """Waiting, granted and refused apart, explanations and exemptions alike; the most frequent reason comes first."""
    broken, secret = (claimed(LIST, GivenReason(code, "x", (SLIP,)), "p@1", "f") for code in ("BROKEN", "SECRET"))
    states = (FindingState.EXPLAIN_CLAIMED, FindingState.EXPLAINED, FindingState.REFUSED, FindingState.EXPLAINED)
    counted = counted_reasons([(secret, FindingState.EXEMPT), *((broken, state) for state in states)])
    assert [(one.code, one.waiting, one.granted, one.refused) for one in counted] == [
        ("BROKEN", 1, 2, 1),
        ("SECRET", 0, 1, 0),
    ]
    assert reason_count_json(counted[1]) == {
        "reason": "SECRET",
        "names": dict(SECRET.names),
        "waiting": 0,
        "granted": 1,
        "refused": 0,
    }
