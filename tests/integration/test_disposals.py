"""Disposal over a real register and vault: two people, a fresh look, tombstones, and what keeps an original."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from evidence.claims import Claims
from evidence.clips import Role
from evidence.custody import EventType
from evidence.disposal import DisposalState
from evidence.errors import NotFoundError, StorageError, UsageError
from evidence.holds import HoldScope
from evidence.ids import Digest
from evidence.ports import Scope
from index import disposals, schema
from tests.support.index import CASE, LI, MACHINE, ONE, digest_of, pickup, sighting, step
from tests.support.retention import Bureau, bureau, day


@pytest.fixture(name="office")
def _office(tmp_path: Path) -> Iterator[Bureau]:
    with bureau(tmp_path) as office:
        yield office


def expired(office: Bureau, *names: str) -> list[Digest]:
    """Take in clips that hang on nothing, and let their six months pass."""
    digests = [office.clip(name, (300 + 20 * n, 310 + 20 * n)) for n, name in enumerate(names)]
    office.keep(*digests)
    office.now = day("2027-05-03")
    return digests


def proposed(office: Bureau, *names: str, actor: str = "档案员") -> tuple[str, list[Digest]]:
    """Propose that expired clips go."""
    digests = expired(office, *names)
    return office.desk.propose(digests, actor, "保存期满").disposal_id, digests


def test_two_people_dispose(office: Bureau) -> None:
    """The first approval removes nothing; the second leaves a tombstone, and takes bytes, lock and derivative away."""
    name, (digest,) = proposed(office, "old")
    assert office.desk.approve(name, "李", "同意").disposal.state is DisposalState.APPROVED_ONCE
    assert office.house.vault.has(digest)
    outcome = office.desk.approve(name, "王", "同意")
    assert (outcome.disposal.state, outcome.gone) == (DisposalState.EXECUTED, (digest,))
    assert not office.house.vault.has(digest)
    assert not office.has_poster(digest)
    (tombstone,) = office.told(EventType.DISPOSED)
    assert (tombstone.subject, tombstone.detail) == (
        digest,
        {
            "size_bytes": 1000,
            "disposal": name,
            "schedule": "unlinked",
            "rule_version": "cn-xj-turpan-gaochang/retention@1",
            "until": "2027-05-02T16:00:00Z",
            "approved_by": ["李", "王"],
        },
    )


def test_a_day_too_early_nothing_may_go(office: Bureau) -> None:
    """On the last day it is still kept; at its end it may go."""
    digest = office.clip("young", (300, 310))
    office.keep(digest)
    office.now = day("2027-05-02")
    assert office.desk.survey() == []
    (one,) = office.desk.survey([digest])
    assert [kept.code for kept in one.kept_by] == ["disposal.promised", "disposal.locked"]
    with pytest.raises(UsageError, match="may not go"):
        office.desk.propose([digest], "档案员", "保存期满")
    office.now = day("2027-05-03")
    assert [(one.candidate.digest, one.kept_by) for one in office.desk.survey()] == [(digest, ())]


def test_the_rule_may_propose(office: Bureau) -> None:
    """Nobody's name stands behind a proposal of the rule; two people still have to agree."""
    (digest,) = expired(office, "old")
    disposal = office.desk.propose([digest], "", "保存期满", by_rule=True)
    assert disposal.proposed_by == "system"
    office.desk.approve(disposal.disposal_id, "李", "同意")
    office.desk.approve(disposal.disposal_id, "王", "同意")
    assert not office.house.vault.has(digest)


@pytest.mark.parametrize(
    ("approvers", "refused"),
    [
        (["档案员"], "proposed it"),
        ([" 档 案 员 "], "proposed it"),
        (["李", "李"], "approved it once"),
        (["Li", "ＬＩ"], "approved it once"),
        (["system"], "program itself"),
        (["李", "档案员"], "proposed it"),
    ],
)
def test_one_person_never_counts_twice(office: Bureau, approvers: list[str], refused: str) -> None:
    """Proposer and approvers are three people however a name is spaced or cased; nothing goes."""
    name, (digest,) = proposed(office, "old")
    *earlier, last = approvers
    for approver in earlier:
        office.desk.approve(name, approver, "同意")
    with pytest.raises(UsageError, match=refused):
        office.desk.approve(name, last, "同意")
    assert office.house.vault.has(digest)
    assert office.told(EventType.DISPOSED) == []


def test_a_refusal_ends_it(office: Bureau) -> None:
    """After a refusal nobody approves any more; what it named can be proposed again."""
    name, digests = proposed(office, "old")
    office.desk.approve(name, "李", "同意")
    office.desk.refuse(name, "王", "尚有投诉")
    with pytest.raises(UsageError, match="refused already"):
        office.desk.approve(name, "赵", "同意")
    with pytest.raises(UsageError, match="refused already"):
        office.desk.refuse(name, "赵", "再次")
    assert [one.candidate.digest for one in office.desk.survey()] == digests


