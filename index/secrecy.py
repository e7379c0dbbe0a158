"""Who marked what as confidential, and which class holds: of all marks that reach a clip or a case, the strictest.

A clip is reached by its own mark, and by those of the cases it hangs on, is attached to or shows a claim in; a case by
its own, by what its record says, and by those of what belongs to it so, for whoever reads the case reads that.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from evidence.errors import NotFoundError, UsageError
from evidence.ids import CaseNo, Digest
from evidence.law import LawPack
from evidence.ports import Scope, Transaction
from evidence.secrecy import Effect, Mark, Marked, Secrecy, SecrecyClass, class_named, secrecy_of, stops
from index import dialects, schema
from index.batches import batched
from index.decisions import Act, Decided, record
from index.journal import Told
from index.tx import session_of

CLASSIFY = "classify"
Classes = tuple[SecrecyClass, ...]


def classify(tx: Transaction, scope: Marked, target: str, word: str, act: Act, pack: LawPack) -> Decided:
    """Mark a clip or a case with a class; no word takes the mark away, which another person has to do.

    Raises:
        NotFoundError: no such clip or case. UsageError: nobody knows that class; or the mark would become less strict
            by the person who set it, or go where there is none.
    """
    session = session_of(tx)
    _there(session, scope, target)
    wanted = class_named(word, known(pack))
    if wanted is None and word.strip():
        cure = "use one of " + ", ".join(one.code for one in known(pack))
        raise UsageError(f"is no class of confidentiality of {pack.rule_version}", subject=word, cure=cure)
    _may_lower(session.get(schema.SecrecyRow, (scope.value, target)), wanted, act, target, pack)
    about = {"scope": scope.value, "marked": target, "code": wanted.code if wanted else ""}
    put(session, about, act.actor.name, act.reason, act.at)
    if scope is Marked.CLIP:
        return record(session, act, target, Scope(clips=frozenset({Digest(target)})), about, subject=target)
    return record(session, act, target, Scope(cases=frozenset({CaseNo(target)})), {**about, "case_no": target})


def _there(session: Session, scope: Marked, target: str) -> None:
    model = schema.Clip if scope is Marked.CLIP else schema.CaseRow
    if session.get(model, target) is None:
        raise NotFoundError(f"no such {scope.value}", subject=target, cure="list them to see which there are")


def _may_lower(
    standing: schema.SecrecyRow | None, wanted: SecrecyClass | None, act: Act, target: str, pack: LawPack
) -> None:
    """Let only another person than the one who set a mark make it less strict."""
    before = _mark(standing) if standing is not None and standing.code else None
    held = secrecy_of([before], known(pack)) if before else None
    if before is None and wanted is None:
        raise UsageError(
            "has no mark of its own", subject=target, cure="lift the mark where it was set, or the record's"
        )
    lowers = held is not None and (wanted.rank if wanted else 0) < held.held.rank
    if lowers and before is not None and before.by == act.actor.name:
        raise UsageError(f"{before.by} set the mark and cannot lower it too", subject=target, cure=ANOTHER)


ANOTHER = "let another named person lift it"


def put(session: Session, about: Mapping[str, str], actor: str, reason: str, at: datetime) -> None:
    """Write a mark."""
    values = {"scope": about["scope"], "target": about["marked"], "code": about["code"]}
    dialects.upsert(session, schema.SecrecyRow, [{**values, "actor": actor, "reason": reason, "decided_at": at}])
    session.expire_all()


def take_in(session: Session, told: Told) -> None:
    """Do again what an entry says of a mark."""
    about = {name: str(told.detail[name]) for name in ("scope", "marked", "code")}
    put(session, about, told.actor, told.reason, told.at)


# --- what holds -------------------------------------------------------------------------------------------------------


def known(pack: LawPack) -> Classes:
    """Return the classes of a pack, the newest version's."""
    return pack.versions[-1].secrecy


def of_clips(session: Session, digests: Iterable[str], classes: Classes) -> dict[str, Secrecy]:
    """Return what holds for clips; one that nothing reaches is absent."""
    if not classes:
        return {}
    found = dict[str, Secrecy]()
    for some in batched(sorted(set(digests))):
        belonging = _belonging()
        hanging = sa.select(belonging).where(belonging.c.digest.in_(some))
        cases = [(str(digest), str(case_no)) for digest, case_no in session.execute(hanging)]
        own, of_case = _marks(session, Marked.CLIP, some), _of_records(session, {case_no for _, case_no in cases})
        reached: dict[str, list[Mark]] = defaultdict(list, own)
        for digest, case_no in cases:
            reached[digest] = [*reached[digest], *of_case.get(case_no, ())]
        found |= _held(reached, classes)
    return found


def _belonging() -> sa.Subquery:
    """Return which originals belong to which cases: footage, text records, and files that claims rest on."""
    claim = schema.ClaimFile
    parts = [sa.select(row.digest, row.case_no).where(row.active) for row in (schema.Link, schema.AttachmentRow)]
    return sa.union(*parts, sa.select(claim.digest, claim.case_no).where(claim.case_no != "")).subquery()


def of_cases(session: Session, cases: Iterable[str], classes: Classes) -> dict[str, Secrecy]:
    """Return what holds for cases, for what hangs on them, too; one that nothing reaches is absent."""
    if not classes:
        return {}
    row, found, belonging = schema.SecrecyRow, dict[str, Secrecy](), _belonging()
    for some in batched(sorted(set(cases))):
        reached: dict[str, list[Mark]] = defaultdict(list, _of_records(session, some))
        on_clip = sa.and_(row.scope == Marked.CLIP.value, row.target == belonging.c.digest, row.code != "")
        marked = sa.select(belonging.c.case_no, row).join(row, on_clip).where(belonging.c.case_no.in_(some)).distinct()
        for case_no, mark in session.execute(marked):
            reached[case_no] = [*reached[case_no], _mark(mark)]
        found |= _held(reached, classes)
    return found


def stopped(session: Session, digests: Iterable[str], effect: Effect, classes: Classes) -> set[str]:
    """Return the clips with which something may not be done."""
    return {digest for digest, held in of_clips(session, digests, classes).items() if stops(held, effect)}


def _held(reached: Mapping[str, Sequence[Mark]], classes: Classes) -> dict[str, Secrecy]:
    read = ((target, secrecy_of(marks, classes)) for target, marks in reached.items())
    return {target: held for target, held in read if held is not None}


def _of_records(session: Session, cases: Iterable[str]) -> dict[str, list[Mark]]:
    """Return what cases' own records and marks say."""
    row, found = schema.CaseRow, defaultdict[str, list[Mark]](list)
    for some in list(batched(sorted(cases))) or [()]:  # as many statements for a clip without a case: pages are counted
        for case_no, marks in _marks(session, Marked.CASE, some).items():
            found[case_no] += marks
        said = sa.select(row.case_no, row.confidentiality).where(row.case_no.in_(some), row.confidentiality != "")
        for case_no, word in session.execute(said):
            found[case_no].append(Mark(Marked.CASE, case_no, "", word))
    return found


def _marks(session: Session, scope: Marked, targets: Sequence[str]) -> dict[str, list[Mark]]:
    row = schema.SecrecyRow
    wanted = sa.select(row).where(row.scope == scope.value, row.target.in_(targets), row.code != "")
    return {one.target: [_mark(one)] for one in session.scalars(wanted)}


def _mark(row: schema.SecrecyRow) -> Mark:
    return Mark(Marked(row.scope), row.target, row.code, row.code, row.actor, row.reason, row.decided_at)