def test_what_is_proposed_is_not_proposed_again(office: Bureau) -> None:
    """An original that waits for approval is not found a second time."""
    proposed(office, "old")
    assert office.desk.survey() == []


def test_everything_is_looked_at_again(office: Bureau) -> None:
    """Held, linked to an open case, or locked since the proposal: each is spared with its reason, the rest goes."""
    name, digests = proposed(office, "held", "linked", "locked", "free")
    held, linked, locked, free = digests
    office.desk.approve(name, "李", "同意")
    hold = office.desk.place(HoldScope.CLIP, held, "王", "投诉")
    office.steps(step())
    office.decide(lambda tx: office.decisions.link(tx, linked, CASE, ONE, LI, "补关联", office.now))
    office.house.vault.retain(locked, day("2031-01-01"))
    outcome = office.desk.approve(name, "赵", "同意")
    assert outcome.gone == (free,)
    assert {digest: [kept.code for kept in why] for digest, why in outcome.disposal.spared.items()} == {
        held: ["disposal.held", "disposal.vault_hold"],
        linked: ["disposal.unclassified", "disposal.open_case"],
        locked: ["disposal.locked"],
    }
    assert outcome.disposal.spared[held][0].params == {"hold": hold.hold_id}
    assert [office.house.vault.has(one) for one in digests] == [True, True, True, False]


def test_a_case_opened_again_keeps_its_footage(office: Bureau) -> None:
    """Concluded, expired and proposed; then opened again: nothing goes."""
    office.steps(step())
    office.case(CASE, "检查", day("2026-11-03"))
    digest = office.clip("check", (0, 30))
    office.keep(digest)
    office.now = day("2028-11-04")
    name = office.desk.propose([digest], "档案员", "保存期满").disposal_id
    office.desk.approve(name, "李", "同意")
    with office.transaction() as tx:
        tx.get_one(schema.CaseRow, CASE).concluded_at = None
    outcome = office.desk.approve(name, "王", "同意")
    assert (outcome.gone, [kept.code for kept in outcome.disposal.spared[digest]]) == ((), ["disposal.open_case"])
    assert office.house.vault.has(digest)


def test_a_vault_that_does_not_answer_spares(office: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    """An original whose lock cannot be read is kept."""
    name, (digest,) = proposed(office, "old")
    office.desk.approve(name, "李", "同意")

    def refuse(_digest: Digest) -> None:
        raise StorageError("the share is gone", subject=_digest)

    with monkeypatch.context() as patched:
        patched.setattr(office.house.vault, "lock_of", refuse)
        outcome = office.desk.approve(name, "王", "同意")
    assert [kept.code for kept in outcome.disposal.spared[digest]] == ["disposal.lock_unknown"]
    assert office.house.vault.has(digest)


def test_cut_off_before_the_removal_it_is_finished_later(office: Bureau) -> None:
    """A tombstone whose bytes are still there is carried out by the next tick, and then is at rest."""
    name, (digest,) = proposed(office, "old")
    office.desk.approve(name, "李", "同意")
    locks = {digest: office.lock(digest)}
    office.decide(
        lambda tx: office.desk._disposals.approve(tx, name, locks, LI_TWO, "同意", office.now).decided, office.now
    )
    assert office.house.vault.has(digest)
    assert office.has_poster(digest)
    office.keeper.tick()
    assert not office.house.vault.has(digest)
    assert not office.has_poster(digest)
    assert office.keeper.tick().asked == 0


LI_TWO = type(LI)("赵", LI.authenticated)


def test_a_register_made_anew_finishes_a_removal_too(office: Bureau) -> None:
    """What the vault last said is a cache: without it, the sweep finds the bytes that should be gone."""
    name, (digest,) = proposed(office, "old")
    office.desk.approve(name, "李", "同意")
    locks = {digest: office.lock(digest)}
    office.decide(
        lambda tx: office.desk._disposals.approve(tx, name, locks, LI_TWO, "同意", office.now).decided, office.now
    )
    with office.transaction() as tx:
        tx.execute(schema.VaultLockRow.__table__.delete())  # type: ignore[attr-defined] # a table, told to the checker
    office.keeper.tick()
    assert not office.house.vault.has(digest)


def test_a_derivative_that_another_shares_stays(office: Bureau) -> None:
    """Equal derivatives lie there once; the one of a disposed original goes when no living original needs it."""
    name, (digest, other) = proposed(office, "old", "other")
    shared = digest_of(f"poster {digest}")
    with office.transaction() as tx:
        tx.get_one(schema.DerivativeRow, (other, Role.POSTER)).digest = shared
    office.desk.refuse(name, "王", "只处置一件")
    name = office.desk.propose([digest], "档案员", "保存期满").disposal_id
    office.desk.approve(name, "李", "同意")
    office.desk.approve(name, "王", "同意")
    assert not office.house.vault.has(digest)
    assert office.has_poster(digest)


def test_bytes_that_came_again_are_not_removed(office: Bureau) -> None:
    """The same file docked after its disposal and before the removal: the newly received bytes are kept."""
    name, (digest,) = proposed(office, "old")
    office.desk.approve(name, "李", "同意")
    locks = {digest: office.lock(digest)}
    office.decide(
        lambda tx: office.desk._disposals.approve(tx, name, locks, LI_TWO, "同意", office.now).decided, office.now
    )
    again = replace(pickup("old"), key="key-again")
    with office.transaction() as tx:
        seen = sighting("old", office.now - timedelta(minutes=1))  # the dock's machine runs a minute behind
        assert office.catalogue.record_sealed(tx, again, seen, Claims(), MACHINE)
    office.now = day("2027-05-05")
    office.keeper.tick()
    assert office.house.vault.has(digest)


def test_a_disposed_clip_is_neither_promised_nor_disposed_of_again(office: Bureau) -> None:
    """Reviewing and looking again bring no new promise, and a second proposal is refused."""
    name, (digest,) = proposed(office, "old")
    office.desk.approve(name, "李", "同意")
    office.desk.approve(name, "王", "同意")
    before = len(office.told(EventType.RETAINED))
    office.review(Scope(clips=frozenset({digest})))
    office.keep(digest)
    assert len(office.told(EventType.RETAINED)) == before
    assert office.desk.survey() == []
    with pytest.raises(UsageError):
        office.desk.propose([digest], "档案员", "再次")


def test_disposals_can_be_read_back_from_ledger_and_vault(office: Bureau) -> None:
    """The newest entry of each disposal is its row, tombstones give the time, and each decision is sealed."""
    name, digests = proposed(office, "held", "free")
    office.desk.approve(name, "李", "同意")
    office.desk.place(HoldScope.CLIP, digests[0], "王", "投诉")
    office.desk.approve(name, "王", "同意")
    office.now = day("2027-06-01")
    (more,) = [office.clip("more", (400, 410), received=day("2026-11-05"))]
    office.keep(more)
    office.desk.refuse(office.desk.propose([more], "", "保存期满", by_rule=True).disposal_id, "王", "保留")
    told = [one for one in office.told(EventType.DECIDED) if "disposal" in one.detail]
    projected = {str(row["disposal_id"]): row for row in map(disposals.project_disposal, told)}
    rows = {str(row["disposal_id"]): row for row in office.rows(schema.DisposalRow)}
    assert projected == rows
    dead = {one.subject: disposals.project_disposed(one)["disposed_at"] for one in office.told(EventType.DISPOSED)}
    known = {str(row["digest"]): row["disposed_at"] for row in office.rows(schema.Original)}
    assert known == {digests[0]: None, digests[1]: dead[digests[1]], more: None}
    sealed = [json.loads(body) for _, body in office.house.vault.records("decisions")]
    words = ["propose_disposal", "approve_disposal", "hold", "approve_disposal", "propose_disposal", "refuse_disposal"]
    assert [one["decision"] for one in sealed] == words


def test_a_disposal_needs_a_reason_and_something_to_go(office: Bureau) -> None:
    """Nothing, an unknown original, or no reason: refused, and nothing is written."""
    digests = expired(office, "old")
    with pytest.raises(UsageError, match="reason"):
        office.desk.propose(digests, "档案员", "")
    with pytest.raises(UsageError, match="nothing was named"):
        office.desk.propose([], "档案员", "保存期满")
    with pytest.raises(NotFoundError):
        office.desk.propose([digest_of("no such")], "档案员", "保存期满")
    with pytest.raises(NotFoundError):
        office.desk.approve("00000000", "李", "同意")
    assert office.rows(schema.DisposalRow) == []


def test_a_large_disposal_fits_the_ledger(office: Bureau) -> None:
    """A proposal whose digests are more than one entry takes is written in parts, and read back whole."""
    with office.transaction() as tx:
        digests = [office.take_in(tx, f"n{n}", (n / 10, n / 10 + 0.05)) for n in range(1100)]
    office.review(Scope(clips=frozenset(digests)))
    office.keep(*digests)
    office.now = day("2027-06-01")
    disposal = office.desk.propose(digests, "档案员", "保存期满")
    (told,) = [one for one in office.told(EventType.DECIDED) if one.detail["decision"] == "propose_disposal"]
    assert disposals.project_disposal(told)["digests"] == sorted(digests) == list(disposal.digests)
    assert MACHINE.name != told.actor
